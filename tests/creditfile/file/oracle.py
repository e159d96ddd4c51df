"""Figures by walking over rows in plain Python: no SQL, and nothing of what the file is made with.

Only the declarations are shared: which rows, and how they add up.
"""

import calendar
import operator
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tradeline.creditfile.features.events import After, Compare, MultipleOf, Present, Window
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
    Total,
    Unended,
)
from tradeline.lake.contracts import BY_NAME, Kind

Told = dict[str, Any]
STRENGTHS = (
    "self-declared", "platform-observed", "counterparty-confirmed", "authority-verified",
)  # fmt: skip
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le,
    ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
UNITS = {"made": "unit", "scrapped": "unit", "used": "utility"}


def standing(
    rows: Iterable[Told], contract: str, as_of: datetime, known_at: datetime
) -> list[Told]:
    """The best version of each source that was recorded by then, if it had occurred by then.

    `stands` says whether it is the best of all of its key, and none that a member before it tells
    alike.
    """
    keys = [BY_NAME[contract].field(name).column for name in BY_NAME[contract].key]
    known = [row for row in rows if row["recorded_at"] <= known_at]
    best = _best_of(known, keys)
    own = _best_of(known, [*keys, "source"])
    dated = "occurred_at" in BY_NAME[contract].columns
    first: dict[tuple[Any, ...], Told] = {}
    said = set(BY_NAME[contract].columns) - {"enterprise", "recorded_at"}
    alike = sorted(said - set(BY_NAME[contract].personal_columns))
    for row in sorted(best.values(), key=lambda row: str(row["enterprise"])):
        first.setdefault(tuple(row[name] for name in alike), row)
    standing = {id(row) for row in (first if dated else best).values()}
    found = [row | {"stands": id(row) in standing} for row in own.values()]
    return [row for row in found if not dated or row["occurred_at"] <= as_of]


def _best_of(rows: Iterable[Told], keys: list[str]) -> dict[tuple[Any, ...], Told]:
    best: dict[tuple[Any, ...], Told] = {}
    for row in rows:
        key = tuple(row[name] for name in keys)
        if key not in best or _rank(row) > _rank(best[key]):
            best[key] = row
    return best


def _rank(row: Told) -> tuple[int, datetime, int]:
    return _strength(row), row["recorded_at"], row["entry"]


def meets(row: Told, condition: Condition, as_of: datetime) -> bool:
    match condition:
        case Compare(column, how, value):
            return row[column] is not None and OPERATORS[how](row[column], value)
        case After(column, other):
            return row[column] is not None and row[other] is not None and row[column] > row[other]
        case Present(column):
            return row[column] is not None
        case MultipleOf(column, step):
            return bool(row[column]) and row[column] % step == 0
        case Unended(column):
            return row[column] is None or row[column] > as_of
        case Partner(standing):
            return standing in row["partner"]


def partners(
    tables: dict[str, list[Told]], as_of: datetime, known_at: datetime
) -> dict[str, set[str]]:
    """How registers say that each enterprise stands."""
    mine = {
        name: [
            row for row in standing(tables.get(name, []), name, as_of, known_at) if row["stands"]
        ]
        for name in ("registrations", "court_cases")
    }
    found: dict[str, set[str]] = {}
    for row in sorted(mine["registrations"], key=_order):
        active = row["status"] == "active"
        found[row["enterprise"]] = {"registered"} | (set() if active else {"not_active"})
    for firm, standings in found.items():
        if "court_cases" in tables:
            standings.add("in_courts")
        if any(
            row["enterprise"] == firm and row["role"] == "defendant"
            and row["status"] != "withdrawn" and inside(row, Window(24), as_of)
            for row in mine["court_cases"]
        ):  # fmt: skip
            standings.add("sued")
    return found


def together(tables: dict[str, list[Told]], partners: dict[str, set[str]]) -> dict[str, list[Told]]:
    """Rows with what they say beside others: of invoices the partner, of payments the order."""
    ordered: dict[tuple[str, str], date] = {}
    for row in tables.get("orders", ()):
        order, day = (row["enterprise"], row["order_no"]), row["occurred_at"].date()
        if row["stands"]:
            ordered[order] = min(day, ordered.get(order, day))
    found = dict(tables)
    for name in ("sales_invoices", "purchase_invoices"):
        found[name] = [
            row | {"partner": partners.get(row["counterparty"], set())}
            for row in tables.get(name, ())
        ]
    found["payments"] = [
        row | {"days_after_order": _days(ordered.get((row["enterprise"], row["order_no"])), row)}
        for row in tables.get("payments", ())
    ]
    return found


def _days(ordered: date | None, row: Told) -> int | None:
    return None if ordered is None else (row["occurred_at"].date() - ordered).days


def back(day: date, months: int) -> date:
    """So many calendar months before a day; the last day of a month that is too short."""
    number = day.year * 12 + day.month - 1 - months
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def inside(row: Told, window: Window, as_of: datetime) -> bool:
    if window.months is None:
        assert window == Window()
        return True
    end = as_of.date() + timedelta(days=1)
    first, last = back(end, window.offset + window.months), back(end, window.offset)
    return bool(first <= row["occurred_at"].date() < last)


def chosen(rows: Iterable[Told], asked: Rows, as_of: datetime) -> list[Told]:
    """The rows of a declaration that stand, among the best of each source."""
    found = [
        row
        for row in rows
        if all(meets(row, c, as_of) for c in asked.where) and inside(row, asked.window, as_of)
    ]
    if asked.last_of:
        last: dict[tuple[Any, ...], Told] = {}
        for row in sorted(found, key=_order):
            names = ("enterprise", "source", *asked.last_of)
            last[tuple(row[name] for name in names)] = row
        one = one_of_each([row for row in last.values() if row["stands"]], asked)
        found = [row for row in one if all(meets(row, c, as_of) for c in asked.standing)]
    return [row for row in found if row["stands"]]


def one_of_each(rows: Iterable[Told], asked: Rows) -> list[Told]:
    """Of the last rows of one thing the strongest, then the latest; what is not stated is apart."""
    best: dict[tuple[Any, ...], Told] = {}
    for place, row in enumerate(sorted(rows, key=lambda row: (_strength(row), *_order(row)))):
        particulars = tuple(row[name] for name in asked.one_by)
        alone = not particulars or None in particulars
        best[(place,) if alone else (*(row[n] for n in asked.last_of), *particulars)] = row
    return list(best.values())


def _strength(row: Told) -> int:
    return STRENGTHS.index(row["assurance"])


def _order(row: Told) -> tuple[Any, ...]:
    """The last of things: by when it occurred, then the record that comes first by its id."""
    return row["occurred_at"], row["recorded_at"], row["entry"], _downwards(row["row_hash"].hex())


def _downwards(text: str) -> tuple[int, ...]:
    return tuple(-ord(letter) for letter in text)


def unit_of(row: Told, contract: str, column: str) -> str:
    kinds = {field.column: field.kind for field in BY_NAME[contract].fields}
    if kinds.get(column) is Kind.MONEY:
        return str(row["currency"] or "")
    return str(row[UNITS[column]] or "") if column in UNITS else ""


def number(value: Any) -> Decimal:
    return Decimal(0) if value is None else Decimal(str(value))


@dataclass(frozen=True)
class Piece:
    """What one row, or one value, adds to a figure."""

    unit: str
    adds: Decimal
    of: Decimal = Decimal(0)
    label: str = ""


class Adding:
    """Adds up figures of one firm's rows, by contract."""

    def __init__(
        self,
        tables: dict[str, list[Told]],
        as_of: datetime,
        partners: dict[str, set[str]] | None = None,
    ) -> None:
        self.tables, self.as_of = together(tables, partners or {}), as_of

    def chosen(self, rows: Rows) -> list[Told]:
        return chosen(self.tables[rows.contract], rows, self.as_of)

    def pieces(self, figure: Figure) -> list[Piece]:
        match figure.adding:
            case Ratio():
                return self.ratio(figure.adding)
            case Distinct(rows, column):
                values = {row[column] for row in self.chosen(rows)} - {None}
                return [Piece("", Decimal(1)) for _ in values]
            case Highest(rows, column):
                said = [number(row[column]) for row in self.chosen(rows)]
                return [Piece("", max(said))] if said else []
            case Monthly():
                return self.monthly(figure.adding)
            case Ranked() | Concentration():
                return self.ranked(figure.adding)
            case total:
                return self.total(total)

    def total(self, total: Total) -> list[Piece]:
        if isinstance(total, Count):
            return [Piece("", Decimal(1)) for _ in self.chosen(total.rows)]
        contract, column = total.rows.contract, total.column
        return [
            Piece(unit_of(row, contract, column), number(row[column]))
            for row in self.chosen(total.rows)
        ]

    def ratio(self, asked: Ratio) -> list[Piece]:
        upper, lower = self.total(asked.upper), self.total(asked.lower)
        return [*upper, *(Piece(p.unit, Decimal(0), p.adds) for p in lower)]

    def monthly(self, asked: Monthly) -> list[Piece]:
        total, this = asked.total, self.as_of.year * 12 + self.as_of.month
        return [
            Piece(unit_of(row, total.rows.contract, total.column), number(row[total.column]),
                  label=f"{row['occurred_at']:%Y-%m}")
            for row in self.chosen(total.rows)
            if this - (row["occurred_at"].year * 12 + row["occurred_at"].month) < asked.months
        ]  # fmt: skip

    def ranked(self, asked: Ranked | Concentration) -> list[Piece]:
        total = asked.total
        sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for row in self.chosen(total.rows):
            if row[asked.by] is not None:
                unit = unit_of(row, total.rows.contract, total.column)
                sums[unit, row[asked.by]] += number(row[total.column])
        return [Piece(unit, value, label=name) for (unit, name), value in sums.items() if value > 0]


def summed(pieces: Iterable[Piece]) -> dict[str, tuple[Decimal, Decimal]]:
    """Pieces added up by unit, on either side."""
    found: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for piece in pieces:
        found[piece.unit][0] += piece.adds
        found[piece.unit][1] += piece.of
    return {unit: (adds, of) for unit, (adds, of) in found.items()}


def labelled(pieces: Iterable[Piece]) -> dict[tuple[str, str], Decimal]:
    """Pieces added up by unit and label."""
    found: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for piece in pieces:
        found[piece.unit, piece.label] += piece.adds
    return dict(found)
