"""Random lives of a ledger beside a slow oracle: every answer agrees, every invariant holds.

A life is one transaction that is rolled back, so that thousands cost little. TRADELINE_LIVES says
how many there are.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import date
from itertools import count

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.lending.ledger.books import ACCOUNTS, NOW, move
from tests.lending.ledger.oracle import Oracle
from tradeline.book.connection import in_tenant
from tradeline.kernel.findings import InputProblem
from tradeline.lending.ledger.accounts import (
    Account,
    Late,
    close_through,
    open_accounts,
    open_ledger,
    set_limits,
)
from tradeline.lending.ledger.entry import Entry, reversal
from tradeline.lending.ledger.posting import post
from tradeline.lending.ledger.reading import balances, balances_on
from tradeline.lending.ledger.sealing import seal
from tradeline.lending.ledger.verify import verify

LIVES = int(os.environ.get("TRADELINE_LIVES", "500"))
OPEN = tuple(account for account in ACCOUNTS if account.currency == "CNY")[:6]
CODES = tuple(account.code for account in OPEN)
LEDGERS: tuple[tuple[str, Late], ...] = (("refusing", "refuse"), ("adjusting too", "adjust"))
AMOUNTS = st.integers(1, 400)
DAYS = st.dates(date(2026, 3, 1), date(2026, 3, 8))
PAIRS = st.permutations(range(len(CODES))).map(lambda places: [CODES[n] for n in places[:2]])
Batch = list[tuple[list[str], int, date, bool]]
BATCHES = st.lists(st.tuples(PAIRS, AMOUNTS, DAYS, st.booleans()), min_size=1, max_size=4)
ONE_IN_FIVE = st.integers(1, 5).map(lambda drawn: drawn == 5)
_connection: list[psycopg.Connection] = []


@pytest.fixture(autouse=True)
def _worker(worker: psycopg.Connection) -> Iterator[None]:
    for tenant, late in LEDGERS:
        with in_tenant(worker, tenant):
            open_ledger(worker, NOW, late)
            open_accounts(worker, OPEN, NOW)
    _connection.append(worker)
    yield
    _connection.clear()


class Life(RuleBasedStateMachine):
    """What may happen to a ledger."""

    def __init__(self) -> None:
        super().__init__()
        self.connection = _connection[0]
        self.stack = ExitStack()
        self.stack.enter_context(self.connection.transaction(force_rollback=True))
        self.keys = count(1)

    def ask(self, *batch: Entry) -> None:
        """The same of both, and the same answer."""
        expected = self.oracle.post(batch)
        answer = self.answer(batch)
        if expected is None:
            assert answer == [self.oracle.entries[entry.key][1] for entry in batch]
        else:
            assert answer == expected
        self.agrees()

    def answer(self, batch: Sequence[Entry]) -> list[date] | str:
        """The booking dates, or the code of the refusal."""
        try:
            return [a.booking_date for a in post(self.connection, batch, NOW)]
        except InputProblem as refused:
            return refused.findings[0].code

    def entry(self, pair: list[str], amount: int, day: date, *, pending: bool) -> Entry:
        debit, credit = pair
        return move(f"k{next(self.keys)}", amount, debit, credit, day, pending=pending)

    @initialize(ledger=st.sampled_from(LEDGERS), is_verified=ONE_IN_FIVE, batch=BATCHES)
    def begins(self, ledger: tuple[str, Late], is_verified: bool, batch: Batch) -> None:
        """All that a life depends on is drawn: one that failed is lived again."""
        tenant, late = ledger
        self.stack.enter_context(in_tenant(self.connection, tenant))
        limits = {a.code: (a.least_minor, a.greatest_minor) for a in OPEN}
        self.oracle = Oracle(limits, adjusts=late == "adjust")
        self.is_verified = is_verified
        self.books(batch)

    @rule(batch=BATCHES)
    def books(self, batch: Batch) -> None:
        self.ask(*(self.entry(p, a, d, pending=held) for p, a, d, held in batch))

    @rule(batch=BATCHES)
    def books_again(self, batch: Batch) -> None:
        """The same: rules are drawn alike, and booking is most of a life."""
        self.books(batch)

    @precondition(lambda self: self.oracle.entries)
    @rule(data=st.data(), change=st.booleans(), amount=AMOUNTS)
    def asks_again(self, data: st.DataObject, change: bool, amount: int) -> None:
        first, _ = self.oracle.entries[data.draw(st.sampled_from(sorted(self.oracle.entries)))]
        self.ask(move(first.key, amount) if change else first)

    @precondition(lambda self: self.oracle.entries)
    @rule(data=st.data(), day=DAYS, takes=st.booleans())
    def reverses(self, data: st.DataObject, day: date, takes: bool) -> None:
        """Undo an entry, or let go of a hold and book what it held."""
        original, _ = self.oracle.entries[data.draw(st.sampled_from(sorted(self.oracle.entries)))]
        batch = [reversal(original, f"k{next(self.keys)}", day)]
        if takes and original.pending and original.reverses is None:
            batch.append(Entry(f"k{next(self.keys)}", day, "taken", original.postings))
        self.ask(*batch)

    @rule(day=DAYS)
    def closes(self, day: date) -> None:
        is_opened_again = self.oracle.closed is not None and day < self.oracle.closed
        try:
            close_through(self.connection, day)
        except InputProblem:
            assert is_opened_again
        else:
            assert not is_opened_again
            self.oracle.closed = day

    @rule(code=st.sampled_from(CODES), least=st.integers(-500, 0), greatest=st.integers(0, 500))
    def limits(self, code: str, least: int, greatest: int) -> None:
        before = self.oracle.limits[code]
        self.oracle.limits[code] = (least, greatest)
        expected = self.oracle.is_beyond(code)
        try:
            set_limits(self.connection, [Account(code, "CNY", "asset", least, greatest)], NOW)
        except InputProblem:
            assert expected
            self.oracle.limits[code] = before
        else:
            assert not expected

    @rule()
    def seals(self) -> None:
        waiting = len(self.oracle.entries) - len(self.oracle.sealed)
        assert seal(self.connection) == waiting
        self.oracle.seal()

    def agrees(self) -> None:
        booked, (debit, credit) = self.oracle.booked(), self.oracle.held()
        for one in balances(self.connection):
            assert one.booked_minor == booked[one.account]
            assert (one.held_debit_minor, one.held_credit_minor) == (
                debit[one.account], credit[one.account],
            )  # fmt: skip

    def teardown(self) -> None:
        try:
            self.looks_back()
            if self.is_verified:
                found = verify(self.connection)
                assert (found.found, found.sealed_to) == (0, len(self.oracle.sealed))
        finally:
            self.stack.close()

    def looks_back(self) -> None:
        """As valued on days, as known at numbers, for some of both."""
        for day in (date(2026, 3, 2), date(2026, 3, 5)):
            for number in {None, 1, len(self.oracle.sealed)}:
                if number is None or 0 < number <= len(self.oracle.sealed):
                    expected = self.oracle.booked(day, number)
                    found = balances_on(self.connection, day, number)
                    assert {c: m for c, m in found.items() if m} == {
                        c: m for c, m in expected.items() if m
                    }


TestLife = pytest.mark.long(Life.TestCase)
TestLife.settings = settings(
    max_examples=LIVES,
    stateful_step_count=6,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
