"""The value of every figure of a subject, in one statement: what its opened rows add up to."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache

import duckdb

from tradeline.creditfile.file.declaration import (
    Concentration,
    Count,
    Distinct,
    Figure,
    Highest,
    Monthly,
    Ranked,
    Ratio,
    Sum,
    is_number,
)
from tradeline.creditfile.file.row_sql import State, added_sql
from tradeline.creditfile.file.subject import Subject
from tradeline.lake.reading import parsed

Number = int | Decimal
MILLIONTHS = 1_000_000


@dataclass(frozen=True, slots=True)
class Value:
    """What rows of one currency or unit add up to; `unit` is empty where they have none.

    Of a ratio the value is `adds` over `of`, which is not known where `of` is 0. A concentration is
    a share with six decimals, of what its rows add up to by partner.
    """

    unit: str
    adds: Number
    of: Number | None = None


@dataclass(frozen=True, slots=True)
class MonthValue:
    """A value of one calendar month; `month` is its first day."""

    month: date
    value: Value


@dataclass(frozen=True, slots=True)
class PartnerValue:
    """A value of one partner; its `of` is what all partners come to in that unit."""

    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class AddedRow:
    """What a row adds to a figure; `place` is where it stands in `file_` of the contract."""

    contract: str
    place: int
    unit: str
    label: str | None
    adds: Decimal | None
    of: Decimal | None


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A figure of a subject: its value by unit, the rows it stands on, and what is disputed.

    `rows` is how many rows it opens to, `disputed` how many of them somebody contests; `without`
    is the value without those, None where none is contested. It is itself `contested` where a
    dispute is about the figure and not about a row. Months are without gaps, from the first to the
    last with rows, and by unit; partners stand by unit, the greatest first. Among `newest` are the
    newest rows, as many as were asked for.
    """

    figure: Figure
    rows: int
    values: tuple[Value, ...]
    months: tuple[MonthValue, ...] = ()
    partners: tuple[PartnerValue, ...] = ()
    disputed: int = 0
    without: tuple[Value, ...] | None = None
    contested: bool = False
    newest: tuple[AddedRow, ...] = ()


@dataclass(frozen=True, slots=True)
class _Group:
    """The rows of a figure with one contract, unit and label, added up."""

    contract: str
    unit: str
    label: str | None
    rows: int
    disputed: int
    adds: Decimal | None
    of: Decimal | None
    newest: Sequence[tuple[int, Decimal | None, Decimal | None]] | None


def reckon(subject: Subject, figures: Sequence[Figure], newest: int = 0) -> dict[str, Reckoned]:
    """By id, each figure of which anything is known: every contract of its rows told something.

    `newest` is how many rows of each to name.
    """
    known = tuple(figure for figure in figures if set(figure.contracts) <= set(subject.told))
    if not known:
        return {}
    groups = _groups(subject.connection, known, "stands", newest)
    found = {figure.id: _reckoned(figure, groups[figure.id]) for figure in known}
    for name in subject.contested & found.keys():
        found[name] = replace(found[name], contested=True)
    marked = tuple(figure for figure in known if found[figure.id].disputed)
    if marked:
        rest = _groups(subject.connection, marked, "stands AND NOT disputed", 0)
        for figure in marked:
            without = _reckoned(figure, rest[figure.id]).values
            found[figure.id] = replace(found[figure.id], without=without)
    return found


def _groups(
    connection: duckdb.DuckDBPyConnection, figures: tuple[Figure, ...], state: State, newest: int
) -> dict[str, list[_Group]]:
    found: dict[str, list[_Group]] = defaultdict(list)
    statement = parsed(_statement(figures, state, newest))
    for number, *told in connection.execute(statement).fetchall():
        found[figures[number].id].append(_Group(*told))
    return found


@cache
def _statement(figures: tuple[Figure, ...], state: State, newest: int) -> str:
    rows = f"arg_min((place, added.adds, added.of), place, {newest:d})" if newest else "NULL"
    return (
        "SELECT added.figure, contract, added.unit AS unit, added.label AS label, count(*), "
        f"count(*) FILTER (disputed), sum(added.adds), sum(added.of), {rows} "
        f"FROM ({added_sql(figures, state)}) GROUP BY added.figure, contract, unit, label "
        "ORDER BY unit, label"
    )


def _reckoned(figure: Figure, groups: Sequence[_Group]) -> Reckoned:
    values = tuple(_values(figure, groups))
    plain = Reckoned(
        figure,
        sum(group.rows for group in groups),
        values,
        disputed=sum(group.disputed for group in groups),
        newest=tuple(
            AddedRow(group.contract, place, group.unit, group.label, adds, of)
            for group in groups
            for place, adds, of in group.newest or ()
        ),
    )
    match figure.adding:
        case Monthly():
            return replace(plain, months=tuple(_months(figure, groups)))
        case Ranked(_, _, most):
            return replace(plain, partners=tuple(_partners(figure, groups, values, most)))
        case _:
            return plain


def _values(figure: Figure, groups: Sequence[_Group]) -> list[Value]:
    """By unit; where no row counts, the value is a plain 0, and no greatest value is known."""
    units: dict[str, list[_Group]] = defaultdict(list)
    for group in groups:
        units[group.unit].append(group)
    if not units and not isinstance(figure.adding, Highest | Ratio | Concentration):
        return [Value("", 0)]
    if isinstance(figure.adding, Concentration):
        return [Value(unit, _concentration(mine)) for unit, mine in units.items()]
    found = []
    for unit, mine in units.items():
        adds = sum((group.adds or Decimal(0) for group in mine), Decimal(0))
        of = None
        if isinstance(figure.adding, Ratio):
            of = sum((group.of or Decimal(0) for group in mine), Decimal(0))
        found.append(_value(figure, unit, adds, of))
    return found


def _concentration(groups: Sequence[_Group]) -> Decimal:
    """The shares of groups in all of them, squared and added up; each is above zero.

    At least a millionth, as of a million groups alike.
    """
    sizes = [Fraction(group.adds or 0) for group in groups]
    exactly = sum(size * size for size in sizes) / sum(sizes) ** 2
    return plain_decimal(Decimal(max(1, round(exactly * MILLIONTHS))) / MILLIONTHS)


def _value(figure: Figure, unit: str, adds: Decimal, of: Decimal | None = None) -> Value:
    upper, lower = are_numbers(figure)
    return Value(unit, exact(adds, upper), None if of is None else exact(of, lower))


def exact(value: Decimal, number: bool) -> Number:
    """A sum as a whole number, or as a decimal without needless digits."""
    return plain_decimal(value) if number else int(value)


def plain_decimal(value: Decimal) -> Decimal:
    """A decimal without needless digits."""
    return value.normalize() + 0


def are_numbers(figure: Figure) -> tuple[bool, bool]:
    """Whether what a figure adds, and what that is over, need not be whole."""
    match figure.adding:
        case Ratio(upper, lower):
            return _is_number(upper), _is_number(lower)
        case Monthly(total) | Ranked(total) | Concentration(total):
            return _is_number(total), _is_number(total)
        case adding:
            return _is_number(adding), False


def _is_number(adding: Count | Sum | Distinct | Highest) -> bool:
    if isinstance(adding, Count | Distinct):
        return False
    return is_number(adding.rows.contract, adding.column)


def _months(figure: Figure, groups: Sequence[_Group]) -> list[MonthValue]:
    """By unit, each month from the first to the last with rows of any unit; 0 without rows."""
    told = {(group.unit, _number(group.label)): group.adds for group in groups}
    if not told:
        return []
    numbers = [number for _, number in told]
    every = range(min(numbers), max(numbers) + 1)
    return [
        MonthValue(
            date(number // 12, number % 12 + 1, 1),
            _value(figure, unit, told.get((unit, number)) or Decimal(0)),
        )
        for unit in sorted({unit for unit, _ in told})
        for number in every
    ]


def _number(label: str | None) -> int:
    """Months counted on from the year 0, of a label such as 2024-02."""
    year, _, month = (label or "").partition("-")
    return int(year) * 12 + int(month) - 1


def _partners(
    figure: Figure, groups: Sequence[_Group], values: Sequence[Value], most: int
) -> list[PartnerValue]:
    wholes = {value.unit: value.adds for value in values}
    found = []
    for unit in wholes:
        mine = [group for group in groups if group.unit == unit]
        mine.sort(key=lambda group: (-(group.adds or 0), group.label or ""))
        for group in mine[:most]:
            adds = _value(figure, unit, group.adds or Decimal(0)).adds
            found.append(PartnerValue(group.label or "", Value(unit, adds, wholes[unit])))
    return found
