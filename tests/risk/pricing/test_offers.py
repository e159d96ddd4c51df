"""Offers are priced as the pricing rules say, and limits without sense are refused."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.risk.lending import choices_of
from tradeline.kernel.findings import InputProblem
from tradeline.risk.pricing.offers import Choices, Limits, check_limits, price_choices
from tradeline.risk.pricing.profit import (
    Floats,
    burden,
    expected_profit,
    read_pricing_terms,
    round_minor,
)

TERMS = read_pricing_terms(date(2020, 3, 1), "CNY")
RATES = np.array([0.05, 0.1])
TAKE_UP = np.array([[0.9, 0.2], [0.8, 0.4], [np.nan, np.nan]])
PD = np.array([0.02, 0.1, np.nan])
CASH_FLOW_MINOR = np.array([4e6, 9e7, np.nan])
ELIGIBLE = np.array([True, True, False])
LEAST_MINOR = 10_000_000


def priced(lgd: Floats | None = None) -> Choices:
    return price_choices(RATES, TAKE_UP, PD, CASH_FLOW_MINOR, ELIGIBLE, TERMS, lgd)


def refusal_of(limits: Limits) -> list[str]:
    with pytest.raises(InputProblem) as refusal:
        check_limits(limits, LEAST_MINOR)
    return [finding.line() for finding in refusal.value.findings]


def test_each_offer_earns_what_the_pricing_rules_say() -> None:
    choices = priced()
    for firm in (0, 1):
        for place, amount in enumerate(choices.amounts_minor.tolist()):
            offer = np.array([amount]), RATES
            cash = np.array(CASH_FLOW_MINOR[firm])
            profit = expected_profit(*offer, TAKE_UP[firm], np.array(PD[firm]), cash, TERMS)
            carried = burden(*offer, cash, TERMS) <= TERMS.burden_max
            assert choices.profit_minor[firm, place].tolist() == round_minor(profit).tolist()
            assert choices.affordable[firm, place].tolist() == carried.tolist()
    assert choices.affordable[:2].any()
    assert not choices.affordable[:2].all()


def test_a_firm_that_is_not_eligible_needs_no_data_and_has_no_earning_offer() -> None:
    choices = priced()
    assert choices.earning[:2].any()
    assert not choices.earning[2].any()


def test_a_greater_loss_given_default_of_one_firm_lowers_its_profit_alone() -> None:
    plain, worse = priced(), priced(np.array([TERMS.lgd, 0.9, 0.0]))
    assert worse.profit_minor[0].tolist() == plain.profit_minor[0].tolist()
    by_hand = expected_profit(
        plain.amounts_minor[:, None], RATES, TAKE_UP[1], PD[1:2], CASH_FLOW_MINOR[1:2],
        replace(TERMS, lgd=0.9),
    )  # fmt: skip
    assert worse.profit_minor[1].tolist() == round_minor(by_hand).tolist()


def test_offers_cost_their_amount_or_their_expected_drawings() -> None:
    choices = choices_of([[[5, 5], [5, 5]]], take_up=0.125)
    offers = Limits(1000).costs_minor(choices, 0)
    drawings = Limits(1000, "expected drawings").costs_minor(choices, 0)
    assert offers.tolist() == [[100, 100], [200, 200]]
    # Halves round to even: 12.5 and 25.
    assert drawings.tolist() == [[12, 12], [25, 25]]


def test_totals_add_up_and_no_offer_counts_nothing() -> None:
    choices = choices_of([[[5], [9]], [[6], [8]], [[1], [2]]], take_up=0.5)
    offers = choices.offers(np.array([1, -1, 0]), np.array([0, -1, 0]))
    assert offers.amount_minor.tolist() == [200, 0, 100]
    assert np.isnan(offers.rate_annual).tolist() == [False, True, False]
    assert offers.total_offered_minor == 300
    assert offers.total_drawn_minor == 150
    assert offers.total_profit_minor == 10


def test_caps_are_shares_as_written_in_decimals() -> None:
    limits = Limits(100, "offers", ("b", "a", "c", "b"), {"b": 0.29, "a": 0.5})
    place, greatest = limits.groups(4)
    assert place.tolist() == [0, 1, 2, 0]
    assert greatest.tolist() == [29, 50, 100]


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(5_000_000),
         ("error: --budget: A budget of 50,000 lends nothing: the least loan is 100,000. "
          "Raise --budget to at least 100,000.")),
        (Limits(9_999_999),
         ("error: --budget: A budget of 99,999.99 lends nothing: the least loan is 100,000. "
          "Raise --budget to at least 100,000.")),
        (Limits(-100),
         "error: --budget: -1 is negative. Raise --budget to at least 100,000."),
        (Limits(10**9, "offers", ("b", "a", "b"), {"d": 0.5}),
         "error: industry caps: No firm is in the industry 'd'. Take one of a, b."),
        (Limits(10**9, "offers", (), {"d": 0.5}),
         ("error: industry caps: No firm is in the industry 'd'. "
          "Name the firms' industries.")),
        (Limits(10**9, "offers", ("a",), {"a": 25}),
         ("error: industry caps: The cap of 'a' is 25, outside 0 to 1. "
          "Write a share of the budget, such as 0.25 for a quarter.")),
        (Limits(10**9, "offers", ("a",), {"a": float("nan")}),
         ("error: industry caps: The cap of 'a' is nan, outside 0 to 1. "
          "Write a share of the budget, such as 0.25 for a quarter.")),
    ],
)  # fmt: skip
def test_limits_without_sense_are_refused_with_a_remedy(limits: Limits, message: str) -> None:
    assert refusal_of(limits) == [message]


def test_everything_wrong_with_limits_is_said_at_once() -> None:
    assert len(refusal_of(Limits(-1, "offers", ("a",), {"a": -0.1, "z": 2}))) == 4


def test_a_budget_of_the_least_loan_is_enough() -> None:
    check_limits(Limits(LEAST_MINOR, "offers", ("a",), {"a": 0.0}), LEAST_MINOR)
