"""One credit file out of a lake of many enterprises: in process, and the whole command.

The goal is a median under 200 ms for a file as of any date with 100,000 enterprises in the lake,
read, reckoned and written as a page, in a process that has opened the lake. Each call is of another
enterprise of the lake and another day of its two years, in an order fixed by a seed.

`python -m benchmarks.one_file [--lake LAKE] [--merchants N] [--lines N] [--calls N]`
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.measure import cpu_seconds, latency_of, module_cost, show
from benchmarks.merchants import DAYS, make_lake
from tradeline.creditfile.file.page import file_page
from tradeline.creditfile.file.record import ROWS_INLINE, read_file
from tradeline.creditfile.file.subject import of_lake
from tradeline.creditfile.file.tables import file_json
from tradeline.creditfile.quality.terms import QualityTerms
from tradeline.kernel.moments import end_of
from tradeline.lake.extracts import Extracts, extracts
from tradeline.lake.reading import Moment
from tradeline.lake.store import open_lake
from tradeline.risk.evidence import read_quality_terms

GOAL_MS = 200
MERCHANTS = 100_000
LINES = 5_000_000
FIRST_DAY = date(2023, 1, 1)
YOUNGEST_DAYS = 60
COMMANDS = 3


def main(words: Sequence[str] | None = None) -> int:
    """Make the lake unless one is given; time files in process and the whole command."""
    options = _options(words)
    with TemporaryDirectory() as folder:
        root = options.lake or Path(folder) / "lake"
        if options.lake is None:
            make_lake(root, options.merchants, options.lines, lambda _: None)
        return _measure(root, options.merchants, options.calls)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.one_file", description=__doc__)
    parser.add_argument("--lake", type=Path, help="a lake of merchants (one is made)")
    parser.add_argument("--merchants", type=int, default=MERCHANTS, help=f"({MERCHANTS})")
    parser.add_argument("--lines", type=int, default=LINES, help=f"({LINES})")
    parser.add_argument("--calls", type=int, default=200, help="files in process (200)")
    return parser.parse_args(words)


def _measure(root: Path, merchants: int, calls: int) -> int:
    lake = open_lake(root)
    source, terms = extracts(lake), read_quality_terms(FIRST_DAY)
    asked = _asked(merchants, calls)
    page = [partial(_page, source, terms, *each) for each in asked]
    table = [partial(_json, source, terms, *each) for each in asked]
    latency_of(page[: calls // 4])
    cpu_s, paged = cpu_seconds(lambda: latency_of(page))
    tabled = latency_of(table)
    enterprise, day = asked[0]
    words = ("file", "show", enterprise, "--lake", str(root), "--as-of", str(day))
    costs = [module_cost("tradeline", *words) for _ in range(COMMANDS)]
    fastest = min(cost.wall_s for cost in costs)
    within = "within" if paged.median_ms < GOAL_MS else "not within"
    rows = sum(file.rows for file in lake.files)
    show(
        "one file",
        [
            f"A page of one of {merchants:,} enterprises, {rows:,} rows in the lake, as of any "
            f"day, in process: median {paged.median_ms:.0f} ms, 99th percentile "
            f"{paged.p99_ms:.0f} ms, {paged.calls:,} calls; {within} the goal of {GOAL_MS} ms. "
            f"Processor time of a page: {1000 * cpu_s / calls:.0f} ms.",
            f"The same as JSON: median {tabled.median_ms:.0f} ms, 99th percentile "
            f"{tabled.p99_ms:.0f} ms.",
            f"The whole command, cold: {fastest:.2f} s, the fastest of {COMMANDS}.",
        ],
        {"page": asdict(paged), "page_cpu_ms": 1000 * cpu_s / calls, "json": asdict(tabled),
         "command_s": fastest,
         "merchants": merchants, "rows": rows},
    )  # fmt: skip
    return 0


def _asked(merchants: int, calls: int) -> list[tuple[str, date]]:
    """Enterprises and days; large and small merchants alike."""
    random = np.random.default_rng(1)
    firms = random.integers(0, merchants, calls).tolist()
    ages = random.integers(YOUNGEST_DAYS, DAYS, calls).tolist()
    return [
        (f"M{firm:07d}", FIRST_DAY + timedelta(days=age))
        for firm, age in zip(firms, ages, strict=True)
    ]


def _page(source: Extracts, terms: QualityTerms, firm: str, day: date) -> str:
    subject = of_lake(source, firm, Moment(end_of(day), end_of(day)))
    return file_page(read_file(subject, terms, ROWS_INLINE), "lake")


def _json(source: Extracts, terms: QualityTerms, firm: str, day: date) -> str:
    subject = of_lake(source, firm, Moment(end_of(day), end_of(day)))
    return file_json(read_file(subject, terms))


if __name__ == "__main__":
    raise SystemExit(main())
