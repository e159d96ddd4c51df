"""Made-up applicants to allocate a budget to, and scipy's mixed-integer solver as the peer."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, OptimizeResult, milp
from scipy.sparse import csr_array

from tradeline.risk.pricing.knapsack import undominated
from tradeline.risk.pricing.offers import Choices, Limits, price_choices
from tradeline.risk.pricing.profit import read_pricing_terms
from tradeline.risk.scoring.grades import grades_of, read_grade_scale
from tradeline.world.outcomes import response_curves

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ON = date(2024, 12, 31)
INDUSTRIES = 17
BUDGET_PER_FIRM_MINOR = 20_000_000
CAP = 0.07


@dataclass(frozen=True, slots=True, eq=False)
class Lending:
    """Priced applicants with what a simple plan needs to know of them."""

    choices: Choices
    pd: Floats
    grades: Sequence[str]
    industries: tuple[str, ...]

    def limits(self, capped: bool) -> Limits:
        """The budget alone on offers, or on expected drawings with a cap on every industry."""
        budget = BUDGET_PER_FIRM_MINOR * len(self.pd)
        if not capped:
            return Limits(budget)
        caps = dict.fromkeys(sorted(set(self.industries)), CAP)
        return Limits(budget // 4, "expected drawings", self.industries, caps)


def applicants(firms: int, seed: int) -> Lending:
    """Firms with skewed PDs and cash flows, priced under the terms of the product."""
    rng = np.random.default_rng(seed)
    pd = 1 / (1 + np.exp(rng.normal(3.2, 1.0, firms)))
    cash_flow = 100 * np.exp(rng.normal(10.5, 1.2, firms))
    rates, take_up = _take_up(rng.integers(0, 3, firms))
    terms = read_pricing_terms(ON, "CNY")
    grades = grades_of(pd, read_grade_scale(ON))
    eligible = np.array([grade != "D" for grade in grades])
    return Lending(
        price_choices(rates, take_up, pd, cash_flow, eligible, terms),
        pd,
        grades,
        tuple(f"industry {place}" for place in rng.integers(0, INDUSTRIES, firms)),
    )


def _take_up(rating: Ints) -> tuple[Floats, Floats]:
    """The rates of the market's curves, and who takes an offer at each (firms, rates)."""
    kept: dict[str, list[float]] = {}
    rates: dict[float, None] = {}
    for name, rate, lost in response_curves():
        kept.setdefault(name, []).append(1 - lost)
        rates[rate] = None
    return np.array(list(rates)), np.array(list(kept.values()))[rating]


def solve_by_peer(
    lending: Lending, limits: Limits, gap: float, seconds: float
) -> tuple[int, float, bool]:
    """The peer's profit in minor units, the gap it proves, and whether it ended by itself.

    It is given the undominated offers of each firm, as our own search finds them.
    """
    firm, cost, profit = _options(lending.choices, limits)
    rows, right = _constraints(firm, cost, limits, len(lending.pd))
    with silent():
        found: OptimizeResult = milp(
            -profit,
            integrality=np.ones_like(profit),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(rows, ub=right),
            options={"mip_rel_gap": gap, "time_limit": seconds},
        )
    taken = np.rint(found.x).astype(np.int64) if found.x is not None else np.zeros_like(profit)
    return int(profit @ taken), float(found.mip_gap or 0.0), found.status == 0


def _options(choices: Choices, limits: Limits) -> tuple[Ints, Ints, Ints]:
    earning = choices.earning
    firms, costs, profits = [], [], []
    for place in range(len(earning)):
        cells = np.flatnonzero(earning[place])
        cost = limits.costs_minor(choices, place).ravel()[cells]
        profit = choices.profit_minor[place].ravel()[cells]
        kept = undominated(cost, profit)
        firms.append(np.full(len(kept), place))
        costs.append(cost[kept])
        profits.append(profit[kept])
    return np.concatenate(firms), np.concatenate(costs), np.concatenate(profits)


def _constraints(firm: Ints, cost: Ints, limits: Limits, firms: int) -> tuple[csr_array, Floats]:
    """At most one offer for each firm, the budget, and each cap."""
    group, caps = limits.groups(firms)
    options = np.arange(len(firm))
    row = np.concatenate([firm, firms + group[firm], np.full(len(firm), firms + len(caps))])
    value = np.concatenate([np.ones(len(firm)), cost, cost]).astype(np.float64)
    shape = (firms + len(caps) + 1, len(firm))
    matrix = csr_array((value, (row, np.tile(options, 3))), shape=shape)
    return matrix, np.concatenate([np.ones(firms), caps, [limits.budget_minor]]).astype(np.float64)


@contextmanager
def silent() -> Iterator[None]:
    """HiGHS writes to the file of standard output, behind Python's back."""
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)
