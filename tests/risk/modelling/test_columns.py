"""What a column holds, and its texts as numbers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.risk.modelling.columns import OTHERS, Kind, column_of, values_of
from tradeline.risk.modelling.tables import Texts
from tradeline.risk.modelling.written import number_of, signs_of


def texts(values: list[str]) -> Texts:
    levels, codes = np.unique(np.array(values, dtype=object), return_inverse=True)
    return Texts(tuple(levels.tolist()), codes.astype(np.int64))


@pytest.mark.parametrize(
    ("values", "kind", "first"),
    [
        (["1.5", "2", "NA", "-3e2"], Kind.NUMBER, 1.5),
        (["1", "2", "", "?"], Kind.INTEGER, 1),
        (["$1,234.50", "$20.00", "-$3.25"], Kind.NUMBER, 1234.5),
        (["1.234,50", "20,00", "3,25"], Kind.NUMBER, 1234.5),
        (["12.5%", "7%", "(3%)"], Kind.NUMBER, 12.5),
        (["36 months", "60 months", "1 month"], Kind.INTEGER, 36),
        (["CNY 1,000", "CNY 2,500"], Kind.INTEGER, 1000),
        (["1e400", "1", "2.5"], Kind.NUMBER, np.nan),
        (["2016-01-03", "2017-02-01"], Kind.DATE, 16803),
        (["Feb-2018", "Jan-2018"], Kind.DATE, 17563),
        (["31/12/2016", "01/02/2017"], Kind.DATE, 17166),
        (["a", "b", "a", "none"], Kind.CATEGORY, 0),
        (["A11", "A12", "A11"], Kind.CATEGORY, 0),
        (["yes", "no", ""], Kind.BOOLEAN, 1),
        (["true", "false"], Kind.BOOLEAN, 1),
        (["< 1 year", "10+ years", "3 years"], Kind.CATEGORY, 2),
        (["", "NA", "null"], Kind.EMPTY, np.nan),
        ([f"firm {row}" for row in range(60)], Kind.TEXT, np.nan),
    ],
)
def test_the_kind_of_a_column_is_told_from_its_texts(
    values: list[str], kind: Kind, first: float
) -> None:
    repeats = 1 if kind is Kind.TEXT else 10
    column = column_of("x", texts(values * repeats))
    assert column.form.kind is kind
    assert column.values.numbers[0] == pytest.approx(first, nan_ok=True)
    assert not column.values.misfits.any()


def test_day_numbers_are_dates_where_the_name_says_so() -> None:
    days = texts([str(15_000 + row) for row in range(40)])
    assert column_of("ApprovalDate", days).form.kind is Kind.DATE
    assert column_of("balance", days).form.kind is Kind.INTEGER


def test_numbers_that_name_things_are_levels() -> None:
    column = column_of("zip", texts(["94105", "10001"] * 10))
    assert column.form.levels == ("10001", "94105")


def test_a_few_mistyped_cells_do_not_change_the_kind_and_are_told() -> None:
    column = column_of("x", texts([str(row) for row in range(99)] + ["abc"]))
    assert column.form.kind is Kind.INTEGER
    assert column.values.misfits.sum() == 1
    assert np.isnan(column.values.numbers[-1])


def test_an_unknown_level_stands_past_all_levels_and_a_rare_one_among_the_others() -> None:
    few = column_of("x", texts(["a", "b"] * 10)).form
    assert few.levels == ("a", "b")
    read = values_of(few, texts(["a", "z", ""]))
    assert read.numbers[:2].tolist() == [0, 2]
    assert read.misfits.tolist() == [False, True, False]
    many = column_of("x", texts([f"l{row % 40}" for row in range(800)] + ["rare"] * 2)).form
    assert many.levels[-1] == OTHERS
    assert "rare" not in many.levels
    read = values_of(many, texts(["l1", "rare", "never seen"]))
    assert read.numbers[1:].tolist() == [40, 40]
    assert read.misfits.tolist() == [False, True, True]


def test_whole_numbers_kept_as_floats_are_the_same_levels() -> None:
    form = column_of("zip", texts(["1", "2"] * 10)).form
    assert values_of(form, texts(["1.0", "2.0"])).numbers.tolist() == [0, 1]


@given(st.floats(-1e12, 1e12).map(lambda value: round(value, 2)))
def test_an_amount_reads_back_however_it_is_written(value: float) -> None:
    english = f"{value:,.2f}"
    german = english.replace(",", "_").replace(".", ",").replace("_", ".")
    for written in (english, german, f"{value:.2f}"):
        signs = signs_of(["1.234,50" if written == german else "1,234.50", written])
        assert number_of(written, signs) == value
    dollars = f"-${english[1:]}" if value < 0 else f"${english}"
    assert number_of(dollars, signs_of(["$1,234.50", dollars])) == value
