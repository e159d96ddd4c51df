"""One day's new lines: features of all merchants a day later, beside the whole job.

Goal D8: at most 0.05 times the processor time of the compiled job over all applications. The update
opens the hot store, adds what the lake has landed since, takes the features of the day before,
which the store keeps, to the next day, and keeps them; it runs as a process of its own, as the
whole job does. What it gives is compared
byte by byte with all features computed from a store made anew.

`python -m benchmarks.one_day [--merchants N] [--lines N] [--runs N]`
"""

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.feature_job import OURS
from benchmarks.hot_sides import ALL_AGAIN, END, NEXT, THREADS, UPDATE
from benchmarks.measure import Cost, module_cost, show
from benchmarks.merchant_features import DAYS, FEATURES
from benchmarks.merchants import FIRST, LINES, MERCHANTS, landed, make_lake_apart, tell
from tradeline.creditfile.features.hot.daily import (
    kept_standing,
    next_standing,
    stand,
    standing_of,
)
from tradeline.creditfile.features.hot.store import HotStore, open_store
from tradeline.creditfile.features.table import Values
from tradeline.lake.store import open_lake

GOAL = 0.05
MOVED = """
UPDATE landed_{name} SET
  recorded_at = {first} + INTERVAL {days} DAY
    + to_microseconds(epoch_us(recorded_at) - epoch_us(occurred_at))
    + to_microseconds(epoch_us(occurred_at) % 86400000000),
  occurred_at = {first} + INTERVAL {days} DAY
    + to_microseconds(epoch_us(occurred_at) % 86400000000)
"""


def main(words: Sequence[str] | None = None) -> int:
    """Measure the day, or run one part of it once."""
    options = _options(words)
    with TemporaryDirectory() as folder:
        measure(Path(folder), options.merchants, options.lines, options.runs)
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.one_day", description=__doc__)
    parser.add_argument("--merchants", type=int, default=MERCHANTS, help=f"({MERCHANTS})")
    parser.add_argument("--lines", type=int, default=LINES, help=f"({LINES})")
    parser.add_argument("--runs", type=int, default=3, help="runs of each variant (3)")
    return parser.parse_args(words)


def tell_a_day(lake: Path, merchants: int, lines: int) -> int:
    """Land the lines of the day after the history as a batch; how many."""
    new = max(lines // DAYS, 1)
    with landed(merchants, lines, lines + new) as connection:
        for name in ("orders", "refunds"):
            connection.execute(MOVED.format(name=name, first=FIRST, days=DAYS))
        tell(lake, connection, "a day", lambda _: None)
    return new


def measure(folder: Path, merchants: int, lines: int, runs: int) -> None:
    """The whole job, then the day: each several times."""
    lake, kept, store = folder / "lake", folder / "kept", folder / "hot"
    make_lake_apart(lake, merchants, lines)
    whole, out = ["--lake", str(lake), "--variant", OURS], folder / "out"
    jobs = [
        module_cost("benchmarks.feature_job", *whole, "--out", f"{out}.parquet")
        for _ in range(runs)
    ]
    stand(open_store(kept, open_lake(lake), FEATURES), END, FEATURES, THREADS)
    new = tell_a_day(lake, merchants, lines)
    costs: dict[str, list[Cost]] = {"whole job": jobs, UPDATE: [], ALL_AGAIN: []}
    for place in range(runs + 1):
        for variant in (UPDATE, ALL_AGAIN):
            shutil.rmtree(store, ignore_errors=True)
            shutil.copytree(kept, store)
            words = ["--lake", str(lake), "--store", str(store), "--out", f"{out}-{variant}.npy"]
            cost = module_cost("benchmarks.hot_sides", variant, *words)
            if place:  # the first run compiles
                costs[variant].append(cost)
    anew = open_store(folder / "anew", open_lake(lake), FEATURES)
    expected = _by_name(anew, standing_of(anew, NEXT, FEATURES, THREADS).values)
    opened = open_store(store, open_lake(lake), FEATURES)
    same = all(
        _by_name(opened, np.load(f"{out}-{variant}.npy")) == expected
        for variant in (UPDATE, ALL_AGAIN)
    )
    before = kept_standing(open_store(kept, open_lake(lake), FEATURES), FEATURES)
    assert before
    computed = next_standing(opened, before, NEXT).computed
    _show(costs, new, computed, opened.manifest.firms, same)


def _by_name(store: HotStore, values: Values) -> bytes:
    return values[[store.places[name] for name in sorted(store.places)]].tobytes()


def _show(costs: dict[str, list[Cost]], new: int, computed: int, firms: int, same: bool) -> None:
    cpu = {name: median(cost.cpu_s for cost in runs) for name, runs in costs.items()}
    ratio = cpu[UPDATE] / cpu["whole job"]
    show(
        "one day's new lines",
        [
            *(f"{name}: {cpu[name]:.2f} s of processor time" for name in costs),
            f"{new:,} new lines; of {firms:,} merchants {computed:,} were computed anew.",
            f"The update takes {ratio:.3f} times the processor time of the whole job; "
            f"goal {GOAL:.2f}.",
            f"The same bytes as from a store made anew: {'yes' if same else 'no'}.",
        ],
        {
            "cpu_s": {name: [cost.cpu_s for cost in runs] for name, runs in costs.items()},
            "wall_s": {name: [cost.wall_s for cost in runs] for name, runs in costs.items()},
            "peak_gb": {name: [cost.peak_gb for cost in runs] for name, runs in costs.items()},
            "ratio": ratio,
            "new_lines": new,
            "merchants": firms,
            "computed": computed,
            "same": same,
        },
    )


if __name__ == "__main__":
    raise SystemExit(main())
