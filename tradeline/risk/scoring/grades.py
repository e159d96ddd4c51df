"""Grades A to D by PD, and what share of each group of firms is likely to default."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from tradeline.risk.parameters import read_parameters
from tradeline.risk.report.data import GroupRate, Interval

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

GRADES = ("A", "B", "C", "D")
NOT_LENT_TO = "D"
NO_GRADE = ""
# Without draws, how often each firm's fate is drawn.
FATES = 200


@dataclass(frozen=True, slots=True)
class GradeScale:
    """The PD below which grades A, B and C end; what lies above the last is D."""

    below: tuple[float, float, float]


def read_grade_scale(on: date) -> GradeScale:
    """The scale of `parameters/grades.yaml` on a date."""
    values = read_parameters("grades", on)
    a, b, c = (float(values[f"grade_{letter}_below"].value) for letter in "abc")
    return GradeScale((a, b, c))


def grades_of(pds: Floats, scale: GradeScale) -> tuple[str, ...]:
    """The grade of each PD; empty where the PD is NaN."""
    places = np.searchsorted(np.asarray(scale.below), pds, side="right")
    return tuple(
        NO_GRADE if np.isnan(pd) else GRADES[place] for pd, place in zip(pds, places, strict=True)
    )


def deciles_of(pds: Floats) -> tuple[str, ...]:
    """The tenth of the firms in which each PD lies, `1` the safest; empty where it is NaN."""
    known = ~np.isnan(pds)
    rank = np.argsort(np.argsort(pds[known], kind="stable"), kind="stable")
    names = np.full(len(pds), "", dtype="<U2")
    names[known] = (rank * 10 // max(int(known.sum()), 1) + 1).astype(str)
    return tuple(names.tolist())


def default_rates(
    groups: Sequence[str],
    pds: Floats,
    draws: Floats,
    generator: np.random.Generator,
    *,
    rate_error: float = 0.0,
    level: float = 0.9,
) -> tuple[GroupRate, ...]:
    """The default rate that each group is likely to show, with its interval at `level`.

    `draws` (resamples x firms) carries the doubt about the model, and `rate_error`, the standard
    error of the stated default rate's log-odds, that about the rate; on top of both every firm's
    fate is drawn once for each resample. Without draws only the fates are uncertain. Groups come in
    the order of their names; firms of an empty group are left out.
    """
    worlds = _worlds(pds, draws, rate_error, generator)
    member = np.asarray(groups)
    found = []
    for name in sorted(set(groups) - {NO_GRADE}, key=lambda name: (len(name), name)):
        inside = member == name
        fates = generator.random((len(worlds), int(inside.sum()))) < worlds[:, inside]
        rates = fates.mean(axis=1)
        low, high = np.quantile(rates, [(1 - level) / 2, (1 + level) / 2])
        found.append(
            GroupRate(
                name,
                int(inside.sum()),
                Interval(float(pds[inside].mean()), float(low), float(high)),
            )
        )
    return tuple(found)


def _worlds(
    pds: Floats, draws: Floats, rate_error: float, generator: np.random.Generator
) -> Floats:
    """What each firm's PD may be (resamples x firms): spread as the draws are, about its PD.

    The draws' own level is not used. Cards of firms drawn anew differ in what they take for a sign,
    so that their mean is milder than one card: it would say that the safest firms are riskier and
    the riskiest safer than their PDs, which on simulated markets they are not.
    """
    if not len(draws):
        return np.broadcast_to(pds, (FATES, len(pds)))
    rate = generator.normal(0, rate_error, (len(draws), 1))
    worlds: Floats = expit(logit(draws) + (logit(pds) - logit(draws.mean(axis=0))) + rate)
    return worlds


def rate_error_of(outcomes: Collection[bool]) -> float:
    """The standard error of the log-odds of a default rate that is seen on firms (Woolf 1955).

    0 where not both outcomes are seen, for then nothing is learned from them.
    """
    defaults = sum(outcomes)
    sound = len(outcomes) - defaults
    return float(np.sqrt(1 / defaults + 1 / sound)) if defaults and sound else 0.0
