"""What an engine does for features: a few statements in order, then one that gives the values."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import sqlglot
from sqlglot import exp

from tradeline.creditfile.features.declaration import (
    Difference,
    Expression,
    Feature,
    Growth,
    Leaf,
    OfPartners,
    Ratio,
    datasets_of,
    measures_of,
)
from tradeline.creditfile.features.dialects import written
from tradeline.creditfile.features.measures import Measure, contracts_of
from tradeline.creditfile.features.persons import reads_personal
from tradeline.creditfile.features.stages import (
    Stages,
    of_partners_sql,
    pairs_sql,
    partners_sql,
    stages_of,
)
from tradeline.creditfile.features.statement import at, begun, members_sql, opened, statement


@dataclass(frozen=True, slots=True)
class Step:
    """A statement whose rows are kept under a name for the statements after it."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True)
class Partnered:
    """What is done for features of partners before those of the firms themselves.

    `partners` gives each firm's partners, `pairs` the applications of all of them, at the next
    level, and `members` whose rows count for these; `mirrors` the partners of these, where their
    dependence is asked. `features` are then computed of `pairs` and kept under the name `values`:
    in the way of `plan`, or in any other.
    """

    partners: tuple[Step, ...]
    pairs: Step
    members: tuple[Step, ...]
    mirrors: tuple[Step, ...]
    features: tuple[Feature, ...]
    values: str
    plan: "Plan"

    @property
    def every(self) -> tuple[Step, ...]:
        """All statements, in order."""
        values = Step(self.values, self.plan.result)
        return (
            *self.partners,
            self.pairs,
            *self.members,
            *self.mirrors,
            *self.plan.every,
            values,
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """How features are computed from `applications` and the tables of contracts.

    Where enterprises are one with others, `members` says whose rows count for an application.

    `begun` asks of all firms, so it is answered before the firms are taken in slices; so are
    `partnered`, which gives what `steps` need of partners. `result` gives application, enterprise,
    as_of and one double for each feature, NULL where it is missing, in the order of `application`.
    """

    begun: tuple[Step, ...]
    partnered: Partnered | None
    steps: tuple[Step, ...]
    result: str

    @property
    def every(self) -> tuple[Step, ...]:
        """All statements but the result, in order, each once."""
        partnered = self.partnered.every if self.partnered else ()
        return tuple(dict.fromkeys((*self.begun, *partnered, *self.steps)))


@cache
def plan(
    features: tuple[Feature, ...],
    tables: frozenset[str],
    dialect: str = "duckdb",
    versioned: bool = False,
    linked: bool = False,
    level: int = 0,
) -> Plan:
    """The plan for features, of those datasets that are there; others make features missing.

    With `versioned` rows say when they were superseded, with `linked` `members` is read.
    InputProblem if a partner's personal values are asked for.
    """
    measures = dict.fromkeys(m for feature in features for m in measures_of(feature.expression))
    readable = [m for m in measures if tables.issuperset(contracts_of(m))]
    stages = stages_of(features, tables)
    traded = {trade.events.contract for trade in stages.trades} if stages else set()
    read = sorted({name for measure in readable for name in contracts_of(measure)} | traded)
    incidents = sorted({m.events.contract for m in readable if m.events.absent_is_zero})
    batches = {
        table: tuple(m for m in readable if _table(m, level) == table)
        for table in dict.fromkeys(_table(m, level) for m in readable)
    }
    measured = [
        Step(table, statement(batch, dialect, versioned, linked, level))
        for table, batch in batches.items()
    ]
    since = [Step(f"begun_{n}", translated(begun(n, versioned), dialect)) for n in incidents]
    first = [Step(f"opened_{n}", translated(opened(n, versioned), dialect)) for n in read]
    way = (dialect, versioned, linked, level)
    partnered = _partnered(stages, tables, *way) if stages else None
    told = _of_partners(stages, *way) if stages else {}
    held: dict[str, tuple[Leaf, ...]] = {**batches, **{s.name: told[s] for s in told}}
    result = _result(features, held, dialect, level)
    return Plan(tuple(since), partnered, (*first, *measured, *told), result)


def _of_partners(
    stages: Stages, dialect: str, versioned: bool, linked: bool, level: int
) -> dict[Step, tuple[OfPartners, ...]]:
    """The statements that give what partners tell, and what each of them gives."""
    return {
        Step(
            at(f"of_partners_{number}", level),
            translated(of_partners_sql(stages, number, level, versioned, linked), dialect),
        ): stages.of_trade(trade)
        for number, trade in enumerate(stages.trades)
    }


def _partnered(
    stages: Stages,
    tables: frozenset[str],
    dialect: str,
    versioned: bool,
    linked: bool,
    level: int,
) -> Partnered:
    def step(name: str, text: str, of: int) -> Step:
        return Step(at(name, of), translated(text, dialect))

    after = level + 1
    return Partnered(
        tuple(
            step(f"partners_{n}", partners_sql(trade, level, versioned, linked), level)
            for n, trade in enumerate(stages.trades)
        ),
        step("applications", pairs_sql(stages, tables, level), after),
        (step("members", members_sql(after), after),) if linked else (),
        tuple(
            step(f"mirrors_{n}", partners_sql(trade, after, versioned, linked), after)
            for n, trade in enumerate(stages.mirrors)
        ),
        stages.asked,
        at("values", after),
        plan(stages.asked, tables, dialect, versioned, linked, after),
    )


def _table(measure: Measure, level: int) -> str:
    """Where a measure's values stand; apart, so that what reads no personal value opens none."""
    kind = "personal" if reads_personal(measure) else "measured"
    return at(f"{kind}_{measure.events.contract}", level)


def contracts_of_all(features: Iterable[Feature]) -> frozenset[str]:
    """The datasets that features read."""
    return frozenset(name for feature in features for name in datasets_of(feature.expression))


def translated(text: str, dialect: str) -> str:
    """A statement in an engine's dialect."""
    return written(sqlglot.parse_one(text, read="duckdb"), dialect)


def _result(
    features: Sequence[Feature], held: Mapping[str, tuple[Leaf, ...]], dialect: str, level: int
) -> str:
    """The features of each application from the tables in which their leaves are held."""
    where: dict[Leaf, str] = {
        leaf: f"{table}.{'o' if isinstance(leaf, OfPartners) else 'm'}{number}"
        for table, leaves in held.items()
        for number, leaf in enumerate(leaves)
    }
    asked = at("applications", level)
    columns = [f"{expression_sql(f.expression, where)} AS {quoted(f.name)}" for f in features]
    joins = [f"LEFT JOIN {table} ON {table}.application = {asked}.application" for table in held]
    text = (
        f"SELECT {asked}.application, enterprise, as_of, "
        f"{', '.join(columns)} FROM {asked} {' '.join(joins)}"
        f" ORDER BY {asked}.application"
    )
    return translated(text, dialect)


def quoted(name: str) -> str:
    """A name as an identifier."""
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def expression_sql(expression: Expression, where: Mapping[Leaf, str]) -> str:
    """An expression over the columns in which its leaves stand; NULL for one that is nowhere."""
    match expression:
        case Ratio(upper, lower):
            return _quotient(upper, lower, where)
        case Difference(left, right):
            return f"({expression_sql(left, where)} - {expression_sql(right, where)})"
        case Growth(recent, earlier):
            return f"({_quotient(recent, earlier, where)} - CAST(1 AS DOUBLE))"
        case _:
            return _measured(expression, where)


def _quotient(upper: Expression, lower: Expression, where: Mapping[Leaf, str]) -> str:
    over, under = expression_sql(upper, where), expression_sql(lower, where)
    return f"CASE WHEN {under} > 0 THEN {over} / {under} END"


def _measured(leaf: Leaf, where: Mapping[Leaf, str]) -> str:
    column = where.get(leaf)
    if column is None:
        return "CAST(NULL AS DOUBLE)"
    if isinstance(leaf, OfPartners) or not leaf.events.absent_is_zero:
        return column
    # Where the dataset had begun, a firm without a row had no such incident.
    table = column.partition(".")[0]
    since = f"(SELECT begun_at FROM begun_{leaf.events.contract})"
    absent = f"{table}.application IS NULL AND {since} <= as_of"
    return f"CASE WHEN {absent} THEN CAST(0 AS DOUBLE) ELSE {column} END"
