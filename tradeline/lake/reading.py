"""The SQL of reading a lake: for each key what was last told by a moment, of what had occurred.

A key's versions are ranked by assurance, then by when they were recorded, then by when they were
landed; the first counts. Only keys that were told more than once are ranked at all.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tradeline.lake.contracts import Contract
from tradeline.lake.landing import PROVENANCE
from tradeline.lake.log import DataFile
from tradeline.lake.records import (
    CLOCK_TYPES,
    REFUSED,
    REFUSED_COLUMNS,
    is_dated,
    key_columns,
    stored_columns,
    strength_sql,
)
from tradeline.lake.typing_rules import literal


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
    listed = ", ".join(literal(str(root / file.path)) for file in ordered)
    return f"SELECT * FROM read_parquet([{listed}], hive_partitioning = false)"


def told_sql(root: Path, dataset: str, files: Iterable[DataFile]) -> str:
    """Every version of every row of a dataset, with all that the lake keeps of it."""
    present = tuple(files)
    if present:
        return rows_sql(root, present)
    empty = ", ".join(f"CAST(NULL AS {t}) AS {n}" for n, t in stored_columns(dataset).items())
    return f"SELECT {empty} WHERE false"


def latest_sql(root: Path, contract: Contract, files: Iterable[DataFile], moment: Moment) -> str:
    """The rows of a contract as known: its own columns and where each row came from."""
    columns = ", ".join([*contract.columns, *PROVENANCE])
    seen = [moment.known_sql]
    if is_dated(contract):
        seen.append(moment.occurred_sql)
    revised = [file for file in files if file.revisions]
    if revised:
        seen.append(f"NOT EXISTS ({_outranked(root, contract, revised, moment)})")
    return f"SELECT {columns} FROM told_{contract.name} AS told WHERE {' AND '.join(seen)}"


def history_sql(root: Path, contract: Contract, files: Iterable[DataFile]) -> str:
    """Every version of a contract's rows, and `superseded_at`: when a better one was told of it.

    At a moment, the version counts that was recorded by then and is not superseded by then. One
    that was told after a better one is superseded before it is recorded, so it never counts.
    """
    columns = ", ".join(dict.fromkeys([*contract.columns, *CLOCK_TYPES]))
    told = f"told_{contract.name}"
    revised = [file for file in files if file.revisions]
    if not revised:
        return f"SELECT {columns}, CAST(NULL AS TIMESTAMP) AS superseded_at FROM {told}"
    keys = key_columns(contract)
    key, place = ", ".join(keys), ", ".join((*keys, "entry"))
    return (
        f"SELECT {columns}, superseded_at FROM {told} LEFT JOIN ("
        f"SELECT {place}, MIN(recorded_at) OVER (PARTITION BY {key} ORDER BY {strength_sql()} DESC,"
        " recorded_at DESC, entry DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        f" AS superseded_at FROM {told} SEMI JOIN ("
        f"SELECT {key} FROM ({rows_sql(root, revised)}) WHERE revision) USING ({key})) AS better"
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
    columns = ", ".join(["source", "batch", *REFUSED_COLUMNS])
    return f"SELECT {columns} FROM told_{REFUSED} WHERE {moment.known_sql}"
