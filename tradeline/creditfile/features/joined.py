"""Enterprises that are one with others: whose rows count for an application.

A table `joined (enterprise, member, since, until)` says from when to before when an enterprise was
known to be one with which others, itself among them. `members` is made of it and `applications`,
and says for each of these whose rows count, as known at its own moment.
"""

from collections.abc import Iterable, Sequence
from datetime import date

import duckdb

from tradeline.creditfile.features.applications import apply_each
from tradeline.creditfile.linkage.entities import Spell, spells
from tradeline.creditfile.linkage.links import read_sayings
from tradeline.lake.store import Lake

JOINED = "joined"
COLUMNS = {
    "enterprise": "VARCHAR",
    "member": "VARCHAR",
    "since": "TIMESTAMP",
    "until": "TIMESTAMP",
}
MEMBERS = """
SELECT application, COALESCE(member, applications.enterprise) AS enterprise, as_of
FROM applications LEFT JOIN joined
  ON joined.enterprise = applications.enterprise AND since <= as_of AND as_of < until
"""
SEVERAL = "SELECT (SELECT COUNT(*) FROM members) > (SELECT COUNT(*) FROM applications)"
WITH_OTHERS = """
SELECT application FROM members GROUP BY application HAVING COUNT(*) > 1 ORDER BY application
"""


def spells_of(lake: Lake, about: Iterable[str] | None = None) -> tuple[Spell, ...]:
    """When enterprises of a lake were known to be one with others; nothing is read without links.

    With `about` only these enterprises and those that links could join with them.
    """
    return tuple(spells(read_sayings(lake, about)))


def offer_joined(connection: duckdb.DuckDBPyConnection, found: Iterable[Spell]) -> None:
    """Tell a connection who was one with whom when; nothing changes where nobody was."""
    rows = [
        (spell.enterprise, member, spell.since, spell.until)
        for spell in found
        for member in spell.members
    ]
    if not rows:
        return
    columns = ", ".join(f"UNNEST(?::{kind}[]) AS {name}" for name, kind in COLUMNS.items())
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {JOINED} AS SELECT {columns}",
        [list(column) for column in zip(*rows, strict=True)],
    )


def apply_members(connection: duckdb.DuckDBPyConnection) -> bool:
    """Let `members` be those of `applications`; whether any application has several."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE members AS {MEMBERS}")
    ((several,),) = connection.execute(SEVERAL).fetchall()
    return bool(several)


def with_others(
    connection: duckdb.DuckDBPyConnection, applications: Sequence[tuple[str, date]]
) -> list[int]:
    """Which of the applications are of enterprises that were one with others by their moment."""
    held = "SELECT 1 FROM information_schema.tables WHERE table_name = ?"
    if not connection.execute(held, [JOINED]).fetchall():
        return []
    apply_each(connection, applications)
    apply_members(connection)
    return [number for (number,) in connection.execute(WITH_OTHERS).fetchall()]
