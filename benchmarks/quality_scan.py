"""Eight checks of order lines in one scan, beside Pandera with Polars: processor time and memory.

Missing and blank fields, bounds, years, clocks, currency, repeated keys, and the 95th percentile
of the lag. Each side is a process of its own that reads the same Parquet file, in turn.
The goal, at 20,000,000 rows, is at most the peer's processor time and half its memory.

Pandera lives apart, so that it pulls nothing into the product's environment:

  make .venv-peers/.ready
  python -m benchmarks.quality_scan

Without it only our side is measured. The table is made here (firms of very different sizes, ids as
platforms write them), for the checks read nothing else of a market.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from benchmarks.measure import REPOSITORY, Cost, show, sound_cost
from tradeline.kernel.money import CURRENCIES
from tradeline.lake.contracts import BY_NAME
from tradeline.lake.records import key_columns
from tradeline.lake.row_checks import check_rows

PEER = REPOSITORY / ".venv-peers" / "bin" / "python"
PEER_SCRIPT = REPOSITORY / "benchmarks" / "peers" / "pandera_scan.py"
LINES = BY_NAME["order_lines"]
LINES_PER_FIRM = 100
SPOILED = 5  # rows of each kind of failure, so that both sides must find them
CPU_GOAL, MEMORY_GOAL = 1.0, 0.5


def main(words: Sequence[str] | None = None) -> int:
    """Make the table, run both sides in turn, and compare medians."""
    options = _options(words)
    if options.scan:
        print(json.dumps(scan(options.scan)))
        return 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "order_lines.parquet"
        write_lines(path, options.rows)
        sides = {"ours": [sys.executable, "-m", "benchmarks.quality_scan", "--scan", str(path)]}
        if options.peer.exists():
            currencies = ",".join(sorted(CURRENCIES))
            sides["peer"] = [str(options.peer), str(PEER_SCRIPT), str(path), currencies]
        else:
            print(f"There is no {options.peer}, so the peer is not measured (see --help).")
        runs: dict[str, list[Cost]] = {side: [] for side in sides}
        for _ in range(options.runs):
            for side, command in sides.items():
                runs[side].append(sound_cost(command))
    _report(options.rows, runs)
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.quality_scan",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=int, default=20_000_000, help="order lines (20000000)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each side (3)")
    parser.add_argument("--peer", type=Path, default=PEER, help=f"python with Pandera ({PEER})")
    parser.add_argument("--scan", type=Path, help="only check this file (what our side runs)")
    return parser.parse_args(words)


def scan(path: Path) -> dict[str, Any]:
    """Our side: what fails, and how late rows are known."""
    place = str(path).replace("'", "''")
    relation = f"FROM read_parquet('{place}')"
    found = check_rows(duckdb.connect(), LINES, relation, key_columns(LINES))
    return {"rows": found.rows, "failing": found.failing, "lag_days_p95": found.lag_days_p95}


def write_lines(path: Path, rows: int) -> None:
    """Order lines of firms whose sizes fall off as 1 / rank, a few of them spoiled."""
    firms = max(rows // LINES_PER_FIRM, 1)
    spoilt = {
        "product": f"n < {SPOILED} THEN NULL WHEN n < {2 * SPOILED} THEN ''",
        "gross_minor": f"n < {3 * SPOILED} AND n >= {2 * SPOILED} THEN 2000000000000000",
        "recorded_at": f"n < {4 * SPOILED} AND n >= {3 * SPOILED} THEN occurred - INTERVAL 1 DAY",
        "currency": f"n < {5 * SPOILED} AND n >= {4 * SPOILED} THEN 'RMB'",
        "line_no": f"n < {6 * SPOILED} AND n >= {5 * SPOILED} THEN '1'",
    }
    order = f"CASE WHEN n >= {5 * SPOILED} AND n < {6 * SPOILED} THEN 1 ELSE n // 3 END"
    values = {
        "enterprise": f"printf('M%06d', CASE WHEN {order} = 1 THEN 0 ELSE "
        f"CAST(exp(ln({firms}) * (hash(n // 3) % 1000000) / 1000000.0) AS BIGINT) END)",
        "order_no": f"printf('O%09d', {order})",
        "line_no": "CAST(1 + n % 3 AS VARCHAR)",
        "product": "printf('P%05d', hash(n) % 50000)",
        "quantity": "CAST(1 + hash(n + 1) % 9 AS DOUBLE)",
        "gross_minor": "CAST(100 + hash(n + 2) % 100000 AS BIGINT)",
        "currency": "'CNY'",
        "counterparty": "printf('B%07d', hash(n // 3 + 7) % 5000000)",
        "occurred_at": "occurred",
        "recorded_at": "occurred + INTERVAL 1 HOUR * (hash(n + 3) % 72)",
    }
    columns = ", ".join(
        f"CASE WHEN {spoilt[name]} ELSE {value} END AS {name}"
        if name in spoilt
        else f"{value} AS {name}"
        for name, value in values.items()
    )
    duckdb.execute(
        f"COPY (SELECT {columns} FROM (SELECT n, TIMESTAMP '2023-01-01' + INTERVAL 1 SECOND * "
        f"CAST(hash(n // 3 + 9) % 63072000 AS BIGINT) AS occurred FROM range({rows}) AS lines(n))) "
        f"TO '{path}' (FORMAT parquet)"
    )


def _found(cost: Cost) -> dict[str, Any]:
    """What a side says that it found."""
    found: dict[str, Any] = json.loads(cost.said.splitlines()[-1])
    return found


def _comparable(said: dict[str, Any]) -> dict[str, Any]:
    """What was found, without how many repeated: the peer counts the first row of a key too."""
    return said | {"failing": said["failing"] | {"keys": said["failing"]["keys"] > 0}}


def _report(rows: int, runs: dict[str, list[Cost]]) -> None:
    medians = {
        side: {
            "cpu_s": median(cost.cpu_s for cost in costs),
            "wall_s": median(cost.wall_s for cost in costs),
            "peak_mb": median(cost.peak_gb * 1024 for cost in costs),
        }
        for side, costs in runs.items()
    }
    lines = [
        f"{side}: {cost['cpu_s']:.2f} s of processor time, {cost['wall_s']:.2f} s, peak "
        f"{cost['peak_mb']:,.0f} MB; found {_found(runs[side][0])}"
        for side, cost in medians.items()
    ]
    ratios: dict[str, Any] = {}
    if "peer" in medians:
        ours, peer = medians["ours"], medians["peer"]
        ratios = {
            "cpu_ratio": ours["cpu_s"] / peer["cpu_s"],
            "memory_ratio": ours["peak_mb"] / peer["peak_mb"],
            "agree": _comparable(_found(runs["ours"][0])) == _comparable(_found(runs["peer"][0])),
        }
        lines.append(
            f"Ours to the peer's: processor time {ratios['cpu_ratio']:.2f} (goal {CPU_GOAL}), "
            f"memory {ratios['memory_ratio']:.2f} (goal {MEMORY_GOAL}); both found "
            f"{'the same' if ratios['agree'] else 'something else'}."
        )
    show(
        "quality scan",
        [f"{rows:,} order lines, medians of {len(runs['ours'])} runs.", *lines],
        {"rows": rows, **medians, **ratios, "found": _found(runs["ours"][0])},
    )


if __name__ == "__main__":
    raise SystemExit(main())
