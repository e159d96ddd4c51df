from datetime import date

from tradeline.lending.dates.due_dates import Frequency, due_date, later, plus_months


def test_the_last_day_of_a_month_comes_back_after_a_short_one() -> None:
    start = date(2024, 1, 31)
    days = [due_date(start, Frequency.MONTHS, 1, number) for number in (1, 2, 3)]
    assert days == [date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]


def test_a_stated_first_due_date_leads_the_others() -> None:
    start, first = date(2024, 1, 5), date(2024, 2, 20)
    assert due_date(start, Frequency.WEEKS, 2, 1, first) == first
    assert due_date(start, Frequency.WEEKS, 2, 3, first) == date(2024, 3, 19)


def test_months_may_be_taken_off() -> None:
    assert plus_months(date(2024, 3, 31), -1) == date(2024, 2, 29)
    assert plus_months(date(2024, 1, 15), -1) == date(2023, 12, 15)


def test_days_and_weeks_are_counted_out() -> None:
    assert later(date(2024, 2, 28), Frequency.DAYS, 2) == date(2024, 3, 1)
    assert later(date(2024, 2, 28), Frequency.WEEKS, 1) == date(2024, 3, 6)
