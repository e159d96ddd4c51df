"""What each measure is in SQL: aggregates at a grain, then one value for each firm.

A measure names its own columns with a leading `~`, which `Fragment.named` makes unique.
"""

import re
from dataclasses import dataclass, replace
from functools import singledispatch

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
    MONTHS_FOR_SEASONS,
    MONTHS_FOR_TREND,
    MONTHS_FOR_VOLATILITY,
    ActiveDays,
    ActiveMonths,
    Circular,
    ColumnMeasure,
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
from tradeline.lake.contracts import BY_NAME, Kind
from tradeline.lake.sql_text import literal

SEASON_DENOMINATOR = 2520
"""Divisible by 1 to 10, so that means over up to ten years' same months stay whole numbers."""

AGES = {
    "age_days": "DATE_DIFF('day', day, as_of_day)",
    "age_months": (
        "(EXTRACT(YEAR FROM next_day) - EXTRACT(YEAR FROM day)) * 12"
        " + EXTRACT(MONTH FROM next_day) - EXTRACT(MONTH FROM day)"
        " - CASE WHEN EXTRACT(DAY FROM day)"
        " >= LEAST(EXTRACT(DAY FROM next_day), EXTRACT(DAY FROM LAST_DAY(day)))"
        " THEN 1 ELSE 0 END"
    ),
}
"""How long before as-of a row lies: in days, and in whole months."""

NUMBERS = (Kind.NUMBER, Kind.SHARE)
THOUSANDTHS = 1000

LOG_SCALE = 1_000_000_000
"""Logs are kept in whole billionths: sums of them do not depend on their order."""


@dataclass(frozen=True, slots=True)
class Fragment:
    """How a measure is computed in three steps over its grain.

    `grain` are the keys besides the application, none for the rows themselves, `inner` are
    aggregates at the grain, `across` window functions over it and `joins` what stands beside it,
    one row at most for each of its rows, `outer` the application's aggregate. `counts`: of no rows
    at all it is 0, not missing.
    """

    outer: str
    grain: tuple[str, ...] = ()
    inner: tuple[str, ...] = ()
    across: tuple[str, ...] = ()
    joins: tuple[str, ...] = ()
    counts: bool = False

    def named(self, alias: str) -> "Fragment":
        """The fragment with its own columns named after `alias`."""

        def own(parts: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(part.replace("~", f"{alias}_") for part in parts)

        (outer,) = own((self.outer,))
        return replace(
            self, outer=outer, inner=own(self.inner), across=own(self.across), joins=own(self.joins)
        )

    def with_name(self, name: str, other: str) -> "Fragment":
        """The fragment with another column of the grain in the place of one."""

        def renamed(text: str) -> str:
            return re.sub(rf"\b{name}\b", other, text)

        return replace(
            self,
            outer=renamed(self.outer),
            across=tuple(map(renamed, self.across)),
            joins=tuple(map(renamed, self.joins)),
        )


def condition_sql(condition: Condition) -> str:
    """A condition as SQL."""
    match condition:
        case Compare(column, operator, value):
            return f"{column} {operator} {literal(value) if isinstance(value, str) else value}"
        case After(column, other):
            return f"{column} > {other}"
        case Present(column):
            return f"{column} IS NOT NULL"
        case MultipleOf(column, step_minor):
            return f"{column} <> 0 AND {column} % {step_minor:d} = 0"


def window_sql(window: Window) -> list[str]:
    """The window as conditions on `age_months` or `age_days`; no visible row is younger than 0."""
    age = f"age_{window.unit}s"
    start = [f"{age} >= {window.offset:d}"] if window.offset else []
    end = [f"{age} < {window.end:d}"] if window.end is not None else []
    return [*start, *end]


def events_sql(events: Events) -> str:
    """Whether a row is one of the events."""
    parts = [*map(condition_sql, events.where), *window_sql(events.window)]
    return " AND ".join(parts) or "TRUE"


def filter_sql(events: Events) -> str:
    """`FILTER (WHERE ...)` that keeps the events; nothing where every row is one."""
    kept = events_sql(events)
    return "" if kept == "TRUE" else f"FILTER (WHERE {kept})"


def is_number(measure: ColumnMeasure) -> bool:
    """Whether the column holds numbers that need not be whole."""
    fields = BY_NAME[measure.events.contract].fields
    return any(field.column == measure.column and field.kind in NUMBERS for field in fields)


def exact(measure: ColumnMeasure) -> str:
    """The column as whole numbers, so that sums are exact: numbers in thousandths."""
    if is_number(measure):
        return f"CAST(ROUND({measure.column} * {THOUSANDTHS}) AS BIGINT)"
    return measure.column


def restored(total: str, measure: ColumnMeasure) -> str:
    """A sum of `exact` in the column's own unit."""
    return f"CAST({total} AS DOUBLE) / {THOUSANDTHS}" if is_number(measure) else total


@singledispatch
def fragment(measure: Measure) -> Fragment:
    """The steps that compute a measure."""
    raise TypeError(f"No SQL for {type(measure).__name__}.")


@fragment.register
def _(measure: Count) -> Fragment:
    return Fragment(f"COUNT(*) {filter_sql(measure.events)}", counts=True)


@fragment.register
def _(measure: Sum) -> Fragment:
    value = f"ABS({exact(measure)})" if measure.absolute else exact(measure)
    total = f"COALESCE(SUM({value}) {filter_sql(measure.events)}, 0)"
    return Fragment(restored(total, measure), counts=True)


@fragment.register
def _(measure: Largest) -> Fragment:
    return Fragment(f"MAX({measure.column}) {filter_sql(measure.events)}")


@fragment.register
def _(measure: Distinct) -> Fragment:
    inner = f"COUNT(*) {filter_sql(measure.events)} AS ~n"
    return Fragment("COUNT(*) FILTER (WHERE ~n > 0)", (measure.column,), (inner,), counts=True)


@fragment.register
def _(measure: Latest) -> Fragment:
    present = replace(measure.events, where=(*measure.events.where, Present(measure.column)))
    return Fragment(last_sql(measure.column, present))


def last_sql(value: str, events: Events) -> str:
    """A value at the last moment of events, the largest where several share it."""
    last = f"MAX(STRUCT_PACK(at := occurred_at, value := {value})) {filter_sql(events)}"
    return f"STRUCT_EXTRACT({last}, 'value')"


def observed_sql(window: Window) -> str:
    """Months of the window since the firm's first record."""
    since_first = f"MAX(age_months) + 1 - {window.offset:d}"
    if window.months is not None:
        since_first = f"LEAST({since_first}, {window.months:d})"
    return f"GREATEST({since_first}, 0)"


@fragment.register
def _(measure: ObservedMonths) -> Fragment:
    return Fragment(observed_sql(measure.events.window))


@fragment.register
def _(measure: ActiveMonths) -> Fragment:
    inner = f"COUNT(*) {filter_sql(measure.events)} AS ~n"
    return Fragment("COUNT(*) FILTER (WHERE ~n > 0)", ("age_months",), (inner,), counts=True)


@fragment.register
def _(measure: ActiveDays) -> Fragment:
    events = measure.events
    if not events.where and (events.window.unit == "day" or events.window == Window()):
        outer = f"COUNT(*) {filter_sql(events)}"
        return Fragment(outer, ("age_days",), counts=True)
    inner = f"COUNT(*) {filter_sql(events)} AS ~n"
    return Fragment("COUNT(*) FILTER (WHERE ~n > 0)", ("age_days",), (inner,), counts=True)


@fragment.register
def _(measure: LongestGap) -> Fragment:
    inner = f"COUNT(*) {filter_sql(measure.events)} AS ~n"
    earlier = (
        "MIN(CASE WHEN ~n > 0 THEN age_days END) OVER (PARTITION BY application"
        " ORDER BY age_days DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS ~earlier"
    )
    outer = "MAX(~earlier - age_days) FILTER (WHERE ~n > 0)"
    return Fragment(outer, ("age_days",), (inner,), (earlier,))


@fragment.register
def _(measure: DaysSinceLast) -> Fragment:
    return Fragment(f"MIN(age_days) {filter_sql(measure.events)}")


@fragment.register
def _(measure: DaysSinceFirst) -> Fragment:
    return Fragment(f"MAX(age_days) {filter_sql(measure.events)}")


@fragment.register
def _(measure: DaysSince) -> Fragment:
    since = f"age_days + DATE_DIFF('day', CAST({measure.column} AS DATE), day)"
    return Fragment(f"MIN({since}) {filter_sql(measure.events)}")


@fragment.register
def _(measure: MeanAge) -> Fragment:
    # The product of an amount and many days may exceed what the amount's own type holds.
    weighted = f"SUM(CAST({exact(measure)} AS INT128) * age_days) {filter_sql(measure.events)}"
    weight = f"SUM({exact(measure)}) {filter_sql(measure.events)}"
    return Fragment(
        f"CASE WHEN {weight} > 0 THEN CAST({weighted} AS DOUBLE) / CAST({weight} AS DOUBLE) END"
    )


@fragment.register
def _(measure: Volatility) -> Fragment:
    inner = f"SUM({exact(measure)}) {filter_sql(measure.events)} AS ~s"
    months = observed_sql(measure.events.window)
    squares, total = "SUM(~s * ~s)", "SUM(~s)"
    outer = (
        f"CASE WHEN {months} >= {MONTHS_FOR_VOLATILITY} AND {total} > 0"
        f" THEN SQRT(CAST({months} * {squares} - {total} * {total} AS DOUBLE))"
        f" / CAST({total} AS DOUBLE) END"
    )
    return Fragment(outer, ("age_months",), (inner,))


def slope(covariance: str, variance: str) -> str:
    """A slope of logs from whole numbers, divided once."""
    return f"CAST({covariance} AS DOUBLE) / CAST({variance} AS DOUBLE) / {LOG_SCALE}"


SLOPE_WITHIN_SEASONS = slope(
    f"SUM(({SEASON_DENOMINATOR} // NULLIF(~n, 0)) * (~n * ~x * ~y - ~x * ~sy))",
    f"SUM(({SEASON_DENOMINATOR} // NULLIF(~n, 0)) * (~n * ~x * ~x - ~x * ~sx))",
)
SLOPE = slope(
    "COUNT(~y) * SUM(~x * ~y) - SUM(~x) * SUM(~y)", "COUNT(~y) * SUM(~x * ~x) - SUM(~x) * SUM(~x)"
)


@fragment.register
def _(measure: Trend) -> Fragment:
    total = f"SUM({exact(measure)}) {filter_sql(measure.events)}"
    log = (
        f"CASE WHEN {total} > 0 THEN"
        f" CAST(ROUND(LN(CAST({total} AS DOUBLE)) * {LOG_SCALE}) AS BIGINT) END AS ~y"
    )
    x, y = "CASE WHEN ~y IS NOT NULL THEN -age_months END", "~y"
    season = "(PARTITION BY application, age_months % 12)"
    across = (
        f"{x} AS ~x",
        f"COUNT({y}) OVER {season} AS ~n",
        f"SUM({x}) OVER {season} AS ~sx",
        f"SUM({y}) OVER {season} AS ~sy",
    )
    outer = (
        f"CASE WHEN COUNT(~y) >= {MONTHS_FOR_SEASONS} THEN {SLOPE_WITHIN_SEASONS}"
        f" WHEN COUNT(~y) >= {MONTHS_FOR_TREND} THEN {SLOPE} END"
    )
    return Fragment(outer, ("age_months",), (log,), across)


@fragment.register
def _(measure: Herfindahl) -> Fragment:
    s = "~s"
    inner = f"SUM({exact(measure)}) {filter_sql(measure.events)} AS {s}"
    positive = f"FILTER (WHERE {s} > 0)"
    outer = (
        f"CAST(SUM({s} * {s}) {positive} AS DOUBLE)"
        f" / CAST(SUM({s}) {positive} * SUM({s}) {positive} AS DOUBLE)"
    )
    return Fragment(outer, (measure.by,), (inner,))


@fragment.register
def _(measure: LargestShare) -> Fragment:
    s = "~s"
    inner = f"SUM({exact(measure)}) {filter_sql(measure.events)} AS {s}"
    positive = f"FILTER (WHERE {s} > 0)"
    outer = f"CAST(MAX({s}) {positive} AS DOUBLE) / CAST(SUM({s}) {positive} AS DOUBLE)"
    return Fragment(outer, (measure.by,), (inner,))


@fragment.register
def _(measure: Standing) -> Fragment:
    present = replace(measure.events, where=(*measure.events.where, Present(measure.column)))
    inner = f"{last_sql(exact(measure), present)} AS ~last"
    total = restored("COALESCE(SUM(~last), 0)", measure)
    # Two members of one enterprise may give the same number to different debts.
    return Fragment(total, ("enterprise", measure.by), (inner,), counts=True)


def turnover(measure: Gained | Lost, outer: str) -> Fragment:
    """Counts of events by partner in the window (`_now`) and in the one before (`_then`)."""
    before = replace(measure.events, window=measure.events.window.before())
    inner = (
        f"COUNT(*) {filter_sql(measure.events)} AS ~now",
        f"COUNT(*) {filter_sql(before)} AS ~then",
    )
    return Fragment(outer, (measure.by,), inner, counts=True)


@fragment.register
def _(measure: Gained) -> Fragment:
    outer = "COUNT(*) FILTER (WHERE ~now > 0 AND ~then = 0)"
    return turnover(measure, outer)


@fragment.register
def _(measure: Lost) -> Fragment:
    outer = "COUNT(*) FILTER (WHERE ~now = 0 AND ~then > 0)"
    return turnover(measure, outer)


@fragment.register
def _(measure: SameDayPairs) -> Fragment:
    column = measure.column
    plus = replace(measure.events, where=(*measure.events.where, Compare(column, ">", 0)))
    minus = replace(measure.events, where=(*measure.events.where, Compare(column, "<", 0)))
    inner = (
        f"COUNT(*) {filter_sql(plus)} AS ~plus",
        f"COUNT(*) {filter_sql(minus)} AS ~minus",
    )
    grain = ("counterparty", "day", f"ABS({column})")
    outer = "COALESCE(SUM(LEAST(~plus, ~minus)), 0)"
    return Fragment(outer, grain, inner, counts=True)


@fragment.register
def _(measure: Circular) -> Fragment:
    mirror = measure.mirror
    inner = f"SUM({exact(measure)}) {filter_sql(measure.events)} AS ~s"
    pairs = (
        "LEFT JOIN (SELECT DISTINCT application, counterparty, TRUE AS ~both"
        f" FROM known_{mirror.contract} WHERE {events_sql(mirror)}) AS ~pairs"
        " USING (application, counterparty)"
    )
    firms = (
        f"LEFT JOIN (SELECT application, TRUE AS ~known FROM present_{mirror.contract}) AS ~firms"
        " USING (application)"
    )
    total = restored("COALESCE(SUM(~s) FILTER (WHERE ~both AND ~s > 0), 0)", measure)
    outer = f"CASE WHEN BOOL_OR(~known) THEN {total} END"
    return Fragment(outer, ("counterparty",), (inner,), ("~both", "~known"), (pairs, firms))


@fragment.register
def _(measure: Followed) -> Fragment:
    by, events, then = measure.by, measure.events, measure.then
    inner = f"COUNT(*) {filter_sql(events)} AS ~n"
    first = (
        f"SELECT application, {by}, MIN(day) AS ~first FROM known_{events.contract}"
        f" WHERE {events_sql(events)} GROUP BY application, {by}"
    )
    after = (
        f"SELECT application, {by}, day AS ~day FROM known_{then.contract} WHERE {events_sql(then)}"
    )
    join = (
        f"LEFT JOIN (SELECT DISTINCT application, {by}, TRUE AS ~followed"
        f" FROM ({first}) AS ~firsts JOIN ({after}) AS ~afters USING (application, {by})"
        f" WHERE DATE_DIFF('day', ~first, ~day) BETWEEN 0 AND {measure.within_days:d}) AS ~pairs"
        f" USING (application, {by})"
    )
    outer = "COUNT(*) FILTER (WHERE ~n > 0 AND ~followed)"
    return Fragment(outer, (by,), (inner,), ("~followed",), (join,), counts=True)


def lifted(measure: Measure, grain: tuple[str, ...]) -> Fragment | None:
    """The measure brought up from a grain that others need anyway; None if it cannot be.

    Every row must belong to a group of the grain: the keys may never be empty.
    """
    filled = set(required_columns(measure.events.contract))
    if not isinstance(measure, Count | Sum) or not filled.issuperset(grain):
        return None
    value = "COUNT(*)"
    if isinstance(measure, Sum):
        value = f"SUM(ABS({exact(measure)}))" if measure.absolute else f"SUM({exact(measure)})"
    inner = f"{value} {filter_sql(measure.events)} AS ~part"
    total = "COALESCE(SUM(~part), 0)"
    outer = restored(total, measure) if isinstance(measure, Sum) else total
    return Fragment(outer, grain, (inner,), counts=True)


def required_columns(contract: str) -> tuple[str, ...]:
    """The columns of a contract that are never empty, and those derived from them."""
    fields = BY_NAME[contract].fields
    return (*(field.column for field in fields if field.required), "day", *AGES)
