from dataclasses import replace
from decimal import Decimal

from tests.lending.loan.plain_loan import LOAN
from tradeline.lending.loan.fold import preview
from tradeline.lending.products.shown import cost_table, cost_text, schedule_table, schedule_text
from tradeline.lending.products.yearly_cost import YearlyCost, YearlyRate, yearly_cost


def test_a_schedule_is_a_table_in_units() -> None:
    assert schedule_text(LOAN, preview(LOAN)) == (
        "CNY 1,200.00 from 2024-01-01, 3 instalments\n"
        "\n"
        "          due  days  principal  interest    to pay    left\n"
        "1  2024-02-01    31     396.03     12.00    408.03  803.97\n"
        "2  2024-03-01    29     399.99      8.04    408.03  403.98\n"
        "3  2024-04-01    31     403.98      4.04    408.02    0.00\n"
        "       in all         1,200.00     24.08  1,224.08\n"
    )


def test_a_currency_without_minor_units_shows_none() -> None:
    yen = replace(LOAN, currency="JPY")
    assert "1  2024-02-01    31     39,603     1,200   40,803  80,397" in schedule_text(
        yen, preview(yen)
    )


def test_programs_read_minor_units() -> None:
    table = schedule_table(LOAN, preview(LOAN))
    assert table["totals"] == {
        "principal_minor": 120_000, "interest_minor": 2_408, "to_pay_minor": 122_408,
    }  # fmt: skip
    rows = table["instalments"]
    assert isinstance(rows, list)
    assert rows[0] == {
        "number": 1,
        "due": "2024-02-01",
        "days": 31,
        "principal_minor": 39_603,
        "interest_minor": 1_200,
        "to_pay_minor": 40_803,
        "left_minor": 80_397,
    }


def test_a_cost_is_a_line_for_each_rate() -> None:
    assert cost_text(yearly_cost(LOAN, preview(LOAN))) == (
        "Effective annual rate: 12.72 %\nAPR: 12.00 %\n"
    )


def test_a_rate_that_there_is_not_says_why() -> None:
    cost = YearlyCost(YearlyRate(Decimal("1234.50")), YearlyRate(None, "Its periods are odd."))
    assert cost_text(cost) == (
        "Effective annual rate: 1,234.50 %\nAPR: none. Its periods are odd.\n"
    )
    assert cost_table(cost) == {
        "effective_annual_rate": {"percent": "1234.50", "reason": None},
        "apr": {"percent": None, "reason": "Its periods are odd."},
    }
