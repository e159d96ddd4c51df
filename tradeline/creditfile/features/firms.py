"""Which tables a connection holds, and which firms they list."""

from collections.abc import Iterable
from contextlib import suppress

import duckdb

from tradeline.kernel.findings import problem


def present_tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The names of tables and views that the connection holds."""
    rows = connection.execute("SELECT table_name FROM information_schema.tables").fetchall()
    return {name for (name,) in rows}


def read_enterprises(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The identifiers of all firms, sorted; InputProblem if there are none."""
    rows: Iterable[tuple[str]] = []
    # To ask what tables there are takes longer than to ask this one.
    with suppress(duckdb.CatalogException):
        rows = connection.execute("SELECT DISTINCT enterprise FROM enterprises").fetchall()
    if not rows:
        raise problem(
            "no-enterprises",
            "enterprises",
            "There is no list of enterprises.",
            "Add a file that names the firms, one row each.",
        )
    return tuple(sorted(name for (name,) in rows))
