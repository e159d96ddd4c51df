"""How dates and amounts are written is told from samples, and doubt is said."""

import pytest

from tradeline.lake.written_forms import (
    ambiguous_amount,
    ambiguous_date,
    date_format,
    number_signs,
)


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["2020-01-31"], None),
        (["2020-01-31 10:00:00"], None),
        (["31.01.2020"], "%d.%m.%Y"),
        (["2020/01/31", "2020/12/01"], "%Y/%m/%d"),
        (["nonsense"], None),
        (["20200131"], "%Y%m%d"),
        (["31/01/2020", "01/02/2020"], "%d/%m/%Y"),
        (["01/31/2020", "01/02/2020"], "%m/%d/%Y"),
        (["2020-01-31T10:00:00.5+08:00"], None),
        (["2020-W05-1"], None),
    ],
)
def test_date_formats(values: list[str], form: str | None) -> None:
    assert date_format(values) == form


def test_amounts_with_decimal_commas() -> None:
    assert number_signs(["1.234,50", "3,00"]) == (".", ",")
    assert number_signs(["1,234.50", "3.00"]) == (",", ".")
    assert number_signs(["1234", "500", "1.234,50"]) == (".", ",")
    assert number_signs(["1.234.567"]) == (".", ",")
    assert number_signs(["0,125", "0,250"]) == (".", ",")
    assert number_signs(["1,0625", "12,5000"]) == (".", ",")
    assert number_signs(["0.125", "1,250"]) == (",", ".")
    assert number_signs([",375"]) == (".", ",")


@pytest.mark.parametrize(
    ("values", "example"),
    [
        (["05/05/2020", "05/06/2020"], "05/06/2020"),
        (["05/06/2020", "13/06/2020"], None),
        (["05/06/2020", "06/13/2020", "07/14/2020"], None),
        (["05/05/2020"], None),
        (["2020-05-06"], None),
        ([], None),
    ],
)
def test_a_date_that_may_be_read_twice_is_found(values: list[str], example: str | None) -> None:
    assert ambiguous_date(values) == example


@pytest.mark.parametrize(
    ("values", "example"),
    [
        (["500", "1.234"], "1.234"),
        (["1.234", "1.50"], None),
        (["1.234", "1.234,50"], None),
        (["1,234"], None),
        ([], None),
    ],
)
def test_an_amount_that_may_be_read_twice_is_found(values: list[str], example: str | None) -> None:
    assert ambiguous_amount(values) == example
