"""Choosing at most one option of each firm within a budget and caps: the problem and its bound.

A multiple-choice knapsack in whole numbers. Relaxed, a firm may take part of an option: its profit
is then concave in its cost, and since caps nest within the budget, taking steps in order of profit
per cost is best (Sinha and Zoltners 1979 for a budget alone; Federgruen and Groenevelt 1986 where
caps nest). The step at which the budget or a cap ends is the price of its money, and the whole
steps are a plan that fits.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NONE = -1


@dataclass(frozen=True, slots=True, eq=False)
class Knapsack:
    """Options in order of firm; within a firm cost and profit both rise, so none is dominated.

    `firm`, `cost`, `profit` have shape (options,); cost is at least 0, profit above 0.
    `industry` (firms,) is a place in `caps` (industries,), the greatest cost of each industry.
    A plan is the option of each firm (firms,), `NONE` for no option.
    """

    firm: Ints
    cost: Ints
    profit: Ints
    industry: Ints
    budget: int
    caps: Ints

    @property
    def edges(self) -> Ints:
        """Where each firm's options begin, and where the last firm's end (firms + 1)."""
        return np.searchsorted(self.firm, np.arange(len(self.industry) + 1))

    def costs(self, plan: Ints) -> Ints:
        """Cost of each firm under a plan."""
        return np.append(self.cost, 0)[plan]

    def profits(self, plan: Ints) -> Ints:
        """Profit of each firm under a plan."""
        return np.append(self.profit, 0)[plan]

    def value(self, plan: Ints) -> int:
        """Profit of a plan."""
        return int(self.profits(plan).sum())

    def room(self, plan: Ints) -> tuple[int, Ints]:
        """What a plan leaves of the budget and of each cap."""
        costs, left = self.costs(plan), self.caps.copy()
        np.subtract.at(left, self.industry, costs)
        return self.budget - int(costs.sum()), left


@dataclass(frozen=True, slots=True, eq=False)
class Relaxation:
    """What taking part of an option would reach.

    `bound` is the greatest relaxed profit, `plan` its whole steps. `budget_price` is the profit of
    one more unit of budget, `prices` (industries,) of one more unit of both budget and cap.
    """

    bound: Fraction
    plan: Ints
    budget_price: float
    prices: Floats


def undominated(cost: Ints, profit: Ints) -> Ints:
    """Places where profit exceeds all that costs as much or less, by rising cost; first of ties."""
    order = np.lexsort((-profit, cost))
    reached = np.maximum.accumulate(profit[order])
    return order[np.diff(reached, prepend=reached[:1] - 1) > 0]


def relax(sack: Knapsack) -> Relaxation:
    """The relaxation, its bound exact."""
    steps = _hull(sack)
    firm = sack.firm[steps]
    begins = np.diff(firm, prepend=NONE) != 0
    cost = np.where(begins, sack.cost[steps], np.diff(sack.cost[steps], prepend=0))
    profit = np.where(begins, sack.profit[steps], np.diff(sack.profit[steps], prepend=0))
    with np.errstate(divide="ignore"):
        slope = profit / cost
    plan = np.full(len(sack.industry), NONE, dtype=np.int64)
    left, room, bound = sack.budget, sack.caps.tolist(), Fraction(0)
    budget_price, closed = 0.0, dict[int, float]()
    for step in np.argsort(-slope, kind="stable").tolist():
        industry = int(sack.industry[firm[step]])
        if industry in closed:
            continue
        needed = int(cost[step])
        taken = min(needed, left, room[industry])
        left -= taken
        room[industry] -= taken
        if taken == needed:
            bound += int(profit[step])
            plan[firm[step]] = steps[step]
            continue
        bound += Fraction(taken * int(profit[step]), needed)
        if not left:
            budget_price = float(slope[step])
            break
        closed[industry] = float(slope[step])
    prices = [closed.get(industry, budget_price) for industry in range(len(room))]
    return Relaxation(bound, plan, budget_price, np.array(prices, dtype=np.float64))


def _hull(sack: Knapsack) -> Ints:
    """The options at the corners of each firm's concave hull, which begins at no option."""
    cost, profit = [*sack.cost.tolist(), 0], [*sack.profit.tolist(), 0]
    hull: list[int] = []
    for begin, end in pairwise(sack.edges.tolist()):
        corners = [NONE]
        for option in range(begin, end):
            while len(corners) > 1:
                before, last = corners[-2:]
                rise = (profit[last] - profit[before]) * (cost[option] - cost[last])
                if rise > (profit[option] - profit[last]) * (cost[last] - cost[before]):
                    break
                corners.pop()
            corners.append(option)
        hull += corners[1:]
    return np.array(hull, dtype=np.int64)


def fill(sack: Knapsack, plan: Ints) -> Ints:
    """The plan after the improvement that gains most and fits, again until none fits."""
    plan = plan.copy()
    while True:
        left, room = sack.room(plan)
        extra = sack.cost - sack.costs(plan)[sack.firm]
        fits = extra <= np.minimum(left, room[sack.industry[sack.firm]])
        gain = np.where(fits, sack.profit - sack.profits(plan)[sack.firm], 0)
        if gain.max(initial=0) <= 0:
            return plan
        best = int(np.argmax(gain))
        plan[sack.firm[best]] = best
