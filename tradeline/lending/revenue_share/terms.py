"""What a contract repaid by a share of sales says."""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from tradeline.kernel.findings import Finding, InputProblem, Severity

SalesBase = Literal["gross", "net of refunds"]


@dataclass(frozen=True, slots=True)
class Milestones:
    """Equal parts of the term, by the end of each of which a part of the total must have come.

    Minima are rounded down to `unit_minor`; the last milestone is the whole.
    """

    number: int
    days: int
    unit_minor: int = 1


@dataclass(frozen=True, slots=True)
class Terms:
    """Advance, fee and share; milestones and an end of the term where the contract has them.

    Amounts are in minor units of the currency, the share is of 1. Sales count from the day after
    disbursement.
    """

    currency: str
    advance_minor: int
    fee_minor: int
    share: Fraction
    base: SalesBase
    disbursed_on: date
    milestones: Milestones | None = None
    term_days: int | None = None

    @property
    def total_minor(self) -> int:
        """What is to be paid back: advance and fee."""
        return self.advance_minor + self.fee_minor

    @property
    def ends_on(self) -> date | None:
        """The day on which the rest is due, if the term has an end."""
        return None if self.term_days is None else self.disbursed_on + timedelta(self.term_days)

    def minimum_by(self, day: date) -> int:
        """What must have come by the end of a day, in minor units."""
        if self.ends_on is not None and day >= self.ends_on:
            return self.total_minor
        if self.milestones is None:
            return 0
        plan = self.milestones
        reached = (day - self.disbursed_on).days // plan.days
        if reached >= plan.number:
            return self.total_minor
        part = self.total_minor * max(reached, 0) // plan.number
        return part - part % plan.unit_minor


def fee_by_factor(advance_minor: int, factor: Fraction) -> int:
    """The fee of an advance whose total is the advance times a factor such as 1.13."""
    return round(advance_minor * (factor - 1))


def checked(terms: Terms) -> Terms:
    """The terms, or InputProblem with everything that makes them no contract."""
    wrong = [(message, remedy) for bad, message, remedy in _rules(terms) if bad]
    if wrong:
        raise InputProblem(
            Finding("bad-terms", Severity.ERROR, "revenue share", message, remedy)
            for message, remedy in wrong
        )
    return terms


def _rules(terms: Terms) -> list[tuple[bool, str, str]]:
    milestones = terms.milestones
    return [
        (terms.advance_minor <= 0, "The advance must be above zero.", "State what is paid out."),
        (terms.fee_minor < 0, "The fee must not be below zero.", "State a fee of zero or more."),
        (
            not 0 < terms.share <= 1,
            "The share of sales must be above zero and at most 100 %.",
            "State a share such as 10 %.",
        ),
        (
            milestones is not None
            and min(milestones.number, milestones.days, milestones.unit_minor) < 1,
            "Milestones need a number, days and a unit of at least one.",
            "State them, such as 6 milestones of 60 days, or leave milestones out.",
        ),
        (
            terms.term_days is not None and terms.term_days < 1,
            "The term must have at least one day.",
            "State its days, or leave the end of the term out.",
        ),
    ]
