"""A model by group, a month or a segment: how it ranks there, and whether its PDs are right."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.report.data import Interval
from tradeline.risk.validation.calibration import default_rate
from tradeline.risk.validation.comparison import auc_interval
from tradeline.risk.validation.resampling import LEVEL

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FIRMS_MIN = 30
# With fewer bads or fewer goods an AUC says next to nothing.
CLASS_MIN = 10


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A group's mean PD beside its default rate, and its AUC; None where it is too small."""

    group: str
    firms: int
    defaults: int
    predicted: float
    observed: Interval | None
    auc: Interval | None

    @property
    def verdict(self) -> str:
        """Whether the mean PD agrees with what happened, as far as the group can tell."""
        if self.observed is None:
            return f"too small to tell: {FIRMS_MIN} firms are needed"
        if self.predicted < self.observed.low:
            return "more defaults than predicted"
        if self.predicted > self.observed.high:
            return "fewer defaults than predicted"
        return "as predicted"


def figures_by_group(
    groups: Sequence[str], bad: Flags, pds: Floats, level: float = LEVEL
) -> tuple[GroupFigures, ...]:
    """Each group in the order of names; all firms have a known outcome.

    Intervals are each at `level`: of ten groups at 90 %, one is off by chance in the mean.
    """
    member = np.asarray(groups)
    names = np.unique(member).tolist()
    return tuple(
        figures_of_group(name, bad[member == name], pds[member == name], level) for name in names
    )


def figures_of_group(name: str, bad: Flags, pds: Floats, level: float = LEVEL) -> GroupFigures:
    """The figures of one group's firms."""
    firms, defaults = len(bad), int(bad.sum())
    ranks = min(defaults, firms - defaults) >= CLASS_MIN
    return GroupFigures(
        name,
        firms,
        defaults,
        float(pds.mean()) if firms else float("nan"),
        default_rate(defaults, firms, level) if firms >= FIRMS_MIN else None,
        auc_interval(bad, pds, level) if ranks else None,
    )
