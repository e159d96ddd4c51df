"""Solving the multiple-choice knapsack of `knapsack.py`, exactly or to a proven gap.

At the prices of the relaxation each option loses something against its firm's best, and no plan
earns more than the relaxed bound less what its options lose. Options and partial plans that lose
more than a better plan can are dropped; the others are summed firm by firm, and only undominated
sums are kept (Pisinger 1995, "A minimal algorithm for the multiple-choice knapsack problem"), first
within each industry, then across industries. Costs and profits are integers throughout: no
tolerance decides what fits or what is best, and neither does a thread or a clock.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from tradeline.risk.pricing.knapsack import (
    NONE,
    Floats,
    Ints,
    Knapsack,
    Relaxation,
    fill,
    relax,
    undominated,
)

# How many sums each pass may look at, and the gap above which it is worth its time: the first two
# take about a second and solve hundreds of firms, the last is for thousands.
PASSES = ((4_000_000, 0.0), (20_000_000, 0.0), (100_000_000, 1e-5))


@dataclass(frozen=True, slots=True, eq=False)
class Solution:
    """A plan that fits, and a profit that no plan exceeds: the plan is best if it reaches it."""

    plan: Ints
    bound: int
    relaxation: Relaxation


def solve(sack: Knapsack) -> Solution:
    """The best plan, or one whose distance from the bound is proven.

    Where plans earn the same, the first that was found stands, and a search finds that of least
    cost first: the same input gives the same plan.
    """
    relaxation = relax(sack)
    plan = fill(sack, relaxation.plan)
    bound = math.floor(relaxation.bound)
    for work, gap in PASSES:
        if bound - sack.value(plan) > gap * bound:
            plan, reached = search(sack, relaxation, plan, work)
            bound = min(bound, reached)
    return Solution(fill(sack, plan), bound, relaxation)


def search(sack: Knapsack, relaxation: Relaxation, plan: Ints, work: int) -> tuple[Ints, int]:
    """A better plan if one is found, and a bound; `work` limits the sums that are looked at."""
    ceiling, floor = float(relaxation.bound), sack.value(plan)
    options = _options_of_better(sack, relaxation.prices, ceiling - floor)
    cost, profit = np.append(sack.cost, 0), np.append(sack.profit, 0)
    # Firms that have one option left go first, while there is only one sum.
    order = np.argsort([len(left) for left in options], kind="stable")
    members = [order[sack.industry[order] == place].tolist() for place in range(len(sack.caps))]
    within = [
        _combine(
            [(cost[options[firm]], profit[options[firm]]) for firm in firms],
            cap, price, ceiling - floor, work * len(firms) // len(plan),
        )
        for firms, cap, price in zip(members, sack.caps, relaxation.prices, strict=True)
    ]  # fmt: skip
    missed = max(ceiling - part.dropped for part in within)
    picks, missed_across = _across(sack, relaxation.budget_price, within, floor, work)
    if picks:
        plan = plan.copy()
        for firms, picked in zip(members, picks, strict=True):
            for firm, pick in zip(firms, picked, strict=True):
                plan[firm] = options[firm][pick]
    return plan, math.ceil(max(missed, missed_across, sack.value(plan)))


def _options_of_better(sack: Knapsack, prices: Floats, window: float) -> list[Ints]:
    """For each firm the options, `NONE` among them, that lose less than the window."""
    worth = np.append(sack.profit - prices[sack.industry[sack.firm]] * sack.cost, 0.0)
    edges = pairwise(sack.edges.tolist())
    every = [np.append(np.arange(begin, end), NONE) for begin, end in edges]
    return [options[worth[options].max() - worth[options] < window] for options in every]


@dataclass(frozen=True, slots=True, eq=False)
class _Sums:
    """Undominated sums of one pick from each list, by rising cost, and how each came about.

    `trail` has for each list the sum before and the pick; `dropped` is the least loss of any sum
    that was dropped for want of space, infinity if none was.
    """

    cost: Ints
    profit: Ints
    trail: list[tuple[Ints, Ints]]
    dropped: float

    def picks(self, place: int) -> list[int]:
        """The pick from each list that makes up a sum."""
        found = []
        for before, pick in reversed(self.trail):
            found.append(int(pick[place]))
            place = int(before[place])
        return found[::-1]


def _across(
    sack: Knapsack, price: float, within: Sequence[_Sums], floor: int, work: int
) -> tuple[list[list[int]], float]:
    """The picks of each industry's firms that earn most, if above `floor`, and what was missed."""
    if not all(part.cost.size for part in within):
        return [], -math.inf
    # What the sums at hand can still earn is a lower ceiling than the relaxed bound.
    earned = [float((part.profit - price * part.cost).max()) for part in within]
    ceiling = price * sack.budget + math.fsum(earned)
    lists = [(part.cost, part.profit) for part in within]
    across = _combine(lists, sack.budget, price, ceiling - floor, work)
    missed = ceiling - across.dropped
    if across.profit.max(initial=0) <= floor:
        return [], missed
    places = across.picks(int(np.argmax(across.profit)))
    return [part.picks(place) for part, place in zip(within, places, strict=True)], missed


def _combine(
    lists: Sequence[tuple[Ints, Ints]], room: int, price: float, window: float, work: int
) -> _Sums:
    """Sums of one (cost, profit) from each list that fit the room and lose less than the window.

    A sum's loss is what it earns less, after paying the price of its cost, than the best picks.
    A better plan earns at least 1 more than the plan at hand, and the window leaves that 1 out of
    account: room enough for the rounding of floats.
    """
    cost, profit = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    trail, best, dropped = list[tuple[Ints, Ints]](), 0.0, math.inf
    for place, (more_cost, more_profit) in enumerate(lists):
        # What easy lists leave of the work is shared by those to come.
        most = work // (len(lists) - place)
        lost = best - (profit - price * cost)
        worth = more_profit - price * more_cost
        before, pick, least = _pairs(lost, worth.max() - worth, window, most)
        work -= len(before)
        best, dropped = best + float(worth.max()), min(dropped, least)
        cost, profit = cost[before] + more_cost[pick], profit[before] + more_profit[pick]
        fits = np.flatnonzero(cost <= room)
        kept = fits[undominated(cost[fits], profit[fits])]
        cost, profit = cost[kept], profit[kept]
        trail.append((before[kept], pick[kept]))
    return _Sums(cost, profit, trail, dropped)


def _pairs(lost: Floats, more: Floats, window: float, most: int) -> tuple[Ints, Ints, float]:
    """Every pair that loses less than the window together, and the least loss left out.

    Past `most` pairs, the members of `lost` that lost most stay without a partner.
    """
    first, second = np.argsort(lost, kind="stable"), np.argsort(more, kind="stable")
    partners = np.searchsorted(more[second], window - lost[first])
    ends = np.cumsum(partners)
    enough = max(1, int(np.searchsorted(ends, most, side="right")))
    least = float(lost[first[enough]]) if enough < len(first) else math.inf
    partners = partners[:enough]
    begins = np.repeat(ends[:enough] - partners, partners)
    return np.repeat(first[:enough], partners), second[np.arange(len(begins)) - begins], least
