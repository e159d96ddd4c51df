"""What a column holds, told from its texts, and its texts as numbers.

Whatever is told here is told without the outcome, so it may be told once for all folds.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from math import nan

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.modelling.tables import Texts
from tradeline.risk.modelling.written import (
    DAY_NUMBERS,
    Signs,
    date_form_of,
    day_of,
    is_missing,
    is_missing_number,
    number_of,
    signs_of,
)

PLAIN_SIGNS = Signs()

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

OTHERS = "(other levels)"
# A column is of numbers or dates if so much of what it holds is; the rest is mistyped.
FITTING_SHARE = 0.95
# Of few levels a category keeps all that stand in some rows, of many those that stand often.
LEVELS_FEW, LEVEL_ROWS_OF_FEW = 30, 5
LEVELS_MOST, LEVEL_ROWS, LEVEL_SHARE = 100, 20, 0.002
OTHERS_MOST = 0.9
# Texts of which so many differ are names or notes, no categories.
TEXT_SHARE = 0.5
DATE_NAME = re.compile(r"date|_dt$|^dt_|^dt$|日期", re.IGNORECASE)
CODE_NAME = re.compile(
    r"(^|[^a-z])(zip|postal|postcode|zipcode|naics|sic|nace|isic)([^a-z]|$)|code$|_cd$",
    re.IGNORECASE,
)
FLAGS = ({"true", "false"}, {"t", "f"}, {"yes", "no"}, {"y", "n"}, {"是", "否"})
DAY_NUMBERS_FROM, DAY_NUMBERS_TO = 3_000, 60_000
WHOLE_FLOAT = re.compile(r"-?\d+\.0+", re.ASCII)
EIGHT_DIGITS = re.compile(r"(19|20)\d{6}", re.ASCII)


class Kind(StrEnum):
    """What a column holds."""

    NUMBER = "number"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True)
class Form:
    """How a column is read: as what, with which signs, form of dates, or levels.

    A category with `others` as its last level takes every text that is no level for it.
    """

    name: str
    kind: Kind
    signs: Signs = PLAIN_SIGNS
    dates: str = ""
    levels: tuple[str, ...] = ()

    @property
    def is_category(self) -> bool:
        """Whether values are places among levels."""
        return self.kind in (Kind.CATEGORY, Kind.BOOLEAN)

    @property
    def takes_others(self) -> bool:
        """Whether a text that is no level counts as one of the rare ones."""
        return self.levels[-1:] == (OTHERS,)


@dataclass(frozen=True, slots=True, eq=False)
class Values:
    """A column as numbers, NaN where missing: days for dates, places among levels for categories.

    `misfits` are rows whose text is not what the column holds. A mistyped number or date is NaN; an
    unknown level stands at the place past all levels, or at that of the rare ones if there is one.
    """

    numbers: Floats
    misfits: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column of a table: form, values, how many rows are filled and how many texts differ."""

    form: Form
    values: Values
    filled: int
    distinct: int

    @property
    def name(self) -> str:
        """Its name."""
        return self.form.name


def column_of(name: str, texts: Texts, stated: Kind | None = None) -> Column:
    """What a column holds, `stated` going before what its texts look like."""
    form = form_of(name, texts, stated)
    missing = np.array([_missing_in(form, text) for text in texts.levels], dtype=bool)
    counts = texts.counts
    return Column(
        form,
        values_of(form, texts),
        int(counts[~missing].sum()),
        int((~missing & (counts > 0)).sum()),
    )


def _missing_in(form: Form, text: str) -> bool:
    words = form.is_category or form.kind is Kind.TEXT
    return is_missing(text) if words else is_missing_number(text)


def form_of(name: str, texts: Texts, stated: Kind | None = None) -> Form:
    """The form of a column, told from its name and all its texts."""
    counts = texts.counts
    held = [
        (text, int(rows))
        for text, rows in zip(texts.levels, counts, strict=True)
        if rows and not is_missing_number(text)
    ]
    if not held:
        return Form(name, Kind.EMPTY)
    if stated in (Kind.CATEGORY, Kind.TEXT):
        return _of_words(name, texts, stated)
    signs = signs_of([text for text, _ in held])
    read = [(number_of(text, signs), rows) for text, rows in held]
    is_number = _share(read) >= FITTING_SHARE
    if not is_number or all(EIGHT_DIGITS.fullmatch(text) for text, _ in held):
        dates = _dates_of(name, held)
        if dates:
            return Form(name, Kind.DATE, dates=dates)
    if not is_number or _is_code(name, read):
        return _of_words(name, texts, stated)
    numbers = [value for value, _ in read if value is not None and value == value]
    if any(value != int(value) for value in numbers):
        return Form(name, Kind.NUMBER, signs)
    if _are_day_numbers(name, numbers):
        return Form(name, Kind.DATE, dates=DAY_NUMBERS)
    return Form(name, Kind.INTEGER, signs)


def _share(read: list[tuple[float | None, int]]) -> float:
    """The share of filled rows that could be read."""
    filled = sum(rows for _, rows in read)
    return sum(rows for value, rows in read if value is not None) / filled


def _dates_of(name: str, held: list[tuple[str, int]]) -> str:
    form = date_form_of([text for text, _ in held])
    # Eight digits are a day only where the name says so, or all of them are days of our time.
    if not form or _share([(day_of(text, form), rows) for text, rows in held]) < FITTING_SHARE:
        return ""
    if form == "%Y%m%d" and not DATE_NAME.search(name) and len(held) < LEVELS_FEW:
        return ""
    return form


def _are_day_numbers(name: str, numbers: list[float]) -> bool:
    """Whether whole numbers count days, as SAS, Excel and others keep dates."""
    if not DATE_NAME.search(name) or len(numbers) < LEVELS_FEW:
        return False
    return min(numbers) >= DAY_NUMBERS_FROM and max(numbers) <= DAY_NUMBERS_TO


def _is_code(name: str, read: list[tuple[float | None, int]]) -> bool:
    """Whether whole numbers name things rather than count them."""
    whole = all(value is None or value != value or value == int(value) for value, _ in read)
    return whole and bool(CODE_NAME.search(name))


def _of_words(name: str, texts: Texts, stated: Kind | None) -> Form:
    counts: dict[str, int] = {}
    for text, rows in zip(texts.levels, texts.counts.tolist(), strict=True):
        if rows and not is_missing(text):
            counts[written_level(text)] = counts.get(written_level(text), 0) + rows
    if not counts:
        return Form(name, Kind.EMPTY)
    filled = sum(counts.values())
    if {text.casefold() for text in counts} in FLAGS:
        return Form(name, Kind.BOOLEAN, levels=tuple(sorted(counts)))
    is_text = len(counts) > LEVELS_FEW and len(counts) > TEXT_SHARE * filled
    if stated is not Kind.CATEGORY and (is_text or stated is Kind.TEXT):
        return Form(name, Kind.TEXT)
    levels = kept_levels(counts)
    others = sum(rows for text, rows in counts.items() if text not in levels)
    if stated is not Kind.CATEGORY and others > OTHERS_MOST * filled:
        return Form(name, Kind.TEXT)
    return Form(name, Kind.CATEGORY, levels=levels)


def kept_levels(counts: dict[str, int]) -> tuple[str, ...]:
    """The levels that stand often enough, and `OTHERS` last if some do not."""
    fewest = max(LEVEL_ROWS, LEVEL_SHARE * sum(counts.values()))
    if len(counts) <= LEVELS_FEW:
        fewest = LEVEL_ROWS_OF_FEW
    frequent = [text for text, rows in counts.items() if rows >= fewest]
    if len(frequent) == len(counts) <= LEVELS_MOST:
        return tuple(sorted(counts))
    ranked = sorted(frequent, key=lambda text: (-counts[text], text))[:LEVELS_MOST]
    return (*sorted(ranked), OTHERS)


def written_level(text: str) -> str:
    """A level as one text: whole numbers with gaps among them are often kept as `3.0`."""
    return text.split(".")[0] if WHOLE_FLOAT.fullmatch(text) else text


def values_of(form: Form, texts: Texts) -> Values:
    """The rows of a column as numbers, by a form that may come from another table."""
    read = [_value(form, text, place) for text, place in zip(texts.levels, _places(form, texts),
                                                             strict=True)]  # fmt: skip
    numbers = np.array([value for value, _ in read], dtype=np.float64)
    misfits = np.array([misfit for _, misfit in read], dtype=bool)
    return Values(numbers[texts.codes], misfits[texts.codes])


def _places(form: Form, texts: Texts) -> list[int]:
    """The place of each text among the levels, -1 where it is none."""
    place = {level: number for number, level in enumerate(form.levels)}
    return [place.get(written_level(text), -1) for text in texts.levels]


def _value(form: Form, text: str, place: int) -> tuple[float, bool]:
    """The number of a text, and whether it is a misfit."""
    if form.is_category:
        if is_missing(text):
            return nan, False
        if place >= 0 and not (form.takes_others and place == len(form.levels) - 1):
            return float(place), False
        return float(len(form.levels) - form.takes_others), True
    if form.kind in (Kind.TEXT, Kind.EMPTY):
        return nan, False
    value = day_of(text, form.dates) if form.kind is Kind.DATE else number_of(text, form.signs)
    return (nan, True) if value is None else (value, False)
