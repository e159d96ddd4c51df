"""The latent state: a firm's monthly health, its hazard of default, and the true PD that follows.

Health of firm i in month t is `level_i + deviation_it`; the deviation is an AR(1) process whose
stationary law, with the level's, gives health mean 0 and variance 1. The monthly hazard is
`logistic(offset_i - SLOPE * deviation_it)`, where the offset holds the level, the sector and the
shock. The same hazard drives what firms do, through health, and whether they default.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.special import expit, logit

from tradeline.world.sectors import trait
from tradeline.world.settings import Calendar, Flags, Floats, Ints

PERSISTENCE = 0.93
LEVEL_SD = 0.7
DEVIATION_SD = float(np.sqrt(1 - LEVEL_SD**2))
STEP_SD = DEVIATION_SD * float(np.sqrt(1 - PERSISTENCE**2))
SLOPE = 1.6
HORIZON_MONTHS = 12

SHOCK_HEALTH = 0.8
SHOCK_HAZARD = 0.5

_DEVIATIONS: Floats = np.linspace(-5.0, 4.0, 181)
_OFFSETS: Floats = np.linspace(-16.0, 6.0, 221)


@dataclass(frozen=True, slots=True)
class Health:
    """The health of every firm: `level` (firms) and `deviation` (firms, months)."""

    level: Floats
    deviation: Floats

    @property
    def total(self) -> Floats:
        """Health by firm and month."""
        return np.asarray(self.level[:, None] + self.deviation)


def simulate_health(shocked: Flags, months: Calendar, rng: np.random.Generator) -> Health:
    """The history of health; firms that are `shocked` fall in the shock's month and recover."""
    firms = len(shocked)
    level = rng.normal(0, LEVEL_SD, firms)
    deviation = np.empty((firms, months.months))
    state = rng.normal(0, DEVIATION_SD, firms)
    for month in range(months.months):
        state = PERSISTENCE * state + rng.normal(0, STEP_SD, firms)
        state = state - SHOCK_HEALTH * (shocked & (month == months.shock_month))
        deviation[:, month] = state
    return Health(level, deviation)


def hazard_offset(base: float, level: Floats, sector: Ints, shocked: Flags) -> Floats:
    """What stays the same in each firm's monthly log odds of default (firms)."""
    return np.asarray(base - SLOPE * level + trait("risk")[sector] + SHOCK_HAZARD * shocked)


def draw_default_months(offset: Floats, deviation: Floats, rng: np.random.Generator) -> Ints:
    """The month of default (firms), 1 to 12 after the as-of date, 0 for none."""
    month_of_default = np.zeros(len(offset), dtype=np.int64)
    state = deviation
    for month in range(1, HORIZON_MONTHS + 1):
        state = PERSISTENCE * state + rng.normal(0, STEP_SD, len(offset))
        falls = rng.random(len(offset)) < expit(offset - SLOPE * state)
        month_of_default[falls & (month_of_default == 0)] = month
    return month_of_default


@cache
def _survival() -> Floats:
    """Chance to survive the horizon (offsets, deviations), by backward recursion.

    The next month's noise is integrated by Gauss-Hermite quadrature with 15 nodes.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(15)
    stays = 1 - expit(_OFFSETS[:, None] - SLOPE * _DEVIATIONS[None, :])
    survival = np.ones_like(stays)
    for _ in range(HORIZON_MONTHS):
        later = stays * survival
        survival = np.zeros_like(stays)
        for node, weight in zip(nodes, weights / weights.sum(), strict=True):
            low, part = _place(PERSISTENCE * _DEVIATIONS + STEP_SD * node, _DEVIATIONS)
            survival += weight * (later[:, low] * (1 - part) + later[:, low + 1] * part)
    return survival


def _place(values: Floats, grid: Floats) -> tuple[Ints, Floats]:
    """The cell of an even grid in which each value lies, and how far into it (0 to 1)."""
    position = np.clip((values - grid[0]) / (grid[1] - grid[0]), 0, len(grid) - 1)
    low = np.minimum(position.astype(np.int64), len(grid) - 2)
    return low, position - low


def true_pd(offset: Floats, deviation: Floats) -> Floats:
    """The probability of default within the horizon (firms), given the state at the as-of date."""
    table = np.log(np.maximum(1 - _survival(), 1e-12))
    row, down = _place(offset, _OFFSETS)
    column, across = _place(deviation, _DEVIATIONS)
    upper = table[row, column] * (1 - across) + table[row, column + 1] * across
    lower = table[row + 1, column] * (1 - across) + table[row + 1, column + 1] * across
    return np.asarray(np.exp(upper * (1 - down) + lower * down))


@cache
def base_offset(default_rate: float) -> float:
    """The base of the hazard's offset at which the mean PD, without shock, is `default_rate`.

    The mean is taken over the stationary law and the sectors' shares, not over one sample.
    """
    nodes, weights = np.polynomial.hermite_e.hermegauss(21)
    level, deviation, risk = np.meshgrid(
        nodes * LEVEL_SD, nodes * DEVIATION_SD, trait("risk"), indexing="ij"
    )
    share = weights[:, None, None] * weights[None, :, None] * trait("share")[None, None, :]
    share = (share / share.sum()).ravel()
    rest = (risk - SLOPE * level).ravel()
    low, high = float(logit(default_rate)) - 8, float(logit(default_rate)) + 4
    for _ in range(50):
        middle = (low + high) / 2
        too_high = (share * true_pd(middle + rest, deviation.ravel())).sum() > default_rate
        low, high = (low, middle) if too_high else (middle, high)
    return (low + high) / 2
