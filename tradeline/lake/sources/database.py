"""Tables of an SQL database, read through a DB-API 2 connection that is handed over.

A table is followed by a column that rises with every change. It is read in one transaction, in
bounded fetches, every value as the text that the database makes of it.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from tradeline.kernel.findings import Finding, InputProblem, Severity, counted, problem
from tradeline.kernel.moments import naive_utc
from tradeline.lake.mapping import FolderMapping
from tradeline.lake.sources.delivering import ROWS, Records, files_of
from tradeline.lake.sources.high_water import Mark, Overlap
from tradeline.lake.sources.protocol import Delivery, Position, Transient
from tradeline.lake.sources.rows import Record
from tradeline.lake.sql_text import quoted

FETCH = 2_000
# By SQLSTATE, those that do not pass: who may come in, what is there, how long it may take.
FOR_GOOD = ("28", "3D", "57014")


class Cursor(Protocol):
    """What we need of a DB-API 2 cursor."""

    def execute(self, query: str, parameters: Sequence[Any], /) -> object:
        """Run a query."""

    def fetchmany(self, size: int, /) -> Sequence[Sequence[Any]]:
        """The next rows; none at the end."""

    def close(self) -> object:
        """Free what the cursor holds."""


@dataclass(frozen=True, slots=True)
class Session:
    """An open connection inside a transaction that only reads.

    `cursor` opens a cursor, best one that the server keeps; `placeholder` is `%s` or `?`; `odd` is
    what is odd about the connection, such as rights that it should not have.
    """

    cursor: Callable[[], Cursor]
    placeholder: str
    odd: tuple[Finding, ...] = ()


Connect = Callable[[Sequence[str]], AbstractContextManager[Session]]


@dataclass(frozen=True, slots=True)
class Database:
    """Tables as a source; `connect` opens the database, and is told which tables will be read.

    `mark` is the column that rises with every change, the same in each table (a view can name it
    so). Rows that are committed later than `overlap` after they were written are not seen.
    """

    name: str
    mapping: FolderMapping
    connect: Connect
    mark: str
    clock: Callable[[], datetime]
    overlap: Overlap
    rows: int = ROWS
    learned_at: datetime | None = None

    def deliveries(self, position: Position) -> Iterator[Delivery | Finding]:
        """Rows that were not told, table by table, each in the order of its mark."""
        with _reached(self.name):
            now = self.clock().astimezone(UTC)
            tables = files_of(self.mapping)
            with self.connect(tables) as session:
                yield from session.odd
                for table in tables:
                    yield from self._table(session, table, position, now)

    def _table(
        self, session: Session, table: str, position: Position, now: datetime
    ) -> Iterator[Delivery | Finding]:
        learned_at = self.learned_at or naive_utc(now)
        records = Records(self.name, table, self.mapping, self.overlap, self.rows, learned_at, now)
        query = _Query(table, self.mark, records.columns, records.key, session.placeholder)
        unmarked = _count(session, query.unmarked())
        if unmarked:
            yield self._unmarked(table, unmarked)

        def open_from(since: Mark | None) -> Iterator[tuple[Mark | None, Record]]:
            return _read(session, query, since)

        yield from records.deliveries(open_from, position)

    def _unmarked(self, table: str, rows: int) -> Finding:
        return Finding(
            "no-mark",
            Severity.WARNING,
            f"{self.name}, {table}",
            f"{counted(rows, 'row')} without a value in {self.mark!r}: nothing tells when they "
            "changed, so they are not read.",
            "Fill the column, and forbid NULL in it.",
            rows,
        )


@dataclass(frozen=True, slots=True)
class _Query:
    table: str
    mark: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    placeholder: str

    def rows(self, since: Mark | None) -> tuple[str, tuple[Mark, ...]]:
        """The rows from a mark on, the mark first."""
        mark = self._name(self.mark)
        # Named by place, or the order would be that of the texts.
        texts = ", ".join(
            f"CAST({self._name(name)} AS VARCHAR) AS text_{place}"
            for place, name in enumerate(self.columns)
        )
        order = ", ".join(dict.fromkeys([mark, *map(self._name, self.key)]))
        begin = "" if since is None else f" AND {mark} >= {self.placeholder}"
        return (
            f"SELECT {mark} AS mark_, {texts} FROM {self._table()} WHERE {mark} IS NOT NULL{begin} "
            f"ORDER BY {order}",
            () if since is None else (since,),
        )

    def unmarked(self) -> str:
        """How many rows have no mark."""
        return f"SELECT count(*) FROM {self._table()} WHERE {self._name(self.mark)} IS NULL"

    def _table(self) -> str:
        return ".".join(map(self._name, self.table.split(".")))

    def _name(self, name: str) -> str:
        # A percent sign begins a parameter where parameters are written %s.
        return quoted(name).replace("%", "%%") if self.placeholder == "%s" else quoted(name)


def _count(session: Session, query: str) -> int:
    cursor = session.cursor()
    try:
        cursor.execute(query, ())
        return int(cursor.fetchmany(1)[0][0])
    finally:
        cursor.close()


def _read(
    session: Session, query: _Query, since: Mark | None
) -> Iterator[tuple[Mark | None, Record]]:
    cursor = session.cursor()
    try:
        cursor.execute(*query.rows(since))
        while fetched := cursor.fetchmany(FETCH):
            for mark, *texts in fetched:
                yield _checked(query, mark), dict(zip(query.columns, texts, strict=True))
    finally:
        cursor.close()


def _checked(query: _Query, mark: object) -> Mark:
    if isinstance(mark, Mark) and not isinstance(mark, bool):
        return mark
    raise problem(
        "bad-mark",
        f"{query.table}.{query.mark}",
        f"The column holds {type(mark).__name__} values, which do not tell what came later.",
        "Follow a column of whole numbers, days or moments.",
    )


@contextmanager
def _reached(name: str) -> Iterator[None]:
    """The errors of a driver, by the names that DB-API 2 gives them."""
    try:
        yield
    except Exception as error:
        kinds = {kind.__name__ for kind in type(error).__mro__}
        if isinstance(error, InputProblem) or not kinds & {"DatabaseError", "InterfaceError"}:
            raise
        if kinds & {"OperationalError", "InterfaceError"} and not _is_for_good(error):
            raise Transient(f"The database does not answer ({_said(error)}).") from error
        raise _refusal(name, error) from error


def _is_for_good(error: Exception) -> bool:
    state = str(getattr(error, "sqlstate", None) or "")
    return state.startswith(FOR_GOOD) or "authentication failed" in str(error)


def _said(error: Exception) -> str:
    """What the database says first; what follows repeats the query."""
    return (str(error).splitlines() or [type(error).__name__])[0].strip().rstrip(".")


def _refusal(name: str, error: Exception) -> InputProblem:
    if getattr(error, "sqlstate", None) == "57014":
        return problem(
            "query-too-long",
            name,
            "The database stopped a query that took too long.",
            "Make an index on the column that is followed, then run the command again.",
        )
    return problem(
        "database-refused",
        name,
        f"The database refuses: {_said(error)}.",
        "Check the address, the names of tables and columns in the mapping, and the right to read.",
    )
