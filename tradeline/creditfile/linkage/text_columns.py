"""Columns of texts, taken out of a database and brought back into it."""

from collections.abc import Mapping

import duckdb
import numpy as np

from tradeline.creditfile.linkage.company_names import Texts


def distinct_texts(connection: duckdb.DuckDBPyConnection, column: str, table: str) -> Texts:
    """The different values of a column (SQL) of a table, in order, NULL left out."""
    found = connection.execute(
        f"SELECT DISTINCT {column} AS text FROM {table} WHERE text IS NOT NULL ORDER BY text"
    ).fetchnumpy()["text"]
    return np.asarray(np.ma.getdata(found), object)


def keep_texts(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Mapping[str, Texts]
) -> None:
    """Make a temporary table of columns of texts; None becomes NULL."""
    connection.register("made_texts", dict(columns))
    # A column without any text would be taken for one of numbers.
    texts = ", ".join(f"CAST({column} AS VARCHAR) AS {column}" for column in columns)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {texts} FROM made_texts")
    connection.unregister("made_texts")
