"""What the tests of the ledger share: accounts, entries, and short words for both."""

from datetime import UTC, date, datetime

import psycopg

from tradeline.book.connection import in_tenant, snapshot
from tradeline.lending.ledger.accounts import Account, Late, open_accounts, open_ledger
from tradeline.lending.ledger.entry import Entry, transfer
from tradeline.lending.ledger.posting import Posted, post
from tradeline.lending.ledger.reading import balances
from tradeline.lending.ledger.sealing import seal
from tradeline.lending.ledger.verify import Verified, verify

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
DAY = date(2026, 3, 1)
ACCOUNTS = (
    Account("cash", "CNY", "asset", least_minor=0),
    Account("capital", "CNY", "equity"),
    Account("loans", "CNY", "asset"),
    Account("income", "CNY", "income"),
    Account("deposits", "CNY", "liability", greatest_minor=0),
    Account("line", "CNY", "asset", greatest_minor=1_000),
    Account("cash-eur", "EUR", "asset"),
    Account("position/CNY", "CNY", "asset"),
    Account("position/EUR", "EUR", "asset"),
)


def open_books(connection: psycopg.Connection, tenant: str, late: Late = "refuse") -> None:
    """Open a ledger with `ACCOUNTS`, as worker."""
    with in_tenant(connection, tenant):
        open_ledger(connection, NOW, late)
        open_accounts(connection, ACCOUNTS, NOW)


def move(
    key: str,
    amount: int,
    debit: str = "cash",
    credit: str = "capital",
    day: date = DAY,
    *,
    pending: bool = False,
) -> Entry:
    """An entry that moves an amount."""
    return transfer(
        key, day, "test", debit=debit, credit=credit, amount_minor=amount, currency="CNY",
        pending=pending,
    )  # fmt: skip


def book_all(
    connection: psycopg.Connection, tenant: str, *entries: Entry, now: datetime = NOW
) -> tuple[Posted, ...]:
    """Post in a transaction of its own."""
    with in_tenant(connection, tenant):
        return post(connection, entries, now)


def booked(connection: psycopg.Connection, tenant: str) -> dict[str, int]:
    """The accounts that are not at zero."""
    with in_tenant(connection, tenant):
        return {b.account: b.booked_minor for b in balances(connection) if b.booked_minor}


def sealed(worker: psycopg.Connection, tenant: str) -> int:
    """Seal all; how many."""
    with in_tenant(worker, tenant):
        return seal(worker)


def verified(worker: psycopg.Connection, tenant: str) -> Verified:
    """Hold the ledger against its invariants."""
    with snapshot(worker, tenant):
        return verify(worker)


def faults(worker: psycopg.Connection, tenant: str) -> list[str]:
    """What verification finds, as code and place."""
    return [f"{f.code} {f.where}" for f in verified(worker, tenant).findings]
