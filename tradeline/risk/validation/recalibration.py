"""PDs brought to what happened, without touching anyone's rank.

Log-odds of default are shifted, or shifted and stretched (Cox 1958; Platt 1999): logit pd' = shift
+ slope x logit pd, the slope above 0. Firms keep their order, and equal PDs stay equal. Of a
scorecard nothing changes but what a score means: its points stay, its scale moves.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri

from tradeline.kernel.findings import problem
from tradeline.risk.report.data import Interval
from tradeline.risk.scoring.card import Scale
from tradeline.risk.scoring.logistic import intercept_for_rate
from tradeline.risk.validation.calibration import shift_and_slope
from tradeline.risk.validation.resampling import LEVEL

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Nearer to 0 or 1 no PD has finite log-odds that a change could move.
NEAREST = 1e-12


@dataclass(frozen=True, slots=True)
class Recalibration:
    """What moves log-odds of default: first times `slope`, then plus `shift`.

    Intervals that hold 0 and 1 say that these firms give no reason to change anything.
    """

    shift: Interval
    slope: Interval

    def pds(self, pds: Floats) -> Floats:
        """The recalibrated PDs, in the very order of the given ones, ties and all; NaN stays."""
        distinct, place = np.unique(pds, return_inverse=True)
        near = logit(np.clip(distinct, NEAREST, 1 - NEAREST))
        return _kept_apart(expit(self.shift.estimate + self.slope.estimate * near))[place]

    def scale(self, scale: Scale) -> Scale:
        """The scale on which the same scores mean the recalibrated PDs."""
        factor = scale.factor / self.slope.estimate
        offset = scale.offset + self.shift.estimate * factor
        odds = float(np.exp((scale.base_points - offset) / factor))
        return Scale(scale.base_points, odds, scale.pdo / self.slope.estimate)


def fit_shift(bad: Flags, pds: Floats, level: float = LEVEL) -> Recalibration:
    """The shift alone: the mean PD becomes the default rate of these firms (in the large)."""
    log_odds = _log_odds(bad, pds)
    shift = intercept_for_rate(log_odds, float(bad.mean()))
    rate = expit(log_odds + shift)
    error = float(np.sum(rate * (1 - rate))) ** -0.5
    return Recalibration(_around(shift, error, level), Interval(1.0, 1.0, 1.0))


def fit_shift_and_slope(bad: Flags, pds: Floats, level: float = LEVEL) -> Recalibration:
    """Shift and slope: PDs that lie too far apart are drawn together, or the reverse.

    Raises InputProblem where firms that defaulted had the lower PDs: no stretch mends a rank.
    """
    log_odds = _log_odds(bad, pds)
    if np.ptp(log_odds) == 0:
        return fit_shift(bad, pds, level)
    shift, slope = shift_and_slope(bad, log_odds)
    if slope <= 0:
        raise problem(
            "reversed-ranks",
            "calibration",
            f"Firms with higher PDs defaulted less often: the slope is {slope:.2f}.",
            "Look at the model and at the outcomes; recalibration never changes ranks.",
        )
    rate = expit(shift + slope * log_odds)
    spread = rate * (1 - rate)
    total, first, second = (float(np.sum(spread * log_odds**power)) for power in (0, 1, 2))
    determinant = total * second - first**2
    errors = (second / determinant) ** 0.5, (total / determinant) ** 0.5
    return Recalibration(_around(shift, errors[0], level), _around(slope, errors[1], level))


def _log_odds(bad: Flags, pds: Floats) -> Floats:
    if bad.all() or not bad.any():
        raise problem(
            "one-class",
            "outcomes",
            "Recalibration needs firms that defaulted and firms that did not.",
            "Give more firms with known outcomes, or keep the PDs as they are.",
        )
    near: Floats = logit(np.clip(pds, NEAREST, 1 - NEAREST))
    return near


def _around(estimate: float, error: float, level: float) -> Interval:
    reach = float(ndtri((1 + level) / 2)) * error
    return Interval(estimate, estimate - reach, estimate + reach)


def _kept_apart(rising: Floats) -> Floats:
    """Numbers in 0 to 1 that rise strictly: by a unit in the last place where rounding tied."""
    if not (np.diff(rising) <= 0).any():
        return rising
    apart = rising.copy()
    for place in range(1, len(apart)):
        apart[place] = max(apart[place], np.nextafter(apart[place - 1], 1.0))
    for place in range(len(apart) - 2, -1, -1):
        apart[place] = min(apart[place], np.nextafter(apart[place + 1], 0.0))
    return apart
