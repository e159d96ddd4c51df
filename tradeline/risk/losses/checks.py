"""Losses that were predicted beside those that came, out of time and with intervals."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from tradeline.risk.losses.ead import Drawings, EadModel
from tradeline.risk.losses.lgd import LgdModel
from tradeline.risk.losses.workouts import Workouts
from tradeline.risk.report.data import Interval
from tradeline.risk.validation.resampling import LEVEL

Floats = NDArray[np.float64]

LOANS_MIN = 10


@dataclass(frozen=True, slots=True)
class LossCheck:
    """One segment: the mean that was predicted and the mean that came, None if too few loans."""

    segment: str
    loans: int
    predicted: float
    realised: Interval | None

    @property
    def verdict(self) -> str:
        """What the interval allows one to say."""
        if self.realised is None:
            return f"too few to tell: {LOANS_MIN} loans are needed"
        if self.predicted < self.realised.low:
            return "more was lost than predicted"
        if self.predicted > self.realised.high:
            return "less was lost than predicted"
        return "as predicted"


def check_lgd(model: LgdModel, later: Workouts, level: float = LEVEL) -> tuple[LossCheck, ...]:
    """What was left of later defaults beside the curve of the model, at the age of each.

    Workouts that go on are compared at the months that were seen of them, so that none needs to be
    guessed to its end; such as were not seen for a month are left out. Segments come in the order
    of names. Raises InputProblem if the model does not know a segment.
    """
    aged = later.seen > 0
    months = np.minimum(later.seen[aged], len(model.overall.left))
    segments = later.segments[aged]
    curves = {name: np.array(model.of(name).left) for name in np.unique(segments).tolist()}
    predicted = np.array(
        [curves[name][month - 1] for name, month in zip(segments.tolist(), months, strict=True)]
    )
    back = np.cumsum(later.recovered[aged], axis=1)
    realised = 1 - back[np.arange(len(months)), months - 1]
    return _checks(segments, predicted, realised, level)


def check_ead(model: EadModel, later: Drawings, level: float = LEVEL) -> tuple[LossCheck, ...]:
    """Exposures at later defaults beside the model's, in shares of the limit."""
    predicted = np.array(
        [
            model.exposure_share(name, drawn)
            for name, drawn in zip(later.segments.tolist(), later.drawn.tolist(), strict=True)
        ]
    )
    return _checks(later.segments, predicted, later.exposure, level)


def _checks(
    segments: NDArray[np.str_], predicted: Floats, realised: Floats, level: float
) -> tuple[LossCheck, ...]:
    names: Sequence[str] = np.unique(segments).tolist()
    rows = [segments == name for name in names]
    return tuple(
        LossCheck(
            name, int(inside.sum()), float(predicted[inside].mean()), _mean(realised[inside], level)
        )
        for name, inside in zip(names, rows, strict=True)
    )


def _mean(values: Floats, level: float) -> Interval | None:
    """A mean with Student's interval; None of too few values."""
    if len(values) < LOANS_MIN:
        return None
    middle = float(values.mean())
    error = float(values.std(ddof=1)) / len(values) ** 0.5
    reach = float(stdtrit(len(values) - 1, (1 + level) / 2)) * error
    return Interval(middle, middle - reach, middle + reach)
