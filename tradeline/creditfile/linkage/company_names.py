"""Names of firms taken apart: brand, line of trade, legal form, number.

Sister firms share the brand and differ in one of the others, so each is compared on its own. Words
are told apart by a vocabulary: legal forms, trade words, and words that many names have.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import duckdb

from tradeline.creditfile.industry import trade_words

NAME_PARTS = ("brand", "trade", "form", "number")
# How a legal form is written, by its canonical word.
FORMS: Mapping[str, str] = {
    "ltd": "ltd limited ltda",
    "co": "co company",
    "inc": "inc incorporated",
    "corp": "corp corporation",
    "llc": "llc",
    "gmbh": "gmbh",
    "ag": "ag",
    "kg": "kg",
    "ug": "ug",
    "srl": "srl",
    "spa": "spa",
    "sarl": "sarl",
    "sas": "sas",
    "jsc": "jsc",
    "plc": "plc",
    "bv": "bv",
    "有限公司": "有限公司",
    "有限责任公司": "有限责任公司",
    "股份有限公司": "股份有限公司",
    "个体工商户": "个体工商户",
    "商行": "商行",
    "经营部": "经营部",
    "工作室": "工作室",
}
# A word that so many names have, and at least this share of them, is no brand.
GENERIC_NAMES, GENERIC_SHARE = 20, 0.0005


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a word of a name may be: a legal form, a trade word or its beginning, a common word."""

    forms: Mapping[str, str]
    trades: frozenset[str]
    beginnings: tuple[str, ...]
    generic: frozenset[str] = frozenset()

    def part_of(self, word: str) -> tuple[str, str] | None:
        """The part of a name that a word belongs to and its canonical form; None for a brand."""
        if word.isdecimal():
            return "number", word.lstrip("0") or "0"
        if word in self.forms:
            return "form", self.forms[word]
        if word in self.trades:
            return "trade", word
        for beginning in self.beginnings:
            if word.startswith(beginning):
                return "trade", beginning
        return ("trade", word) if word in self.generic else None


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that is known before any name is seen."""
    words = [word for word, _ in trade_words()]
    whole = frozenset(word.strip() for word in words if word.endswith(" ") or not word.isascii())
    beginnings = tuple(word.strip() for word in words if word.isascii() and word[-1] != " ")
    forms = {word: form for form, written in FORMS.items() for word in written.split()}
    return Vocabulary(forms, whole, beginnings)


def unbroken_words(known: Vocabulary) -> list[str]:
    """Words of scripts that leave no blank between words, longest first."""
    words = (word for word in (*known.forms, *known.trades) if not word.isascii())
    return sorted(words, key=lambda word: (-len(word), word))


def common_words(connection: duckdb.DuckDBPyConnection, names: str) -> frozenset[str]:
    """Words that many names of a table of (n, word) have."""
    rows = connection.execute(
        f"SELECT word FROM {names} GROUP BY word HAVING count(*) >= greatest({GENERIC_NAMES}, "
        f"{GENERIC_SHARE} * (SELECT count(DISTINCT n) FROM {names})) ORDER BY word"
    ).fetchall()
    return frozenset(word for (word,) in rows)


def classified(words: Iterable[str], known: Vocabulary) -> list[tuple[str, str, str]]:
    """Of words that are no brand: the word, its part and its canonical form."""
    found = ((word, known.part_of(word)) for word in words)
    return [(word, *part) for word, part in found if part]
