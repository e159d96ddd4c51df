"""The industry of a firm: as its folder states it, else as its name tells it by trade words."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

import yaml

OTHER = "other"
Basis = Literal["stated", "name", "unknown", "erased"]


@dataclass(frozen=True, slots=True)
class Industry:
    """An industry and what it rests on: the folder `stated` it, the `name` tells it, or neither.

    It is `erased` where the name that would tell it is.

    A stated industry keeps the folder's own words; one from a name is one of `INDUSTRIES`.
    """

    name: str
    basis: Basis


INDUSTRIES = (
    "agriculture",
    "construction",
    "education",
    "energy and environment",
    "engineering and manufacturing",
    "food and beverage",
    "health",
    "hospitality and tourism",
    "information technology",
    "legal and business services",
    "logistics",
    "media and culture",
    "personal services",
    "property",
    "retail and wholesale",
    "textiles",
    OTHER,
)
"""Every industry that a name can tell."""


def industry_of(name: str, stated: str | None) -> Industry:
    """The firm's industry: `stated` where it says anything, else the trade that its name tells.

    `parameters/industries.yaml` says which words tell which trade and which of two wins.
    """
    words = " ".join((stated or "").split())
    if words:
        return Industry(words, "stated")
    text = searchable(name)
    for word, industry in trade_words():
        if word in text:
            return Industry(industry, "name")
    return Industry(OTHER, "unknown")


@cache
def trade_words() -> tuple[tuple[str, str], ...]:
    """Trade words as they are searched for, each with its industry, the strongest first."""
    text = (files("tradeline") / "parameters" / "industries.yaml").read_text(encoding="utf-8")
    pairs = [(word, entry["industry"]) for entry in yaml.safe_load(text) for word in entry["words"]]
    # Sorting is stable: between words of one length the order of the file stands.
    pairs.sort(key=lambda pair: -len(pair[0].rstrip("*")))
    return tuple((_pattern(word), industry) for word, industry in pairs)


def searchable(text: str) -> str:
    """A text without case, accents, full-width forms and punctuation; a blank around each word."""
    plain = unicodedata.normalize("NFKD", text).casefold()
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " " + " ".join(re.findall(r"[^\W_]+", kept)) + " "


def _pattern(word: str) -> str:
    text = searchable(word)
    if not text.strip().isascii():
        return text.strip()
    return text.rstrip() if word.endswith("*") else text
