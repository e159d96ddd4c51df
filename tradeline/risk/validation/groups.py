"""A model by group, a month or a segment: how it ranks there, and whether its PDs are right."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.report.data import Interval
from tradeline.risk.validation.calibration import default_rate
from tradeline.risk.validation.comparison import auc_interval
from tradeline.risk.validation.discrimination import gini_of, ks_per_draw
from tradeline.risk.validation.figures import brier_per_draw, log_loss_per_draw
from tradeline.risk.validation.resampling import LEVEL, draw_counts, interval_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FIRMS_MIN = 30
# With fewer bads or fewer goods an AUC says next to nothing.
CLASS_MIN = 10
MEASURES = {
    "KS": ks_per_draw,
    "Brier score": brier_per_draw,
    "Log loss": log_loss_per_draw,
}
RESAMPLES = 200


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """A group's mean PD beside its default rate, and its AUC; None where it is too small.

    `measures` are Gini, KS, Brier score and log loss where they were asked for and it has an AUC.
    """

    group: str
    firms: int
    defaults: int
    predicted: float
    observed: Interval | None
    auc: Interval | None
    measures: Mapping[str, Interval] = field(default_factory=dict)

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
    groups: Sequence[str],
    bad: Flags,
    pds: Floats,
    generator: np.random.Generator,
    *,
    resamples: int = RESAMPLES,
    level: float = LEVEL,
) -> tuple[GroupFigures, ...]:
    """Each group in the order of names, its measures too; all firms have a known outcome.

    Intervals are each at `level`: of ten groups at 90 %, one is off by chance in the mean.
    """
    member = np.asarray(groups)
    names = np.unique(member).tolist()
    return tuple(
        _measured(name, bad[member == name], pds[member == name], generator, resamples, level)
        for name in names
    )


def _measured(
    name: str,
    bad: Flags,
    pds: Floats,
    generator: np.random.Generator,
    resamples: int,
    level: float,
) -> GroupFigures:
    """The figures of one group with its measures, whose intervals draw its firms anew."""
    found = figures_of_group(name, bad, pds, level)
    if found.auc is None:
        return found
    counts = draw_counts(bad, generator, resamples=resamples)
    drawn = {
        name: interval_of(measure(bad, pds, counts), level) for name, measure in MEASURES.items()
    }
    return replace(found, measures={"Gini": gini_of(found.auc), **drawn})


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
