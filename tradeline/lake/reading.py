"""The SQL of reading a lake: for each key what was last told by a moment, of what had occurred.

A key's versions are ranked by assurance, then by when they were recorded, then by when they were
landed; the first counts. Only keys that were told more than once are ranked at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from pathlib import Path

import duckdb

from tradeline.lake.contracts import Contract
from tradeline.lake.log import DataFile
from tradeline.lake.records import (
    CLOCK_TYPES,
    PROVENANCE_TYPES,
    REFUSED,
    REFUSED_COLUMNS,
    is_dated,
    key_columns,
    stored_columns,
    strength_sql,
)
from tradeline.lake.sql_text import literal


@dataclass(frozen=True, slots=True)
class Moment:
    """What a read may see: occurred by `as_of`, recorded by `known_at`, landed by `entry`.

    Moments are naive UTC; `entry` None sees every entry.
    """

    as_of: datetime
    known_at: datetime
    entry: int | None = None

    @property
    def known_sql(self) -> str:
        """Whether a row had been told."""
        landed = f" AND entry <= {self.entry}" if self.entry is not None else ""
        return f"recorded_at <= {_timestamp(self.known_at)}{landed}"

    @property
    def occurred_sql(self) -> str:
        """Whether what a row tells had happened."""
        return f"occurred_at <= {_timestamp(self.as_of)}"


def _timestamp(moment: datetime) -> str:
    return f"TIMESTAMP {literal(moment.isoformat(sep=' '))}"


def rows_sql(root: Path, files: Iterable[DataFile]) -> str:
    """All rows of files of one dataset, bucket by bucket; `files` must not be empty."""
    ordered = sorted(files, key=lambda file: (file.bucket, file.path))
    paths = tuple(str(root / file.path) for file in ordered)
    dataset = ordered[0].dataset
    stated = "" if _are_current(paths, dataset) else f"schema = {_schema(dataset)}, "
    listed = ", ".join(map(literal, paths))
    return f"SELECT * FROM read_parquet([{listed}], {stated}hive_partitioning = false)"


@lru_cache(maxsize=4096)
def _are_current(paths: tuple[str, ...], dataset: str) -> bool:
    """Whether files have all columns of today; DuckDB reads slower where a schema is stated.

    Files never change once they are in place. One that cannot be read is told of by its reader.
    """
    columns = list(stored_columns(dataset))
    query = (
        "SELECT bool_and(held = ?::VARCHAR[]) FROM (SELECT list(name) AS held FROM "
        "(SELECT file_name, name FROM parquet_schema(?) WHERE num_children IS NULL) "
        "GROUP BY file_name)"
    )
    try:
        with looking().cursor() as connection:
            row = connection.execute(query, [columns, list(paths)]).fetchone()
    except duckdb.Error:
        return False
    return bool(row and row[0])


@cache
def looking() -> duckdb.DuckDBPyConnection:
    """A connection to nothing, made once; take a cursor of it where a new one would take long."""
    return duckdb.connect()


@lru_cache(maxsize=4096)
def parsed(sql: str) -> duckdb.Statement:
    """A statement to be executed again and again: to read it takes longer than to ask few rows."""
    with looking().cursor() as connection:
        (statement,) = connection.extract_statements(sql)
    return statement


def _schema(dataset: str) -> str:
    """The columns that a read gives; a file from before an optional one was declared lacks it."""
    columns = (
        f"{literal(name)}: {{'name': {literal(name)}, 'type': {literal(kind)}, "
        "'default_value': NULL}"
        for name, kind in stored_columns(dataset).items()
    )
    return f"MAP {{{', '.join(columns)}}}"


def told_sql(root: Path, dataset: str, files: Iterable[DataFile]) -> str:
    """Every version of every row of a dataset, with all that the lake keeps of it."""
    present = tuple(files)
    if present:
        return rows_sql(root, present)
    empty = ", ".join(f"CAST(NULL AS {t}) AS {n}" for n, t in stored_columns(dataset).items())
    return f"SELECT {empty} WHERE false"


def columns_read(contract: Contract) -> tuple[str, ...]:
    """The columns of a contract's view; with personal values, `erased` says if they are gone."""
    gone = ("erased",) if contract.personal_columns else ()
    return (*contract.columns, *PROVENANCE_TYPES, *gone)


def latest_sql(root: Path, contract: Contract, files: Iterable[DataFile], moment: Moment) -> str:
    """The rows of a contract as known: its own columns and where each row came from."""
    columns = ", ".join(columns_read(contract))
    seen = [moment.known_sql]
    if is_dated(contract):
        seen.append(moment.occurred_sql)
    revised = [file for file in files if file.revisions]
    if revised:
        seen.append(f"NOT EXISTS ({_outranked(root, contract, revised, moment)})")
    return f"SELECT {columns} FROM told_{contract.name} AS told WHERE {' AND '.join(seen)}"


def history_sql(root: Path, contract: Contract, files: Iterable[DataFile]) -> str:
    """Every version of a contract's rows, and `superseded_at`: when a better one was told of it."""
    revised = [file for file in files if file.revisions]
    return versions_sql(contract, rows_sql(root, revised) if revised else "")


def versions_sql(contract: Contract, revised: str) -> str:
    """The rows of `told_` and the contract, and `superseded_at`: when a better version was told.

    With personal values, `erased` says if they are gone.

    At a moment, the version counts that was recorded by then and is not superseded by then. One
    that was told after a better one is superseded before it is recorded, so it never counts.
    `revised` selects rows among which are all that revise an earlier one; empty if none does.
    """
    gone = ["erased"] if contract.personal_columns else []
    columns = ", ".join(dict.fromkeys([*contract.columns, *CLOCK_TYPES, *gone]))
    told = f"told_{contract.name}"
    if not revised:
        return f"SELECT {columns}, CAST(NULL AS TIMESTAMP) AS superseded_at FROM {told}"
    keys = key_columns(contract)
    key, place = ", ".join(keys), ", ".join((*keys, "entry"))
    return (
        f"SELECT {columns}, superseded_at FROM {told} LEFT JOIN ("
        f"SELECT {place}, MIN(recorded_at) OVER (PARTITION BY {key} ORDER BY {strength_sql()} DESC,"
        " recorded_at DESC, entry DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        f" AS superseded_at FROM {told} SEMI JOIN ("
        f"SELECT {key} FROM ({revised}) WHERE revision) USING ({key})) AS better"
        f" USING ({place})"
    )


def _outranked(root: Path, contract: Contract, revised: Iterable[DataFile], moment: Moment) -> str:
    keys = key_columns(contract)
    key = ", ".join(keys)
    same = " AND ".join(f"outranked.{name} = told.{name}" for name in (*keys, "entry"))
    return (
        f"SELECT 1 FROM (SELECT {key}, entry, ROW_NUMBER() OVER (PARTITION BY {key} "
        f"ORDER BY {strength_sql()} DESC, recorded_at DESC, entry DESC) AS place "
        f"FROM told_{contract.name} SEMI JOIN ("
        f"SELECT {key} FROM ({rows_sql(root, revised)}) WHERE revision) USING ({key}) "
        f"WHERE {moment.known_sql}) AS outranked WHERE place > 1 AND {same}"
    )


def refused_sql(moment: Moment) -> str:
    """The refused rows of batches that had been told."""
    columns = ", ".join(["source", "batch", *REFUSED_COLUMNS, "erased"])
    return f"SELECT {columns} FROM told_{REFUSED} WHERE {moment.known_sql}"
