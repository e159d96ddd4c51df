"""Features of many applications from a lake, slice by slice, so that memory stays bounded.

A slice is a bucket of the lake: the firms whose SHA-256 begins with the same digit. Its files hold
all that is known of its firms, so slices need nothing of each other. Firms that were one with
others by the moment of their application have slices of their own, whose rows stand in any bucket.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import form_of, keep, values_of
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.joined import (
    Joined,
    apply_joined,
    in_slices,
    joined_applications,
    offer_joined,
    spells_of,
)
from tradeline.creditfile.features.plan import Plan, contracts_of_all, plan
from tradeline.creditfile.features.table import Values
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
LINKED = """
SELECT DISTINCT enterprise, as_of FROM applications
WHERE enterprise IN (SELECT UNNEST(?::VARCHAR[])) ORDER BY ALL
"""
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
    versioned = _are_versioned(lake, read)
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
        if joined:
            linked = plan(tuple(features), read, versioned=versioned, linked=True)
            _write_joined(lake, joined, linked, read, folder, progress)
        return _write_together(folder, out)


def _are_versioned(lake: Lake, read: Iterable[str]) -> bool:
    return any(file.revisions for name in read for file in lake.files_of(name))


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


def _joined(lake: Lake, applications: Path) -> list[Joined]:
    """The applications of enterprises that were one with others; nothing is read without links."""
    if not lake.files_of("links"):
        return []
    with duckdb.connect() as connection:
        _apply(connection, applications, "true")
        firms = connection.execute("SELECT DISTINCT enterprise FROM applications").fetchall()
        anybody = offer_joined(connection, spells_of(lake, [firm for (firm,) in firms]))
        return joined_applications(connection) if anybody else []


def _write_joined(
    lake: Lake,
    joined: Iterable[Joined],
    asked: Plan,
    read: frozenset[str],
    folder: Path,
    progress: Callable[[str], None],
) -> None:
    for number, several in enumerate(in_slices(joined), 1):
        progress(f"computing features of enterprises that are one with others, slice {number}")
        firms = {member for each in several for member in each.members}
        with lake.history(only=read, firms=firms) as connection:
            apply_joined(connection, several)
            _write_slice(connection, asked, folder, f"joined-{number}")


def compute_joined(
    lake: Lake,
    joined: Sequence[Joined],
    features: Sequence[Feature],
    begun: Mapping[str, datetime | None],
) -> Values:
    """The features of applications of enterprises that were one with others, n by k.

    `begun` says since when each dataset tells of anybody, None where it tells of nobody.
    """
    read = contracts_of_all(features)
    asked = plan(tuple(features), read, versioned=_are_versioned(lake, read), linked=True)
    firms = {member for each in joined for member in each.members}
    with lake.history(only=read, firms=firms) as connection:
        apply_joined(connection, joined)
        for step in asked.begun:
            since = f"CREATE TEMP TABLE {step.name} AS SELECT CAST(? AS TIMESTAMP) AS begun_at"
            connection.execute(since, [begun[step.name.removeprefix("begun_")]])
        for step in asked.steps:
            keep(connection, step)
        found = values_of(connection.execute(asked.result).fetchnumpy(), features)
    order = np.argsort([each.application for each in joined], kind="stable")
    values = np.empty_like(found)
    values[order] = found
    return values


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
