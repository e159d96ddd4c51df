"""What an advance brings into the books: transactions in order, and the lines of each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

from tradeline.lending.revenue_share.plan import Plan, check_receipt, minor

Kind = Literal["disbursement", "discount_fee", "repayment", "discount_fee_amortization"]
AccountType = Literal["asset", "liability", "income"]

Account = tuple[str, AccountType]
RECEIVABLE: Account = ("loans receivable", "asset")
CLEARING: Account = ("clearing", "liability")
DEFERRED: Account = ("deferred fee", "liability")
OVERPAID: Account = ("overpayment", "liability")
INCOME: Account = ("fee income", "income")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came for an advance on a day."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction in minor units; `balance_minor` is what is receivable after it.

    `principal_minor` is the part that moves the receivable, fee included; `overpayment_minor` what
    came beyond it.
    """

    kind: Kind
    on: date
    amount_minor: int
    principal_minor: int
    overpayment_minor: int
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a journal entry: a debit above zero, a credit below."""

    account: str
    account_type: AccountType
    amount_minor: int


def transactions(
    plan: Plan, disbursed_on: date, receipts: Iterable[Receipt] = ()
) -> tuple[Transaction, ...]:
    """All transactions of an advance, by day.

    The fee is receivable and deferred from the first day. What receipts of a day earn of it is
    income of that day. InputProblem for a receipt below zero or before the disbursement.
    """
    receipts = tuple(receipts)
    for receipt in receipts:
        check_receipt(receipt.on, receipt.amount_minor, disbursed_on)
    return tuple(_transactions(plan, disbursed_on, sorted(receipts, key=lambda each: each.on)))


def _transactions(
    plan: Plan, disbursed_on: date, receipts: Iterable[Receipt]
) -> Iterator[Transaction]:
    received, advance, fee = 0, minor(plan.advance_fine), minor(plan.fee_fine)
    owed = advance + fee
    yield Transaction("disbursement", disbursed_on, advance, advance, 0, advance)
    if fee:
        yield Transaction("discount_fee", disbursed_on, fee, fee, 0, owed)
    for on, of_day in groupby(receipts, key=lambda each: each.on):
        before = minor(plan.earned_fine(received))
        for receipt in of_day:
            part = min(receipt.amount_minor, owed)
            owed, received = owed - part, received + receipt.amount_minor
            beyond = receipt.amount_minor - part
            yield Transaction("repayment", on, receipt.amount_minor, part, beyond, owed)
        if earned := minor(plan.earned_fine(received)) - before:
            yield Transaction("discount_fee_amortization", on, earned, 0, 0, owed)


def lines(transaction: Transaction) -> tuple[Line, ...]:
    """The journal lines of a transaction, which add up to zero."""
    amount, part = transaction.amount_minor, transaction.principal_minor
    match transaction.kind:
        case "disbursement":
            return _lines((RECEIVABLE, amount), (CLEARING, -amount))
        case "discount_fee":
            return _lines((RECEIVABLE, amount), (DEFERRED, -amount))
        case "discount_fee_amortization":
            return _lines((DEFERRED, amount), (INCOME, -amount))
        case "repayment":
            beyond = transaction.overpayment_minor
            return _lines((CLEARING, amount), (RECEIVABLE, -part), (OVERPAID, -beyond))


def _lines(*amounts: tuple[Account, int]) -> tuple[Line, ...]:
    return tuple(Line(*account, amount) for account, amount in amounts if amount)
