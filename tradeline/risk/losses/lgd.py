"""Loss given default from recoveries: a curve of what is left, by month after default.

Workouts that still go on are not left out, for short ones would count too much. Month by month, the
share of what was left that came back is measured on all defaults that were seen through that month;
what is left at the end is the product of the shares that did not come back. That is the mortality
of Altman (1989) and the estimator of Kaplan and Meier (1958), for money. It is right if defaults
that are young today will go as the older ones did.

Of defaults seen to the end, the LGD is the plain mean, each default counting once (not each unit of
money). A segment is pulled towards all by 10 imagined defaults that went as all did.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import problem
from tradeline.risk.losses.workouts import Workouts
from tradeline.risk.parameters import read_parameters
from tradeline.risk.report.data import Interval
from tradeline.risk.validation.resampling import LEVEL, interval_of

Floats = NDArray[np.float64]

IMAGINED_DEFAULTS = 10.0
# A month that fewer defaults were seen through ends the curve: nothing more is taken to come.
SEEN_MIN = 10
RESAMPLES = 200
ALL = "all"


@dataclass(frozen=True, slots=True)
class LgdTerms:
    """Months after default that recoveries count for, and what a downturn adds to the LGD."""

    workout_months: int
    downturn_margin: float


@dataclass(frozen=True, slots=True)
class SegmentLgd:
    """One segment: its LGD, and the share of the exposure left after each month (month 1 first)."""

    segment: str
    defaults: int
    open_workouts: int
    lgd: Interval
    left: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class LgdModel:
    """LGD of each segment in the order of names, and of all together.

    The mean LGD lies in 0 to 1; the one for a downturn adds the stated margin.
    """

    known_at: str
    downturn_margin: float
    segments: tuple[SegmentLgd, ...]
    overall: SegmentLgd

    def of(self, segment: str) -> SegmentLgd:
        """A segment by its name, or `all`; InputProblem if no default of it was seen."""
        for found in (*self.segments, self.overall):
            if found.segment == segment:
                return found
        raise problem(
            "unknown-segment",
            "LGD",
            f"No default of the segment '{segment}' was seen.",
            f"Segments are {', '.join(found.segment for found in self.segments)}.",
        )

    def lgd(self, segment: str) -> float:
        """The mean share of the exposure that a default loses, 0 to 1."""
        return min(max(self.of(segment).lgd.estimate, 0.0), 1.0)

    def downturn_lgd(self, segment: str) -> float:
        """The LGD for a downturn: the mean and the stated margin, at most 1."""
        return min(self.lgd(segment) + self.downturn_margin, 1.0)

    def lgd_of_open(self, segment: str, months: int, left: float) -> float:
        """The LGD of a default that is `months` old, the share `left` of which is not yet back."""
        curve = (1.0, *self.of(segment).left)
        to_come = curve[-1] / curve[min(months, len(curve) - 1)]
        return min(max(left * to_come, 0.0), 1.0)


def read_lgd_terms(on: date) -> LgdTerms:
    """The terms of `parameters/losses.yaml` on a date."""
    values = read_parameters("losses", on)
    return LgdTerms(int(values["workout_months"].value), float(values["downturn_margin"].value))


def fit_lgd(
    workouts: Workouts,
    known_at: date,
    downturn_margin: float,
    generator: np.random.Generator,
    *,
    level: float = LEVEL,
) -> LgdModel:
    """The LGD of each segment, its interval from defaults drawn anew.

    Intervals hold the chance of which defaults were seen, not that of another economy. Raises
    InputProblem where fewer than 10 defaults were seen for a month.
    """
    months = int((workouts.is_seen.sum(axis=0) >= SEEN_MIN).sum())
    if not months:
        raise problem(
            "few-defaults",
            "defaults",
            f"Of {len(workouts)} defaults fewer than {SEEN_MIN} were seen for a month.",
            "Give more defaults, or state a loss given default.",
        )
    names, place = np.unique(workouts.segments, return_inverse=True)
    member = np.eye(len(names))[place]
    draws = _weights(len(workouts), generator)
    curves = np.stack([_curves(workouts, member * w[:, None], w, months) for w in draws])
    # From a share lost to the curve of the estimate; draw 0 is the sample itself.
    left = np.cumprod(1 - curves, axis=2, dtype=np.float64)
    whole = [ALL, *names.tolist()]
    found = tuple(_segment(name, workouts, left[:, row], level) for row, name in enumerate(whole))
    return LgdModel(known_at.isoformat(), downturn_margin, found[1:], found[0])


def _weights(defaults: int, generator: np.random.Generator) -> Floats:
    """How often each default counts: once each, then as drawn anew (draws x defaults)."""
    even = np.full(defaults, 1 / defaults)
    drawn = generator.multinomial(defaults, even, size=RESAMPLES)
    return np.vstack([np.ones(defaults), drawn]).astype(np.float64)


def _curves(workouts: Workouts, member: Floats, weights: Floats, months: int) -> Floats:
    """The share of what was left that came back in each month: of all, then of each segment."""
    seen = workouts.is_seen[:, :months]
    came = np.where(seen, workouts.recovered[:, :months], 0.0)
    before = np.hstack([np.zeros((len(came), 1)), np.cumsum(came, axis=1)[:, :-1]])
    at_stake = np.where(seen, 1 - before, 0.0)
    total = np.einsum("d,dm->m", weights, at_stake)
    overall = np.einsum("d,dm->m", weights, came) / np.where(total > 0, total, 1.0)
    left = np.append(1.0, np.cumprod(1 - overall)[:-1])
    imagined = IMAGINED_DEFAULTS * left
    back = np.einsum("ds,dm->sm", member, came) + imagined * overall
    stake = np.einsum("ds,dm->sm", member, at_stake) + imagined
    return np.vstack([overall, back / np.where(stake > 0, stake, 1.0)])


def _segment(name: str, workouts: Workouts, left: Floats, level: float) -> SegmentLgd:
    inside = workouts.segments == name if name != ALL else np.ones(len(workouts), dtype=bool)
    return SegmentLgd(
        name,
        int(inside.sum()),
        int((inside & ~workouts.ended & (workouts.seen < workouts.months)).sum()),
        interval_of(left[:, -1], level),
        tuple(left[0].tolist()),
    )
