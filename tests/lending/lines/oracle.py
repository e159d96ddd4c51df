"""The slow way to a line that is one balance: a walk over every single day with rationals."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from tradeline.lending.lines.agreement import LineAgreement, MinimumPayment
from tradeline.lending.lines.events import (
    Cancellation,
    DrawRequest,
    DrawSettlement,
    Freeze,
    LimitChange,
    Release,
)
from tradeline.lending.loan.events import Event, RateChange, Repayment


@dataclass
class Bill:
    """What one bill asked for and what is left of it."""

    due: date
    fees: int
    interest: int
    principal: int
    asked: tuple[int, int, int] = (0, 0, 0)

    def __post_init__(self) -> None:
        self.asked = (self.fees, self.interest, self.principal)


@dataclass
class Walk:
    """A line as it is walked; nothing is returned, and a year has 365 days."""

    agreement: LineAgreement
    terms: MinimumPayment
    events: Sequence[Event]
    principal: int = 0
    overpaid: int = 0
    interest: Fraction = Fraction(0)
    fee: Fraction = Fraction(0)
    is_frozen: bool = False
    is_cancelled: bool = False
    bills: list[Bill] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.rate, self.limit = self.agreement.annual_rate, self.agreement.limit_minor
        self.asked = {each.draw: each.amount_minor for each in self.events
                      if isinstance(each, DrawRequest)}  # fmt: skip

    def until(self, last: date, bill_days: set[date]) -> "Walk":
        """Walk every day, the last included."""
        day = self.agreement.start
        while day <= last:
            if day in bill_days:
                self._bill(day)
            todays = [event for event in self.events if event.value_date == day]
            for event in todays:
                self._change(event)
            for event in todays:
                if isinstance(event, Repayment):
                    self._repay(day, event.amount_minor)
            self._earn(day)
            day += timedelta(days=1)
        return self

    def _change(self, event: Event) -> None:
        match event:
            case RateChange():
                self.rate = event.annual_rate
            case LimitChange():
                self.limit = event.limit_minor
            case Freeze() | Release():
                self.is_frozen = isinstance(event, Freeze)
            case Cancellation():
                self.is_cancelled = True
            case DrawSettlement():
                self.principal += self.asked[event.draw]

    def _earn(self, day: date) -> None:
        self.interest += self.principal * self.rate / 365
        is_open = not self.is_frozen and not self.is_cancelled and day <= self.agreement.expiry
        if is_open and self.agreement.commitment_fee:
            undrawn = max(self.limit - self.principal, 0)
            self.fee += undrawn * self.agreement.commitment_fee.annual_rate / 360

    def _bill(self, day: date) -> None:
        interest, fee = round(self.interest), round(self.fee)
        self.interest = self.fee = Fraction(0)
        part = round(self.terms.share * self.principal)
        part = max(part, self.terms.least_minor - interest - fee, 0)
        principal = min(part, self.unbilled) if day <= self.agreement.expiry else self.unbilled
        if fee + interest + principal:
            due = day + timedelta(days=self.terms.days_to_pay)
            self.bills.append(Bill(due, fee, interest, principal))

    @property
    def unbilled(self) -> int:
        """The principal that no bill asked for."""
        return self.principal - sum(bill.principal for bill in self.bills)

    def _repay(self, day: date, amount: int) -> None:
        left = self._pay(amount)
        if left:
            if round(self.interest):
                self.bills.append(Bill(day, 0, round(self.interest), 0))
            self.interest = Fraction(0)
            self.overpaid += self._pay(left)

    def _pay(self, amount: int) -> int:
        """Bills by their due dates, then principal that no bill asked for."""
        for bill in sorted(self.bills, key=lambda bill: bill.due):
            for part in ("fees", "interest", "principal"):
                taken = min(amount, getattr(bill, part))
                setattr(bill, part, getattr(bill, part) - taken)
                amount -= taken
                self.principal -= taken if part == "principal" else 0
        ahead = min(amount, self.unbilled)
        self.principal -= ahead
        return amount - ahead
