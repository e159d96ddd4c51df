"""The words of `parameters/` that names are made of: complete, without contradiction, found."""

from importlib.resources import files
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeline.creditfile.linkage.lexicon import (
    MISTYPED_FROM,
    is_one_slip,
    lexicon,
    without_one,
)
from tradeline.creditfile.linkage.names import parts_of
from tradeline.creditfile.linkage.scripts import folded

KNOWN = lexicon()


def entries(subject: str) -> Any:
    text = (files("tradeline") / "parameters" / f"{subject}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, yaml.CSafeLoader)


def words_of(subject: str, key: str) -> list[tuple[str, str]]:
    return [(word, entry[key]) for entry in entries(subject) for word in entry["words"]]


def test_trades_fit_into_the_bits_of_a_whole_number() -> None:
    assert len(KNOWN.trades) == len(set(KNOWN.trades)) <= 64


@pytest.mark.parametrize("subject", ["trade_words", "legal_forms", "places", "name_words"])
def test_every_word_is_written_as_folding_leaves_it(subject: str) -> None:
    if subject == "name_words":
        found = [w for part, words in entries(subject).items() if part != "readings" for w in words]
    else:
        found = [word for entry in entries(subject) for word in entry["words"]]
    assert [word for word in found if folded(word.rstrip("*")) != word.rstrip("*")] == []


@pytest.mark.parametrize(
    ("subject", "key"), [("trade_words", "trade"), ("legal_forms", "form"), ("places", "place")]
)
def test_no_word_stands_twice(subject: str, key: str) -> None:
    found = [word for word, _ in words_of(subject, key)]
    assert sorted({word for word in found if found.count(word) > 1}) == []


def test_a_trade_word_behind_a_brand_tells_its_trade() -> None:
    wrong = []
    for word, trade in words_of("trade_words", "trade"):
        brand = "zanros " if word.isascii() else "鑫龘"
        if trade not in parts_of(brand + word.rstrip("*")).trades and len(word) > 1:
            wrong.append((word, trade))
    assert wrong == []


def test_a_legal_form_behind_a_brand_is_found() -> None:
    found = [
        (word, form, parts_of(f"zanros {word}")) for word, form in words_of("legal_forms", "form")
    ]
    assert [(word, parts.form) for word, form, parts in found if parts.form != form] == []
    assert [word for word, _, parts in found if parts.brand != ("zanros",)] == []


def test_a_place_before_a_brand_is_found_with_what_holds_it() -> None:
    for entry in entries("places"):
        for word in (entry["place"], *entry["words"], *entry.get("cities", {})):
            assert entry["place"] in parts_of(f"{word} zanros").regions


def test_every_class_and_country_of_a_form_is_known() -> None:
    classes = {one for form in KNOWN.forms.values() for one in form.classes}
    assert classes == {"limited", "stock", "partnership", "sole", "cooperative", "association"}
    assert all(len(c) == 2 and c.isupper() for form in KNOWN.forms.values() for c in form.countries)


def slips(one: str, other: str) -> int:
    """The least number of signs left out, put in, changed, or neighbours exchanged (Damerau)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for at, sign in enumerate(one, 1):
        before, last, row = row, before, [at]
        for to, against in enumerate(other, 1):
            least = min(before[to] + 1, row[-1] + 1, before[to - 1] + (sign != against))
            if at > 1 < to and sign == other[to - 2] and one[at - 2] == against:
                least = min(least, last[to - 2] + 1)
            row.append(least)
    return row[-1]


@settings(deadline=None)
@given(st.text("abc", min_size=1, max_size=6), st.text("abc", min_size=1, max_size=6))
def test_one_slip_is_one_edit_behind_the_first_sign(one: str, other: str) -> None:
    assert is_one_slip(one, other) is (one[0] == other[0] and slips(one, other) <= 1)


@settings(deadline=None)
@given(
    st.sampled_from(sorted(w for w in KNOWN.anywhere.single if len(w) >= MISTYPED_FROM)), st.data()
)
def test_every_slip_of_a_long_word_is_met(word: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(1, len(word) - 1))
    sign = data.draw(st.sampled_from("abcdefgz"))
    for mistyped in (
        word[:place] + word[place + 1 :],
        word[:place] + sign + word[place:],
        word[:place] + sign + word[place + 1 :],
        word[:place] + word[place : place + 2][::-1] + word[place + 2 :],
    ):
        if KNOWN.anywhere.single[word].part in ("trade", "form") and len(mistyped) >= MISTYPED_FROM:
            assert word.isascii() is (KNOWN.word(mistyped) is not None)


def test_leaving_out_keeps_the_first_sign() -> None:
    assert list(without_one("abc")) == ["ac", "ab"]
