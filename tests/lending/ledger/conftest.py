"""A real server whose book is migrated, and a ledger of its own for each test."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.book.migrating import migrate_apart
from tests.book.servers import need_wheel, server_folder
from tests.lending.ledger.books import open_books
from tradeline.book.roles import ROLES, Role

HERE = Path(__file__).parent
_numbers = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    need_wheel(items, HERE)


@pytest.fixture(scope="session")
def book() -> Iterator[Path]:
    """The folder of a running server with all tables."""
    from tradeline.book.server import start

    with server_folder() as folder:
        start(folder)
        migrate_apart(folder)
        yield folder


@pytest.fixture(scope="session")
def roles(book: Path) -> Iterator[dict[Role, psycopg.Connection]]:
    """A connection as each role, for all tests: to sign in takes longer than to book."""
    from tradeline.book.connection import connect

    with ExitStack() as stack:
        yield {role: stack.enter_context(connect(role, book)) for role in ROLES}


@pytest.fixture
def web(roles: dict[Role, psycopg.Connection]) -> psycopg.Connection:
    """A connection as the role that answers people."""
    return roles["web"]


@pytest.fixture
def worker(roles: dict[Role, psycopg.Connection]) -> psycopg.Connection:
    """A connection as the role that does the jobs."""
    return roles["worker"]


@pytest.fixture
def tenant(worker: psycopg.Connection) -> str:
    """A tenant of the test's own, its ledger open, with the accounts of `books.ACCOUNTS`."""
    name = f"lender-{next(_numbers)}"
    open_books(worker, name)
    return name
