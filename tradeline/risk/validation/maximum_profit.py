"""What a ranking is worth in money: the expected maximum profit (EMP) of refusing the riskiest.

Verbraken, Bravo, Weber and Baesens (2014), European Journal of Operational Research 238(2).
Compared with lending to everybody, refusing a bad saves the share of the exposure that it would
have lost, and refusing a good forgoes what it would have earned. The share lost is known only by
its law: nothing with chance `none_lost`, all with chance `all_lost`, else evenly between. For each
share the best cut-off is taken; EMP is the mean of those profits, as a share of what all applicants
ask for.

The best cut-offs are the corners of the convex hull of the ROC curve: the mean has a closed form.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.risk.parameters import read_parameters
from tradeline.risk.validation.resampling import Counts

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class ProfitTerms:
    """The law of the share that a default loses, and what a good loan earns of the amount lent."""

    none_lost: float
    all_lost: float
    earned: float

    def __post_init__(self) -> None:
        """Raise `InputProblem` that lists every term that makes no sense."""
        shares = min(self.none_lost, self.all_lost) >= 0 and self.none_lost + self.all_lost <= 1
        rules = (
            (shares, "none_lost and all_lost must be shares that add up to at most 1."),
            (self.earned > 0, "earned must be above 0."),
        )
        broken = [message for holds, message in rules if not holds]
        if broken:
            raise InputProblem(
                Finding(
                    "bad-term", Severity.ERROR, "profit measure", message, "Mend the parameter."
                )
                for message in broken
            )


@dataclass(frozen=True, slots=True)
class MaximumProfit:
    """Expected maximum profit as a share of what is asked for, and the share of firms to refuse."""

    profit: float
    refused: float


def read_profit_terms(on: date) -> ProfitTerms:
    """The terms of `parameters/validation.yaml` on a date."""
    values = read_parameters("validation", on)
    names = ("emp_none_lost", "emp_all_lost", "emp_return")
    return ProfitTerms(*(float(values[name].value) for name in names))


def maximum_profit(
    bad: Flags, risk: Floats, terms: ProfitTerms, *, base_rate: float | None = None
) -> MaximumProfit:
    """EMP of a ranking by `risk`, higher for riskier, ties kept together.

    `base_rate` is the default rate of those who ask for loans; None takes that of `bad`.
    """
    counts = np.ones((1, len(bad)), dtype=np.int32)
    return MaximumProfit(*_per_draw(bad, risk, counts, terms, base_rate)[0].tolist())


def maximum_profit_per_draw(
    bad: Flags, risk: Floats, counts: Counts, terms: ProfitTerms, *, base_rate: float | None = None
) -> Floats:
    """The EMP of each draw; `counts` (draws x firms) comes from `draw_counts`."""
    return _per_draw(bad, risk, counts, terms, base_rate)[:, 0]


def _per_draw(
    bad: Flags, risk: Floats, counts: Counts, terms: ProfitTerms, base_rate: float | None
) -> Floats:
    """Profit and share refused of each draw (draws x 2)."""
    order = np.argsort(-risk, kind="stable")
    is_bad = bad[order]
    starts = np.flatnonzero(np.append(True, np.diff(risk[order]) != 0))
    found = []
    for times in counts:
        drawn = times[order].astype(np.float64)
        bads = np.add.reduceat(drawn * is_bad, starts)
        goods = np.add.reduceat(drawn * ~is_bad, starts)
        rate = bads.sum() / drawn.sum() if base_rate is None else base_rate
        caught, refused = _hull(bads, goods)
        found.append(_expected(rate * caught, (1 - rate) * refused, terms))
    return np.array(found)


def _hull(bads: Floats, goods: Floats) -> tuple[Floats, Floats]:
    """Corners of the ROC curve's convex hull: shares of bads and of goods refused, from 0 to 1.

    Pooling neighbours until the share of bads falls from block to block gives just that hull.
    """
    firms = bads + goods
    seen = firms > 0
    pooled = isotonic_regression(bads[seen] / firms[seen], weights=firms[seen], increasing=False)
    ends = pooled.blocks
    caught, refused = (
        np.append(0.0, np.cumsum(part[seen]))[ends] / part.sum() for part in (bads, goods)
    )
    return caught, refused


def _expected(caught: Floats, refused: Floats, terms: ProfitTerms) -> tuple[float, float]:
    """Profit and share refused from corners in shares of all firms.

    A corner is the best from the share lost at which its last firms are worth refusing up to that
    of the next corner.
    """
    with np.errstate(divide="ignore"):
        worth = terms.earned * np.diff(refused) / np.diff(caught)
    edges = np.concatenate([[0.0], np.minimum(worth, 1.0), [1.0]])
    low, high = edges[:-1], edges[1:]
    at_all = int(np.count_nonzero(worth <= 1))
    evenly = 1 - terms.none_lost - terms.all_lost
    forgone = terms.earned * refused
    profit = evenly * np.sum((high**2 - low**2) / 2 * caught - (high - low) * forgone)
    share = evenly * np.sum((high - low) * (caught + refused))
    return (
        float(profit + terms.all_lost * (caught[at_all] - forgone[at_all])),
        float(share + terms.all_lost * (caught[at_all] + refused[at_all])),
    )
