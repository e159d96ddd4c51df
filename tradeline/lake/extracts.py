"""What a lake was told of some enterprises, taken out of it: their files alone are read."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tradeline.lake.contracts import BY_NAME
from tradeline.lake.log import DataFile
from tradeline.lake.reading import Moment, rows_sql
from tradeline.lake.records import bucket_of
from tradeline.lake.sealing import can_open, close_at_exit, opened_sql, plainly
from tradeline.lake.sql_text import literal
from tradeline.lake.store import BUCKETED, Lake

OPTIMIZERS = ("filter_pushdown", "row_group_pruner", "unnest_rewriter", "unused_columns")
"""How a plan is made better all the same: of few rows it takes longer to think than to read."""


@dataclass(frozen=True, slots=True)
class Extracts:
    """A lake, and an engine that takes enterprises out of it, one after the other.

    The engine reads the keys of subjects when it opens the first personal value, and holds them.
    """

    lake: Lake
    engine: duckdb.DuckDBPyConnection

    @plainly()
    def of(
        self, enterprises: Collection[str], moment: Moment
    ) -> tuple[duckdb.DuckDBPyConnection, tuple[str, ...]]:
        """A connection with tables of all that was told of enterprises, and their contracts.

        `told_` and the contract holds every version of their rows that had been told by the
        moment, with all that the lake keeps of it. Personal values are opened, erased ones are
        NULL and `erased` says so. InputProblem if the keys cannot be had.
        """
        connection = self.engine.cursor()
        close_at_exit(connection)
        listed = ", ".join(map(literal, sorted(enterprises)))
        found = _files_of(self.lake, enterprises)
        for name, files in found.items():
            rows = (
                f"SELECT * FROM ({rows_sql(self.lake.root, files)}) "
                f"WHERE enterprise IN ({listed}) AND {moment.known_sql}"
            )
            told = opened_sql(name, rows, self.lake.erased, show_erased=True)
            connection.execute(f"CREATE TEMP TABLE told_{name} AS {told}")
        return connection, tuple(found)

    def sealed(
        self, enterprises: Collection[str], only: Collection[str], moment: Moment
    ) -> tuple[duckdb.DuckDBPyConnection, tuple[str, ...]]:
        """As `of`, of some contracts, with personal values sealed as they are; no key is read.

        They are views: only what is asked of them is read.
        """
        connection = self.engine.cursor()
        close_at_exit(connection)
        listed = ", ".join(map(literal, sorted(enterprises)))
        found = {n: f for n, f in _files_of(self.lake, enterprises).items() if n in only}
        for name, files in found.items():
            erased = ", false AS erased" if BY_NAME[name].personal_columns else ""
            connection.execute(
                f"CREATE TEMP VIEW told_{name} AS SELECT *{erased} "
                f"FROM ({rows_sql(self.lake.root, files)}) "
                f"WHERE enterprise IN ({listed}) AND {moment.known_sql}"
            )
        return connection, tuple(found)


def extracts(lake: Lake, key_file: Path | None = None) -> Extracts:
    """A lake made ready for extracts; the key file as for `Lake.keys`."""
    # One enterprise is few rows: threads would cost more than they save.
    engine = duckdb.connect(config={"threads": 1})
    others = "SELECT string_agg(name) FROM duckdb_optimizers() WHERE name NOT IN ?"
    engine.execute("SET disabled_optimizers = ?", engine.execute(others, [OPTIMIZERS]).fetchone())
    can_open(engine, lambda: lake.keys(key_file))
    return Extracts(lake, engine)


def _files_of(lake: Lake, enterprises: Collection[str]) -> dict[str, list[DataFile]]:
    """By contract, the files that may hold rows of enterprises."""
    buckets = set(map(bucket_of, enterprises))
    found: dict[str, list[DataFile]] = defaultdict(list)
    for file in lake.files:
        if file.dataset in BUCKETED and file.bucket in buckets:
            found[file.dataset].append(file)
    return found
