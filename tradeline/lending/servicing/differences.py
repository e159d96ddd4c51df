"""What is to be booked of an agreement: what is right now, less what was booked before.

An agreement is folded anew with each event. For each day on which the books and the fold differ one
entry makes them equal, valued on that day; what agrees already is left alone. So a payment that is
entered late, or taken back, corrects the days after it and no other.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from tradeline.lending.bookings.by_lender import by_lender, parties
from tradeline.lending.bookings.chart import TYPES, Account, AccountType
from tradeline.lending.bookings.entries import Booking
from tradeline.lending.bookings.entries import Posting as BookedPosting
from tradeline.lending.ledger.accounts import Account as LedgerAccount
from tradeline.lending.ledger.accounts import Kind
from tradeline.lending.ledger.entry import Entry, Posting
from tradeline.lending.ledger.lenders import account_of
from tradeline.lending.participation.agreement import Agreement, Sale

CORRECTION = "Correction"


@dataclass(frozen=True, slots=True)
class Sharing:
    """Lenders that share an agreement, and what they sold of it to each other."""

    agreement: Agreement
    sales: tuple[Sale, ...] = ()

    @property
    def parties(self) -> tuple[str, ...]:
        """All that have accounts."""
        return parties(self.agreement, self.sales)


Booked = Mapping[tuple[date, str], int]
KINDS: Mapping[AccountType, Kind] = {
    AccountType.ASSET: "asset",
    AccountType.LIABILITY: "liability",
    AccountType.INCOME: "income",
    AccountType.EXPENSE: "expense",
}


def code_of(account: Account, currency: str, lender: str = "") -> str:
    """The code of an account of the chart in a ledger: a lender's, or the tenant's own."""
    return account_of(f"{account}/{currency}", lender)


def chart_of(
    accounts: Iterable[Account], currency: str, lenders: Iterable[str] = ("",)
) -> tuple[LedgerAccount, ...]:
    """Accounts of the chart in a currency, those of each lender."""
    charted = tuple(accounts)
    return tuple(
        LedgerAccount(code_of(account, currency, lender), currency, KINDS[TYPES[account]])
        for lender in lenders
        for account in charted
    )


def right(
    bookings: Iterable[Booking], currency: str, lenders: Sharing | None = None
) -> dict[tuple[date, str], int]:
    """What the books should hold of an agreement, by day and account, nothing left out.

    Where lenders share it, each has its part on accounts of its own.
    """
    sums: dict[tuple[date, str], int] = defaultdict(int)
    for on, lender, posting in _postings(bookings, lenders):
        sums[on, code_of(posting.account, currency, lender)] += posting.amount_minor
    return {place: amount for place, amount in sums.items() if amount}


def _postings(
    bookings: Iterable[Booking], lenders: Sharing | None
) -> Iterator[tuple[date, str, BookedPosting]]:
    if lenders is None:
        for booking in bookings:
            yield from ((booking.on, "", posting) for posting in booking.postings)
        return
    for each in by_lender(lenders.agreement, bookings, lenders.sales):
        yield each.on, each.lender, each.posting


def missing_entries(
    agreement: str, key: str, cause: tuple[date, str], wanted: Booked, booked: Booked, currency: str
) -> tuple[Entry, ...]:
    """The entries, one for each day, that bring the books to what is wanted.

    `key` is the command's, `cause` the day and kind of what happened: on that day an entry is of
    that kind, on other days a correction.
    """
    days: dict[date, list[Posting]] = defaultdict(list)
    for day, code in sorted(wanted.keys() | booked.keys()):
        amount = wanted.get((day, code), 0) - booked.get((day, code), 0)
        if amount:
            days[day].append(Posting(code, amount, currency))
    on, kind = cause
    return tuple(
        Entry(f"{agreement} {key} {day}", day, kind if day == on else CORRECTION, tuple(lines),
              agreement)
        for day, lines in days.items()
    )  # fmt: skip


def principal_booked(sums: Booked, currency: str) -> int:
    """The principal that the books hold as owed, to whichever lender."""
    code = code_of(Account.LOANS_RECEIVABLE, currency)
    return sum(amount for (_, account), amount in sums.items() if account.partition("@")[0] == code)
