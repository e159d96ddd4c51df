"""Features that were stored before, retrieved for applications as of their moments.

A stored row is usable from the later of its `as_of` and its `known_at`. Keys alone
are sorted, by firm and moment, and each application looks up the best row so far of its firm; the
features are read once, for the rows taken.
"""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.applications import apply_file
from tradeline.creditfile.features.table import form_of
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
NONE = -1
Numbers = NDArray[np.int64]


FIRMS = """
CREATE TEMP TABLE firms AS
SELECT enterprise, ROW_NUMBER() OVER () - 1 AS firm
FROM (SELECT DISTINCT enterprise FROM applications)
"""
ASKED = """
SELECT firm, epoch_us(as_of) AS moment FROM applications JOIN firms USING (enterprise)
ORDER BY application
"""
STORED = """
SELECT file_row_number AS row, firm, {clocks}
FROM read_parquet({path}, file_row_number = true) JOIN firms USING (enterprise)
"""
RETRIEVED = """
COPY (
  SELECT {columns}
  FROM applications AS a JOIN taken AS t USING (application)
  LEFT JOIN read_parquet({path}, file_row_number = true) AS s ON s.file_row_number = t.row
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
        row = _taken(connection, stored, types, greatest_age)
        connection.register("taken", {"application": np.arange(len(row)), "row": row})
        connection.execute(_retrieved_sql(stored, types, out))
    return Retrieved(len(row), int(np.count_nonzero(row == NONE)))


def _taken(
    connection: duckdb.DuckDBPyConnection,
    stored: Path,
    types: dict[str, str],
    greatest_age: timedelta | None,
) -> Numbers:
    """The number in the file of the row that each application takes, NONE where there is none."""
    connection.execute(FIRMS)
    asked = connection.execute(ASKED).fetchnumpy()
    rows = connection.execute(_stored_sql(stored, types)).fetchnumpy()
    known_at = rows.get(KNOWN_AT, rows["as_of"])
    order = np.lexsort((rows["row"], known_at, rows["as_of"]))
    row, firm, as_of = (rows[name][order] for name in ("row", "firm", "as_of"))
    best = newest(firm, np.maximum(as_of, known_at[order]), asked["firm"], asked["moment"])
    found = best != NONE
    if greatest_age is not None:
        found[found] = asked["moment"][found] - as_of[best[found]] <= greatest_age // MICROSECOND
    taken = np.full(len(best), NONE)
    taken[found] = row[best[found]]
    return taken


def newest(firm: Numbers, usable: Numbers, asked_firm: Numbers, moment: Numbers) -> Numbers:
    """The last of n rows that is of the firm and usable at the moment, for each of m askings.

    Rows stand from the least wanted to the most wanted; firms are numbers from 0. Gives m indices
    of rows, NONE where there is none.
    """
    rows, found = len(firm), np.full(len(moment), NONE)
    if not rows:
        return found
    by_usable = np.argsort(usable, kind="stable")
    # Short numbers sort faster.
    short = firm[by_usable].astype(np.min_scalar_type(int(firm.max())))
    place = np.argsort(short, kind="stable")
    order = by_usable[place]
    # Each firm counts from higher than any row of the firm before.
    floor = firm[order] * (rows + 1)
    best = np.maximum.accumulate(floor + order) - floor
    by_then = np.searchsorted(usable[by_usable], moment, side="right")
    last = np.searchsorted(floor + place, asked_firm * (rows + 1) + by_then) - 1
    own = (last >= 0) & (firm[order[last]] == asked_firm)
    found[own] = best[last[own]]
    return found


def _stored_sql(stored: Path, types: dict[str, str]) -> str:
    clocks = (name for name in ("as_of", KNOWN_AT) if name in types)
    return STORED.format(
        path=literal(str(stored)),
        clocks=", ".join(f"epoch_us({_moment_sql(c, types[c])}) AS {c}" for c in clocks),
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
    endless = [f"NOT isfinite({name})" for name in needed if name != "enterprise"]
    empty = " OR ".join([f"{name} IS NULL" for name in needed] + endless)
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
