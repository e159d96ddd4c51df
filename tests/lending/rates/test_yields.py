"""Daily and effective rates agree with a well-kept library, and go further than its digits."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import pyxirr
from hypothesis import given
from hypothesis import strategies as st

from tradeline.lending.rates.yields import (
    DatedFlow,
    annualised,
    daily_rate,
    effective_annual_rate,
)

BEGIN = date(2023, 12, 1)


@given(
    advance=st.integers(1_000, 10**8),
    days=st.lists(st.integers(1, 900), min_size=1, max_size=8, unique=True),
    cost=st.integers(0, 60),
)
def test_the_effective_rate_is_that_of_pyxirr(advance: int, days: list[int], cost: int) -> None:
    payment = -(-advance * (100 + cost) // (100 * len(days)))
    flows = [DatedFlow(BEGIN, -advance)]
    flows += [DatedFlow(BEGIN + timedelta(days=day), payment) for day in days]
    theirs = pyxirr.xirr([flow.on for flow in flows], [float(flow.amount_minor) for flow in flows])
    assert theirs is not None
    if theirs < 100:
        assert abs(float(effective_annual_rate(flows, digits=9)) - theirs) < 2e-6 * (1 + theirs)


def ten_payments() -> list[DatedFlow]:
    payments = [DatedFlow(date(2019, 1, 1) + timedelta(days=n), 5_000) for n in range(1, 11)]
    return [DatedFlow(date(2019, 1, 1), -45_000), *payments]


def test_ten_daily_payments_of_50_for_450() -> None:
    assert daily_rate(ten_payments()) == Fraction("0.019629979784")


def test_the_year_is_that_of_the_day_compounded() -> None:
    found = effective_annual_rate(ten_payments(), digits=20)
    finest = daily_rate(ten_payments(), digits=60)
    assert found == annualised(finest, 365, digits=20)
    assert effective_annual_rate(ten_payments(), year=360) == annualised(finest, 360)


def test_money_back_at_once_without_cost_has_the_rate_zero() -> None:
    flows = [DatedFlow(BEGIN, -100), DatedFlow(BEGIN + timedelta(days=5), 100)]
    assert effective_annual_rate(flows) == Decimal(0)


@pytest.mark.parametrize(("back", "rate"), [(108_405, "0.0840"), (108_415, "0.0842")])
def test_a_rate_between_two_digits_goes_to_the_even_one(back: int, rate: str) -> None:
    flows = [DatedFlow(BEGIN, -100_000), DatedFlow(BEGIN + timedelta(days=365), back)]
    assert effective_annual_rate(flows, digits=4) == Decimal(rate)


def test_a_rate_of_many_digits_before_the_point_is_exact_too() -> None:
    flows = [DatedFlow(BEGIN, -100), DatedFlow(BEGIN + timedelta(days=1), 200)]
    assert effective_annual_rate(flows, digits=2) == 2**365 - 1
