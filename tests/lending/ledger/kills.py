"""Kill clients, sealers and the server at random moments, and count what is lost or doubled."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

import numpy as np
import psycopg

from tests.lending.ledger.books import booked, sealed, verified
from tests.lending.ledger.clients import amount_of
from tradeline.book.connection import connect, in_tenant
from tradeline.book.server import running, start

FIRST_WORD_SECONDS = 20.0
LONGEST_SECONDS = 0.03


@dataclass
class Count:
    """What happened: processes killed, entries acknowledged, and what became of those."""

    clients: int = 0
    servers: int = 0
    acknowledged: dict[int, int] = field(default_factory=dict)
    lost: int = 0
    changed: int = 0
    entries: int = 0


class Spawner:
    """Forks clients, and hears what they say."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.lending.ledger.clients", str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self.heard: SimpleQueue[str] = SimpleQueue()
        self.listener = Thread(target=self._listen, daemon=True)
        self.listener.start()

    def _listen(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.heard.put(line)

    def ask(self, words: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{words}\n")
        self.process.stdin.flush()

    def close(self) -> None:
        self.process.kill()
        self.listener.join()
        self.process.communicate()


@contextmanager
def spawning(folder: Path) -> Iterator[Spawner]:
    spawner = Spawner(folder)
    try:
        yield spawner
    finally:
        spawner.close()


def kill_all(
    folder: Path, tenant: str, clients: int, servers: int, generator: np.random.Generator
) -> Count:
    """Kill clients with their sealers, and servers, in random order; the client that comes after
    sends first what was not answered. What was acknowledged is counted in the end.
    """
    count = Count()
    turns = generator.permutation([1] * servers + [0] * clients)
    with spawning(folder) as spawner:
        for is_server in turns:
            _kill(spawner, folder, tenant, count, generator, is_server=bool(is_server))
    with connect("worker", folder) as connection:
        _settle(connection, tenant, count)
    return count


def _kill(
    spawner: Spawner,
    folder: Path,
    tenant: str,
    count: Count,
    generator: np.random.Generator,
    *,
    is_server: bool,
) -> None:
    following = max(count.acknowledged, default=-1) + 1
    spawner.ask(f"post {tenant} {following}")
    spawner.ask(f"seal {tenant}")
    children: list[int] = []
    _hear(spawner, count, children, until=2)
    time.sleep(float(generator.uniform(0, LONGEST_SECONDS)))
    if is_server:
        server = running(folder)
        assert server
        os.kill(server.pid, signal.SIGKILL)
        count.servers += 1
    for child in children:
        os.kill(child, signal.SIGKILL)
    count.clients += len(children)
    if is_server:
        start(folder)
    _hear(spawner, count, children)


def _hear(spawner: Spawner, count: Count, children: list[int], until: int = 0) -> None:
    """What was said; with `until`, wait for so many children and the first answer of one."""
    end = time.monotonic() + FIRST_WORD_SECONDS
    answered = not until
    while not spawner.heard.empty() or len(children) < until or not answered:
        if time.monotonic() > end:
            raise TimeoutError("No client answers.")
        word, number, *entries = spawner.heard.get(timeout=FIRST_WORD_SECONDS).split()
        if word == "started":
            children.append(int(number))
            continue
        answered = True
        for place, entry in enumerate(entries):
            first = count.acknowledged.setdefault(int(number) + place, int(entry))
            count.changed += first != int(entry)


def _settle(connection: psycopg.Connection, tenant: str, count: Count) -> None:
    with in_tenant(connection, tenant):
        rows = connection.execute("SELECT key, id FROM ledger_entry").fetchall()
    there: dict[str, int] = dict(rows)
    count.entries = len(there)
    for number, entry in count.acknowledged.items():
        found = there.get(f"k{number}")
        count.lost += found is None
        count.changed += found not in {None, entry}
    expected = sum(amount_of(int(key[1:])) for key in there)
    assert booked(connection, tenant)["cash"] == expected
    sealed(connection, tenant)
    verdict = verified(connection, tenant)
    assert verdict.findings == ()
    assert verdict.sealed_to == count.entries
