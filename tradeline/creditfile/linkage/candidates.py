"""Which pairs are compared at all: records that share a key.

A key that more than `BLOCK_MAX` records have is divided by a second one, and dropped and counted
where that does not help. So every record meets a bounded number of others, whatever people write.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from tradeline.creditfile.linkage.fields import Field

BLOCK_MAX = 100


@dataclass(frozen=True, slots=True)
class Rule:
    """One way for records to meet: SQL over the columns of `records`; NULL meets nobody.

    `finer` divides blocks of more than `BLOCK_MAX` records.
    """

    name: str
    key: str
    finer: str


@dataclass(frozen=True, slots=True)
class Dropped:
    """Blocks of a rule that stayed too big even when divided, and the records in them."""

    rule: str
    blocks: int
    records: int


def rules_of(fields: Sequence[Field]) -> tuple[Rule, ...]:
    """Every key of every field, divided by another field where a block grows too big."""
    found = []
    for one in fields:
        others = (other.treated().finer for other in fields if other != one)
        finer = next((sql for sql in others if sql), "NULL")
        found += [Rule(name, key, finer) for name, key in one.treated().keys.items()]
    return tuple(found)


def find_candidates(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule], across: bool = False
) -> tuple[Dropped, ...]:
    """Make the table `pairs` (l, r: numbers of `records`, l < r) of all that share a key.

    With `across`, only pairs of two sources. What was dropped is given back.
    """
    _make_blocks(connection, rules)
    apart = "AND a.source != b.source" if across else ""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE pairs AS SELECT DISTINCT a.n AS l, b.n AS r "
        f"FROM live AS a JOIN live AS b USING (rule, key) WHERE a.n < b.n {apart}"
    )
    rows = connection.execute(
        "SELECT rule, count(DISTINCT key), count(*) FROM crowded GROUP BY rule ORDER BY rule"
    ).fetchall()
    return tuple(Dropped(rules[rule].name, blocks, records) for rule, blocks, records in rows)


def _make_blocks(connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> None:
    """Make the tables `live` (rule, key, n, source) and `crowded`, of blocks that are dropped."""
    keyed = " UNION ALL ".join(
        f"SELECT CAST({number} AS TINYINT) AS rule, hash({rule.key}) AS key, "
        f"hash({rule.key}, {rule.finer}) AS finer, n, source FROM records "
        f"WHERE ({rule.key}) IS NOT NULL"
        for number, rule in enumerate(rules)
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE keyed AS {keyed}")
    counted = "SELECT rule, key FROM {table} GROUP BY ALL HAVING count(*) > " + str(BLOCK_MAX)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE big AS {counted.format(table='keyed')}")
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE divided AS SELECT rule, finer AS key, n, source "
        "FROM keyed SEMI JOIN big USING (rule, key)"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE crowded AS SELECT divided.* FROM divided SEMI JOIN "
        f"({counted.format(table='divided')}) USING (rule, key)"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW live AS SELECT rule, key, n, source FROM keyed "
        "ANTI JOIN big USING (rule, key) UNION ALL SELECT rule, key, n, source FROM divided "
        "ANTI JOIN crowded USING (rule, key)"
    )
