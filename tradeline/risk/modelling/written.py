"""Numbers and dates as tables write them: `$1,234.50`, `12%`, `36 months`, `Feb-2018`, 15130."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import isfinite, nan

from tradeline.lake.written_forms import ISO, date_format, number_signs

MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "nat", "null", "?", "\\n", "none"})
"""What stands for nothing in a column of numbers or dates, in lower case."""
MISSING_NUMBERS = frozenset({"-", "--", ".", "n.a.", "nil", "missing", "unknown", "inf", "-inf"})
"""What does so among numbers only."""
LEVEL_IN_WORDS = frozenset({"none"})
"""What is a value of its own among words: no guarantor is not an unknown one."""

PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
CURRENCY = r"(?:[A-Z]{1,2})?[$€£¥₹₩₽]|[A-Z]{3} "
WRITTEN = re.compile(
    rf"(?P<open>\()?(?P<sign>[+-])?(?P<before>{CURRENCY})?\s?(?P<inner>-)?"
    r"(?P<digits>\d[\d.,' ]*|[.,]\d+)\s?(?P<after>%|€|[^\W\d_]{1,12})?(?P<close>\))?",
)
DAY_NUMBERS = "day numbers"
MORE_DATES = ("%b-%Y", "%b-%y", "%d-%b-%y", "%d-%b-%Y", "%d%b%Y", "%m/%d/%y", "%Y-%m", "%m/%Y",
              "%b %Y", "%B %Y", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M",
              "%m/%d/%Y %H:%M:%S")  # fmt: skip
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
SAMPLE = 400


@dataclass(frozen=True, slots=True)
class Signs:
    """How a column writes its numbers: the sign of thousands, that of decimals, and one unit."""

    thousands: str = ","
    decimal: str = "."
    unit: str = ""


def is_missing(text: str) -> bool:
    """Whether a text among words stands for nothing."""
    return (folded := text.casefold()) in MISSING and folded not in LEVEL_IN_WORDS


def is_missing_number(text: str) -> bool:
    """Whether a text among numbers or dates stands for nothing."""
    return (folded := text.casefold()) in MISSING or folded in MISSING_NUMBERS


def signs_of(texts: Sequence[str]) -> Signs:
    """The signs and the unit that fit most of a sample of texts."""
    sample = [text for text in texts if not is_missing_number(text)][:SAMPLE]
    found = [match for match in map(WRITTEN.fullmatch, sample) if match]
    units = [_unit(match) for match in found if match["digits"].strip("0.,")]
    unit = max(sorted(set(units)), key=units.count) if units else ""
    thousands, decimal = number_signs([match["digits"].strip() for match in found])
    return Signs(thousands, decimal, unit)


def number_of(text: str, signs: Signs) -> float | None:
    """The number in a text, NaN where it is missing, None where it is no such number."""
    if PLAIN.fullmatch(text) and not signs.unit and signs.decimal == ".":
        value = float(text)
        return value if isfinite(value) else nan
    if is_missing_number(text):
        return nan
    return _written_number(text, signs)


def _written_number(text: str, signs: Signs) -> float | None:
    match = WRITTEN.fullmatch(text)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    plain = match["digits"].replace(" ", "").replace("'", "")
    plain = plain.replace(signs.thousands, "").replace(signs.decimal, ".")
    if not PLAIN.fullmatch(plain) or (_unit(match) != signs.unit and plain.strip("0.")):
        return None
    is_negative = match["open"] or match["inner"] or match["sign"] == "-"
    return -float(plain) if is_negative else float(plain)


def _unit(match: re.Match[str]) -> str:
    """The unit of a number, `month` for `months`."""
    written = (match["after"] or match["before"] or "").strip()
    return written[:-1] if len(written) > 3 and written.endswith("s") else written


def date_form_of(texts: Sequence[str]) -> str | None:
    """The form that reads most of a sample of texts as dates, `ISO`, or None if none does."""
    sample = [text for text in texts if not is_missing_number(text)][:SAMPLE]
    if not sample:
        return None
    forms = [form for form in (date_format(sample), *MORE_DATES) if form]
    best = max(["ISO", *forms], key=lambda form: sum(_reads(text, form) for text in sample))
    fitting = sum(_reads(text, best) for text in sample)
    return best if fitting >= 0.9 * len(sample) else None


def _reads(text: str, form: str) -> bool:
    day = day_of(text, form)
    return day is not None and day == day


def day_of(text: str, form: str) -> float | None:
    """Days since 1970 of a date, NaN where it is missing, None where it is no such date.

    Day numbers count from a day that nobody states; only differences of them mean something.
    """
    if is_missing_number(text):
        return nan
    if form == DAY_NUMBERS:
        return number_of(text, Signs())
    try:
        if form != "ISO":
            moment = datetime.strptime(text, form).replace(tzinfo=UTC)
        elif ISO.fullmatch(text):
            moment = datetime.fromisoformat(text)
        else:
            return None
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return (moment - EPOCH) / DAY
