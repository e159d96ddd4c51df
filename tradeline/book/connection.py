"""Connections to the book: the embedded server's, or the operator's own by `DATABASE_URL`."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tradeline.book.roles import Role
from tradeline.book.server import running
from tradeline.kernel.findings import problem

# How long one statement may take: nobody waits longer for a page; migrations take what they need.
STATEMENT_TIMEOUT_SECONDS: dict[Role, int] = {"owner": 0, "web": 10, "worker": 600}
CONNECT_SECONDS = 10


def own_url(role: Role, environ: Mapping[str, str] = os.environ) -> str | None:
    """The address of the operator's own server for a role, if one is set.

    `TRADELINE_DATABASE_URL_WEB` (or `_OWNER`, `_WORKER`) goes before `DATABASE_URL`.
    """
    named = environ.get(f"TRADELINE_DATABASE_URL_{role.upper()}")
    return named or environ.get("DATABASE_URL") or None


def database_url(role: Role, folder: Path | None = None) -> str:
    """The address of the book for a role, password included: the operator's own, else embedded.

    Raises `InputProblem` if there is neither.
    """
    own = own_url(role)
    if own:
        return own
    server = running(folder)
    if server is None:
        raise problem(
            "book-not-running",
            "book",
            "No server runs.",
            "Start it with `tradeline book start`, or set DATABASE_URL to a server of your own.",
        )
    return server.url(role)


def connect(role: Role, folder: Path | None = None) -> psycopg.Connection:
    """A connection as a role: autocommit, UTC, statements bounded in time.

    Raises `InputProblem` if no server runs or the server refuses.
    """
    url = database_url(role, folder)
    milliseconds = STATEMENT_TIMEOUT_SECONDS[role] * 1000
    try:
        connection = psycopg.connect(
            url,
            autocommit=True,
            application_name=f"tradeline {role}",
            connect_timeout=CONNECT_SECONDS,
            options=f"-c statement_timeout={milliseconds}",
        )
        # As a statement: an option would yield to PGTZ of the environment.
        connection.execute("SET TIME ZONE 'UTC'")
    except psycopg.Error as refusal:
        raise problem(
            "book-refused",
            "book",
            f"The server refuses a connection as {role}: {str(refusal).strip()}",
            "Check that it runs, and its address, user and password.",
        ) from refusal
    return connection


@contextmanager
def in_tenant(connection: psycopg.Connection, tenant: str | None) -> Iterator[None]:
    """A transaction on an open connection, bound to a tenant until its end.

    Committed when the block ends, rolled back when it raises. Without a tenant (None), protected
    tables show no rows.
    """
    if tenant == "":
        raise ValueError("An empty tenant is no tenant: pass None where none is meant.")
    with connection.transaction():
        connection.execute("SELECT set_config('tradeline.tenant', %s, true)", [tenant or ""])
        yield


@contextmanager
def transaction(
    role: Role, tenant: str | None, folder: Path | None = None
) -> Iterator[psycopg.Connection]:
    """A transaction on a connection of its own, bound to a tenant, closed at its end."""
    with connect(role, folder) as connection, in_tenant(connection, tenant):
        yield connection


@contextmanager
def snapshot(connection: psycopg.Connection, tenant: str) -> Iterator[None]:
    """A transaction that only reads and sees all as of one moment, bound to a tenant."""
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute("SELECT set_config('tradeline.tenant', %s, true)", [tenant])
        yield
