"""What an advance brings into the books: transactions in order, and the lines of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Literal

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.revenue_share.plan import Plan, check_receipt, minor

Kind = Literal[
    "disbursement", "discount_fee", "repayment", "discount_fee_amortization",
    "credit_balance_refund", "write_off", "recovery",
]  # fmt: skip
AccountType = Literal["asset", "liability", "income", "expense"]

Account = tuple[str, AccountType]
RECEIVABLE: Account = ("loans receivable", "asset")
CLEARING: Account = ("clearing", "liability")
DEFERRED: Account = ("deferred fee", "liability")
OVERPAID: Account = ("overpayment", "liability")
INCOME: Account = ("fee income", "income")
LOSS: Account = ("credit loss", "expense")
RECOVERED: Account = ("recoveries", "income")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came for an advance on a day."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What came beyond the advance, given back on a day."""

    on: date
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Loss:
    """What is owed is given up on a day; what comes later is a recovery."""

    on: date


Came = Receipt | GivenBack | Loss


@dataclass(frozen=True, slots=True)
class Transaction:
    """One transaction in minor units; `balance_minor` is what is receivable after it.

    `principal_minor` is the part that moves the receivable, fee included; `overpayment_minor` what
    came beyond it, or was given back of that; `unearned_minor` the fee that a write-off leaves
    unearned.
    """

    kind: Kind
    on: date
    amount_minor: int
    principal_minor: int
    overpayment_minor: int
    balance_minor: int
    unearned_minor: int = 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a journal entry: a debit above zero, a credit below."""

    account: str
    account_type: AccountType
    amount_minor: int


def transactions(
    plan: Plan, disbursed_on: date, came: Iterable[Came] = ()
) -> tuple[Transaction, ...]:
    """All transactions of an advance, by day.

    The fee is receivable and deferred from the first day. What receipts of a day earn of it is
    income of that day. InputProblem for a receipt below zero or before the disbursement, more given
    back than came beyond, or a loss of nothing.
    """
    came = tuple(came)
    for each in came:
        amount = 0 if isinstance(each, Loss) else each.amount_minor
        check_receipt(each.on, amount, disbursed_on)
    books = _Books(plan, disbursed_on)
    for _, of_day in groupby(sorted(came, key=lambda each: each.on), key=lambda each: each.on):
        for each in of_day:
            books.take(each)
        books.earn()
    return tuple(books.made)


class _Books:
    """What is owed, received and beyond so far, and the transactions that made it so."""

    def __init__(self, plan: Plan, on: date) -> None:
        advance, self.fee = minor(plan.advance_fine), minor(plan.fee_fine)
        self.plan, self.on, self.owed = plan, on, advance
        self.received = self.earned = self.beyond = self.lost = 0
        self.made: list[Transaction] = []
        self._enter("disbursement", advance, advance)
        if self.fee:
            self.owed += self.fee
            self._enter("discount_fee", self.fee, self.fee)

    def take(self, came: Came) -> None:
        """Let one thing happen."""
        self.on = came.on
        if isinstance(came, Receipt):
            self._receive(came.amount_minor)
        elif isinstance(came, GivenBack):
            self._give_back(came.amount_minor)
        else:
            self._lose()

    def earn(self) -> None:
        """Take as income what has come to be earned."""
        earned = minor(self.plan.earned_fine(self.received)) - self.earned
        if earned:
            self.earned += earned
            self._enter("discount_fee_amortization", earned)

    def _receive(self, amount: int) -> None:
        recovered = min(amount, self.lost)
        if recovered:
            self.lost -= recovered
            self._enter("recovery", recovered)
            amount -= recovered
        part = min(amount, self.owed)
        beyond = amount - part
        if amount or not recovered:
            self.owed, self.beyond = self.owed - part, self.beyond + beyond
            self.received += part
            self._enter("repayment", amount, part, beyond)

    def _give_back(self, amount: int) -> None:
        if amount > self.beyond:
            raise _refused(self.on, f"{amount} is given back, {self.beyond} came beyond what was "
                           "owed.", "Give back what came beyond.")  # fmt: skip
        self.beyond -= amount
        self._enter("credit_balance_refund", amount, 0, amount)

    def _lose(self) -> None:
        if not self.owed:
            raise _refused(self.on, "Nothing is owed that could be lost.", "Leave it out.")
        self.earn()
        lost, unearned = self.owed, self.fee - self.earned
        self.owed, self.lost = 0, lost - unearned
        self._enter("write_off", lost, lost, unearned=unearned)

    def _enter(
        self, kind: Kind, amount: int, part: int = 0, beyond: int = 0, unearned: int = 0
    ) -> None:
        self.made.append(Transaction(kind, self.on, amount, part, beyond, self.owed, unearned))


def _refused(on: date, message: str, remedy: str) -> InputProblem:
    return problem("bad-event", f"advance, {on}", message, remedy)


def lines(transaction: Transaction) -> tuple[Line, ...]:
    """The journal lines of a transaction, which add up to zero."""
    amount, part = transaction.amount_minor, transaction.principal_minor
    beyond = transaction.overpayment_minor
    match transaction.kind:
        case "disbursement":
            return _lines((RECEIVABLE, amount), (CLEARING, -amount))
        case "discount_fee":
            return _lines((RECEIVABLE, amount), (DEFERRED, -amount))
        case "discount_fee_amortization":
            return _lines((DEFERRED, amount), (INCOME, -amount))
        case "repayment":
            return _lines((CLEARING, amount), (RECEIVABLE, -part), (OVERPAID, -beyond))
        case "credit_balance_refund":
            return _lines((OVERPAID, amount), (CLEARING, -amount))
        case "recovery":
            return _lines((CLEARING, amount), (RECOVERED, -amount))
        case "write_off":
            unearned = transaction.unearned_minor
            lost = (LOSS, amount), (RECEIVABLE, -amount)
            return _lines(*lost, (DEFERRED, unearned), (LOSS, -unearned))


def _lines(*amounts: tuple[Account, int]) -> tuple[Line, ...]:
    return tuple(Line(*account, amount) for account, amount in amounts if amount)
