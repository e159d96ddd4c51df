"""A server whose book is migrated, and Django of this process speaking to it as `web`.

Django's settings hold for a whole process: all rooms whose flows are tested share this server.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from tests.book.migrating import migrate_apart
from tests.book.servers import need_wheel, server_folder
from tests.lending.clerk import MANY

HERE = Path(__file__).parent
_numbers = count(1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    need_wheel([item for item in items if "served" in getattr(item, "fixturenames", ())], HERE)


@pytest.fixture(scope="session")
def served() -> Iterator[Path]:
    """The folder of the server that Django speaks to until the process ends."""
    from tradeline.book.bootstrap import configure
    from tradeline.book.server import start

    with server_folder() as folder:
        start(folder)
        migrate_apart(folder)
        configure("web", folder)
        yield folder
        from django.db import connections

        connections.close_all()


@pytest.fixture(scope="session")
def worker(served: Path) -> Iterator[psycopg.Connection]:
    """A connection as the role that seals and verifies."""
    from tradeline.book.connection import connect

    with connect("worker", served) as connection:
        yield connection


@pytest.fixture
def lender(worker: psycopg.Connection) -> str:
    """A tenant of the test's own, its ledger open."""
    return opened_lender(worker)


@pytest.fixture(scope="session")
def speaking(served: Path) -> Iterator["subprocess.Popen[str]"]:
    """A process that runs commands, each a line of JSON: its folder, and its words."""
    urls = dict.fromkeys(("DATABASE_URL", "TRADELINE_DATABASE_URL_WORKER"), "")
    own = {"TRADELINE_BOOK": str(served), "PYTHONPATH": str(HERE.parents[1])}
    with subprocess.Popen(
        [sys.executable, "-c", MANY], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        env=os.environ | urls | own,
    ) as found:  # fmt: skip
        yield found


def opened_lender(worker: psycopg.Connection) -> str:
    from tests.lending.servicing.loans import NOW
    from tradeline.book.connection import in_tenant
    from tradeline.lending.ledger.accounts import open_ledger

    name = f"lender-{next(_numbers)}"
    with in_tenant(worker, name):
        open_ledger(worker, NOW, "adjust")
    return name
