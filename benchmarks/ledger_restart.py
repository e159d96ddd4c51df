"""How soon a server with a large journal answers after it was killed, and whether all is there.

The ledger is filled in batches, each committed to disk. While one more batch is booked and not yet
committed, all processes of the server are killed (`kill -9`). Measured is the time until the server
answers again, until a further batch is booked, and until all of it is sealed and verified; every
balance is held against sums that we kept ourselves. Goal: an answer in 2 s, with 10,000,000.
`python -m benchmarks.ledger_restart [--postings N] [--accounts N] [--seed N]`
"""

import argparse
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import psutil
import psycopg

from benchmarks.ledger_posting import DAY, NOW, TENANT, fill, served
from benchmarks.measure import show
from tradeline.book.connection import connect, in_tenant, snapshot
from tradeline.book.processes import server_processes
from tradeline.book.server import Server, start
from tradeline.lending.ledger.entry import Entry, transfer
from tradeline.lending.ledger.posting import post
from tradeline.lending.ledger.reading import balances
from tradeline.lending.ledger.sealing import seal
from tradeline.lending.ledger.verify import Verified, verify

Made = TypeVar("Made")
BATCH = 5_000


class Filling:
    """Batches of transfers, and what those that were committed come to."""

    def __init__(self, accounts: int, seed: int) -> None:
        self.generator = np.random.default_rng(seed)
        self.sums = np.zeros(accounts, np.int64)
        self.entries = 0

    def batch(self, size: int) -> tuple[list[Entry], np.ndarray]:
        """Transfers with keys of their own, and what they add to each account."""
        accounts = len(self.sums)
        debits = self.generator.integers(0, accounts, size)
        credited = (debits + self.generator.integers(1, accounts, size)) % accounts
        amounts = self.generator.integers(1, 10**7, size)
        moved = np.zeros(accounts, np.int64)
        np.add.at(moved, debits, amounts)
        np.subtract.at(moved, credited, amounts)
        rows = zip(debits.tolist(), credited.tolist(), amounts.tolist(), strict=True)
        found = [
            transfer(f"k{self.entries + n}", DAY, "bench", debit=f"a{d}", credit=f"a{c}",
                     amount_minor=a, currency="CNY")
            for n, (d, c, a) in enumerate(rows)
        ]  # fmt: skip
        return found, moved

    def book(self, connection: psycopg.Connection, size: int) -> None:
        """Book a batch, committed when this returns."""
        entries, moved = self.batch(size)
        with in_tenant(connection, TENANT):
            post(connection, entries, NOW)
        self.sums += moved
        self.entries += size


def killed_while_booking(server: Server, filling: Filling) -> None:
    """Kill all processes of the server while a batch waits for its commit."""
    entries, _ = filling.batch(BATCH)
    with connect("worker", server.home.folder) as connection:
        try:
            with in_tenant(connection, TENANT):
                post(connection, entries, NOW)
                for process in server_processes(server.home.mark):
                    process.kill()
        except psycopg.OperationalError:
            return
    raise AssertionError("The server was killed, and committed.")


def timed(work: Callable[[], Made]) -> tuple[float, Made]:
    """How many seconds something takes, and what it gives."""
    begin = time.perf_counter()
    made = work()
    return time.perf_counter() - begin, made


def sealed_all(connection: psycopg.Connection) -> None:
    """Number all entries."""
    while True:
        with in_tenant(connection, TENANT):
            if not seal(connection):
                return


def verified(connection: psycopg.Connection) -> Verified:
    """All invariants of the ledger."""
    with snapshot(connection, TENANT):
        return verify(connection)


def require_agreement(connection: psycopg.Connection, filling: Filling) -> None:
    """Every balance is what was acknowledged, to the last minor unit."""
    with in_tenant(connection, TENANT):
        there = {one.account: one.booked_minor for one in balances(connection)}
    wrong = [n for n, minor in enumerate(filling.sums.tolist()) if there[f"a{n}"] != minor]
    assert not wrong, f"{len(wrong)} balances differ, a{wrong[0]} first."


def main(words: Sequence[str] | None = None) -> int:
    """Fill, kill, start, verify; print words and a line of JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.ledger_restart", description=__doc__)
    parser.add_argument("--postings", type=int, default=1_000_000, help="(%(default)s)")
    parser.add_argument("--accounts", type=int, default=20_000, help="(%(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="(%(default)s)")
    options = parser.parse_args(words)
    filling = Filling(options.accounts, options.seed)
    with served() as server:
        folder = server.home.folder
        with connect("worker", folder) as connection:
            fill(connection, options.accounts)
            while 2 * filling.entries < options.postings:
                filling.book(connection, min(BATCH, options.postings // 2 - filling.entries))
            sealed_all(connection)
        killed_while_booking(server, filling)
        ready_s, _ = timed(lambda: start(folder))
        with connect("worker", folder) as connection:
            booking_s, _ = timed(lambda: filling.book(connection, 100))
            require_agreement(connection, filling)
            sealed_all(connection)
            verify_s, verdict = timed(lambda: verified(connection))
            size = sum(
                file.stat().st_size for file in server.home.data.rglob("*") if file.is_file()
            )
    assert (verdict.found, verdict.sealed_to) == (0, filling.entries), verdict.findings
    per_second = verdict.postings / verify_s
    show(
        "ledger restart",
        [
            f"{verdict.postings:,} postings, {size / 1e9:.1f} GB; killed while it booked "
            f"{BATCH:,} transfers more.",
            f"It answers after {ready_s:.2f} s (goal 2, with 10,000,000) and books a batch of 100 "
            f"in another {booking_s:.2f} s.",
            f"All {options.accounts:,} balances are what was acknowledged. Verified in "
            f"{verify_s:.0f} s, {per_second:,.0f} postings a second: nothing found.",
        ],
        {
            "postings": verdict.postings,
            "accounts": options.accounts,
            "ready_s": ready_s,
            "first_batch_s": booking_s,
            "verify_s": verify_s,
            "verify_per_s": per_second,
            "data_bytes": size,
            "cpus": psutil.cpu_count(),
        },
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
