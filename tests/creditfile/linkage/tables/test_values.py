"""Values are brought to forms in which what is equal looks equal."""

import math
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.creditfile.linkage.tables import values
from tradeline.creditfile.linkage.tables.kinds import kind_of


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("  Café  Zürich! ", "cafe zurich"),
        ("<b>Art&#39;s</b> Deli", "arts deli"),
        ("ＮＯＲＤ　Ｃａｆé", "nord cafe"),
        ("n/a", ""),
        ("- ? -", ""),
        ("0", "0"),
        ("北方咖啡", "北方咖啡"),
    ],
)
def test_texts_lose_what_says_nothing(written: str, plain: str) -> None:
    assert values.plain_text(written) == plain


@given(st.text(max_size=60))
def test_a_plain_text_stays_as_it_is(written: str) -> None:
    once = values.plain_text(written)
    assert values.plain_text(once) in (once, "")


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("$1,299.00", 1299.0),
        ("1.299,50 €", 1299.5),
        ("5.60 %", 5.6),
        ("3:45", 225.0),
        ("1:02:03", 3723.0),
        ("-7", -7.0),
        ("1,299", 1299.0),
        ("0,5", 0.5),
    ],
)
def test_numbers_are_read_as_people_write_them(written: str, number: float) -> None:
    assert values.number_of(written) == pytest.approx(number)


def test_what_holds_no_number_is_none() -> None:
    assert math.isnan(values.number_of("call for price"))


@pytest.mark.parametrize(
    ("written", "month_first", "day"),
    [
        ("2003-07-21", False, date(2003, 7, 21)),
        ("21/07/2003", False, date(2003, 7, 21)),
        ("07/21/2003", False, date(2003, 7, 21)),
        ("03/04/2003", True, date(2003, 3, 4)),
        ("27-Mar-01", False, date(2001, 3, 27)),
        ("March 27, 2001", False, date(2001, 3, 27)),
        ("19121006", False, date(1912, 10, 6)),
        ("2003-02-31", False, None),
        ("soon", False, None),
    ],
)
def test_days_are_read_in_many_forms(written: str, month_first: bool, day: date | None) -> None:
    assert values.day_of(written, month_first) == day


def test_codes_are_one_however_they_are_parted() -> None:
    forms = ("Sony PS-LX350H turntable", "Sony PSLX350H", "PS LX350H by Sony", "sony ps/lx350h")
    assert all("pslx350h" in values.codes(form).wholes for form in forms)


def test_measures_are_no_codes_but_numbers() -> None:
    text = "46-inch 32GB 2 pack, version v7.0"
    assert values.codes(text).wholes == ()
    assert set(values.figures(text)) == {"46", "32", "2", "7"}


def test_colours_at_the_end_of_codes_can_be_left_out() -> None:
    assert values.stems(("dscw120b", "dscw120")) == ("dscw120",)


@pytest.mark.parametrize(
    ("name", "written", "kind"),
    [
        ("price", ["$1.29", "$ 0.99", ""], "number"),
        ("year", ["1999", "2003", "2001"], "number"),
        ("duration", ["3:45", "4:01"], "number"),
        ("born", ["1912-10-06", "1950-01-31"], "date"),
        ("mail", ["a@b.com", "c.d@e.org"], "email"),
        ("url", ["http://www.a.com/x", "b.org"], "web"),
        ("phone", ["310/246-1501", "310-859-8744"], "phone"),
        ("modelno", ["PSLX350H", "DSC-W120", "KDL46XBR"], "identifier"),
        ("authors", ["A. Smith, B. Jones"], "person_name"),
        ("addr", ["12224 ventura blvd."], "address"),
        ("genre", ["rock", "pop"] * 40, "category"),
        ("title", ["The Matrix", "Blade Runner 2049"], "text"),
        ("notes", ["x" * 10_000], "text"),
        ("empty", ["", "-"], "text"),
    ],
)
def test_kinds_are_told_from_values_and_names(name: str, written: list[str], kind: str) -> None:
    assert kind_of(name, written) == kind
