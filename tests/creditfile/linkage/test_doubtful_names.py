"""What is wrong with a column of names is told, with an example that can be printed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tradeline.creditfile.linkage.doubtful_names import name_findings

WHERE = "firms.csv, name"


def lines(*names: str | None) -> list[str]:
    return [found.line() for found in name_findings(names, WHERE)]


def test_unseen_signs_are_told_and_shown_escaped() -> None:
    assert lines("Zanros\u202e Ltd", "Zan\x00ros", "Kelmer\ud800", "Zanros\tLtd\n") == [
        f"warning: {WHERE}: 3 names have control signs or marks that nobody sees, such as "
        r"'Zanros\u202e Ltd' in row 1. They are left out. Look where they come from: they can hide "
        "another name."
    ]


def test_letters_that_look_alike_are_told() -> None:
    assert lines("Zanros", "Z\u0430nros Ltd", "Ромашка Ltd") == [
        f"warning: {WHERE}: 1 name has letters of two alphabets in one word, such as "
        r"'Z\u0430nros Ltd' in row 2. They look alike and differ, so such a name meets no other. "
        "Write it in one of them."
    ]


def test_a_very_long_name_is_told() -> None:
    (line,) = lines("x" * 10_000)
    assert line.startswith(f"warning: {WHERE}: 1 name has more than 500 signs, such as 'xxx")
    assert line.endswith(
        "...' in row 1. The first 500 are read. See whether other columns were joined to it."
    )
    assert len(line) < 300


def test_a_name_without_letters_is_told() -> None:
    assert lines("---", "???", "Zanros") == [
        f"warning: {WHERE}: 2 names have neither letters nor digits, such as '---' in row 1. These "
        "records are linked by what else they say."
    ]


def test_sound_and_missing_names_have_no_findings() -> None:
    assert lines("Zanros Ltd", "深圳市华信贸易有限公司", "Société Générale", None, "", " ") == []


@settings(deadline=None)
@given(st.lists(st.text(max_size=8), max_size=5))
def test_a_finding_can_always_be_printed(names: list[str]) -> None:
    for line in lines(*names):
        assert line.isascii()
