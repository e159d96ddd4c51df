"""Simple interest on a balance that moves, carried exactly and rounded only when shown."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tradeline.kernel.findings import problem


@dataclass(frozen=True, slots=True)
class Accrual:
    """A balance in minor units on a day, and the interest of all days before, exactly."""

    rate: Fraction
    days_of_year: int
    on: date
    balance_minor: int = 0
    accrued: Fraction = Fraction(0)

    def until(self, day: date) -> "Accrual":
        """The same balance on a later day; InputProblem for an earlier one."""
        days = (day - self.on).days
        if days < 0:
            raise problem(
                "back-dated",
                str(day),
                f"The day lies before {self.on}, up to which interest is reckoned.",
                "Give events in the order of their days.",
            )
        interest = self.balance_minor * days * self.rate / self.days_of_year
        return Accrual(
            self.rate, self.days_of_year, day, self.balance_minor, self.accrued + interest
        )

    def moved(self, day: date, amount_minor: int) -> "Accrual":
        """The balance after an amount is added to it, or taken off, on a day."""
        then = self.until(day)
        return Accrual(
            then.rate, then.days_of_year, day, then.balance_minor + amount_minor, then.accrued
        )

    @property
    def interest_minor(self) -> int:
        """All interest so far in minor units, halves to even."""
        return round(self.accrued)
