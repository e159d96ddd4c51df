"""Features of many applications: our compiled job beside the same job written by hand in SQL.

Goal D1: at most 1.05 times the processor time and 1.1 times the memory of the best that we could
write for DuckDB by hand. Each variant runs as a process of its own, several times in turn; medians
count, processor time first. The results are compared value by value.

`python -m benchmarks.feature_job [--merchants N] [--lines N] [--runs N] [--lake FOLDER]`
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.measure import Cost, module_cost, show
from benchmarks.merchant_features import FEATURES, by_hand
from benchmarks.merchants import LINES, MERCHANTS, make_lake_apart
from tradeline.creditfile.features.from_lake import write_features
from tradeline.creditfile.features.slices import applied_sql
from tradeline.creditfile.features.table import form_of
from tradeline.lake.records import BUCKETS
from tradeline.lake.store import Lake, open_lake
from tradeline.lake.typing_rules import literal

HAND = ("sliced, kept", "sliced, inlined", "whole, kept", "whole, inlined")
OURS = "ours"
CLOSE = 1e-9
MEMORY = "6GB"


def main(words: Sequence[str] | None = None) -> int:
    """Measure the job, or run one variant of it once."""
    options = _options(words)
    if options.variant:
        run(options.lake, options.variant, options.out)
        return 0
    if options.lake:
        measure(options.lake, options.runs)
        return 0
    with TemporaryDirectory() as folder:
        root = Path(folder) / "lake"
        make_lake_apart(root, options.merchants, options.lines)
        measure(root, options.runs)
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.feature_job", description=__doc__)
    parser.add_argument("--merchants", type=int, default=MERCHANTS, help=f"({MERCHANTS})")
    parser.add_argument("--lines", type=int, default=LINES, help=f"({LINES})")
    parser.add_argument("--runs", type=int, default=3, help="runs of each variant (3)")
    parser.add_argument("--lake", type=Path, help="a lake of merchants that is there already")
    parser.add_argument("--variant", choices=(OURS, *HAND), help="run this one only, once")
    parser.add_argument("--out", type=Path, help="where that one writes")
    return parser.parse_args(words)


def measure(root: Path, runs: int) -> None:
    """Each variant in turn, several times; what it took, and whether all say the same."""
    with TemporaryDirectory(dir=root.parent) as folder:
        outs = {
            name: Path(folder) / f"{number}.parquet" for number, name in enumerate((OURS, *HAND))
        }
        costs: dict[str, list[Cost]] = {name: [] for name in outs}
        for _ in range(runs):
            for name, out in outs.items():
                words = ["--lake", str(root), "--variant", name, "--out", str(out)]
                costs[name].append(module_cost("benchmarks.feature_job", *words))
        mismatches = {name: differing(outs[OURS], outs[name]) for name in HAND}
        rows, lines = _count(outs[OURS]), sum(f.rows for f in open_lake(root).files_of("orders"))
    _show(costs, mismatches, rows, lines)


def _show(costs: dict[str, list[Cost]], mismatches: dict[str, int], rows: int, lines: int) -> None:
    cpu = {name: median(cost.cpu_s for cost in runs) for name, runs in costs.items()}
    memory = {name: median(cost.peak_gb for cost in runs) for name, runs in costs.items()}
    best = min(HAND, key=lambda name: cpu[name])
    show(
        "features of many applications",
        [
            f"{lines:,} order lines, {rows:,} applications, {len(FEATURES)} features.",
            *(f"{n}: {cpu[n]:.1f} s of processor time, {memory[n]:.2f} GB" for n in costs),
            f"Ours takes {cpu[OURS] / cpu[best]:.2f} times the processor time and "
            f"{memory[OURS] / memory[best]:.2f} times the memory of the best by hand ({best}); "
            "goals 1.05 and 1.1.",
            f"Values that differ: {sum(mismatches.values())}.",
        ],
        {
            "lines": lines,
            "applications": rows,
            "cpu_s": {name: [cost.cpu_s for cost in runs] for name, runs in costs.items()},
            "wall_s": {name: [cost.wall_s for cost in runs] for name, runs in costs.items()},
            "peak_gb": {name: [cost.peak_gb for cost in runs] for name, runs in costs.items()},
            "ratio": cpu[OURS] / cpu[best],
            "memory_ratio": memory[OURS] / memory[best],
            "mismatches": mismatches,
        },
    )


def run(root: Path, variant: str, out: Path) -> None:
    """One variant of the job, once."""
    lake, applications = open_lake(root), root.parent / "applications.parquet"
    if variant == OURS:
        write_features(lake, applications, out, FEATURES)
    else:
        sliced, kept = variant.startswith("sliced"), variant.endswith("kept")
        _by_hand(lake, applications, BUCKETS if sliced else (BUCKETS,), by_hand(kept), out)


def _by_hand(
    lake: Lake, applications: Path, slices: Sequence[Sequence[str]], sql: str, out: Path
) -> None:
    with TemporaryDirectory(dir=out.parent) as folder:
        for buckets in slices:
            with duckdb.connect(config={"memory_limit": MEMORY}) as connection:
                for name in ("orders", "refunds"):
                    files = [str(lake.root / file.path) for file in lake.files_of(name, buckets)]
                    listed = ", ".join(map(literal, files))
                    connection.execute(f"CREATE VIEW {name} AS FROM read_parquet([{listed}])")
                connection.execute(applied_sql(applications, buckets))
                slice_ = f"{folder}/{buckets[0]}.parquet"
                connection.execute(f"COPY ({sql}) TO '{slice_}' (FORMAT parquet)")
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (SELECT * EXCLUDE (application) FROM read_parquet('{folder}/*.parquet') "
                f"ORDER BY application) TO {literal(str(out))} (FORMAT {form_of(out)})"
            )


def differing(left: Path, right: Path) -> int:
    """How many values differ, floats by more than a billionth; missing equals missing."""
    unequal = " + ".join(
        f"count(*) FILTER (a.{f.name} IS DISTINCT FROM b.{f.name} AND NOT coalesce("
        f"abs(a.{f.name} - b.{f.name}) <= {CLOSE} * abs(b.{f.name}), false))"
        for f in FEATURES
    )
    tables = f"{literal(str(left))} AS a POSITIONAL JOIN {literal(str(right))} AS b"
    row = duckdb.execute(f"SELECT {unequal} FROM {tables}").fetchone()
    assert row
    return int(row[0])


def _count(path: Path) -> int:
    row = duckdb.execute(f"SELECT count(*) FROM {literal(str(path))}").fetchone()
    assert row
    return int(row[0])


if __name__ == "__main__":
    sys.exit(main())
