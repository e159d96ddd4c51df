"""Expected loss of one loan: by hand, twelve months of it, and all of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.risk.pricing.expected_loss import discounts, expected_loss, monthly_pds


def test_the_loss_of_two_months_is_that_by_hand() -> None:
    found = expected_loss(np.array([0.01, 0.03]), np.array([1000.0, 500.0]), 0.4, 0.12)
    by_hand = 0.01 * 0.4 * 1000 / 1.01 + 0.02 * 0.4 * 500 / 1.01**2
    assert found.lifetime == pytest.approx(by_hand)
    assert found.twelve_months == found.lifetime


def test_stage_one_counts_twelve_months_and_the_lifetime_all() -> None:
    pds = np.arange(1, 25) / 1000
    found = expected_loss(pds, np.full(24, 100.0), 0.5, 0.0)
    assert found.twelve_months == pytest.approx(0.012 * 50)
    assert found.lifetime == pytest.approx(0.024 * 50)


@given(st.lists(st.floats(0, 0.04), min_size=1, max_size=24), st.floats(0, 1), st.floats(0, 0.5))
def test_a_loss_lies_between_none_and_what_default_takes_at_once(
    steps: list[float], lgd: float, rate: float
) -> None:
    pds = np.cumsum(steps)
    found = expected_loss(pds, np.ones(len(pds)), lgd, rate)
    assert 0 <= found.twelve_months <= found.lifetime * (1 + 1e-12)
    assert found.lifetime <= pds[-1] * lgd * (1 + 1e-12)


def test_monthly_pds_add_up_to_the_cumulative_one() -> None:
    pds = np.array([[0.01, 0.05, 0.07], [0.0, 0.0, 0.5]])
    assert monthly_pds(pds).sum(axis=1) == pytest.approx(pds[:, -1])


def test_a_month_at_twelve_percent_a_year_costs_one_percent() -> None:
    assert discounts(0.12, 2) == pytest.approx([1 / 1.01, 1 / 1.01**2])
