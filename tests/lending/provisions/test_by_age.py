"""Provisions by age follow the dated classes, at their very borders, halves up."""

from datetime import date
from fractions import Fraction

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lending.provisions.by_age import age_class, provision_by_age, read_age_classes

CLASSES = read_age_classes(date(2026, 1, 1))
BORDERS = [
    (0, "normal", 10_000), (1, "special mention", 20_001), (90, "special mention", 20_001),
    (91, "substandard", 250_012), (270, "substandard", 250_012), (271, "doubtful", 500_025),
    (360, "doubtful", 500_025), (361, "loss", 1_000_049), (9_999, "loss", 1_000_049),
]  # fmt: skip


@pytest.mark.parametrize(("days", "name", "provision"), BORDERS)
def test_classes_and_what_is_provided_for(days: int, name: str, provision: int) -> None:
    assert age_class(CLASSES, days).name == name
    assert provision_by_age(CLASSES, 1_000_049, days) == provision


def test_shares_are_exact_and_rising() -> None:
    shares = [each.share for each in CLASSES]
    assert shares == [Fraction(1, 100), Fraction(2, 100), Fraction(1, 4), Fraction(1, 2), 1]


def test_a_date_before_the_first_classes_is_refused() -> None:
    with pytest.raises(InputProblem, match="has no value on 2015-12-31"):
        read_age_classes(date(2015, 12, 31))
