"""Lenders, PDs and firms to price, and the slowest way to price them."""

from dataclasses import replace
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from tradeline.risk.pricing.lender_file import read_lender_terms
from tradeline.risk.pricing.lender_offer import FirmRisk
from tradeline.risk.pricing.lender_terms import LenderTerms, Product, Repayment, on_curve
from tradeline.risk.pricing.price_book import PriceBook, price_book

Floats = NDArray[np.float64]

ROOT = Path(__file__).parents[2]
ON = date(2026, 5, 1)
BANK = read_lender_terms(ROOT / "examples" / "lenders" / "harbour_bank.yaml", ON)
MICRO = read_lender_terms(ROOT / "examples" / "lenders" / "millet_credit.yaml", ON)
LENDERS = (BANK, MICRO)
LOWEST_SCORE = 400


def cumulative_pds(scores: int = 40, months: int = 24) -> Floats:
    """PDs by score and month: log-odds of the year fall from -1.5 to -7 as the score rises."""
    by_year = 1 / (1 + np.exp(np.linspace(1.5, 7.0, scores)))
    return np.asarray(1 - (1 - by_year[:, None]) ** (np.arange(1, months + 1) / 12))


@cache
def book_of(lender: int) -> PriceBook:
    """The price book of one of `LENDERS`, scores from `LOWEST_SCORE` on."""
    return price_book(LENDERS[lender], cumulative_pds(), LOWEST_SCORE)


FIRM = FirmRisk(
    score=425,
    currency="CNY",
    cash_flow_minor=60_000_00,
    debt_service_minor=5_000_00,
    sector="retail",
    exposure_minor=0,
    sector_exposure_minor=0,
)

firms = st.builds(
    replace,
    st.just(FIRM),
    score=st.integers(LOWEST_SCORE, LOWEST_SCORE + 39),
    cash_flow_minor=st.integers(1, 10**9) | st.integers(10**5, 10**7),
    debt_service_minor=st.just(0) | st.integers(0, 10**6),
    sector=st.sampled_from(["retail", "construction", "property"]),
    exposure_minor=st.just(0) | st.integers(0, 200_000_000),
    sector_exposure_minor=st.just(0) | st.integers(0, 10**11),
    requested_minor=st.none() | st.integers(0, 200_000_000),
)


def slow_profit(
    terms: LenderTerms, pds: Floats, firm: FirmRisk, amount: float, rate: float, months: int
) -> float:
    """Expected profit of one offer, month by month, take-up counted, in minor units, not rounded.

    Written from the words of docs/concepts/amount-and-rate.md alone.
    """
    assert firm.cash_flow_minor is not None
    assert firm.debt_service_minor is not None
    monthly = rate / 12
    if terms.repayment is Repayment.AT_END:
        due = amount * (1 + monthly * months) / months
    else:
        due = amount * monthly / (1 - (1 + monthly) ** -months)
    burden = (firm.debt_service_minor + due) / firm.cash_flow_minor
    factor = slow_growth(float(pds[months - 1]), burden, terms)
    funding = terms.funding_annual[terms.terms_months.index(months)] / 12
    churn = float(on_curve(terms.churn_monthly, np.array(rate)))
    earned, owed, before = terms.fee * amount - terms.cost_start_minor, amount, 0.0
    for month in range(1, months + 1):
        weight = (1 - churn) ** (month - 1) / (1 + funding) ** month
        drawn, exposed = owed, owed
        if terms.product is Product.LINE:
            drawn = amount * float(on_curve(terms.utilisation, np.array(month)))
            exposed = drawn + terms.credit_conversion * (amount - drawn)
        after = float(pds[month - 1])
        capital = terms.capital.risk_weight * terms.capital.ratio * terms.capital.hurdle_annual / 12
        earned += weight * (1 - factor * after) * drawn * monthly
        earned -= weight * (1 - factor * before) * (drawn * funding + exposed * capital)
        earned -= weight * factor * (after - before) * terms.lgd * exposed
        earned -= weight * (1 - before) * terms.cost_month_minor
        if terms.repayment is Repayment.INSTALMENTS:
            owed -= due - owed * monthly
        before = after
    return float(on_curve(terms.take_up, np.array(rate))) * earned


def slow_growth(pd: float, burden: float, terms: LenderTerms) -> float:
    """How PDs grow with the burden: the parabola through the law at three burdens."""
    most = terms.burden_max
    at = np.array([0.0, most / 2, most])
    odds = pd / (1 - pd) * np.exp(terms.burden_odds_slope * at)
    return float(np.polyval(np.polyfit(at, odds / (1 + odds) / pd, 2), burden))


def every_offer(terms: LenderTerms) -> list[tuple[int, float, int]]:
    """Every amount, rate and term that the lender knows, whatever the firm."""
    step = terms.amounts.step_minor
    amounts = range(terms.amounts.least_minor, terms.amounts.greatest_minor + 1, step)
    return [
        (amount, rate / 10_000, months)
        for amount, rate, months in product(amounts, terms.rates_bp, terms.terms_months)
    ]
