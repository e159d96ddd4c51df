"""Ratios of whole numbers as minor units, as `Rounding` does it, for many at once."""

import numpy as np

from tradeline.lending.end_of_day.portfolio import MODES, Ints
from tradeline.lending.loan.rounding import RoundingMode

HALF_EVEN, HALF_UP, UP = (
    MODES.index(mode) for mode in (RoundingMode.HALF_EVEN, RoundingMode.HALF_UP, RoundingMode.UP)
)


def rounded(numerator: Ints, denominator: Ints, mode: Ints, step: Ints) -> Ints:
    """Each ratio rounded to whole steps of minor units by the mode of its own loan."""
    per = denominator * step
    whole, rest = np.divmod(numerator, per)
    twice = 2 * rest
    is_up = (mode == UP) & (rest > 0)
    is_up |= (mode == HALF_UP) & (twice >= per)
    is_up |= (mode == HALF_EVEN) & ((twice > per) | ((twice == per) & (whole % 2 == 1)))
    return np.asarray((whole + is_up) * step, dtype=np.int64)
