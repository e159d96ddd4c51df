"""Features of many applications from a lake, slice by slice, so that memory stays bounded.

A slice is some buckets of the lake: the firms whose SHA-256 begins with one of their digits. Their
files hold all that is known of these firms, so slices need nothing of each other.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import keep
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.plan import Plan, contracts_of_all, plan
from tradeline.creditfile.features.table import form_of
from tradeline.kernel.findings import InputProblem
from tradeline.lake.records import BUCKETS
from tradeline.lake.sql_text import literal
from tradeline.lake.store import Lake

APPLICATIONS = """
CREATE TEMP TABLE applications AS
SELECT application, enterprise, CAST(as_of AS TIMESTAMP) AS as_of
FROM (SELECT file_row_number AS application, * FROM read_parquet({path}, file_row_number = true))
{which}
"""
IN_BUCKETS = "WHERE left(sha256(enterprise), 1) IN ({listed})"
ERASED = (
    "Leave out the features that read personal values; or compute them by `compute_for` from"
    " `lake.history(show_erased=True)`, which says of whom they are erased."
)
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
    InputProblem where a feature needs what was erased: nothing is written then.
    """
    read = contracts_of_all(features)
    versioned = any(file.revisions for name in read for file in lake.files_of(name))
    asked = plan(tuple(features), read, versioned=versioned)
    with TemporaryDirectory(dir=out.parent, prefix=".features-") as name:
        folder = Path(name)
        _write_begun(lake, asked, read, folder)
        slices = slices_of(_size(lake, read, applications))
        for number, buckets in enumerate(slices, 1):
            progress(f"computing features, slice {number} of {len(slices)}")
            with _saying_what_helps(), lake.history(buckets, read) as connection:
                connection.execute(applied_sql(applications, buckets))
                _write_slice(connection, asked, folder, buckets)
        return _write_together(folder, out)


@contextmanager
def _saying_what_helps() -> Iterator[None]:
    """Let the refusal of what was erased say what can be done about it here."""
    try:
        yield
    except InputProblem as refusal:
        raise InputProblem(
            replace(finding, remedy=ERASED) if finding.code == "erased" else finding
            for finding in refusal.findings
        ) from refusal


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


def applied_sql(applications: Path, buckets: Sequence[str]) -> str:
    """The statement that makes the table of those applications whose firms are in the buckets."""
    listed = IN_BUCKETS.format(listed=", ".join(map(literal, buckets)))
    which = listed if len(buckets) < len(BUCKETS) else ""
    return APPLICATIONS.format(path=literal(str(applications)), which=which)


def _write_begun(lake: Lake, asked: Plan, read: frozenset[str], folder: Path) -> None:
    """Since when each dataset tells of anybody, which no slice knows: a file for each."""
    with lake.history(only=read) as connection:
        for step in asked.begun:
            path = literal(str(folder / f"{step.name}.parquet"))
            connection.execute(f"COPY ({step.sql}) TO {path} (FORMAT parquet)")


def _write_slice(
    connection: duckdb.DuckDBPyConnection, asked: Plan, folder: Path, buckets: Sequence[str]
) -> None:
    for step in asked.begun:
        path = literal(str(folder / f"{step.name}.parquet"))
        connection.execute(f"CREATE VIEW {step.name} AS FROM read_parquet({path})")
    for step in asked.steps:
        keep(connection, step)
    out = literal(str(folder / f"slice-{buckets[0]}.parquet"))
    connection.execute(f"COPY ({asked.result}) TO {out} (FORMAT parquet)")


def _write_together(folder: Path, out: Path) -> int:
    with duckdb.connect() as connection:
        parts, target = literal(f"{folder}/slice-*.parquet"), literal(str(out))
        row = connection.execute(
            TOGETHER.format(parts=parts, out=target, form=form_of(out))
        ).fetchone()
    return int(row[0]) if row else 0
