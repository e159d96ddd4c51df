"""Postings a second, durable, beside plain PostgreSQL row by row on the same server and disk.

Goals: 10,000 postings a second in batches of 100 and more, each batch committed to disk (fsync on);
a single transfer in 10 ms in the median. Ours keeps balances, limits, idempotency keys and the
outbox in the same transaction; sealing and verifying are measured after it. The plain side keeps
balances and a unique key, with a statement for each row and a commit for each transfer.
`python -m benchmarks.ledger_posting [--transfers N] [--accounts N] [--singles N] [--clients N]
[--hot SHARE]`
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime
from multiprocessing import get_context
from pathlib import Path
from shutil import rmtree
from threading import Barrier
from typing import Any

import numpy as np
import psutil
import psycopg

from benchmarks.measure import REPOSITORY, Latency, latency_of, show
from tradeline.book.connection import connect, in_tenant, snapshot
from tradeline.book.processes import server_processes
from tradeline.book.server import Server, start, stop
from tradeline.lending.ledger.accounts import Account, open_accounts, open_ledger
from tradeline.lending.ledger.entry import Entry, transfer
from tradeline.lending.ledger.posting import post
from tradeline.lending.ledger.sealing import seal
from tradeline.lending.ledger.verify import verify

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = date(2026, 3, 1)
TENANT = "bench"
BATCHES = (100, 1_000, 5_000)
PLAIN = """
CREATE TABLE plain_account (id bigint PRIMARY KEY, balance bigint NOT NULL);
CREATE TABLE plain_entry (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, key text UNIQUE,
    value_date date, kind text);
CREATE TABLE plain_posting (entry bigint REFERENCES plain_entry, account bigint
    REFERENCES plain_account, amount bigint);
"""


@contextmanager
def served() -> Iterator[Server]:
    """A new server on disk, migrated, removed at the end."""
    outer = Path(tempfile.mkdtemp(prefix="ledger-"))
    outer.chmod(0o755)
    server = start(outer / "book")
    try:
        command = [sys.executable, "-m", "tradeline", "book", "migrate", "--data"]
        subprocess.run(
            [*command, str(outer / "book")], check=True, cwd=REPOSITORY, stdout=subprocess.DEVNULL
        )
        yield server
    finally:
        stop(outer / "book")
        rmtree(outer)


def transfers(
    name: str, count: int, accounts: int, hot: float, generator: np.random.Generator
) -> list[Entry]:
    """Transfers between random accounts; of a share the account debited is always the same."""
    debits = np.where(generator.random(count) < hot, 0, generator.integers(0, accounts, count))
    credited = (debits + generator.integers(1, accounts, count)) % accounts
    amounts = generator.integers(1, 10**7, count)
    rows = zip(debits.tolist(), credited.tolist(), amounts.tolist(), strict=True)
    return [
        transfer(f"{name}-{n:07}", DAY, "bench", debit=f"a{d}", credit=f"a{c}", amount_minor=a,
                 currency="CNY")
        for n, (d, c, a) in enumerate(rows)
    ]  # fmt: skip


def fill(connection: psycopg.Connection, accounts: int) -> None:
    """The accounts of both sides."""
    with in_tenant(connection, TENANT):
        open_ledger(connection, NOW)
        opened = [Account(f"a{number}", "CNY", "asset") for number in range(accounts)]
        open_accounts(connection, opened, NOW)


def plain_transfer(connection: psycopg.Connection, key: str, entry: Entry) -> None:
    """One transfer as one would write it."""
    with connection.transaction():
        row = connection.execute(
            "INSERT INTO plain_entry (key, value_date, kind) VALUES (%s, %s, %s) RETURNING id",
            [key, entry.value_date, entry.kind],
        ).fetchone()
        assert row
        for posting in sorted(entry.postings, key=lambda one: int(one.account[1:])):
            account = int(posting.account[1:])
            connection.execute(
                "INSERT INTO plain_posting VALUES (%s, %s, %s)",
                [row[0], account, posting.amount_minor],
            )
            connection.execute(
                "UPDATE plain_account SET balance = balance + %s WHERE id = %s",
                [posting.amount_minor, account],
            )


class Spent:
    """Wall time and processor time, of us and of the server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.wall, self.cpu = time.perf_counter(), self._cpu()

    def _cpu(self) -> float:
        total = time.process_time()
        for process in server_processes(self.server.home.mark):
            times = process.cpu_times()
            total += times.user + times.system
        return total

    def figures(self, postings: int) -> dict[str, float]:
        """Postings a second of wall time and of processor time since the start."""
        wall, cpu = time.perf_counter() - self.wall, self._cpu() - self.cpu
        return {"per_s": postings / wall, "per_cpu_s": postings / cpu, "wall_s": wall}


def ours_in_batches(
    server: Server, connection: psycopg.Connection, entries: Sequence[Entry], size: int
) -> dict[str, float]:
    """Batches of a size, each in a transaction of its own."""
    spent = Spent(server)
    for first in range(0, len(entries), size):
        with in_tenant(connection, TENANT):
            post(connection, entries[first : first + size], NOW)
    return spent.figures(2 * len(entries))


def ours_by_clients(folder: Path, options: argparse.Namespace, size: int) -> float:
    """Postings a second of several processes at once, which share all accounts."""
    share: int = options.transfers // options.clients
    context = get_context("spawn")
    with context.Manager() as manager, ProcessPoolExecutor(options.clients, context) as pool:
        gate = manager.Barrier(options.clients + 1)
        jobs = [
            pool.submit(_one_of_many, folder, number, share, options.accounts, size, gate)
            for number in range(options.clients)
        ]
        gate.wait()
        begin = time.perf_counter()
        for job in jobs:
            job.result()
        return 2 * share * len(jobs) / (time.perf_counter() - begin)


def _one_of_many(
    folder: Path, number: int, count: int, accounts: int, size: int, gate: Barrier
) -> None:
    entries = transfers(f"client{number}", count, accounts, 0.0, np.random.default_rng(number))
    with connect("worker", folder) as connection:
        gate.wait()
        for first in range(0, count, size):
            with in_tenant(connection, TENANT):
                post(connection, entries[first : first + size], NOW)


def ours_singly(connection: psycopg.Connection, entries: Sequence[Entry]) -> Latency:
    """One transfer in a transaction of its own."""

    def one(entry: Entry) -> None:
        with in_tenant(connection, TENANT):
            post(connection, [entry], NOW)

    return latency_of([lambda entry=entry: one(entry) for entry in entries])  # type: ignore[misc]


def main(words: Sequence[str] | None = None) -> int:
    """Measure both sides, print words and a line of JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.ledger_posting", description=__doc__)
    parser.add_argument("--transfers", type=int, default=50_000, help="a batch size (%(default)s)")
    parser.add_argument("--accounts", type=int, default=20_000, help="(%(default)s)")
    parser.add_argument("--singles", type=int, default=2_000, help="one by one (%(default)s)")
    parser.add_argument("--clients", type=int, default=2, help="at once (%(default)s)")
    parser.add_argument(
        "--hot", type=float, default=0.0, help="debits of one account (%(default)s)"
    )
    options = parser.parse_args(words)
    generator = np.random.default_rng(1)

    def made(name: str, count: int) -> list[Entry]:
        return transfers(name, count, options.accounts, options.hot, generator)

    with served() as server, psycopg.connect(server.url("owner"), autocommit=True) as owner:
        owner.execute(PLAIN.encode())
        owner.execute(
            "INSERT INTO plain_account SELECT n, 0 FROM generate_series(0, %s) AS n",
            [options.accounts],
        )
        found: dict[str, Any] = {"fsync": owner.execute("SHOW fsync").fetchone()}
        with connect("worker", server.home.folder) as connection:
            fill(connection, options.accounts)
            owner.execute("VACUUM ANALYZE")
            for size in BATCHES:
                batch = made(f"b{size}", options.transfers)
                found[f"batch_{size}"] = ours_in_batches(server, connection, batch, size)
            found["at_once_per_s"] = ours_by_clients(server.home.folder, options, BATCHES[0])
            share = options.transfers // options.clients
            booked = 2 * (len(BATCHES) * options.transfers + share * options.clients)
            found |= _closing(server, connection, booked)
        with connect("web", server.home.folder) as connection:
            alone = made("s", options.singles)
            found["single"] = ours_singly(connection, alone)
        spent = Spent(server)
        plain = [
            lambda number=number, entry=entry: plain_transfer(owner, f"p{number}", entry)
            for number, entry in enumerate(alone)
        ]
        found["plain_single"] = latency_of(plain)
        found["plain"] = spent.figures(2 * len(alone))
    _show(options, found)
    return 0


def _closing(server: Server, connection: psycopg.Connection, postings: int) -> dict[str, Any]:
    """Sealing and verifying all that was booked, and what it takes on disk."""
    spent = Spent(server)
    while True:
        with in_tenant(connection, TENANT):
            if not seal(connection):
                break
    sealed = spent.figures(postings)
    spent = Spent(server)
    with snapshot(connection, TENANT):
        verdict = verify(connection)
    assert not verdict.found, verdict.findings
    size = connection.execute(
        "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r' AND relname IN "
        "('ledger_entry', 'ledger_posting', 'ledger_seal', 'book_event', 'book_published')"
    ).fetchone()
    assert size
    return {
        "sealing": sealed,
        "verifying": spent.figures(postings),
        "bytes_per_posting": float(size[0]) / postings,
    }


def _show(options: argparse.Namespace, found: dict[str, Any]) -> None:
    plain = found["plain"]
    ratios = {
        size: {name: found[f"batch_{size}"][name] / plain[name] for name in ("per_s", "per_cpu_s")}
        for size in BATCHES
    }
    single, plain_single = found["single"], found["plain_single"]
    lines = [
        f"Batches of {size:,}: {found[f'batch_{size}']['per_s']:,.0f} postings a second "
        f"(goal 10,000), {ratios[size]['per_s']:.1f} times plain row by row, "
        f"{ratios[size]['per_cpu_s']:.1f} times by processor time."
        for size in BATCHES
    ]
    show(
        "ledger posting",
        [
            *lines,
            f"Batches of {BATCHES[0]:,} by {options.clients} clients at once: "
            f"{found['at_once_per_s']:,.0f} postings a second.",
            f"Sealing: {found['sealing']['per_s']:,.0f} postings a second; "
            f"verifying: {found['verifying']['per_s']:,.0f}; "
            f"{found['bytes_per_posting']:.0f} bytes each.",
            f"A single transfer: median {single.median_ms:.2f} ms (goal 10), p99 "
            f"{single.p99_ms:.1f} ms; plain: {plain_single.median_ms:.2f} and "
            f"{plain_single.p99_ms:.1f} ms, {plain['per_s']:,.0f} postings a second.",
        ],
        {
            "transfers": options.transfers,
            "accounts": options.accounts,
            "clients": options.clients,
            "hot": options.hot,
            **{k: v for k, v in found.items() if not isinstance(v, Latency)},
            "single_ms": [single.median_ms, single.p99_ms],
            "plain_single_ms": [plain_single.median_ms, plain_single.p99_ms],
            "ratios": ratios,
            "cpus": psutil.cpu_count(),
            "load": os.getloadavg()[0],
        },
    )


if __name__ == "__main__":
    raise SystemExit(main())
