"""Columns of records: arrays by name, and how they stand in Parquet."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.lake.sql_text import literal

Column = NDArray[Any]
Columns = Mapping[str, Column]


def rows_of(columns: Columns) -> int:
    """How many rows columns have."""
    return len(next(iter(columns.values()))) if columns else 0


def objects(values: Sequence[object]) -> Column:
    """Values as they are, nothing converted."""
    return np.fromiter(values, dtype=object, count=len(values))


def row_of(columns: Columns, row: int) -> dict[str, object]:
    """The values of a row as plain Python; None where there is none."""
    found: dict[str, object] = {}
    for name, column in columns.items():
        value = None if np.ma.getmaskarray(column)[row] else np.ma.getdata(column)[row]
        found[name] = value.item() if isinstance(value, np.generic) else value
    return found


def stacked(parts: Sequence[Columns]) -> dict[str, Column]:
    """Parts one below the other: the columns that all of them have."""
    names = [name for name in parts[0] if all(name in part for part in parts)]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


def write_columns(columns: Columns, path: Path) -> None:
    """Write columns as Parquet, or as CSV by the file's name; texts are object arrays."""
    is_csv = path.suffix.lower() == ".csv"
    kind = "FORMAT csv, HEADER" if is_csv else "FORMAT parquet, COMPRESSION zstd"
    with duckdb.connect() as connection:
        connection.register("columns", dict(columns))
        connection.execute(f"COPY (SELECT * FROM columns) TO {literal(str(path))} ({kind})")


def read_columns(path: Path) -> dict[str, Column]:
    """The columns of a Parquet file as they were written."""
    with duckdb.connect() as connection:
        found = connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchnumpy()
    return {name: _unmasked(column) for name, column in found.items()}


def _unmasked(column: Column) -> Column:
    """NaN, NaT and None as they were: the engine keeps all of them as nothing."""
    if not np.ma.isMaskedArray(column):
        return column
    nothing: dict[str, Any] = {"f": np.nan, "M": np.datetime64("NaT"), "O": None}
    found = np.ma.getdata(column).copy()
    found[np.ma.getmaskarray(column)] = nothing[column.dtype.kind]  # `filled(None)` writes "?"
    return found


def differing(one: Columns, other: Columns) -> dict[str, NDArray[np.bool_]]:
    """Where columns differ from others of the same names, bit for bit; NaN equals NaN."""
    found = {}
    for name, column in one.items():
        against = other[name]
        unequal = column != against
        if column.dtype.kind == "f":
            unequal &= ~(np.isnan(column) & np.isnan(against))
        if unequal.any():
            found[name] = unequal
    return found
