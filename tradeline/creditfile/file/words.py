"""How a credit file writes amounts, moments and rows of figures in words: here only."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from tradeline.creditfile.features.events import After, Compare, MultipleOf, Present
from tradeline.creditfile.file.declaration import (
    Concentration,
    Condition,
    Count,
    Distinct,
    Figure,
    Highest,
    Listing,
    Monthly,
    Partner,
    Ranked,
    Ratio,
    Rows,
    Sum,
    Total,
    Unended,
    field_of,
    unit_column,
)
from tradeline.creditfile.file.opening import OpenedRow
from tradeline.creditfile.file.parts import PARTS
from tradeline.creditfile.file.reckoning import Number, Reckoned, Value
from tradeline.creditfile.file.row_sql import said_columns
from tradeline.kernel.findings import counted
from tradeline.kernel.money import minor_digits
from tradeline.kernel.texts import clean
from tradeline.lake.contracts import Kind

NOT_KNOWN = "–"
NBSP = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"
TEXT_SHOWN = 120
OPERATORS = {"=": "is", "<>": "is not", "<": "is below", "<=": "is at most", ">": "is above",
             ">=": "is at least"}  # fmt: skip
PARTNER_WORDS = {
    "registered": "the other side is in a registry",
    "not_active": "a registry tells of the other side as not active",
    "in_courts": "the other side is in a registry and courts tell of anybody",
    "sued": "the other side is in a registry and has a court case of 24 months against it",
}
NAMES = {dataset.contract: dataset.name for part in PARTS for dataset in part.datasets}
NAMES |= {"disputes": "disputes"}


def shown(text: str) -> str:
    """A text from the data, fit for a line; a dash if nothing is left."""
    return clean(text, TEXT_SHOWN).strip() or NOT_KNOWN


def money(minor: int, currency: str) -> str:
    """Minor units as an exact amount, such as `CNY 1,250.00`."""
    digits = minor_digits(currency)
    amount = signed(f"{Decimal(minor).scaleb(-digits):,.{digits}f}")
    return f"{clean(currency, 3)}{NBSP}{amount}" if currency else amount


def number(value: Number) -> str:
    """A number with thousands apart and no more decimals than it has."""
    return signed(f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}")


def signed(text: str) -> str:
    """A number's text with a minus that is as wide as a plus; nothing is never negative."""
    return text.replace("-", MINUS) if any(digit in text for digit in "123456789") else (
        text.lstrip("-")
    )  # fmt: skip


def percent(upper: Number, lower: Number) -> str:
    """A share in per cent; only a whole is written 100."""
    if not lower:
        return NOT_KNOWN
    text = f"{Decimal(upper) * 100 / Decimal(lower):.1f}"
    if text == "100.0" and upper < lower:
        text = "99.9"
    return f"{signed(text)}{NBSP}%"


def moment(value: datetime | None) -> str:
    """A moment to the minute, and midnight as the day alone; UTC."""
    if value is None:
        return NOT_KNOWN
    at_midnight = (value.hour, value.minute, value.second) == (0, 0, 0)
    return f"{value:%Y-%m-%d}" if at_midnight else f"{value:%Y-%m-%d %H:%M}"


def amount(contract: str, column: str, value: Number, unit: str) -> str:
    """A value of a column in its unit."""
    field = field_of(contract, column)
    if field.kind is Kind.MONEY:
        return money(int(value), unit) if unit or value else "0"
    if contract == "utility_use" and unit:
        return f"{number(value)} {'m³' if unit == 'water' else 'kWh'} of {clean(unit, 20)}"
    counts_in = unit or field.unit
    known = counts_in and counts_in not in ("1", "stars", "days")
    return f"{number(value)} {clean(counts_in, 20)}" if known else number(value)


def value_words(figure: Figure, value: Value) -> str:
    """One value of a figure: an amount, a number, or a part of a whole."""
    match figure.adding:
        case Ratio(upper, lower):
            return _ratio_words(upper, lower, value)
        case Monthly(total) | Ranked(total):
            return amount(total.rows.contract, total.column, value.adds, value.unit)
        case Sum(rows, column) | Highest(rows, column):
            return amount(rows.contract, column, value.adds, value.unit)
        case Concentration():
            unit = f" ({clean(value.unit, 3)})" if value.unit else ""
            digits = ".2f" if value.adds >= Decimal("0.01") else "f"
            return f"{value.adds:{digits}}, like {1 / value.adds:,.1f} of equal size{unit}"
        case Count() | Distinct():
            return number(value.adds)


def _ratio_words(upper: Total, lower: Total, value: Value) -> str:
    of = value.of or 0
    if isinstance(upper, Sum) and isinstance(lower, Count):
        mean = f"{Decimal(value.adds) / Decimal(of):.2f}" if of else NOT_KNOWN
        return f"{signed(mean)} (of {number(of)})"
    over, under = _total_words(upper, value.adds, value.unit), _total_words(lower, of, value.unit)
    return f"{over} of {under} ({percent(value.adds, of)})"


def _total_words(total: Total, value: Number, unit: str) -> str:
    if isinstance(total, Sum):
        return amount(total.rows.contract, total.column, value, unit)
    return number(value)


def values_words(reckoned: Reckoned, values: Iterable[Value] | None = None) -> list[str]:
    """The values of a figure, one for each currency or unit; a dash where none is known."""
    given = reckoned.values if values is None else tuple(values)
    return [value_words(reckoned.figure, value) for value in given] or [NOT_KNOWN]


def summary_words(reckoned: Reckoned) -> list[str]:
    """As `values_words`, with over how many months, or which part of it is the greatest partner's.

    One line for each currency or unit.
    """
    found = []
    for value, text in zip(reckoned.values, values_words(reckoned), strict=False):
        months = sum(month.value.unit == value.unit for month in reckoned.months)
        tops = [p.value for p in reckoned.partners if p.value.unit == value.unit][:1]
        if months:
            text = f"{text} in {counted(months, 'month')}"
        for top in tops:
            text = f"{text}, {percent(top.adds, top.of or 0)} of it the largest"
        found.append(text)
    return found or values_words(reckoned)


def adds_words(figure: Figure, row: OpenedRow) -> str:
    """What one row adds to a figure: an amount, or whether it counts; a dash if it counts no more.

    Of a ratio: what it adds to either side.
    """
    if row.adds is None:
        return NOT_KNOWN
    match figure.adding:
        case Ratio(Count(), Count()):
            return "yes" if row.adds else "no"
        case Ratio(upper, Count()):
            return _total_words(upper, row.adds, row.unit)
        case Ratio(upper, lower):
            over = _total_words(upper, row.adds, row.unit)
            return f"{over} of {_total_words(lower, row.of or 0, row.unit)}"
        case Count() | Distinct():
            return number(row.adds)
        case Concentration(Sum(rows, column)):
            return amount(rows.contract, column, row.adds, row.unit)
        case _:
            return value_words(figure, Value(row.unit, row.adds))


def how_words(figure: Figure) -> str:
    """How a figure is made of rows, in words that follow from its declaration."""
    match figure.adding:
        case Count(rows):
            return f"Counted: {_rows_words(rows)}."
        case Sum(rows, column):
            return f"Added up: {_column_words(rows, column)} of {_rows_words(rows)}."
        case Distinct(rows, column):
            return f"Counted: different {_plain(column)} in {_rows_words(rows)}."
        case Highest(rows, column):
            return f"The greatest {_column_words(rows, column)} of {_rows_words(rows)}."
        case Ratio(upper, lower):
            over = _total_how(upper)
            return f"{over[0].upper()}{over[1:]}, over {_total_how(lower)}."
        case Monthly(Sum(rows, column), months):
            return (
                f"Added up by calendar month, the last {counted(months, 'month')}: "
                f"{_column_words(rows, column)} of {_rows_words(rows)}."
            )
        case Ranked(Sum(rows, column), by, most):
            return (
                f"Added up by {_plain(by)}, the {most} greatest: {_column_words(rows, column)} of "
                f"{_rows_words(rows)}. Shares are of all those above zero."
            )
        case Concentration(total, by):
            return _concentration_how(total, by)


def _concentration_how(total: Sum, by: str) -> str:
    return (
        f"Added up by {_plain(by)}: {_column_words(total.rows, total.column)} of "
        f"{_rows_words(total.rows)}. Of those above zero the shares, squared and added up "
        "(Herfindahl and Hirschman)."
    )


def says_words(contract: str) -> str:
    """What stands in the text of a row, in its order."""
    return " · ".join(map(_plain, said_columns(contract)))


def listing_words(listing: Listing) -> str:
    """Which rows a list shows."""
    return f"Listed: {_rows_words(listing.rows)}."


def _total_how(total: Total) -> str:
    if isinstance(total, Sum):
        return f"{_column_words(total.rows, total.column)} of {_rows_words(total.rows)}"
    return _rows_words(total.rows)


def _plain(column: str) -> str:
    return column.removesuffix("_minor").replace("_", " ")


def _column_words(rows: Rows, column: str) -> str:
    by = unit_column(rows.contract, column)
    return _plain(column) + (f" (by {by})" if by else "")


def _rows_words(rows: Rows) -> str:
    name = NAMES[rows.contract]
    if rows.last_of:
        each = " and ".join(map(_plain, rows.last_of))
        name = f"{name} as each source last told for each {each} of each identifier"
        if rows.one_by:
            name = f"{name} (once where {', '.join(map(_plain, rows.one_by))} agree too)"
    where = _conditions_words((*rows.where, *rows.standing))
    window = "" if rows.window.length is None else f", {rows.window.label}"
    return f"{name}{where}{window}"


def _conditions_words(conditions: Iterable[Condition]) -> str:
    said = [condition_words(condition) for condition in conditions]
    return f" where {' and '.join(said)}" if said else ""


def condition_words(condition: Condition) -> str:
    """A condition on a row, in words."""
    match condition:
        case Compare(column, operator, value):
            return f"{_plain(column)} {OPERATORS[operator]} {str(value).replace('_', ' ')}"
        case After(column, other):
            return f"{_plain(column)} is after {_plain(other)}"
        case Present(column):
            return f"{_plain(column)} is stated"
        case MultipleOf(column, step_minor):
            return f"{_plain(column)} is a multiple of {step_minor}"
        case Unended(column):
            return f"{_plain(column)} is empty or lies ahead"
        case Partner(standing):
            return PARTNER_WORDS[standing]


def cell_words(contract: str, column: str, value: Any, currency: str) -> str:
    """A value of a list as it is written."""
    if value is None:
        return NOT_KNOWN
    field = field_of(contract, column)
    match field.kind:
        case Kind.MONEY:
            return money(value, currency)
        case Kind.MOMENT:
            return moment(value)
        case Kind.SHARE:
            return f"{signed(f'{100 * value:.2f}'.rstrip('0').rstrip('.'))}{NBSP}%"
        case Kind.NUMBER:
            return f"{value:,.6f}".rstrip("0").rstrip(".")
        case Kind.FLAG:
            return "yes" if value else "no"
        case Kind.CHOICE:
            return str(value).replace("_", " ")
        case _:
            return shown(str(value))


def column_title(column: str) -> str:
    """The heading of a column."""
    return "identifier" if column == "enterprise" else _plain(column)
