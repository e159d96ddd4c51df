"""Every currency has its own minor unit, and amounts are written with all of its digits."""

import pytest

from tradeline.kernel.money import (
    CURRENCIES,
    MINOR_DIGITS,
    amount_text,
    grouped_amount,
    minor_digits,
    minor_per_unit,
)


@pytest.mark.parametrize(("currency", "digits"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("XOF", 0)])
def test_a_unit_is_ten_to_the_digits_of_its_minor_unit(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits
    assert minor_per_unit(currency) == 10**digits


def test_currencies_are_three_capital_letters_and_hold_those_of_other_digits() -> None:
    assert {"CNY", "EUR", "USD"} | set(MINOR_DIGITS) <= CURRENCIES
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CURRENCIES)
    assert not {"ABC", "XTS", "XAU", ""} & CURRENCIES


@pytest.mark.parametrize(
    ("minor", "digits", "plain", "grouped"),
    [
        (-125_000, 2, "-1250.00", "-1,250.00"),
        (-5, 2, "-0.05", "-0.05"),
        (0, 2, "0.00", "0.00"),
        (1_234_567, 0, "1234567", "1,234,567"),
        (10**18 + 1, 3, "1000000000000000.001", "1,000,000,000,000,000.001"),
    ],
)
def test_an_amount_is_written_exactly(minor: int, digits: int, plain: str, grouped: str) -> None:
    assert (amount_text(minor, digits), grouped_amount(minor, digits)) == (plain, grouped)
