"""Rules of thumb keep to the limits, do what they say, and never beat the best plan."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.risk.lending import BOTH, choices_of, lending_problems, spent_minor
from tradeline.risk.pricing.allocation import allocate
from tradeline.risk.pricing.offers import Bound, Choices, Limits, price_choices
from tradeline.risk.pricing.profit import read_pricing_terms
from tradeline.risk.pricing.response import ResponseCurves
from tradeline.risk.pricing.simple_plans import amount_by_score, largest_to_safest

RULES = (amount_by_score, largest_to_safest)
PD = np.array([0.02, 0.01, 0.03])


@given(lending_problems(), st.data())
def test_no_rule_of_thumb_beats_the_best_plan(
    problem: tuple[Choices, Limits], data: st.DataObject
) -> None:
    choices, limits = problem
    firms = len(choices.eligible)
    pd = np.array(data.draw(st.lists(st.floats(0, 1), min_size=firms, max_size=firms)))
    grades = data.draw(st.lists(st.sampled_from("ABC"), min_size=firms, max_size=firms))
    best = allocate(choices, limits).offers.total_profit_minor
    for rule in RULES:
        offers = rule(choices, limits, pd, grades)
        assert offers.total_profit_minor <= best
        assert spent_minor(offers, limits).sum() <= limits.budget_minor
        for grade in set(grades):
            rates = offers.rate_annual[[name == grade for name in grades]]
            assert len(set(rates[~np.isnan(rates)].tolist())) <= 1


@pytest.mark.parametrize("binds", BOTH)
@given(st.integers(0, 1000))
@settings(max_examples=5, deadline=None)
def test_the_best_plan_of_a_real_programme_earns_more(binds: Bound, seed: int) -> None:
    generator = np.random.default_rng(seed)
    terms = read_pricing_terms(date(2020, 3, 1), "CNY")
    curves = ResponseCurves.from_rows([("A", 0.04, 0.0), ("A", 0.08, 0.6), ("A", 0.15, 0.9)])
    rates = terms.rates_annual(curves)
    pd = generator.uniform(0.002, 0.2, 60)
    take_up = np.repeat(curves.take_up(rates), 60, axis=0)
    cash_flow = np.exp(generator.normal(16, 1.5, 60))
    choices = price_choices(rates, take_up, pd, cash_flow, pd < 0.15, terms)
    limits = Limits(1_000_000_000, binds, tuple("abc" * 20), {"a": 0.2})
    grades = np.where(pd < 0.05, "A", "B").tolist()
    plan = allocate(choices, limits)
    assert plan.gap == 0
    for rule in RULES:
        earned = rule(choices, limits, pd, grades).total_profit_minor
        assert 0 < earned < plan.offers.total_profit_minor


def test_the_safest_firms_are_lent_the_largest_loans_until_the_budget_is_used() -> None:
    choices = choices_of([[[5], [8], [9]]] * 3)
    offers = largest_to_safest(choices, Limits(450), PD, "AAA")
    # 350 to the safest; what is left is too little for the next.
    assert offers.amount_minor.tolist() == [0, 350, 0]


def test_amounts_fall_with_the_rank_of_pd() -> None:
    choices = choices_of([[[5], [8], [9]]] * 3)
    offers = amount_by_score(choices, Limits(1000), PD, "AAA")
    assert offers.amount_minor.tolist() == [200, 350, 100]


def test_a_firm_without_eligibility_takes_no_rank() -> None:
    choices = choices_of([[[5], [8], [9]]] * 3)
    choices.eligible[1] = False
    offers = amount_by_score(choices, Limits(1000), PD, "AAA")
    assert offers.amount_minor.tolist() == [350, 0, 100]


def test_a_grade_has_the_rate_at_which_its_firms_together_earn_most() -> None:
    # In grade A one firm earns most at the first rate, but both together at the second.
    choices = choices_of([[[7, 5]], [[1, 4]], [[6, 2]]])
    offers = largest_to_safest(choices, Limits(1000), PD, "AAB")
    assert offers.rate_annual.tolist() == [0.08, 0.08, 0.04]
    assert offers.profit_minor.tolist() == [5, 4, 6]


def test_a_firm_that_would_bring_a_loss_does_not_weigh_on_its_grade() -> None:
    choices = choices_of([[[7, 5]], [[-9, 1]]])
    offers = largest_to_safest(choices, Limits(1000), PD[:2], ["A", "A"])
    assert offers.profit_minor.tolist() == [7, 0]


def test_nobody_is_lent_to_at_a_loss_or_beyond_cash_flow() -> None:
    choices = choices_of([[[-5], [-8]], [[3], [99]], [[99], [99]]], unaffordable=99)
    offers = largest_to_safest(choices, Limits(1000), PD, "AAA")
    assert offers.amount_minor.tolist() == [0, 100, 0]


def test_caps_hold() -> None:
    choices = choices_of([[[5]]] * 3)
    limits = Limits(300, "offers", ("a", "a", "b"), {"a": 0.4})
    assert largest_to_safest(choices, limits, PD, "AAA").amount_minor.tolist() == [0, 100, 100]
