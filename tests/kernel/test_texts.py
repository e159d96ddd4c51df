"""Texts from data are short, printable and keep their direction."""

from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.texts import clean, sentence


@given(st.text(st.characters(exclude_categories=[])), st.integers(1, 200))
def test_clean_text_is_short_and_can_be_stored(text: str, length: int) -> None:
    cleaned = clean(text, length)
    assert len(cleaned) <= length
    cleaned.encode()
    assert clean(cleaned, length) == cleaned


def test_a_sentence_keeps_capitals_and_has_an_end() -> None:
    assert sentence("write a page, as JSON or PDF") == "Write a page, as JSON or PDF."
