"""Which columns are no inputs at all, told without the outcome: each with the reason."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from tradeline.kernel.findings import counted
from tradeline.risk.modelling.columns import Column, Kind

Floats = NDArray[np.float64]

ENTERPRISE_NAME = re.compile(
    r"(enterprise|company|firm|business|customer|client|borrower|obligor|debtor|member|applicant|"
    r"merchant|seller|organi[sz]ation)([ _]?(id|no|nr|number|code|name|key))?|"
    r"sk_id_curr|tax_?id|vat_?(no|number|id)|name|企业(代号|名称|编号)?|公司(名称)?",
    re.IGNORECASE,
)
IDENTIFIER_NAME = re.compile(
    r"(^|[ _.])(id|uid|uuid|rownames?|row_?id|index|unnamed.*|no|nr|number|key|chkdgt)$|^column 1$|"
    r"^__index_level_\d+__$",
    re.IGNORECASE,
)
CAMEL_IDENTIFIER = re.compile(r"[a-z](ID|Id|No|Nr)$")
# A column of enterprises repeats some, and knows many.
ENTERPRISES_FEWEST = 10
ENTERPRISE_SHARE = 0.05
IDENTIFIER_SHARE = 0.99
ROWS_TO_TELL = 20
DIGITS_OF_IDENTIFIER = 7
SAME_ORDER = 0.98


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that the model does not read, and why."""

    column: str
    kind: str
    why: str


def no_inputs(columns: Sequence[Column], time: Floats | None) -> tuple[LeftOut, ...]:
    """The columns of a table that cannot be inputs; `time` is the moment of each row in days."""
    found = []
    for column in columns:
        why = _why_not(column, time)
        if why:
            found.append(LeftOut(column.name, str(column.form.kind), why))
    return tuple(found)


def _why_not(column: Column, time: Floats | None) -> str:
    kind = column.form.kind
    if kind is Kind.EMPTY:
        return "It is empty in every row."
    if column.distinct == 1 and column.filled == len(column.values.numbers):
        return "It has one value only."
    if is_identifier(column):
        return "It names rows: nearly every value stands once."
    if kind is Kind.TEXT:
        return f"It is text of {column.distinct:,} different values."
    if kind is Kind.DATE and time is None:
        return "It is a date, and without --time a date tells only the calendar."
    if time is not None and kind in (Kind.INTEGER, Kind.NUMBER) and _tells_when(column, time):
        return "It rises with the time of the row, so it tells only when that was."
    return ""


def is_identifier(column: Column) -> bool:
    """Whether a column names rows: whole numbers or texts of which hardly any stands twice."""
    rows = len(column.values.numbers)
    if rows < ROWS_TO_TELL or column.distinct < IDENTIFIER_SHARE * column.filled:
        return False
    if column.form.kind is Kind.TEXT:
        return True
    if column.form.kind is not Kind.INTEGER or column.filled < rows:
        return False
    return named_as_identifier(column.name) or _counts_rows(column) or _is_long(column)


def named_as_identifier(name: str) -> bool:
    """Whether a name ends like that of an identifier."""
    return bool(IDENTIFIER_NAME.search(name.strip()) or CAMEL_IDENTIFIER.search(name.strip()))


def _counts_rows(column: Column) -> bool:
    steps = np.diff(np.sort(column.values.numbers))
    return bool((steps == 1).all())


def _is_long(column: Column) -> bool:
    """Whether all numbers are long, and as long as each other."""
    numbers = np.abs(column.values.numbers)
    digits = np.floor(np.log10(np.maximum(numbers, 1))) + 1
    return bool(digits.min() >= DIGITS_OF_IDENTIFIER and digits.max() - digits.min() <= 1)


def _tells_when(column: Column, time: Floats) -> bool:
    known = ~np.isnan(column.values.numbers) & ~np.isnan(time)
    numbers, moments = column.values.numbers[known], time[known]
    if len(numbers) < ROWS_TO_TELL:
        return False
    return rank_correlation(numbers, moments) >= SAME_ORDER


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's correlation, ties at their mean rank; NaN where either has one value only."""
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return float("nan")
    return float(np.corrcoef(rankdata(one), rankdata(other))[0, 1])


def enterprise_column(columns: Mapping[str, Column], used: Sequence[str]) -> str | None:
    """The column that obviously names enterprises of which some stand in several rows."""
    for name, column in columns.items():
        repeats = ENTERPRISES_FEWEST <= column.distinct < column.filled
        many = column.distinct > ENTERPRISE_SHARE * column.filled
        named = ENTERPRISE_NAME.fullmatch(name.strip()) or named_as_identifier(name)
        if named and repeats and many and name not in used:
            return name
    return None


def repeated_rows(X: Floats) -> tuple[NDArray[np.int64], int]:
    """A number for each different row, and how many rows repeat another to the last value."""
    matrix = np.nan_to_num(X, nan=-np.pi)
    order = np.lexsort(matrix.T)
    ordered = matrix[order]
    new = np.append(True, (ordered[1:] != ordered[:-1]).any(axis=1))
    number = np.empty(len(matrix), dtype=np.int64)
    number[order] = np.cumsum(new) - 1
    return number, int((~new).sum())


def duplicates_said(rows: int) -> str:
    """How many rows repeat another."""
    return f"{counted(rows, 'row')} {'repeats' if rows == 1 else 'repeat'} another"
