"""The slices in which a lake is read for applications, so that memory stays bounded.

A slice is some buckets of the lake: the firms whose SHA-256 begins with one of their digits. Their
files hold all that is known of these firms, so slices need nothing of each other. Firms that were
one with others by the moment of their application have slices of their own, whose rows stand in any
bucket.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tradeline.creditfile.features.joined import (
    Joined,
    apply_joined,
    in_slices,
    joined_applications,
    offer_joined,
    spells_of,
)
from tradeline.creditfile.features.statement import at
from tradeline.lake.records import BUCKETS
from tradeline.lake.store import Lake
from tradeline.lake.typing_rules import literal

APPLICATIONS = """
CREATE TEMP TABLE {name} AS
SELECT application, enterprise, CAST(as_of AS TIMESTAMP) AS as_of
FROM (SELECT file_row_number AS application, * FROM read_parquet({path}, file_row_number = true))
{which}
"""
IN_BUCKETS = "WHERE left(sha256(enterprise), 1) IN ({listed})"
ALONE = "DELETE FROM {name} WHERE application IN (SELECT UNNEST(?::BIGINT[]))"
ROWS_OF_SLICE = 1_500_000
"""How many rows and applications are worth a slice: fewer than its own costs outweigh."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Applications of a Parquet file (`enterprise`, `as_of`), at a level.

    `joined` are those of enterprises that were one with others by their moment.
    """

    path: Path
    joined: tuple[Joined, ...]
    level: int = 0


@dataclass(frozen=True, slots=True)
class Slice:
    """Applications that are computed together: those of some buckets, or some that are joined."""

    name: str
    buckets: tuple[str, ...] = ()
    joined: tuple[Joined, ...] = ()

    @property
    def linked(self) -> bool:
        """Whether rows of several enterprises count for one application."""
        return bool(self.joined)


def asked_of(lake: Lake, applications: Path, level: int = 0) -> Asked:
    """The applications of a file; of links nothing is read where the lake has none."""
    if not lake.files_of("links"):
        return Asked(applications, (), level)
    with duckdb.connect() as connection:
        connection.execute(applied_sql(applications))
        firms = connection.execute("SELECT DISTINCT enterprise FROM applications").fetchall()
        anybody = offer_joined(connection, spells_of(lake, [firm for (firm,) in firms]))
        return Asked(applications, tuple(joined_applications(connection) if anybody else ()), level)


def slices(lake: Lake, read: Collection[str], asked: Asked) -> list[Slice]:
    """The slices in which contracts are read for applications: buckets, then what is joined."""
    by_bucket = [Slice(buckets[0], buckets) for buckets in slices_of(_size(lake, read, asked.path))]
    joined = [
        Slice(f"joined-{number}", joined=tuple(several))
        for number, several in enumerate(in_slices(asked.joined))
    ]
    return by_bucket + joined


def slices_of(size: int) -> list[tuple[str, ...]]:
    """The buckets of each slice, equally many, for so many rows and applications together."""
    each = len(BUCKETS)
    while each > 1 and size * each > ROWS_OF_SLICE * len(BUCKETS):
        each //= 2
    return [BUCKETS[first : first + each] for first in range(0, len(BUCKETS), each)]


def _size(lake: Lake, read: Collection[str], applications: Path) -> int:
    query = f"SELECT count(*) FROM read_parquet({literal(str(applications))})"
    with duckdb.connect() as connection:
        row = connection.execute(query).fetchone()
    return sum(f.rows for name in read for f in lake.files_of(name)) + (row[0] if row else 0)


def open_slice(
    lake: Lake, read: Collection[str], asked: Asked, part: Slice
) -> duckdb.DuckDBPyConnection:
    """All that was told of a slice's firms under contracts, beside the applications of the slice.

    These stand under the name of their level; `members` beside them where they are joined.
    """
    if part.linked:
        firms = {member for each in part.joined for member in each.members}
        connection = lake.history(only=read, firms=firms)
        apply_joined(connection, part.joined, asked.level)
        return connection
    connection = lake.history(part.buckets, read)
    name = at("applications", asked.level)
    connection.execute(applied_sql(asked.path, part.buckets, name))
    if asked.joined:
        alone = [each.application for each in asked.joined]
        connection.execute(ALONE.format(name=name), [alone])
    return connection


def applied_sql(
    applications: Path, buckets: Sequence[str] = BUCKETS, name: str = "applications"
) -> str:
    """The statement that makes the table of those applications whose firms are in the buckets."""
    listed = IN_BUCKETS.format(listed=", ".join(map(literal, buckets)))
    which = listed if len(buckets) < len(BUCKETS) else ""
    return APPLICATIONS.format(name=name, path=literal(str(applications)), which=which)
