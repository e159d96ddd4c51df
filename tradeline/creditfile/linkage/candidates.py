"""Which pairs are compared at all: records that share a key.

A key that more than `block_max` records have is divided by a second one, and dropped and counted
where that does not help. So every record meets a bounded number of others, whatever people write.

Which records meet follows from the set of records alone, not from when they came: a block that
grows too big parts pairs that had met in it, unless they share another key.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from tradeline.creditfile.linkage.fields import Field


@dataclass(frozen=True, slots=True)
class Rule:
    """One way for records to meet: SQL over the columns of records; NULL meets nobody.

    `finer` divides blocks that are too big.
    """

    name: str
    key: str
    finer: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """Who may meet: only records of two sources with `across`, in blocks of at most `block_max`."""

    across: bool = False
    block_max: int = 30


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


def keyed_sql(rules: Sequence[Rule], records: str) -> str:
    """SQL for the keys of a table of records: rule, key, finer, n, source, turn.

    Of two records the one whose `turn` comes first is the left one, whenever either came.
    """
    return " UNION ALL ".join(
        f"SELECT CAST({number} AS TINYINT) AS rule, hash({rule.key}) AS key, "
        f"hash({rule.key}, {rule.finer}) AS finer, n, hash(source) AS source, "
        f"hash(source, record) AS turn FROM {records} "
        f"WHERE ({rule.key}) IS NOT NULL"
        for number, rule in enumerate(rules)
    )


def find_candidates(connection: duckdb.DuckDBPyConnection, first: int, meeting: Meeting) -> None:
    """Make the tables `pairs` and `parted` (l, r) of `keyed`.

    `pairs` share a key, one of the two is a record numbered from `first` on; `parted` are two of
    before that met then and share no key any more.
    """
    _make_blocks(connection, first, meeting.block_max)
    apart = "AND a.source != b.source" if meeting.across else ""
    met = (
        "SELECT DISTINCT a.n AS l, b.n AS r FROM {0} AS a JOIN {0} AS b USING (rule, key) "
        f"WHERE (a.turn, a.n) < (b.turn, b.n) {apart}"
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE pairs AS {met.format('live')} "
        f"AND (a.n >= {first} OR b.n >= {first})"
    )
    connection.execute(f"CREATE OR REPLACE TEMP TABLE parted AS {met.format('grown')}")
    if connection.execute("SELECT 1 FROM parted LIMIT 1").fetchall():
        _make_still(connection, meeting.block_max)
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE parted AS "
            f"SELECT * FROM parted ANTI JOIN ({met.format('still')}) USING (l, r)"
        )


def dropped(
    connection: duckdb.DuckDBPyConnection, rules: Sequence[Rule], meeting: Meeting
) -> tuple[Dropped, ...]:
    """Of the blocks that new records would have met in, those that were dropped."""
    rows = connection.execute(
        "SELECT rule, count(DISTINCT key), count(*) FROM parts WHERE total > ? "
        "GROUP BY rule ORDER BY rule",
        [meeting.block_max],
    ).fetchall()
    return tuple(Dropped(rules[rule].name, blocks, records) for rule, blocks, records in rows)


def _make_blocks(connection: duckdb.DuckDBPyConnection, first: int, most: int) -> None:
    """Make `live` and `grown` (rule, key, n, source, turn) of blocks with a new record.

    In `live` blocks records meet; `grown` are the old ones of blocks in which records met before.
    `blocks` and `parts` (of blocks too big) say how many are in each in all, and were before.
    """
    _make_counted(connection, "blocks", "keyed", "key", first)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE divided AS SELECT rule, finer, n, source, turn, "
        f"before > {most} AS was_divided FROM blocks WHERE total > {most}"
    )
    _make_counted(connection, "parts", "divided", "finer", first)
    columns = "SELECT rule, key, n, source, turn"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE live AS {columns} FROM blocks WHERE total <= {most} "
        f"UNION ALL {columns} FROM parts WHERE total <= {most}"
    )
    outgrown = f"n < {first} AND before <= {most} AND total > {most}"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE grown AS {columns} FROM blocks WHERE {outgrown} "
        f"UNION ALL {columns} FROM parts WHERE {outgrown} AND was_divided"
    )


def _make_counted(
    connection: duckdb.DuckDBPyConnection, made: str, of: str, key: str, first: int
) -> None:
    """Make a table of the rows of another that share a key with a new row, all of them counted."""
    kept = f"n, source, turn, {'finer' if key == 'key' else 'was_divided'}"
    if first:
        # Few of the blocks have a new row, and only those need be counted.
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE touching AS FROM {of} SEMI JOIN (SELECT rule, {key} "
            f"FROM {of} WHERE n >= {first}) USING (rule, {key})"
        )
        of = "touching"
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {made} AS SELECT rule, {key} AS key, {kept}, total, before "
        f"FROM {of} JOIN (SELECT rule, {key}, count(*) AS total, "
        f"count(*) FILTER (n < {first}) AS before FROM {of} GROUP BY rule, {key} "
        f"HAVING max(n) >= {first} AND count(*) > 1) USING (rule, {key})"
    )


def _make_still(connection: duckdb.DuckDBPyConnection, most: int) -> None:
    """Make `still`: the keys by which records of `parted` meet others now."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE doubtful AS SELECT rule, key, finer, n, source, turn "
        "FROM keyed SEMI JOIN (SELECT l AS n FROM parted UNION SELECT r FROM parted) USING (n)"
    )
    sizes = (
        "SELECT rule, {0}, count(*) AS size FROM keyed SEMI JOIN doubtful USING (rule, {0}) "
        "GROUP BY rule, {0}"
    )
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE still AS SELECT doubtful.rule, CASE WHEN blocks.size <= "
        f"{most} THEN doubtful.key ELSE doubtful.finer END AS key, n, source, turn FROM doubtful "
        f"JOIN ({sizes.format('key')}) AS blocks USING (rule, key) "
        f"JOIN ({sizes.format('finer')}) AS parts USING (rule, finer) "
        f"WHERE blocks.size <= {most} OR parts.size <= {most}"
    )
