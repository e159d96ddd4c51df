"""Supervised binning of one numeric feature: monotone bins and their weight of evidence.

Bins of a category stand in `categories`. The feature is cut into quantile buckets, the buckets are
pooled until their default rates rise in the declared direction (pool adjacent violators), and the
pools are merged into the few bins of highest likelihood by dynamic programming. Weight of evidence
here is ln(share of bads / share of goods): a higher value means a higher default risk.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import isotonic_regression

from tradeline.kernel.findings import problem
from tradeline.risk.scoring.crosses import Cross, Side
from tradeline.risk.scoring.lookup import Codes, places
from tradeline.risk.scoring.thinning import thin

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

QUANTILES = 256
BLOCK_ROWS = 1024
# Evidence of 20 imagined firms, spread over the feature, whose log-odds rise by PRIOR_SLOPE from
# the middle to the worst end of a declared direction: few firms cannot make an extreme bin.
PRIOR_FIRMS = 20.0
PRIOR_SLOPE = 0.5
# A further bin must raise the log-likelihood by half of the 95 % point of chi-square with 1 df.
SPLIT_GAIN_MIN = 1.92


@dataclass(frozen=True, slots=True)
class Binning:
    """The bins of one feature; bin `i` holds `edges[i-1] < value <= edges[i]`, the last missing.

    `counts` are rows, `goods` and `bads` weights of rows; `woe` is smoothed. `direction` is +1 if
    higher values carry a higher risk. A missing value that was never seen in fitting takes the
    riskiest bin's `woe`, so that withholding a figure never helps.

    A category has no edges: its value is a place in `levels`, and bin `i` holds those of
    `groups[i]`. A level in no group was never seen in fitting and is unknown.

    With a `cross` bins are those of two columns together, and the last one holds missing values
    that nobody had in fitting.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    goods: tuple[float, ...]
    bads: tuple[float, ...]
    woe: tuple[float, ...]
    direction: int
    information_value: float
    levels: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    cross: Cross | None = None

    @property
    def missing(self) -> int:
        """The index of the bin of missing values."""
        return len(self.woe) - 1

    @property
    def unknown(self) -> int:
        """The place past all bins at which an unknown category stands."""
        return self.missing + 1


@dataclass(frozen=True, slots=True)
class Buckets:
    """Quantile buckets of one feature: inner edges, and each row's bucket (the last: missing).

    A category has its `levels` for buckets.
    """

    edges: Floats
    codes: Codes
    levels: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """The code of a missing value."""
        return len(self.levels) if self.levels else len(self.edges) + 1


@dataclass(frozen=True, slots=True)
class Tally:
    """What is in each bucket: rows, and weights of goods and of bads; the last bucket: missing."""

    counts: Ints
    goods: Floats
    bads: Floats


@dataclass(frozen=True, slots=True)
class BinLimits:
    """How fine bins may be: their number, the least share of weight and rows in each.

    `split_gain` is the least gain in log-likelihood by a further bin.
    """

    max_bins: int = 8
    min_bin_share: float = 0.05
    min_bin_count: int = 5
    split_gain: float = SPLIT_GAIN_MIN


def fit_binning(
    values: ArrayLike,
    bad: ArrayLike,
    *,
    direction: int = 0,
    limits: BinLimits | None = None,
    weights: ArrayLike | None = None,
) -> Binning:
    """Bins of `values` against `bad` (true for a default), NaN being missing.

    `direction` is +1 where higher values mean higher risk, -1 where lower values do, 0 where
    either may hold. Raises InputProblem for one class only or an infinite value.
    """
    flags = np.asarray(bad, dtype=bool)
    weight = np.ones(len(flags)) if weights is None else np.asarray(weights, dtype=np.float64)
    buckets = bucketise(values)
    return bin_buckets(buckets, tally(buckets, flags, weight), direction, limits or BinLimits())


def by_column(matrix: Floats) -> Floats:
    """A matrix (rows x columns) as (columns x rows), each column whole in memory.

    In blocks of rows, so that what is read of memory is read once and not again for each column.
    """
    columns = np.empty(matrix.shape[::-1])
    for start in range(0, len(matrix), BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        columns[:, block] = matrix[block].T
    return columns


def bucketise(values: ArrayLike, also: Sequence[float] = ()) -> Buckets:
    """At most about two buckets per quantile, cut between distinct values, and at `also`.

    Of very many rows only some are sorted: any cut serves, and all rows are put into the buckets.
    """
    column = np.ascontiguousarray(values, dtype=np.float64)
    if np.isinf(column).any():
        raise problem(
            "infinite-value", "feature", "A value is infinite.", "Give a number or leave it empty."
        )
    known = ~np.isnan(column)
    values = column if known.all() else column[known]
    edges = _cut_points(np.sort(values[thin(len(values))]))
    if also:
        edges = np.unique(np.concatenate([edges, np.asarray(also, dtype=np.float64)]))
    codes = places(edges, values)
    if len(values) < len(column):
        within, codes = codes, np.full(len(column), len(edges) + 1, dtype=np.int32)
        codes[known] = within
    return Buckets(edges, codes)


def _cut_points(ordered: Floats) -> Floats:
    if ordered.size < 2:
        return np.empty(0)
    ranks = np.unique(np.linspace(0, ordered.size - 1, QUANTILES + 1).round().astype(np.int64))
    marks = ordered[ranks]
    # Both sides of each quantile, so that a heavy tie gets a bucket of its own.
    sides = [np.searchsorted(ordered, marks, side="left"), np.searchsorted(ordered, marks, "right")]
    cuts = np.unique(np.concatenate(sides))
    cuts = cuts[(cuts > 0) & (cuts < ordered.size)]
    below, above = ordered[cuts - 1], ordered[cuts]
    middle = below / 2 + above / 2
    return np.where((middle >= above) | (middle < below), below, middle)


def tally(buckets: Buckets, bad: NDArray[np.bool_], weights: Floats) -> Tally:
    """What is in each bucket."""
    size = buckets.missing + 1
    return Tally(
        np.bincount(buckets.codes, minlength=size),
        np.bincount(buckets.codes, weights * ~bad, size).astype(np.float64),
        np.bincount(buckets.codes, weights * bad, size).astype(np.float64),
    )


def bin_buckets(buckets: Buckets, seen: Tally, direction: int, limits: BinLimits) -> Binning:
    """`fit_binning` on buckets made and tallied before, so that folds share the sorting."""
    if not (seen.bads.sum() > 0 and seen.goods.sum() > 0):
        raise problem(
            "one-class",
            "outcomes",
            "Only one class of outcome is present, so no default risk can be learned.",
            "Give firms that defaulted and firms that did not, or use an expert scorecard.",
        )
    tried = [
        _fit_direction(buckets, seen, sign, direction, limits)
        for sign in ((1, -1) if direction == 0 else (direction,))
    ]
    return max(tried, key=lambda fitted: fitted[0])[1]


def _fit_direction(
    buckets: Buckets, seen: Tally, sign: int, declared: int, limits: BinLimits
) -> tuple[float, Binning]:
    goods, bads = _steadied(seen, declared)
    starts = _monotone_starts(goods, bads, sign)
    weights = seen.goods + seen.bads
    gain, chosen = best_merge(
        np.add.reduceat(goods, starts),
        np.add.reduceat(bads, starts),
        np.add.reduceat(seen.counts[:-1], starts),
        np.add.reduceat(weights[:-1], starts),
        float(seen.goods.sum() + seen.bads.sum()),
        limits,
    )
    return gain, _binning(buckets, seen, starts[chosen], sign, declared)


def cut_at(
    buckets: Buckets, seen: Tally, edges: Sequence[float], sign: int, declared: int
) -> Binning:
    """The bins between edges of buckets, whatever their rates."""
    inner = np.searchsorted(buckets.edges, np.asarray(edges, dtype=np.float64), side="left") + 1
    firsts = np.concatenate([[0], inner]).astype(np.int64)
    return _binning(buckets, seen, firsts, sign, declared)


def _steadied(seen: Tally, declared: int) -> tuple[Floats, Floats]:
    """Goods and bads of each bucket but the missing, imagined ones included."""
    base = np.log(seen.bads.sum() / seen.goods.sum())
    prior_goods, prior_bads = _prior(seen.goods[:-1] + seen.bads[:-1], base, declared)
    return seen.goods[:-1] + prior_goods, seen.bads[:-1] + prior_bads


def _prior(weights: Floats, base: float, direction: int) -> tuple[Floats, Floats]:
    """Imagined goods and bads per bucket, leaning in the declared direction."""
    total = weights.sum()
    if total == 0:
        return np.full(weights.shape, 0.5), np.full(weights.shape, 0.5)
    rank = 2 * (np.cumsum(weights) - weights / 2) / total - 1
    rate = 1 / (1 + np.exp(-(base + direction * PRIOR_SLOPE * rank)))
    # A touch of even spread keeps a bucket without weight defined.
    imagined = PRIOR_FIRMS * (0.99 * weights / total + 0.01 / len(weights))
    return imagined * (1 - rate), imagined * rate


def _monotone_starts(goods: Floats, bads: Floats, sign: int) -> Ints:
    """First bucket of each pool once adjacent violators of the direction are pooled."""
    total = goods + bads
    pooled = isotonic_regression(bads / total, weights=total, increasing=sign > 0)
    starts: Ints = np.asarray(pooled.blocks[:-1], dtype=np.int64)
    return starts


def best_merge(
    goods: Floats,
    bads: Floats,
    counts: Ints,
    weights: Floats,
    total: float,
    limits: BinLimits,
    first_gain: float | None = None,
) -> tuple[float, Ints]:
    """The likeliest merge of adjacent pools: its penalised log-likelihood and first pools.

    Any merge of neighbouring pools stays monotone, so the search is a segmentation by dynamic
    programming over likelihood[i, j], the pools i to j-1 as one bin. Each split must gain
    `limits.split_gain`, the first `first_gain` where it is given.
    """
    likelihood = _segment_likelihood(goods, bads)
    small = (segments(counts) < limits.min_bin_count) | (
        segments(weights) < limits.min_bin_share * total * (1 - 1e-12)
    )
    first = limits.split_gain if first_gain is None else first_gain
    return best_segments(likelihood, small, limits.max_bins, limits.split_gain, first)


def best_segments(
    value: Floats, barred: NDArray[np.bool_], most: int, gain: float, first_gain: float
) -> tuple[float, Ints]:
    """At most so many segments of the greatest value, less what each split must gain.

    `value[i, j]` (n + 1, n + 1) is that of the places i to j - 1 as one segment. Where a segment is
    `barred` only all together may be one. Gives the value and the first place of each segment.
    """
    values = [float(value[0, -1])]
    allowed = np.where(barred, -np.inf, value)
    best, steps, ends = allowed[0], list[Ints](), np.arange(len(value))
    for extra in range(1, min(most, len(value) - 1)):
        reached = best[:, None] + allowed
        steps.append(reached.argmax(axis=0))
        best = reached[steps[-1], ends]
        values.append(float(best[-1]) - (gain * (extra - 1) + first_gain))
    splits = int(np.argmax(values))
    return values[splits], _trace(steps[:splits], len(value) - 1)


def _trace(steps: list[Ints], end: int) -> Ints:
    starts = []
    for step in reversed(steps):
        end = int(step[end])
        starts.append(end)
    return np.array([0, *reversed(starts)], dtype=np.int64)


def segments(values: Ints | Floats) -> Floats:
    """Sums over each segment [i, j); zero or less where j <= i."""
    ends = np.concatenate([[0.0], np.cumsum(values)])
    sums: Floats = ends[None, :] - ends[:, None]
    return sums


def _segment_likelihood(goods: Floats, bads: Floats) -> Floats:
    good, bad = segments(goods), segments(bads)
    upper = np.triu(np.ones(good.shape, dtype=bool), 1)
    good, bad = np.where(upper, good, 1.0), np.where(upper, bad, 1.0)
    value = bad * np.log(bad / (bad + good)) + good * np.log(good / (bad + good))
    return np.where(upper, value, -np.inf)


def _binning(buckets: Buckets, seen: Tally, firsts: Ints, sign: int, declared: int) -> Binning:
    goods, bads = _steadied(seen, declared)
    base = np.log(seen.bads.sum() / seen.goods.sum())
    woe = np.log(np.add.reduceat(bads, firsts) / np.add.reduceat(goods, firsts)) - base
    starts = np.append(firsts, buckets.missing)
    bins = Tally(*(np.add.reduceat(part, starts) for part in (seen.counts, seen.goods, seen.bads)))
    return binning_of(bins, woe, sign, edges=tuple(buckets.edges[firsts[1:] - 1].tolist()))


def binning_of(
    bins: Tally,
    woe: Floats,
    direction: int,
    *,
    edges: tuple[float, ...] = (),
    levels: tuple[str, ...] = (),
    groups: tuple[tuple[str, ...], ...] = (),
    cross: Cross | None = None,
) -> Binning:
    """The binning with what is in each bin, and `woe` of all but the missing values."""
    woe_by_bin = np.append(woe, _missing_woe(bins.goods, bins.bads, float(woe.max())))
    shares = bins.bads / bins.bads.sum() - bins.goods / bins.goods.sum()
    return Binning(
        edges=edges,
        counts=tuple(bins.counts.tolist()),
        goods=tuple(bins.goods.tolist()),
        bads=tuple(bins.bads.tolist()),
        woe=tuple(woe_by_bin.tolist()),
        direction=direction,
        information_value=float(shares @ woe_by_bin),
        levels=levels,
        groups=groups,
        cross=cross,
    )


def _missing_woe(goods: Floats, bads: Floats, riskiest: float) -> float:
    if goods[-1] + bads[-1] == 0:
        return riskiest
    odds = bads.sum() / goods.sum()
    rate = odds / (1 + odds)
    posterior = (bads[-1] + PRIOR_FIRMS * rate) / (goods[-1] + PRIOR_FIRMS * (1 - rate))
    return float(np.log(posterior / odds))


def bins_of_columns(binning: Binning, columns: Sequence[ArrayLike]) -> Ints:
    """The bin of each row of a factor's one column, or of the two that it crosses."""
    if binning.cross is None:
        return bins_of_column(binning, columns[0])
    first, second = map(bins_of_column, binning.cross.sides, columns)
    return binning.cross.bins_of_places(first, second, binning.unknown)


def bins_of_column(binning: Binning | Side, values: ArrayLike) -> Ints:
    """The bin of each value of a column; of a category, `unknown` where no group has its level."""
    if not binning.levels:
        return assign_bins(binning.edges, values)
    column = np.asarray(values, dtype=np.float64)
    known = (column >= 0) & (column < len(binning.levels)) & (column == np.floor(column))
    bins = bins_of_levels(binning)[np.where(known, column, 0).astype(np.int64)]
    return np.where(known, bins, np.where(np.isnan(column), binning.missing, binning.unknown))


def bins_of_levels(binning: Binning | Side) -> Ints:
    """The bin of each level of a category; `unknown` for a level in no group."""
    bins = {level: place for place, group in enumerate(binning.groups) for level in group}
    return np.array([bins.get(level, binning.unknown) for level in binning.levels], dtype=np.int64)


def assign_bins(edges: tuple[float, ...], values: ArrayLike) -> Ints:
    """The bin of each value; NaN goes to bin `len(edges) + 1`."""
    column = np.asarray(values, dtype=np.float64)
    bins = np.zeros(column.shape, dtype=np.int64)
    for edge in edges:  # so few that comparing with each is quicker than a search
        bins += column > edge
    bins[np.isnan(column)] = len(edges) + 1
    return bins
