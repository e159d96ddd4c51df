"""Names in scripts without blanks, taken apart from both ends: 深圳市|华信|贸易|有限公司.

Place names stand first, the legal form last, the line of trade before it; what no word explains is
the brand. Words are looked for from the end, the longest first, since what a Chinese name says of
the firm follows the brand.
"""

import re
from functools import cache

from tradeline.creditfile.linkage.lexicon import (
    COUNT_WITHIN,
    Lexicon,
    Part,
    Word,
    lengths_by,
    lexicon,
)

BRAND_SIGNS = 2
"""A brand has at least so many signs, and words are not looked for within its first ones."""

PLAIN_SIGNS = 4
"""A brand of so many signs has no room for a word behind the first ones."""

COUNTY_SIGNS = 4
"""The name of a county and the sign for one have at most so many signs."""

BRAND = Word("brand", "")
NUMBER = Word("number", "")
COUNTED_TRADES = frozenset(("manufacturing", "shop"))
DIGITS = "零一二三四五六七八九"

_COUNTED = re.compile(r"第?([〇零一二两三四五六七八九十百]{1,5}|\d{1,9})号?$")
_ORDINAL = re.compile(r"第([〇零一二两三四五六七八九十百]{1,5}|\d{1,9})号?$")
_COUNTY = re.compile(r"^[^\W\d_]{2,3}?(?=[市县])")
_DISTRICT = re.compile(r"^[^\W\d_]{2,3}?(?=[市县区镇])")


def read_unbroken(text: str, known: Lexicon) -> list[tuple[Word, str]]:
    """The words of an unbroken text in their order, each with the signs that it is of.

    What no word explains is of the part `brand`; a number is written in digits.
    """
    front, start = _front(text, known)
    return front + _from_the_end(text[start:], known)


class PlainEnds:
    """Finds the brand of names whose other words do not depend on it, which are most.

    Names of the same beginning and end are then read alike, and a column is full of them.
    """

    def __init__(self, known: Lexicon) -> None:
        parts = {text: word.part for text, word in known.unbroken.items()}
        self._known = known
        self._tails = frozenset(text for text in parts if parts[text] != "administration")
        self._lengths = lengths_by(self._tails, -1)
        self._fronts = frozenset(text[:2] for text in parts if parts[text] in ("place", "form"))
        self._kinds = frozenset(t for t in parts if parts[t] == "administration" and len(t) == 1)
        self._not_kinds = frozenset(t[:2] for t in parts if t[0] in self._kinds and len(t) > 1)

    def of(self, text: str) -> tuple[int, int] | None:
        """Where the brand begins and ends; None where only `read_unbroken` can tell."""
        lengths, tails = self._lengths, self._tails
        end = len(text)
        while end > BRAND_SIGNS:
            for length in lengths.get(text[end - 1], ()):
                if length <= end and text[end - length : end] in tails:
                    end -= length
                    break
            else:
                break
        start = self._behind_places(text, end)
        if not BRAND_SIGNS <= end - start <= PLAIN_SIGNS or text[start:end] in tails:
            return None
        if self._known.not_plain.search(text, start, max(end, start + COUNTY_SIGNS)):
            return None
        return start, end

    def _behind_places(self, text: str, end: int) -> int:
        """Where the places end that a text begins with; its end if it begins with a form."""
        start, fronts = 0, self._fronts
        while start < end and (text[start] in fronts or text[start : start + 2] in fronts):
            word, length = _longest(text, start, self._known)
            if word is None or word.part != "place":
                return end if word and word.part == "form" else start
            start += length
            sign = text[start : start + 1]
            if sign in self._kinds and text[start : start + 2] not in self._not_kinds:
                start += 1
            elif sign in self._known.kinds_of_place:
                start += _administration(text, start, self._known)
        return start


@cache
def plain_ends() -> PlainEnds:
    """That of the lexicon; it takes a millisecond to make."""
    return PlainEnds(lexicon())


def _front(text: str, known: Lexicon) -> tuple[list[tuple[Word, str]], int]:
    """Legal forms and places that a text begins with, and where the rest begins."""
    found: list[tuple[Word, str]] = []
    start = 0
    while start < len(text):
        word, length = _longest(text, start, known)
        if word is None or word.part not in ("form", "place"):
            county = (_DISTRICT if start else _COUNTY).match(text[start:])
            if not county or not _is_county(text, start + county.end(), known):
                break
            word, length = Word("place", county[0]), county.end()
        if start + length == len(text):
            break
        found.append((word, text[start : start + length]))
        start += length
        if word.part == "place":
            start += _administration(text, start, known)
    return found, start


def _longest(text: str, start: int, known: Lexicon) -> tuple[Word | None, int]:
    """The longest word that begins here."""
    for length in known.lengths_from.get(text[start], ()):
        word = known.unbroken.get(text[start : start + length])
        if word and (length > 1 or word.part == "form"):
            return word, length
    return None, 0


def _longest_of(part: Part, text: str, start: int, known: Lexicon) -> int:
    """The length of the longest word of a part that begins here, 0 if there is none."""
    for length in known.lengths_from.get(text[start : start + 1], ()):
        word = known.unbroken.get(text[start : start + length])
        if word and word.part == part:
            return length
    return 0


def _administration(text: str, start: int, known: Lexicon) -> int:
    """The length of the kind of place that follows its name: 市, 省."""
    return 0 if _is_trade(text, start, known) else _longest_of("administration", text, start, known)


def _is_county(text: str, end: int, known: Lexicon) -> bool:
    """Whether the sign here is for a place, not part of another word as in 市政 or 超市."""
    other = text[end - 1 : end + 1] in known.no_place
    return not other and not any(_is_trade(text, at, known) for at in (end - 1, end))


def _is_trade(text: str, start: int, known: Lexicon) -> bool:
    """Whether a line of trade begins here, as in 市政."""
    return _longest_of("trade", text, start, known) > 1


def _from_the_end(text: str, known: Lexicon) -> list[tuple[Word, str]]:
    found: list[tuple[Word, str]] = []
    end = brand_end = _take_number(text, len(text), _ORDINAL, found)
    while end > 0:
        word, start = _ending(text, end, brand_end, known)
        if word is None:
            end -= 1
            continue
        if end < brand_end:
            found.append((BRAND, text[end:brand_end]))
        found.append((word, text[start:end]))
        counts = word.part == "branch" or word.key in COUNTED_TRADES
        written = _COUNTED if counts else _ORDINAL
        end = brand_end = _take_number(text, start, written, found)
    if brand_end:
        found.append((BRAND, text[:brand_end]))
    return found[::-1]


def _take_number(
    text: str, end: int, written: re.Pattern[str], found: list[tuple[Word, str]]
) -> int:
    """Add the number that stands before this place to what was found; where it begins.

    Before a works or a branch 二 is enough, elsewhere it is written 第二.
    """
    number = written.search(text[:end])
    if number:
        found.append((NUMBER, str(value_of(number[1]))))
        end = number.start()
    return end


def _ending(text: str, end: int, brand_end: int, known: Lexicon) -> tuple[Word | None, int]:
    """The longest word that ends here and leaves room for a brand, and where it begins."""
    within = end < brand_end
    for length in known.lengths_to.get(text[end - 1], ()):
        start = end - length
        word = known.unbroken.get(text[start:end]) if start >= 0 else None
        if word is None or word.part == "administration":
            continue
        if word.part not in COUNT_WITHIN:
            short = length == 1
            if within and (short or start < BRAND_SIGNS):
                continue
            if start < BRAND_SIGNS and (short or start):
                continue
        return word, start
    return None, end


def value_of(number: str) -> int:
    """A number below a thousand as it is written in Chinese, or in digits."""
    if number.isdecimal():
        return int(number)
    value, digit = 0, 0
    for sign in number.replace("两", "二").replace("〇", "零"):
        if sign in DIGITS:
            digit = DIGITS.index(sign)
        else:
            value += (digit or 1) * (10 if sign == "十" else 100)
            digit = 0
    return value + digit
