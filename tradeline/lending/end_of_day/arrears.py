"""What is overdue of each loan, and for how many days."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from tradeline.lending.bookings.chart import Account
from tradeline.lending.end_of_day.portfolio import STATUSES, Ints, Lines, Portfolio
from tradeline.lending.end_of_day.standing import ACCOUNTS, NEVER
from tradeline.lending.loan.state import Status

ACTIVE = STATUSES.index(Status.ACTIVE)
RECEIVABLE, INCOME = (
    ACCOUNTS.index(account) for account in (Account.LOANS_RECEIVABLE, Account.INCOME_RECEIVABLE)
)


@dataclass(frozen=True, slots=True, eq=False)
class Arrears:
    """How late each loan is, and what is overdue of it by component.

    `days_as_agreed` are the days late by the terms before they were eased; the same as `days` where
    none were.
    """

    days: Ints
    days_as_agreed: Ints
    principal: Ints
    interest: Ints
    fees: Ints
    penalties: Ints

    @property
    def amount(self) -> Ints:
        """All that is overdue."""
        return self.principal + self.interest + self.fees + self.penalties


def open_of(lines: Lines) -> Ints:
    """What is open of each instalment."""
    return np.asarray(lines.principal + lines.income + lines.fees + lines.penalties)


def arrears(found: Portfolio, day: int) -> Arrears:
    """How late each loan is at the end of a day: the oldest instalment open, grace days taken off.

    An instalment is late from the day after its due date.
    """
    lines, loans = found.lines, found.loans
    late = (lines.due < day) & (open_of(lines) > 0)
    since = np.full(len(found), NEVER, dtype=np.int64)
    np.minimum.at(since, found.owners[late], lines.due[late])
    days = day - since - found.terms.grace_days - loans.paused_days
    days = np.where((since == NEVER) | (days < 0), 0, days)
    agreed = loans.late_since_as_agreed
    days_as_agreed = np.where(loans.forborne == 0, days, np.where(agreed > 0, day - agreed, 0))
    return Arrears(
        days,
        np.maximum(days_as_agreed, 0),
        *(
            found.by_loan(np.where(late, part, 0))
            for part in (lines.principal, lines.income, lines.fees, lines.penalties)
        ),
    )


def days_late(found: Portfolio) -> Ints:
    """Days past due of active loans, by the terms as agreed or as eased; -1 of others."""
    late = arrears(found, found.day)
    days = np.maximum(late.days, late.days_as_agreed)
    return np.where(found.loans.status == ACTIVE, days, -1)


def exposure(found: Portfolio) -> Ints:
    """What is owed of each loan in the books: principal, and interest and charges earned."""
    return exposure_of(found.booked)


def exposure_of(booked: Ints) -> Ints:
    """The same of what is booked of each loan on `ACCOUNTS`."""
    return np.asarray(np.maximum(booked[:, RECEIVABLE] + booked[:, INCOME], 0))


def is_month_end(day: date) -> bool:
    """Whether the next day begins a month."""
    return date.fromordinal(day.toordinal() + 1).day == 1


def month_end(found: Portfolio) -> dict[str, Ints]:
    """What is kept of each loan at a month end: days late, principal, what is owed, and its stage.

    Days are -1, the stage is 0 of a loan that is not active.
    """
    return {
        "late": days_late(found),
        "principal": found.by_loan(found.lines.principal),
        "owed": exposure(found),
        "stage": np.where(found.loans.status == ACTIVE, found.staging.stage, 0),
    }
