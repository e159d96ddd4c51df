"""Names in scripts without blanks, taken apart from both ends: 深圳市|华信|贸易|有限公司.

Place names stand first, the legal form last, the line of trade before it; what no word explains is
the brand. Words are looked for from the end, the longest first, since what a Chinese name says of
the firm follows the brand.
"""

import re

from tradeline.creditfile.linkage.lexicon import COUNT_WITHIN, Lexicon, Part, Word

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


def read_unbroken(text: str, lexicon: Lexicon) -> list[tuple[Word, str]]:
    """The words of an unbroken text in their order, each with the signs that it is of.

    What no word explains is of the part `brand`; a number is written in digits.
    """
    front, start = _front(text, lexicon)
    return front + _from_the_end(text[start:], lexicon)


def plain_ends(text: str, lexicon: Lexicon) -> tuple[int, int] | None:
    """Where the brand of a name begins and ends, if its signs play no part in reading the rest.

    So names of the same beginning and end are read alike, which a column is full of. None where
    only `read_unbroken` can tell.
    """
    start, end = 0, len(text)
    while end > BRAND_SIGNS:
        length = _length_to(text, end, lexicon)
        if not length:
            break
        end -= length
    while start < end:
        word, length = _longest(text, start, lexicon)
        if word is None or word.part != "place":
            if word and word.part == "form":
                return None
            break
        start += length
        if text[start : start + 1] in lexicon.kinds_of_place:
            start += _administration(text, start, lexicon)
    if not BRAND_SIGNS <= end - start <= PLAIN_SIGNS or text[start:end] in lexicon.unbroken:
        return None
    if lexicon.not_plain.search(text[start : max(end, start + COUNTY_SIGNS)]):
        return None
    return start, end


def _length_to(text: str, end: int, lexicon: Lexicon) -> int:
    """The length of the longest word that ends here, 0 if there is none."""
    for length in lexicon.lengths_to.get(text[end - 1], ()):
        word = lexicon.unbroken.get(text[end - length : end]) if length <= end else None
        if word and word.part != "administration":
            return length
    return 0


def _front(text: str, lexicon: Lexicon) -> tuple[list[tuple[Word, str]], int]:
    """Legal forms and places that a text begins with, and where the rest begins."""
    found: list[tuple[Word, str]] = []
    start = 0
    while start < len(text):
        word, length = _longest(text, start, lexicon)
        if word is None or word.part not in ("form", "place"):
            county = (_DISTRICT if start else _COUNTY).match(text[start:])
            if not county or not _is_county(text, start + county.end(), lexicon):
                break
            word, length = Word("place", county[0]), county.end()
        if start + length == len(text):
            break
        found.append((word, text[start : start + length]))
        start += length
        if word.part == "place":
            start += _administration(text, start, lexicon)
    return found, start


def _longest(text: str, start: int, lexicon: Lexicon) -> tuple[Word | None, int]:
    """The longest word that begins here."""
    for length in lexicon.lengths_from.get(text[start], ()):
        word = lexicon.unbroken.get(text[start : start + length])
        if word and (length > 1 or word.part == "form"):
            return word, length
    return None, 0


def _longest_of(part: Part, text: str, start: int, lexicon: Lexicon) -> int:
    """The length of the longest word of a part that begins here, 0 if there is none."""
    for length in lexicon.lengths_from.get(text[start : start + 1], ()):
        word = lexicon.unbroken.get(text[start : start + length])
        if word and word.part == part:
            return length
    return 0


def _administration(text: str, start: int, lexicon: Lexicon) -> int:
    """The length of the kind of place that follows its name: 市, 省."""
    return (
        0
        if _is_trade(text, start, lexicon)
        else _longest_of("administration", text, start, lexicon)
    )


def _is_county(text: str, end: int, lexicon: Lexicon) -> bool:
    """Whether the sign here is for a place, not part of another word as in 市政 or 超市."""
    other = text[end - 1 : end + 1] in lexicon.no_place
    return not other and not any(_is_trade(text, at, lexicon) for at in (end - 1, end))


def _is_trade(text: str, start: int, lexicon: Lexicon) -> bool:
    """Whether a line of trade begins here, as in 市政."""
    return _longest_of("trade", text, start, lexicon) > 1


def _from_the_end(text: str, lexicon: Lexicon) -> list[tuple[Word, str]]:
    found: list[tuple[Word, str]] = []
    end, brand_end = len(text), len(text)

    def close_brand(at: int) -> None:
        if at < brand_end:
            found.append((BRAND, text[at:brand_end]))

    while end > 0:
        word, start = _ending(text, end, brand_end, lexicon)
        if word is None:
            end -= 1
            continue
        close_brand(end)
        found.append((word, text[start:end]))
        end = brand_end = start
        number = _number_before(text[:end], word)
        if number:
            found.append((NUMBER, str(value_of(number[1]))))
            end = brand_end = number.start()
    close_brand(0)
    return found[::-1]


def _ending(text: str, end: int, brand_end: int, lexicon: Lexicon) -> tuple[Word | None, int]:
    """The longest word that ends here and leaves room for a brand, and where it begins."""
    within = end < brand_end
    for length in lexicon.lengths_to.get(text[end - 1], ()):
        start = end - length
        word = lexicon.unbroken.get(text[start:end]) if start >= 0 else None
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


def _number_before(text: str, word: Word) -> re.Match[str] | None:
    """The number that a text ends with, as in 第二; before a works or a branch 二 is enough."""
    counts = word.part == "branch" or (word.part == "trade" and word.key in COUNTED_TRADES)
    return (_COUNTED if counts else _ORDINAL).search(text)


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
