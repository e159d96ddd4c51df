"""Databases that are read as sources: opened here, so that the lake knows none of their drivers."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from tradeline.kernel.findings import Finding, Severity, problem

if TYPE_CHECKING:
    from psycopg import Connection

    from tradeline.lake.sources.database import Connect, Session

BOOK = "book"
STATEMENT_SECONDS = 300
CONNECT_SECONDS = 10
# As options of the start, so that no statement runs without them.
OPTIONS = (
    f"-c statement_timeout={STATEMENT_SECONDS * 1000} -c default_transaction_read_only=on "
    "-c DateStyle=ISO -c extra_float_digits=1"
)
ENDS = {
    b"infinity": datetime.max.replace(tzinfo=UTC),
    b"-infinity": datetime.min.replace(tzinfo=UTC),
}
MAY_WRITE = """
SELECT rolsuper OR bool_or(has_table_privilege(to_regclass(name), 'INSERT, UPDATE, DELETE'))
FROM pg_roles, unnest(%s::text[]) AS name WHERE rolname = current_user GROUP BY rolsuper
"""


def postgres(where: str, environ: Mapping[str, str] = os.environ) -> "Connect":
    """How a PostgreSQL is opened that `where` names: book, or a variable such as $SHOP_DATABASE."""
    return partial(_session, where, environ)


@contextmanager
def _session(where: str, environ: Mapping[str, str], tables: Sequence[str]) -> Iterator["Session"]:
    from tradeline.book.wheel import require_client
    from tradeline.lake.sources.database import Session

    require_client()
    from psycopg import IsolationLevel, ProgrammingError, connect

    address = _address(where, environ)
    try:
        connection = connect(
            address,
            options=OPTIONS,
            connect_timeout=CONNECT_SECONDS,
            application_name="tradeline lake pull",
        )
    except ProgrammingError:
        # What it says repeats the address, password included.
        raise problem(
            "bad-address",
            where,
            "What it holds is no address of a PostgreSQL.",
            "Write it like postgresql://reader:PASSWORD@db.example/shop.",
        ) from None
    with connection:
        connection.read_only = True
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        # As a statement: an option would yield to PGTZ of the environment.
        connection.execute("SET TIME ZONE 'UTC'")
        _read_endless_moments(connection)
        odd = tuple(_rights(connection, where, tables))
        numbers = count(1)
        yield Session(lambda: connection.cursor(f"tradeline_{next(numbers)}"), "%s", odd)


def _address(where: str, environ: Mapping[str, str]) -> str:
    if where == BOOK:
        from tradeline.book.connection import database_url

        return database_url("worker")
    address = environ.get(where.removeprefix("$"), "")
    if not address:
        raise problem(
            "no-address",
            where,
            f"The variable {where.removeprefix('$')} is not set.",
            "Set it to the address, like postgresql://reader:PASSWORD@db.example/shop.",
        )
    return address


def _rights(connection: "Connection", where: str, tables: Sequence[str]) -> Iterator[Finding]:
    """That the role may change what it should only read."""
    from psycopg.sql import Identifier

    names = [Identifier(*table.split(".")).as_string(connection) for table in tables]
    row = connection.execute(MAY_WRITE, [names]).fetchone()
    if row and row[0]:
        yield Finding(
            "may-write",
            Severity.WARNING,
            where,
            "The role may change the tables that it should only read.",
            "Nothing is changed, for the transaction only reads; give it a role that may only "
            "SELECT.",
        )


def _read_endless_moments(connection: "Connection") -> None:
    """PostgreSQL's `infinity` is later than any moment of Python; it must not stop a table."""
    from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader

    class Days(DateLoader):
        def load(self, data: "bytes | bytearray | memoryview") -> date:
            end = _end(data)
            return end.date() if end else super().load(data)

    class Moments(TimestampLoader):
        def load(self, data: "bytes | bytearray | memoryview") -> datetime:
            end = _end(data)
            return end.replace(tzinfo=None) if end else super().load(data)

    class ZonedMoments(TimestamptzLoader):
        def load(self, data: "bytes | bytearray | memoryview") -> datetime:
            return _end(data) or super().load(data)

    for kind, loader in (("date", Days), ("timestamp", Moments), ("timestamptz", ZonedMoments)):
        connection.adapters.register_loader(kind, loader)


def _end(data: "bytes | bytearray | memoryview") -> datetime | None:
    return ENDS.get(bytes(data))
