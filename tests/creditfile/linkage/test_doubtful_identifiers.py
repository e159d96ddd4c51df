"""Numbers that say nothing of who an enterprise is, and how that is told."""

from datetime import date

import pytest

from tests.creditfile.linkage.test_identifiers import credit_identifiers
from tradeline.creditfile.linkage.doubtful_identifiers import (
    IdentifierTerms,
    evidence,
    identifier_findings,
    is_invented,
)
from tradeline.creditfile.linkage.identifiers import check
from tradeline.risk.parameters import read_parameters

TERMS = IdentifierTerms(0.9, 10, 3)


def lines(kind: str, values: list[str | None]) -> list[str]:
    found = identifier_findings(check(kind, values), values, "firms.csv, tax_no", TERMS)
    return [one.line() for one in found]


@pytest.mark.parametrize(
    "number", ["000000000", "000000018", "111111111", "123456782", "987654324", "0123456789", "99"]
)
def test_what_people_write_where_they_have_none_is_invented(number: str) -> None:
    assert is_invented(number)


@pytest.mark.parametrize("number", ["552008443", "00000000000191", "91110000600037341L", "121212"])
def test_other_numbers_are_not(number: str) -> None:
    assert not is_invented(number)


def test_an_invented_number_within_another_is_no_evidence() -> None:
    values = ["911100000000000007", *credit_identifiers(1)]
    values[0] = next(
        one for sign in "0123456789ABCDEFGHJKLMNPQRTUWXY"
        if check("cn.uscc", [one := "91110000000000000" + sign]).valid[0]
    )  # fmt: skip
    assert evidence(check("cn.uscc", values)).tolist() == [False, True]


def test_only_a_valid_number_is_evidence() -> None:
    one, other = credit_identifiers(2)
    checked = check("cn.uscc", [one, one, other, None, "x"])
    assert evidence(checked).tolist() == [True, True, True, False, False]


def test_a_valid_number_that_is_too_short_for_its_kind_is_no_evidence() -> None:
    checked = check("lei", ["213800KUD8LAJWSQ9D15", "2135"])
    assert checked.valid.tolist() == [True, True]
    assert evidence(checked).tolist() == [True, False]


def test_invalid_numbers_are_counted_with_an_example() -> None:
    assert lines("cn.uscc", [*credit_identifiers(1), "91110000600037341X", "n/a", None]) == [
        "warning: firms.csv, tax_no: 2 of 3 values are no valid unified social credit identifier "
        "(cn.uscc), such as '91110000600037341X' in row 2. These records are linked by what else "
        "they say. Correct the numbers at the source."
    ]


def test_an_example_can_be_printed_whatever_it_holds() -> None:
    (line,) = lines("lei", ["\x1b[31m\u202e" + "9" * 10_000])
    assert "1 of 1 value is no valid" in line
    assert r"such as '\x1b[31m\u202e999999999999999999999999...' in row 1" in line


def test_invented_numbers_are_said_to_link_nothing() -> None:
    assert lines("fr.siren", ["000000000"] * 9) == [
        "warning: firms.csv, tax_no: 9 records have a number that stands for none, such as "
        "'000000000'. It links nothing. Leave the field empty where there is no number."
    ]


def test_a_number_in_too_many_records_is_doubted() -> None:
    (number,) = credit_identifiers(1)
    assert lines("cn.uscc", [number] * 4) == [
        f"warning: firms.csv, tax_no: '{number}' stands in 4 records, more than 3: it may be an "
        "agent's number, or one that fills a field. Leave the field empty where the number is not "
        "the enterprise's own."
    ]


def test_a_number_in_several_records_is_noted() -> None:
    one, other = credit_identifiers(2)
    assert lines("cn.uscc", [one, other, other]) == [
        f"note: firms.csv, tax_no: 1 number stands in more than one record, '{other}' in 2. "
        "Look at them if a register should name each once; `links` says which count as one."
    ]


def test_a_sound_column_has_no_findings() -> None:
    assert lines("cn.uscc", [*credit_identifiers(5), None]) == []


def test_the_stated_numbers_are_there_on_any_date() -> None:
    values = {n: p.value for n, p in read_parameters("identifiers", date(2024, 1, 1)).items()}
    terms = IdentifierTerms(**values)
    assert 0.5 < terms.recognised_share_min < 1
    assert terms.records_max > 1
