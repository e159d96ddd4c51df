"""Draws that are loans of their own, and how a payment is allocated over them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tradeline.lending.lines.agreement import LineAgreement, RepaymentOrder, SeparateDraws
from tradeline.lending.lines.daily import Course, standing
from tradeline.lending.loan.amounts import NOTHING, Amounts
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import (
    Disbursement,
    EndOfDay,
    Event,
    Payoff,
    RateChange,
    Repayment,
)
from tradeline.lending.loan.fold import fold, payoff_quote
from tradeline.lending.loan.state import LoanState, Transaction, TransactionKind

LOSSES = (TransactionKind.CHARGE_OFF, TransactionKind.WRITE_OFF)
Shares = tuple[tuple[str, Amounts], ...]


@dataclass(slots=True)
class DrawLoan:
    """One draw as a loan, folded up to the day on which something last happened to it."""

    contract: Contract
    events: list[Event]
    state: LoanState = field(init=False)
    is_behind: bool = False

    def __post_init__(self) -> None:
        self.fold_to(self.contract.start)

    def fold_to(self, day: date) -> LoanState:
        """The loan on a day, by its events so far."""
        self.state, self.is_behind = fold(self.contract, self.events, day), False
        return self.state

    def add(self, event: Event, day: date) -> list[Transaction]:
        """Let one more event happen: the transactions that it made."""
        self.events.append(event)
        place = len(self.events) - 1
        made = self.fold_to(day).transactions
        return [each for each in made
                if each.event == place and each.kind is not TransactionKind.ACCRUAL]  # fmt: skip

    def end_day(self, event: EndOfDay) -> None:
        """Let a day end: it moves no principal, so that it is folded when what is due counts.

        Nothing is earned of a loan that is lost.
        """
        if not any(made.kind in LOSSES and not made.reversed for made in self.state.transactions):
            self.events.append(event)
            self.is_behind = True

    def due(self, day: date) -> list[tuple[date, int]]:
        """What is open and due by a day, by due date.

        Nothing of a loan falls due between its due dates, so that it need not be folded on each.
        """
        since = self.state.as_of
        if self.is_behind or any(since < row.due <= day for row in self.state.instalments):
            self.fold_to(day)
        rows = [row for row in self.state.instalments if row.due <= day]
        return [(row.due, row.open.total) for row in rows if row.open.total > 0]

    @property
    def is_open(self) -> bool:
        """Whether anything of it is still to be paid."""
        return any(row.open.total > 0 for row in self.state.instalments)


class DrawLoans:
    """The loans that the draws of a line are, oldest first."""

    def __init__(self, agreement: LineAgreement, rates: Course[Fraction]) -> None:
        assert isinstance(agreement.repayment, SeparateDraws)
        self.agreement = agreement
        self.order = agreement.repayment.order
        self.rates = rates
        self.loans: dict[str, DrawLoan] = {}

    @property
    def drawn(self) -> int:
        """The principal still to be paid back."""
        return sum(loan.state.principal_open for loan in self.loans.values())

    def draw(self, name: str, amount: int, settled: Event) -> None:
        """A draw becomes a loan, at the rate of the day; later rates reach it as they come."""
        on = settled.value_date
        contract = self.agreement.draw_contract(amount, on, standing(self.rates, on, Fraction(0)))
        events: list[Event] = [
            Disbursement(
                value_date=on, entered_on=settled.entered_on, reference=settled.reference,
                amount_minor=amount,
            )
        ]  # fmt: skip
        events += [
            RateChange(value_date=since, entered_on=on, annual_rate=rate)
            for since, rate in self.rates
            if since > on
        ]
        self.loans[name] = DrawLoan(contract, events)

    def repay(self, event: Repayment, amount: int) -> tuple[Shares, int]:
        """Allocate a payment over the draws: what each had, and what is left."""
        on, shares = event.value_date, dict.fromkeys(self.loans, 0)
        if self.order is RepaymentOrder.DUE_DATE:
            amount = self._share_due(on, shares, amount)
        found: Shares = ()
        for name, loan in self.loans.items():
            if not loan.is_open or not (amount or shares[name]):
                continue
            share, whole = shares[name] + amount, False
            amount = 0
            if share >= loan.state.principal_open:  # below that nothing can be paid off
                most = payoff_quote(loan.contract, loan.events, on).amount
                whole, amount, share = share >= most, max(share - most, 0), min(share, most)
            if share:
                found += ((name, self._pay(loan, event, None if whole else share)),)
        return found, amount

    def _share_due(self, on: date, shares: dict[str, int], amount: int) -> int:
        """What is due goes by its due date, that of older draws first where dates are equal."""
        due = [(day, place, name, open_) for place, (name, loan) in enumerate(self.loans.items())
               for day, open_ in loan.due(on)]  # fmt: skip
        for _, _, name, open_ in sorted(due):
            part = min(open_, amount)
            shares[name] += part
            amount -= part
        return amount

    def pay_off(self, event: Payoff) -> Shares:
        """Pay all draws off: what each had."""
        return tuple(
            (name, self._pay(loan, event, None))
            for name, loan in self.loans.items()
            if loan.is_open
        )

    def _pay(self, loan: DrawLoan, event: Event, amount: int | None) -> Amounts:
        """Pay so much of a loan, or all of it."""
        on, entered_on, reference = event.value_date, event.entered_on, event.reference
        paid: Event = Payoff(value_date=on, entered_on=entered_on, reference=reference)
        if amount is not None:
            paid = Repayment(
                value_date=on, entered_on=entered_on, reference=reference, amount_minor=amount
            )
        return _parts(loan.add(paid, on))

    def end_day(self, event: EndOfDay) -> None:
        """A day ends for all loans."""
        for loan in self.loans.values():
            loan.end_day(event)


def _parts(made: Iterable[Transaction]) -> Amounts:
    return sum((each.parts for each in made), NOTHING)
