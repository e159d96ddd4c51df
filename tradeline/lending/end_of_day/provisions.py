"""Provisions by age: a share of what is owed, by how many days it is late."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

import numpy as np

from tradeline.lending.bookings.chart import Account
from tradeline.lending.end_of_day.arrears import arrears
from tradeline.lending.end_of_day.portfolio import MODES, Ints, Portfolio
from tradeline.lending.end_of_day.rounded import rounded
from tradeline.lending.end_of_day.standing import ACCOUNTS
from tradeline.lending.loan.rounding import RoundingMode
from tradeline.risk.parameters import read_parameters

ALLOWANCE, EXPENSE, RECEIVABLE, INCOME = (
    ACCOUNTS.index(account)
    for account in (
        Account.LOSS_ALLOWANCE,
        Account.PROVISION_EXPENSE,
        Account.LOANS_RECEIVABLE,
        Account.INCOME_RECEIVABLE,
    )
)
HALF_UP = MODES.index(RoundingMode.HALF_UP)


@dataclass(frozen=True, slots=True)
class Band:
    """A class of loans from so many days late on, and the share of them that is provided for."""

    name: str
    from_days: int
    share: Fraction


def read_bands(on: date) -> tuple[Band, ...]:
    """The classes that hold on a day, from the mildest on."""
    rows = read_parameters("provisions_by_age", on)["classes"].value
    return tuple(Band(row["name"], row["from_days"], Fraction(row["share"])) for row in rows)


def band_of(days: Ints, bands: Sequence[Band]) -> Ints:
    """The place of the band that so many days late fall into."""
    firsts = np.array([band.from_days for band in bands], dtype=np.int64)
    return np.asarray(np.searchsorted(firsts, days, side="right") - 1, dtype=np.int64)


def exposure(found: Portfolio) -> Ints:
    """What is owed of each loan in the books: principal, and interest and charges earned."""
    return np.asarray(np.maximum(found.booked[:, RECEIVABLE] + found.booked[:, INCOME], 0))


def provided(found: Portfolio, bands: Sequence[Band]) -> Portfolio:
    """The portfolio with each loan provided for by its days late as they were agreed.

    A share of what is owed, rounded half up to the minor unit; loans that failed stay as they were.
    """
    late = arrears(found, found.day)
    band = band_of(np.maximum(late.days, late.days_as_agreed), bands)
    parts, pers = (
        np.array(column, dtype=np.int64)[band]
        for column in zip(*((each.share.numerator, each.share.denominator) for each in bands),
                          strict=True)
    )  # fmt: skip
    ones = np.ones(len(found), dtype=np.int64)
    right = rounded(exposure(found) * parts, pers, HALF_UP * ones, ones)
    booked = found.booked.copy()
    booked[:, ALLOWANCE] = np.where(found.failed, booked[:, ALLOWANCE], -right)
    booked[:, EXPENSE] = -booked[:, ALLOWANCE]
    return replace(found, booked=booked)
