from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.lending.loan.plain_loan import FEBRUARY, INSTALMENT, LOAN, MARCH, on, paid, paid_out
from tradeline.lending.loan.contract import Grace
from tradeline.lending.loan.delinquency import bucket
from tradeline.lending.loan.events import DelinquencyPause, Event
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import Delinquency

BUCKETS = (("1 to 30", 1), ("31 to 60", 31), ("over 60", 61))


def late(day: date, *events: Event, grace_days: int = 0) -> Delinquency:
    contract = replace(LOAN, grace=Grace(arrears_days=grace_days))
    return fold(contract, [paid_out(), *events], day).delinquency


def test_nothing_is_late_on_its_due_date() -> None:
    assert late(FEBRUARY) == Delinquency(None, 0)


def test_days_count_from_the_oldest_open_instalment() -> None:
    found = late(date(2024, 3, 11))
    assert (found.since, found.days) == (FEBRUARY, 39)
    assert found.overdue.total == 2 * INSTALMENT


def test_a_payment_brings_the_next_open_instalment_to_the_front() -> None:
    found = late(date(2024, 3, 11), paid(date(2024, 3, 5), INSTALMENT))
    assert (found.since, found.days, found.overdue.total) == (MARCH, 10, INSTALMENT)


def test_days_of_grace_are_taken_off() -> None:
    assert late(date(2024, 2, 6), grace_days=5).days == 0
    assert late(date(2024, 2, 7), grace_days=5) == replace(
        late(date(2024, 2, 7)), since=date(2024, 2, 6), days=1
    )


def test_days_of_a_pause_do_not_count_once_even_where_pauses_overlap() -> None:
    def pause(begin: int, until: int) -> DelinquencyPause:
        return on(DelinquencyPause, date(2024, 2, begin), until=date(2024, 2, until))

    pauses = [pause(5, 10), pause(8, 12)]
    assert late(date(2024, 2, 21), *pauses).days == 20 - 7


@pytest.mark.parametrize(
    ("days", "name"),
    [(0, None), (1, "1 to 30"), (30, "1 to 30"), (31, "31 to 60"), (400, "over 60")],
)
def test_days_late_fall_into_a_bucket(days: int, name: str | None) -> None:
    assert bucket(days, BUCKETS) == name


def test_each_day_late_is_one_more() -> None:
    days = [late(FEBRUARY + timedelta(days=day)).days for day in range(40)]
    assert days == list(range(40))
