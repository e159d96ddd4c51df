"""A unit of credit is worth what its months add up to, one by one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.risk.lenders import BANK, FIRM, LENDERS, cumulative_pds, slow_profit
from tradeline.risk.pricing.lender_terms import Repayment, on_curve
from tradeline.risk.pricing.loan_value import (
    apr,
    balances,
    debt_service,
    growth_with_burden,
    unit_value,
)
from tradeline.risk.pricing.profit import raised_pd

PDS = cumulative_pds()
DRAWN = st.sampled_from([0, 1]), st.integers(8, 39), st.integers(0, 1), st.integers(0, 14)


@given(*DRAWN, st.floats(1e6, 1e8), st.floats(0.01, 0.95))
@settings(max_examples=60, deadline=None)
def test_a_unit_earns_what_its_months_do_one_by_one(
    lender: int, score: int, term: int, rate_at: int, amount: float, share: float
) -> None:
    terms = LENDERS[lender]
    rate, months = terms.rates_bp[rate_at] / 10_000, terms.terms_months[term]
    service = float(debt_service(np.array([rate]), months, terms.repayment)[0])
    burden = share * terms.burden_max
    cash = round((amount * service + 1000) / burden)
    firm = replace(FIRM, cash_flow_minor=cash, debt_service_minor=1000)
    by_month = slow_profit(terms, PDS[score], firm, amount, rate, months)
    unit = unit_value(terms, term, np.array([rate]), PDS[score : score + 1])
    pd = PDS[score : score + 1, months - 1]
    growth = growth_with_burden(pd, terms.burden_odds_slope, terms.burden_max)
    weight = (1000 + amount * service) / cash
    factor = 1 + growth.rise[0] * weight + growth.bend[0] * weight**2
    profit = amount * (unit.safe[0] - factor * unit.lost[0, 0])
    profit -= terms.cost_start_minor + terms.cost_month_minor * unit.months[0, 0]
    take_up = on_curve(terms.take_up, np.array([rate]))[0]
    assert take_up * profit == pytest.approx(by_month, rel=1e-9, abs=1e-6)


def test_instalments_pay_a_loan_back() -> None:
    rates = np.array([0.05, 0.24])
    owed = balances(rates, 12, Repayment.INSTALMENTS)
    paid = debt_service(rates, 12, Repayment.INSTALMENTS)[:, None]
    after = owed * (1 + rates[:, None] / 12) - paid
    assert owed[:, 0] == pytest.approx([1, 1])
    assert after[:, :-1] == pytest.approx(owed[:, 1:])
    assert after[:, -1] == pytest.approx([0, 0], abs=1e-12)


def test_what_comes_back_at_the_end_is_set_aside_month_by_month() -> None:
    # As profit.py counts it: L (1 + r t) / (12 t).
    assert debt_service(np.array([0.08]), 6, Repayment.AT_END) == pytest.approx([1.04 / 6])


@pytest.mark.parametrize("repayment", list(Repayment))
def test_without_a_fee_the_apr_is_the_rate_and_a_fee_raises_it(repayment: Repayment) -> None:
    assert apr(0.12, 12, repayment, 0.0) == 0.12
    dear = apr(0.12, 12, repayment, 0.01)
    paid = np.full(12, 0.01)
    paid[-1] += 1
    if repayment is Repayment.INSTALMENTS:
        paid[:] = debt_service(np.array([0.12]), 12, repayment)
    assert (paid / (1 + dear / 12) ** np.arange(1, 13)).sum() == pytest.approx(0.99)


def test_a_dear_short_loan_has_an_apr_too() -> None:
    assert apr(0.9, 1, Repayment.AT_END, 0.2) == pytest.approx(12 * (1.075 / 0.8 - 1))


@given(st.floats(1e-4, 0.1), st.floats(0.1, 2.0), st.floats(0.2, 0.8), st.floats(0, 1))
def test_default_grows_as_the_law_says_to_within_three_percent(
    pd: float, slope: float, most: float, share: float
) -> None:
    growth = growth_with_burden(np.array([pd]), slope, most)
    burden = share * most
    factor = 1 + growth.rise[0] * burden + growth.bend[0] * burden**2
    by_law = float(raised_pd(np.array([pd]), slope * burden)[0]) / pd
    assert factor == pytest.approx(by_law, rel=0.03)


@given(st.floats(0, 1), st.floats(0, 20), st.floats(0.01, 1))
def test_default_never_falls_with_burden_whatever_the_law(
    pd: float, slope: float, most: float
) -> None:
    growth = growth_with_burden(np.array([pd]), slope, most)
    assert growth.rise[0] >= 0
    assert growth.bend[0] >= 0


def test_a_loan_that_earns_less_than_its_funds_gains_nothing_by_default() -> None:
    dear = replace(BANK, funding_annual=(0.9, 0.9, 0.9), lgd=0.0)
    unit = unit_value(dear, 0, np.array([0.05]), PDS)
    assert (unit.lost == 0).all()
    assert (unit.safe < 0).all()
