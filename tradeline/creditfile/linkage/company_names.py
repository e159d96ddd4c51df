"""Names of firms taken apart: brand, line of trade, legal form, number.

Sister firms share the brand and differ in one of the others, so each is compared on its own. Words
are told apart by a vocabulary: legal forms, trade words, and words that many names have.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

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
# Shorter words are too alike to tell a slip from another word.
SLIP_LENGTH = 4

Part = tuple[str, str]
Parts = tuple[str | None, str | None, str | None, str | None]
BRAND = "brand"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a word of a name may be: a legal form, a trade word or its beginning, a common word."""

    forms: Mapping[str, str]
    trades: frozenset[str]
    beginnings: tuple[str, ...]
    generic: frozenset[str] = frozenset()

    def part_of(self, word: str) -> Part | None:
        """The part of a name that a word belongs to and its canonical form; None for a brand."""
        if word.isdecimal():
            return "number", word.lstrip("0") or "0"
        if word in self.forms:
            return "form", self.forms[word]
        if word in self.trades:
            return "trade", word
        if word.startswith(self.beginnings):
            return "trade", next(b for b in self.beginnings if word.startswith(b))
        return ("trade", word) if word in self.generic else None


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that is known before any name is seen."""
    words = [word for word, _ in trade_words()]
    whole = frozenset(word.strip() for word in words if word.endswith(" ") or not word.isascii())
    beginnings = tuple(word.strip() for word in words if word.isascii() and word[-1] != " ")
    forms = {word: form for form, written in FORMS.items() for word in written.split()}
    return Vocabulary(forms, whole, beginnings)


def with_blanks(names: Iterable[str]) -> list[str]:
    """Plain names with a blank between all words, also of scripts that leave none."""
    known = vocabulary()
    starting: dict[str, list[str]] = {}
    for word in sorted((*known.forms, *known.trades), key=lambda word: (-len(word), word)):
        if not word.isascii():
            starting.setdefault(word[0], []).append(word)
    return [name if name.isascii() else _with_blanks(name, starting) for name in names]


def _with_blanks(name: str, starting: Mapping[str, Sequence[str]]) -> str:
    parts, at = [], 0
    while at < len(name):
        for word in starting.get(name[at], ()):
            if name.startswith(word, at):
                parts.append(f" {word} ")
                at += len(word)
                break
        else:
            parts.append(name[at])
            at += 1
    return " ".join("".join(parts).split())


def learn_words(names: Sequence[str]) -> Vocabulary:
    """The vocabulary, with the words that many of these names have; see `with_blanks`."""
    seen: Counter[str] = Counter()
    # What follows the first word recurs in many names, so it is split once.
    rests: Counter[str] = Counter()
    for name in names:
        first, _, rest = name.partition(" ")
        seen[first] += 1
        rests[rest] += 1
    for rest, count in rests.items():
        for word in set(rest.split()):
            seen[word] += count
    least = max(GENERIC_NAMES, GENERIC_SHARE * len(names))
    return replace(
        vocabulary(), generic=frozenset(word for word, count in seen.items() if count >= least)
    )


@dataclass(slots=True)
class Splitter:
    """Takes names apart; remembers the words and endings of names that it met."""

    known: Vocabulary
    slips: dict[str, str] = field(init=False)
    met: dict[str, Part | None] = field(default_factory=dict)
    ends: dict[str, Parts] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Prepare for slips in words that are known."""
        words = (*self.known.forms, *self.known.trades)
        self.slips = {
            less: word
            for word in sorted({*words, *self.known.generic, *self.known.beginnings})
            if word.isascii() and len(word) >= SLIP_LENGTH
            for less in (word, *without_one(word))
        }

    def parts(self, name: str) -> Parts:
        """Brand, trade, form and number of a name with blanks; words of a part in fixed order."""
        first, _, rest = name.partition(" ")
        if first not in self.met:
            self.met[first] = self.known.part_of(first)
        if self.met[first]:
            return self._joined([self.met[first] or (BRAND, first), *self._told(rest)])
        if rest not in self.ends:
            self.ends[rest] = self._joined(self._told(rest))
        brand, trade, form, number = self.ends[rest]
        return first + brand if brand else first, trade, form, number

    def _told(self, words: str) -> list[Part]:
        """Words that do not begin a name, each with its part; slips in known words are mended."""
        return [
            self.known.part_of(word) or self._mended(word) or (BRAND, word)
            for word in words.split()
        ]

    def _joined(self, told: Sequence[Part]) -> Parts:
        brand = "".join(word for part, word in told if part == BRAND)
        trade, form, number = (
            " ".join(sorted(word for part, word in told if part == wanted))
            for wanted in NAME_PARTS[1:]
        )
        return brand or None, trade or None, form or None, number or None

    def _mended(self, word: str) -> Part | None:
        if len(word) < SLIP_LENGTH or not word.isascii():
            return None
        for less in (word, *without_one(word)):
            if less in self.slips:
                return self.known.part_of(self.slips[less])
        return None


def without_one(word: str) -> list[str]:
    """A word without one of its signs: two that share such a form differ by one slip."""
    return [word[:at] + word[at + 1 :] for at in range(len(word))]


def take_apart(names: Sequence[str], known: Vocabulary) -> list[Parts]:
    """The parts of every name; see `with_blanks`."""
    split = Splitter(known)
    return [split.parts(name) for name in names]
