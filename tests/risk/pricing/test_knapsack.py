"""The relaxation is the linear programme's, its prices are true, and so is every bound."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from tradeline.risk.pricing.knapsack import NONE, Floats, Knapsack, fill, relax, undominated
from tradeline.risk.pricing.knapsack_search import search, solve


def sack_of(seed: int, firms: int, industries: int, share: float) -> Knapsack:
    """Random options; the budget is a share of what all would cost, each cap a third of it."""
    generator = np.random.default_rng(seed)
    firm, cost, profit = [], [], []
    for place in range(firms):
        size = int(generator.integers(1, 7))
        drawn = generator.integers(1, 400, size), generator.integers(1, 300, size)
        kept = undominated(*drawn)
        firm += [place] * len(kept)
        cost += drawn[0][kept].tolist()
        profit += drawn[1][kept].tolist()
    budget = max(1, int(share * 200 * firms))
    caps = np.array([budget // 3] * (industries - 1) + [budget])
    industry = np.arange(firms) % industries
    return Knapsack(np.array(firm), np.array(cost), np.array(profit), industry, budget, caps)


def rows_of(sack: Knapsack) -> tuple[Floats, Floats]:
    """The limits as rows over options, and their right sides: firms, industries, budget."""
    own = sack.firm == np.arange(len(sack.industry))[:, None]
    place = sack.industry[sack.firm] == np.arange(len(sack.caps))[:, None]
    rows = np.vstack([own, place * sack.cost, sack.cost]).astype(np.float64)
    return rows, np.array([*[1.0] * len(own), *sack.caps.tolist(), sack.budget])


sacks = st.builds(
    sack_of,
    st.integers(0, 10_000),
    st.integers(1, 12),
    st.integers(1, 8),
    st.sampled_from([0.05, 0.2, 0.5, 0.9]),
)


@given(sacks)
def test_the_relaxed_bound_is_that_of_the_linear_programme(sack: Knapsack) -> None:
    rows, right = rows_of(sack)
    peer = linprog(-sack.profit, A_ub=rows, b_ub=right, bounds=(0, 1))
    assert peer.fun is not None
    assert float(relax(sack).bound) == pytest.approx(-peer.fun)


@given(sacks)
def test_the_prices_prove_the_bound(sack: Knapsack) -> None:
    relaxation = relax(sack)
    best = np.zeros(len(sack.industry))
    prices = relaxation.prices[sack.industry[sack.firm]]
    np.maximum.at(best, sack.firm, sack.profit - prices * sack.cost)
    of_caps = (relaxation.prices - relaxation.budget_price) @ sack.caps
    dual = best.sum() + relaxation.budget_price * sack.budget + of_caps
    assert dual == pytest.approx(float(relaxation.bound))
    assert (relaxation.prices >= relaxation.budget_price).all()


@given(sacks, st.integers(1, 50))
def test_more_budget_brings_at_most_its_price(sack: Knapsack, more: int) -> None:
    wider = Knapsack(
        sack.firm, sack.cost, sack.profit, sack.industry, sack.budget + more,
        np.append(sack.caps[:-1], sack.budget + more),
    )  # fmt: skip
    now, then = relax(sack), relax(wider)
    gained = float(then.bound - now.bound)
    slack = 1e-9 * float(now.bound)
    assert then.budget_price * more - slack <= gained <= now.budget_price * more + slack


@given(sacks)
def test_the_solution_is_that_of_a_mixed_integer_solver(sack: Knapsack) -> None:
    rows, right = rows_of(sack)
    peer = milp(
        -sack.profit,
        integrality=np.ones_like(sack.profit),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rows, ub=right),
        options={"mip_rel_gap": 0.0},
    )
    assert peer.fun is not None
    solution = solve(sack)
    assert sack.value(solution.plan) == solution.bound == round(-peer.fun)


@given(sacks, st.integers(1, 300))
def test_a_search_cut_short_keeps_to_the_limits_and_its_bound_is_true(
    sack: Knapsack, work: int
) -> None:
    relaxation = relax(sack)
    start = fill(sack, relaxation.plan)
    best = sack.value(solve(sack).plan)
    plan, bound = start, best
    if sack.value(start) < relaxation.bound:
        plan, bound = search(sack, relaxation, start, work)
    left, room = sack.room(plan)
    assert left >= 0
    assert (room >= 0).all()
    assert sack.value(start) <= sack.value(plan) <= best <= bound


def test_a_search_cut_short_misses_the_best_and_says_so() -> None:
    sack = sack_of(seed=8, firms=12, industries=3, share=0.2)
    relaxation = relax(sack)
    start = np.full(len(sack.industry), NONE)
    plan, bound = search(sack, relaxation, start, 12)
    best = sack.value(solve(sack).plan)
    assert sack.value(plan) < best < bound <= relaxation.bound + 1


def test_a_search_cut_short_between_industries_says_so_too() -> None:
    sack = sack_of(seed=1, firms=8, industries=8, share=0.3)
    plan, bound = search(sack, relax(sack), np.full(8, NONE), 12)
    assert sack.value(plan) < sack.value(solve(sack).plan) <= bound


@given(sacks)
def test_a_filled_plan_leaves_no_improvement_that_fits(sack: Knapsack) -> None:
    plan = fill(sack, np.full(len(sack.industry), NONE))
    left, room = sack.room(plan)
    for option, firm in enumerate(sack.firm.tolist()):
        if sack.profit[option] > sack.profits(plan)[firm]:
            extra = sack.cost[option] - sack.costs(plan)[firm]
            assert extra > min(left, room[sack.industry[firm]])


def test_an_option_taken_in_part_sets_the_price() -> None:
    sack = Knapsack(
        np.array([0, 0, 1]), np.array([10, 30, 20]), np.array([50, 90, 60]), np.array([0, 0]),
        budget=40, caps=np.array([40]),
    )  # fmt: skip
    relaxation = relax(sack)
    # 50 for 10, then 60 for 20, then half of the 40 more for 20 more.
    assert relaxation.bound == Fraction(130)
    assert relaxation.budget_price == 2.0
    assert solve(sack).plan.tolist() == [0, 2]


def test_an_option_without_cost_is_always_taken() -> None:
    sack = Knapsack(
        np.array([0, 0]), np.array([0, 8]), np.array([1, 5]), np.array([0]),
        budget=7, caps=np.array([7]),
    )  # fmt: skip
    solution = solve(sack)
    assert (solution.plan.tolist(), solution.bound) == ([0], 1)


def test_an_option_is_dominated_by_one_that_costs_less_and_earns_as_much() -> None:
    cost, profit = np.array([5, 3, 3, 9, 1]), np.array([7, 6, 6, 7, 2])
    assert undominated(cost, profit).tolist() == [4, 1, 0]
    assert undominated(cost[:0], profit[:0]).tolist() == []
