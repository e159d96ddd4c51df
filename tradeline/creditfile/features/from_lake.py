"""Features of many applications from a lake, slice by slice, so that memory stays bounded.

A slice is a bucket of the lake: the firms whose SHA-256 begins with the same digit. Its files hold
all that is known of its firms, so slices need nothing of each other. Partners of a firm may lie in
any slice: they are applications of their own, computed in slices before.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import form_of, keep
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.plan import Partnered, Plan, Step, contracts_of_all, plan
from tradeline.lake.records import BUCKETS
from tradeline.lake.store import Lake
from tradeline.lake.typing_rules import literal

APPLICATIONS = """
CREATE TEMP TABLE {name} AS
SELECT application, enterprise, CAST(as_of AS TIMESTAMP) AS as_of
FROM (SELECT file_row_number AS application, * FROM read_parquet({path}, file_row_number = true))
WHERE left(sha256(enterprise), 1) = '{bucket}'
"""
ASKED_BUCKETS = """
SELECT DISTINCT left(sha256(enterprise), 1) AS bucket FROM read_parquet(?) ORDER BY bucket
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
    versioned = any(file.revisions for name in read for file in lake.files_of(name))
    asked = plan(tuple(features), read, versioned=versioned)
    with TemporaryDirectory(dir=out.parent, prefix=".features-") as name:
        folder = Path(name)
        _write_begun(lake, asked, read, folder)
        if asked.partnered:
            _write_partnered(lake, asked.partnered, read, applications, folder, progress)
        buckets = _buckets_of(applications)
        for number, bucket in enumerate(buckets, 1):
            progress(f"computing features, slice {number} of {len(buckets)}")
            with _slice(lake, bucket, read, applications) as connection:
                _write_slice(connection, asked, folder, bucket)
        return _write_together(folder, out)


def _buckets_of(applications: Path) -> tuple[str, ...]:
    """The buckets in which applications lie; one of them if there are none, for its columns."""
    with duckdb.connect() as connection:
        found = connection.execute(ASKED_BUCKETS, [str(applications)]).fetchall()
    return tuple(bucket for (bucket,) in found) or BUCKETS[:1]


def _slice(
    lake: Lake, bucket: str, read: frozenset[str], asked: Path, name: str = "applications"
) -> duckdb.DuckDBPyConnection:
    """All that was told of the firms of a bucket, and those applications that are theirs."""
    connection = lake.history(bucket, read)
    path = literal(str(asked))
    connection.execute(APPLICATIONS.format(name=name, path=path, bucket=bucket))
    return connection


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
    for bucket in _buckets_of(asked[0]) if steps else ():
        with _slice(lake, bucket, read, *asked) as connection:
            for step in steps:
                keep(connection, step)
                _write(connection, f"FROM {step.name}", folder / f"{step.name}-{bucket}.parquet")


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
    connection: duckdb.DuckDBPyConnection, asked: Plan, folder: Path, bucket: str
) -> None:
    for step in asked.begun:
        path = literal(str(folder / f"{step.name}.parquet"))
        connection.execute(f"CREATE VIEW {step.name} AS FROM read_parquet({path})")
    if asked.partnered:
        _show(connection, asked.partnered.partners, folder, bucket)
        _show(connection, asked.partnered.mirrors, folder)
        path = literal(str(folder / f"{asked.partnered.values}.parquet"))
        connection.execute(f"CREATE VIEW {asked.partnered.values} AS FROM read_parquet({path})")
    for step in asked.steps:
        keep(connection, step)
    _write(connection, asked.result, folder / f"slice-{bucket}.parquet")


def _write_together(folder: Path, out: Path) -> int:
    with duckdb.connect() as connection:
        parts, target = literal(f"{folder}/slice-*.parquet"), literal(str(out))
        row = connection.execute(
            TOGETHER.format(parts=parts, out=target, form=form_of(out))
        ).fetchone()
    return int(row[0]) if row else 0
