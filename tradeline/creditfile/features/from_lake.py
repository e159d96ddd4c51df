"""Features of many applications from a lake, slice by slice, so that memory stays bounded.

A slice is some buckets of the lake: the firms whose SHA-256 begins with one of their digits. Their
files hold all that is known of these firms, so slices need nothing of each other. Firms that were
one with others by the moment of their application have slices of their own, whose rows stand in any
bucket. Partners of a firm may lie in any slice: they are applications of their own, taken before.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import keep, values_of
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.joined import (
    Joined,
    apply_joined,
    in_slices,
    joined_applications,
    offer_joined,
    spells_of,
)
from tradeline.creditfile.features.plan import (
    Partnered,
    Plan,
    Step,
    contracts_of_all,
    plan,
    require_unlinked,
)
from tradeline.creditfile.features.table import Values, form_of
from tradeline.creditfile.linkage.uses import Asked, Output, linked_enterprises, record_uses
from tradeline.kernel.hashing import hash_file
from tradeline.lake.records import BUCKETS
from tradeline.lake.store import Lake
from tradeline.lake.typing_rules import literal

APPLICATIONS = """
CREATE TEMP TABLE {name} AS
SELECT application, enterprise, CAST(as_of AS TIMESTAMP) AS as_of
FROM (SELECT file_row_number AS application, * FROM read_parquet({path}, file_row_number = true))
{which}
"""
ALONE = "DELETE FROM applications WHERE application IN (SELECT UNNEST(?::BIGINT[]))"
LINKED = """
SELECT DISTINCT enterprise, as_of FROM applications
WHERE enterprise IN (SELECT UNNEST(?::VARCHAR[])) ORDER BY ALL
"""
IN_BUCKETS = "WHERE left(sha256(enterprise), 1) IN ({listed})"
ROWS_OF_SLICE = 1_500_000
"""How many rows and applications are worth a slice: fewer than its own costs outweigh."""

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
    InputProblem where a feature needs what was erased, or asks of partners in a lake of links.
    """
    require_unlinked(features, bool(lake.files_of("links")))
    read = contracts_of_all(features)
    joined = _joined(lake, applications)
    versioned = _are_versioned(lake, read)
    asked = plan(tuple(features), read, versioned=versioned)
    with TemporaryDirectory(dir=out.parent, prefix=".features-") as name:
        folder = Path(name)
        _write_begun(lake, asked, read, folder)
        if asked.partnered:
            _write_partnered(lake, asked.partnered, read, applications, folder, progress)
        slices = slices_of(_size(lake, read, applications))
        for number, buckets in enumerate(slices, 1):
            progress(f"computing features, slice {number} of {len(slices)}")
            with lake.history(buckets, read) as connection:
                connection.execute(applied_sql(applications, buckets))
                if joined:
                    connection.execute(ALONE, [[each.application for each in joined]])
                _write_slice(connection, asked, folder, buckets[0])
        if joined:
            linked = plan(tuple(features), read, versioned=versioned, linked=True)
            _write_joined(lake, joined, linked, read, folder, progress)
        return _write_together(folder, out)


def _are_versioned(lake: Lake, read: Iterable[str]) -> bool:
    return any(file.revisions for name in read for file in lake.files_of(name))


def slices_of(size: int) -> list[tuple[str, ...]]:
    """The buckets of each slice, equally many, for so many rows and applications together."""
    each = len(BUCKETS)
    while each > 1 and size * each > ROWS_OF_SLICE * len(BUCKETS):
        each //= 2
    return [BUCKETS[first : first + each] for first in range(0, len(BUCKETS), each)]


def _size(lake: Lake, read: frozenset[str], applications: Path) -> int:
    query = f"SELECT count(*) FROM read_parquet({literal(str(applications))})"
    with duckdb.connect() as connection:
        row = connection.execute(query).fetchone()
    return sum(f.rows for name in read for f in lake.files_of(name)) + (row[0] if row else 0)


def applied_sql(applications: Path, buckets: Sequence[str], name: str = "applications") -> str:
    """The statement that makes the table of those applications whose firms are in the buckets."""
    listed = IN_BUCKETS.format(listed=", ".join(map(literal, buckets)))
    which = listed if len(buckets) < len(BUCKETS) else ""
    return APPLICATIONS.format(name=name, path=literal(str(applications)), which=which)


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
        connection.execute(applied_sql(applications, BUCKETS))
        rows = connection.execute(LINKED, [list(firms)]).fetchall()
    return [Asked(firm, moment, moment) for firm, moment in rows]


def _joined(lake: Lake, applications: Path) -> list[Joined]:
    """The applications of enterprises that were one with others; nothing is read without links."""
    if not lake.files_of("links"):
        return []
    with duckdb.connect() as connection:
        connection.execute(applied_sql(applications, BUCKETS))
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
            _write(connection, step.sql, folder / f"{step.name}.parquet")


def _write_partnered(
    lake: Lake,
    partnered: Partnered,
    read: frozenset[str],
    applications: Path,
    folder: Path,
    progress: Callable[[str], None],
) -> None:
    """Who the partners are, and what is asked of them: files that any slice may read."""
    progress("finding partners")
    _write_steps(lake, partnered.partners, read, (applications, "applications"), folder)
    pairs = folder / f"{partnered.pairs.name}.parquet"
    with lake.history(only=read) as connection:
        _show(connection, partnered.partners, folder)
        _write(connection, f"SELECT enterprise, as_of FROM ({partnered.pairs.sql})", pairs)
    _write_steps(lake, partnered.mirrors, read, (pairs, partnered.pairs.name), folder)
    write_features(
        lake, pairs, folder / f"{partnered.values}.parquet", partnered.features, progress
    )


def _write_steps(
    lake: Lake,
    steps: Sequence[Step],
    read: frozenset[str],
    asked: tuple[Path, str],
    folder: Path,
) -> None:
    """The rows of statements over applications of a file, which stand under a name, by slice."""
    path, name = asked
    for buckets in slices_of(_size(lake, read, path)) if steps else ():
        with lake.history(buckets, read) as connection:
            connection.execute(applied_sql(path, buckets, name))
            for step in steps:
                keep(connection, step)
                out = folder / f"{step.name}-{buckets[0]}.parquet"
                _write(connection, f"FROM {step.name}", out)


def _show(
    connection: duckdb.DuckDBPyConnection, steps: Sequence[Step], folder: Path, bucket: str = "*"
) -> None:
    """Let the rows of statements, of all slices or of one, stand under their names."""
    for step in steps:
        paths = literal(f"{folder}/{step.name}-{bucket}.parquet")
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
