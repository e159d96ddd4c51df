"""What a lake was told of some enterprises, taken out of it: their files alone are read."""

from collections import defaultdict
from collections.abc import Collection

import duckdb

from tradeline.lake.log import DataFile
from tradeline.lake.reading import Moment, rows_sql
from tradeline.lake.records import bucket_of
from tradeline.lake.sealing import Keys, can_open, opened_sql, plainly
from tradeline.lake.store import BUCKETED, Lake
from tradeline.lake.typing_rules import literal


@plainly()
def extract(
    lake: Lake, enterprises: Collection[str], moment: Moment, keys: Keys
) -> duckdb.DuckDBPyConnection:
    """A connection with a table `told_` and the contract for each that may tell of enterprises.

    It holds every version of their rows that had been told by the moment, with all that the lake
    keeps of it. Personal values are opened, erased ones are NULL and `erased` says so; `keys` is
    asked for when the first is opened. InputProblem if the keys cannot be had.
    """
    connection = duckdb.connect(config={"threads": 1})
    can_open(connection, keys)
    listed = ", ".join(map(literal, sorted(enterprises)))
    for name, files in _files_of(lake, enterprises).items():
        rows = (
            f"SELECT * FROM ({rows_sql(lake.root, files)}) "
            f"WHERE enterprise IN ({listed}) AND {moment.known_sql}"
        )
        told = opened_sql(name, rows, lake.erased, show_erased=True)
        connection.execute(f"CREATE TEMP TABLE told_{name} AS {told}")
    return connection


def _files_of(lake: Lake, enterprises: Collection[str]) -> dict[str, list[DataFile]]:
    """By contract, the files that may hold rows of enterprises."""
    buckets = set(map(bucket_of, enterprises))
    found: dict[str, list[DataFile]] = defaultdict(list)
    for file in lake.files:
        if file.dataset in BUCKETED and file.bucket in buckets:
            found[file.dataset].append(file)
    return found
