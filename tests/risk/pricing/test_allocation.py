"""The best plan: as good as trying every one, within its limits, its gap and prices true."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.risk.lending import BOTH, choices_of, lending_problems, plans_that_fit, spent_minor
from tradeline.kernel.findings import InputProblem
from tradeline.risk.pricing.allocation import Binding, allocate
from tradeline.risk.pricing.offers import Bound, Choices, Limits


def market(seed: int, firms: int, amounts: int = 10) -> Choices:
    """Firms whose profit rises with the amount, ever more slowly, and peaks in the rate."""
    generator = np.random.default_rng(seed)
    amount = np.arange(1, amounts + 1, dtype=np.int64) * 1000
    rates = np.array([0.04, 0.06, 0.08, 0.1])
    worth = generator.uniform(-5, 60, (firms, 1, 1))
    slowing = generator.uniform(0, 0.004, (firms, 1, 1))
    take_up = np.sort(generator.uniform(0.1, 1, (firms, len(rates))))[:, ::-1]
    profit = amount[:, None] * (worth + 300 * rates - slowing * amount[:, None]) * take_up[:, None]
    return Choices(
        amount,
        rates,
        np.rint(profit / 10).astype(np.int64),
        take_up,
        generator.random(profit.shape) < 0.9,
        generator.random(firms) < 0.9,
    )


@given(lending_problems())
def test_no_plan_that_fits_earns_more(problem: tuple[Choices, Limits]) -> None:
    plan = allocate(*problem)
    assert plan.offers.total_profit_minor == max(plans_that_fit(*problem))
    assert plan.gap == 0


@given(lending_problems())
def test_neither_budget_nor_cap_is_exceeded(problem: tuple[Choices, Limits]) -> None:
    _, limits = problem
    spent = spent_minor(allocate(*problem).offers, limits)
    assert spent.sum() <= limits.budget_minor
    for industry, share in limits.caps.items():
        mine = spent[[name == industry for name in limits.industries]].sum()
        assert mine <= share * limits.budget_minor + 1e-9


@given(lending_problems())
def test_every_offer_made_may_be_made_and_earns(problem: tuple[Choices, Limits]) -> None:
    choices, _ = problem
    offers = allocate(*problem).offers
    for firm in np.flatnonzero(offers.amount_minor).tolist():
        amount = choices.amounts_minor.tolist().index(offers.amount_minor[firm])
        rate = choices.rates_annual.tolist().index(offers.rate_annual[firm])
        assert choices.eligible[firm]
        assert choices.affordable[firm, amount, rate]
        assert offers.profit_minor[firm] == choices.profit_minor[firm, amount, rate] > 0
    none = offers.amount_minor == 0
    assert np.isnan(offers.rate_annual[none]).all()
    assert not offers.profit_minor[none].any()
    assert not offers.drawn_minor[none].any()


@given(lending_problems(), st.integers(0, 400))
def test_more_budget_never_earns_less(problem: tuple[Choices, Limits], more: int) -> None:
    choices, limits = problem
    richer = Limits(limits.budget_minor + more, limits.binds, limits.industries, limits.caps)
    before, after = allocate(choices, limits), allocate(choices, richer)
    assert after.offers.total_profit_minor >= before.offers.total_profit_minor


@pytest.mark.parametrize("binds", BOTH)
def test_one_more_unit_of_budget_is_worth_what_the_plan_says(binds: Bound) -> None:
    choices, step = market(seed=3, firms=120), 20_000
    plans = [
        allocate(choices, Limits(budget, binds, tuple("abc" * 40), {"a": 0.2, "b": 0.9}))
        for budget in (180_000 - step, 180_000, 180_000 + step)
    ]
    less, now, more = (plan.offers.total_profit_minor for plan in plans)
    assert (more - now) / step < plans[1].budget_value * 1.02
    assert plans[1].budget_value < (now - less) / step * 1.02
    assert plans[0].budget_value > plans[1].budget_value > plans[2].budget_value > 0


def test_a_budget_that_serves_every_firm_has_no_value() -> None:
    choices = market(seed=4, firms=50)
    plan = allocate(choices, Limits(50 * 10_000))
    best = np.where(choices.earning, choices.profit_minor, 0).max(axis=(1, 2))
    assert plan.offers.profit_minor.tolist() == best.tolist()
    assert (plan.gap, plan.budget_value) == (0, 0)
    assert not {Binding.BUDGET, Binding.INDUSTRY_CAP} & set(plan.binding)


def test_the_same_input_gives_the_same_plan() -> None:
    limits = Limits(150_000, "expected drawings", tuple("abcd" * 30), {"a": 0.1, "c": 0.3})
    first, again = (allocate(market(seed=5, firms=120), limits) for _ in range(2))
    for name in ("amount_minor", "rate_annual", "profit_minor", "drawn_minor"):
        assert getattr(first.offers, name).tobytes() == getattr(again.offers, name).tobytes()
    assert (first.gap, first.budget_value) == (again.gap, again.budget_value)
    assert first.binding == again.binding


def test_the_order_of_firms_does_not_change_what_is_earned() -> None:
    choices = market(seed=6, firms=60)
    turned = Choices(
        choices.amounts_minor,
        choices.rates_annual,
        choices.profit_minor[::-1],
        choices.take_up[::-1],
        choices.affordable[::-1],
        choices.eligible[::-1],
    )
    limits = Limits(70_000, "expected drawings")
    ahead, back = allocate(choices, limits), allocate(turned, limits)
    assert ahead.gap == back.gap == 0
    assert ahead.offers.total_profit_minor == back.offers.total_profit_minor


def test_of_equal_offers_the_smaller_amount_and_then_the_lower_rate_is_made() -> None:
    offers = allocate(choices_of([[[3, 7], [7, 7], [7, 7]]]), Limits(1000)).offers
    assert (offers.amount_minor.tolist(), offers.rate_annual.tolist()) == ([100], [0.08])
    offers = allocate(choices_of([[[7, 7], [7, 7]]]), Limits(1000)).offers
    assert (offers.amount_minor.tolist(), offers.rate_annual.tolist()) == ([100], [0.04])


def test_each_firm_is_told_what_keeps_it_from_more() -> None:
    choices = choices_of(
        [
            [[5], [9], [20]],  # its best is the largest loan
            [[5], [9], [8]],  # a larger loan would earn less
            [[5], [7], [99]],  # a larger loan would earn more, but cannot be carried
            [[-1], [-1], [99]],  # only what it cannot carry would earn
            [[-1], [0], [-1]],
        ],
        unaffordable=99,
    )
    assert allocate(choices, Limits(10_000)).binding == (
        Binding.LARGEST_LOAN,
        Binding.PROFIT,
        Binding.CASH_FLOW,
        Binding.CASH_FLOW,
        Binding.NO_PROFITABLE_OFFER,
    )


def test_a_firm_that_may_not_be_lent_to_gets_no_offer() -> None:
    choices = choices_of([[[5]], [[6]]])
    choices.eligible[1] = False
    plan = allocate(choices, Limits(200))
    assert plan.offers.amount_minor.tolist() == [100, 0]
    assert plan.binding == (Binding.LARGEST_LOAN, Binding.NOT_ELIGIBLE)


def test_budget_and_cap_are_told_apart() -> None:
    choices = choices_of([[[50], [90]], [[5], [9]], [[6], [11]], [[4], [8]]])
    limits = Limits(500, industries=("a", "a", "b", "b"), caps={"a": 0.4})
    plan = allocate(choices, limits)
    assert plan.offers.amount_minor.tolist() == [200, 0, 200, 100]
    assert plan.binding == (
        Binding.LARGEST_LOAN,
        Binding.INDUSTRY_CAP,
        Binding.LARGEST_LOAN,
        Binding.BUDGET,
    )


def test_a_cap_binds_where_the_budget_has_room_that_no_larger_loan_fits() -> None:
    choices = choices_of([[[-1], [-1], [34]], [[20], [-1], [-1]], [[1], [-1], [-1]]])
    plan = allocate(choices, Limits(300, "offers", ("b", "a", "a"), {"a": 0.4}))
    assert plan.offers.amount_minor.tolist() == [0, 100, 0]
    assert plan.binding == (Binding.BUDGET, Binding.PROFIT, Binding.INDUSTRY_CAP)


def test_a_capped_industry_leaves_budget_unused_rather_than_exceed_its_cap() -> None:
    plan = allocate(choices_of([[[5]], [[6]]]), Limits(400, "offers", ("a", "a"), {"a": 0.25}))
    assert plan.offers.amount_minor.tolist() == [0, 100]
    assert plan.binding == (Binding.INDUSTRY_CAP, Binding.LARGEST_LOAN)
    assert plan.budget_value == pytest.approx(0.25 * 5 / 100)


def test_expected_drawings_let_a_budget_reach_further_than_offers() -> None:
    choices = choices_of([[[5]]] * 4, take_up=0.5)
    assert allocate(choices, Limits(200)).offers.total_offered_minor == 200
    drawn = allocate(choices, Limits(200, "expected drawings")).offers
    assert (drawn.total_offered_minor, drawn.total_drawn_minor) == (400, 200)


def test_no_firms_make_an_empty_plan() -> None:
    empty = choices_of([[[5]]])
    empty = Choices(
        empty.amounts_minor,
        empty.rates_annual,
        empty.profit_minor[:0],
        empty.take_up[:0],
        empty.affordable[:0],
        empty.eligible[:0],
    )
    plan = allocate(empty, Limits(100))
    assert (plan.offers.total_profit_minor, plan.gap, plan.binding) == (0, 0, ())


def test_limits_without_sense_are_refused() -> None:
    with pytest.raises(InputProblem, match=r"A budget of 0.50 lends nothing: the least loan is 1."):
        allocate(choices_of([[[5]]]), Limits(50))
