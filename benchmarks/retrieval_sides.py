"""What `as_of_retrieval` measures: ours and two written by hand, each run as its own process.

Prints a line of JSON: the processor time of imports and of the work. Each imports only its own.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

ROWS_EACH = 45  # a row every sixteen days of two years
Job = Callable[[Path, Path], object]

# Written day by day. The rows of every 500th firm begin after all applications; one application of
# a hundred is of a firm without any.
STORED = """
COPY (
  SELECT printf('M%07d', firm) AS enterprise,
    TIMESTAMP '2023-01-01' + INTERVAL 1 DAY * CAST(
      16 * (n % {each}) + firm % 16 + CASE WHEN firm % 500 = 0 THEN 800 ELSE 0 END AS BIGINT
    ) AS as_of, {features}
  FROM (SELECT n, n // {each} AS firm FROM range({rows}) AS rows(n)) ORDER BY as_of, enterprise
) TO '{folder}/stored.parquet' (FORMAT parquet, COMPRESSION zstd)
"""
FEATURE = (
    "CASE WHEN hash(n, {number}) % 20 > 0 THEN hash(n, {number}, 1) % 1000000 / 7.0 END "
    "AS feature_{number}"
)
APPLICATIONS = """
COPY (
  SELECT printf('M%07d', hash(n) % {firms}) AS enterprise,
    TIMESTAMP '2023-07-01' + INTERVAL 1 SECOND * CAST(hash(n, 1) % (540 * 86400) AS BIGINT) AS as_of
  FROM range({applications}) AS rows(n)
) TO '{folder}/applications.parquet' (FORMAT parquet, COMPRESSION zstd)
"""
BY_HAND = """
COPY (
  SELECT application, a.enterprise, a.as_of, s.as_of AS stored_as_of,
    s.* EXCLUDE (enterprise, as_of)
  FROM (SELECT file_row_number AS application, enterprise, as_of
    FROM read_parquet('{folder}/applications.parquet', file_row_number = true)) AS a
  ASOF LEFT JOIN read_parquet('{folder}/stored.parquet') AS s
    ON a.enterprise = s.enterprise AND a.as_of >= s.as_of
  ORDER BY application
) TO '{out}' (FORMAT parquet, COMPRESSION zstd)
"""


def make_tables(folder: Path, rows: int, applications: int, features: int) -> None:
    """Stored features and applications as Parquet in a folder."""
    import duckdb

    columns = ", ".join(FEATURE.format(number=number) for number in range(features))
    firms = max(rows // ROWS_EACH, 1)
    duckdb.execute(STORED.format(each=ROWS_EACH, features=columns, rows=rows, folder=folder))
    duckdb.execute(
        APPLICATIONS.format(
            firms=firms + max(firms // 100, 1), applications=applications, folder=folder
        )
    )


def _ours() -> Job:
    from tradeline.creditfile.features.stored import retrieve_features

    return lambda folder, out: retrieve_features(
        folder / "stored.parquet", folder / "applications.parquet", out
    )


def _duckdb() -> Job:
    import duckdb

    return lambda folder, out: duckdb.execute(BY_HAND.format(folder=folder, out=out))


def _polars() -> Job:
    import polars

    def run(folder: Path, out: Path) -> None:
        stored = polars.scan_parquet(folder / "stored.parquet").set_sorted("as_of")
        asked = polars.scan_parquet(folder / "applications.parquet", row_index_name="application")
        joined = asked.sort("as_of").join_asof(
            stored.with_columns(stored_as_of="as_of"),
            on="as_of",
            by="enterprise",
            check_sortedness=False,
        )
        joined.sort("application").sink_parquet(out, compression="zstd")

    return run


SIDES: dict[str, Callable[[], Job]] = {"ours": _ours, "duckdb": _duckdb, "polars": _polars}


def main() -> None:
    """Run one side once, or make the tables."""
    parser = argparse.ArgumentParser(prog="benchmarks.retrieval_sides", description=__doc__)
    parser.add_argument("side", choices=(*SIDES, "tables"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--applications", type=int)
    parser.add_argument("--features", type=int)
    options = parser.parse_args()
    if options.side == "tables":
        make_tables(options.folder, options.rows, options.applications, options.features)
        return
    job = SIDES[options.side]()
    imported = time.process_time()
    job(options.folder, options.out)
    print(json.dumps({"imports_s": imported, "work_s": time.process_time() - imported}))


if __name__ == "__main__":
    main()
