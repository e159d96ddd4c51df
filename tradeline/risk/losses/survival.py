"""What became of loans by month, without any model: the yardstick of PDs by month."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from tradeline.risk.report.data import Interval
from tradeline.risk.validation.calibration import default_rate
from tradeline.risk.validation.resampling import LEVEL

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class MonthCheck:
    """One group of loans by the end of a month: the PD that was predicted and what was seen."""

    group: str
    month: int
    loans: int
    predicted: float
    observed: Interval

    @property
    def agrees(self) -> bool:
        """Whether the predicted PD lies in the interval of the observed one."""
        return self.observed.low <= self.predicted <= self.observed.high


def observed_cumulative(
    months: Ints, defaulted: Flags, horizon_months: int, level: float = LEVEL
) -> tuple[Interval, ...]:
    """Share defaulted by the end of each month after Kaplan and Meier (1958).

    Loans that were no longer seen count as at risk until then. Intervals are Greenwood's (1926) on
    the log of the cumulative hazard, so that they stay within 0 to 1; before the first default, and
    where nobody survived, that of a share of the loans that were at risk in the month.
    """
    at_risk = np.array([(months >= month).sum() for month in range(1, horizon_months + 1)])
    fell = np.bincount(months[defaulted], minlength=horizon_months + 1)[1 : horizon_months + 1]
    seen = np.maximum(at_risk, 1)
    survival = np.cumprod(1 - fell / seen)
    left = np.maximum(seen * (seen - fell), 1)
    error = np.sqrt(np.cumsum(fell / left))
    found = zip(survival.tolist(), error.tolist(), seen.tolist(), strict=True)
    return tuple(_interval(stays, sigma, count, level) for stays, sigma, count in found)


def check_months(
    predicted: Floats,
    months: Ints,
    defaulted: Flags,
    groups: Sequence[str],
    at: Sequence[int] = (3, 6, 12, 18, 24),
    level: float = LEVEL,
) -> tuple[MonthCheck, ...]:
    """Predicted beside observed PDs, by group and month; `predicted` is loans x months.

    Groups come in the order of names. Use loans that the model did not learn from. Months beyond
    what was predicted, or into which no loan of the group was seen, are left out.
    """
    member = np.asarray(groups)
    found = []
    for name in np.unique(member).tolist():
        inside = member == name
        last = min(predicted.shape[1], int(months[inside].max()))
        observed = observed_cumulative(months[inside], defaulted[inside], last, level)
        for month in (month for month in at if month <= last):
            mean = float(predicted[inside, month - 1].mean())
            found.append(MonthCheck(name, month, int(inside.sum()), mean, observed[month - 1]))
    return tuple(found)


def _interval(stays: float, sigma: float, at_risk: int, level: float) -> Interval:
    if not 0 < stays < 1:
        return default_rate(0 if stays else at_risk, at_risk, level)
    reach = float(ndtri((1 + level) / 2)) * sigma / -np.log(stays)
    low, high = (1 - stays ** float(np.exp(side * reach)) for side in (-1, 1))
    return Interval(1 - stays, low, high)
