"""What is committed survives, whenever the server or the program that started it is killed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tradeline.book.home import home_at
from tradeline.book.processes import server_processes
from tradeline.book.server import Server, running, start, stop

KILLS = 5
WRITER = """
import sys, psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    number = int(sys.argv[2])
    while True:
        connection.execute("INSERT INTO entry VALUES (%s)", [number])
        print(number, flush=True)
        number += 1
"""
STARTER = """
import sys, time
from pathlib import Path
from tradeline.book.server import start
print(start(Path(sys.argv[1])).pid, flush=True)
time.sleep(600)
"""


def test_every_committed_row_survives_the_kill_of_the_server(quiet: Path) -> None:
    server = start(quiet)
    with psycopg.connect(server.url("owner")) as connection:
        connection.execute("CREATE TABLE entry (number bigint PRIMARY KEY)")
    acknowledged: list[int] = []
    for round_number in range(KILLS):
        acknowledged += written_until_killed(server, round_number * 1_000_000)
        begun = time.perf_counter()
        server = start(quiet)
        print(f"\nrecovered in {time.perf_counter() - begun:.2f} s, {len(acknowledged)} rows")
        assert server.is_new
        with psycopg.connect(server.url("owner")) as connection:
            kept = [n for (n,) in connection.execute("SELECT number FROM entry ORDER BY number")]
        assert set(acknowledged) <= set(kept)
        # Of each round at most the one row whose answer did not arrive.
        assert len(kept) - len(acknowledged) <= round_number + 1


def written_until_killed(server: Server, first: int) -> list[int]:
    """The rows that a writer saw committed before the server was killed under it."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, server.url("owner"), str(first)],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert writer.stdout
    head = [int(writer.stdout.readline()) for _ in range(50)]
    os.kill(server.pid, signal.SIGKILL)
    rest = [int(line) for line in writer.communicate(timeout=30)[0].split()]
    return head + rest


def test_processes_that_a_dead_server_left_are_ended(
    quiet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradeline.book.server.LEFTOVER_SECONDS", 0.5)
    server = start(quiet)
    with psycopg.connect(server.url("owner"), autocommit=True) as connection:
        pid = connection.info.backend_pid
        os.kill(pid, signal.SIGSTOP)  # so busy that it does not notice
        os.kill(server.pid, signal.SIGKILL)
        assert running(quiet) is None
        again = start(quiet)
    assert again.is_new
    assert pid not in {process.pid for process in server_processes(again.home.mark)}


def test_the_server_of_a_killed_program_is_found(quiet: Path) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER, quiet], stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout
    pid = int(starter.stdout.readline())
    starter.kill()
    starter.communicate()
    found = start(quiet)
    assert (found.pid, found.is_new) == (pid, False)


def test_a_program_killed_in_its_first_start_leaves_nothing_in_the_way(folder: Path) -> None:
    for seconds in (0.25, 0.5, 0.8):
        starter = subprocess.Popen(
            [sys.executable, "-c", STARTER, folder], stdout=subprocess.DEVNULL
        )
        time.sleep(seconds)
        starter.kill()
        starter.wait()
    server = start(folder)
    with psycopg.connect(server.url("web")) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("web",)
    assert not home_at(folder).new_data.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="shared memory is a folder on Linux alone")
def test_a_recovery_clears_the_shared_memory_of_the_dead(quiet: Path) -> None:
    before = shared_memory()
    for _ in range(2):
        os.kill(start(quiet).pid, signal.SIGKILL)
    start(quiet)
    stop(quiet)
    assert shared_memory() <= before


def shared_memory() -> set[str]:
    return {path.name for path in Path("/dev/shm").glob("PostgreSQL.*")}
