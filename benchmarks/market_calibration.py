"""How well PDs and their intervals hold on markets whose truth is known.

For each of consecutive seeds a market is made and assessed by the product's own steps; PDs are
stated at the default rate among firms with a known outcome, which is what a lender can see. The
firms without a known outcome are then set against their true PD and their fate. Each seed's record
is a line of a file, so that a study that stopped goes on where it was, as long as neither its
settings nor the product have changed.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from benchmarks.market_record import Record, market_record
from benchmarks.market_summary import summary_lines, summary_of
from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.risk.manifest import code_entry, parameter_entries
from tradeline.world.settings import WorldSettings

SETTINGS = ("enterprises", "resamples", "unseen_sector_shock")


def main(words: Sequence[str] | None = None) -> int:
    """Study the seeds that the file lacks, then print what all of them show."""
    options = _options(words)
    known = {record["seed"]: record for record in _read(options)}
    wanted = range(options.first_seed, options.first_seed + options.seeds)
    missing = [seed for seed in wanted if seed not in known]
    for judged in _study(missing, options):
        record = judged | {"code": _code()}
        known[record["seed"]] = record
        options.records.parent.mkdir(parents=True, exist_ok=True)
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


def _read(options: argparse.Namespace) -> list[Record]:
    """The records of this very study; those of other settings or other code stay where they are."""
    if not options.records.exists():
        return []
    lines = options.records.read_text(encoding="utf-8").splitlines()
    wanted = {name: getattr(options, name) for name in SETTINGS} | {"code": _code()}
    return [
        record
        for record in map(json.loads, lines)
        if wanted == {name: record.get(name) for name in wanted}
    ]


@cache
def _code() -> str:
    entries = (code_entry(), *parameter_entries())
    return hash_bytes(canonical_json([entry.digest for entry in entries]).encode())


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
