"""One definition on many engines: how many values differ, and what each engine took.

`python -m benchmarks.engines_agree LAKE [--remote sc://HOST:PORT]`, on a lake of
`benchmarks.merchants`, computes the merchants' features with DuckDB, slice by slice, and through
Sail and every Spark Connect server named, all of which must see the lake under its path.
"""

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.merchant_features import FEATURES
from tradeline.creditfile.features import spark
from tradeline.creditfile.features.from_lake import write_features
from tradeline.creditfile.features.plan import contracts_of_all
from tradeline.lake.sql_text import literal
from tradeline.lake.store import Lake, open_lake

NUMBERED = """
COPY (SELECT file_row_number AS application, enterprise, as_of
  FROM read_parquet({path}, file_row_number = true)) TO {out} (FORMAT parquet)
"""
# Whole numbers must be the same, others within 1e-9 of their size; missing is missing.
SAME = """
CASE WHEN a.{name} IS NULL OR b.{name} IS NULL THEN a.{name} IS NULL AND b.{name} IS NULL
  WHEN a.{name} = floor(a.{name}) AND abs(a.{name}) < 2**53 THEN a.{name} = b.{name}
  ELSE abs(a.{name} - b.{name}) <= 1e-9 * abs(a.{name}) END
"""


@dataclass(frozen=True, slots=True)
class Agreement:
    """One engine beside DuckDB."""

    engine: str
    seconds: float
    rows: int
    values: int
    mismatches: int


def compare(lake: Lake, applications: Path, remotes: dict[str, str]) -> list[Agreement]:
    """DuckDB first, then each engine in turn: rows, values and how many of them differ."""
    with TemporaryDirectory(dir=applications.parent) as name:
        folder = Path(name)
        wanted, numbered = folder / "duckdb.parquet", folder / "applications.parquet"
        start = time.perf_counter()
        rows = write_features(lake, applications, wanted, FEATURES)
        found = [Agreement("duckdb", time.perf_counter() - start, rows, rows * len(FEATURES), 0)]
        path, out = literal(str(applications)), literal(str(numbered))
        duckdb.execute(NUMBERED.format(path=path, out=out))
        for engine, remote in remotes.items():
            start = time.perf_counter()
            written = write_on(remote, lake, numbered, folder / engine)
            seconds = time.perf_counter() - start
            found.append(Agreement(engine, seconds, *mismatches(wanted, written)))
    return found


def write_on(remote: str, lake: Lake, applications: Path, out: Path) -> Path:
    """The features that a Spark Connect server computes, as a folder of Parquet files."""
    session = spark.open_session(remote)
    try:
        spark.offer_lake(session, lake, contracts_of_all(FEATURES))
        spark.offer_files(session, "applications", [str(applications)])
        spark.frame_for(session, FEATURES).write.parquet(str(out))
    finally:
        session.stop()  # Sail waits for its sessions before it ends
    return out


def mismatches(wanted: Path, found: Path) -> tuple[int, int, int]:
    """Rows, values and values that differ; a row that is missing or strange differs throughout."""
    left = f"read_parquet({literal(str(wanted))}, file_row_number = true)"
    right = f"read_parquet({literal(f'{found}/*.parquet')})"
    differing = [f"count(*) FILTER (NOT ({SAME.format(name=f.name)}))" for f in FEATURES]
    counted = duckdb.execute(
        "SELECT count(*), count(*) FILTER (a.enterprise IS NULL OR b.enterprise IS NULL),"
        f" {', '.join(differing)} FROM {left} AS a FULL JOIN {right} AS b"
        " ON a.file_row_number = b.application AND a.enterprise = b.enterprise"
        " AND a.as_of = b.as_of"
    ).fetchone()
    assert counted is not None
    rows, strange, *different = counted
    return rows, rows * len(FEATURES), strange * len(FEATURES) + sum(different)


@contextmanager
def sail() -> Iterator[str]:
    """The address of a Sail server that ends with the context."""
    os.environ.setdefault("RUST_LOG", "error")
    from pysail.spark import SparkConnectServer

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    try:
        host, port = server.listening_address
        yield f"sc://{host}:{port}"
    finally:
        server.stop()


def main(words: Sequence[str] | None = None) -> int:
    """Compare and print; 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="benchmarks.engines_agree", description=__doc__)
    parser.add_argument("lake", type=Path, help="a lake that benchmarks.merchants made")
    parser.add_argument("--remote", help="a Spark Connect server (TRADELINE_SPARK_REMOTE)")
    options = parser.parse_args(words)
    remote = options.remote or os.environ.get("TRADELINE_SPARK_REMOTE")
    applications = options.lake.parent / "applications.parquet"
    with sail() as local:
        remotes = {"sail": local} | ({"spark": remote} if remote else {})
        found = compare(open_lake(options.lake), applications, remotes)
    for agreement in found:
        print(asdict(agreement))
    return int(any(agreement.mismatches for agreement in found))


if __name__ == "__main__":
    raise SystemExit(main())
