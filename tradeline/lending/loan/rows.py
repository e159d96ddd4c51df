"""Instalments while events are folded: what is scheduled, charged and paid of each."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from tradeline.lending.dates.day_counts import Period
from tradeline.lending.loan.amounts import NOTHING, Amounts, Component
from tradeline.lending.loan.contract import ChargeKind


@dataclass(slots=True)
class ChargeDue:
    """A charge within an instalment; `of_instalment` if it is a part of each of them."""

    kind: ChargeKind
    due: date
    amount: int
    paid: int = 0
    of_instalment: int | None = None

    @property
    def component(self) -> Component:
        """Which component it belongs to."""
        return Component.FEES if self.kind is ChargeKind.FEE else Component.PENALTIES


@dataclass(slots=True)
class Row:
    """One instalment in the making.

    `principal` and `interest` are scheduled, and a payoff fixes what interest is; `credited` is
    principal owed anew after a refund or a chargeback. `early` was paid before the due date,
    `beyond` on it and beyond what was due, both towards principal. `penalty` is what penalties come
    to unrounded, so that it matters not how often the end of day ran.
    """

    period: Period
    principal: int = 0
    interest: int = 0
    credited: int = 0
    charges: list[ChargeDue] = field(default_factory=list)
    paid_principal: int = 0
    paid_interest: int = 0
    early: int = 0
    beyond: int = 0
    in_advance: int = 0
    late: int = 0
    settled_on: date | None = None
    principal_free: bool = False
    interest_deferred: bool = False
    interest_fixed: int | None = None
    penalised_until: date | None = None
    penalty: Fraction = Fraction(0)
    accrued: Amounts = NOTHING

    @property
    def due(self) -> date:
        """When it falls due."""
        return self.period.due

    @property
    def owed(self) -> Amounts:
        """All of it, by component."""
        return Amounts(
            self.principal + self.credited,
            self.interest,
            sum(charge.amount for charge in self._charges(Component.FEES)),
            sum(charge.amount for charge in self._charges(Component.PENALTIES)),
        )

    @property
    def paid(self) -> Amounts:
        """What was paid of it, by component."""
        return Amounts(
            self.paid_principal,
            self.paid_interest,
            sum(charge.paid for charge in self._charges(Component.FEES)),
            sum(charge.paid for charge in self._charges(Component.PENALTIES)),
        )

    @property
    def open_principal(self) -> int:
        """The principal still to be paid of it."""
        return self.principal + self.credited - self.paid_principal

    @property
    def open_total(self) -> int:
        """All that is still to be paid of it."""
        charges = sum(charge.amount - charge.paid for charge in self.charges)
        return self.open_principal + self.interest - self.paid_interest + charges

    def open_of(self, component: Component, until: date | None = None) -> int:
        """What is open of a component; of charges only those due `until` then, where stated."""
        if component is Component.PRINCIPAL:
            return max(self.open_principal, 0)
        if component is Component.INTEREST:
            return max(self.interest - self.paid_interest, 0)
        return sum(
            charge.amount - charge.paid
            for charge in self._charges(component)
            if until is None or charge.due <= until
        )

    def pay(self, component: Component, amount: int, on: date, until: date | None = None) -> int:
        """Take what is open of a component from an amount, and say how much that is."""
        taken = min(self.open_of(component, until), amount)
        if not taken:
            return 0
        if component is Component.PRINCIPAL:
            self.paid_principal += taken
        elif component is Component.INTEREST:
            self.paid_interest += taken
        else:
            self._pay_charges(component, taken, until)
        if on < self.due:
            self.in_advance += taken
        elif on > self.due:
            self.late += taken
        self.settle(on)
        return taken

    def settle(self, on: date) -> None:
        """Note the day on which nothing is open any more; forget it if something is."""
        if self.open_total > 0:
            self.settled_on = None
        elif self.settled_on is None:
            self.settled_on = on

    def _pay_charges(self, component: Component, amount: int, until: date | None) -> None:
        for charge in sorted(self._charges(component), key=lambda charge: charge.due):
            if until is None or charge.due <= until:
                part = min(charge.amount - charge.paid, amount)
                charge.paid += part
                amount -= part

    def _charges(self, component: Component) -> Iterator[ChargeDue]:
        return (charge for charge in self.charges if charge.component is component)
