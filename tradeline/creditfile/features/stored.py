"""Features that were stored before, retrieved for applications as of their moments.

A stored row is usable from the later of its `as_of` and its `known_at`. Of the rows of a firm only
those matter that are the best of all usable ones at the moment they become usable; each of these is
taken from then until the next. So two clocks come down to one as-of join, which carries only row
numbers; the features themselves are read once, for the rows that were chosen.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from tradeline.creditfile.features.applications import apply_file
from tradeline.creditfile.features.compute import form_of
from tradeline.kernel.findings import counted, problem
from tradeline.lake.files import quoted
from tradeline.lake.typing_rules import literal

KEYS = ("enterprise", "as_of")
KNOWN_AT = "known_at"
TAKEN = ("stored_as_of", "file_row_number")
MOMENTS = ("DATE", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP", "TIMESTAMP_NS",
           "TIMESTAMP WITH TIME ZONE")  # fmt: skip
NUMBERS = ("DOUBLE", "FLOAT")
MICROSECOND = timedelta(microseconds=1)

# The last of rows that are alike was written last. The frame of max() takes in rows of one moment.
CHOSEN = """
CREATE TEMP TABLE chosen AS
WITH stored AS (
  SELECT file_row_number AS row, enterprise, {as_of} AS as_of, {known_at} AS known_at
  FROM read_parquet({path}, file_row_number = true)
  WHERE enterprise IN (SELECT enterprise FROM applications)
), ranked AS (
  SELECT row, enterprise, as_of, greatest(as_of, known_at) AS usable_at,
    row_number() OVER (PARTITION BY enterprise ORDER BY as_of, known_at, row) AS rank
  FROM stored
), best AS (
  FROM ranked QUALIFY rank = max(rank) OVER (PARTITION BY enterprise ORDER BY usable_at)
)
SELECT application, a.enterprise, a.as_of, CASE WHEN {fresh} THEN row END AS row
FROM applications AS a ASOF LEFT JOIN best AS b
  ON a.enterprise = b.enterprise AND a.as_of >= b.usable_at
"""
FRESH = "epoch_us(a.as_of) - epoch_us(b.as_of) <= {greatest}"
RETRIEVED = """
COPY (
  SELECT {columns}
  FROM chosen AS a LEFT JOIN read_parquet({path}, file_row_number = true) AS s
    ON s.file_row_number = a.row
  ORDER BY a.application
) TO {out} (FORMAT {form})
"""


@dataclass(frozen=True, slots=True)
class Retrieved:
    """How many applications were written, and how many of them without a stored row."""

    applications: int
    without: int


def retrieve_features(
    stored: Path, applications: Path, out: Path, greatest_age: timedelta | None = None
) -> Retrieved:
    """Write for each application, in the order given, the newest stored row of its enterprise.

    `stored` is Parquet as `write_features` makes it: `enterprise`, `as_of` (a day means its end; a
    naive moment is UTC; all count to the microsecond) and a column of doubles for each feature. A
    row whose `as_of` is later than the application is never taken. With a column `known_at`, when
    the row was computed or corrected, nor is one that was not known by then; of several rows of one
    `as_of` the one known last counts, of rows alike in both the one that stands last in the file. A
    row older than `greatest_age` counts as none.

    `applications` is CSV or Parquet with `enterprise` and `as_of`. `out`, Parquet or CSV, has a row
    for each of them: `enterprise`, `as_of` (UTC), `stored_as_of`, which is the `as_of` of the row
    taken, and the features, in their own units; all NULL where there is none.

    InputProblem if either file cannot be read, lacks a column or has one of another kind, or a row
    names no enterprise or moment; ValueError if `greatest_age` is negative.
    """
    if greatest_age is not None and greatest_age < timedelta(0):
        raise ValueError(f"The greatest age is {greatest_age}, but no row is younger than nothing.")
    with duckdb.connect() as connection:
        apply_file(connection, applications)
        types = _column_types(connection, stored)
        _require_filled(connection, stored, types)
        connection.execute(_chosen_sql(stored, types, greatest_age))
        connection.execute(_retrieved_sql(stored, types, out))
        found = connection.execute("SELECT count(*), count(row) FROM chosen").fetchall()
    ((every, answered),) = found
    return Retrieved(every, every - answered)


def _chosen_sql(stored: Path, types: dict[str, str], greatest_age: timedelta | None) -> str:
    known_at = KNOWN_AT if KNOWN_AT in types else "as_of"
    fresh = "true" if greatest_age is None else FRESH.format(greatest=greatest_age // MICROSECOND)
    return CHOSEN.format(
        path=literal(str(stored)),
        as_of=_moment_sql("as_of", types["as_of"]),
        known_at=_moment_sql(known_at, types[known_at]),
        fresh=fresh,
    )


def _retrieved_sql(stored: Path, types: dict[str, str], out: Path) -> str:
    stored_as_of = f"{_moment_sql('s.as_of', types['as_of'])} AS stored_as_of"
    features = (f"CAST(s.{quoted(name)} AS DOUBLE) AS {quoted(name)}" for name in _features(types))
    return RETRIEVED.format(
        columns=", ".join(("a.enterprise", "a.as_of", stored_as_of, *features)),
        path=literal(str(stored)),
        out=literal(str(out)),
        form=form_of(out),
    )


def _moment_sql(column: str, sql_type: str) -> str:
    moment = f"CAST({column} AS TIMESTAMP)"
    day_end = f"{moment} + INTERVAL 1 DAY - INTERVAL 1 MICROSECOND"
    return day_end if sql_type == "DATE" else moment


def _features(types: dict[str, str]) -> list[str]:
    return [name for name in types if name not in (*KEYS, KNOWN_AT)]


def _column_types(connection: duckdb.DuckDBPyConnection, stored: Path) -> dict[str, str]:
    """The types of the columns by name, as DuckDB calls them; InputProblem unless they are ours."""
    if not stored.is_file():
        raise problem(
            "no-stored-features",
            str(stored),
            "There is no such file.",
            "Name a Parquet file of features.",
        )
    try:
        rows = connection.execute("DESCRIBE FROM read_parquet(?)", [str(stored)]).fetchall()
    except duckdb.Error as error:
        raise problem(
            "broken-stored-features",
            stored.name,
            "The file of stored features cannot be read.",
            "Write it again as Parquet.",
        ) from error
    types = {name: sql_type for name, sql_type, *_ in rows}
    _require_columns(stored, types)
    return types


def _require_columns(stored: Path, types: dict[str, str]) -> None:
    missing = [name for name in KEYS if name not in types]
    if missing:
        raise problem(
            "missing-column",
            stored.name,
            f"Stored features need the columns enterprise and as_of; {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not among {', '.join(types)}.",
            "Name the columns so.",
        )
    wanted = dict.fromkeys(TAKEN, ()) | {
        "enterprise": ("VARCHAR",),
        "as_of": MOMENTS,
        KNOWN_AT: MOMENTS,
    }
    odd = [name for name in types if types[name] not in wanted.get(name, NUMBERS)]
    if odd:
        kinds = ", ".join(f"{name} {types[name]}" for name in odd)
        raise problem(
            "bad-column",
            stored.name,
            f"Of another kind than stored features have: {kinds}.",
            "Let enterprise be text, as_of and known_at moments or days, each feature a double; "
            "leave other columns out.",
        )


def _require_filled(
    connection: duckdb.DuckDBPyConnection, stored: Path, types: dict[str, str]
) -> None:
    needed = [name for name in (*KEYS, KNOWN_AT) if name in types]
    empty = " OR ".join(f"{name} IS NULL" for name in needed)
    ((rows,),) = connection.execute(
        f"SELECT count(*) FROM read_parquet(?) WHERE {empty}", [str(stored)]
    ).fetchall()
    if rows:
        raise problem(
            "bad-stored-row",
            stored.name,
            f"{counted(rows, 'stored row')} without {' or '.join(needed)}.",
            "Fill it, or leave these rows out.",
        )
