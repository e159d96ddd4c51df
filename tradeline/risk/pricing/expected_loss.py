"""Expected credit loss of one loan from cumulative PDs, as IFRS 9 counts it.

IFRS 9 (paragraphs 5.5.17 and B5.5.28 to B5.5.44): the probability-weighted shortfall of cash,
discounted at the effective interest rate of the loan. With cumulative PDs P(s) by month s, exposure
E(s) at the start of month s, loss given default and an effective monthly rate i:

    loss(m) = sum over s = 1..m of (P(s) - P(s - 1)) lgd E(s) / (1 + i)^s

The twelve-month loss (stage 1) sums the first twelve months, the lifetime loss (stages 2 and 3 of a
loan that has not defaulted yet) all months to the end of the term.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MONTHS_PER_YEAR = 12


@dataclass(frozen=True, slots=True)
class ExpectedLoss:
    """Expected loss of one loan, in the unit of its exposure, not rounded."""

    twelve_months: float
    lifetime: float


def monthly_pds(pd_cumulative: Floats) -> Floats:
    """The chance to default within each month, from cumulative PDs; months are the last axis."""
    return np.diff(pd_cumulative, axis=-1, prepend=0.0)


def discounts(rate_annual: float | Floats, months: int) -> Floats:
    """What a unit at the end of months 1 to `months` is worth today; months are a new last axis.

    The rate is nominal and compounds monthly: a twelfth of it accrues each month.
    """
    growth = 1 + np.asarray(rate_annual, dtype=np.float64)[..., None] / MONTHS_PER_YEAR
    return 1 / growth ** np.arange(1, months + 1)


def losses_by_month(
    pd_cumulative: Floats, exposure: Floats, lgd: float | Floats, discount: Floats
) -> Floats:
    """What is expected to be lost in each month, discounted; broadcasts, months last."""
    return monthly_pds(pd_cumulative) * lgd * exposure * discount


def expected_loss(
    pd_cumulative: Floats, exposure: Floats, lgd: float, effective_rate_annual: float
) -> ExpectedLoss:
    """Twelve-month and lifetime loss of one loan; PDs and exposure have shape (months,).

    Months beyond the loan's term have no exposure and are left out by the caller.
    """
    assert pd_cumulative.shape == exposure.shape, "one exposure for each month"
    discount = discounts(effective_rate_annual, len(exposure))
    lost = np.cumsum(losses_by_month(pd_cumulative, exposure, lgd, discount))
    return ExpectedLoss(float(lost[:MONTHS_PER_YEAR][-1]), float(lost[-1]))
