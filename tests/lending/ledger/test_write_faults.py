"""A write that fails, of the log or of a table: nothing wrong is answered, and later all goes on.

The kernel refuses the server's processes to write files beyond a size (RLIMIT_FSIZE).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from resource import RLIMIT_FSIZE, getrlimit, setrlimit

import psycopg
import pytest

from tests.book.migrating import migrate_apart
from tests.book.servers import server_folder
from tests.lending.ledger.books import book_all, booked, faults, move, open_books, sealed
from tradeline.book.connection import connect
from tradeline.book.server import running, start, stop
from tradeline.lending.ledger.entry import Entry
from tradeline.lending.ledger.refusals import unanswered

MEGABYTE = 2**20
# Files of the log have 16 megabytes: below it the log meets the limit, above it tables alone.
LOG_LIMIT, TABLE_LIMIT = 4 * MEGABYTE, 17 * MEGABYTE
Batches = Callable[[int], list[Entry]]


@pytest.fixture(scope="module")
def own() -> Iterator[Path]:
    """A server whose writes may fail."""
    with server_folder() as folder:
        start(folder)
        migrate_apart(folder)
        with connect("worker", folder) as worker:
            open_books(worker, "north")
        stop(folder)
        yield folder


@contextmanager
def no_file_beyond(size: int) -> Iterator[None]:
    """Processes that are started here write no file beyond a size."""
    soft, hard = getrlimit(RLIMIT_FSIZE)
    setrlimit(RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        setrlimit(RLIMIT_FSIZE, (soft, hard))


def refused_after(folder: Path, batches: Batches) -> tuple[int, psycopg.DatabaseError]:
    """How many batches were acknowledged before one was not, and what was said of it."""
    with connect("web", folder) as client:
        for number in range(100):
            try:
                book_all(client, "north", *batches(number))
            except psycopg.DatabaseError as refusal:
                return number, refusal
    raise AssertionError("Every write went well.")


@pytest.mark.long
def test_a_log_that_cannot_be_written_ends_the_server_and_loses_nothing(own: Path) -> None:
    def batch(number: int) -> list[Entry]:
        return [move(f"log-{number}-{n}", 1) for n in range(300)]

    with psycopg.connect(start(own).url("postgres"), autocommit=True) as superuser:
        superuser.execute("SELECT pg_switch_wal()")  # so that there is room below the limit
    stop(own)
    with no_file_beyond(LOG_LIMIT):
        start(own)
    acknowledged, refusal = refused_after(own, batch)
    assert acknowledged > 1
    assert "could not write to log file" in str(refusal)
    assert "send the same again" in str(unanswered(refusal))
    assert_whole(own, 300 * acknowledged, batch(acknowledged))


@pytest.mark.long
def test_a_table_that_cannot_grow_refuses_and_is_read_on(own: Path) -> None:
    def batch(number: int) -> list[Entry]:
        """So long that the table reaches the limit soon."""
        return [replace(move(f"{number}-{n}", 1), about=f"{n:01900}") for n in range(3_000)]

    with no_file_beyond(TABLE_LIMIT):
        start(own)
    with connect("web", own) as other:
        before = booked(other, "north").get("cash", 0)
        acknowledged, refusal = refused_after(own, batch)
        assert acknowledged > 1
        assert "could not extend file" in str(refusal)
        assert "send the same again" in str(unanswered(refusal))
        there = before + 3_000 * acknowledged
        assert booked(other, "north")["cash"] == there
    assert_whole(own, there, batch(acknowledged))


def assert_whole(folder: Path, acknowledged: int, refused: list[Entry]) -> None:
    """With room again all is there that was acknowledged; what was not is booked when sent again.

    Whether it was there before, only the server knew.
    """
    stop(folder)
    start(folder)
    with connect("worker", folder) as worker:
        assert booked(worker, "north")["cash"] - acknowledged in {0, len(refused)}
        book_all(worker, "north", *refused)
        assert booked(worker, "north")["cash"] == acknowledged + len(refused)
        while sealed(worker, "north"):
            pass
        assert faults(worker, "north") == []
    stop(folder)
    assert running(folder) is None
