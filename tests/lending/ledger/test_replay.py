"""The journal is all there is: replayed in another ledger it gives the same state (I10)."""

from dataclasses import astuple
from datetime import timedelta

import numpy as np
import psycopg

from tests.lending.ledger.books import DAY, book_all, faults, move, open_books, sealed
from tradeline.book.connection import in_tenant
from tradeline.kernel.hashing import canonical_json
from tradeline.lending.ledger.entry import Entry, reversal
from tradeline.lending.ledger.reading import balances, balances_on, trial_balance
from tradeline.lending.ledger.stored import sealed_entries

Web = psycopg.Connection
CODES = ("loans", "income", "capital", "position/CNY")
DAYS = [DAY + timedelta(days=number) for number in range(5)]


def test_a_journal_replayed_elsewhere_gives_the_same_state_byte_for_byte(
    web: Web, worker: Web, tenant: str
) -> None:
    first = drawn(np.random.default_rng(1), 60)
    for place in range(0, len(first), 4):
        book_all(web, tenant, *first[place : place + 4])
    undone = [reversal(entry, f"undo {entry.key}", DAYS[4]) for entry in first[::5]]
    book_all(web, tenant, *undone)
    sealed(worker, tenant)
    with in_tenant(worker, tenant):
        journal = [stored.entry for stored in sealed_entries(worker)]
    assert journal == first + undone
    other = f"{tenant} again"
    open_books(worker, other)
    for entry in journal:
        book_all(web, other, entry)
    sealed(worker, other)
    assert faults(worker, other) == []
    assert state(worker, other) == state(worker, tenant)


def drawn(generator: np.random.Generator, count: int) -> list[Entry]:
    found = []
    for number in range(count):
        debit, credit = generator.permutation(CODES)[:2].tolist()
        amount, day = int(generator.integers(1, 10**6)), DAYS[int(generator.integers(4))]
        is_held = bool(generator.random() < 0.2)
        found.append(move(f"k{number}", amount, debit, credit, day, pending=is_held))
    return found


def state(worker: Web, tenant: str) -> bytes:
    """All balances, now and as valued on each day as known at each entry."""
    with in_tenant(worker, tenant):
        now = [astuple(balance) for balance in balances(worker)]
        past = [balances_on(worker, day, number) for day in DAYS for number in (1, 30, 60, 72)]
        periods = [trial_balance(worker, day) for day in DAYS]
    assert past[-1]
    return canonical_json([now, past, periods]).encode()
