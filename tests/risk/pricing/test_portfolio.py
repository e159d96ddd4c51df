"""A plan under many caps: it keeps to every one, its bound is true, and it comes near it."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from benchmarks.portfolio import made_portfolio, rows_of
from tradeline.risk.pricing.connected import choose_together
from tradeline.risk.pricing.portfolio import GREATEST, NONE, CapKind, Portfolio, grid_of
from tradeline.risk.pricing.portfolio_plan import choice_at, plan_portfolio


def portfolio_of(seed: int, firms: int, share: float, *, together: bool = True) -> Portfolio:
    """A few firms with up to four offers each, under caps of five kinds."""
    generator = np.random.default_rng(seed)
    firm = np.sort(generator.integers(0, firms, 3 * firms))
    amount = generator.integers(1, 100, len(firm)) * 100
    profit = generator.integers(1, 1000, len(firm))
    loss = generator.integers(0, 60, len(firm))
    everyone, total = np.zeros(firms, dtype=np.int64), int(share * amount.sum() / 3)
    group = np.where(generator.random(firms) < 0.5, generator.integers(0, 2, firms), NONE)
    kinds = (
        CapKind("budget", 0, np.array([total]), everyone),
        CapKind("sector", 0, np.array([total // 2] * 3), generator.integers(0, 3, firms)),
        CapKind("grade", 0, np.array([total // 2, total]), generator.integers(0, 2, firms)),
        CapKind("connected", 0, np.array([7000, 4000]), group, together=together),
        CapKind("loss", 1, np.array([int(share * loss.sum() / 3)]), everyone),
    )
    return Portfolio(firms, firm, profit, np.stack([amount, loss]), kinds)


def greatest_profit(portfolio: Portfolio) -> int:
    """Over every plan that keeps to the caps."""
    options = [[NONE, *np.flatnonzero(portfolio.firm == firm)] for firm in range(portfolio.firms)]
    plans = (np.array(plan) for plan in product(*options))
    return max(portfolio.value(plan) for plan in plans if portfolio.keeps_to_caps(plan))


small = st.builds(
    portfolio_of,
    st.integers(0, 10_000),
    st.integers(1, 4),
    st.sampled_from([0.0, 0.3, 0.7, 1.5]),
    together=st.booleans(),
)


@given(small)
@settings(max_examples=30, deadline=None)
def test_no_plan_exceeds_the_bound_and_the_plan_keeps_to_the_caps(portfolio: Portfolio) -> None:
    found, best = plan_portfolio(portfolio), greatest_profit(portfolio)
    assert portfolio.keeps_to_caps(found.plan)
    assert found.profit == portfolio.value(found.plan) <= best <= found.bound


@given(small, st.lists(st.integers(0, 2**26), min_size=9, max_size=9))
@settings(max_examples=30, deadline=None)
def test_the_bound_is_true_whatever_the_prices(portfolio: Portfolio, prices: list[int]) -> None:
    by_kind = np.split(np.array(prices), [1, 4, 6, 8])
    found = choice_at(portfolio, grid_of(portfolio), by_kind)
    assert found.bound >= greatest_profit(portfolio)


@pytest.mark.parametrize("seed", range(3))
def test_the_plan_comes_near_that_of_a_mixed_integer_solver(seed: int) -> None:
    portfolio = portfolio_of(seed, 60, 0.6)
    rows, right = rows_of(portfolio)
    peer = milp(
        -portfolio.profit,
        integrality=np.ones_like(portfolio.profit),
        bounds=Bounds(0, 1),
        constraints=LinearConstraint(rows, ub=right),
        options={"mip_rel_gap": 1e-6},
    )
    assert peer.fun is not None
    best = round(-peer.fun)
    found = plan_portfolio(portfolio)
    assert 0.97 * best <= found.profit <= best <= found.bound


def test_hundreds_of_firms_are_planned_close_to_the_bound_and_the_same_each_time() -> None:
    portfolio = made_portfolio(400, seed=3)
    found, again = plan_portfolio(portfolio), plan_portfolio(portfolio)
    assert found.gap < 5e-3
    assert portfolio.keeps_to_caps(found.plan)
    assert (found.plan == again.plan).all()
    assert found.bound == again.bound


def test_bound_and_prices_are_those_of_the_linear_programme_where_firms_choose_alone() -> None:
    made = made_portfolio(300, seed=4)
    alone = tuple(kind for kind in made.kinds if not kind.together)
    portfolio = replace(made, kinds=alone)
    rows, right = rows_of(portfolio)
    peer = linprog(-portfolio.profit, A_ub=rows.toarray(), b_ub=right, bounds=(0, None))
    assert peer.fun is not None
    found = plan_portfolio(portfolio, enough=0.0)
    assert -peer.fun - 1 <= found.bound <= -peer.fun * 1.0005
    assert found.prices[0][0] == pytest.approx(-peer.ineqlin.marginals[portfolio.firms], rel=0.1)


def test_a_cap_that_does_not_bind_has_no_price() -> None:
    portfolio = made_portfolio(300, seed=4)
    loss = portfolio.kinds[-1]
    endless = replace(loss, caps=loss.caps * 10)
    found = plan_portfolio(replace(portfolio, kinds=(*portfolio.kinds[:-1], endless)))
    assert found.prices[-1].tolist() == [0.0]
    assert found.prices[0][0] > 0


def test_connected_clients_choose_what_is_best_for_them_together() -> None:
    # The dear offer of each fits alone; together the cheap one of the first and the second's do.
    firm, use, profit = np.array([0, 0, 1]), np.array([30, 90, 60]), np.array([40, 70, 50])
    kind = CapKind("connected", 0, np.array([100]), np.array([0, 0]), together=True)
    portfolio = Portfolio(2, firm, profit, use[None], (kind,))
    grid = grid_of(portfolio)
    assert choose_together(grid, kind, grid.profit).tolist() == [0, 0]
    found = plan_portfolio(portfolio)
    assert found.plan.tolist() == [0, 2]
    assert found.profit == found.bound == 90


def test_where_nothing_fits_nothing_is_planned() -> None:
    portfolio = portfolio_of(1, 5, 0.0)
    found = plan_portfolio(portfolio)
    assert (found.plan == NONE).all()
    assert found.profit == found.bound == 0
    assert found.gap == 0.0


def test_a_portfolio_without_options_has_an_empty_plan() -> None:
    nothing = np.empty(0, dtype=np.int64)
    kind = CapKind("budget", 0, np.array([10]), np.zeros(3, dtype=np.int64))
    found = plan_portfolio(Portfolio(3, nothing, nothing, nothing[None], (kind,)))
    assert found.plan.tolist() == [NONE] * 3


@pytest.mark.parametrize(("profit", "use"), [(0, 1), (1, -1), (GREATEST, 1), (1, GREATEST)])
def test_what_the_bound_could_not_count_is_refused(profit: int, use: int) -> None:
    kind = CapKind("budget", 0, np.array([10]), np.zeros(1, dtype=np.int64))
    with pytest.raises(AssertionError):
        Portfolio(1, np.array([0]), np.array([profit]), np.array([[use]]), (kind,))
