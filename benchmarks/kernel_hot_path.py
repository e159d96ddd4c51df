"""Features of many applications by the kernel, beside the same job written by hand in SQL.

Goal D2: at most 0.30 times the processor time of the best that we could write for DuckDB by hand,
and at most 0.60 times with the making of the hot store from the lake, which is done once. Each
variant runs as a process of its own, several times in turn; medians count. The results are compared
value by value. The first call on a machine compiles; that is measured too.

`python -m benchmarks.kernel_hot_path [--merchants N] [--lines N] [--runs N] [--lake FOLDER]`
"""

import argparse
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.feature_job import HAND, differing
from benchmarks.measure import Cost, module_cost, show
from benchmarks.merchant_features import FEATURES
from benchmarks.merchants import LINES, MERCHANTS, make_lake_apart
from tradeline.creditfile.features.hot.answers import write_stored
from tradeline.creditfile.features.hot.store import open_store
from tradeline.lake.store import open_lake

STORE, KERNEL = "making the store", "kernel"
THREADS = 2
GOAL, GOAL_WITH_STORE = 0.30, 0.60


def main(words: Sequence[str] | None = None) -> int:
    """Measure the job, or run one part of it once."""
    options = _options(words)
    if options.variant:
        run(options.lake, options.store, options.variant, options.out)
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
    parser = argparse.ArgumentParser(prog="benchmarks.kernel_hot_path", description=__doc__)
    parser.add_argument("--merchants", type=int, default=MERCHANTS, help=f"({MERCHANTS})")
    parser.add_argument("--lines", type=int, default=LINES, help=f"({LINES})")
    parser.add_argument("--runs", type=int, default=3, help="runs of each variant (3)")
    parser.add_argument("--lake", type=Path, help="a lake of merchants that is there already")
    parser.add_argument("--variant", choices=(STORE, KERNEL), help="run this one only, once")
    parser.add_argument("--store", type=Path, help="the hot store of that one")
    parser.add_argument("--out", type=Path, help="where that one writes")
    return parser.parse_args(words)


def run(lake: Path, store: Path, variant: str, out: Path) -> None:
    """One part of the job, once: the store is made if it is not there."""
    opened = open_store(store, open_lake(lake), FEATURES)
    if variant == KERNEL:
        write_stored(opened, lake.parent / "applications.parquet", out, FEATURES, THREADS)


def measure(root: Path, runs: int) -> None:
    """Each variant in turn, several times; what it took, and whether all say the same."""
    with TemporaryDirectory(dir=root.parent) as name:
        folder = Path(name)
        store, out = folder / "hot", folder / "kernel.parquet"
        ours = ["--lake", str(root), "--store", str(store), "--out", str(out)]
        costs: dict[str, list[Cost]] = {each: [] for each in (STORE, KERNEL, *HAND)}
        cold = _first_call(folder, ours)
        module_cost("benchmarks.kernel_hot_path", *ours, "--variant", KERNEL)
        mismatches = {}
        for _ in range(runs):
            shutil.rmtree(store)
            for part in (STORE, KERNEL):
                words = [*ours, "--variant", part]
                costs[part].append(module_cost("benchmarks.kernel_hot_path", *words))
            for variant in HAND:
                theirs = folder / "hand.parquet"
                words = ["--lake", str(root), "--variant", variant, "--out", str(theirs)]
                costs[variant].append(module_cost("benchmarks.feature_job", *words))
                mismatches[variant] = differing(out, theirs)
        bytes_kept = sum(path.stat().st_size for path in store.rglob("*.npy"))
    _show(costs, mismatches, cold, bytes_kept)


def _first_call(folder: Path, ours: list[str]) -> Cost:
    """The kernel on a machine that never compiled it, store made meanwhile."""
    before = os.environ.get("NUMBA_CACHE_DIR")
    os.environ["NUMBA_CACHE_DIR"] = str(folder / "cache")
    try:
        return module_cost("benchmarks.kernel_hot_path", *ours, "--variant", KERNEL)
    finally:
        del os.environ["NUMBA_CACHE_DIR"]
        if before is not None:
            os.environ["NUMBA_CACHE_DIR"] = before


def _show(
    costs: dict[str, list[Cost]], mismatches: dict[str, int], cold: Cost, bytes_kept: int
) -> None:
    cpu = {name: median(cost.cpu_s for cost in runs) for name, runs in costs.items()}
    memory = {name: median(cost.peak_gb for cost in runs) for name, runs in costs.items()}
    best = min(HAND, key=lambda name: cpu[name])
    ratio, whole = cpu[KERNEL] / cpu[best], (cpu[KERNEL] + cpu[STORE]) / cpu[best]
    compiling = cold.cpu_s - cpu[STORE] - cpu[KERNEL]
    show(
        "the kernel's hot path",
        [
            *(f"{n}: {cpu[n]:.1f} s of processor time, {memory[n]:.2f} GB" for n in costs),
            f"The kernel takes {ratio:.2f} times the processor time of the best by hand ({best}), "
            f"{whole:.2f} times with the store; goals {GOAL:.2f} and {GOAL_WITH_STORE:.2f}.",
            f"The first call on a machine compiles for {compiling:.1f} s more.",
            f"The store keeps {bytes_kept / 1e9:.2f} GB. "
            f"Values that differ: {sum(mismatches.values())}.",
        ],
        {
            "cpu_s": {name: [cost.cpu_s for cost in runs] for name, runs in costs.items()},
            "wall_s": {name: [cost.wall_s for cost in runs] for name, runs in costs.items()},
            "peak_gb": {name: [cost.peak_gb for cost in runs] for name, runs in costs.items()},
            "ratio": ratio,
            "ratio_with_store": whole,
            "compiling_s": compiling,
            "store_bytes": bytes_kept,
            "mismatches": mismatches,
        },
    )


if __name__ == "__main__":
    raise SystemExit(main())
