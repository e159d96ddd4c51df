"""Amounts and texts are written the same way everywhere, whatever the data hold."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.risk.report import formatting
from tradeline.risk.report.data import Interval


def test_money_is_written_in_whole_units_with_thousands_separators() -> None:
    assert formatting.money(125_000_050, "CNY") == "CNY\u00a01,250,000"
    assert formatting.money(-150, "EUR") == "EUR\u00a0\u22122"


def test_money_knows_currencies_without_hundredths() -> None:
    assert formatting.money(1_250_000, "JPY") == "JPY\u00a01,250,000"
    assert formatting.money(1_250_000, "KWD") == "KWD\u00a01,250"


def test_what_is_not_known_is_a_dash() -> None:
    nan = float("nan")
    assert {formatting.money(None, "CNY"), formatting.percent(nan), formatting.number(None)} == {
        "–"
    }
    assert formatting.chance_range(None) == formatting.chance(None) == "–"


def test_shares_are_per_cents() -> None:
    assert formatting.percent(0.0845, 2) == "8.45\u00a0%"
    assert formatting.chance_range(Interval(0.02, 0.0042, 0.03)) == "0.42\u00a0% to 3.0\u00a0%"


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.0, "0.0"), (0.00004, "under\u00a00.01"), (0.0001, "0.01"), (0.0099, "0.99"),
        (0.00996, "1.0"), (0.0123, "1.2"), (0.5, "50.0"), (1.0, "100.0"),
    ],
)  # fmt: skip
def test_a_small_probability_is_not_rounded_to_nothing(share: float, text: str) -> None:
    assert formatting.chance(share) == f"{text}\u00a0%"


def test_a_rounded_zero_has_no_sign() -> None:
    assert formatting.percent(-0.00001) == "0.0\u00a0%"
    assert formatting.points(-0.04) == "0"


def test_points_and_counts_read_well() -> None:
    assert [formatting.points(value) for value in (3.0, -12.5)] == ["+3", "\u221212.5"]
    assert formatting.count(1, "firm") == "1\u00a0firm"
    assert formatting.count(2000, "firm") == "2,000\u00a0firms"


def test_axes_are_short() -> None:
    assert [formatting.compact(value) for value in (950, 12_000, 1_500_000, 2e9)] == [
        "950",
        "12k",
        "1.5M",
        "2bn",
    ]


def test_marks_that_turn_text_around_are_taken_out() -> None:
    assert formatting.name("evil\u202egnp.exe\x00\ud800") == "evilgnp.exe \ufffd"
    assert formatting.name("\u202e \n") == "(no name)"
    assert formatting.name("***电器销售有限公司") == "***电器销售有限公司"


@given(st.integers(-(10**15), 10**15))
def test_money_can_be_read_back_to_the_unit(minor: int) -> None:
    written = formatting.money(minor, "CNY").removeprefix("CNY\u00a0")
    assert abs(int(written.replace(",", "").replace("\u2212", "-")) * 100 - minor) <= 50
