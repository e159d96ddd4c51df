"""Features of many applications from a lake, slice by slice, so that memory stays bounded.

A slice is a bucket of the lake: the firms whose SHA-256 begins with the same digit. Its files hold
all that is known of its firms, so slices need nothing of each other.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import form_of, keep
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.plan import Plan, contracts_of_all, plan
from tradeline.lake.records import BUCKETS
from tradeline.lake.store import Lake
from tradeline.lake.typing_rules import literal

APPLICATIONS = """
CREATE TEMP TABLE applications AS
SELECT application, enterprise, CAST(as_of AS TIMESTAMP) AS as_of
FROM (SELECT file_row_number AS application, * FROM read_parquet({path}, file_row_number = true))
WHERE left(sha256(enterprise), 1) = '{bucket}'
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
        for number, bucket in enumerate(BUCKETS, 1):
            progress(f"computing features, slice {number} of {len(BUCKETS)}")
            with lake.history(bucket, read) as connection:
                connection.execute(
                    APPLICATIONS.format(path=literal(str(applications)), bucket=bucket)
                )
                _write_slice(connection, asked, folder, bucket)
        return _write_together(folder, out)


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
