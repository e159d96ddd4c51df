"""Figures of a model for all applicants, from outcomes of the approved.

Four ways to say what the others would have done:

- *approved only* (naive): as if they did not exist. Wrong wherever approvals went by risk.
- *reweighted*: an approved firm stands for 1 / propensity applicants. Right where propensities are,
  and silent on firms that could not be approved.
- *Bayesian* (Kozodoi, Lessmann and others 2024, arXiv 2407.13009): outcomes of the others are drawn
  from prior PDs. Speaks of all; as right as the prior, which must not be the model that is judged.
  The estimate takes the chances themselves, the mean of many draws; its interval draws.
- *combined*: the prior for all, mended by what became of the approved, who count 1 / propensity
  (doubly robust, Robins, Rotnitzky and Zhao 1994): right on average where either of both is.

Each gives every firm a weight and a chance of being bad; all figures follow from these two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.risk.report.data import Interval
from tradeline.risk.selection.propensity import WEIGHT_MAX, weights_of
from tradeline.risk.validation.groups import CLASS_MIN
from tradeline.risk.validation.resampling import LEVEL, interval_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

RESAMPLES = 200


class Way(StrEnum):
    """How firms without an outcome count."""

    APPROVED_ONLY = "approved only"
    REWEIGHTED = "reweighted"
    BAYESIAN = "Bayesian"
    COMBINED = "combined"


@dataclass(frozen=True, slots=True)
class Lending:
    """What the model would do and what comes of it, as shares of the amount lent.

    The safest `approved_share` of applicants is approved; a good earns `earned`, a bad loses
    `lost`.
    """

    approved_share: float
    earned: float
    lost: float


@dataclass(frozen=True, slots=True, eq=False)
class Applicants:
    """Applicants with the PDs of the model that is judged, and what is known of each.

    `outcome` is 1 for a bad and 0 for a good; of firms that were not approved it is not looked at.
    `propensity` is the chance to be approved, `prior` a PD that another model gives.
    """

    pds: Floats
    approved: Flags
    outcome: Floats
    propensity: Floats
    prior: Floats

    def __post_init__(self) -> None:
        """Raise InputProblem that lists what does not fit together."""
        known, sizes = self.outcome[self.approved], {len(self.pds), len(self.approved)}
        sizes |= {len(self.outcome), len(self.propensity), len(self.prior)}
        shares = all(bool(((p >= 0) & (p <= 1)).all()) for p in (self.pds, self.prior))
        rules = (
            (len(sizes) == 1, "The columns are not of the same applicants.", "Mend the columns."),
            (
                bool(np.isin(known, (0, 1)).all()),
                "An approved firm has no outcome yet.",
                "Leave out firms whose time has not run.",
            ),
            (
                min(np.sum(known == 1), np.sum(known == 0)) >= CLASS_MIN,
                f"Fewer than {CLASS_MIN} approved firms defaulted, or fewer did not.",
                "Take a longer period.",
            ),
            (shares, "A PD or a prior is not within 0 to 1.", "Mend the column."),
        )
        broken = [
            Finding("bad-applicants", Severity.ERROR, "applicants", message, remedy)
            for holds, message, remedy in rules
            if not holds
        ]
        if broken:
            raise InputProblem(broken)


def evaluate(
    applicants: Applicants,
    way: Way,
    lending: Lending,
    generator: np.random.Generator,
    *,
    level: float = LEVEL,
    weight_max: float = WEIGHT_MAX,
    resamples: int = RESAMPLES,
) -> Mapping[str, Interval]:
    """AUC, Brier score, default rate, default rate of whom the model approves, and profit.

    Profit is a share of what all applicants ask for. Intervals come from applicants drawn anew, and
    the Bayesian way draws outcomes from the prior each time; doubt about the prior and about
    propensities themselves is not in them.
    """
    weight, bad = _counted(applicants, way, weight_max)
    ranked = _Ranked.of(applicants.pds, lending)
    found = [ranked.figures(weight, bad)]
    unknown = ~applicants.approved & (way is Way.BAYESIAN)
    for _ in range(resamples):
        times = np.bincount(generator.integers(0, len(bad), len(bad)), minlength=len(bad))
        fate = np.where(unknown, generator.random(len(bad)) < bad, bad)
        found.append(ranked.figures(weight * times, fate))
    columns = {name: np.array([figures[name] for figures in found]) for name in found[0]}
    return {name: interval_of(values, level) for name, values in columns.items()}


def figures_of(pds: Floats, weight: Floats, bad: Floats, lending: Lending) -> Mapping[str, float]:
    """The same figures of firms with weights and chances of being bad, without intervals."""
    return _Ranked.of(pds, lending).figures(weight, bad)


def _counted(applicants: Applicants, way: Way, weight_max: float) -> tuple[Floats, Floats]:
    """Weight and chance of being bad of each firm; the combined way may leave 0 to 1."""
    a, everyone = applicants, np.ones(len(applicants.pds))
    known = np.where(a.approved, a.outcome, a.prior)
    if way is Way.APPROVED_ONLY:
        return a.approved.astype(np.float64), known
    if way is Way.BAYESIAN:
        return everyone, known
    weights = weights_of(a.approved, a.propensity, weight_max=weight_max)
    if way is Way.REWEIGHTED:
        return weights, known
    return everyone, a.prior + weights * (known - a.prior)


@dataclass(frozen=True, slots=True, eq=False)
class _Ranked:
    """Firms in the order of PD, from the safest; runs of equal PDs begin at `starts`."""

    pds: Floats
    order: Ints
    starts: Ints
    lending: Lending

    @staticmethod
    def of(pds: Floats, lending: Lending) -> "_Ranked":
        order = np.argsort(pds, kind="stable")
        ranked = pds[order]
        starts = np.flatnonzero(np.append(True, np.diff(ranked) != 0))
        return _Ranked(ranked, order, starts, lending)

    def figures(self, weight: Floats, bad: Floats) -> dict[str, float]:
        """All figures of firms (in their given order) with weights and chances of being bad."""
        w, q = weight[self.order], bad[self.order]
        total = w.sum()
        # A firm that straddles the cut counts in part.
        passed = np.cumsum(w) - w
        part = np.clip((self.lending.approved_share * total - passed) / np.maximum(w, 1e-300), 0, 1)
        lent = np.where(w > 0, w * part, 0.0)
        lost = float(np.sum(lent * q))
        earned = float(np.sum(lent * (1 - q)))
        gain = self.lending.earned * earned - self.lending.lost * lost
        brier = q * (1 - self.pds) ** 2 + (1 - q) * self.pds**2
        return {
            "AUC": self._auc(w * q, w * (1 - q)),
            "Brier score": float(np.sum(w * brier) / total),
            "Default rate": float(np.sum(w * q) / total),
            "Default rate of approved": lost / (lost + earned),
            "Profit": gain / float(total),
        }

    def _auc(self, bads: Floats, goods: Floats) -> float:
        """The chance that a bad has the higher PD than a good, a tie counting half."""
        b, g = (np.add.reduceat(part, self.starts) for part in (bads, goods))
        below = np.cumsum(g) - g
        return float(np.sum(b * (below + g / 2)) / (b.sum() * g.sum()))
