"""Values of a table in their normal forms: texts, digits, numbers, days, sites, model codes."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from html import unescape

import numpy as np
from numpy.typing import NDArray

LONGEST = 1000
"""Letters of a value that are compared; what follows is left out."""

# What people write where they know nothing.
NOTHING = frozenset(
    (
        "",
        "n a",
        "na",
        "nan",
        "nil",
        "none",
        "null",
        "unknown",
        "not available",
        "xxx",
        "无",
        "暂无",
        "未知",
    )
)
TAG = re.compile(r"<[a-zA-Z/][^<>]{0,200}>")
NUMBER = re.compile(r"[-+]?\d[\d,. '\u00a0]*(?:[eE][-+]?\d+)?")
CLOCK = re.compile(r"(?:(\d+):)?(\d{1,3}):(\d{2})(?:\.\d+)?")
FIGURE = re.compile(
    r"(?:(?<![a-z0-9./-])|(?<=\bv))\d+(?:\.\d+)?(?=[a-z]{0,4}(?![a-z0-9/-])|-(?:inch|in|pack|piece|port)\b)"
)
CODE = re.compile(r"[a-z0-9]+(?:[-/.][a-z0-9]+)*")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
YEARS = (1000, 2999)


def plain_text(raw: str) -> str:
    """A text in lower case without accents, markup and punctuation; empty if it says nothing."""
    text = raw[:LONGEST]
    if not text.isascii():
        text = "".join(
            sign
            for sign in unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text))
            if not unicodedata.combining(sign)
        )
    if "&" in text or "<" in text:
        text = TAG.sub(" ", unescape(text))
    text = text.casefold().replace("'", "").replace("\u2019", "")
    words = " ".join("".join(sign if sign.isalnum() else " " for sign in text).split())
    return "" if words in NOTHING else words


def digits(raw: str) -> str:
    """The last ten digits of a telephone number; empty if there are fewer than five."""
    found = "".join(sign for sign in raw if "0" <= sign <= "9")
    return found[-10:] if len(found) >= 5 and len(set(found)) > 1 else ""


def signs(raw: str) -> str:
    """An identifier in upper case without blanks and signs; empty if it is a placeholder."""
    found = "".join(sign for sign in plain_text(raw).upper() if sign != " ")
    return found if len(set(found)) > 1 or len(found) <= 3 else ""


def email(raw: str) -> str:
    """An address of mail in lower case; empty if it is none."""
    text = raw.strip().casefold()
    return text[:LONGEST] if "@" in text else ""


def site(raw: str) -> str:
    """A site by its host: no scheme, no `www`, no path."""
    host = re.sub(r"^[a-z]+://", "", raw.strip().casefold()).split("/")[0].split("?")[0]
    return re.sub(r"^www\d?\.", "", host)[:LONGEST]


def number_of(raw: str) -> float:
    """The first number in a text, `1:30` as 90 seconds; NaN if there is none.

    Of commas and points the last parts decimals, unless three digits follow it and it is a comma
    or stands more than once.
    """
    clock = CLOCK.fullmatch(raw.strip())
    if clock:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return float(hours * 3600 + minutes * 60 + seconds)
    found = NUMBER.search(raw[:LONGEST])
    if not found:
        return np.nan
    written = re.sub(r"[ '\u00a0]", "", found[0]).rstrip(",.")
    return _decimal(written)


def _decimal(written: str) -> float:
    last = max(written.rfind(","), written.rfind("."))
    mark = written[last] if last >= 0 else ""
    tail = len(written) - last - 1
    if mark and (written.count(mark) > 1 or (mark == "," and tail == 3)):
        mark = ""
    whole = written[:last] if mark else written
    text = re.sub("[,.]", "", whole) + (f".{written[last + 1 :]}" if mark else "")
    try:
        return float(text)
    except ValueError:
        return np.nan


def day_of(raw: str, month_first: bool) -> date | None:
    """The day that a text states by figures or the month's name; None if it states none."""
    text = raw.strip().casefold()
    parts = re.findall(r"\d+|[a-z]{3,}", text.split("t0")[0])
    if re.fullmatch(r"\d{8}", text):
        parts = [text[:4], text[4:6], text[6:]]
    named = [MONTHS.index(part[:3]) + 1 for part in parts if part[:3] in MONTHS]
    numbers = [int(part) for part in parts if part.isascii() and part.isdigit() and len(part) <= 4]
    if named and len(numbers) >= 2:
        first, second = numbers[:2]
        year, day = (first, second) if first > 31 else (second, first)
        return _day(year, named[0], day)
    if named or len(numbers) < 3:
        return None
    a, b, c = numbers[:3]
    if a > 31:
        return _day(a, b, c)
    month, day = (a, b) if (month_first and a <= 12) or b > 12 else (b, a)
    return _day(c, month, day)


def _day(year: int, month: int, day: int) -> date | None:
    if year < 100:
        year += 1900 if year > 30 else 2000
    try:
        return date(year, month, day)
    except ValueError:
        return None


def month_first(values: Iterable[str]) -> bool:
    """Whether days written in figures put the month first, as far as any value tells."""
    for raw in values:
        found = re.match(r"\s*(\d{1,2})[/.-](\d{1,2})[/.-]\d{2,4}", raw)
        if found and max(int(found[1]), int(found[2])) > 12:
            return int(found[2]) > 12
    return False


@dataclass(frozen=True, slots=True)
class Codes:
    """What may be model numbers in a text: as they stand, and all their parts and compounds."""

    wholes: tuple[str, ...]
    parts: tuple[str, ...]


def codes(raw: str) -> Codes:
    """Words of letters and digits, or of five digits, signs within them left out."""
    wholes: dict[str, None] = {}
    parts: dict[str, None] = {}
    before = ""
    for written in CODE.findall(raw[:LONGEST].casefold()):
        pieces = re.split("[-/.]", written)
        whole = "".join(pieces)
        if _is_code(whole):
            wholes[whole] = None
            parts |= dict.fromkeys(filter(_is_code, [whole, *pieces]))
            # A short word before a code may be its first part, set off by a blank.
            if before.isalpha() and len(before) <= 4:
                wholes[before + whole] = None
        before = whole
    return Codes(tuple(wholes), tuple(parts))


def _is_code(piece: str) -> bool:
    mixed = _has_digit(piece) and not piece.isdigit() and len(piece) >= 3
    return (mixed and not MEASURE.fullmatch(piece)) or (piece.isdigit() and len(piece) >= 5)


# 32gb and 46in measure a thing and name none.
MEASURE = re.compile(r"\d+[a-z]{1,3}|\d+(?:inch|watts?|pack)|v\d+")


def _has_digit(text: str) -> bool:
    return any(sign.isdigit() for sign in text)


def stems(found: Sequence[str]) -> tuple[str, ...]:
    """Codes without the letters at their end, which often tell colours apart."""
    cut = (re.sub("[a-z]{1,2}$", "", code) for code in found)
    return tuple({stem: None for stem in cut if len(stem) >= 4 and _has_digit(stem)})


def figures(raw: str) -> tuple[str, ...]:
    """The numbers in a text, without zeros in front and empty decimals."""
    found = FIGURE.findall(raw[:LONGEST].casefold().replace(",", ""))
    return tuple({(_trimmed(number)): None for number in found})


def _trimmed(number: str) -> str:
    whole, _, part = number.partition(".")
    part = part.rstrip("0")
    return (whole.lstrip("0") or "0") + (f".{part}" if part else "")


def numbers(values: Sequence[str]) -> NDArray[np.float64]:
    """Each value as a number."""
    return np.array([number_of(value) for value in values], np.float64)


def days(values: Sequence[str]) -> NDArray[np.float64]:
    """Each value as the ordinal of its day; NaN where it states none."""
    read = partial(day_of, month_first=month_first(values))
    found = [read(value) for value in values]
    return np.array([np.nan if day is None else day.toordinal() for day in found], np.float64)


NORMAL_FORMS: dict[str, Callable[[str], str]] = {
    "text": plain_text,
    "person_name": plain_text,
    "company_name": plain_text,
    "address": plain_text,
    "category": plain_text,
    "phone": digits,
    "identifier": signs,
    "email": email,
    "web": site,
    "number": str.strip,
    "date": str.strip,
}
"""By kind of field, the form in which its values are equal."""
