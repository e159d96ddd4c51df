"""Enterprises that are one with others: whose rows count for an application.

A table `joined (enterprise, member, since, until)` says from when to before when an enterprise was
known to be one with which others, itself among them. `members` is made of it and `applications`,
and says for each of these whose rows count, as known at its own moment.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from tradeline.creditfile.features.statement import at, members_sql
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
SEVERAL = "SELECT (SELECT COUNT(*) FROM members) > (SELECT COUNT(*) FROM applications)"
WITH_OTHERS = """
SELECT application, MIN(a.enterprise), MIN(a.as_of), LIST_SORT(LIST(m.enterprise)) AS own
FROM applications AS a JOIN members AS m USING (application)
GROUP BY application HAVING COUNT(*) > 1 ORDER BY own, application
"""
TABLE = """
CREATE OR REPLACE TEMP TABLE {name} AS
SELECT UNNEST(?::BIGINT[]) AS application, UNNEST(?::VARCHAR[]) AS enterprise,
  UNNEST(?::TIMESTAMP[]) AS as_of
"""
MEMBERS_IN_SLICE = 10_000
"""More enterprises than a slice of those that are one with others may have."""


@dataclass(frozen=True, slots=True)
class Joined:
    """An application of an enterprise that was one with others by its moment (naive UTC)."""

    application: int
    enterprise: str
    as_of: datetime
    members: tuple[str, ...]


def spells_of(lake: Lake, about: Iterable[str] | None = None) -> tuple[Spell, ...]:
    """When enterprises of a lake were known to be one with others; nothing is read without links.

    With `about` only these enterprises and those that links could join with them.
    """
    return tuple(spells(read_sayings(lake, about)))


def offer_joined(connection: duckdb.DuckDBPyConnection, found: Iterable[Spell]) -> bool:
    """Tell a connection who was one with whom when; False where nobody was: nothing changes."""
    rows = [
        (spell.enterprise, member, spell.since, spell.until)
        for spell in found
        for member in spell.members
    ]
    if not rows:
        return False
    columns = ", ".join(f"UNNEST(?::{kind}[]) AS {name}" for name, kind in COLUMNS.items())
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {JOINED} AS SELECT {columns}",
        [list(column) for column in zip(*rows, strict=True)],
    )
    return True


def apply_members(connection: duckdb.DuckDBPyConnection) -> bool:
    """Let `members` be those of `applications`; whether any application has several."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE members AS {members_sql()}")
    ((several,),) = connection.execute(SEVERAL).fetchall()
    return bool(several)


def joined_applications(connection: duckdb.DuckDBPyConnection) -> list[Joined]:
    """The `applications` of enterprises that `joined` says were one with others, by entity."""
    apply_members(connection)
    rows = connection.execute(WITH_OTHERS).fetchall()
    return [Joined(number, firm, moment, tuple(own)) for number, firm, moment, own in rows]


def in_slices(joined: Iterable[Joined]) -> Iterator[list[Joined]]:
    """Applications in slices of no more members than memory should hold at once."""
    several: list[Joined] = []
    firms: set[str] = set()
    for application in joined:
        several.append(application)
        firms.update(application.members)
        if len(firms) >= MEMBERS_IN_SLICE:
            yield several
            several, firms = [], set()
    if several:
        yield several


def apply_joined(
    connection: duckdb.DuckDBPyConnection, several: Sequence[Joined], level: int = 0
) -> None:
    """Let `applications` of a level be these, and `members` be theirs."""
    applied = [(each.application, each.enterprise, each.as_of) for each in several]
    members = [(each.application, own, each.as_of) for each in several for own in each.members]
    for name, rows in (("applications", applied), ("members", members)):
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(TABLE.format(name=at(name, level)), columns)
