"""Two models on the same firms: AUCs with their difference, and whom a change would swap.

Intervals are those of DeLong, DeLong and Clarke-Pearson (1988), found from mid-ranks as Sun and Xu
(2014) do: as quick on a million firms as sorting them. Two models that judge the same firms err
together, so their difference is surer than either AUC.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit, ndtri
from scipy.stats import rankdata

from tradeline.kernel.findings import problem
from tradeline.risk.report.data import Interval
from tradeline.risk.validation.calibration import default_rate
from tradeline.risk.validation.resampling import LEVEL

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The AUC of the model in force and of its challenger on the same firms, and the difference.

    The difference is challenger less the one in force.
    """

    in_force: Interval
    challenger: Interval
    difference: Interval

    @property
    def verdict(self) -> str:
        """What the interval of the difference allows one to say."""
        if self.difference.low > 0:
            return "the challenger ranks better"
        if self.difference.high < 0:
            return "the challenger ranks worse"
        return "these firms do not tell which ranks better"


@dataclass(frozen=True, slots=True)
class Swapped:
    """Firms that both models approve, that neither does, and that a change would swap.

    `default_rate` is that of the firms with a known outcome, None if there are none.
    """

    name: str
    firms: int
    known: int
    default_rate: Interval | None


def auc_interval(bad: Flags, risk: Floats, level: float = LEVEL) -> Interval:
    """The AUC of a risk with its interval, within 0 to 1; `risk` is higher for riskier.

    The interval is taken on the log-odds of the AUC. Without overlap of bads and goods, or with a
    single bad or good, it has no width and claims too much. Raises InputProblem without bads or
    without goods.
    """
    found, errors = _aucs(bad, risk[None, :])
    return _bounded(float(found[0]), float(errors[0, 0]), level)


def compare_models(
    bad: Flags, in_force: Floats, challenger: Floats, level: float = LEVEL
) -> Comparison:
    """Both AUCs and their paired difference; risks are higher for riskier."""
    found, errors = _aucs(bad, np.stack([in_force, challenger]))
    one, other = (_bounded(float(found[i]), float(errors[i, i]), level) for i in (0, 1))
    apart = float(errors[0, 0] + errors[1, 1] - 2 * errors[0, 1])
    reach = float(ndtri((1 + level) / 2)) * max(apart, 0.0) ** 0.5
    gap = float(found[1] - found[0])
    return Comparison(one, other, Interval(gap, gap - reach, gap + reach))


def approve_share(pds: Floats, share: float) -> Flags:
    """Approvals of the safest firms, at most a share of them; firms of equal PD stand together."""
    firms = int(share * len(pds))
    if firms >= len(pds):
        return np.ones(len(pds), dtype=bool)
    approved: Flags = pds < np.sort(pds)[firms]
    return approved


def swap_sets(
    outcome: Floats, in_force: Flags, challenger: Flags, level: float = LEVEL
) -> tuple[Swapped, ...]:
    """Who is approved by both, only by the challenger, only by the one in force, by neither.

    `outcome` is 1 for a bad, 0 for a good and NaN where it is not known, as of those never lent to:
    for firms swapped in it usually is not, and what is known of them may mislead.
    """
    sets = (
        ("approved by both", in_force & challenger),
        ("swapped in", ~in_force & challenger),
        ("swapped out", in_force & ~challenger),
        ("approved by neither", ~in_force & ~challenger),
    )
    return tuple(_swapped(name, outcome[inside], level) for name, inside in sets)


def _swapped(name: str, outcome: Floats, level: float) -> Swapped:
    known = outcome[~np.isnan(outcome)]
    rate = default_rate(int(known.sum()), len(known), level) if len(known) else None
    return Swapped(name, len(outcome), len(known), rate)


def _aucs(bad: Flags, risks: Floats) -> tuple[Floats, Floats]:
    """AUC of each model (models x firms in) and the covariance of their errors."""
    if bad.all() or not bad.any():
        raise problem(
            "one-class",
            "outcomes",
            "An AUC needs firms that defaulted and firms that did not.",
            "Give more firms with known outcomes, or go without it.",
        )
    bads, goods = int(bad.sum()), int((~bad).sum())
    of_bads, of_goods = np.empty((len(risks), bads)), np.empty((len(risks), goods))
    for model, risk in enumerate(risks):
        rank = rankdata(risk)
        of_bads[model] = (rank[bad] - rankdata(risk[bad])) / goods
        of_goods[model] = 1 - (rank[~bad] - rankdata(risk[~bad])) / bads
    return of_bads.mean(axis=1), _covariance(of_bads) + _covariance(of_goods)


def _covariance(places: Floats) -> Floats:
    """Covariance of the means of rows; einsum, for sums of BLAS depend on its threads."""
    away = places - places.mean(axis=1, keepdims=True)
    count = places.shape[1]
    spread: Floats = np.einsum("if,jf->ij", away, away) / max(count - 1, 1) / count
    return spread


def _bounded(found: float, variance: float, level: float) -> Interval:
    if not 0 < found < 1:
        return Interval(found, found, found)
    reach = float(ndtri((1 + level) / 2)) * variance**0.5 / (found * (1 - found))
    low, high = (float(expit(logit(found) + side * reach)) for side in (-1, 1))
    return Interval(found, low, high)
