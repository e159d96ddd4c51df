"""Transactions of a loan as journal entries: each balances, and none is ever changed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from tradeline.lending.bookings.chart import Account
from tradeline.lending.loan.state import Transaction, TransactionKind

Postings = dict[Account, int]


@dataclass(frozen=True, slots=True)
class Posting:
    """An amount on an account in minor units: a debit above zero, a credit below."""

    account: Account
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Booking:
    """What is booked on a day; the postings add up to nothing.

    `interest_minor` is the interest that was received in it, of which a servicer has its share.
    """

    on: date
    postings: tuple[Posting, ...]
    interest_minor: int = 0


@dataclass(frozen=True, slots=True)
class Journal:
    """The postings of one transaction; they add up to nothing."""

    transaction: Transaction
    postings: tuple[Posting, ...]


def journals(transactions: Iterable[Transaction]) -> tuple[Journal, ...]:
    """A journal for each transaction that moves money or value, in their order.

    A reversed transaction keeps its postings and has their opposites beside them.
    """
    booked = ((made, postings(made)) for made in transactions)
    return tuple(Journal(made, found) for made, found in booked if found)


def bookings(transactions: Iterable[Transaction]) -> tuple[Booking, ...]:
    """What the transactions of a loan book, those that were reversed left out."""
    return tuple(
        Booking(each.transaction.on, each.postings, interest_received(each.transaction))
        for each in journals(made for made in transactions if not made.reversed)
    )


def booking(on: date, *postings: tuple[Account, int], interest_minor: int = 0) -> Booking:
    """What is booked on a day: accounts and amounts, which add up to nothing."""
    found = tuple(Posting(account, amount) for account, amount in postings if amount)
    assert sum(posting.amount_minor for posting in found) == 0
    return Booking(on, found, interest_minor)


def interest_received(made: Transaction) -> int:
    """The interest that came in a transaction, of which a servicer has its share."""
    is_received = _BOOKED.get(made.kind) in (_received, _refunded) and not made.charged_off_before
    return made.parts.interest if is_received else 0


def postings(made: Transaction) -> tuple[Posting, ...]:
    """What one transaction posts; nothing if it only changes terms."""
    book = _BOOKED.get(made.kind)
    if book is None:
        return ()
    found = tuple(Posting(account, amount) for account, amount in book(made).items() if amount)
    assert sum(posting.amount_minor for posting in found) == 0
    if made.reversed:
        found += tuple(Posting(posting.account, -posting.amount_minor) for posting in found)
    return found


def _paid_out(made: Transaction) -> Postings:
    return {Account.LOANS_RECEIVABLE: made.amount, Account.CLEARING: -made.amount}


def _charged_back(made: Transaction) -> Postings:
    return {_owed_anew(made): made.amount, Account.CLEARING: -made.amount}


def _owed_anew(made: Transaction) -> Account:
    """What is owed anew of a loan that was charged off is lost with the rest of it.

    Later receipts are recoveries, so that nothing would ever take it off the receivables. The peer
    (Apache Fineract's accrual accounting) debits the expense of the charge-off as well.
    """
    return Account.CREDIT_LOSS if made.charged_off_before else Account.LOANS_RECEIVABLE


def _received(made: Transaction) -> Postings:
    if made.charged_off_before:
        return {
            Account.CLEARING: made.amount,
            Account.RECOVERIES: made.overpayment - made.amount,
            Account.OVERPAYMENTS: -made.overpayment,
        }
    return {
        Account.CLEARING: made.amount,
        Account.LOANS_RECEIVABLE: -made.parts.principal,
        Account.INCOME_RECEIVABLE: -made.parts.cost,
        Account.RECOVERIES: -made.recovered,
        Account.OVERPAYMENTS: -made.overpayment,
    }


def _refunded(made: Transaction) -> Postings:
    """A merchant's refund after a charge-off is no recovery: it takes the loss back."""
    if not made.charged_off_before:
        return _received(made)
    return {
        Account.CLEARING: made.amount,
        Account.CREDIT_LOSS: -made.parts.principal,
        Account.INTEREST_CHARGED_OFF: -made.parts.interest,
        Account.FEES_CHARGED_OFF: -(made.parts.fees + made.parts.penalties),
        Account.RECOVERIES: -made.recovered,
        Account.OVERPAYMENTS: -made.overpayment,
    }


def _credit_refunded(made: Transaction) -> Postings:
    return {
        Account.OVERPAYMENTS: made.overpayment,
        _owed_anew(made): made.parts.principal,
        Account.CLEARING: -made.amount,
    }


def _accrued(made: Transaction) -> Postings:
    return {
        Account.INCOME_RECEIVABLE: made.amount,
        Account.INTEREST_INCOME: -made.parts.interest,
        Account.FEE_INCOME: -(made.parts.fees + made.parts.penalties),
    }


def _charged_off(made: Transaction) -> Postings:
    return {
        Account.LOANS_RECEIVABLE: -made.parts.principal,
        Account.INCOME_RECEIVABLE: -made.parts.cost,
        Account.CREDIT_LOSS: made.parts.principal,
        Account.INTEREST_CHARGED_OFF: made.parts.interest,
        Account.FEES_CHARGED_OFF: made.parts.fees + made.parts.penalties,
    }


def _written_off(made: Transaction) -> Postings:
    """What was charged off has left the receivables already."""
    return {} if made.charged_off_before else _charged_off(made)


_BOOKED: dict[TransactionKind, Callable[[Transaction], Postings]] = {
    TransactionKind.DISBURSEMENT: _paid_out,
    TransactionKind.CHARGEBACK: _charged_back,
    TransactionKind.DOWN_PAYMENT: _received,
    TransactionKind.FEE_AT_DISBURSEMENT: _received,
    TransactionKind.REPAYMENT: _received,
    TransactionKind.REFUND: _refunded,
    TransactionKind.CREDIT_BALANCE_REFUND: _credit_refunded,
    TransactionKind.ACCRUAL: _accrued,
    TransactionKind.CHARGE_OFF: _charged_off,
    TransactionKind.WRITE_OFF: _written_off,
}
