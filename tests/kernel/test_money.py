"""Every currency has its own minor unit."""

import pytest

from tradeline.kernel.money import minor_digits, minor_per_unit


@pytest.mark.parametrize(("currency", "digits"), [("CNY", 2), ("JPY", 0), ("KWD", 3)])
def test_a_unit_is_ten_to_the_digits_of_its_minor_unit(currency: str, digits: int) -> None:
    assert minor_digits(currency) == digits
    assert minor_per_unit(currency) == 10**digits
