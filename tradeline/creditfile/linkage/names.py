"""The parts of an enterprise's name: place, brand, line of trade, legal form, number, branch.

Two sister firms share the brand and differ in one of the others, so each part is found and compared
by itself. A typo, an abbreviation, a missing legal form, another order or another language of the
same words changes none of them.

Names that differ in words of the brand alone are of one pattern (`# # trading co ltd`). A column is
read pattern by pattern, and only the brands are filled in row by row.
"""

from collections.abc import Iterable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.linkage.lexicon import Lexicon, lexicon
from tradeline.creditfile.linkage.name_reading import Item, NameReader, Reading, Script, script_of
from tradeline.creditfile.linkage.scripts import LONGEST_NAME, folded_column, is_unbroken
from tradeline.creditfile.linkage.unbroken import BRAND, plain_ends

Texts = NDArray[np.object_]
Look = tuple[str, str]

OPAQUE = "#"
FIRST_MARK = 0xE000
"""Words of the brand are marked by signs for private use, which no folded name holds."""


@dataclass(frozen=True, slots=True)
class NameParts:
    """A name taken apart; what a name is silent about is empty.

    `brand` are the words that nothing else explains, `sound` the same in Latin letters without
    blanks. `trades` are those of `trade_words.yaml`, `form` one of `legal_forms.yaml`. `place` is
    the narrowest that is named, `regions` that and all that is named or holds it. `number` is that
    of a second or third firm, `branch` the name of an establishment or "branch". `owner` is who
    trades under this name, where the name says so.
    """

    script: Script
    brand: tuple[str, ...]
    sound: str
    trades: tuple[str, ...]
    form: str
    place: str
    regions: tuple[str, ...]
    number: str
    branch: str
    owner: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class NameColumns:
    """The parts of a column of names, one array for each.

    Texts are objects, "" where a name is silent; words of `brand` and `owner` have a blank between
    them. `trades` is a whole number whose bits are the trades of the lexicon in its order, 0 where
    silent; `regions` stand between `|`, as in `|china|guangdong|`.
    """

    script: Texts
    brand: Texts
    sound: Texts
    trades: NDArray[np.uint64]
    form: Texts
    place: Texts
    regions: Texts
    number: Texts
    branch: Texts
    owner: Texts


@dataclass(frozen=True, slots=True)
class _Pattern:
    """What all names of a pattern say; `plain` if the brand is all their opaque words in order."""

    number: int
    reading: Reading
    script: Script
    plain: bool


def parts_of(name: str) -> NameParts:
    """The parts of one name. Any text has parts, an empty one has none.

    InputProblem where a Chinese name is met and the libraries of the extra are not installed.
    """
    found = name_columns([name])
    script: Script = found.script[0]
    return NameParts(
        script,
        tuple(found.brand[0].split()),
        found.sound[0],
        trades_of(int(found.trades[0]), lexicon()),
        found.form[0],
        found.place[0],
        tuple(found.regions[0].split("|")[1:-1]),
        found.number[0],
        found.branch[0],
        tuple(found.owner[0].split()),
    )


def trades_of(bits: int, known: Lexicon) -> tuple[str, ...]:
    """The trades that bits stand for, in the order of the lexicon."""
    return tuple(trade for place, trade in enumerate(known.trades) if bits >> place & 1)


def name_columns(names: Iterable[str | None]) -> NameColumns:
    """The parts of every name of a column; a missing one has none. Equal names are read once."""
    given = list(names)
    row_of = {name: row for row, name in enumerate(dict.fromkeys(given))}
    rows = np.fromiter(map(row_of.__getitem__, given), dtype=np.int64, count=len(given))
    found = _Columns(lexicon()).read(folded_column(row_of))
    return NameColumns(*(getattr(found, each.name)[rows] for each in fields(NameColumns)))


class _Columns:
    """Reads columns of folded names, and remembers words and patterns while it does."""

    def __init__(self, known: Lexicon) -> None:
        self._reader = NameReader(known)
        self._ends = plain_ends()
        self._words: dict[str, Look] = {}
        self._around: dict[tuple[str, str], str] = {}
        self._patterns: dict[str, _Pattern] = {}

    def read(self, names: list[str]) -> NameColumns:
        """The parts of folded names."""
        words, patterns = self._words, self._patterns
        numbers: list[int] = []
        brands: list[str] = []
        filled: list[tuple[int, str, str]] = []
        for row, name in enumerate(names):
            outline: str = "" if name.isascii() else script_of(name)
            brand = ""
            for token in name.split():
                word = words.get(token) or self._look_at(token)
                outline += word[0]
                brand += word[1]
            pattern = patterns.get(outline) or self._new_pattern(outline, name)
            numbers.append(pattern.number)
            if pattern.plain:
                brands.append(brand[:-1])
            else:
                reading, opaque = pattern.reading, brand.split()
                brands.append(" ".join(_filled(reading.brand, opaque)))
                if reading.branch or reading.owner:
                    branch = " ".join(self._sounds(_filled(reading.branch.split(), opaque)))
                    filled.append((row, branch, " ".join(_filled(reading.owner, opaque))))
        return self._gathered(numbers, brands, filled)

    def _look_at(self, token: str) -> Look:
        """How a word stands in an outline, and which words of the brand are in it."""
        if not is_unbroken(token):
            self._words[token] = found = _outlined(self._reader.word(token))
            return found
        ends = self._ends.of(token)
        if ends is None:
            return _outlined(self._reader.word(token))
        start, end = ends
        around = token[:start], token[end:]
        if around not in self._around:
            self._around[around] = _outlined(self._reader.word(token))[0]
        return self._around[around], f"{token[start:end]} "

    def _new_pattern(self, outline: str, name: str) -> _Pattern:
        """What the names of an outline say, by the first of them."""
        items = self._reader.items(name.split())
        marks = [at for at, (word, _) in enumerate(items) if word is BRAND]
        for number, at in enumerate(marks):
            items[at] = (BRAND, chr(FIRST_MARK + number))
        reading = self._reader.reading(items)
        in_order = tuple(chr(FIRST_MARK + number) for number in range(len(marks)))
        plain = reading.brand == in_order and not reading.branch and not reading.owner
        found = _Pattern(len(self._patterns), reading, script_of(name), plain)
        self._patterns[outline] = found
        return found

    def _sounds(self, words: Iterable[str]) -> list[str]:
        return [self._reader.sound((word,)) for word in words]

    def _gathered(
        self, numbers: list[int], brands: list[str], filled: list[tuple[int, str, str]]
    ) -> NameColumns:
        """Columns of what the pattern of each row says, and of what stands in the row itself."""
        rows = np.array(numbers, dtype=np.int64)
        known = list(self._patterns.values())

        def of_pattern(texts: Iterable[str]) -> Texts:
            return np.array([*texts, None], dtype=object)[rows]

        readings = [pattern.reading for pattern in known]
        branch, owner = of_pattern("" for _ in known), of_pattern("" for _ in known)
        for row, of_branch, of_owner in filled:
            branch[row], owner[row] = of_branch, of_owner
        sound = self._reader.sound
        return NameColumns(
            of_pattern(pattern.script for pattern in known),
            _objects(brands),
            _objects([b.replace(" ", "") if b.isascii() else sound(b.split()) for b in brands]),
            np.array([reading.trades for reading in readings], dtype=np.uint64)[rows],
            of_pattern(reading.form for reading in readings),
            of_pattern(reading.place for reading in readings),
            of_pattern(reading.regions for reading in readings),
            of_pattern(reading.number for reading in readings),
            branch,
            owner,
        )


def _outlined(items: list[Item]) -> Look:
    """How words stand in an outline, and those of the brand, a blank behind each."""
    outline, brand = "", ""
    for word, text in items:
        if word is BRAND:
            outline += OPAQUE
            brand += f"{text} "
        else:
            outline += f"{word.part}:{text}|"
    return f"{outline} ", brand


def _filled(words: Iterable[str], opaque: list[str]) -> list[str]:
    """The words of a pattern with those of a name in the place of its marks."""
    return [opaque[ord(w) - FIRST_MARK] if len(w) == 1 and _is_mark(w) else w for w in words]


def _is_mark(word: str) -> bool:
    return FIRST_MARK <= ord(word) < FIRST_MARK + LONGEST_NAME


def _objects(texts: list[str]) -> Texts:
    return np.array(texts, dtype=object)
