"""Figures by month or segment are those of the group alone, where it is large enough."""

import numpy as np
import pytest

from tests.risk.portfolios import make_portfolio
from tradeline.risk.scoring.logistic import probability
from tradeline.risk.validation.calibration import default_rate
from tradeline.risk.validation.comparison import auc_interval
from tradeline.risk.validation.groups import figures_by_group, figures_of_group


def test_each_group_has_its_own_figures_in_the_order_of_names() -> None:
    portfolio = make_portfolio(1, 900, 3)
    pds = probability(portfolio.log_odds)
    month = np.array(["2024-02", "2024-01", "2024-03"])[np.arange(900) % 3]
    found = figures_by_group(month.tolist(), portfolio.bad, pds, np.random.default_rng(1))
    assert [item.group for item in found] == ["2024-01", "2024-02", "2024-03"]
    inside = month == "2024-01"
    assert found[0].observed == default_rate(int(portfolio.bad[inside].sum()), 300)
    assert found[0].auc == auc_interval(portfolio.bad[inside], pds[inside])
    assert found[0].predicted == pytest.approx(pds[inside].mean())


@pytest.mark.parametrize(
    ("defaults", "pd", "verdict"),
    [
        (10, 0.1, "as predicted"),
        (30, 0.1, "more defaults than predicted"),
        (2, 0.1, "fewer defaults than predicted"),
    ],
)
def test_the_verdict_follows_the_interval(defaults: int, pd: float, verdict: str) -> None:
    assert figures_of_group("all", np.arange(100) < defaults, np.full(100, pd)).verdict == verdict


def test_a_group_with_few_defaults_has_no_auc_and_a_tiny_one_no_rate() -> None:
    few = figures_of_group("all", np.arange(100) < 9, np.linspace(0, 1, 100))
    assert few.auc is None
    assert few.observed is not None
    tiny = figures_of_group("all", np.arange(20) < 9, np.linspace(0, 1, 20))
    assert tiny.observed is None
    assert tiny.verdict == "too small to tell: 30 firms are needed"


def test_measures_of_a_group_are_those_of_its_firms_alone_with_intervals_around_them() -> None:
    portfolio = make_portfolio(1, 600, 3)
    bad, pds = portfolio.bad, probability(portfolio.log_odds)
    half = np.where(np.arange(600) < 300, "a", "b")
    found, _ = figures_by_group(half.tolist(), bad, pds, np.random.default_rng(1))
    bad, pds = bad[:300], pds[:300]
    assert found.auc is not None
    likely = np.where(bad, pds, 1 - pds)
    gap = max(abs((pds[bad] <= cut).mean() - (pds[~bad] <= cut).mean()) for cut in pds)
    expected = {
        "Gini": 2 * found.auc.estimate - 1,
        "KS": gap,
        "Brier score": ((pds - bad) ** 2).mean(),
        "Log loss": -np.log(likely).mean(),
    }
    assert {name: one.estimate for name, one in found.measures.items()} == pytest.approx(expected)
    assert all(one.low < one.estimate < one.high for one in found.measures.values())


def test_a_group_without_an_auc_has_no_measures() -> None:
    groups = ["few"] * 100
    bad, pds = np.arange(100) < 9, np.linspace(0, 1, 100)
    (few,) = figures_by_group(groups, bad, pds, np.random.default_rng(1))
    assert few.measures == {}
