"""What kind of field a column is, told from its values and, where these leave it open, its name."""

import re
from collections.abc import Callable, Sequence
from itertools import islice

import numpy as np

from tradeline.creditfile.linkage.tables.values import CLOCK, YEARS, day_of, plain_text

SAMPLE = 2_000
MOST = 0.9
"""The share of values that must look like a kind."""
LONGEST = 80
FEW_VALUES = 0.05
"""Different values per record up to which a text is one of a few categories."""

AMOUNT = re.compile(
    r"(?:[a-z]{0,3}[$€£¥]|[a-z]{3} )?\s*[-+]?\d[\d,. '\u00a0]*\s*"
    r"(?:%|[$€£¥]|[a-z]{1,6}\.?)?(?:\s*(?:abv|vol\.?))?",
    re.IGNORECASE,
)
HOST = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[a-z]{2,}(?:[/?#]\S*)?", re.IGNORECASE)
MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
PHONE = re.compile(r"[+(]?\d[\d\s()./+-]{5,}\d(?:\s*(?:x|ext\.?|or)\s*.*)?", re.IGNORECASE)
DATED = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*|\d{8}|.*[a-z]{3,}.*\d{2,4}.*", re.IGNORECASE)

# Words in the name of a column that tell what its values do not.
PERSON = {"author", "authors", "given", "surname", "forename", "firstname", "lastname", "fullname",
          "person", "director", "actor", "actors", "owner", "first", "last", "middle"}  # fmt: skip
COMPANY = {"company", "firm", "organisation", "organization", "employer", "enterprise", "supplier",
           "vendor", "brewery", "brew", "publisher"}  # fmt: skip
ADDRESS = {"address", "addr", "street", "location"}
CALL = {"phone", "tel", "telephone", "fax", "mobile"}
AMOUNTS = {"price", "cost", "amount", "abv", "ibu", "rating", "weight", "width", "height", "length",
           "size", "pages", "duration", "time", "runtime", "age", "year", "revenue", "employees",
           "turnover", "sales"}  # fmt: skip
DAYS = {"date", "day", "dob", "birth", "born", "released", "release", "founded"}


def name_words(column: str) -> tuple[str, ...]:
    """The words of a column's name: `List_Price`, `listPrice` and `list price` are two each."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", column)
    return tuple(plain_text(parted).split())


def kind_of(name: str, values: Sequence[str]) -> str:
    """The kind of a column; `values` are those of its records, empty where missing."""
    told = list(islice((value.strip() for value in values if plain_text(value)), SAMPLE))
    words = set(name_words(name))
    if not told:
        return "text"
    for kind, looks in LOOKS.items():
        if looks(told, words):
            return kind
    return "text"


def _share(values: Sequence[str], test: Callable[[str], object]) -> float:
    """The share of values that are short and pass a test: what is long is a text."""
    return float(np.mean([len(value) <= LONGEST and bool(test(value)) for value in values]))


def _all_match(pattern: re.Pattern[str]) -> Callable[[Sequence[str], set[str]], bool]:
    return lambda values, _: _share(values, pattern.fullmatch) >= MOST


def _is_phone(values: Sequence[str], words: set[str]) -> bool:
    if words & CALL:
        return _share(values, lambda value: sum(map(str.isdigit, value)) >= 5) >= 0.5
    grouped = _share(values, lambda value: re.search(r"\d[\s()/.-]+\d", value)) >= MOST
    digits = _share(values, lambda value: 7 <= sum(map(str.isdigit, value)) <= 15) >= MOST
    return grouped and digits and _all_match(PHONE)(values, words) and not _is_date(values, words)


def _is_date(values: Sequence[str], words: set[str]) -> bool:
    written = _share(values, DATED.fullmatch) >= MOST
    read = written and _share(values, lambda value: _reads_as_day(value)) >= (
        0.5 if words & DAYS else MOST
    )
    return bool(read)


def _reads_as_day(value: str) -> bool:
    day = day_of(value, month_first=True) or day_of(value, month_first=False)
    return day is not None and 1500 <= day.year <= 2200


def _is_number(values: Sequence[str], words: set[str]) -> bool:
    if _share(values, CLOCK.fullmatch) >= MOST:
        return True
    if _share(values, AMOUNT.fullmatch) < MOST:
        return False
    whole = _share(values, str.isdigit)
    if whole < MOST:  # with decimals, signs or units
        mixed = _share(values, lambda value: re.fullmatch(r"[a-z]*\d+[a-z]+", value, re.IGNORECASE))
        return mixed < 0.5
    years = _share(values, lambda v: v.isdigit() and len(v) == 4 and YEARS[0] < int(v) < YEARS[1])
    return years >= MOST or bool(words & AMOUNTS)


def _is_identifier(values: Sequence[str], _: set[str]) -> bool:
    """Single words with digits, of which nearly each is different."""
    single = _share(
        values, lambda v: len(v.split()) == 1 and any(map(str.isdigit, v)) and len(v) >= 5
    )
    return single >= MOST and len(set(values)) >= 0.8 * len(values)


def _is_category(values: Sequence[str], _: set[str]) -> bool:
    return len(values) >= 40 and len(set(values)) <= max(FEW_VALUES * len(values), 12)


def _named(hints: set[str]) -> Callable[[Sequence[str], set[str]], bool]:
    return lambda _, words: bool(words & hints)


LOOKS: dict[str, Callable[[Sequence[str], set[str]], bool]] = {
    "email": _all_match(MAIL),
    "web": _all_match(HOST),
    "phone": _is_phone,
    "date": _is_date,
    "number": _is_number,
    "identifier": _is_identifier,
    "person_name": _named(PERSON),
    "address": _named(ADDRESS),
    "category": _is_category,
    "company_name": _named(COMPANY),
}
"""By kind what its values look like, the surest first."""
