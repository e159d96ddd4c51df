"""Consistency: what two sources say differently of one fact, and which of them counts.

Only facts that a source tells once are compared. Sources of one origin are one source: that they
agree confirms nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import duckdb

from tradeline.creditfile.quality.told import fact_columns, said_columns, view
from tradeline.lake.contracts import Contract
from tradeline.lake.reading import parsed
from tradeline.lake.sql_text import literal

ORDER = "key, field, other_source"


@dataclass(frozen=True, slots=True)
class Conflict:
    """One field of one fact on which two sources differ; values as text.

    `value` of `source` took precedence, and `why`: `stronger assurance`, `recorded later`,
    `landed later`; `both stand` where the keys differ, so that both rows count. `independent` is
    whether the two have different origins.
    """

    contract: str
    key: str
    field: str
    value: str
    other_value: str
    source: str
    other_source: str
    independent: bool
    why: str


@dataclass(frozen=True, slots=True)
class Consistency:
    """How far the sources of one dataset agree on a firm.

    `shared` facts are told by two sources or more; on `agreeing` of them they say the same in every
    field that they fill. `independent` are shared by two origins or more, `confirmed` those of them
    that agree. `conflicts` counts fields of facts on which a source differs from the one that
    counts.
    """

    contract: str
    shared: int
    agreeing: int
    independent: int
    confirmed: int
    conflicts: int


def compared(
    connection: duckdb.DuckDBPyConnection, contracts: Sequence[Contract]
) -> tuple[Contract, ...]:
    """The contracts of which two sources tell at all."""
    if not contracts:
        return ()
    parts = (
        f"SELECT {place}, count(DISTINCT source) FROM {view(contract)}"
        for place, contract in enumerate(contracts)
    )
    tellers = dict(connection.execute(parsed(" UNION ALL ".join(parts))).fetchall())
    return tuple(contract for place, contract in enumerate(contracts) if tellers[place] > 1)


def single_sql(contract: Contract) -> str:
    """What each source last told of each fact, where it told the fact once."""
    fact = ", ".join(fact_columns(contract))
    return (
        f"SELECT *, row_number() OVER (PARTITION BY {fact} "
        "ORDER BY strength DESC, recorded_at DESC, entry DESC, source) AS place, "
        f"count(*) OVER (PARTITION BY {fact}) AS tellers FROM "
        f"(SELECT * FROM {view(contract)} WHERE last_told "
        f"QUALIFY count(*) OVER (PARTITION BY {fact}, source) = 1)"
    )


def _pairs_sql(contract: Contract) -> str:
    """The tables `shared` (told by several sources) and `pairs` (what counts beside another)."""
    fact = fact_columns(contract)
    same = " AND ".join(f"w.{name} = o.{name}" for name in fact)
    differ = _any(f"w.{name} <> o.{name}" for name in said_columns(contract))
    return (
        f"shared AS (SELECT * FROM ({single_sql(contract)}) WHERE tellers > 1), "
        f"pairs AS (SELECT w AS winner, o AS other, {differ} AS differs "
        f"FROM shared w JOIN shared o ON {same} AND w.place = 1 AND o.place > 1)"
    )


def _any(conditions: Iterable[str]) -> str:
    return " OR ".join(f"coalesce({condition}, false)" for condition in conditions) or "false"


def read_consistency(
    connection: duckdb.DuckDBPyConnection, contracts: Sequence[Contract]
) -> dict[str, list[Consistency]]:
    """By firm, a record for each dataset of which several sources tell the same facts.

    `contracts` are those that are `compared`.
    """
    found: dict[str, list[Consistency]] = {}
    for contract in contracts:
        fields = " + ".join(
            f"coalesce(winner.{name} <> other.{name}, false)::INTEGER"
            for name in said_columns(contract)
        )
        rows = connection.execute(
            f"WITH {_pairs_sql(contract)}, judged AS (SELECT "
            f"{', '.join(f'winner.{name}' for name in fact_columns(contract))}, "
            f"bool_or(differs) AS differs, sum({fields or 0}) AS fields, "
            "bool_or(winner.origin <> other.origin) AS apart FROM pairs GROUP BY ALL) "
            "SELECT enterprise, count(*), count(*) FILTER (NOT differs), count(*) FILTER (apart), "
            f"count(*) FILTER (apart AND NOT differs), sum(fields) FROM judged "
            "GROUP BY enterprise ORDER BY enterprise"
        ).fetchall()
        for firm, *numbers in rows:
            record = Consistency(contract.name, *map(int, numbers))
            found.setdefault(firm, []).append(record)
    return found


def read_conflicts(
    connection: duckdb.DuckDBPyConnection,
    contracts: Sequence[Contract],
    enterprise: str | None = None,
    most: int | None = None,
) -> dict[str, list[Conflict]]:
    """By firm, its conflicts in the order of dataset, fact, field and source.

    `contracts` are those that are `compared`; `most` is how many of a firm and dataset are given,
    None gives all.
    """
    found: dict[str, list[Conflict]] = {}
    for contract in contracts:
        sql = _conflicts_sql(contract, enterprise, most)
        for firm, *said in connection.execute(sql).fetchall():
            found.setdefault(firm, []).append(Conflict(contract.name, *said))
    return found


def _conflicts_sql(contract: Contract, enterprise: str | None, most: int | None) -> str:
    fields = ", ".join(
        f"{{field: {literal(name)}, differs: winner.{name} <> other.{name}, "
        f"value: CAST(winner.{name} AS VARCHAR), other_value: CAST(other.{name} AS VARCHAR)}}"
        for name in said_columns(contract)
    )
    of = f"AND winner.enterprise = {literal(enterprise)}" if enterprise is not None else ""
    first = (
        f"QUALIFY row_number() OVER (PARTITION BY enterprise ORDER BY {ORDER}) <= {most}"
        if most is not None
        else ""
    )
    return (
        f"WITH {_pairs_sql(contract)}, "
        f"said AS (SELECT winner, other, unnest([{fields}]) AS said FROM pairs "
        f"WHERE differs {of}) "
        "SELECT winner.enterprise AS enterprise, other.key AS key, said.field AS field, "
        "said.value AS value, said.other_value AS other_value, winner.source AS source, "
        "other.source AS other_source, winner.origin <> other.origin AS independent, "
        "CASE WHEN winner.stands AND other.stands THEN 'both stand' "
        "WHEN winner.strength > other.strength THEN 'stronger assurance' "
        "WHEN winner.recorded_at > other.recorded_at THEN 'recorded later' "
        "ELSE 'landed later' END AS why "
        f"FROM said WHERE said.differs {first} ORDER BY enterprise, {ORDER}"
    )
