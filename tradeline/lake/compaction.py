"""Compaction: the small files of a bucket become one sorted file, and no answer changes."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tradeline.lake.commit import Staged, commit, only_writer, stage, staging
from tradeline.lake.contracts import BY_NAME
from tradeline.lake.log import DataFile, Entry
from tradeline.lake.reading import rows_sql
from tradeline.lake.records import REFUSED, REFUSED_COLUMNS, order_sql
from tradeline.lake.store import Lake, clear_leftovers, next_entry, open_lake

SMALL_BYTES = 128 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Compacted:
    """What a compaction did: its entry, None if there was nothing to merge; files before, after."""

    entry: int | None
    before: int
    after: int


def compact(
    root: Path, progress: Callable[[str], None], small_bytes: int = SMALL_BYTES
) -> Compacted:
    """Merge the files of each bucket that are below `small_bytes`, all in one entry.

    The files that were merged stay until `sweep`. InputProblem if the disk refuses.
    """
    open_lake(root)
    with only_writer(root, progress):
        lake = open_lake(root)
        clear_leftovers(lake)
        groups = _groups(lake, small_bytes)
        merged = [file for files in groups.values() for file in files]
        if not groups:
            return Compacted(None, 0, 0)
        number, previous = next_entry(lake)
        with staging(root) as folder:
            staged = _merge(lake, groups, folder, number, progress)
            adds = tuple(file for file, _ in staged)
            replaces = tuple(sorted(file.path for file in merged))
            entry = Entry(number, previous, "compaction", adds, replaces)
            commit(root, folder, entry, staged)
        return Compacted(number, len(merged), len(adds))


def _groups(lake: Lake, small_bytes: int) -> dict[tuple[str, str], list[DataFile]]:
    groups: dict[tuple[str, str], list[DataFile]] = defaultdict(list)
    for file in lake.files:
        if file.bytes < small_bytes:
            groups[file.dataset, file.bucket].append(file)
    return {place: files for place, files in sorted(groups.items()) if len(files) > 1}


def _merge(
    lake: Lake,
    groups: dict[tuple[str, str], list[DataFile]],
    folder: Path,
    number: int,
    progress: Callable[[str], None],
) -> list[Staged]:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    staged = []
    for dataset, bucket in groups:
        progress(f"merging {dataset} {bucket}")
        rows = rows_sql(lake.root, groups[dataset, bucket])
        select = f"SELECT * FROM ({rows}) ORDER BY {_order(dataset)}"
        staged.append(stage(connection, folder, number, (dataset, bucket), select))
    return staged


def _order(dataset: str) -> str:
    if dataset == REFUSED:
        return ", ".join(["entry", *REFUSED_COLUMNS])
    return order_sql(BY_NAME[dataset])
