"""From measures to SQL: one statement for each dataset, exact, and blind to what came later.

SQL is written as text, parsed and checked by sqlglot, then written in the engine's dialect.
Sums are of integers or decimals and divided once at the end, so that any number of threads gives
the same bytes.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache

import sqlglot
from sqlglot import exp

from tradeline.creditfile.feature_fragments import Fragment, fragment
from tradeline.creditfile.feature_spec import Circular, Measure
from tradeline.kernel.findings import problem
from tradeline.lake.contracts import BY_NAME
from tradeline.lake.records import personal_columns

# The one place where rows become visible: what had happened by then and was known by then.
KNOWN = """
known_{contract} AS (
  SELECT {columns}, day,
    DATE_DIFF('day', day, as_of_day) AS age_days,
    (EXTRACT(YEAR FROM next_day) - EXTRACT(YEAR FROM day)) * 12
      + EXTRACT(MONTH FROM next_day) - EXTRACT(MONTH FROM day)
      - CASE WHEN EXTRACT(DAY FROM day)
          >= LEAST(EXTRACT(DAY FROM next_day), EXTRACT(DAY FROM LAST_DAY(day)))
        THEN 1 ELSE 0 END AS age_months
  FROM (
    SELECT {columns},
      CAST(occurred_at AS DATE) AS day,
      CAST(:as_of AS DATE) AS as_of_day,
      CAST(:as_of + INTERVAL '1' DAY AS DATE) AS next_day
    FROM {contract}
    WHERE occurred_at <= :as_of AND recorded_at <= :as_of
  ) AS dated
)"""


def known(contract: str) -> str:
    """The base table of a contract: rows visible as of `:as_of`, aged in days and months."""
    return KNOWN.format(contract=contract, columns=", ".join(BY_NAME[contract].columns))


def contracts_of(measure: Measure) -> tuple[str, ...]:
    """The datasets that a measure reads."""
    mirror = (measure.mirror.contract,) if isinstance(measure, Circular) else ()
    return (measure.events.contract, *mirror)


def reads_personal(measure: Measure) -> bool:
    """Whether a measure reads what the lake keeps of natural persons."""
    step = fragment(measure)
    text = " ".join([step.outer, *step.grain, *step.inner, *step.across])
    personal = {name for contract in contracts_of(measure) for name in personal_columns(contract)}
    return not personal.isdisjoint(re.findall(r"\w+", text))


@cache
def statement(measures: tuple[Measure, ...], dialect: str = "duckdb") -> str:
    """One statement for measures of one contract: `enterprise`, then `m0`, `m1`, ... as doubles.

    Takes the parameter `as_of` (a naive UTC timestamp). A firm without visible rows has no row.
    """
    (contract,) = {measure.events.contract for measure in measures}
    fragments = [fragment(measure).named(f"m{n}") for n, measure in enumerate(measures)]
    grains = sorted({step.grain for step in fragments} | {()})
    steps = [known(name) for name in sorted({n for m in measures for n in contracts_of(m)})]
    for number, grain in enumerate(grains):
        steps += grain_steps(f"known_{contract}", number, grain, fragments)
    joins = [f"LEFT JOIN firm_{number} USING (enterprise)" for number in range(1, len(grains))]
    columns = [f"m{number}" for number in range(len(measures))]
    text = (
        f"WITH {', '.join(steps)} SELECT enterprise, {', '.join(columns)}"
        f" FROM firm_0 {' '.join(joins)} ORDER BY enterprise"
    )
    return checked(text).sql(dialect=dialect, pretty=True)


def grain_steps(
    table: str, number: int, grain: tuple[str, ...], fragments: Sequence[Fragment]
) -> list[str]:
    """The tables that bring one grain's fragments to the firm: `grain_`, `across_`, `firm_`."""
    mine = [(f"m{i}", f) for i, f in enumerate(fragments) if f.grain == grain]
    values = [f"CAST({f.outer} AS DOUBLE) AS {alias}" for alias, f in mine]
    outer = ", ".join(["enterprise", *values])
    if not grain:
        return [f"firm_{number} AS (SELECT {outer} FROM {table} GROUP BY enterprise)"]
    keys = ", ".join(("enterprise", *grain))
    inner = ", ".join([keys, *(column for _, f in mine for column in f.inner)])
    across = ", ".join(["*", *(column for _, f in mine for column in f.across)])
    present = " AND ".join(f"{key} IS NOT NULL" for key in grain)
    return [
        f"grain_{number} AS (SELECT {inner} FROM {table} WHERE {present} GROUP BY {keys})",
        f"across_{number} AS (SELECT {across} FROM grain_{number})",
        f"firm_{number} AS (SELECT {outer} FROM across_{number} GROUP BY enterprise)",
    ]


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
    if not {"occurred_at <= :as_of", "recorded_at <= :as_of"} <= guards:
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
