"""Names in one plain writing: width, case, accents, punctuation, traditional characters, pinyin.

OpenCC says which traditional characters are which simplified ones, pypinyin how characters are
read; both are extras, and are asked once for each character, and only for those beyond ASCII.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from tradeline.creditfile.linkage.identifier_kinds import missing_library

LONGEST_NAME = 500
"""Signs of a name that are read: the rest is no name, and would cost time in every comparison."""

# Letters that Unicode does not take apart into a letter and an accent.
LETTERS = {
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "ł": "l",
    "ħ": "h",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
}
# Signs that join the initials of a firm, and those that stand for a word.
JOINING, APOSTROPHES = "./", "'’‘`´ʼ"
AND = "&+"

# A sign of Chinese is a word of its own, never an initial.
_INITIALS = re.compile(r"(?<!\w)[^\W⺀-鿿豈-﫿](?:[./][^\W⺀-鿿豈-﫿])+(?!\w)[./]?")
_LATIN_MEETS_CHINESE = re.compile("([a-z])([⺀-鿿豈-﫿])")
_CHINESE_MEETS_LATIN = re.compile("([⺀-鿿豈-﫿])([a-z])")
_UNBROKEN = re.compile("[⺀-\ud7ff豈-\U0010ffff]")
_IDEOGRAPH = re.compile("[⺀-〇㐀-鿿豈-\ufaff𠀀-\U0003ffff]")
_NOT_KEPT = {"Cc", "Cf", "Cs", "Co", "Cn"}


class _Signs(dict[int, str]):
    """What becomes of each sign after NFKD; found when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = found = _plain_sign(chr(code))
        return found


_SIGNS = _Signs()


def folded(name: str) -> str:
    """A name in plain writing: words of small letters and digits with one blank between them.

    Width, case, accents and punctuation are gone, traditional characters are simplified, initials
    are joined (S.p.A. is spa), & is `and`. Folding twice changes nothing. Control signs, marks of
    direction and lone surrogates are dropped; of a longer name `LONGEST_NAME` signs are read.
    InputProblem where a Chinese name is met and OpenCC is not installed.
    """
    return folded_column([name])[0]


def folded_column(names: Iterable[str | None]) -> list[str]:
    """Every name as `folded`; an empty text for None. The column is folded as one text."""
    cut = [name[:LONGEST_NAME].replace("\n", " ") if name else "" for name in names]
    text = "\n".join(cut)
    if not text.isascii():
        text = unicodedata.normalize("NFKD", text)
    text = text.translate(_SIGNS)
    if not text.isascii():
        text = _LATIN_MEETS_CHINESE.sub(r"\1 \2", unicodedata.normalize("NFC", text))
        text = _CHINESE_MEETS_LATIN.sub(r"\1 \2", text)
    if any(sign in text for sign in JOINING):
        text = _INITIALS.sub(_joined, text)
    for sign in JOINING:
        text = text.replace(sign, " ")
    return [" ".join(line.split()) for line in text.split("\n")] if cut else []


def _joined(found: re.Match[str]) -> str:
    letters = found[0].replace(".", "").replace("/", "")
    # "t/a" is the only pair of initials that stands for words.
    return " trading as " if found[0].startswith("t/a") else f" {letters} "


def _plain_sign(sign: str) -> str:
    if sign in JOINING or sign == "\n":
        return sign
    if sign in APOSTROPHES or unicodedata.category(sign) in _NOT_KEPT:
        return ""
    if sign in AND:
        return " and "
    if "̀" <= sign <= "ͯ":
        return ""
    if not (sign.isalnum() or unicodedata.category(sign).startswith("M")):
        return " "
    return "".join(LETTERS.get(one, one) for one in _simplified(sign).casefold())


def _simplified(sign: str) -> str:
    return _converter().convert(sign) if _IDEOGRAPH.match(sign) else sign


def is_unbroken(text: str) -> bool:
    """Whether a text has signs of Chinese, Japanese or Korean: no blanks between words."""
    return _UNBROKEN.search(text) is not None


@cache
def _converter() -> Any:
    try:
        from opencc import OpenCC
    except ImportError as error:
        raise missing_library("opencc", "read names in Chinese") from error
    return OpenCC("t2s")


def sound_of(word: str, readings: Mapping[str, str]) -> str:
    """How a word is read, in small Latin letters: pinyin of Chinese, other scripts as they stand.

    `readings` come first, then words that pypinyin knows, then the commonest reading of each sign.
    InputProblem where a Chinese word is met and pypinyin is not installed.
    """
    if not _IDEOGRAPH.search(word):
        return word
    if word in _phrases() and not any(sign in readings for sign in word):
        return "".join(_pypinyin().lazy_pinyin(word))
    return "".join(readings.get(sign) or _reading(sign) for sign in word)


@cache
def _reading(sign: str) -> str:
    return "".join(_pypinyin().lazy_pinyin(sign)) if _IDEOGRAPH.match(sign) else sign


@cache
def _phrases() -> Mapping[str, Any]:
    phrases: Mapping[str, Any] = _pypinyin().constants.PHRASES_DICT
    return phrases


@cache
def _pypinyin() -> Any:
    try:
        import pypinyin.constants
    except ImportError as error:
        raise missing_library("pypinyin", "read names in Chinese") from error
    return pypinyin
