"""The expert scorecard: stated weights on quantile bins, for a portfolio without outcomes."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradeline.kernel.findings import problem
from tradeline.risk.scoring.binning import Binning, assign_bins
from tradeline.risk.scoring.card import Card, CardKind, Scale, make_card
from tradeline.risk.scoring.logistic import intercept_for_rate, log_odds_of

Floats = NDArray[np.float64]

QUANTILE_BINS = 5


def expert_scorecard(
    X: ArrayLike,
    names: Sequence[str],
    directions: Sequence[int],
    weights: Sequence[float],
    base_rate: float,
    scale: Scale | None = None,
) -> Card:
    """A card from stated weights, whose mean PD over the population X is `base_rate`.

    X is firms x features. Each feature is cut into five bins of equal population; its evidence is
    the bin's mean rank, -1 (safest) to +1 (riskiest) in the declared direction (+1 or -1), and
    `weights` are log-odds per unit of it. A missing value counts as the riskiest rank.
    Raises InputProblem where directions or weights cannot be used.
    """
    matrix = np.asarray(X, dtype=np.float64)
    _check(names, directions, weights, base_rate)
    parts = [
        (name, quantile_binning(column, direction), weight)
        for name, column, direction, weight in zip(
            names, matrix.T, directions, weights, strict=True
        )
    ]
    log_odds = np.zeros(len(matrix))
    for (_, binning, weight), column in zip(parts, matrix.T, strict=True):
        log_odds += weight * np.asarray(binning.woe)[assign_bins(binning.edges, column)]
    intercept = intercept_for_rate(log_odds, base_rate) if len(matrix) else log_odds_of(base_rate)
    return make_card(CardKind.EXPERT, scale or Scale(), intercept, parts, base_rate, None)


def quantile_binning(column: Floats, direction: int) -> Binning:
    """Bins of about equal population; `woe` is the mean rank in the declared direction."""
    known = np.sort(column[~np.isnan(column)])
    shares = np.arange(1, QUANTILE_BINS) / QUANTILE_BINS
    marks = known[(shares * len(known)).astype(np.int64)] if len(known) else known
    edges = tuple(np.unique(marks[marks < known[-1]]).tolist()) if len(known) else ()
    counts = np.bincount(assign_bins(edges, column), minlength=len(edges) + 2)
    inside = counts[:-1]
    rank = 2 * (np.cumsum(inside) - inside / 2) / max(int(inside.sum()), 1) - 1
    evidence = direction * rank
    empty = (0.0,) * len(counts)
    return Binning(
        edges=edges,
        counts=tuple(counts.tolist()),
        goods=empty,
        bads=empty,
        woe=(*evidence.tolist(), float(evidence.max())),
        direction=direction,
        information_value=0.0,
    )


def _check(
    names: Sequence[str], directions: Sequence[int], weights: Sequence[float], base_rate: float
) -> None:
    for name, direction, weight in zip(names, directions, weights, strict=True):
        if direction not in (-1, 1) or not weight >= 0:
            raise problem(
                "expert-weight",
                name,
                f"An expert card cannot use direction {direction} and weight {weight:g}.",
                "State a direction of 1 or -1 and a weight of at least 0.",
            )
    if not 0 < base_rate < 1:
        raise problem(
            "base-rate",
            "portfolio",
            f"A default rate of {base_rate:g} is not possible.",
            "State a rate above 0 and below 1, such as 0.03.",
        )
