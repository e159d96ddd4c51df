"""A disk that is full or lies: nothing is booked by half, nothing wrong is read as right."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp

import numpy as np
import psycopg
import pytest

from tests.book.migrating import migrate_apart
from tests.book.servers import server_folder
from tests.lending.ledger.books import (
    NOW,
    book_all,
    booked,
    faults,
    move,
    open_books,
    sealed,
    verified,
)
from tradeline.book.connection import connect, in_tenant
from tradeline.book.home import home_at
from tradeline.book.processes import end_leftovers
from tradeline.book.server import start, stop
from tradeline.kernel.findings import InputProblem
from tradeline.lending.ledger.posting import post
from tradeline.lending.ledger.refusals import unanswered

SIZE = "130m"
PAGE = 8192
FLIPS = int(os.environ.get("TRADELINE_PAGES", "6"))


@contextmanager
def small_disk() -> Iterator[Path]:
    """A disk of its own, too small for much; only where we may mount one."""
    place = Path(mkdtemp(prefix="disk-"))
    words = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "tmpfs", str(place)]
    mounted = subprocess.run(words, capture_output=True, check=False)
    if mounted.returncode:
        place.rmdir()
        pytest.skip("Only root may mount a small disk, and not in every container.")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)
        place.rmdir()


def test_a_full_disk_refuses_and_after_room_is_made_all_goes_on() -> None:
    with small_disk() as disk:
        folder = disk / "book"
        start(folder)
        try:
            migrate_apart(folder)
            with connect("worker", folder) as connection:
                open_books(connection, "full")
            acknowledged, unsure = fill(folder, disk / "ballast")
            stop(folder)
            (disk / "ballast").unlink()
            start(folder)
            with connect("worker", folder) as connection:
                for number in unsure:
                    book_batch(connection, number)
                assert booked(connection, "full")["cash"] == 200 * (acknowledged + len(unsure))
                sealed(connection, "full")
                assert faults(connection, "full") == []
        finally:
            stop(folder)
            end_leftovers(home_at(folder).mark, 0)


def fill(folder: Path, ballast: Path) -> tuple[int, list[int]]:
    """Book until the disk is full; how many batches were acknowledged, and which were not."""
    disk = os.statvfs(ballast.parent)
    ballast.write_bytes(bytes(disk.f_bavail * disk.f_frsize - 300_000))
    with connect("web", folder) as connection:
        for number in range(1_000):
            try:
                book_batch(connection, number)
            except psycopg.OperationalError as refusal:
                print(unanswered(refusal))
                return number, [number]
    raise AssertionError("The disk is not full.")


def book_batch(connection: psycopg.Connection, number: int) -> None:
    with in_tenant(connection, "full"):
        post(connection, [move(f"{number}-{n}", 1) for n in range(200)], NOW)


def test_a_page_whose_bits_flip_on_disk_is_never_read_as_right() -> None:
    generator = np.random.default_rng(1)
    with server_folder() as folder:
        start(folder)
        migrate_apart(folder)
        with connect("worker", folder) as connection:
            open_books(connection, "flipped")
            for first in range(0, 3_000, 1_000):
                batch = [move(f"k{n}", 1) for n in range(first, first + 1_000)]
                book_all(connection, "flipped", *batch)
            sealed(connection, "flipped")
            files = {table: path_of(connection, folder, table) for table in TABLES}
        for number in range(FLIPS):
            flip_and_verify(folder, files[TABLES[number % len(TABLES)]], generator)
        start(folder)
        with connect("worker", folder) as connection:
            assert faults(connection, "flipped") == []


TABLES = ("ledger_entry", "ledger_posting", "ledger_seal")


def path_of(connection: psycopg.Connection, folder: Path, table: str) -> Path:
    row = connection.execute("SELECT pg_relation_filepath(%s)", [table]).fetchone()
    assert row
    return home_at(folder).data / str(row[0])


def flip_and_verify(folder: Path, path: Path, generator: np.random.Generator) -> None:
    """One bit of a page with rows, found, and put back."""
    stop(folder)
    place = int(generator.integers(path.stat().st_size // PAGE)) * PAGE
    place += int(generator.integers(PAGE // 2, PAGE))
    bit = 1 << int(generator.integers(8))
    flip(path, place, bit)
    start(folder)
    with connect("worker", folder) as connection:
        found = verified(connection, "flipped").findings
    assert found
    assert found[0].code == "I4"
    assert "The database cannot read on: invalid page in block" in found[0].message
    stop(folder)
    flip(path, place, bit)


def flip(path: Path, place: int, bit: int) -> None:
    with path.open("r+b") as stream:
        stream.seek(place)
        byte = stream.read(1)[0]
        stream.seek(place)
        stream.write(bytes([byte ^ bit]))


def test_what_a_server_says_that_cannot_go_on_is_told() -> None:
    lost = psycopg.OperationalError("server closed the connection unexpectedly\n")
    for refusal, line in (
        (psycopg.errors.DiskFull(), "error: book: The database's disk is full. Nothing was booked. "
         "Make room, then send the same again."),
        (lost, "error: book: The server gave no answer: server closed the connection unexpectedly "
         "Whether it was booked is not known: send the same again, a key takes effect once."),
    ):  # fmt: skip
        assert isinstance(unanswered(refusal), InputProblem)
        assert str(unanswered(refusal)) == line
