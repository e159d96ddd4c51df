"""Names in plain writing: what folding drops, keeps and joins, in any script."""

import string
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeline.creditfile.linkage import scripts
from tradeline.creditfile.linkage.lexicon import lexicon
from tradeline.creditfile.linkage.scripts import (
    LONGEST_NAME,
    folded,
    folded_column,
    sound_of,
)
from tradeline.kernel.findings import InputProblem

NAMES = st.one_of(
    st.text(),
    st.text(string.ascii_letters + " .,&/-'()0123456789"),
    st.text("华信貿易贸易有限公司株式会社ガㄱ가ｱ１Ａａ. /&()"),
)


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("  HUAXIN   Trading\t", "huaxin trading"),
        ("Ｈｕａｘｉｎ　１２", "huaxin 12"),
        ("Société Générale", "societe generale"),
        ("Łódź Ørsted Straße Æther", "lodz orsted strasse aether"),
        ("S.p.A. S.à r.l. B.V.", "spa sa rl bv"),
        ("A/S K/S M/s.", "as ks ms"),
        ("J.G.de Groot", "jg de groot"),
        ("McDonald's L’Oréal", "mcdonalds loreal"),
        ("A&B + C", "a and b and c"),
        ("Smith t/a Rosa", "smith trading as rosa"),
        ("華信貿易（深圳）有限公司", "华信贸易 深圳 有限公司"),
        ("ABC科技", "abc 科技"),
        ("第2分公司", "第2分公司"),
        ("A/信 甲/乙", "a 信 甲 乙"),
        ("㈱日立", "株 日立"),
        ("ガス 가나", "ガス 가나"),
        ("Ромашка Йод", "ромашка иод"),
        ("a\x00b\u200bc\u202ed\ud800e\ufefff", "abcdef"),
        ("a\nb\r\nc", "a b c"),
        ("!!! --- ***", ""),
    ],
)
def test_names_are_brought_to_plain_writing(name: str, plain: str) -> None:
    assert folded(name) == plain


@settings(deadline=None)
@given(NAMES)
def test_folding_twice_changes_nothing(name: str) -> None:
    assert folded(folded(name)) == folded(name)


@settings(deadline=None)
@given(st.lists(st.one_of(NAMES, st.none()), max_size=6))
def test_a_column_is_folded_name_by_name(names: list[str | None]) -> None:
    assert folded_column(names) == [folded(name) if name else "" for name in names]


@settings(deadline=None)
@given(NAMES)
def test_what_is_folded_can_be_stored_and_has_single_blanks(name: str) -> None:
    plain = folded(name)
    assert plain.encode().decode() == plain
    assert plain == " ".join(plain.split())


def test_of_a_very_long_name_the_beginning_is_read() -> None:
    assert folded("ab " * 10_000) == folded(("ab " * 10_000)[:LONGEST_NAME])


@pytest.mark.parametrize(
    ("word", "sound"),
    [("华信", "huaxin"), ("长兴", "changxing"), ("重庆", "chongqing"), ("厦门", "xiamen"),
     ("huaxin", "huaxin"), ("ромашка", "ромашка"), ("トヨタ", "トヨタ"), ("3华", "3hua")],
)  # fmt: skip
def test_words_are_read_in_latin_letters(word: str, sound: str) -> None:
    assert sound_of(word, lexicon().readings) == sound


@pytest.mark.parametrize(
    ("library", "read"),
    [("opencc", lambda: folded("龘")), ("pypinyin", lambda: sound_of("龘龘", {}))],
)
def test_without_the_extra_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, library: str, read: object
) -> None:
    assert callable(read)
    caches = (scripts._converter, scripts._pypinyin, scripts._phrases, scripts._reading)
    for cached in caches:
        cached.cache_clear()
    monkeypatch.setattr(scripts, "_SIGNS", scripts._Signs())
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(InputProblem) as raised:
        read()
    for cached in caches:
        cached.cache_clear()
    assert str(raised.value) == (
        f"error: {library}: It is needed to read names in Chinese, and is not installed. "
        'Run `pip install "tradeline[linkage]"`.'
    )


def test_a_latin_name_needs_no_library_of_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for cached in (scripts._converter, scripts._pypinyin):
        cached.cache_clear()
    monkeypatch.setitem(sys.modules, "opencc", None)
    monkeypatch.setitem(sys.modules, "pypinyin", None)
    assert folded("Société Müller") == "societe muller"
    assert sound_of("ромашка", {}) == "ромашка"
