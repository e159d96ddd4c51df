"""Personal values between the lake and the engine: sealed when landed, opened when asked for.

A view opens a value where a query evaluates it, row by row, and never else. What is erased stops
the query with a problem that `plainly` gives its form, unless the reader asked to be shown NULL.
"""

import atexit
import re
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from weakref import WeakSet

import duckdb

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lake.contracts import BY_NAME, Contract
from tradeline.lake.keys import SubjectKeys, erased
from tradeline.lake.records import REFUSED, personal_columns, row_hash_sql
from tradeline.lake.subjects import subject_sql
from tradeline.lake.typing_rules import literal

SEAL, OPEN = "seal_personal", "open_personal"
SUBJECT_MARK = "<subject>"
MARKED = re.compile(r"\[tradeline ([a-z-]+)\] (.*?) \| (.*?) \| (.*)")
Keys = Callable[[], SubjectKeys]
_opening: WeakSet[duckdb.DuckDBPyConnection] = WeakSet()


@dataclass(slots=True)
class Sealer:
    """Seals the rows of one batch; the keys are asked for when the first row needs them."""

    connection: duckdb.DuckDBPyConnection
    keys: Keys
    _held: list[SubjectKeys] = field(default_factory=list)

    def rows(self, dataset: str, rows: str) -> str:
        """Rows (SQL) as the lake keeps them: personal values sealed, and the subject's pseudonym.

        Rows of a dataset that tells of nobody stay as they are.
        """
        personal = personal_columns(dataset)
        if not personal:
            return rows
        self._admit(dataset, rows)
        sealed = ", ".join(
            f"CASE WHEN s.gone OR {name} IS NULL THEN NULL ELSE "
            f"{SEAL}({literal(f'{dataset}.{name}')}, s.subject, CAST({name} AS VARCHAR)) END "
            f"AS {name}"
            for name in personal
        )
        return (
            f"SELECT r.* REPLACE ({sealed}), s.subject FROM ({rows}) r "
            f"JOIN subjects s ON s.named = {subject_sql(dataset)}"
        )

    def _admit(self, dataset: str, rows: str) -> None:
        """The table `subjects`: the subjects of the rows, their pseudonyms, whether erased."""
        # Fetched to the end: with rows left to fetch the connection takes no function.
        found = self.connection.execute(f"SELECT DISTINCT {subject_sql(dataset)} FROM ({rows})")
        named = [name for (name,) in found.fetchall()]
        if not self._held:
            ring = self.keys()
            self.connection.create_function(SEAL, ring.seal, ["VARCHAR"] * 3, "BLOB")
            self._held.append(ring)
        (ring,) = self._held
        pseudonyms = [ring.pseudonym(name) for name in named]
        ring.admit(pseudonyms)
        self.connection.execute(
            "CREATE OR REPLACE TEMP TABLE subjects AS "
            "SELECT unnest($named) AS named, unnest($pseudonyms) AS subject, "
            "unnest($gone) AS gone",
            {
                "named": named,
                "pseudonyms": pseudonyms,
                "gone": [name in ring.destroyed for name in pseudonyms],
            },
        )

    def close(self) -> None:
        """Take the keys out of the engine."""
        if self._held:
            self.connection.execute("DROP TABLE IF EXISTS subjects").fetchall()
            self.connection.remove_function(SEAL)


def can_open(connection: duckdb.DuckDBPyConnection, keys: Keys) -> None:
    """Let a connection open personal values; the keys are read when the first is opened."""
    held: list[SubjectKeys] = []

    def opened(place: str, subject: str, sealed: bytes) -> str:
        try:
            if not held:
                held.append(keys())
            return held[0].open(place, subject, sealed)
        except InputProblem as refusal:
            raise ValueError(_marked(refusal)) from refusal

    connection.create_function(OPEN, opened, ["VARCHAR", "VARCHAR", "BLOB"], "VARCHAR")
    close_at_exit(connection)


def close_at_exit(connection: duckdb.DuckDBPyConnection) -> None:
    """Close a connection that can open values before the interpreter ends, unless it is closed."""
    _opening.add(connection)


@atexit.register
def _close() -> None:
    """The engine's own clean-up complains of functions that outlive the interpreter."""
    for connection in list(_opening):
        connection.close()


def opened_sql(dataset: str, rows: str, gone: Collection[str], show_erased: bool) -> str:
    """Stored rows (SQL) with their personal values opened, and `erased`: whether they are gone."""
    personal = personal_columns(dataset)
    if not personal:
        return rows
    values = ", ".join(f"{_value(dataset, name, show_erased)} AS {name}" for name in personal)
    return (
        f"SELECT * REPLACE ({values}) FROM (SELECT *, {erased_sql(gone)} AS erased FROM ({rows}))"
    )


def left_sql(contract: Contract, rows: str, gone: Collection[str]) -> str:
    """Stored rows (SQL) with the hash that a row has once its personal values are gone."""
    if not (gone and contract.personal_columns):
        return rows
    without = ", ".join(
        f"CASE WHEN erased THEN NULL ELSE {name} END AS {name}"
        for name in contract.personal_columns
    )
    marked = f"SELECT *, {erased_sql(gone)} AS erased FROM ({rows})"
    return (
        f"SELECT * REPLACE (CASE WHEN erased THEN {row_hash_sql(contract)} ELSE row_hash END "
        f"AS row_hash) FROM (SELECT * REPLACE ({without}) FROM ({marked}))"
    )


def erased_sql(gone: Collection[str]) -> str:
    """Whether the subject of a row is among the erased."""
    listed = ", ".join(literal(name) for name in sorted(gone))
    return f"coalesce(subject IN ({listed}), false)" if gone else "false"


def _value(dataset: str, name: str, show_erased: bool) -> str:
    kind = "VARCHAR"
    if dataset != REFUSED:
        (kind,) = (f.sql_type for f in BY_NAME[dataset].fields if f.column == name)
    place = f"{dataset}.{name}"
    refusal = literal(_marked(erased(SUBJECT_MARK, place)))
    gone = "NULL" if show_erased else f"error(replace({refusal}, '{SUBJECT_MARK}', subject))"
    return (
        f"CAST(CASE WHEN erased THEN {gone} WHEN {name} IS NULL THEN NULL "
        f"ELSE {OPEN}({literal(place)}, subject, {name}) END AS {kind})"
    )


def _marked(refusal: InputProblem) -> str:
    (found,) = refusal.findings
    return f"[tradeline {found.code}] {found.where} | {found.message} | {found.remedy}"


@contextmanager
def plainly() -> Iterator[None]:
    """Turn what the engine says of a value that could not be opened into its InputProblem."""
    try:
        yield
    except duckdb.Error as error:
        found = MARKED.search(str(error))
        if found is None:
            raise
        raise problem(*found.groups()) from error
