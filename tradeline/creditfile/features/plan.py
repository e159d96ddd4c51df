"""What an engine does for features: a few statements in order, then one that gives the values."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import sqlglot
from sqlglot import exp

from tradeline.creditfile.features.declaration import (
    Difference,
    Expression,
    Feature,
    Growth,
    Ratio,
    measures_of,
)
from tradeline.creditfile.features.dialects import written
from tradeline.creditfile.features.measures import Measure, contracts_of
from tradeline.creditfile.features.statement import begun, opened, reads_personal, statement


@dataclass(frozen=True, slots=True)
class Step:
    """A statement whose rows are kept under a name for the statements after it."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Plan:
    """How features are computed from `applications` and the tables of contracts.

    Where enterprises are one with others, `members` says whose rows count for an application.

    `begun` asks of all firms, so it is answered before the firms are taken in slices. `result`
    gives application, enterprise, as_of and one double for each feature, NULL where it is missing,
    in the order of `application`.
    """

    begun: tuple[Step, ...]
    steps: tuple[Step, ...]
    result: str


@cache
def plan(
    features: tuple[Feature, ...],
    tables: frozenset[str],
    dialect: str = "duckdb",
    versioned: bool = False,
    linked: bool = False,
) -> Plan:
    """The plan for features, of those datasets that are there; others make features missing.

    With `versioned` rows say when they were superseded, with `linked` `members` is read.
    """
    measures = dict.fromkeys(m for feature in features for m in measures_of(feature.expression))
    readable = [m for m in measures if tables.issuperset(contracts_of(m))]
    read = sorted({name for measure in readable for name in contracts_of(measure)})
    incidents = sorted({m.events.contract for m in readable if m.events.absent_is_zero})
    batches = {
        table: tuple(m for m in readable if _table(m) == table)
        for table in dict.fromkeys(map(_table, readable))
    }
    measured = [
        Step(table, statement(batch, dialect, versioned, linked))
        for table, batch in batches.items()
    ]
    since = [Step(f"begun_{n}", translated(begun(n, versioned), dialect)) for n in incidents]
    first = [Step(f"opened_{n}", translated(opened(n, versioned), dialect)) for n in read]
    return Plan(tuple(since), (*first, *measured), _result(features, batches, dialect))


def _table(measure: Measure) -> str:
    """Where a measure's values stand; apart, so that what reads no personal value opens none."""
    kind = "personal" if reads_personal(measure) else "measured"
    return f"{kind}_{measure.events.contract}"


def contracts_of_all(features: Iterable[Feature]) -> frozenset[str]:
    """The datasets that features read."""
    measures = (m for feature in features for m in measures_of(feature.expression))
    return frozenset(name for measure in measures for name in contracts_of(measure))


def translated(text: str, dialect: str) -> str:
    """A statement in an engine's dialect."""
    return written(sqlglot.parse_one(text, read="duckdb"), dialect)


def _result(
    features: Sequence[Feature], batches: dict[str, tuple[Measure, ...]], dialect: str
) -> str:
    """The features of each application from the measures of its datasets."""
    where = {
        measure: f"{table}.m{number}"
        for table, batch in batches.items()
        for number, measure in enumerate(batch)
    }
    columns = [f"{expression_sql(f.expression, where)} AS {quoted(f.name)}" for f in features]
    joins = [
        f"LEFT JOIN {table} ON {table}.application = applications.application" for table in batches
    ]
    text = (
        "SELECT applications.application, enterprise, as_of, "
        f"{', '.join(columns)} FROM applications {' '.join(joins)}"
        " ORDER BY applications.application"
    )
    return translated(text, dialect)


def quoted(name: str) -> str:
    """A name as an identifier."""
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def expression_sql(expression: Expression, where: dict[Measure, str]) -> str:
    """An expression over the columns in which its measures stand; NULL for one that is nowhere."""
    match expression:
        case Ratio(upper, lower):
            return _quotient(upper, lower, where)
        case Difference(left, right):
            return f"({expression_sql(left, where)} - {expression_sql(right, where)})"
        case Growth(recent, earlier):
            return f"({_quotient(recent, earlier, where)} - CAST(1 AS DOUBLE))"
        case _:
            return _measured(expression, where)


def _quotient(upper: Expression, lower: Expression, where: dict[Measure, str]) -> str:
    over, under = expression_sql(upper, where), expression_sql(lower, where)
    return f"CASE WHEN {under} > 0 THEN {over} / {under} END"


def _measured(measure: Measure, where: dict[Measure, str]) -> str:
    column = where.get(measure)
    if column is None:
        return "CAST(NULL AS DOUBLE)"
    if not measure.events.absent_is_zero:
        return column
    # Where the dataset had begun, a firm without a row had no such incident.
    table = _table(measure)
    since = f"(SELECT begun_at FROM begun_{measure.events.contract})"
    absent = f"{table}.application IS NULL AND {since} <= as_of"
    return f"CASE WHEN {absent} THEN CAST(0 AS DOUBLE) ELSE {column} END"
