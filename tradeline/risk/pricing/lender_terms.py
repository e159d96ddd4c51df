"""The terms of one lender: what it lends, at what price, and what it assumes of its borrowers."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Curve = tuple[tuple[float, float], ...]

BASIS_POINTS = 10_000
OTHER_SECTORS = "other"
POOLED = "all"


class Repayment(StrEnum):
    """How principal comes back: with interest in equal instalments, or all of it at the end."""

    INSTALMENTS = "instalments"
    AT_END = "at end"


class Product(StrEnum):
    """A line is drawn on and paid back at will within its limit; a term loan is drawn at once."""

    TERM_LOAN = "term loan"
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Amounts:
    """Least, greatest and step of what is lent; the greatest is a whole number of steps away."""

    least_minor: int
    greatest_minor: int
    step_minor: int


@dataclass(frozen=True, slots=True)
class Capital:
    """Own funds behind a loan: exposure x `risk_weight` x `ratio`, at `hurdle_annual` a year.

    The hurdle is what own funds must earn beyond the cost of other money.
    """

    risk_weight: float
    ratio: float
    hurdle_annual: float

    @property
    def charge_annual(self) -> float:
        """What a unit of exposure costs a year."""
        return self.risk_weight * self.ratio * self.hurdle_annual


@dataclass(frozen=True, slots=True)
class GradeCap:
    """A grade of the lender's scale: twelve-month PDs below `pd_below`, and the most it lends."""

    grade: str
    pd_below: float
    greatest_minor: int


@dataclass(frozen=True, slots=True)
class LenderTerms:
    """What a lender decides or assumes; money in minor units, rates and shares of 1.

    - `rates_bp`: annual nominal rates on offer in basis points, rising; `terms_months`: terms on
      offer, rising; `funding_annual`: cost of funds for each term; `fee`: share of the amount that
      is kept back at the start. `apr_cap_annual`: no offer costs more a year, fee and all.
    - `utilisation` and `credit_conversion`: drawn share of a line by month, and the share of what
      is undrawn that is drawn before a default; (month, share) pairs.
    - `take_up`: share of firms that accept, `churn_monthly`: share that pay back or leave each
      month, both (annual rate, share) pairs.
    - `cost_start_minor`, `cost_month_minor`: cost of a loan that is taken, at once and each month.
    - `burden_odds_slope`, `burden_max`: see `loan_value.py`.
    - `grades`: rising by PD; a PD above the last is not lent to. `sectors_minor`: the most lent to
      each sector, `other` for all that are not named; without it they are not lent to.
      `single_name_minor`: the most lent to a firm and its connected clients together.
    - `lgd_by`: the column of an application that names the segment whose LGD of `lgd_of` counts;
      empty where one `lgd` is for all. `lgd_of` has the pooled one too.
    """

    lender: str
    name: str
    product: Product
    repayment: Repayment
    currency: str
    valid_from: date
    amounts: Amounts
    rates_bp: tuple[int, ...]
    terms_months: tuple[int, ...]
    funding_annual: tuple[float, ...]
    fee: float
    apr_cap_annual: float
    capital: Capital
    lgd: float
    utilisation: Curve
    credit_conversion: float
    take_up: Curve
    churn_monthly: Curve
    cost_start_minor: int
    cost_month_minor: int
    burden_odds_slope: float
    burden_max: float
    grades: tuple[GradeCap, ...]
    sectors_minor: Mapping[str, int]
    single_name_minor: int
    lgd_by: str = ""
    lgd_of: Mapping[str, float] = field(default_factory=dict)

    def segment_of(self, stated: object) -> str:
        """The segment whose LGD counts for who states one; empty where one LGD is for all.

        One that is not told apart has the pooled LGD, and who states none the greatest of all.
        """
        if not self.lgd_by:
            return ""
        if type(stated) is str and stated:
            return stated if stated in self.lgd_of else POOLED
        return max(self.lgd_of, key=lambda segment: (self.lgd_of[segment], segment))

    def lgd_in(self, segment: str) -> float:
        """The LGD of a segment as `segment_of` gives it."""
        return self.lgd_of.get(segment, self.lgd)

    def in_segment(self, segment: str) -> "LenderTerms":
        """The terms as they are for a segment."""
        return replace(self, lgd=self.lgd_in(segment))

    def sector_cap_minor(self, sector: object) -> int | None:
        """The most lent to a sector; None if it is not lent to, as is one that is not known."""
        if not isinstance(sector, str) or not sector:
            return None
        return self.sectors_minor.get(sector, self.sectors_minor.get(OTHER_SECTORS))


def on_curve(curve: Curve, at: Floats) -> Floats:
    """The curve at points, linear between its own, level beyond its ends."""
    known, values = zip(*curve, strict=True)
    return np.asarray(np.interp(at, known, values), dtype=np.float64)
