"""How well PDs and their intervals hold on markets whose truth is known.

For each of consecutive seeds a market is made and assessed by the product's own steps; PDs are
stated at the default rate among firms with a known outcome, which is what a lender can see. The
firms without a known outcome are then set against their true PD and their fate. Each seed's record
is a line of a file, so that a study that stopped goes on where it was.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from benchmarks.market_record import Record, market_record
from benchmarks.market_summary import summary_lines, summary_of
from tradeline.world.settings import WorldSettings


def main(words: Sequence[str] | None = None) -> int:
    """Study the seeds that the file lacks, then print what all of them show."""
    options = _options(words)
    known = {record["seed"]: record for record in _read(options.records)}
    wanted = range(options.first_seed, options.first_seed + options.seeds)
    missing = [seed for seed in wanted if seed not in known]
    for record in _study(missing, options):
        known[record["seed"]] = record
        with options.records.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(record) + "\n")
        _progress(f"seed {record['seed']}: done")
    summary = summary_of([known[seed] for seed in wanted])
    print("\n".join(summary_lines(summary)))
    print(json.dumps(summary))
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.market_calibration", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many markets (20)")
    parser.add_argument("--first-seed", type=int, default=101, help="the first of them (101)")
    parser.add_argument("--enterprises", type=int, default=20_000, help="firms in each (20000)")
    parser.add_argument("--resamples", type=int, default=200, help="refits for the ranges (200)")
    parser.add_argument("--jobs", type=int, default=1, help="markets at a time (1)")
    parser.add_argument(
        "--unseen-sector-shock", action="store_true", help="a sector and its shock are never seen"
    )
    parser.add_argument(
        "--records", type=Path, required=True, help="the file of records, a line for each seed"
    )
    return parser.parse_args(words)


def _read(path: Path) -> list[Record]:
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _study(seeds: Sequence[int], options: argparse.Namespace) -> Iterable[Record]:
    settings = [
        WorldSettings(options.enterprises, seed, unseen_sector_shock=options.unseen_sector_shock)
        for seed in seeds
    ]
    if options.jobs == 1:
        yield from (market_record(one, options.resamples, _progress) for one in settings)
        return
    with ProcessPoolExecutor(options.jobs, get_context("spawn")) as pool:
        yield from pool.map(_record, settings, [options.resamples] * len(settings))


def _record(settings: WorldSettings, resamples: int) -> Record:
    return market_record(settings, resamples, _progress)


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
