"""Features of many applications from a lake, slice by slice, so that memory stays bounded.

A slice is a bucket of the lake: the firms whose SHA-256 begins with the same digit. Its files hold
all that is known of its firms, so slices need nothing of each other. Firms that were one with
others by the moment of their application have slices of their own, whose rows stand in any bucket.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import form_of, keep, present_tables
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.joined import (
    JOINED,
    apply_members,
    offer_joined,
    spells_of,
)
from tradeline.creditfile.features.plan import Plan, contracts_of_all, plan
from tradeline.creditfile.linkage.uses import Asked, Output, linked_enterprises, record_uses
from tradeline.kernel.hashing import hash_file
from tradeline.lake.records import BUCKETS
from tradeline.lake.store import Lake
from tradeline.lake.typing_rules import literal

APPLICATIONS = """
CREATE TEMP TABLE applications AS
SELECT application, enterprise, CAST(as_of AS TIMESTAMP) AS as_of
FROM (SELECT file_row_number AS application, * FROM read_parquet({path}, file_row_number = true))
WHERE {which}
"""
OF_BUCKET = "left(sha256(enterprise), 1) = '{bucket}'"
ALONE = "DELETE FROM applications WHERE application IN (SELECT UNNEST(?::BIGINT[]))"
WITH_OTHERS = """
SELECT application, MIN(a.enterprise), MIN(a.as_of), LIST_SORT(LIST(m.enterprise)) AS own
FROM applications AS a JOIN members AS m USING (application)
GROUP BY application HAVING COUNT(*) > 1 ORDER BY own, application
"""
TABLE = """
CREATE TEMP TABLE {name} AS
SELECT UNNEST(?::BIGINT[]) AS application, UNNEST(?::VARCHAR[]) AS enterprise,
  UNNEST(?::TIMESTAMP[]) AS as_of
"""
LINKED = """
SELECT DISTINCT enterprise, as_of FROM applications
WHERE enterprise IN (SELECT UNNEST(?::VARCHAR[])) ORDER BY ALL
"""
MEMBERS_IN_SLICE = 10_000
"""More enterprises than a slice of those that are one with others may have."""

TOGETHER = (
    "COPY (SELECT * EXCLUDE (application) FROM read_parquet({parts}) ORDER BY application)"
    " TO {out} (FORMAT {form})"
)


def write_features(
    lake: Lake,
    applications: Path,
    out: Path,
    features: Sequence[Feature] = CATALOGUE,
    progress: Callable[[str], None] = lambda _: None,
) -> int:
    """Write the features of each application, in the order given; how many there were.

    `applications` is Parquet with `enterprise` and `as_of` (naive: UTC); `out`, Parquet or CSV, has
    these and one column of doubles for each feature, NULL where it is missing. Each application
    sees the rows that had occurred and were recorded by its moment, in the version that stood then.
    InputProblem where a feature needs what was erased.
    """
    read = contracts_of_all(features)
    joined = _joined(lake, applications)
    versioned = any(file.revisions for name in read for file in lake.files_of(name))
    asked = plan(tuple(features), read, versioned=versioned)
    with TemporaryDirectory(dir=out.parent, prefix=".features-") as name:
        folder = Path(name)
        _write_begun(lake, asked, read, folder)
        for number, bucket in enumerate(BUCKETS, 1):
            progress(f"computing features, slice {number} of {len(BUCKETS)}")
            with lake.history(bucket, read) as connection:
                _apply(connection, applications, OF_BUCKET.format(bucket=bucket))
                if joined:
                    connection.execute(ALONE, [[each.application for each in joined]])
                _write_slice(connection, asked, folder, bucket)
        linked = plan(tuple(features), read, versioned=versioned, linked=True)
        for number, several in enumerate(_in_slices(joined), 1):
            progress(f"computing features of enterprises that are one with others, slice {number}")
            firms = {member for each in several for member in each.members}
            with lake.history(only=read, firms=firms) as connection:
                _apply_joined(connection, several)
                _write_slice(connection, linked, folder, f"joined-{number}")
        return _write_together(folder, out)


def _apply(connection: duckdb.DuckDBPyConnection, applications: Path, which: str) -> None:
    path = literal(str(applications))
    connection.execute(APPLICATIONS.format(path=path, which=which))


def write_recorded(
    lake: Lake,
    applications: Path,
    out: Path,
    at: datetime,
    features: Sequence[Feature] = CATALOGUE,
    progress: Callable[[str], None] = lambda _: None,
) -> int:
    """Write features as `write_features`, and record of which linked enterprises they were made.

    The lake tells of the uses, made at a moment, before `out` appears; so whoever undoes a join
    finds every file that it touched.
    """
    with TemporaryDirectory(dir=out.parent, prefix=".features-") as folder:
        made = Path(folder) / out.name
        count = write_features(lake, applications, made, features, progress)
        asked = _linked_applications(lake, applications)
        if asked:
            record_uses(lake, Output(hash_file(made), "features", out.name), asked, at)
        made.rename(out)
    return count


def _linked_applications(lake: Lake, applications: Path) -> list[Asked]:
    """The applications of enterprises that links speak of, each as known at its own moment."""
    firms = linked_enterprises(lake)
    if not firms:
        return []
    with duckdb.connect() as connection:
        _apply(connection, applications, "true")
        rows = connection.execute(LINKED, [list(firms)]).fetchall()
    return [Asked(firm, moment, moment) for firm, moment in rows]


@dataclass(frozen=True, slots=True)
class _Joined:
    """An application of an enterprise that was one with others by its moment."""

    application: int
    enterprise: str
    as_of: datetime
    members: tuple[str, ...]


def _joined(lake: Lake, applications: Path) -> list[_Joined]:
    """The applications of enterprises that were one with others; nothing is read without links."""
    if not lake.files_of("links"):
        return []
    with duckdb.connect() as connection:
        _apply(connection, applications, "true")
        firms = connection.execute("SELECT DISTINCT enterprise FROM applications").fetchall()
        offer_joined(connection, spells_of(lake, [firm for (firm,) in firms]))
        if JOINED not in present_tables(connection):
            return []
        apply_members(connection)
        rows = connection.execute(WITH_OTHERS).fetchall()
    return [_Joined(number, firm, moment, tuple(own)) for number, firm, moment, own in rows]


def _in_slices(joined: Iterable[_Joined]) -> Iterator[list[_Joined]]:
    """Applications in slices of no more members than memory should hold at once."""
    several: list[_Joined] = []
    firms: set[str] = set()
    for application in joined:
        several.append(application)
        firms.update(application.members)
        if len(firms) >= MEMBERS_IN_SLICE:
            yield several
            several, firms = [], set()
    if several:
        yield several


def _apply_joined(connection: duckdb.DuckDBPyConnection, several: Sequence[_Joined]) -> None:
    """Let `applications` be these, and `members` be theirs."""
    applied = [(each.application, each.enterprise, each.as_of) for each in several]
    members = [(each.application, own, each.as_of) for each in several for own in each.members]
    for name, rows in (("applications", applied), ("members", members)):
        columns = [list(column) for column in zip(*rows, strict=True)]
        connection.execute(TABLE.format(name=name), columns)


def _write_begun(lake: Lake, asked: Plan, read: frozenset[str], folder: Path) -> None:
    """Since when each dataset tells of anybody, which no slice knows: a file for each."""
    with lake.history(only=read) as connection:
        for step in asked.begun:
            path = literal(str(folder / f"{step.name}.parquet"))
            connection.execute(f"COPY ({step.sql}) TO {path} (FORMAT parquet)")


def _write_slice(
    connection: duckdb.DuckDBPyConnection, asked: Plan, folder: Path, bucket: str
) -> None:
    for step in asked.begun:
        path = literal(str(folder / f"{step.name}.parquet"))
        connection.execute(f"CREATE VIEW {step.name} AS FROM read_parquet({path})")
    for step in asked.steps:
        keep(connection, step)
    out = literal(str(folder / f"slice-{bucket}.parquet"))
    connection.execute(f"COPY ({asked.result}) TO {out} (FORMAT parquet)")


def _write_together(folder: Path, out: Path) -> int:
    with duckdb.connect() as connection:
        parts, target = literal(f"{folder}/slice-*.parquet"), literal(str(out))
        row = connection.execute(
            TOGETHER.format(parts=parts, out=target, form=form_of(out))
        ).fetchone()
    return int(row[0]) if row else 0
