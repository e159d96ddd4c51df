"""Batches booked in lenders' ledgers, each lender's in a transaction of its own."""

from collections.abc import Iterator
from datetime import datetime

from psycopg import Connection

from tradeline.book.connection import in_tenant
from tradeline.lending.bookings.chart import TYPES, Account
from tradeline.lending.end_of_day.journals import Batch, Entry
from tradeline.lending.ledger import accounts, entry
from tradeline.lending.ledger.accounts import open_accounts
from tradeline.lending.ledger.posting import post

KINDS: dict[str, accounts.Kind] = {
    "asset": "asset",
    "liability": "liability",
    "income": "income",
    "expense": "expense",
}
# What is booked about an agreement is held against it: a loan of a portfolio may have its name.
PORTFOLIO = "portfolio:"


class JournalBook:
    """A journal that books in the ledgers of the lenders, whose names are their tenants.

    Accounts of the chart are opened by product and currency where they are not there. What a kill
    left of a batch is booked by posting it again: each entry has a key of its own.
    """

    def __init__(self, connection: Connection, now: datetime) -> None:
        self.connection = connection
        self.now = now

    def post(self, batch: Batch) -> None:
        """Book a batch durably; what was booked already stays as it is.

        InputProblem if something else was booked under its keys, or a lender has no open ledger.
        """
        for lender in sorted({each.lender for each in batch.entries}):
            entries = [each for each in batch.entries if each.lender == lender]
            with in_tenant(self.connection, lender):
                open_accounts(self.connection, list(_accounts(entries)), self.now)
                post(self.connection, [_entry(batch, each) for each in entries], self.now)


def _code(each: Entry, account: str) -> str:
    return f"{each.product}/{account}/{each.currency}"


def _accounts(entries: list[Entry]) -> Iterator[accounts.Account]:
    named = {
        (_code(each, name), each.currency, name) for each in entries for name, _ in each.postings
    }
    for code, currency, name in sorted(named):
        yield accounts.Account(code, currency, KINDS[TYPES[Account(name)]])


def _entry(batch: Batch, each: Entry) -> entry.Entry:
    name = each.loan or f"{each.product}, {each.currency}"
    return entry.Entry(
        key=f"{batch.key}/{name}",
        value_date=batch.value_date,
        kind=batch.kind,
        postings=tuple(
            entry.Posting(_code(each, name), amount, each.currency)
            for name, amount in each.postings
        ),
        about=f"{PORTFOLIO}{name}",
    )
