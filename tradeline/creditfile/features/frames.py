"""Data frames at the border: a user's own tables and applications.

Any frame that narwhals knows is taken (pandas, polars, pyarrow and others).
"""

from collections.abc import Mapping
from typing import Any

import duckdb
import narwhals as nw

from tradeline.kernel.findings import counted, problem
from tradeline.lake.contracts import BY_NAME, Contract, Field

Frame = Any
"""A data frame of a library that narwhals knows."""


def connect_frames(
    frames: Mapping[str, Frame], contracts: Mapping[str, Contract] = BY_NAME
) -> duckdb.DuckDBPyConnection:
    """A connection with a table for each contract, of a frame with the contract's columns.

    Money stands in integer minor units, in columns that end in `_minor`; optional columns may be
    absent. InputProblem for an unknown contract, a missing column or an empty required value.
    """
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for name, frame in frames.items():
        if name not in contracts:
            known = ", ".join(contracts)
            raise problem("unknown-contract", name, "No contract has that name.", f"Use: {known}.")
        _create(connection, contracts[name], frame)
    return connection


def _create(connection: duckdb.DuckDBPyConnection, contract: Contract, frame: Frame) -> None:
    rows = nw.from_native(frame, eager_only=True)
    missing = [f.column for f in contract.fields if f.required and f.column not in rows.columns]
    if missing:
        raise problem(
            "missing-column",
            contract.name,
            f"The frame lacks {', '.join(missing)}; it has {', '.join(rows.columns)}.",
            "Add the column; with one clock only, let recorded_at be occurred_at.",
        )
    columns = ", ".join(_typed(field, rows.columns) for field in contract.fields)
    connection.register("frame", rows.to_native())
    try:
        connection.execute(
            f"CREATE TABLE {contract.name} AS SELECT {columns} FROM frame"
        ).fetchall()
    except duckdb.ConversionException as error:
        raise problem(
            "bad-value", contract.name, f"A value is of another kind: {error}.", "Mend the frame."
        ) from error
    finally:
        connection.unregister("frame")
    _require_filled(connection, contract)


def _typed(field: Field, there: list[str]) -> str:
    value = f'"{field.column}"' if field.column in there else "NULL"
    return f"CAST({value} AS {field.sql_type}) AS {field.column}"


def _require_filled(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    required = [field.column for field in contract.fields if field.required]
    counts = ", ".join(f"count(*) FILTER ({column} IS NULL)" for column in required)
    # Read to the end, for an open result bars the next frame.
    (row,) = connection.execute(f"SELECT {counts} FROM {contract.name}").fetchall()
    for column, empty in zip(required, row, strict=True):
        if empty:
            raise problem(
                "missing-value",
                contract.name,
                f"The column {column} is empty in {counted(empty, 'row')}.",
                "Fill it, or leave these rows out.",
            )


def pairs_of(frame: Frame) -> list[tuple[str, Any]]:
    """The applications of a frame with `enterprise` and `as_of`."""
    rows = nw.from_native(frame, eager_only=True)
    if not {"enterprise", "as_of"} <= set(rows.columns):
        raise problem(
            "missing-column",
            "applications",
            f"Applications need the columns enterprise and as_of; there are "
            f"{', '.join(rows.columns)}.",
            "Name the columns so.",
        )
    firms, moments = rows["enterprise"].to_list(), rows["as_of"].to_list()
    return [(str(firm), moment) for firm, moment in zip(firms, moments, strict=True)]
