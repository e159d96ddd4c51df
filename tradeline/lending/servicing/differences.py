"""What is to be booked of a loan: what is right now, less what was booked before.

A loan is folded anew with each event. For each day on which the books and the loan differ one entry
makes them equal, valued on that day; what agrees already is left alone. So a payment that is
entered late, or taken back, corrects the days after it and no other.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

from tradeline.lending.bookings.chart import TYPES, Account, AccountType
from tradeline.lending.bookings.entries import Posting, difference, journals
from tradeline.lending.ledger.accounts import Account as LedgerAccount
from tradeline.lending.ledger.accounts import Kind
from tradeline.lending.ledger.entry import Entry
from tradeline.lending.ledger.entry import Posting as Line
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.state import LoanState
from tradeline.lending.servicing.written import event_kind

CORRECTION = "Correction"
Booked = Mapping[tuple[date, str], int]
KINDS: Mapping[AccountType, Kind] = {
    AccountType.ASSET: "asset",
    AccountType.LIABILITY: "liability",
    AccountType.INCOME: "income",
    AccountType.EXPENSE: "expense",
}


def code_of(account: Account, currency: str) -> str:
    """The code of an account of the chart in a lender's ledger."""
    return f"{account}/{currency}"


def chart_of(currency: str) -> tuple[LedgerAccount, ...]:
    """The accounts that loans of a currency are booked on."""
    return tuple(
        LedgerAccount(code_of(account, currency), currency, KINDS[found])
        for account, found in TYPES.items()
    )


def right(state: LoanState, currency: str) -> dict[tuple[date, str], int]:
    """What the books should hold of a loan, by day and account, nothing left out."""
    sums: dict[tuple[date, str], int] = defaultdict(int)
    for journal in journals(state.transactions):
        for posting in journal.postings:
            sums[journal.transaction.on, code_of(posting.account, currency)] += posting.amount_minor
    return {place: amount for place, amount in sums.items() if amount}


def missing_entries(
    loan: str, key: str, cause: Event, state: LoanState, booked: Booked, currency: str
) -> tuple[Entry, ...]:
    """The entries, one for each day, that bring the books to what is right.

    `key` is the command's. On the day of the event that is their cause an entry is of its kind, on
    other days a correction.
    """
    wanted = _by_day(right(state, currency), currency)
    there = _by_day(booked, currency)
    found = []
    for day in sorted(wanted.keys() | there.keys()):
        postings = difference(there.get(day, ()), wanted.get(day, ()))
        if postings:
            lines = (Line(code_of(p.account, currency), p.amount_minor, currency) for p in postings)
            kind = event_kind(cause) if day == cause.value_date else CORRECTION
            found.append(Entry(f"{loan} {key} {day}", day, kind, tuple(lines), loan))
    return tuple(found)


def _by_day(sums: Booked, currency: str) -> dict[date, list[Posting]]:
    accounts = {code_of(account, currency): account for account in Account}
    days: dict[date, list[Posting]] = defaultdict(list)
    for (day, code), amount in sums.items():
        days[day].append(Posting(accounts[code], amount))
    return dict(days)


def principal_booked(sums: Booked, currency: str) -> int:
    """The principal that the books hold as owed."""
    code = code_of(Account.LOANS_RECEIVABLE, currency)
    return sum(amount for (_, account), amount in sums.items() if account == code)
