"""What a schedule costs a year, held to what a library finds and to what follows by hand."""

from dataclasses import replace
from datetime import date
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


def test_dates_agreed_one_by_one_have_an_effective_rate_alone() -> None:
    agreed = (CustomInstalment(date(2024, 3, 15), 70_000), CustomInstalment(date(2024, 9, 30)))
    found = cost(replace(EQUAL_PARTS, instalments=2, custom=agreed))
    assert found.apr == YearlyRate(None, "Its due dates are agreed one by one.")
    assert found.effective.percent is not None


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
