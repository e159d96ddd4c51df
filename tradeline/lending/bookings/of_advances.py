"""What an advance brings into the books: its own accounts, by those of the chart."""

from collections.abc import Iterable

from tradeline.lending.bookings.chart import Account
from tradeline.lending.bookings.entries import Booking, booking
from tradeline.lending.revenue_share import transactions as advance
from tradeline.lending.revenue_share.transactions import Transaction, lines

ACCOUNTS = {
    advance.RECEIVABLE: Account.LOANS_RECEIVABLE,
    advance.CLEARING: Account.CLEARING,
    advance.DEFERRED: Account.DEFERRED_FEES,
    advance.OVERPAID: Account.OVERPAYMENTS,
    advance.INCOME: Account.FEE_INCOME,
    advance.LOSS: Account.CREDIT_LOSS,
    advance.RECOVERED: Account.RECOVERIES,
}


def advance_bookings(transactions: Iterable[Transaction]) -> tuple[Booking, ...]:
    """What the transactions of an advance book, in their order."""
    return tuple(
        booking(
            made.on,
            *((ACCOUNTS[line.account, line.account_type], line.amount_minor)
              for line in lines(made)),
        )
        for made in transactions
    )  # fmt: skip
