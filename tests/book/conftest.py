"""A real server in a temporary folder: one for the ordinary tests, new ones for the crashes."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.book.servers import need_wheel, server_folder

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    need_wheel(items, HERE)


@pytest.fixture(autouse=True)
def _no_server_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in tuple(os.environ):
        if name == "DATABASE_URL" or name.startswith(("TRADELINE_", "PG")):
            monkeypatch.delenv(name)


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder for a server of the test's own."""
    with server_folder() as path:
        yield path


@pytest.fixture(scope="module")
def quiet() -> Iterator[Path]:
    """A folder whose server was started once and stopped, as each test leaves it."""
    from tradeline.book.server import start, stop

    with server_folder() as path:
        start(path)
        stop(path)
        yield path


@pytest.fixture(scope="session")
def book() -> Iterator[Path]:
    """The folder of the server that runs for all ordinary tests."""
    from tradeline.book.server import start

    with server_folder() as path:
        begun = time.perf_counter()
        start(path)
        print(f"\nfirst start to ready: {time.perf_counter() - begun:.2f} s")
        yield path
