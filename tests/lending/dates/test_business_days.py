from datetime import date

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lending.dates.business_days import Calendar, Shift, business_day

NATIONAL_DAY = date(2024, 10, 1)  # China rests until the 7th


def test_a_business_day_stays() -> None:
    assert business_day(date(2024, 9, 27), Calendar("CN")) == date(2024, 9, 27)


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        (Shift.FOLLOWING, date(2024, 10, 8)),
        (Shift.PRECEDING, date(2024, 9, 30)),
        (Shift.MODIFIED_FOLLOWING, date(2024, 10, 8)),
    ],
)
def test_a_holiday_moves_as_the_calendar_says(shift: Shift, expected: date) -> None:
    assert business_day(NATIONAL_DAY, Calendar("CN", shift)) == expected


def test_modified_following_stays_within_the_month() -> None:
    easter_eve = date(2024, 3, 30)  # Saturday; Monday 1 April is Easter Monday
    assert business_day(easter_eve, Calendar("GB", Shift.FOLLOWING, "ENG")) == date(2024, 4, 2)
    modified = Calendar("GB", Shift.MODIFIED_FOLLOWING, "ENG")
    assert business_day(easter_eve, modified) == date(2024, 3, 28)


def test_a_sunday_worked_instead_of_a_holiday_is_a_business_day() -> None:
    assert business_day(date(2024, 9, 29), Calendar("CN")) == date(2024, 9, 29)


def test_a_country_without_holidays_known_is_refused() -> None:
    with pytest.raises(InputProblem) as refused:
        business_day(NATIONAL_DAY, Calendar("XX"))
    found = refused.value.findings[0]
    assert (found.code, found.message) == ("unknown-calendar", "No holidays of 'XX' are known.")
    assert found.remedy == "Write an ISO 3166 code such as CN, or leave the calendar out."
