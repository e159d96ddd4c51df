"""Supervised binning of a category: its levels in order of risk, merged into few groups.

Levels are ordered by their default rate among the rows given, each steadied by imagined firms at
the rate of all, and merged by the same search for the likeliest bins as numbers are. The order is
itself learned from outcomes, so the first split of many levels must gain more than that of two.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtri

from tradeline.kernel.findings import problem
from tradeline.risk.scoring.binning import (
    PRIOR_FIRMS,
    QUANTILES,
    SPLIT_GAIN_MIN,
    BinLimits,
    Binning,
    Buckets,
    Tally,
    best_merge,
    binning_of,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

CHANCE = 0.05


def bucketise_levels(values: ArrayLike, levels: tuple[str, ...], name: str) -> Buckets:
    """One bucket per level; `values` are places in `levels`, NaN being missing.

    Raises InputProblem where a value is the place of no level.
    """
    column = np.ascontiguousarray(values, dtype=np.float64)
    codes = np.where(np.isnan(column), len(levels), column)
    strange = (codes < 0) | (codes > len(levels)) | (codes != np.floor(codes))
    strange |= column == len(levels)
    if strange.any():
        raise problem(
            "unknown-category",
            name,
            f"{column[strange][0]:g} is the place of none of its {len(levels)} levels.",
            "Number the levels from 0, and leave what is missing empty.",
        )
    return Buckets(np.empty(0), codes.astype(np.int32), levels)


def bin_levels(buckets: Buckets, seen: Tally, limits: BinLimits) -> Binning:
    """Groups of levels from the safest to the riskiest; a level without any row is in none.

    Levels with fewer rows than a bin needs, and those past the most frequent, are pooled first.
    """
    pool = _pools(seen.counts[:-1], limits.min_bin_count)
    if (pool < 0).all():
        nothing = _sums(seen, np.where(pool < 0, 0, pool), 1)
        return binning_of(nothing, np.zeros(1), 1, levels=buckets.levels, groups=((),))
    pools = _sums(seen, np.where(pool < 0, 0, pool), int(pool.max()) + 1)
    rank, woe = _group_pools(pools, limits)
    return grouped(buckets, seen, np.where(pool < 0, -1, rank[pool]), woe)


def grouped(buckets: Buckets, seen: Tally, group: Ints, woe: Floats) -> Binning:
    """The binning of given groups by level, -1 for none; `woe` goes by group and rises."""
    return binning_of(
        _sums(seen, np.maximum(group, 0), len(woe)),
        woe,
        1,
        levels=buckets.levels,
        groups=_groups(buckets.levels, group, len(woe)),
    )


def regroup(
    buckets: Buckets, seen: Tally, groups: tuple[tuple[str, ...], ...], limits: BinLimits
) -> Binning:
    """The binning of given groups, put in order of their risk."""
    place = {level: number for number, group in enumerate(groups) for level in group}
    group = np.array([place.get(level, -1) for level in buckets.levels], dtype=np.int64)
    pool = _pools(seen.counts[:-1], limits.min_bin_count)
    pools = np.array([len(np.unique(pool[group == number])) for number in range(len(groups))])
    sums = _sums(seen, np.where(group < 0, 0, group), len(groups))
    rate = seen.bads.sum() / (seen.goods.sum() + seen.bads.sum())
    bads = sums.bads[:-1] + PRIOR_FIRMS * pools * rate
    goods = sums.goods[:-1] + PRIOR_FIRMS * pools * (1 - rate)
    order = np.argsort(bads / goods, kind="stable")
    rank = np.empty(len(groups), dtype=np.int64)
    rank[order] = np.arange(len(groups))
    return binning_of(
        _sums(seen, np.where(group < 0, 0, rank[group]), len(groups)),
        np.log(bads / goods * (1 - rate) / rate)[order],
        1,
        levels=buckets.levels,
        groups=tuple(groups[number] for number in order),
    )


def _pools(counts: Ints, fewest: int) -> Ints:
    """The pool of each level: one of its own, the last for all rare ones, -1 if never seen."""
    alone = np.zeros(len(counts), dtype=bool)
    alone[np.argsort(-counts, kind="stable")[: QUANTILES - 1]] = True
    alone &= counts >= fewest
    pool = np.full(len(counts), alone.sum() if counts[~alone].any() else -1, dtype=np.int64)
    pool[alone] = np.arange(alone.sum())
    return pool


def _sums(seen: Tally, place: Ints, size: int) -> Tally:
    """What is in each of `size` places, given the place of each level; the missing ones last."""
    whole = np.append(place, size)
    return Tally(
        np.bincount(whole, seen.counts, size + 1).astype(np.int64),
        np.bincount(whole, seen.goods, size + 1).astype(np.float64),
        np.bincount(whole, seen.bads, size + 1).astype(np.float64),
    )


def _group_pools(pools: Tally, limits: BinLimits) -> tuple[Ints, Floats]:
    """The group of each pool, and each group's weight of evidence."""
    total = float(pools.goods.sum() + pools.bads.sum())
    rate = pools.bads.sum() / total
    goods = pools.goods[:-1] + PRIOR_FIRMS * (1 - rate)
    bads = pools.bads[:-1] + PRIOR_FIRMS * rate
    order = np.argsort(bads / (bads + goods), kind="stable")
    weights = (pools.goods + pools.bads)[:-1]
    _, firsts = best_merge(
        goods[order],
        bads[order],
        pools.counts[order],
        weights[order],
        total,
        limits,
        first_gain=gain_by_chance(len(order), limits),
    )
    group = np.empty(len(order), dtype=np.int64)
    group[order] = np.searchsorted(firsts, np.arange(len(order)), side="right") - 1
    odds = np.bincount(group, bads) / np.bincount(group, goods)
    return group, np.log(odds * (1 - rate) / rate)


def gain_by_chance(pools: int, limits: BinLimits) -> float:
    """What the first split must gain: more than pools without any difference seldom reach.

    That is half of the 95 % point of chi-square, in the measure in which further bins are asked.
    """
    half_point = float(chdtri(max(pools - 1, 1), CHANCE)) / 2
    return half_point * limits.split_gain / SPLIT_GAIN_MIN


def _groups(levels: tuple[str, ...], group: Ints, size: int) -> tuple[tuple[str, ...], ...]:
    named: list[list[str]] = [[] for _ in range(size)]
    for level, place in zip(levels, group.tolist(), strict=True):
        if place >= 0:
            named[place].append(level)
    return tuple(map(tuple, named))
