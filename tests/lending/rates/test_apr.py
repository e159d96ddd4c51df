"""The regulator's own examples come out, and unit-periods are counted as the regulator does."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lending.rates.apr import (
    Unit,
    annual_percentage_rate,
    level_payments,
    unit_periods,
)
from tradeline.lending.rates.solving import Flow

# 12 CFR 1026, Appendix J, (c)(1): advance, payment, number, first day, first payment, a year, APR.
LEVEL = [
    ("monthly", 500_000, 23_000, 24, (1, Fraction(0)), 12, "9.69"),
    ("odd first month", 600_000, 20_000, 36, (1, Fraction(19, 30)), 12, "11.82"),
    ("odd first semimonth", 500_000, 21_917, 24, (0, Fraction(6, 15)), 24, "10.34"),
    ("odd first quarter", 1_000_000, 38_500, 40, (1, Fraction(39, 90)), 4, "8.97"),
    ("four weeks and four days", 50_000, 1_760, 30, (4, Fraction(4, 7)), 52, "14.96"),
]


@pytest.mark.parametrize("example", LEVEL, ids=[example[0] for example in LEVEL])
def test_level_payments_of_the_regulator(
    example: tuple[str, int, int, int, tuple[int, Fraction], int, str],
) -> None:
    _, advanced, payment, number, (first, fraction), per_year, rate = example
    flows = level_payments(advanced, payment, number, first=first, fraction=fraction)
    assert annual_percentage_rate(flows, per_year) == Decimal(rate)


def test_a_last_payment_may_differ() -> None:
    flows = [Flow(0, -500_000), *(Flow(n, 23_000) for n in range(1, 24)), Flow(24, 28_000)]
    assert annual_percentage_rate(flows, 12, digits=4) == Decimal("10.5005")


def test_one_payment_within_a_year_counts_in_days() -> None:
    flows = level_payments(100_000, 108_000, 1)
    assert annual_percentage_rate(flows, Fraction(365, 255)) == Decimal("11.45")


def test_every_digit_asked_for_is_exact() -> None:
    flows = level_payments(500_000, 23_000, 24)
    long = annual_percentage_rate(flows, 12, digits=30)
    assert long.as_tuple().exponent == -30
    assert str(long).startswith("9.6857080622")
    assert annual_percentage_rate(flows, 12, digits=10) == Decimal("9.6857080623")


INTERVALS: list[tuple[str, str, Unit, int, tuple[int, Fraction]]] = [
    ("1978-02-10", "1978-04-01", "month", 1, (1, Fraction(19, 30))),
    ("1978-05-23", "1978-10-01", "month", 3, (1, Fraction(39, 90))),
    ("1978-03-20", "1978-04-21", "week", 1, (4, Fraction(4, 7))),
    ("2024-01-31", "2024-02-29", "month", 1, (0, Fraction(29, 30))),
    ("2024-02-29", "2024-03-31", "month", 1, (1, Fraction(0))),
    ("2024-01-15", "2024-01-15", "month", 1, (0, Fraction(0))),
    ("2024-01-01", "2024-01-31", "month", 1, (1, Fraction(0))),
    ("2024-01-01", "2024-01-16", "day", 1, (15, Fraction(0))),
    ("2024-01-01", "2024-01-18", "week", 2, (1, Fraction(3, 14))),
]


@pytest.mark.parametrize("interval", INTERVALS, ids=[f"{a} to {b}" for a, b, *_ in INTERVALS])
def test_whole_unit_periods_are_counted_back_from_the_payment(
    interval: tuple[str, str, Unit, int, tuple[int, Fraction]],
) -> None:
    begin, due, unit, every, expected = interval
    found = unit_periods(date.fromisoformat(begin), date.fromisoformat(due), unit, every=every)
    assert found == expected


def test_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        unit_periods(date(2024, 2, 1), date(2024, 1, 1), "month")
    assert str(refusal.value) == (
        "error: 2024-02-01 to 2024-01-01: The later day comes first, or a unit-period has no "
        "length. Give the day of the advance, then the day of the payment."
    )


def test_a_year_without_unit_periods_is_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        annual_percentage_rate(level_payments(100, 110, 1), 0)
    assert str(refusal.value) == (
        "error: unit-periods per year: A year cannot have 0 unit-periods. State how many "
        "unit-periods make a year, such as 12."
    )
