"""Limits of a lender become caps on the firms that they concern, and nonsense is refused."""

import numpy as np
import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.risk.pricing.efficient_offers import EfficientOffers
from tradeline.risk.pricing.portfolio import NONE
from tradeline.risk.pricing.portfolio_limits import PortfolioLimits, limited_portfolio
from tradeline.risk.pricing.portfolio_plan import plan_portfolio

# Four firms, one offer of 100 each, worth 10, 9, 8 and 7.
OFFERS = EfficientOffers(
    firm=np.arange(4),
    cell=np.zeros(4, dtype=np.int64),
    amount_minor=np.full(4, 100),
    loss_minor=np.array([5, 5, 5, 5]),
    profit_minor=np.array([10, 9, 8, 7]),
)
SECTOR, GRADE = ("food", "food", "toys", "toys"), ("A", "B", "B", "B")
ALONE = ("", "", "", "")
NOTHING_LENT = np.zeros(4, dtype=np.int64)


def plan_under(limits: PortfolioLimits, group: tuple[str, ...] = ALONE, lent: int = 0) -> list[int]:
    portfolio = limited_portfolio(limits, OFFERS, SECTOR, GRADE, group, NOTHING_LENT + lent)
    return np.flatnonzero(plan_portfolio(portfolio).plan != NONE).tolist()


def test_the_budget_goes_to_the_offers_that_earn_most() -> None:
    assert plan_under(PortfolioLimits(200, 100, 1000)) == [0, 1]


def test_a_sector_and_a_grade_take_no_more_than_their_share() -> None:
    assert plan_under(PortfolioLimits(200, 100, 1000, {"food": 0.5})) == [0, 2]
    assert plan_under(PortfolioLimits(200, 100, 1000, {}, {"B": 0.0})) == [0]


def test_connected_clients_share_what_is_left_to_one_name() -> None:
    grouped = ("one", "one", "", "one")
    assert plan_under(PortfolioLimits(400, 100, 150), grouped) == [0, 2]
    assert plan_under(PortfolioLimits(400, 100, 150), grouped, lent=100) == [2]


def test_the_expected_loss_of_all_is_capped() -> None:
    assert plan_under(PortfolioLimits(400, 14, 1000)) == [0, 1]


def test_shares_are_taken_as_written() -> None:
    portfolio = limited_portfolio(
        PortfolioLimits(100, 0, 0, {"food": 0.29}), OFFERS, SECTOR, GRADE, ALONE, NOTHING_LENT
    )
    assert portfolio.kinds[1].caps.tolist() == [29]


def test_every_limit_that_makes_no_sense_is_named() -> None:
    with pytest.raises(InputProblem) as refusal:
        PortfolioLimits(-1, 0, 0, {"food": 29}, {"A": float("nan")})
    assert [finding.line() for finding in refusal.value.findings] == [
        "error: portfolio limits: `budget_minor` is -1. Write whole minor units, 0 or more.",
        "error: portfolio limits: The cap of sector 'food' is 29, outside 0 to 1. Write a share of "
        "the budget, such as 0.25 for a quarter.",
        "error: portfolio limits: The cap of grade 'A' is nan, outside 0 to 1. Write a share of "
        "the budget, such as 0.25 for a quarter.",
    ]
