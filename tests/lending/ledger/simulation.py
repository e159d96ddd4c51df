"""A ledger's life drawn from a seed: clients whose connections break where it hurts, and a sealer.

One thing happens after the other, in an order that is drawn too, so that a seed always lives the
same life. Whatever a client does not hear it sends again under the same keys, before anything else.
A slow oracle is told what was really committed, which no client knows.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from select import select
from socket import SHUT_RDWR, socket
from typing import Any, TypeVar
from unittest.mock import patch

import numpy as np
import psycopg

from tests.lending.ledger.books import ACCOUNTS, NOW, move, open_books
from tests.lending.ledger.oracle import Oracle
from tradeline.book.connection import in_tenant, snapshot
from tradeline.book.roles import SUPERUSER
from tradeline.book.server import Server
from tradeline.kernel.findings import InputProblem
from tradeline.lending.ledger.accounts import close_through
from tradeline.lending.ledger.entry import Entry, reversal
from tradeline.lending.ledger.posting import Posted, post
from tradeline.lending.ledger.reading import balances
from tradeline.lending.ledger.sealing import seal
from tradeline.lending.ledger.verify import verify

Drawn = TypeVar("Drawn")
CLIENTS = ("first", "second", "third")
SEALER = "sealer"
ROLES = {SEALER: "worker", SUPERUSER: SUPERUSER}
STEPS = 10
STATEMENTS = 5
OPEN = tuple(account for account in ACCOUNTS if account.currency == "CNY")[:6]
FIRST_DAY = date(2026, 3, 1)
# The line breaks or the server ends before some statement, before the commit, or after it.
FAULTS = (*["none"] * 10, "cut", "ended", "before commit", "after commit")


class Lost(psycopg.OperationalError):
    """The answer to a commit did not arrive."""


class Lines:
    """Connections by who has them, made again when they are closed."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.open: dict[str, psycopg.Connection] = {}

    def of(self, name: str) -> psycopg.Connection:
        """The connection of a client, of the sealer, or of who may end sessions."""
        if name not in self.open or self.open[name].closed:
            url = self.server.url(ROLES.get(name, "web"))
            self.open[name] = psycopg.connect(url, autocommit=True)
        return self.open[name]

    def close(self) -> None:
        """Close all of them."""
        for connection in self.open.values():
            connection.close()


@dataclass
class Life:
    """One life: what is true (`oracle`), what was answered, and what each client waits for."""

    seed: int
    lines: Lines
    worker: psycopg.Connection
    faults: int = 0
    resent: int = 0
    answers: dict[str, Posted] = field(default_factory=dict)
    waiting: dict[str, list[Entry]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.draw = np.random.default_rng(self.seed)
        self.tenant = f"seed-{self.seed}"
        self.keys = count(1)
        adjusts = self.chance(0.5)
        open_books(self.worker, self.tenant, "adjust" if adjusts else "refuse")
        self.oracle = Oracle({a.code: (a.least_minor, a.greatest_minor) for a in OPEN}, adjusts)

    def chance(self, share: float) -> bool:
        return bool(self.draw.random() < share)

    def one_of(self, choices: Sequence[Drawn]) -> Drawn:
        return choices[int(self.draw.integers(len(choices)))]

    def live(self) -> None:
        """All steps, then all that waits is sent until it is heard, and everything is compared."""
        for _ in range(STEPS):
            self.step()
        for client in CLIENTS:
            while client in self.waiting:
                self.send(client, self.waiting[client])
        self.agrees()

    def step(self) -> None:
        if self.chance(0.15):
            self.seals()
        elif self.chance(0.05):
            self.closes()
        else:
            client = self.one_of(CLIENTS)
            self.send(client, self.waiting.get(client) or self.batch())

    def batch(self) -> list[Entry]:
        """New entries and one asked for before or undone, or a key that stands for another."""
        there = sorted(self.oracle.entries)
        found = [self.entry() for _ in range(int(self.draw.integers(1, 4)))]
        if there and self.chance(0.4):
            first, _ = self.oracle.entries[self.one_of(there)]
            if self.chance(0.1):
                return [move(first.key, 401)]
            undone = reversal(first, f"k{next(self.keys)}", self.day())
            found.append(first if self.chance(0.4) else undone)
        return found

    def entry(self) -> Entry:
        debit, credit = self.draw.permutation([account.code for account in OPEN])[:2].tolist()
        amount = int(self.draw.integers(1, 400))
        key = f"k{next(self.keys)}"
        return move(key, amount, debit, credit, self.day(), pending=self.chance(0.2))

    def day(self) -> date:
        return FIRST_DAY + timedelta(days=int(self.draw.integers(0, 8)))

    def send(self, client: str, batch: list[Entry]) -> None:
        """Send a batch, and forget it once an answer is heard."""
        self.resent += client in self.waiting
        self.waiting[client] = batch
        connection, fault = self.lines.of(client), self.one_of(FAULTS)
        try:
            with self.breaking(connection, fault):
                answers = post(connection, batch, NOW)
            if fault == "after commit":
                assert self.oracle.post(batch) is None
                raise Lost
        except psycopg.OperationalError:
            self.faults += 1
            connection.close()
            return
        except InputProblem as refused:
            said: str | None = refused.findings[0].code
        else:
            said = None
            for answer in answers:
                assert self.answers.setdefault(answer.key, answer) == answer
        del self.waiting[client]
        assert self.oracle.post(batch) == said
        if said is None:
            days = [self.oracle.entries[entry.key][1] for entry in batch]
            assert [answer.booking_date for answer in answers] == days

    def seals(self) -> None:
        connection, fault = self.lines.of(SEALER), self.one_of(FAULTS)
        try:
            with self.breaking(connection, fault):
                seal(connection)
        except psycopg.OperationalError:
            self.faults += 1
            connection.close()
        else:
            self.oracle.seal()

    @contextmanager
    def breaking(self, connection: psycopg.Connection, fault: str) -> Iterator[None]:
        """A transaction that meets a fault, at a statement that is drawn or at its end."""
        left = int(self.draw.integers(STATEMENTS)) if fault in {"cut", "ended"} else -1
        plain: Callable[..., Any] = psycopg.Cursor.execute

        def breaks(cursor: Any, *arguments: Any, **options: Any) -> Any:
            nonlocal left
            if cursor.connection is connection:
                if left == 0:
                    self.cut(connection, fault)
                left -= 1
            return plain(cursor, *arguments, **options)

        with patch.object(psycopg.Cursor, "execute", breaks), in_tenant(connection, self.tenant):
            yield
            if fault == "before commit":
                self.cut(connection, fault)

    def cut(self, connection: psycopg.Connection, fault: str) -> None:
        """Break the line, which is noticed when somebody speaks next; or end the session."""
        if fault == "ended":
            ending = "SELECT pg_terminate_backend(%s)"
            self.lines.of(SUPERUSER).execute(ending, [connection.info.backend_pid])
            select([connection.fileno()], [], [])  # until its last words have come
        else:
            with socket(fileno=os.dup(connection.fileno())) as line:
                line.shutdown(SHUT_RDWR)

    def closes(self) -> None:
        day = self.day()
        if self.oracle.closed is None or day >= self.oracle.closed:
            with in_tenant(self.worker, self.tenant):
                close_through(self.worker, day)
            self.oracle.closed = day

    def agrees(self) -> None:
        """Nothing that was acknowledged is lost, nothing is there twice, and all of it holds."""
        with in_tenant(self.worker, self.tenant):
            seal(self.worker)
        with snapshot(self.worker, self.tenant):
            found = verify(self.worker)
            there: dict[str, int] = dict(
                self.worker.execute("SELECT key, id FROM ledger_entry").fetchall()
            )
            now = {one.account: one for one in balances(self.worker)}
        assert (found.findings, found.sealed_to) == ((), len(self.oracle.entries))
        assert there.keys() == self.oracle.entries.keys()
        assert all(there[key] == answer.entry for key, answer in self.answers.items())
        booked, (debit, credit) = self.oracle.booked(), self.oracle.held()
        for code in (account.code for account in OPEN):
            one = now[code]
            assert (one.booked_minor, one.held_debit_minor, one.held_credit_minor) == (
                booked[code], debit[code], credit[code],
            )  # fmt: skip
