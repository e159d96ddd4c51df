from datetime import date, timedelta

import pytest

from tradeline.lending.dates.day_counts import Period
from tradeline.lending.loan.allocation import allocate
from tradeline.lending.loan.amounts import Amounts, Component
from tradeline.lending.loan.contract import (
    USUAL_ORDER,
    ChargeKind,
    Direction,
    Future,
    Step,
    Timing,
    Waterfall,
)
from tradeline.lending.loan.rows import ChargeDue, Row

BEGIN = date(2024, 1, 1)
DUE = [date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1)]
ACROSS = Direction.COMPONENT_BY_COMPONENT
PRINCIPAL_FIRST = Step(frozenset(Timing), (Component.PRINCIPAL, Component.INTEREST))


def rows() -> list[Row]:
    """Three instalments of 100 and 10, the first with a penalty of 5."""
    begins = [BEGIN, *DUE[:-1]]
    made = [Row(Period(begin, due), 100, 10) for begin, due in zip(begins, DUE, strict=True)]
    made[0].charges.append(ChargeDue(ChargeKind.PENALTY, DUE[0], 5))
    return made


def paid(
    amount: int, on: date, waterfall: Waterfall | None = None, future: Future = Future.NEXT
) -> tuple[list[int], Amounts, int]:
    """What each row received, what it went to, and what was left."""
    loan = rows()
    went, left = allocate(loan, amount, on, waterfall or Waterfall(), future)
    return [row.paid.total for row in loan], went, left


def test_one_instalment_is_paid_after_another() -> None:
    assert paid(120, DUE[1]) == ([115, 5, 0], Amounts(100, 15, 0, 5), 0)


def test_one_component_is_paid_after_another_of_all_that_is_due() -> None:
    across = Waterfall(direction=ACROSS)
    assert paid(40, DUE[1], across) == ([30, 10, 0], Amounts(15, 20, 0, 5), 0)


def test_what_is_past_due_may_come_before_what_is_due() -> None:
    by_timing = Waterfall(
        tuple(Step(frozenset([timing]), USUAL_ORDER) for timing in Timing), direction=ACROSS
    )
    assert paid(135, DUE[1], by_timing) == ([115, 20, 0], Amounts(110, 20, 0, 5), 0)


def test_a_component_that_no_step_names_is_not_paid() -> None:
    assert paid(1_000, DUE[2], Waterfall((PRINCIPAL_FIRST,))) == (
        [110, 110, 110], Amounts(300, 30), 670,
    )  # fmt: skip


def test_a_timing_that_no_step_names_is_not_paid() -> None:
    past_only = Waterfall((Step(frozenset([Timing.PAST_DUE]), USUAL_ORDER),))
    assert paid(1_000, DUE[1], past_only) == ([115, 0, 0], Amounts(100, 10, 0, 5), 885)


@pytest.mark.parametrize(
    ("future", "expected"),
    [
        (Future.NEXT, [60, 0, 0]),
        (Future.LAST, [0, 0, 60]),
        (Future.SPREAD, [20, 20, 20]),
    ],
)
def test_a_payment_in_advance_goes_where_the_contract_says(
    future: Future, expected: list[int]
) -> None:
    assert paid(60, date(2024, 1, 20), future=future)[0] == expected


def test_equal_parts_round_to_even_and_the_last_takes_the_rest() -> None:
    assert paid(61, date(2024, 1, 20), future=Future.SPREAD)[0] == [20, 20, 21]
    assert paid(2, date(2024, 1, 20), future=Future.SPREAD)[0] == [1, 1, 0]


def test_equal_parts_go_on_where_one_instalment_is_full() -> None:
    assert paid(334, date(2024, 1, 20), future=Future.SPREAD) == (
        [114, 110, 110], Amounts(299, 30, 0, 5), 0,
    )  # fmt: skip


def test_more_than_is_owed_is_left() -> None:
    assert paid(400, DUE[0]) == ([115, 110, 110], Amounts(300, 30, 0, 5), 65)


def test_a_charge_may_be_due_before_its_instalment() -> None:
    loan = rows()
    loan[1].charges.append(ChargeDue(ChargeKind.FEE, date(2024, 2, 10), 7))
    waterfall = Waterfall(charges_by_their_date=True)
    allocate(loan, 122, date(2024, 2, 12), waterfall, Future.NEXT)
    assert loan[1].paid == Amounts(fees=7)


def test_a_row_knows_what_was_paid_early_and_late() -> None:
    loan = rows()
    allocate(loan, 50, DUE[0] - timedelta(days=3), Waterfall(), Future.NEXT)
    allocate(loan, 50, DUE[0] + timedelta(days=3), Waterfall(), Future.NEXT)
    assert (loan[0].in_advance, loan[0].late) == (50, 50)
