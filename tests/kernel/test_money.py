"""Every currency has its own minor unit."""

import pytest

from tradeline.kernel.money import CURRENCIES, MINOR_DIGITS, minor_digits, minor_per_unit


@pytest.mark.parametrize(("currency", "digits"), [("CNY", 2), ("JPY", 0), ("KWD", 3), ("XOF", 0)])
def test_a_unit_is_ten_to_the_digits_of_its_minor_unit(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits
    assert minor_per_unit(currency) == 10**digits


def test_currencies_are_three_capital_letters_and_hold_those_of_other_digits() -> None:
    assert {"CNY", "EUR", "USD"} | set(MINOR_DIGITS) <= CURRENCIES
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CURRENCIES)
    assert not {"ABC", "XTS", "XAU", ""} & CURRENCIES
