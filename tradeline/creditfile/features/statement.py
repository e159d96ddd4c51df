"""From measures to SQL: one statement for each dataset, exact, and blind to what came later.

Measures are computed for *applications*: pairs of an enterprise and a moment, in a table
`applications (application, enterprise, as_of)`. Where some are of enterprises that are one with
others, `members` stands beside it, with a row for each enterprise whose rows count. SQL is written
as text, parsed and checked by sqlglot, then written in the engine's dialect. Sums are of integers
or decimals and divided once at the end, so that any number of threads gives the same bytes.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache

import sqlglot
from sqlglot import exp

from tradeline.creditfile.features.dialects import written
from tradeline.creditfile.features.events import Condition, Events, Window
from tradeline.creditfile.features.fragments import AGES, Fragment, condition_sql, fragment, lifted
from tradeline.creditfile.features.measures import (
    Circular,
    Followed,
    Gained,
    Lost,
    Measure,
    ObservedMonths,
    Volatility,
    contracts_of,
    mirrored,
)
from tradeline.kernel.findings import problem
from tradeline.lake.contracts import BY_NAME

GUARDS = ("occurred_at <= as_of", "recorded_at <= as_of")
STANDING = "(superseded_at IS NULL OR superseded_at > as_of)"

WHOLE = ObservedMonths | Volatility | Circular
"""Measures that ask whether a firm has any row at all, of whatever kind and age."""

# The one place where rows become visible: what had happened by then and was known by then.
KNOWN = """
known_{contract} AS (
  SELECT {shown}
  FROM (
    SELECT application, {columns}, CAST(occurred_at AS DATE) AS day,
      CAST(as_of AS DATE) AS as_of_day, CAST(as_of + INTERVAL '1' DAY AS DATE) AS next_day
    FROM {asked} JOIN {contract} USING (enterprise)
    WHERE {visible}{once}
  ) AS dated
)"""

# Of whom anything is known at all: a firm without any row is missing, not zero.
OPENED = """
SELECT enterprise, MIN(GREATEST(occurred_at, recorded_at)) AS opened_at
FROM {contract} {standing} GROUP BY enterprise"""
BEGUN = "SELECT MIN(GREATEST(occurred_at, recorded_at)) AS begun_at FROM {contract} {standing}"
PRESENT = """
present_{contract} AS (
  SELECT {distinct}application
  FROM {asked} JOIN opened_{contract} USING (enterprise)
  WHERE opened_at <= as_of{revised}
)"""
REVISED = """
  UNION
  SELECT application
  FROM {asked} JOIN {contract} USING (enterprise)
  WHERE {visible}"""

ASKED = re.compile(r"(applications|members)(_\d+)?")
"""The tables whose enterprises' rows count."""

MEMBERS = """
SELECT application, COALESCE(member, {asked}.enterprise) AS enterprise, as_of
FROM {asked} LEFT JOIN joined
  ON joined.enterprise = {asked}.enterprise AND since <= as_of AND as_of < until
"""


def at(name: str, level: int) -> str:
    """A table's name: 0 is the level of the firms asked for, 1 of their partners, and so on."""
    return f"{name}_{level}" if level else name


def asked_table(linked: bool, level: int = 0) -> str:
    """The table whose enterprises' rows count, by whether some are one with others."""
    return at("members" if linked else "applications", level)


def members_sql(level: int = 0) -> str:
    """Whose rows count for each application, by who `joined` says was one with others then."""
    return MEMBERS.format(asked=at("applications", level))


def opened(contract: str, versioned: bool = False) -> str:
    """The statement of `opened_` and the contract: since when anything is known of each firm."""
    return OPENED.format(contract=contract, standing=_final(versioned))


def begun(contract: str, versioned: bool = False) -> str:
    """The statement of `begun_` and the contract: since when anything is known of anybody.

    A row that was superseded later was known before.
    """
    seen = "superseded_at > GREATEST(occurred_at, recorded_at)"
    standing = f"WHERE superseded_at IS NULL OR {seen}" if versioned else ""
    return BEGUN.format(contract=contract, standing=standing)


def _final(versioned: bool) -> str:
    return "WHERE superseded_at IS NULL" if versioned else ""


def present(contract: str, versioned: bool = False, linked: bool = False, level: int = 0) -> str:
    """The applications of whose firm anything was known."""
    visible, asked = " AND ".join([*GUARDS, "superseded_at > as_of"]), asked_table(linked, level)
    revised = REVISED.format(contract=contract, asked=asked, visible=visible) if versioned else ""
    distinct = "DISTINCT " if linked else ""
    return PRESENT.format(contract=contract, asked=asked, revised=revised, distinct=distinct)


def known(
    contract: str,
    columns: Iterable[str] | None = None,
    versioned: bool = False,
    horizon_days: int | None = None,
    where: Iterable[Condition] = (),
    linked: bool = False,
    level: int = 0,
) -> str:
    """The base table of a contract: for each application the rows visible to it, with their ages.

    With `versioned` rows may be superseded and say when. `horizon_days` leaves out what lies so
    many days back or more, `where` what does not meet its conditions. With `linked` the rows of
    all `members` count; what two of them tell alike is one row (`told_once`).
    """
    own = BY_NAME[contract].columns
    wanted = set((*own, "day", *AGES) if columns is None else columns)
    ages = [f"{sql} AS {name}" for name, sql in AGES.items() if name in wanted]
    kept = [name for name in own if name in wanted]
    shown = ", ".join(["application", *kept, *({"day"} & wanted), *ages])
    visible = [*GUARDS, *([STANDING] if versioned else []), *map(condition_sql, where)]
    if horizon_days is not None:
        since = f"CAST(as_of AS DATE) - INTERVAL '{horizon_days - 1}' DAY"
        visible.append(f"occurred_at >= {since}")
    columns, once = kept or ["enterprise"], ""
    if linked:
        columns, once = told_once(contract, columns)
    return KNOWN.format(
        contract=contract,
        asked=asked_table(linked, level),
        shown=shown,
        columns=", ".join(columns),
        visible=" AND ".join(visible),
        once=once,
    )


def told_once(contract: str, columns: Sequence[str]) -> tuple[list[str], str]:
    """Columns, and the grouping by which rows that members of one entity tell alike are one row.

    The row is the first member's.
    """
    alike = alike_columns(contract)
    shown = [name if name in alike else f"MIN({name}) AS {name}" for name in columns]
    return shown, f" GROUP BY application, as_of, {', '.join(alike)}"


def alike_columns(contract: str) -> tuple[str, ...]:
    """The columns that are equal where two members of one entity tell the same fact.

    They are whatever the contract holds but the enterprise and when it was recorded. Personal
    values are not compared: nothing is opened that nobody asks for.
    """
    apart = {"enterprise", "recorded_at", *BY_NAME[contract].personal_columns}
    return tuple(name for name in BY_NAME[contract].columns if name not in apart)


def horizon_of(measures: Iterable[Measure]) -> int | None:
    """The days beyond which no row matters to any of the measures; None if all history does."""
    reaches = [reach for measure in measures for reach in _reaches(measure)]
    known_reaches = [reach for reach in reaches if reach is not None]
    return max(known_reaches) if len(known_reaches) == len(reaches) else None


def _reaches(measure: Measure) -> list[int | None]:
    """How many days back a measure looks; those that ask for a firm's first row look at all."""
    match measure:
        case _ if isinstance(measure, WHOLE):
            return [None]
        case Gained() | Lost():
            return [measure.events.window.before().horizon_days]
        case _:
            return [events.window.horizon_days for events in _events_of(measure)]


def _events_of(measure: Measure) -> list[Events]:
    return [events for events in (measure.events, mirrored(measure)) if events]


def common_conditions(measures: Sequence[Measure], contract: str) -> tuple[Condition, ...]:
    """The conditions that every measure puts on rows of a contract: others need not be read.

    None where a measure asks for any row of a firm, whatever its kind.
    """
    if any(isinstance(measure, WHOLE) for measure in measures):
        return ()
    asked = [e.where for m in measures for e in _events_of(m) if e.contract == contract]
    first, *others = asked
    return tuple(c for c in first if all(c in where for where in others))


def without(
    measure: Measure, common: Mapping[str, tuple[Condition, ...]], horizon_days: int | None
) -> Measure:
    """The measure less the conditions, and the end of the window, that its base tables have met."""

    def rest(events: Events) -> Events:
        where = tuple(c for c in events.where if c not in common[events.contract])
        met = events.window == Window(days=horizon_days) and not isinstance(measure, Gained | Lost)
        return replace(events, where=where, window=Window() if met else events.window)

    match measure:
        case Circular():
            return replace(measure, events=rest(measure.events), mirror=rest(measure.mirror))
        case Followed():
            return replace(measure, events=rest(measure.events), then=rest(measure.then))
        case _:
            return replace(measure, events=rest(measure.events))


@cache
def statement(
    measures: tuple[Measure, ...],
    dialect: str = "duckdb",
    versioned: bool = False,
    linked: bool = False,
    level: int = 0,
) -> str:
    """One statement for measures of one contract: `application`, then `m0`, `m1`, ... as doubles.

    Reads the applications of a level (with `linked`: their `members`), the contract, and what
    `opened` gives as `opened_` and its name. An application without visible rows has no row.
    """
    (contract,) = {measure.events.contract for measure in measures}
    contracts = sorted({name for measure in measures for name in contracts_of(measure)})
    common = {name: common_conditions(measures, name) for name in contracts}
    horizon = horizon_of(measures)
    fragments = _fragments([without(measure, common, horizon) for measure in measures])
    grains = sorted({step.grain for step in fragments})
    steps = [s for n, g in enumerate(grains) for s in grain_steps(contract, n, g, fragments)]
    used = set(re.findall(r"\w+", " ".join(steps)))
    base = [known(n, used, versioned, horizon, common[n], linked, level) for n in contracts]
    base += [present(name, versioned, linked, level) for name in contracts]
    joins = [f"LEFT JOIN firm_{number} USING (application)" for number in range(len(grains))]
    columns = [_or_zero(f"m{n}", step) for n, step in enumerate(fragments)]
    text = (
        f"WITH {', '.join([*base, *steps])} SELECT application, {', '.join(columns)}"
        f" FROM present_{contract} {' '.join(joins)}"
    )
    return written(checked(text), dialect)


def _fragments(measures: Sequence[Measure]) -> list[Fragment]:
    """The steps of each measure; what can be is brought up from a grain that is there anyway.

    Of several, the one at which most is added up already.
    """
    plain = [fragment(measure) for measure in measures]
    sums = Counter(step.grain for step in plain for _ in step.inner if step.grain)
    grains = sorted(sums, key=lambda grain: (-sums[grain], grain))
    found = []
    for number, (measure, step) in enumerate(zip(measures, plain, strict=True)):
        higher = (lifted(measure, grain) for grain in grains)
        chosen = step if step.grain else next((f for f in higher if f), step)
        found.append(chosen.named(f"m{number}"))
    return found


def _or_zero(column: str, step: Fragment) -> str:
    return f"COALESCE({column}, 0) AS {column}" if step.counts else column


def grain_steps(
    contract: str, number: int, grain: tuple[str, ...], fragments: Sequence[Fragment]
) -> list[str]:
    """The tables that bring one grain's fragments to an application: `grain_` to `firm_`."""
    mine = shared([(f"m{i}", f) for i, f in enumerate(fragments) if f.grain == grain])
    values = [f"CAST({f.outer} AS DOUBLE) AS {alias}" for alias, f in mine]
    outer = ", ".join(["application", *values])
    table = f"known_{contract}"
    if not grain:
        return [f"firm_{number} AS (SELECT {outer} FROM {table} GROUP BY application)"]
    keys = ", ".join(("application", *grain))
    inner = ", ".join([keys, *(column for _, f in mine for column in f.inner)])
    present = " AND ".join(f"{key} IS NOT NULL" for key in grain)
    steps = [f"grain_{number} AS (SELECT {inner} FROM {table} WHERE {present} GROUP BY {keys})"]
    beside = [column for _, f in mine for column in f.across]
    if beside:
        joins = " ".join(join for _, f in mine for join in f.joins)
        # By name: engines differ in what a star gives where tables are joined by USING.
        own = [column.rpartition(" AS ")[2] for _, f in mine for column in f.inner]
        across = ", ".join(["application", *grain, *own, *beside])
        steps.append(f"across_{number} AS (SELECT {across} FROM grain_{number} {joins})")
    last = f"across_{number}" if beside else f"grain_{number}"
    return [*steps, f"firm_{number} AS (SELECT {outer} FROM {last} GROUP BY application)"]


def shared(steps: Sequence[tuple[str, Fragment]]) -> list[tuple[str, Fragment]]:
    """The steps of one grain, so that what several add up is added up once."""
    named: dict[str, str] = {}
    found = []
    for alias, step in steps:
        inner = []
        for column in step.inner:
            sql, _, name = column.rpartition(" AS ")
            first = named.setdefault(sql, name)
            if first == name:
                inner.append(column)
            else:
                step = step.with_name(name, first)
        found.append((alias, replace(step, inner=tuple(inner))))
    return found


def checked(text: str) -> exp.Expr:
    """The parsed statement; refuses one that reads a dataset other than as known by then."""
    tree = sqlglot.parse_one(text, read="duckdb")
    for table in tree.find_all(exp.Table):
        if table.name in BY_NAME:
            _require_both_clocks(table)
    return tree


def _require_both_clocks(table: exp.Table) -> None:
    select = table.parent_select
    where = select.args.get("where") if select else None
    guards = _conjuncts(where.this) if where else set()
    sources = {source.name for source in select.find_all(exp.Table)} if select else set()
    if not set(GUARDS) <= guards or not any(map(ASKED.fullmatch, sources)):
        raise problem(
            "feature-leak",
            table.name,
            "The statement reads rows without asking when they occurred and when they were known.",
            f"Read known_{table.name} instead.",
        )


def _conjuncts(condition: exp.Expr) -> set[str]:
    parts: Iterable[exp.Expr] = (
        condition.flatten() if isinstance(condition, exp.And) else (condition,)
    )
    return {part.sql() for part in parts}
