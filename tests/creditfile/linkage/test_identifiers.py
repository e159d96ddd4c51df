"""Identifiers of enterprises: the batch says what python-stdnum says, value by value."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

from tradeline.creditfile.linkage import identifier_kinds
from tradeline.creditfile.linkage.check_digits import SHAPES
from tradeline.creditfile.linkage.identifier_kinds import KINDS, OWN, rules_of
from tradeline.creditfile.linkage.identifiers import check, held, kinds_of, with_plain_width
from tradeline.kernel.findings import InputProblem

VALID = {
    "cn.uscc": "91110000600037341L",
    "lei": "213800KUD8LAJWSQ9D15",
    "de.vat": "136695976",
    "fr.siren": "552008443",
    "fr.siret": "73282932000074",
    "it.iva": "00743110157",
    "pl.nip": "8567346215",
}
SEPARATORS = " -./,:\t\n　－"
FULL_WIDTH = {ord("0") + n: chr(0xFF10 + n) for n in range(10)} | {ord("A"): "Ａ"}


def oracle(kind: str) -> Any:
    return import_module(f"stdnum.{kind}")


def test_every_kind_that_is_checked_at_once_has_an_example() -> None:
    assert set(VALID) == set(SHAPES)
    assert [kind for kind, number in VALID.items() if not oracle(kind).is_valid(number)] == []


@st.composite
def written(draw: st.DrawFn, kind: str) -> str:
    """A number as people write it: mistyped or not, in pieces, in small letters, of full width."""
    text = VALID[kind]
    if draw(st.booleans()):
        place = draw(st.integers(0, len(text) - 1))
        text = text[:place] + draw(st.sampled_from("0123456789AIOZ")) + text[place + 1 :]
    if draw(st.booleans()):
        place, other = (draw(st.integers(0, len(text) - 1)) for _ in range(2))
        signs = list(text)
        signs[place], signs[other] = signs[other], signs[place]
        text = "".join(signs)
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(text)))
        text = text[:place] + draw(st.sampled_from(SEPARATORS)) + text[place:]
    text = draw(st.sampled_from((text, text.lower(), text.title(), text.translate(FULL_WIDTH))))
    before: str = draw(st.sampled_from(("", "", " ", "DE", "de", "IT", "PL", "DEDE", "D-E")))
    return before + text


@pytest.mark.parametrize("kind", SHAPES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_a_column_has_the_verdicts_and_forms_of_one_by_one(kind: str, data: st.DataObject) -> None:
    strange = st.one_of(st.text(max_size=25), st.text("0123456789", max_size=20), st.none())
    values = data.draw(st.lists(st.one_of(written(kind), written(kind), strange), max_size=12))
    found = check(kind, values)
    judge = oracle(kind)
    expected = [value is not None and judge.is_valid(value) for value in values]
    assert found.valid.tolist() == [
        valid and bool(str(value).strip()) for valid, value in zip(expected, values, strict=True)
    ]
    for value, normal, valid in zip(values, found.normal, found.valid, strict=True):
        assert normal == (judge.compact(value) if valid else None)


@pytest.mark.parametrize("kind", SHAPES)
def test_random_numbers_of_the_right_length_are_judged_alike(kind: str) -> None:
    rng = np.random.default_rng(5)
    signs = list("0123456789" if kind not in ("cn.uscc", "lei") else "0123456789ABCX")
    length = len(VALID[kind])
    values = ["".join(row) for row in rng.choice(signs, (2000, length))]
    if kind == "it.iva":
        values = [value[:7] + f"{int(value[7:9]):03d}" + value[10:] for value in values]
    if kind == "fr.siret":
        values[:500] = ["356000000" + value[9:] for value in values[:500]]
    found = check(kind, values).valid
    assert found.tolist() == [oracle(kind).is_valid(value) for value in values]
    assert 0 < found.sum() + (kind in ("cn.uscc", "lei")) < len(values)


def test_a_mistyped_sign_anywhere_breaks_a_unified_social_credit_identifier() -> None:
    number = VALID["cn.uscc"]
    broken = [
        number[:place] + sign + number[place + 1 :]
        for place in range(18)
        for sign in uscc._alphabet
        if sign != number[place]
    ]
    assert not check("cn.uscc", broken).valid.any()


@pytest.mark.parametrize(
    "value",
    [None, "", "  ", "\t\n", "\x00", "9" * 10_000, " " * 10_000 + "91110000600037341L", "\ud800",
     "91110000600037341L\x00", "91110000600037341\n", "９１１１００００６０００３７３４１Ｌ",
     "‏91110000600037341L", "91110000600037341L😀", "https://example.org/?q=1"],
)  # fmt: skip
@pytest.mark.parametrize("kind", ["cn.uscc", "lei", "de.vat", "eu.vat", "de.handelsregisternummer"])
def test_a_strange_value_is_judged_and_never_an_error(kind: str, value: str | None) -> None:
    found = check(kind, [value, VALID["cn.uscc"]])
    try:
        valid = value is not None and bool(str(value).strip()) and oracle(kind).is_valid(value)
    except ValidationError:  # pragma: no cover
        valid = False
    assert bool(found.valid[0]) is valid


def test_blanks_are_not_stated_and_an_invalid_number_has_no_normal_form() -> None:
    found = check("cn.uscc", [None, " ", "9111 0000-600037341l", "91110000600037341X"])
    assert found.stated.tolist() == [False, False, True, True]
    assert found.valid.tolist() == [False, False, True, False]
    assert found.normal.tolist() == [None, None, "91110000600037341L", None]


def test_width_is_a_step_of_its_own() -> None:
    digits, letters = "９１１１００００６０００３７３４１L", "９１１１００００６０００３７３４１Ｌ"
    assert [uscc.is_valid(digits), uscc.is_valid(letters)] == [True, False]
    assert check("cn.uscc", [digits, letters]).valid.tolist() == [True, False]
    plain = with_plain_width([digits, letters, None])
    assert check("cn.uscc", plain).valid.tolist() == [True, True, False]


def test_an_array_with_masked_values_is_a_column() -> None:
    values = np.ma.masked_array(np.array(["213800KUD8LAJWSQ9D15", "x"], object), mask=[False, True])
    found = check("lei", values)
    assert (found.stated.tolist(), found.valid.tolist()) == ([True, False], [True, False])


def test_a_column_of_more_than_one_chunk_keeps_its_order() -> None:
    values: list[str | None] = [None, "x" * 50, VALID["de.vat"]] * 30_000
    found = check("de.vat", values)
    assert found.valid.tolist() == [False, False, True] * 30_000
    assert set(found.normal[2::3]) == {"136695976"}


@pytest.mark.parametrize("kind", [name for name in KINDS if name not in OWN])
def test_every_kind_is_one_of_python_stdnum(kind: str) -> None:
    assert callable(rules_of(kind).validate)
    assert not check(kind, ["no number", "-"]).valid.any()


@pytest.mark.parametrize(
    ("kind", "valid", "normal", "invalid"),
    [
        ("cn.organisation_code", "60003734-1", "600037341", "600037342"),
        ("cn.registration_number", "110108000000016", "110108000000016", "110108000000017"),
        ("cn.tax_number", "110000 600037341", "110000600037341", "110000600037342"),
        ("gb.company", "6400", "00006400", "64OO"),
        ("gb.company", "sc 123456", "SC123456", "SCX23456"),
        ("nl.kvk", "30 27 94 61", "30279461", "3027946"),
        ("in.gstin", "27AAPFU0939F1ZV", "27AAPFU0939F1ZV", "27AAPFU0939F1ZA"),
        ("br.cnpj", "16.727.230/0001-97", "16727230000197", "16.727.230.0001-98"),
        ("nl.btw", "NL4495445B01", "004495445B01", "NL4495446B01"),
        ("gb.vat", "GB 980 7806 84", "980780684", "802311781"),
        ("de.handelsregisternummer", "Berlin HRB 11223 B", "Berlin (Charlottenburg) HRB 11223 B",
         "Atlantis HRB 1"),
    ],
)  # fmt: skip
def test_registers_of_many_countries(kind: str, valid: str, normal: str, invalid: str) -> None:
    found = check(kind, [valid, invalid])
    assert found.valid.tolist() == [True, False]
    assert found.normal[0] == normal


def test_numbers_within_numbers_let_registers_meet() -> None:
    code = held(check("cn.uscc", [VALID["cn.uscc"], "x"]))["cn.organisation_code"]
    assert code.tolist() == ["600037341", None]
    assert check("cn.organisation_code", code).valid.tolist() == [True, False]
    assert held(check("cn.tax_number", ["110000600037341"]))["cn.organisation_code"][0] == code[0]
    assert held(check("fr.siret", [VALID["fr.siret"]]))["fr.siren"].tolist() == ["732829320"]
    assert held(check("fr.tva", ["Fr 40 303 265 045"]))["fr.siren"].tolist() == ["303265045"]
    assert held(check("in.gstin", ["27AAPFU0939F1ZV"]))["in.pan"].tolist() == ["AAPFU0939F"]
    assert held(check("lei", [VALID["lei"]])) == {}


def credit_identifiers(number: int) -> list[str]:
    bodies = [f"91110000{60003000 + n * 37:08d}0" for n in range(number)]
    return [body + uscc.calc_check_digit(body) for body in bodies]


def test_a_column_tells_its_kind() -> None:
    values = [*credit_identifiers(30), None, " ", "mistyped"]
    (found,) = kinds_of(values, 0.9, 10)
    assert (found.kind.name, found.share) == ("cn.uscc", 30 / 31)


def test_kinds_that_are_written_alike_are_all_named() -> None:
    rng = np.random.default_rng(7)
    numbers = rng.integers(100_000_000, 1_000_000_000, 2000).astype(str).tolist()
    sirens = [number for number in numbers if oracle("fr.siren").is_valid(number)]
    assert {one.kind.name for one in kinds_of(sirens, 0.9, 10)} == {"fr.siren", "ca.bn"}


@pytest.mark.parametrize(
    "values",
    [
        credit_identifiers(9),
        credit_identifiers(1) * 50,
        [f"{n:09d}" for n in range(200)],
        [*credit_identifiers(20), *(f"name {n}" for n in range(20))],
        [],
    ],
)
def test_few_repeated_plain_or_mixed_values_tell_none(values: list[str]) -> None:
    assert kinds_of(values, 0.9, 10) == ()


def test_a_number_without_check_digits_is_stated_not_recognised() -> None:
    values = [f"30-{n:07d}" for n in range(1000, 1100)]
    assert check("us.ein", values).valid.all()
    assert "us.ein" not in {one.kind.name for one in kinds_of(values, 0.9, 10)}


def test_an_unknown_kind_names_those_of_the_country() -> None:
    with pytest.raises(InputProblem) as raised:
        check("nl.vat", ["x"])
    assert str(raised.value) == (
        "error: nl.vat: There is no such kind of identifier. Name one as nl.btw, nl.kvk; "
        "docs/concepts/names-and-identifiers.md lists all."
    )


def test_the_page_lists_every_kind() -> None:
    page = Path(__file__).parents[3] / "docs" / "concepts" / "names-and-identifiers.md"
    with_digits, without = page.read_text("utf-8").split("These have none")
    listed = re.findall(r"`([a-z]{2}\.[a-z_]+|lei)`", with_digits.split("These have check")[1])
    assert sorted(listed) == sorted(name for name, kind in KINDS.items() if kind.check_digits)
    listed = re.findall(r"`([a-z]{2}\.[a-z_]+)`", without)
    assert sorted(listed) == sorted(name for name, kind in KINDS.items() if not kind.check_digits)


def test_without_python_stdnum_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise ImportError(name)

    rules_of.cache_clear()
    monkeypatch.setattr(identifier_kinds, "import_module", absent)
    with pytest.raises(InputProblem) as raised:
        check("gb.vat", ["980780684"])
    rules_of.cache_clear()
    assert str(raised.value) == (
        "error: python-stdnum: It is needed to check identifiers of enterprises, and is not "
        'installed. Run `pip install "tradeline[linkage]"`.'
    )
