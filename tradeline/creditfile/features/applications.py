"""Applications: for which enterprise, as of which moment, features are asked.

A day without a time means its end, in UTC: what was known when it was over.
"""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

import duckdb

from tradeline.kernel.findings import counted, problem
from tradeline.kernel.moments import end_of, naive_utc

READERS = {".parquet": "read_parquet", ".csv": "read_csv"}
COLUMNS = ("enterprise", "as_of")
JOINED = "joined"
"""The table that says who was one with whom (see `joined`), where it is told."""

EVERY_FIRM = """
CREATE OR REPLACE TEMP TABLE applications AS
SELECT ROW_NUMBER() OVER (ORDER BY enterprise) - 1 AS application, enterprise,
  CAST(? AS TIMESTAMP) AS as_of
FROM (SELECT DISTINCT enterprise FROM enterprises)
"""
EACH_APPLICATION = """
CREATE OR REPLACE TEMP TABLE applications AS
SELECT application, enterprise, as_of
FROM (SELECT UNNEST(?::VARCHAR[]) AS enterprise, UNNEST(?::TIMESTAMP[]) AS as_of,
  UNNEST(range(?)) AS application)
"""
FROM_FILE = """
CREATE OR REPLACE TEMP TABLE applications AS
SELECT ROW_NUMBER() OVER () - 1 AS application, CAST(enterprise AS VARCHAR) AS enterprise,
  {moment} AS as_of
FROM {reader}(?{options})
"""
MOMENTS = ("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE")
"""Columns of these types are moments as they stand; others are read as they are written."""

# A text of ten signs is a day, and so is a column of days.
WRITTEN = """CASE WHEN length(CAST(as_of AS VARCHAR)) = 10
    THEN try_cast(CAST(as_of AS VARCHAR) AS TIMESTAMP) + INTERVAL '1' DAY - INTERVAL '1' MICROSECOND
    ELSE CAST(try_cast(CAST(as_of AS VARCHAR) AS TIMESTAMPTZ) AS TIMESTAMP) END"""


def moment_of(as_of: date) -> datetime:
    """The moment (naive UTC) that a day or a moment stands for: of a day, its end."""
    if isinstance(as_of, datetime):
        return naive_utc(as_of)
    return end_of(as_of)


def apply_all(connection: duckdb.DuckDBPyConnection, as_of: datetime) -> None:
    """Let `applications` be every firm of `enterprises` at one moment (naive UTC)."""
    connection.execute(EVERY_FIRM, [as_of])


def apply_each(
    connection: duckdb.DuckDBPyConnection, applications: Sequence[tuple[str, date]]
) -> None:
    """Let `applications` be these pairs of an enterprise and a moment, in order."""
    firms = [enterprise for enterprise, _ in applications]
    moments = [moment_of(as_of) for _, as_of in applications]
    connection.execute(EACH_APPLICATION, [firms, moments, len(firms)])


def apply_file(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Let `applications` be the rows of a CSV or Parquet file with `enterprise` and `as_of`.

    InputProblem if it cannot be read, lacks a column, or a row names no firm or no moment.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None or not path.is_file():
        why = "There is no such file." if reader else "It is neither CSV nor Parquet."
        raise problem("no-applications", str(path), why, "Name a file of applications.")
    options = ", header = true, all_varchar = true" if reader == "read_csv" else ""
    try:
        found = connection.execute(f"DESCRIBE FROM {reader}(?{options})", [str(path)]).fetchall()
        types = {name: sql_type for name, sql_type, *_ in found}
        _require_columns(path, list(types))
        connection.execute("SET TimeZone = 'UTC'")
        moment = "CAST(as_of AS TIMESTAMP)" if types["as_of"] in MOMENTS else WRITTEN
        sql = FROM_FILE.format(moment=moment, reader=reader, options=options)
        connection.execute(sql, [str(path)])
    except duckdb.Error as error:
        raise problem(
            "broken-applications",
            path.name,
            "The file of applications cannot be read.",
            "Write it again as CSV in UTF-8, or as Parquet.",
        ) from error
    _require_whole(connection, path)


def _require_columns(path: Path, columns: Sequence[str]) -> None:
    missing = [name for name in COLUMNS if name not in columns]
    if missing:
        raise problem(
            "missing-column",
            path.name,
            f"Applications need the columns enterprise and as_of; {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not among {', '.join(columns)}.",
            "Name the columns so.",
        )


def _require_whole(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    row = connection.execute(
        "SELECT count(*), min(application) + 1 FROM applications "
        "WHERE enterprise IS NULL OR as_of IS NULL OR NOT isfinite(as_of)"
    ).fetchone()
    if row and row[0]:
        raise problem(
            "bad-application",
            f"{path.name} application {row[1]}",
            f"{counted(row[0], 'application')} without an enterprise, or whose as_of is no date.",
            "Write moments like 2024-12-31 or 2024-12-31T18:30:00.",
        )
