"""How loans go: true PD, default, the bank's rating, and how customers answer to rates."""

from dataclasses import dataclass

import numpy as np
from scipy.special import logit

from tradeline.world.latent_state import (
    Health,
    base_offset,
    draw_default_months,
    hazard_offset,
    true_pd,
)
from tradeline.world.population import Population
from tradeline.world.settings import Flags, Floats, Ints

RATINGS = ("A", "B", "C", "D")
RATING_SHARES_UP_TO = (0.25, 0.60, 0.88)
RATING_NOISE = 0.7
DOWNGRADED_SHARE = 0.8

RATES_ANNUAL = tuple(round(0.04 + 0.005 * step, 3) for step in range(23))


@dataclass(frozen=True, slots=True)
class Fates:
    """What becomes of every firm in the 365 days after the as-of date (firms).

    `default_month` is 1 to 12, or 0 for none.
    """

    pd: Floats
    default_month: Ints

    @property
    def default(self) -> Flags:
        """Whether the firm defaults."""
        return self.default_month > 0


def draw_fates(
    firms: Population, health: Health, default_rate: float, rng: np.random.Generator
) -> Fates:
    """The true PD given the state at the as-of date, and one future drawn from it."""
    offset = hazard_offset(base_offset(default_rate), health.level, firms.sector, firms.shocked)
    now = health.deviation[:, -1]
    return Fates(true_pd(offset, now), draw_default_months(offset, now, rng))


def draw_ratings(fates: Fates, rng: np.random.Generator) -> Ints:
    """The bank's rating (firms) as a place in `RATINGS`: a noisy view of the PD.

    4 in 5 of those that default were moved to D afterwards, as banks do; so the rating tells the
    outcome and is no honest input.
    """
    view = logit(np.clip(fates.pd, 1e-9, 1 - 1e-9)) + rng.normal(0, RATING_NOISE, len(fates.pd))
    rating = np.searchsorted(np.quantile(view, RATING_SHARES_UP_TO), view)
    downgraded = fates.default & (rng.random(len(view)) < DOWNGRADED_SHARE)
    return np.where(downgraded, len(RATINGS) - 1, rating)


def response_curves() -> list[tuple[str, float, float]]:
    """Rating, annual rate, share of customers lost; D has no curve, for it is not lent to.

    The share rises from 0 at 4 % to `top` at 15 %, steeply at first: the better the rating, the
    more offers a customer has elsewhere.
    """
    rows = []
    for rating, top, bend in (("A", 0.93, 2.2), ("B", 0.90, 1.8), ("C", 0.88, 1.5)):
        for rate in RATES_ANNUAL:
            part = (rate - RATES_ANNUAL[0]) / (RATES_ANNUAL[-1] - RATES_ANNUAL[0])
            lost = top * (1 - np.exp(-bend * part)) / (1 - np.exp(-bend))
            rows.append((rating, rate, round(float(lost), 4)))
    return rows
