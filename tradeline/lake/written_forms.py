"""How dates and amounts are written in a file, told from a sample of them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime

DAY_FIRST, MONTH_FIRST = "%d/%m/%Y", "%m/%d/%Y"
DATE_FORMATS = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y/%m/%d", "%d.%m.%Y", DAY_FIRST, MONTH_FIRST,
                "%Y%m%d")  # fmt: skip
ISO = re.compile(
    r"\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}(:?\d{2})?)?)?"
)
# Thousands come by three digits and after a figure other than 0, so that 0,125 and 3,0625 tell.
COMMA_FOR_DECIMALS = re.compile(
    r"[+-]?(\d+(\.\d{3})*,(\d{1,2}|\d{4,})|0?,\d+|\d{1,3}(\.\d{3}){2,})"
)
POINT_FOR_DECIMALS = re.compile(
    r"[+-]?(\d+(,\d{3})*\.(\d{1,2}|\d{4,})|0?\.\d+|\d{1,3}(,\d{3}){2,})"
)
THREE_AFTER_POINT = re.compile(r"[+-]?\d{1,3}\.\d{3}")


def date_format(values: Sequence[str]) -> str | None:
    """The one format that reads most values; None for ISO 8601 or where none does."""
    iso = sum(bool(ISO.fullmatch(value)) for value in values)
    if not values or iso == len(values):
        return None
    fitting = {form: sum(_reads(value, form) for value in values) for form in DATE_FORMATS}
    best = max(fitting, key=lambda form: fitting[form])
    return best if fitting[best] > iso else None


def ambiguous_date(values: Sequence[str]) -> str | None:
    """A date of the sample if all would be read by day first and by month first alike, but one."""
    if date_format(values) != DAY_FIRST:
        return None
    if sum(_reads(v, DAY_FIRST) for v in values) > sum(_reads(v, MONTH_FIRST) for v in values):
        return None
    # The fifth of May is itself either way.
    return next((value for value in values if value[:2] != value[3:5]), None)


def _reads(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form).replace(tzinfo=UTC)
    except ValueError:
        return False
    return True


def number_signs(values: Sequence[str]) -> tuple[str, str]:
    """The thousands and the decimal sign of written amounts: ("," , ".") or (".", ",")."""
    comma, point = (
        sum(bool(form.fullmatch(value)) for value in values)
        for form in (COMMA_FOR_DECIMALS, POINT_FOR_DECIMALS)
    )
    return (".", ",") if comma > point else (",", ".")


def ambiguous_amount(values: Sequence[str]) -> str | None:
    """An amount such as 1.234 if all that hold a point look so: a thousand, or a little over 1."""
    pointed = [value for value in values if "." in value]
    if number_signs(values) != (",", ".") or not pointed:
        return None
    return pointed[0] if all(map(THREE_AFTER_POINT.fullmatch, pointed)) else None
