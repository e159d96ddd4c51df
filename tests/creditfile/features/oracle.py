"""The slow oracle: every measure by loops over rows, with fractions, written without the SQL."""

import calendar
import math
from collections import Counter, defaultdict
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import cast

import numpy as np

from tests.creditfile.features.tables import Row, Tables
from tradeline.creditfile.features.declaration import (
    Difference,
    Expression,
    Growth,
    OfPartners,
    Ratio,
)
from tradeline.creditfile.features.events import (
    After,
    Compare,
    Condition,
    Events,
    MultipleOf,
    Present,
    Window,
)
from tradeline.creditfile.features.measures import (
    ActiveDays,
    ActiveMonths,
    Circular,
    Count,
    DaysSince,
    DaysSinceFirst,
    DaysSinceLast,
    Distinct,
    Followed,
    Gained,
    Herfindahl,
    Largest,
    LargestShare,
    Latest,
    LongestGap,
    Lost,
    MeanAge,
    Measure,
    ObservedMonths,
    SameDayPairs,
    Standing,
    Sum,
    Trend,
    Volatility,
)
from tradeline.creditfile.features.partners import Dependence, Partners

Number = Fraction | float


class Oracle:
    """What every expression is worth for one firm, by walking over its rows."""

    def __init__(self, tables: Tables, firm: str, as_of: datetime) -> None:
        self.tables, self.firm, self.as_of = tables, firm, as_of
        self.ages: dict[date, int] = {}

    def value(self, expression: Expression) -> Number | None:
        """The value; None where it is missing."""
        match expression:
            case Ratio(upper, lower):
                return quotient(self.value(upper), self.value(lower))
            case Growth(recent, earlier):
                times = quotient(self.value(recent), self.value(earlier))
                return None if times is None else times - 1
            case Difference(left, right):
                first, second = self.value(left), self.value(right)
                return None if first is None or second is None else first - second
            case OfPartners():
                return self.of_partners(expression)
            case _:
                return self.measured(expression)

    def of_partners(self, asked: OfPartners) -> Number | None:
        """What partners tell, asked of each as of any firm."""
        if not self.known(asked.partners.events.contract):
            return None
        totals = self.traded(asked.partners)
        values = {name: self.of_partner(name, asked) for name in totals}
        told = {name: value for name, value in values.items() if value is not None}
        if asked.how in ("largest", "smallest"):
            chosen = max if asked.how == "largest" else min
            return chosen(told.values(), default=None)
        if asked.how == "mean":
            weighted = sum(totals[name] * value for name, value in told.items())
            return quotient(Fraction(weighted), sum((totals[n] for n in told), Fraction(0)))
        if asked.bound and totals and not told:
            return None
        met = [name for name, value in told.items() if asked.bound is None or meets(value, asked)]
        return Fraction(len(met) if asked.how == "number" else sum(totals[name] for name in met))

    def traded(self, partners: Partners) -> dict[str, Fraction]:
        """The positive totals of the firm's partners."""
        totals = grouped(self.events(partners.events), partners.column, partners.by)
        return {str(n): t for n, t in totals.items() if t > 0 and n != self.firm}

    def of_partner(self, name: str, asked: OfPartners) -> Fraction | None:
        """What a partner is worth, in millionths; None if it is not known or has no value."""
        partner = Oracle(self.tables, name, self.as_of)
        if asked.of == "anybody":
            return Fraction(1)
        if not any(partner.known(contract) for contract in asked.partners.known_in):
            return None
        if asked.of == "known":
            return Fraction(1)
        if isinstance(asked.of, Dependence):
            theirs = partner.traded(asked.of.partners)
            value: Number | None = quotient(
                theirs.get(self.firm, Fraction(0)), sum(theirs.values(), Fraction(0))
            )
        else:
            value = partner.value(asked.of)
        return None if value is None else millionths(value)

    def measured(self, measure: Measure) -> Number | None:
        """A measure's value; None for a dataset that says nothing of the firm."""
        contract = measure.events.contract
        if not self.known(contract):
            anybody = any(known_by(row, self.as_of) for row in self.tables.get(contract, []))
            return Fraction(0) if measure.events.absent_is_zero and anybody else None
        result = self.of_rows(measure, self.events(measure.events))
        return result if isinstance(result, float) or result is None else Fraction(result)

    def known(self, contract: str) -> list[Row]:
        """The firm's visible rows."""
        rows = self.tables.get(contract, [])
        return [row for row in rows if row["enterprise"] == self.firm and known_by(row, self.as_of)]

    def events(self, events: Events) -> list[Row]:
        """The firm's visible rows that the declaration asks for."""
        return [
            row
            for row in self.known(events.contract)
            if all(holds(condition, row) for condition in events.where)
            and self.inside(events.window, row)
        ]

    def inside(self, window: Window, row: Row) -> bool:
        """Whether the row's month lies in the window."""
        age = self.month(row) if window.days is None else self.age_days(row)
        length = window.months if window.days is None else window.days
        end = math.inf if length is None else window.offset + length
        return window.offset <= age < end

    def month(self, row: Row) -> int:
        """How many whole months back: month 0 starts one month before the day after as-of."""
        occurred = day(row)
        if occurred not in self.ages:
            end = self.as_of.date() + timedelta(days=1)
            age = 0
            while occurred < months_before(end, age + 1):
                age += 1
            self.ages[occurred] = age
        return self.ages[occurred]

    def age_days(self, row: Row) -> int:
        """Days from the row to as-of."""
        return (self.as_of.date() - day(row)).days

    def of_rows(self, measure: Measure, rows: list[Row]) -> Number | int | None:
        """Measures of single rows."""
        match measure:
            case Count():
                return len(rows)
            case Sum(_, column, absolute):
                numbers = [amount(row, column) for row in rows if row[column] is not None]
                return sum((abs(n) if absolute else n for n in numbers), Fraction(0))
            case Largest(_, column):
                filled = [row for row in rows if row[column] is not None]
                return max((amount(row, column) for row in filled), default=None)
            case Distinct(_, column):
                values = [day(row) if column == "day" else row[column] for row in rows]
                return len({value for value in values if value is not None})
            case SameDayPairs(_, column):
                return pairs(rows, column)
            case Latest(_, column):
                told = [
                    (moment(row), amount(row, column)) for row in rows if row[column] is not None
                ]
                return max(told)[1] if told else None
            case _:
                return self.of_time(measure, rows)

    def of_time(self, measure: Measure, rows: list[Row]) -> Number | int | None:
        """Measures of when things happened."""
        match measure:
            case ActiveMonths():
                return len({self.month(row) for row in rows})
            case ActiveDays():
                return len({day(row) for row in rows})
            case ObservedMonths(events):
                return self.observed(events)
            case LongestGap():
                days = sorted({day(row) for row in rows})
                return max(((b - a).days for a, b in pairwise(days)), default=None)
            case DaysSinceLast():
                return min(map(self.age_days, rows), default=None)
            case DaysSinceFirst():
                return max(map(self.age_days, rows), default=None)
            case DaysSince(_, column):
                days = [cast(datetime, row[column]).date() for row in rows if row.get(column)]
                return (self.as_of.date() - max(days)).days if days else None
            case MeanAge(_, column):
                weighted = sum(amount(row, column) * self.age_days(row) for row in rows)
                return quotient(Fraction(weighted), total(rows, column))
            case _:
                return self.of_groups(measure, rows)

    def of_groups(self, measure: Measure, rows: list[Row]) -> Number | int | None:
        """Measures that first sum by month or partner."""
        match measure:
            case Volatility(events, column):
                return volatility(list(self.by_month(rows, column).values()), self.observed(events))
            case Trend(_, column):
                return trend(self.by_month(rows, column))
            case Herfindahl(_, column, by):
                return herfindahl(shares(rows, column, by))
            case LargestShare(_, column, by):
                return max(shares(rows, column, by), default=None)
            case Standing(_, column, by):
                return standing(rows, column, by)
            case Gained(events, by):
                return len(partners(rows, by) - partners(self.before(events), by))
            case Lost(events, by):
                return len(partners(self.before(events), by) - partners(rows, by))
            case Circular(_, column, mirror):
                return self.circular(rows, column, mirror)
            case Followed(_, by, then, within_days):
                return followed(rows, self.events(then), by, within_days)
        raise AssertionError(measure)

    def observed(self, events: Events) -> int:
        """Months of the window since the firm's first visible row."""
        first = max(self.month(row) for row in self.known(events.contract)) + 1
        end = math.inf if events.window.months is None else events.window.months
        return int(max(0, min(end, first - events.window.offset)))

    def before(self, events: Events) -> list[Row]:
        """Events of the equally long window before."""
        months, days, offset = events.window.months, events.window.days, events.window.offset
        window = Window(months, offset + cast(int, days or months), days)
        return self.events(Events(events.contract, events.where, window))

    def by_month(self, rows: list[Row], column: str) -> dict[int, Fraction]:
        """Sums by month."""
        sums: dict[int, Fraction] = defaultdict(Fraction)
        for row in rows:
            sums[self.month(row)] += amount(row, column)
        return sums

    def circular(self, rows: list[Row], column: str, mirror: Events) -> Fraction | None:
        """The positive totals of those who also stand on the other side."""
        if not self.known(mirror.contract):
            return None
        others = {row["counterparty"] for row in self.events(mirror)}
        totals = grouped(rows, column, "counterparty")
        both = [t for partner, t in totals.items() if partner in others and t > 0]
        return sum(both, Fraction(0))


def known_by(row: Row, as_of: datetime) -> bool:
    """Whether the row had happened and was recorded by as-of."""
    return max(cast(datetime, row["occurred_at"]), cast(datetime, row["recorded_at"])) <= as_of


def holds(condition: Condition, row: Row) -> bool:
    """Whether a row meets a condition; an empty value meets none."""
    left = row.get(condition.column)
    if left is None:
        return False
    match condition:
        case Present():
            return True
        case MultipleOf(_, step):
            return left != 0 and cast(int, left) % step == 0
        case After(_, other):
            return row.get(other) is not None and cast(datetime, left) > cast(datetime, row[other])
        case Compare(_, operator, value):
            verdicts = {"=": left == value, "<>": left != value}
            if operator in verdicts:
                return verdicts[operator]
            number, bound = cast(float, left), cast(float, value)
            orders = {
                "<": number < bound,
                "<=": number <= bound,
                ">": number > bound,
                ">=": number >= bound,
            }
            return orders[operator]


def followed(rows: list[Row], after: list[Row], by: str, within_days: int) -> int:
    """How many values of `by` have a row of `after` soon enough after their first row."""
    first: dict[object, date] = {}
    for row in rows:
        if row[by] is not None:
            first[row[by]] = min(day(row), first.get(row[by], day(row)))
    soon = timedelta(days=within_days)
    return sum(
        any(row[by] == value and start <= day(row) <= start + soon for row in after)
        for value, start in first.items()
    )


def meets(value: Fraction, asked: OfPartners) -> bool:
    """Whether a partner's value meets the bound."""
    assert asked.bound is not None
    bound = millionths(asked.bound.value)
    return {
        "=": value == bound,
        "<>": value != bound,
        "<": value < bound,
        "<=": value <= bound,
        ">": value > bound,
        ">=": value >= bound,
    }[asked.bound.operator]


def millionths(value: Number) -> Fraction:
    """A number rounded to whole millionths, halves away from zero."""
    scaled = Fraction(abs(float(value)) * 1e6)
    return Fraction(math.floor(scaled + Fraction(1, 2)) * (1 if value >= 0 else -1), 10**6)


def standing(rows: list[Row], column: str, by: str) -> Fraction:
    """The sum of what was last told of each."""
    told: dict[object, list[tuple[datetime, Fraction]]] = defaultdict(list)
    for row in rows:
        if row[by] is not None and row.get(column) is not None:
            told[row[by]].append((moment(row), amount(row, column)))
    return sum((max(values)[1] for values in told.values()), Fraction(0))


def quotient(upper: Number | None, lower: Number | None) -> Number | None:
    """Upper over lower where lower is above zero."""
    if upper is None or lower is None or lower <= 0:
        return None
    return upper / lower


def months_before(end: date, months: int) -> date:
    """The same day of the month, months earlier, or that month's last day."""
    position = end.year * 12 + end.month - 1 - months
    year, month = position // 12, position % 12 + 1
    return date(year, month, min(end.day, calendar.monthrange(year, month)[1]))


def moment(row: Row) -> datetime:
    """The moment at which it occurred."""
    return cast(datetime, row["occurred_at"])


def day(row: Row) -> date:
    """The day on which it occurred."""
    return moment(row).date()


def amount(row: Row, column: str) -> Fraction:
    """A number of the row, exact."""
    return Fraction(cast(float, row[column]))


def total(rows: list[Row], column: str) -> Fraction:
    """The sum of a column."""
    return sum((amount(row, column) for row in rows), Fraction(0))


def pairs(rows: list[Row], column: str) -> int:
    """Positive events that a negative twin undoes the same day."""
    plus: Counter[object] = Counter()
    minus: Counter[object] = Counter()
    for row in rows:
        value = amount(row, column)
        side = plus if value > 0 else minus
        side[(row["counterparty"], day(row), abs(value))] += value != 0
    return (plus & minus).total()


def grouped(rows: list[Row], column: str, by: str) -> dict[object, Fraction]:
    """Sums by partner; rows without partner are left out."""
    sums: dict[object, Fraction] = defaultdict(Fraction)
    for row in rows:
        if row[by] is not None:
            sums[row[by]] += amount(row, column)
    return sums


def partners(rows: list[Row], by: str) -> set[object]:
    """The partners that occur."""
    return {row[by] for row in rows if row[by] is not None}


def shares(rows: list[Row], column: str, by: str) -> list[Fraction]:
    """The shares of partners with a positive total."""
    positive = [value for value in grouped(rows, column, by).values() if value > 0]
    return [value / sum(positive) for value in positive]


def herfindahl(parts: list[Fraction]) -> Fraction | None:
    """The sum of squared shares."""
    return sum((part * part for part in parts), Fraction(0)) if parts else None


def volatility(sums: list[Fraction], months: int) -> float | None:
    """Standard deviation over mean of monthly sums, months of nothing filled with zero."""
    if months < 3 or sum(sums) <= 0:
        return None
    filled = [*sums, *[Fraction(0)] * (months - len(sums))]
    mean = sum(filled, Fraction(0)) / months
    variance = sum(((value - mean) ** 2 for value in filled), Fraction(0)) / months
    return math.sqrt(variance) / float(mean)


def trend(sums: dict[int, Fraction]) -> float | None:
    """The coefficient of time in least squares on a constant, or on months of the year."""
    positive = {age: value for age, value in sums.items() if value > 0}
    if len(positive) < 6:
        return None
    seasons = sorted({age % 12 for age in positive}) if len(positive) >= 24 else [None]
    design = [
        [-age, *[float(season is None or age % 12 == season) for season in seasons]]
        for age in positive
    ]
    logs = [math.log(value) for value in positive.values()]
    return float(np.linalg.lstsq(np.array(design, dtype=float), np.array(logs), rcond=None)[0][0])
