"""The chance of each applicant to be approved, and how far outcomes of the approved can speak.

An approved firm with the propensity e stands for 1 / e applicants (Horvitz and Thompson 1952). That
is right where e is known, as of an exploration arm, and where it is estimated from all that the
decision looked at. Of applicants that could not be approved it says nothing: there is no overlap.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.risk.scoring.cross_fit import out_of_fold_pds
from tradeline.risk.scoring.scorecard import Scorecard

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# No approved firm stands for more than this many applicants.
WEIGHT_MAX = 50.0
# Of fewer firms in effect, a figure rests on hardly any.
EFFECTIVE_MIN = 100


@dataclass(frozen=True, slots=True)
class Overlap:
    """How far the approved can stand for all applicants.

    `out_of_reach` is the share of applicants whose propensity is so small that no weight reaches
    them; `clipped` the share of approved firms whose weight was cut; `effective` the number of
    evenly weighted firms that would be as good (Kish 1965); `largest` the greatest share of one
    firm in the whole weight.
    """

    applicants: int
    approved: int
    out_of_reach: float
    clipped: float
    effective: float
    largest: float

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before believing a reweighted figure."""
        told = (
            (
                self.out_of_reach > 0,
                f"{self.out_of_reach:.0%} of applicants could hardly be approved: reweighting says "
                "nothing of them.",
            ),
            (self.clipped > 0, f"The weights of {self.clipped:.1%} of approved firms were cut."),
            (
                self.effective < EFFECTIVE_MIN,
                f"The weights are as good as {self.effective:.0f} firms.",
            ),
        )
        return tuple(message for holds, message in told if holds)


def estimate_propensities(X: Floats, approved: Flags, generator: np.random.Generator) -> Floats:
    """The chance of approval from what the decision looked at (applicants x features), out of fold.

    A scorecard of approvals, so missing values (NaN) and bent effects are welcome. Whatever else
    moved the decision and also tells of default, such as a talk with the owner, is not repaired.
    """
    return 1 - out_of_fold_pds(Scorecard(), X, ~approved, generator)


def weights_of(approved: Flags, propensity: Floats, *, weight_max: float = WEIGHT_MAX) -> Floats:
    """The applicants that each approved firm stands for, at most `weight_max`; 0 for the others.

    Raises InputProblem for a propensity outside 0 to 1, or of 0 for an approved firm.
    """
    _check(approved, propensity)
    weights = np.zeros(len(approved))
    weights[approved] = np.minimum(1 / propensity[approved], weight_max)
    return weights


def overlap_of(approved: Flags, propensity: Floats, *, weight_max: float = WEIGHT_MAX) -> Overlap:
    """How far the approved can stand for all, from their propensities."""
    weights = weights_of(approved, propensity, weight_max=weight_max)
    given, total = weights[approved], weights.sum()
    return Overlap(
        len(approved),
        int(approved.sum()),
        float(np.mean(propensity < 1 / weight_max)),
        float(np.mean(1 / propensity[approved] > weight_max)) if approved.any() else 0.0,
        float(total**2 / np.sum(given**2)) if total else 0.0,
        float(given.max() / total) if total else 0.0,
    )


def drawn_by_weight(weights: Floats, generator: np.random.Generator) -> NDArray[np.int64]:
    """Rows drawn in proportion to weights, as many as have one, for a model that takes no weights.

    Systematic draws: each row stands in the result as often as its share, rounded up or down. Give
    the rows to `fit` as groups too, so that copies of a firm share a fold.
    """
    size = int((weights > 0).sum())
    marks = (np.arange(size) + generator.random()) / size
    edges = np.cumsum(weights) / weights.sum()
    return np.minimum(np.searchsorted(edges, marks, side="right"), len(weights) - 1)


def _check(approved: Flags, propensity: Floats) -> None:
    rules = (
        (bool(((propensity >= 0) & (propensity <= 1)).all()), "A propensity is not within 0 to 1."),
        (bool((propensity[approved] > 0).all()), "An approved firm has the propensity 0."),
    )
    broken = [message for holds, message in rules if not holds]
    if broken:
        raise InputProblem(
            Finding(
                "bad-propensity",
                Severity.ERROR,
                "propensities",
                message,
                "Take those of the decision records, or estimate them.",
            )
            for message in broken
        )
