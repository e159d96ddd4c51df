"""Provisions by age: a share of what is owed, by how many days it is late."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from tradeline.lending.bookings.chart import Account
from tradeline.lending.end_of_day.arrears import arrears, exposure
from tradeline.lending.end_of_day.portfolio import MODES, Ints, Portfolio
from tradeline.lending.end_of_day.rounded import rounded
from tradeline.lending.end_of_day.standing import ACCOUNTS
from tradeline.lending.loan.rounding import RoundingMode
from tradeline.lending.provisions.by_age import AgeClass

ALLOWANCE, EXPENSE, SUSPENSE = (
    ACCOUNTS.index(account)
    for account in (
        Account.LOSS_ALLOWANCE,
        Account.PROVISION_EXPENSE,
        Account.INTEREST_IN_SUSPENSE,
    )
)
HALF_UP = MODES.index(RoundingMode.HALF_UP)


def class_of(days: Ints, classes: Sequence[AgeClass]) -> Ints:
    """The place of the class that so many days late fall into."""
    firsts = np.array([each.from_days for each in classes], dtype=np.int64)
    return np.asarray(np.searchsorted(firsts, days, side="right") - 1, dtype=np.int64)


def provided(found: Portfolio, classes: Sequence[AgeClass]) -> Portfolio:
    """The portfolio with each loan that is not by stage provided for by its days late as agreed.

    A share of what is owed, rounded half up to the minor unit; loans that failed stay as they were.
    """
    kept = found.failed | (found.staging.by_stage == 1)
    late = arrears(found, found.day)
    days = np.maximum(late.days, late.days_as_agreed)
    right = provision_by_age(exposure(found), days, classes)
    return replace(found, booked=allowed(found.booked, np.where(kept, _allowance(found), right)))


def provision_by_age(owed: Ints, days: Ints, classes: Sequence[AgeClass]) -> Ints:
    """What is provided for what is owed, by days late: a share, halves up to the minor unit."""
    place = class_of(days, classes)
    parts, pers = (
        np.array(column, dtype=np.int64)[place]
        for column in zip(*((each.share.numerator, each.share.denominator) for each in classes),
                          strict=True)
    )  # fmt: skip
    ones = np.ones(len(owed), dtype=np.int64)
    return rounded(owed * parts, pers, HALF_UP * ones, ones)


def _allowance(found: Portfolio) -> Ints:
    return np.asarray(-found.booked[:, ALLOWANCE])


def allowed(booked: Ints, allowance: Ints) -> Ints:
    """What is booked once so much is provided for; what interest did not bear is an expense."""
    after = booked.copy()
    after[:, ALLOWANCE] = -allowance
    after[:, EXPENSE] = allowance - after[:, SUSPENSE]
    return after
