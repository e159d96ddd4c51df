"""How well a risk ranks firms that defaulted above those that did not: AUC, KS, ROC curve.

`risk` is any number per firm, higher for riskier, infinite allowed and never NaN. `counts` (draws x
firms) says how often each firm stands in a draw; each figure is given per draw, exact for ties.
"""

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.report.data import Interval, RocPoint
from tradeline.risk.validation.resampling import LEVEL, Counts, by_blocks

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

ROC_POINTS = 100


def auc(bad: Flags, risk: Floats) -> float:
    """The chance that a bad has a higher risk than a good, a tie counting half."""
    return float(auc_per_draw(bad, risk, np.ones((1, len(bad)), dtype=np.int32))[0])


def gini_of(found: Interval) -> Interval:
    """The Gini coefficient (accuracy ratio) of an AUC, 2 AUC - 1: 0 is chance."""
    return Interval(*(2 * value - 1 for value in (found.estimate, found.low, found.high)))


def auc_per_draw(bad: Flags, risk: Floats, counts: Counts) -> Floats:
    """The AUC of each draw, from the goods at or below each bad."""
    goods, bads = np.flatnonzero(~bad), np.flatnonzero(bad)
    goods = goods[np.argsort(risk[goods], kind="stable")]
    below = np.searchsorted(risk[goods], risk[bads], side="left")
    through = np.searchsorted(risk[goods], risk[bads], side="right")

    def figure(block: Counts) -> Floats:
        passed = _running(block[:, goods])
        drawn = block[:, bads]
        twice = (drawn * (passed[:, below] + passed[:, through])).sum(axis=1)
        result: Floats = twice / (2 * passed[:, -1] * drawn.sum(axis=1))
        return result

    return by_blocks(figure, counts)


def ks_per_draw(bad: Flags, risk: Floats, counts: Counts) -> Floats:
    """The greatest distance between the shares of bads and of goods up to any risk, each draw."""
    order = np.argsort(risk, kind="stable")
    ends = _ends(risk[order])

    def figure(block: Counts) -> Floats:
        drawn = block[:, order]
        bads, goods = block[:, bad].sum(axis=1), block[:, ~bad].sum(axis=1)
        steps = drawn * np.where(bad[order], goods[:, None], -bads[:, None])
        gap = np.abs(_running(steps)[:, ends]).max(axis=1)
        result: Floats = gap / (bads * goods)
        return result

    return by_blocks(figure, counts)


def roc_points(
    bad: Flags, risk: Floats, counts: Counts, level: float = LEVEL
) -> tuple[RocPoint, ...]:
    """The ROC curve from (0, 0) to (1, 1), at most about 100 points, with a band of its height.

    The band is pointwise: the percentile interval of the true positive rate at one false positive
    rate. Where a draw's curve rises there, the lower end takes the foot and the upper end the top.
    """
    order = np.argsort(-risk, kind="stable")
    ends = np.append(0, _ends(risk[order]))
    is_bad = bad[order]

    def curves(block: Counts) -> tuple[Ints, Ints]:
        drawn = block[:, order]
        return _running(drawn * ~is_bad)[:, ends], _running(drawn * is_bad)[:, ends]

    (alarms,), (caught,) = curves(counts[:1])
    kept = _spread_out(alarms / alarms[-1] + caught / caught[-1])
    x, height = alarms[kept], caught[kept] / caught[-1]

    def feet_and_tops(block: Counts) -> Floats:
        drawn = zip(*curves(block), strict=True)
        heights = np.array([(_foot(x, *curve), _top(x, *curve)) for curve in drawn])
        shares: Floats = heights / caught[-1]
        return shares

    band = by_blocks(feet_and_tops, counts[1:])
    low = np.minimum(np.quantile(band[:, 0], (1 - level) / 2, axis=0), height)
    high = np.maximum(np.quantile(band[:, 1], (1 + level) / 2, axis=0), height)
    shown = np.column_stack([x / alarms[-1], height, low, high])
    return tuple(RocPoint(*point) for point in shown.tolist())


def _spread_out(travelled: Floats) -> Ints:
    """Places of at most about 100 points that lie evenly along a curve, both ends among them."""
    if len(travelled) <= ROC_POINTS:
        return np.arange(len(travelled))
    marks = np.linspace(0.0, travelled[-1], ROC_POINTS)
    return np.unique(np.searchsorted(travelled, marks))


def _foot(x: Ints, alarms: Ints, caught: Ints) -> Floats:
    """The curve's height just before x."""
    backwards = _top(alarms[-1] - x, alarms[-1] - alarms[::-1], caught[-1] - caught[::-1])
    foot: Floats = caught[-1] - backwards
    return foot


def _top(x: Ints, alarms: Ints, caught: Ints) -> Floats:
    """The curve's height at x; of points that share an x, numpy takes the last."""
    return np.interp(x, alarms, caught)


def _ends(ordered: Floats) -> Ints:
    """How many firms stand up to the end of each run of equal values."""
    return np.append(np.flatnonzero(ordered[1:] != ordered[:-1]) + 1, len(ordered))


def _running(counts: NDArray[np.signedinteger]) -> Ints:
    """Sums of the first 0, 1, ... columns."""
    sums = np.zeros((len(counts), counts.shape[1] + 1), dtype=np.int64)
    np.cumsum(counts, axis=1, out=sums[:, 1:])
    return sums
