"""One offer or none for each firm, so that expected profit is greatest within the budget."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from tradeline.risk.pricing.knapsack import NONE, Ints, Knapsack, Relaxation, undominated
from tradeline.risk.pricing.knapsack_search import Solution, solve
from tradeline.risk.pricing.offers import NO_OFFER, Choices, Flags, Limits, Offers, check_limits
from tradeline.risk.pricing.profit import Floats


class Binding(StrEnum):
    """What keeps a firm from an offer that earns more.

    `BUDGET` and `INDUSTRY_CAP`: the firm's own best offer takes more than the plan leaves for it.
    Otherwise the firm has its best offer: `LARGEST_LOAN` at the greatest amount; `CASH_FLOW` if one
    that its cash flow cannot carry would earn more; `PROFIT` if none would; and with no offer at
    all `NO_PROFITABLE_OFFER`. `NOT_ELIGIBLE`: it may not be lent to.
    """

    NOT_ELIGIBLE = "not eligible"
    BUDGET = "budget"
    INDUSTRY_CAP = "industry cap"
    LARGEST_LOAN = "largest loan"
    CASH_FLOW = "cash flow"
    PROFIT = "profit"
    NO_PROFITABLE_OFFER = "no profitable offer"


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """The offers, how good they are, and what binds.

    No plan within the limits earns more than the offers do divided by (1 - `gap`). `budget_value`
    is the profit that one more unit of budget would bring if offers could be made in part, the
    caps growing with it; 0 if more budget brings nothing. `binding` has one entry for each firm.
    """

    offers: Offers
    gap: float
    budget_value: float
    binding: tuple[Binding, ...]


def allocate(choices: Choices, limits: Limits) -> Plan:
    """The offers of greatest expected profit that fit the limits; raises `InputProblem`.

    Only offers that earn something are made. Of a firm's offers that earn the same, the one that
    takes less of the budget is preferred, then the smaller amount, then the lower rate; of plans
    that earn the same, the one that `knapsack_search.solve` finds first.
    """
    check_limits(limits, int(choices.amounts_minor[0]))
    sack, cells = _knapsack(choices, limits)
    solution = solve(sack)
    amount_at, rate_at = _places(choices, cells, solution.plan)
    value = sack.value(solution.plan)
    return Plan(
        choices.offers(amount_at, rate_at),
        (solution.bound - value) / solution.bound if solution.bound else 0.0,
        _budget_value(limits, solution.relaxation),
        _bindings(choices, sack, solution, amount_at),
    )


def _knapsack(choices: Choices, limits: Limits) -> tuple[Knapsack, Ints]:
    """Each firm's undominated offers as options, and their places among its amounts x rates."""
    earning = choices.earning
    firms, cells, costs, profits = [], [], [], []
    for place in range(len(earning)):
        cell = np.flatnonzero(earning[place])
        cost = limits.costs_minor(choices, place).ravel()[cell]
        profit = choices.profit_minor[place].ravel()[cell]
        kept = undominated(cost, profit)
        firms.append(np.full(len(kept), place))
        cells.append(cell[kept])
        costs.append(cost[kept])
        profits.append(profit[kept])
    industry, caps = limits.groups(len(earning))
    budget = limits.budget_minor
    sack = Knapsack(_joined(firms), _joined(costs), _joined(profits), industry, budget, caps)
    return sack, _joined(cells)


def _joined(parts: list[Ints]) -> Ints:
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])


def _places(choices: Choices, cells: Ints, plan: Ints) -> tuple[Ints, Ints]:
    """Where each firm's offer stands among the amounts and the rates, `NO_OFFER` for none."""
    amount_at, rate_at = np.divmod(np.append(cells, 0)[plan], len(choices.rates_annual))
    made = plan != NONE
    return np.where(made, amount_at, NO_OFFER), np.where(made, rate_at, NO_OFFER)


def _budget_value(limits: Limits, relaxation: Relaxation) -> float:
    """A unit of budget, and what it adds to each cap, at the prices of the relaxation."""
    shares: Floats = np.array([*limits.caps.values(), 0.0], dtype=np.float64)
    of_caps = np.einsum("i,i->", shares, relaxation.prices - relaxation.budget_price)
    return float(relaxation.budget_price + of_caps)


def _bindings(
    choices: Choices, sack: Knapsack, solution: Solution, amount_at: Ints
) -> tuple[Binding, ...]:
    """The first of these that holds for each firm."""
    earned = sack.profits(solution.plan)
    profit, affordable = choices.profit_minor, choices.affordable
    best = np.max(profit, axis=(1, 2), initial=0, where=choices.earning)
    unaffordable = np.max(profit, axis=(1, 2), initial=0, where=~affordable)
    cases = (
        (~choices.eligible, Binding.NOT_ELIGIBLE),
        ((earned < best) & _stopped_by_cap(sack, solution), Binding.INDUSTRY_CAP),
        (earned < best, Binding.BUDGET),
        (amount_at == len(choices.amounts_minor) - 1, Binding.LARGEST_LOAN),
        (earned < unaffordable, Binding.CASH_FLOW),
        (earned > 0, Binding.PROFIT),
    )
    found = np.select([holds for holds, _ in cases], range(len(cases)), default=len(cases))
    names = [*(binding for _, binding in cases), Binding.NO_PROFITABLE_OFFER]
    return tuple(names[case] for case in found.tolist())


def _stopped_by_cap(sack: Knapsack, solution: Solution) -> Flags:
    """Where a firm's next better offer exceeds its industry's cap, and the cap has a price.

    A cap without a price counts only where the budget alone would have room.
    """
    plan, prices = solution.plan, solution.relaxation.prices
    left, room = sack.room(plan)
    better = np.where(plan == NONE, sack.edges[:-1], plan + 1)
    extra = np.append(sack.cost, 0)[better] - sack.costs(plan)
    priced = (prices > solution.relaxation.budget_price)[sack.industry]
    return (extra > room[sack.industry]) & (priced | (extra <= left))
