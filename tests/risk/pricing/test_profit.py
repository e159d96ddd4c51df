"""Expected profit: worked by hand, falls with risk, and bends with the burden of the loan."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.risk.parameters import assumptions
from tradeline.risk.pricing.profit import (
    PricingTerms,
    burden,
    expected_profit,
    pd_at_burden,
    read_pricing_terms,
    round_minor,
)
from tradeline.risk.pricing.response import ResponseCurves

TERMS = read_pricing_terms(date(2020, 3, 1), "CNY")


def profit(
    amount: float,
    rate: float,
    pd: float,
    cash: float,
    take_up: float = 1.0,
    terms: PricingTerms = TERMS,
) -> float:
    """Expected profit of one offer in minor units."""
    found = expected_profit(
        np.array([amount]), np.array(rate), np.array(take_up), np.array(pd), np.array(cash), terms
    )
    return float(found[0])


def test_the_shipped_terms_are_those_of_the_programme() -> None:
    assert (TERMS.amount_min_minor, TERMS.amount_max_minor) == (10_000_000, 100_000_000)
    assert (TERMS.rate_min_annual, TERMS.rate_max_annual, TERMS.term_days) == (0.04, 0.15, 365)
    assert TERMS.amounts_minor[[0, -1]].tolist() == [10_000_000, 100_000_000]


def test_profit_is_take_up_times_interest_less_loss_funding_and_cost() -> None:
    # 200,000 at 10 % with a monthly cash flow of 55,000: 220,000 are due, 18,333.33 a month.
    share = (220_000 / 12) / 55_000
    odds = 0.05 / 0.95 * math.exp(1.5 * share)
    default = odds / (1 + odds)
    by_hand = 0.4 * ((1 - default) * 20_000 - default * 0.45 * 200_000 - 0.03 * 200_000 - 1_000)
    assert profit(20_000_000, 0.10, 0.05, 5_500_000, 0.4) == pytest.approx(by_hand * 100)


def test_half_a_year_earns_half_the_interest_and_weighs_twice_a_month() -> None:
    half = replace(TERMS, term_days=365 // 5)
    weight = burden(np.array([1000]), np.array(0.05), np.array(500.0), half)
    assert weight[0] == pytest.approx(1000 * (1 + 0.05 / 5) / (12 / 5) / 500)


def test_without_cash_flow_the_burden_is_infinite_and_default_certain() -> None:
    weight = burden(np.array([1000]), np.array(0.05), np.array([0.0]), TERMS)
    assert np.isinf(weight).all()
    assert pd_at_burden(np.array([0.01]), weight, TERMS) == pytest.approx(1.0)


@given(
    st.floats(0.001, 0.5),
    st.floats(0.001, 0.5),
    st.floats(1e6, 1e9),
    st.floats(0.04, 0.15),
)
def test_a_riskier_firm_never_earns_more(low: float, more: float, cash: float, rate: float) -> None:
    assert profit(2e7, rate, low, cash) >= profit(2e7, rate, min(low + more, 1.0), cash)


@given(st.floats(0.001, 0.3), st.floats(1e5, 1e9), st.floats(0.04, 0.15))
def test_a_stronger_cash_flow_never_earns_less(pd: float, cash: float, rate: float) -> None:
    assert profit(2e7, rate, pd, cash * 2) >= profit(2e7, rate, pd, cash)


def test_the_best_amount_lies_inside_the_bounds_because_loss_rises_with_debt_service() -> None:
    amounts = TERMS.amounts_minor
    cash = np.array(8_000_000.0)
    args = (np.array(0.08), np.array(1.0), np.array(0.04), cash)
    best = int(np.argmax(expected_profit(amounts, *args, TERMS)))
    assert 0 < best < len(amounts) - 1
    flat = replace(TERMS, burden_odds_slope=0.0)
    assert int(np.argmax(expected_profit(amounts, *args, flat))) in {0, len(amounts) - 1}


def test_rates_are_whole_basis_points_within_what_the_curves_know() -> None:
    curves = ResponseCurves.from_rows([("A", 0.05, 0.1), ("A", 0.12, 0.8)])
    rates = TERMS.rates_annual(curves)
    assert rates[[0, 1, -1]].tolist() == [0.05, 0.0525, 0.12]


def test_curves_that_miss_the_rates_on_offer_are_refused() -> None:
    curves = ResponseCurves.from_rows([("A", 0.20, 0.1), ("A", 0.30, 0.8)])
    with pytest.raises(InputProblem) as refusal:
        TERMS.rates_annual(curves)
    assert "known from 20.00% to 30.00%, the rates to offer run from 4.00% to 15.00%." in str(
        refusal.value
    )


def test_every_senseless_term_is_named_at_once() -> None:
    with pytest.raises(InputProblem) as refusal:
        replace(TERMS, lgd=1.4, amount_min_minor=0, term_days=0, burden_max=0.0)
    assert [finding.message for finding in refusal.value.findings] == [
        "amount_min must be above 0 and at most amount_max.",
        "term_days must be above 0.",
        "lgd must lie in 0 to 1.",
        "burden_max must be above 0.",
    ]


def test_assumptions_are_told_apart_from_the_programme() -> None:
    named = [line.split(" = ")[0] for line in assumptions("pricing", date(2020, 3, 1))]
    assert {"lgd", "funding_cost_annual", "burden_odds_slope"} <= set(named)
    assert "amount_max" not in named


def test_money_is_rounded_to_the_nearest_minor_unit() -> None:
    assert round_minor(np.array([0.4, 0.5, 1.5, -1.6])).tolist() == [0, 0, 2, -2]
