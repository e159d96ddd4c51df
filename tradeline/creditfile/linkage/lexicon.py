"""The words that names of enterprises are made of, besides the brand: read from `parameters/`.

`legal_forms.yaml`, `trade_words.yaml`, `places.yaml` and `name_words.yaml` are the only places to
mend; this is how they are looked up.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal, NamedTuple

import yaml

from tradeline.creditfile.linkage.scripts import is_unbroken

Part = Literal[
    "form", "trade", "place", "nothing", "nothing_between", "after_place", "administration",
    "before_number", "branch", "head_office", "trading_as", "owned_by", "brand", "number",
]  # fmt: skip
MISTYPED_FROM, MISTYPED_TO = 6, 24
"""Words as long as this are also known with one slip: a shorter one would be another word."""


COUNT_WITHIN = frozenset[Part](("form", "branch", "head_office"))
"""Parts whose words count even in the midst of other signs."""

STEM_MIN = 3
"""Beginnings of words are of so many letters at least."""

SPELLED_OUT = range(3, 6)
"""Legal forms of so many letters are known with blanks between them."""

NUMERALS = r"\d第〇零一二两三四五六七八九十百号"


OTHER_PARTS: tuple[Part, ...] = (
    "nothing", "nothing_between", "after_place", "administration", "before_number", "branch",
    "head_office", "trading_as", "owned_by",
)  # fmt: skip
"""The parts whose words stand in `name_words.yaml`."""


class Word(NamedTuple):
    """What a word of a name is: the part it belongs to, and what it says there."""

    part: Part
    key: str


@dataclass(frozen=True, slots=True)
class Form:
    """A legal form: what it can be, and in which countries it is (none: in many)."""

    classes: frozenset[str]
    countries: frozenset[str]


@dataclass(frozen=True, slots=True)
class Words:
    """Words by themselves, and words in a row by one of them, the longest first."""

    single: dict[str, Word] = field(default_factory=dict)
    rows: dict[str, list[tuple[list[str], Word]]] = field(default_factory=dict)

    def put(self, text: str, word: Word, by: int) -> None:
        """Keep a word, or words in a row by the first (0) or last (-1) of them."""
        tokens = text.split()
        if len(tokens) == 1:
            self.single.setdefault(text, word)
            return
        row = self.rows.setdefault(tokens[by], [])
        row.append((tokens, word))
        row.sort(key=lambda known: -len(known[0]))


@dataclass(frozen=True, slots=True)
class Mistyped:
    """Words by what they are with one sign left out, and the ends of three signs that they have."""

    words: Mapping[str, tuple[str, ...]]
    heads: frozenset[str]
    tails: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything that is known of words.

    `anywhere` are words that count wherever they stand, `at_front` forms as a first word, `at_end`
    forms as the last. `stems` are beginnings of words, by their first letters
    `lengths_of_stems`, `mistyped` what words are with one sign left
    out. `unbroken` are words of scripts without blanks, `lengths_from` and `lengths_to` how long
    those are that begin or end with a sign. `in_rows` are words that mean something in a row,
    `kinds_of_place` signs such as 市, `no_place` words that end so. `not_plain` finds what in a
    brand could be read otherwise. `trades` are in the order of their bits, `regions` a place and
    all that hold it.
    """

    anywhere: Words
    at_front: Words
    at_end: Words
    stems: Mapping[str, Word]
    lengths_of_stems: Mapping[str, tuple[int, ...]]
    mistyped: Mistyped
    unbroken: Mapping[str, Word]
    lengths_from: Mapping[str, tuple[int, ...]]
    lengths_to: Mapping[str, tuple[int, ...]]
    in_rows: frozenset[str]
    kinds_of_place: frozenset[str]
    no_place: frozenset[str]
    not_plain: re.Pattern[str]
    forms: Mapping[str, Form]
    trades: tuple[str, ...]
    regions: Mapping[str, frozenset[str]]
    readings: Mapping[str, str]

    def word(self, token: str) -> Word | None:
        """What a word is by itself; None for a word of the brand."""
        found = self.anywhere.single.get(token) or self._by_stem(token)
        return found or self._mistyped(token)

    def _by_stem(self, token: str) -> Word | None:
        for end in self.lengths_of_stems.get(token[:STEM_MIN], ()):
            if token[:end] in self.stems:
                return self.stems[token[:end]]
        return None

    def _mistyped(self, token: str) -> Word | None:
        """The word that this is with one slip behind its first sign."""
        # A slip leaves the first three signs or the last three as they were.
        if token[:3] not in self.mistyped.heads and token[-3:] not in self.mistyped.tails:
            return None
        if not MISTYPED_FROM <= len(token) <= MISTYPED_TO or not token.isalpha():
            return None
        for short in sorted(self.mistyped.words.keys() & {token, *without_one(token)}):
            for known in self.mistyped.words[short]:
                if is_one_slip(known, token):
                    return self.anywhere.single[known]
        return None


def without_one(token: str) -> Iterator[str]:
    """A word with each of its signs behind the first left out in turn."""
    return (token[:place] + token[place + 1 :] for place in range(1, len(token)))


def is_one_slip(one: str, other: str) -> bool:
    """Whether words differ by a sign left out, put in, changed, or two neighbours exchanged.

    The first sign must be the same: who mistypes seldom does so there, and Woods is not Foods.
    """
    if one[0] != other[0]:
        return False
    if len(one) > len(other):
        one, other = other, one
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    one, other = one[start:], other[start:]
    if len(one) < len(other):
        return one == other[1:]
    exchanged = one[:2] == other[1::-1] and one[2:] == other[2:]
    return one[1:] == other[1:] or exchanged


@cache
def lexicon() -> Lexicon:
    """The lexicon of `parameters/`; read once."""
    forms, trades, places, others = (
        _read(name) for name in ("legal_forms", "trade_words", "places", "name_words")
    )
    kept = _Kept()
    for part in OTHER_PARTS:
        kept.keep(others[part], Word(part, ""))
    for form in forms:
        kept.keep_form(form)
    for entry in trades:
        kept.keep(entry["words"], Word("trade", entry["trade"]))
    regions: dict[str, frozenset[str]] = {}
    for name, words, held_by in _places(places):
        regions[name] = regions.get(name, frozenset()) | {name, *held_by}
        kept.keep(words, Word("place", name))
    return Lexicon(
        kept.anywhere,
        kept.at_front,
        kept.at_end,
        kept.stems,
        lengths_by(kept.stems, slice(STEM_MIN)),
        _mistyped(kept.anywhere.single),
        kept.unbroken,
        lengths_by(kept.unbroken, 0),
        lengths_by(kept.unbroken, -1),
        kept.in_rows(),
        frozenset(sign for kind in others["administration"] for sign in kind),
        frozenset(others["no_place"]),
        _not_plain(kept.unbroken),
        {
            f["form"]: Form(frozenset(f["classes"]), frozenset(f.get("countries", ())))
            for f in forms
        },
        tuple(entry["trade"] for entry in trades),
        regions,
        others["readings"],
    )


@dataclass(frozen=True, slots=True)
class _Kept:
    """Words put where they are looked up."""

    anywhere: Words = field(default_factory=Words)
    at_front: Words = field(default_factory=Words)
    at_end: Words = field(default_factory=Words)
    stems: dict[str, Word] = field(default_factory=dict)
    unbroken: dict[str, Word] = field(default_factory=dict)

    def keep(self, texts: Iterable[str], word: Word) -> None:
        """Words that count wherever they stand; of two meanings the first stays."""
        for text in texts:
            if text.endswith("*"):
                self.stems.setdefault(text[:-1], word)
            elif is_unbroken(text):
                self.unbroken.setdefault(text, word)
            else:
                self.anywhere.put(text, word, by=0)

    def keep_form(self, form: Mapping[str, Any]) -> None:
        """A legal form counts at the end, and where else it says."""
        word, at = Word("form", form["form"]), form.get("at")
        for text in form["words"]:
            self.at_end.put(text, word, by=-1)
            if len(text) in SPELLED_OUT and text.isalpha():
                self.at_end.put(" ".join(text), word, by=-1)
            if at == "anywhere" or is_unbroken(text):
                self.keep([text], word)
            elif at == "front":
                self.at_front.put(text, word, by=0)

    def in_rows(self) -> frozenset[str]:
        """Every word that stands in a row of several."""
        places = (self.anywhere, self.at_front, self.at_end)
        rows = (row for words in places for known in words.rows.values() for row, _ in known)
        return frozenset(token for row in rows for token in row)


def _not_plain(words: Mapping[str, Word]) -> re.Pattern[str]:
    """Numbers, kinds of places, and words that count even within a brand."""
    within = [text for text, word in words.items() if word.part in COUNT_WITHIN]
    return re.compile("|".join([f"[{NUMERALS}市县区镇]", *map(re.escape, sorted(within))]))


def lengths_by(words: Iterable[str], signs: int | slice) -> dict[str, tuple[int, ...]]:
    """How long the words are that have the same signs in this place, the longest first."""
    found: dict[str, set[int]] = {}
    for word in words:
        found.setdefault(word[signs], set()).add(len(word))
    return {at: tuple(sorted(lengths, reverse=True)) for at, lengths in found.items()}


def _read(subject: str) -> Any:
    text = (files("tradeline") / "parameters" / f"{subject}.yaml").read_text(encoding="utf-8")
    # The pure loader takes a second for what libyaml reads in a twentieth.
    return yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def _places(entries: Iterable[dict[str, Any]]) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each place: its name, the words for it, and what holds it."""
    for entry in entries:
        held_by = [entry["in"]] if "in" in entry else []
        yield entry["place"], [entry["place"], *entry["words"]], held_by
        for city, word in entry.get("cities", {}).items():
            yield city, [city, word], [entry["place"], *held_by]


def _mistyped(words: Mapping[str, Word]) -> Mistyped:
    """How the long words of trades and forms look with one slip."""
    long = [
        text
        for text, word in words.items()
        if len(text) >= MISTYPED_FROM and text.isascii() and word.part in ("trade", "form")
    ]
    found: dict[str, tuple[str, ...]] = {}
    for text in long:
        for short in dict.fromkeys((text, *without_one(text))):
            found[short] = (*found.get(short, ()), text)
    # Where the third and fourth of six signs are exchanged, neither end stays.
    exchanged = (text[:2] + text[3] for text in long if len(text) == MISTYPED_FROM)
    heads = frozenset((*(text[:3] for text in long), *exchanged))
    return Mistyped(found, heads, frozenset(text[-3:] for text in long))
