"""One day's new lines: features of all merchants a day later, beside the whole job.

Goal D8: at most 0.05 times the processor time of the compiled job over all applications. The update
opens the hot store, adds what the lake has landed since, and takes the features of the day before
to the next day; it runs as a process of its own, as the whole job does. What it gives is compared
byte by byte with all features computed from a store made anew.

`python -m benchmarks.one_day [--merchants N] [--lines N] [--runs N]`
"""

import argparse
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.feature_job import OURS
from benchmarks.measure import Cost, module_cost, show
from benchmarks.merchant_features import FEATURES
from benchmarks.merchants import DAYS, FIRST, LINES, MERCHANTS, landed, make_lake_apart, tell
from tradeline.creditfile.features.hot.daily import Standing, next_standing, standing_of
from tradeline.creditfile.features.hot.store import HotStore, open_store
from tradeline.lake.store import open_lake

UPDATE, ALL_AGAIN = "update", "all again by the kernel"
END = datetime(2023, 1, 1) + timedelta(days=DAYS)  # noqa: DTZ001
NEXT = END + timedelta(days=1)
THREADS = 2
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
    if options.variant:
        run(options.lake, options.store, options.variant, options.out)
        return 0
    with TemporaryDirectory() as folder:
        measure(Path(folder), options.merchants, options.lines, options.runs)
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.one_day", description=__doc__)
    parser.add_argument("--merchants", type=int, default=MERCHANTS, help=f"({MERCHANTS})")
    parser.add_argument("--lines", type=int, default=LINES, help=f"({LINES})")
    parser.add_argument("--runs", type=int, default=3, help="runs of each variant (3)")
    parser.add_argument("--lake", type=Path, help="the lake of one part")
    parser.add_argument("--variant", choices=(UPDATE, ALL_AGAIN), help="run this one only, once")
    parser.add_argument("--store", type=Path, help="the hot store of that one")
    parser.add_argument("--out", type=Path, help="where that one writes")
    return parser.parse_args(words)


def run(lake: Path, root: Path, variant: str, out: Path) -> None:
    """One part of the job, once: features of all merchants as of the next day."""
    store = open_store(root, open_lake(lake), FEATURES)
    firms = sorted(store.places)
    if variant == UPDATE:
        standing = next_standing(store, _before(root.parent), firms, NEXT, THREADS)
    else:
        standing = standing_of(store, firms, NEXT, FEATURES, THREADS)
    np.save(out, standing.values)


def _before(folder: Path) -> Standing:
    firms = tuple((folder / "firms.txt").read_text("utf-8").split())
    values = np.load(folder / "before.npy")
    return Standing(firms, END, FEATURES, values, 1, frozenset(("orders", "refunds")), 0)


def _keep_before(folder: Path, store: HotStore) -> None:
    firms = sorted(store.places)
    standing = standing_of(store, firms, END, FEATURES, THREADS)
    assert standing.entry == 1
    assert standing.begun == {"orders", "refunds"}
    (folder / "firms.txt").write_text("\n".join(firms), encoding="utf-8")
    np.save(folder / "before.npy", standing.values)


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
    _keep_before(folder, open_store(kept, open_lake(lake), FEATURES))
    new = tell_a_day(lake, merchants, lines)
    costs: dict[str, list[Cost]] = {"whole job": jobs, UPDATE: [], ALL_AGAIN: []}
    for place in range(runs + 1):
        for variant in (UPDATE, ALL_AGAIN):
            shutil.rmtree(store, ignore_errors=True)
            shutil.copytree(kept, store)
            words = ["--lake", str(lake), "--store", str(store), "--out", f"{out}-{variant}.npy"]
            cost = module_cost("benchmarks.one_day", *words, "--variant", variant)
            if place:  # the first run compiles
                costs[variant].append(cost)
    anew = open_store(folder / "anew", open_lake(lake), FEATURES)
    expected = standing_of(anew, sorted(anew.places), NEXT, FEATURES, THREADS).values
    same = all(
        np.load(f"{out}-{variant}.npy").tobytes() == expected.tobytes()
        for variant in (UPDATE, ALL_AGAIN)
    )
    opened = open_store(store, open_lake(lake), FEATURES)
    computed = next_standing(opened, _before(folder), sorted(opened.places), NEXT).computed
    _show(costs, new, computed, len(anew.places), same)


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
