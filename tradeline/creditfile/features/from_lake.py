"""Features of many applications from a lake, slice by slice, so that memory stays bounded.

Partners of a firm may lie in any slice: they are applications of their own, computed in slices
before.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import keep, values_of
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.joined import Joined, apply_joined
from tradeline.creditfile.features.plan import Partnered, Plan, Step, contracts_of_all, plan
from tradeline.creditfile.features.slices import (
    Asked,
    Slice,
    applied_sql,
    asked_of,
    open_slice,
    slices,
)
from tradeline.creditfile.features.table import Values, form_of
from tradeline.creditfile.linkage import uses
from tradeline.kernel.hashing import hash_file
from tradeline.lake.store import Lake
from tradeline.lake.typing_rules import literal

LINKED = """
SELECT DISTINCT enterprise, as_of FROM applications
WHERE enterprise IN (SELECT UNNEST(?::VARCHAR[])) ORDER BY ALL
"""
TOGETHER = (
    "COPY (SELECT * EXCLUDE (application) FROM read_parquet({parts}) ORDER BY application)"
    " TO {out} (FORMAT {form})"
)


@dataclass(frozen=True, slots=True)
class _Job:
    """Features to be computed from a lake: what they read, and how."""

    lake: Lake
    features: tuple[Feature, ...]
    read: frozenset[str]
    versioned: bool

    def plan(self, part: Slice | None = None) -> Plan:
        """The plan for a slice; None for what is asked of all firms."""
        linked = part is not None and part.linked
        return plan(self.features, self.read, versioned=self.versioned, linked=linked)


def _job(lake: Lake, features: Sequence[Feature]) -> _Job:
    read = contracts_of_all(features)
    versioned = any(file.revisions for name in read for file in lake.files_of(name))
    return _Job(lake, tuple(features), read, versioned)


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
    sees the rows that had occurred and were recorded by its moment, in the version that stood then,
    of all the enterprises that were known to be one with its own. InputProblem where a feature
    needs what was erased.
    """
    job, asked = _job(lake, features), asked_of(lake, applications)
    with TemporaryDirectory(dir=out.parent, prefix=".features-") as name:
        folder = Path(name)
        _write_begun(job, folder)
        parts = slices(lake, job.read, asked)
        if job.plan().partnered:
            _write_partnered(job, asked, parts, folder, progress)
        for number, part in enumerate(parts, 1):
            progress(f"computing features, slice {number} of {len(parts)}")
            with open_slice(lake, job.read, asked, part) as connection:
                _write_slice(connection, job.plan(part), folder, part.name)
        return _write_together(folder, out)


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
            output = uses.Output(hash_file(made), "features", out.name)
            uses.record_uses(lake, output, asked, at)
        made.rename(out)
    return count


def _linked_applications(lake: Lake, applications: Path) -> list[uses.Asked]:
    """The applications of enterprises that links speak of, each as known at its own moment."""
    firms = uses.linked_enterprises(lake)
    if not firms:
        return []
    with duckdb.connect() as connection:
        connection.execute(applied_sql(applications))
        rows = connection.execute(LINKED, [list(firms)]).fetchall()
    return [uses.Asked(firm, moment, moment) for firm, moment in rows]


def compute_joined(
    lake: Lake,
    joined: Sequence[Joined],
    features: Sequence[Feature],
    begun: Mapping[str, datetime | None],
) -> Values:
    """The features of applications of enterprises that were one with others, n by k.

    `begun` says since when each dataset tells of anybody, None where it tells of nobody.
    """
    job = _job(lake, features)
    asked = job.plan(Slice("joined", joined=tuple(joined)))
    firms = {member for each in joined for member in each.members}
    with lake.history(only=job.read, firms=firms) as connection:
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


def _write_begun(job: _Job, folder: Path) -> None:
    """Since when each dataset tells of anybody, which no slice knows: a file for each."""
    with job.lake.history(only=job.read) as connection:
        for step in job.plan().begun:
            _write(connection, step.sql, folder / f"{step.name}.parquet")


def _write_partnered(
    job: _Job,
    asked: Asked,
    parts: Sequence[Slice],
    folder: Path,
    progress: Callable[[str], None],
) -> None:
    """Who the partners are, and what is asked of them: files that any slice may read."""
    progress("finding partners")
    _write_steps(job, asked, parts, lambda partnered: partnered.partners, folder)
    partnered = _partnered(job.plan())
    pairs = folder / f"{partnered.pairs.name}.parquet"
    with job.lake.history(only=job.read) as connection:
        _show(connection, partnered.partners, folder)
        _write(connection, f"SELECT enterprise, as_of FROM ({partnered.pairs.sql})", pairs)
    if partnered.mirrors:
        theirs = asked_of(job.lake, pairs, asked.level + 1)
        every = slices(job.lake, job.read, theirs)
        _write_steps(job, theirs, every, lambda partnered: partnered.mirrors, folder)
    out = folder / f"{partnered.values}.parquet"
    write_features(job.lake, pairs, out, partnered.features, progress)


def _partnered(asked: Plan) -> Partnered:
    assert asked.partnered
    return asked.partnered


def _write_steps(
    job: _Job,
    asked: Asked,
    parts: Sequence[Slice],
    steps: Callable[[Partnered], Sequence[Step]],
    folder: Path,
) -> None:
    """The rows of statements over applications, a file for each statement and slice."""
    for part in parts:
        with open_slice(job.lake, job.read, asked, part) as connection:
            for step in steps(_partnered(job.plan(part))):
                keep(connection, step)
                _write(connection, f"FROM {step.name}", folder / f"{step.name}-{part.name}.parquet")


def _show(
    connection: duckdb.DuckDBPyConnection, steps: Collection[Step], folder: Path, name: str = "*"
) -> None:
    """Let the rows of statements, of all slices or of one, stand under their names."""
    for step in steps:
        paths = literal(f"{folder}/{step.name}-{name}.parquet")
        connection.execute(f"CREATE VIEW {step.name} AS FROM read_parquet({paths})")


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    connection.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet)")


def _write_slice(
    connection: duckdb.DuckDBPyConnection, asked: Plan, folder: Path, name: str
) -> None:
    for step in asked.begun:
        path = literal(str(folder / f"{step.name}.parquet"))
        connection.execute(f"CREATE VIEW {step.name} AS FROM read_parquet({path})")
    if asked.partnered:
        _show(connection, asked.partnered.partners, folder, name)
        _show(connection, asked.partnered.mirrors, folder)
        path = literal(str(folder / f"{asked.partnered.values}.parquet"))
        connection.execute(f"CREATE VIEW {asked.partnered.values} AS FROM read_parquet({path})")
    for step in asked.steps:
        keep(connection, step)
    _write(connection, asked.result, folder / f"slice-{name}.parquet")


def _write_together(folder: Path, out: Path) -> int:
    with duckdb.connect() as connection:
        parts, target = literal(f"{folder}/slice-*.parquet"), literal(str(out))
        row = connection.execute(
            TOGETHER.format(parts=parts, out=target, form=form_of(out))
        ).fetchone()
    return int(row[0]) if row else 0
