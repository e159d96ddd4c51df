"""The rows of a declaration as SQL over the tables `file_` of a subject, and what each row adds.

A figure's value is what its opened rows add up to: both are made of the same `_sides`. Numbers are
decimals of six places, so that sums are exact whatever the order.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from tradeline.creditfile.features.fragments import condition_sql, window_sql
from tradeline.creditfile.file.declaration import (
    Concentration,
    Condition,
    Count,
    Distinct,
    Figure,
    Highest,
    Monthly,
    Partner,
    Ranked,
    Ratio,
    Rows,
    Sum,
    Total,
    Unended,
    unit_column,
)
from tradeline.creditfile.file.parts import declared_rows
from tradeline.lake.contracts import BY_NAME, Kind
from tradeline.lake.sql_text import literal

Last = tuple[tuple[Condition, ...], tuple[str, ...], tuple[str, ...]]
State = Literal["stands", "NOT stands", "stands AND NOT disputed", "own_place = 1"]
EXACT = "DECIMAL(38, 6)"
NOTHING = f"CAST(NULL AS {EXACT})"
ORDER = "occurred_at DESC, recorded_at DESC, record_id"
"""Rows are shown the newest first."""

ABOUT = (
    "record_id", "occurred_at", "recorded_at", "stands", "disputed", "erased", "source",
    "assurance", "batch", "source_file", "source_row",
)  # fmt: skip
"""What is told of each opened row, beside what it says and adds."""

# The firm itself, what an amount counts in (both are shown apart), and numbers of other persons.
UNSAID = ("enterprise", "currency", "personal_id")


@cache
def lasts_of(contract: str) -> tuple[Last, ...]:
    """Of which rows (conditions) the last of what (columns) is asked anywhere, in a fixed order.

    With it the further columns by which two sources tell of one thing.
    """
    asked = (r for r in declared_rows() if r.contract == contract and r.last_of)
    return tuple(dict.fromkeys((rows.where, rows.last_of, rows.one_by) for rows in asked))


def where_sql(conditions: Iterable[Condition], state: State = "stands") -> str:
    """Rows in a state that meet every condition."""
    return " AND ".join([state, *map(meets_sql, conditions)])


def meets_sql(condition: Condition) -> str:
    """Whether a row meets a condition."""
    if isinstance(condition, Unended):
        return f"({condition.column} IS NULL OR {condition.column} > as_of)"
    if isinstance(condition, Partner):
        return f"partner_{condition.standing}"
    return condition_sql(condition)


def rows_sql(rows: Rows, state: State = "stands") -> str:
    """Whether a row is one of the rows, or was one until it was superseded."""
    parts = [where_sql(rows.where, state), *window_sql(rows.window)]
    if rows.last_of and state != "NOT stands":
        number = lasts_of(rows.contract).index((rows.where, rows.last_of, rows.one_by))
        parts += [f"last_{number}", *map(meets_sql, rows.standing)]
    return " AND ".join(parts)


def said_columns(contract: str) -> tuple[str, ...]:
    """The columns in which a row says something in words or numbers of its own."""
    return tuple(
        field.column
        for field in BY_NAME[contract].fields
        if field.kind in (Kind.TEXT, Kind.CHOICE) and field.name not in UNSAID
    )


def says_sql(contract: str) -> str:
    """What a row says, as one text."""
    return f"concat_ws(' · ', {', '.join(said_columns(contract))})"


def told_sql(contract: str) -> str:
    """All that is told of an opened row: `ABOUT`, `contract`, `says`."""
    return f"{', '.join(ABOUT)}, {literal(contract)} AS contract, {says_sql(contract)} AS says"


@dataclass(frozen=True, slots=True)
class _Side:
    """Rows of one contract, and what each adds to a figure; `column` is what it counts.

    `among` is a condition on all those rows together. Windows look at rows that are met or not
    apart, so that they say the same of a part of the table as of all of it.
    """

    contract: str
    where: str
    adds: str
    column: str = ""
    of: str = ""
    label: str = "NULL"
    among: str = "true"

    @property
    def said(self) -> dict[str, str]:
        """What is said of each of the rows, by name."""
        return {
            "unit": _unit(self.contract, self.column),
            "label": f"CAST({self.label} AS VARCHAR)",
            "adds": f"CAST({self.adds} AS {EXACT})",
            "of": f"CAST({self.of} AS {EXACT})" if self.of else NOTHING,
        }

    def opened(self) -> str:
        """The rows, with all that is told of each."""
        said = ", ".join(f"{sql} AS {name}" for name, sql in self.said.items())
        qualify = f" QUALIFY {self.among}" if self.among != "true" else ""
        return (
            f"SELECT {told_sql(self.contract)}, {said} FROM file_{self.contract} "
            f"WHERE {self.where}{qualify}"
        )

    def added(self, number: int) -> str:
        """What a row adds to the figure of that number; NULL if it is none of the rows."""
        said = ", ".join(f"{name}: {sql}" for name, sql in self.said.items())
        met = f"{self.where} AND {self.among}"
        return f"CASE WHEN {met} THEN {{figure: {number:d}, {said}}} END"


def _unit(contract: str, column: str) -> str:
    return f"coalesce({unit_column(contract, column) or 'NULL'}, '')"


@cache
def opened_sql(figure: Figure, state: State = "stands") -> str:
    """The rows behind a figure: `ABOUT`, `contract`, `says`, `unit`, `label`, `adds`, `of`.

    By unit the `adds` come to its value, of a ratio over what `of` comes to. `label` is the month
    or the partner that a row belongs to.
    """
    return " UNION ALL ".join(side.opened() for side in _sides(figure, state))


def added_sql(figures: Iterable[Figure], state: State = "stands") -> str:
    """The rows behind figures, each once for each that it adds to.

    `added` has the number of the figure among them, `unit`, `label`, `adds` and `of`; `place` is
    where in `file_` of the `contract` the row stands, the newest first. Each table is read once.
    """
    added: dict[str, list[str]] = defaultdict(list)
    for number, figure in enumerate(figures):
        for side in _sides(figure, state):
            added[side.contract].append(side.added(number))
    parts = (
        f"SELECT {literal(contract)} AS contract, place, disputed, unnest(said) AS added FROM "
        f"(SELECT rowid AS place, disputed, [{', '.join(said)}] AS said FROM file_{contract})"
        for contract, said in added.items()
    )
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) WHERE added IS NOT NULL"


def _sides(figure: Figure, state: State) -> tuple[_Side, ...]:
    """The rows that add to a figure; of a ratio of two contracts there are two sides."""
    match figure.adding:
        case Count(rows):
            return (_Side(rows.contract, rows_sql(rows, state), "1"),)
        case Sum(rows, column):
            return (_Side(rows.contract, rows_sql(rows, state), column, column),)
        case Distinct(rows, column):
            where = rows_sql(rows, state)
            first = f"row_number() OVER (PARTITION BY {where}, {column} ORDER BY {ORDER}) = 1"
            adds = f"CASE WHEN {column} IS NOT NULL AND {first} THEN 1 ELSE 0 END"
            return (_Side(rows.contract, where, adds),)
        case Highest(rows, column):
            where = rows_sql(rows, state)
            order = f"PARTITION BY {where} ORDER BY {column} DESC NULLS LAST, {ORDER}"
            adds = f"CASE WHEN row_number() OVER ({order}) = 1 THEN {column} ELSE 0 END"
            return (_Side(rows.contract, where, adds, column),)
        case Ratio(upper, lower):
            return _of_ratio(upper, lower, state)
        case Monthly(Sum(rows, column), months):
            where = f"{rows_sql(rows, state)} AND date_diff('month', day, as_of_day) < {months:d}"
            label = "strftime(day, '%Y-%m')"
            return (_Side(rows.contract, where, column, column, label=label),)
        case Ranked(Sum(rows, column), by) | Concentration(Sum(rows, column), by):
            where = f"{rows_sql(rows, state)} AND {by} IS NOT NULL"
            each = f"PARTITION BY {where}, {_unit(rows.contract, column)}, {by}"
            among = f"sum({column}) OVER ({each}) > 0"
            return (_Side(rows.contract, where, column, column, label=by, among=among),)


def _of_ratio(upper: Total, lower: Total, state: State) -> tuple[_Side, ...]:
    """The rows of both sides; a row of both is there once."""
    over, under = rows_sql(upper.rows, state), rows_sql(lower.rows, state)
    if upper.rows.contract != lower.rows.contract:
        return (
            _Side(upper.rows.contract, over, _part(upper), _column(upper), "0"),
            _Side(lower.rows.contract, under, "0", _column(lower), _part(lower)),
        )
    adds = f"CASE WHEN {over} THEN {_part(upper)} ELSE 0 END"
    of = f"CASE WHEN {under} THEN {_part(lower)} ELSE 0 END"
    counted_in = _column(upper) if isinstance(lower, Sum) else ""
    return (_Side(upper.rows.contract, f"(({over}) OR ({under}))", adds, counted_in, of),)


def _column(total: Total) -> str:
    return total.column if isinstance(total, Sum) else ""


def _part(total: Total) -> str:
    return f"coalesce({total.column}, 0)" if isinstance(total, Sum) else "1"
