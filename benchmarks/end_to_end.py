"""The whole of `tradeline assess`, as a process of its own: wall time, processor time, peak memory.

Without a folder: a simulated market of 2,000 firms, and the folder of real invoices where
`TRADELINE_DATA`, by default the folder beside the repository, has it. The goal there is under 60 s
and 2 GB on two cores; `tradeline --help` should take under 0.5 s.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

from benchmarks.measure import Cost, process_cost, show
from tradeline.world.settings import WorldSettings
from tradeline.world.writing import write_world

REPOSITORY = Path(__file__).parents[1]
REAL = Path(os.environ.get("TRADELINE_DATA", REPOSITORY.parent / "shared" / "data"))
REAL_MAPPING = REPOSITORY / "examples" / "sme_invoices" / "tradeline.yaml"
REAL_AS_OF = "2020-02-21"
BUDGET = 100_000_000
HELP_RUNS = 5


def main(words: Sequence[str] | None = None) -> int:
    """Measure the command on a folder, or on both that there are; then its start."""
    options = _options(words)
    terms = ("--budget", str(options.budget), "--resamples", str(options.resamples))
    if options.folder:
        extra = ("--mapping", str(options.mapping)) if options.mapping else ()
        dated = ("--as-of", options.as_of) if options.as_of else ()
        codes = [_assess(str(options.folder), options.folder, *terms, *extra, *dated)]
    else:
        codes = [_simulated(options.enterprises, terms), _real(terms)]
    _help()
    return max(codes)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.end_to_end", description=__doc__)
    parser.add_argument("--folder", type=Path, help="a folder of records (default: as above)")
    parser.add_argument("--mapping", type=Path, help="how to read it")
    parser.add_argument("--as-of", metavar="DATE", help="the day to decide as of")
    parser.add_argument("--budget", type=int, default=BUDGET, help=f"the budget ({BUDGET})")
    parser.add_argument("--resamples", type=int, default=200, help="refits for the ranges (200)")
    parser.add_argument("--enterprises", type=int, default=2000, help="simulated firms (2000)")
    return parser.parse_args(words)


def _simulated(enterprises: int, terms: Sequence[str]) -> int:
    settings = WorldSettings(enterprises)
    with TemporaryDirectory() as folder:
        market = Path(folder) / "market"
        write_world(settings, market, lambda _: None)
        title = f"a simulated market of {enterprises:,} firms"
        return _assess(title, market, *terms, "--as-of", settings.as_of.isoformat())


def _real(terms: Sequence[str]) -> int:
    folder = REAL / "sme_invoices"
    if not folder.is_dir():
        print("The folder of real invoices is not here, so it is not measured.")
        return 0
    words = ("--mapping", str(REAL_MAPPING), "--as-of", REAL_AS_OF)
    return _assess("a folder of 0.9 million real invoices", folder, *terms, *words)


def _assess(title: str, folder: Path, *words: str) -> int:
    with TemporaryDirectory() as out:
        cost = cost_of("assess", str(folder), "--out", f"{out}/results", *words)
    ended = "" if cost.code == 0 else f"; it ended with exit code {cost.code}"
    show(
        "end to end",
        [
            f"tradeline assess on {title}: {cost.wall_s:.1f} s, {cost.cpu_s:.1f} s of processor "
            f"time, peak memory {cost.peak_gb:.2f} GB{ended}."
        ],
        {"folder": title, **asdict(replace(cost, said=""))},
    )
    return cost.code


def _help() -> None:
    walls = [cost_of("--help").wall_s for _ in range(HELP_RUNS)]
    show(
        "start",
        [f"tradeline --help: median {median(walls):.2f} s of {HELP_RUNS} runs; goal 0.5 s."],
        {"wall_s": {"median": median(walls), "slowest": max(walls)}, "runs": HELP_RUNS},
    )


def cost_of(*words: str) -> Cost:
    """What a `tradeline` command takes from start to end, children and imports too."""
    return process_cost([sys.executable, "-m", "tradeline", *words])


if __name__ == "__main__":
    raise SystemExit(main())
