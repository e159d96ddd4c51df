"""How well PDs agree with what happened: slope, bins, grades; and PDs at another default rate."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.special import betaincinv, expit

from tradeline.risk.report.data import CalibrationBin, Interval
from tradeline.risk.validation.resampling import LEVEL, Counts, by_blocks

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

BINS_MAX = 10
BIN_FIRMS_MIN = 10
STEPS_MAX = 50
TOLERANCE = 1e-6
# Precision of the belief that the slope is 1, so weak that it shows only where bads and goods are
# separated without overlap and no slope would be the best.
SLOPE_PRECISION = 0.01


def restate(pds: Floats, from_rate: float, to_rate: float) -> Floats:
    """PDs that are calibrated to one default rate, at another; their order stays.

    The prior correction of King and Zeng (2001): odds change by the ratio of the rates' odds.
    """
    bad = pds * (to_rate / from_rate)
    good = (1 - pds) * ((1 - to_rate) / (1 - from_rate))
    restated: Floats = bad / (bad + good)
    return restated


def slope_per_draw(bad: Flags, log_odds: Floats, counts: Counts) -> Floats:
    """Slope of a logistic regression of outcomes on log-odds of default (Cox 1958), each draw.

    1 is right; below 1 the PDs lie too far apart. `counts` is draws x firms.
    """
    # From a slope of 0 the steps are safe, from that of the sample they are few.
    start = _sample_fit(bad, log_odds, counts[:1])
    return by_blocks(lambda block: _fit(bad, log_odds, block, start)[1], counts)


def shift_and_slope(bad: Flags, log_odds: Floats) -> tuple[float, float]:
    """Intercept and slope of that regression on the sample itself."""
    shift, slope = _sample_fit(bad, log_odds, np.ones((1, len(bad)), dtype=np.int32))[:, 0]
    return float(shift), float(slope)


def _sample_fit(bad: Flags, log_odds: Floats, counts: Counts) -> Floats:
    return _fit(bad, log_odds, counts, np.array([[np.log(bad.sum() / (~bad).sum())], [0.0]]))


def _fit(bad: Flags, log_odds: Floats, counts: Counts, start: Floats) -> Floats:
    """Intercept and slope (2 x draws) from a start (2 x 1).

    Newton steps, damped as Sun and Tran-Dinh (2019) prove to converge from anywhere.
    """
    ends = np.array([log_odds.min(), log_odds.max()])
    fitted = np.repeat(start, len(counts), axis=1)
    for _ in range(STEPS_MAX):
        rate = expit(fitted[0][:, None] + fitted[1][:, None] * log_odds)
        gap, spread = counts * (bad - rate), counts * rate * (1 - rate)
        total = spread.sum(axis=1)
        centre = np.einsum("df,f->d", spread, log_odds) / total
        away = log_odds - centre[:, None]
        pull = np.einsum("df,df->d", gap, away) + SLOPE_PRECISION * (1 - fitted[1])
        turn = pull / (np.einsum("df,df,df->d", spread, away, away) + SLOPE_PRECISION)
        lift = gap.sum(axis=1) / total - turn * centre
        reach = np.abs(lift[:, None] + turn[:, None] * ends).max(axis=1)
        damping = np.log1p(reach) / np.maximum(reach, np.finfo(float).tiny)
        fitted = fitted + damping * np.array([lift, turn])
        if reach.max() < TOLERANCE:
            break
    return fitted


def calibration_bins(bad: Flags, pds: Floats, level: float = LEVEL) -> tuple[CalibrationBin, ...]:
    """Firms in the order of PD, cut into bins of about equal count; equal PDs stay together.

    At most 10 bins, each of at least 10 firms where there are that many. PDs must be at the default
    rate of these firms (`restate`), else every bin is off by the difference.
    """
    distinct, place = np.unique(pds, return_inverse=True)
    bin_of_firm = _equal_count(np.bincount(place, minlength=len(distinct)))[place]
    numbers = range(int(bin_of_firm.max()) + 1)
    return tuple(_bin(bad, pds, bin_of_firm == number, level) for number in numbers)


def calibration_by_grade(
    bad: Flags, pds: Floats, grades: Sequence[str], level: float = LEVEL
) -> dict[str, CalibrationBin]:
    """The same per grade, in the order of the grades' names; a grade goes by firm."""
    given = np.asarray(grades)
    return {str(grade): _bin(bad, pds, given == grade, level) for grade in np.unique(given)}


def default_rate(defaults: int, firms: int, level: float = LEVEL) -> Interval:
    """Share of firms that defaulted, with the exact interval of Clopper and Pearson (1934)."""
    tail = (1 - level) / 2
    sound = firms - defaults
    low = float(betaincinv(defaults, sound + 1, tail)) if defaults else 0.0
    high = float(betaincinv(defaults + 1, sound, 1 - tail)) if sound else 1.0
    return Interval(defaults / firms, low, high)


def _bin(bad: Flags, pds: Floats, inside: Flags, level: float) -> CalibrationBin:
    firms, defaults = int(inside.sum()), int(bad[inside].sum())
    return CalibrationBin(
        float(pds[inside].mean()), default_rate(defaults, firms, level), firms, defaults
    )


def _equal_count(counts: Ints) -> Ints:
    """The bin of each distinct value: what is left is shared out anew after each bin."""
    bins, number, filled, left = [], 0, 0, int(counts.sum())
    remaining = max(1, min(BINS_MAX, left // BIN_FIRMS_MIN))
    size = left / remaining
    for count in counts.tolist():
        if remaining > 1 and filled >= size and left >= BIN_FIRMS_MIN:
            number, filled, remaining = number + 1, 0, remaining - 1
            size = max(BIN_FIRMS_MIN, left / remaining)
        bins.append(number)
        filled, left = filled + count, left - count
    return np.array(bins)
