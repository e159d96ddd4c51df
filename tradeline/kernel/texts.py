"""Texts made fit for where they stand: in a line, on a page, as a sentence."""

import re

TEXT_LENGTH = 2000
# Marks that turn the direction of the text around them, control characters, half characters.
BIDIRECTIONAL = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
SURROGATE = re.compile("[\ud800-\udfff\ufffe\uffff]")


def clean(text: str, length: int = TEXT_LENGTH) -> str:
    """Text without marks that could disturb the page, clipped with an ellipsis."""
    if not text.isprintable():
        text = BIDIRECTIONAL.sub("", text[: 4 * length])
        text = SURROGATE.sub("\N{REPLACEMENT CHARACTER}", UNPRINTABLE.sub(" ", text))
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def sentence(summary: str) -> str:
    """A summary as a sentence; its other capitals stay, such as those of JSON."""
    return f"{summary[0].upper()}{summary[1:]}."
