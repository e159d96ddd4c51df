"""What a schedule costs a year, held to what a library finds and to what follows by hand."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
import pyxirr

from tests.lending.loan.plain_loan import LOAN, START
from tradeline.lending.dates.business_days import Calendar
from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.contract import (
    Amortisation,
    Contract,
    CustomInstalment,
    Grace,
    InterestMethod,
)
from tradeline.lending.loan.fold import preview
from tradeline.lending.products.yearly_cost import YearlyCost, YearlyRate, yearly_cost
from tradeline.lending.rates.apr import annual_percentage_rate
from tradeline.lending.rates.solving import Flow

FLAT = replace(LOAN, interest=InterestMethod.FLAT, instalments=12)
EQUAL_PARTS = replace(LOAN, amortisation=Amortisation.PRINCIPAL)


def cost(contract: Contract) -> YearlyCost:
    return yearly_cost(contract, preview(contract))


def apr(contract: Contract) -> Decimal | None:
    return cost(contract).apr.percent


@pytest.mark.parametrize(
    "contract",
    [
        LOAN,
        FLAT,
        EQUAL_PARTS,
        replace(LOAN, grace=Grace(principal_periods=2)),
        replace(LOAN, balloon_minor=60_000),
        replace(LOAN, down_payment=Fraction(1, 4)),
        replace(LOAN, first_due=date(2024, 2, 20)),
    ],
    ids=["equal", "flat", "equal principal", "bullet", "balloon", "down payment", "odd first"],
)
def test_the_effective_rate_is_that_of_the_days_on_which_money_moves(contract: Contract) -> None:
    rows = preview(contract).instalments
    theirs = pyxirr.xirr(
        [START, *(row.due for row in rows)],
        [-float(contract.principal_minor), *(float(row.owed.total) for row in rows)],
    )
    found = cost(contract).effective.percent
    assert theirs is not None
    assert found is not None
    assert abs(float(found) - 100 * theirs) <= 0.005_001


def agreed(*days: date, each: int = 20_000) -> Contract:
    """Principal agreed one by one; the last takes the rest."""
    custom = (*(CustomInstalment(day, each) for day in days[:-1]), CustomInstalment(days[-1]))
    return replace(EQUAL_PARTS, instalments=len(days), custom=custom)


def test_dates_of_which_no_period_comes_twice_have_an_effective_rate_alone() -> None:
    for first, second in (
        (date(2024, 3, 15), date(2024, 9, 30)),
        (date(2026, 1, 1), date(2028, 1, 1)),
    ):
        found = cost(agreed(first, second))
        assert found.apr == YearlyRate(
            None, "No period up to a year comes twice between its due dates."
        )
        assert found.effective.percent is not None


def test_usual_dates_that_are_agreed_one_by_one_cost_what_they_cost() -> None:
    days = [row.due for row in preview(EQUAL_PARTS).instalments]
    assert apr(agreed(*days, each=40_000)) == apr(EQUAL_PARTS)


@pytest.mark.parametrize(
    ("days", "places", "of_year"),
    [
        ([date(2024, month, 1) for month in (2, 3, 6, 9, 10)], [1, 2, 5, 8, 9], 12),
        ([START + timedelta(weeks=week) for week in (2, 4, 8, 10)], [1, 2, 4, 5], 26),
        ([START + timedelta(days=day) for day in (10, 20, 50)], [1, 2, 5], Fraction(73, 2)),
        ([date(2024, 4, 1), date(2024, 7, 1), date(2025, 4, 1)], [1, 2, 5], 4),
    ],
    ids=["months", "weeks", "days", "quarters"],
)
def test_payments_that_are_skipped_cost_what_a_library_finds(
    days: list[date], places: list[int], of_year: Fraction
) -> None:
    contract = agreed(*days)
    owed = {place: row.owed.total for place, row in
            zip(places, preview(contract).instalments, strict=True)}  # fmt: skip
    flows = [float(owed.get(place, 0)) for place in range(1, places[-1] + 1)]
    theirs = pyxirr.irr([-float(contract.principal_minor), *flows])
    found = apr(contract)
    assert theirs is not None
    assert found is not None
    assert abs(float(found) - 100 * theirs * float(of_year)) <= 0.005_001


def test_an_odd_first_period_is_a_fraction_of_the_one_that_comes_most_often() -> None:
    """From 1 January to 6 February it is a month, and 5 thirtieths of one."""
    days = [date(2024, 2, 6), date(2024, 3, 6), date(2024, 4, 6)]
    contract = agreed(*days)
    flows = [Flow(0, -contract.principal_minor)] + [
        Flow(1 + place, row.owed.total, Fraction(5, 30))
        for place, row in enumerate(preview(contract).instalments)
    ]
    assert apr(contract) == annual_percentage_rate(flows, 12)


def test_the_last_days_of_months_are_a_month_apart() -> None:
    ends = [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]
    late = replace(agreed(*ends[1:]), start=ends[0])
    assert apr(late) == Decimal("12.00")


def test_equal_parts_of_principal_cost_the_rate_of_the_contract() -> None:
    assert apr(EQUAL_PARTS) == Decimal("12.00")


def test_a_flat_rate_costs_nearly_twice_as_much() -> None:
    assert apr(FLAT) == Decimal("21.46")


def test_a_loan_without_interest_costs_nothing() -> None:
    free = YearlyRate(Decimal("0.00"))
    assert cost(replace(LOAN, annual_rate=Fraction(0))) == YearlyCost(free, free)


def test_what_is_paid_at_once_was_never_lent() -> None:
    assert apr(replace(EQUAL_PARTS, down_payment=Fraction(1, 4))) == Decimal("12.00")


@pytest.mark.parametrize(
    ("frequency", "every"), [(Frequency.MONTHS, 3), (Frequency.WEEKS, 2), (Frequency.DAYS, 73)]
)
def test_a_unit_period_is_as_long_as_the_periods_of_the_contract(
    frequency: Frequency, every: int
) -> None:
    assert apr(replace(EQUAL_PARTS, frequency=frequency, every=every)) == Decimal("12.00")


def test_days_of_rest_move_money_but_no_unit_periods() -> None:
    begin = date(2024, 9, 1)
    shifted = replace(EQUAL_PARTS, start=begin, calendar=Calendar("CN"))
    unshifted = replace(shifted, calendar=None)
    assert [row.due for row in preview(shifted).instalments] != [
        row.due for row in preview(unshifted).instalments
    ]
    assert [row.owed for row in preview(shifted).instalments] == [
        row.owed for row in preview(unshifted).instalments
    ]
    assert apr(shifted) == apr(unshifted) == Decimal("12.00")


def test_month_ends_are_a_month_apart() -> None:
    assert apr(replace(EQUAL_PARTS, start=date(2024, 1, 31))) == Decimal("12.00")


def test_an_odd_first_period_is_counted_as_the_regulator_does() -> None:
    """12 CFR 1026, Appendix J, (c)(1)(ii)(B): 6,000 from 10 February, 36 of 200 from 1 April."""
    contract = replace(
        LOAN,
        principal_minor=600_000,
        start=date(1978, 2, 10),
        first_due=date(1978, 4, 1),
        instalments=36,
        fixed_instalment_minor=20_000,
    )
    rows = preview(contract).instalments
    level = [replace(row, owed=replace(row.owed, principal=20_000, interest=0)) for row in rows]
    state = replace(preview(contract), instalments=tuple(level))
    assert yearly_cost(contract, state).apr == YearlyRate(Decimal("11.82"))


def test_an_odd_first_period_of_a_month_of_days_is_a_month() -> None:
    late = replace(EQUAL_PARTS, first_due=date(2024, 1, 31), interest=InterestMethod.FLAT)
    assert cost(late).apr.reason is None


def test_periods_longer_than_a_year_are_no_unit_periods() -> None:
    found = cost(replace(LOAN, every=18))
    assert found.apr == YearlyRate(None, "Its periods of 18 months exceed a year.")
    assert found.effective.percent is not None


def test_a_single_payment_after_an_odd_period_has_no_unit_period() -> None:
    found = cost(replace(LOAN, instalments=1, first_due=date(2024, 2, 20)))
    assert found.apr == YearlyRate(None, "Its only instalment falls due after an odd period.")
    assert found.effective.percent is not None


def test_money_that_is_back_at_once_has_no_rate() -> None:
    contract = replace(LOAN, principal_minor=1, down_payment=Fraction(9, 10))
    none = YearlyRate(None, "All money moves at one time.")
    assert cost(contract) == YearlyCost(none, none)
