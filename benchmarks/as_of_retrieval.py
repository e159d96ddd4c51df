"""Stored features retrieved as of applications: ours beside DuckDB and Polars by hand, and Feast.

Each side is a process of its own that reads the same Parquet files and writes Parquet, several
times in turn; medians count, processor time first: imports and work apart, then all together. Then
it is counted how many applications came back, and how many values are not ours.
Goal D4: at most 1.5 times the processor time of DuckDB's ASOF join, a fifth of Feast's, and no
application lost.

Feast lives apart, so that it pulls nothing into the product's environment:

  make .venv-peers/.ready
  python -m benchmarks.as_of_retrieval

Without it the other sides are measured.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import duckdb

from benchmarks.measure import REPOSITORY, show, sound_cost
from benchmarks.retrieval_sides import SIDES

PEER = REPOSITORY / ".venv-peers" / "bin" / "python"
PEER_SCRIPT = REPOSITORY / "benchmarks" / "peers" / "feast_retrieval.py"
STORES = ("duckdb", "dask")
HAS_FEAST = "import importlib.util, sys; sys.exit(importlib.util.find_spec('feast') is None)"
SIZES = ("rows", "applications", "features")
HAND_GOAL, FEAST_GOAL = 1.5, 5
NUMBERED = (
    "(SELECT file_row_number AS application, * FROM read_parquet('{path}', file_row_number = true))"
)
LATER_ONLY = """
SELECT count(*) FROM '{folder}/applications.parquet' AS a JOIN (
  SELECT enterprise, min(as_of) AS first FROM '{folder}/stored.parquet' GROUP BY enterprise
) AS s ON a.enterprise = s.enterprise AND a.as_of < s.first
"""


@dataclass(frozen=True, slots=True)
class Parts:
    """Seconds of processor time and wall time of one process; memory of its largest member."""

    imports_s: float
    work_s: float
    cpu_s: float
    wall_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Answer:
    """How many applications did not come back, and how many values of those that did differ."""

    lost: int
    differing: int


def main(words: Sequence[str] | None = None) -> int:
    """Make the tables, run all sides in turn, and compare."""
    options = _options(words)
    with TemporaryDirectory() as name:
        folder = Path(name)
        sizes = [f"--{size}={getattr(options, size)}" for size in SIZES]
        # In a process of its own, for the peak of a process counts from that of its parent.
        subprocess.run([*_ours("tables", folder), *sizes], cwd=REPOSITORY, check=True)
        commands = {side: _ours(side, folder) for side in SIDES} | _feast(options.peer, folder)
        outs = {side: folder / f"{side}.parquet" for side in commands}
        runs: dict[str, list[Parts]] = {side: [] for side in commands}
        for _ in range(options.runs):
            for side, command in commands.items():
                runs[side].append(parts_of([*command, "--out", str(outs[side])]))
        answers = {side: compared(folder, side, out) for side, out in outs.items()}
        later = _count(LATER_ONLY.format(folder=folder))
    _report(options, runs, answers, later)
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.as_of_retrieval",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rows", type=int, default=905_000, help="stored rows (905000)")
    parser.add_argument("--applications", type=int, default=80_000, help="(80000)")
    parser.add_argument("--features", type=int, default=17, help="features of a row (17)")
    parser.add_argument("--runs", type=int, default=3, help="runs of each side (3)")
    parser.add_argument("--peer", type=Path, default=PEER, help=f"python with Feast ({PEER})")
    return parser.parse_args(words)


def _ours(side: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", "benchmarks.retrieval_sides", side, str(folder)]


def _feast(peer: Path, folder: Path) -> dict[str, list[str]]:
    """The commands of Feast's stores; none, and a word why, where it is not installed."""
    if not peer.exists() or subprocess.run([peer, "-c", HAS_FEAST], check=False).returncode:
        print(f"There is no Feast for {peer}, so it is not measured (see --help).")
        return {}
    return {f"feast {kind}": [str(peer), str(PEER_SCRIPT), kind, str(folder)] for kind in STORES}


def parts_of(command: Sequence[str]) -> Parts:
    """What a side takes, by its own word in parts, in all as it is measured from outside."""
    cost = sound_cost(command, os.environ | {"FEAST_USAGE": "False"})
    said = json.loads(cost.said.splitlines()[-1])
    peak_mb = cost.peak_gb * 1024
    return Parts(said["imports_s"], said["work_s"], cost.cpu_s, cost.wall_s, peak_mb)


def compared(folder: Path, side: str, out: Path) -> Answer:
    """A side's result beside ours, and ours, by its order, beside the applications.

    Results are matched by the number of the application; missing equals missing.
    """
    asked = NUMBERED.format(path=folder / "applications.parquet")
    ours = NUMBERED.format(path=folder / "ours.parquet")
    left, right = (asked, ours) if side == "ours" else (ours, f"'{out}'")
    if side == "ours":
        names = ["enterprise", "as_of"]
    else:
        described = duckdb.execute(f"DESCRIBE FROM '{out}'").fetchall()
        names = [name for name, *_ in described if name.startswith("feature_")]
    unequal = " + ".join(
        f"count(*) FILTER ({_value('a', name)} IS DISTINCT FROM {_value('b', name)})"
        for name in names
    )
    lost = _count(f"SELECT count(*) FROM {left} AS a ANTI JOIN {right} AS b USING (application)")
    differing = _count(f"SELECT {unequal} FROM {left} AS a JOIN {right} AS b USING (application)")
    return Answer(lost, differing)


def _value(table: str, name: str) -> str:
    """A value in SQL; what pandas makes of a missing number is missing."""
    value = f"{table}.{name}"
    return f"nullif({value}, 'nan'::DOUBLE)" if name.startswith("feature_") else value


def _count(sql: str) -> int:
    ((number,),) = duckdb.execute(sql).fetchall()
    return int(number)


def _report(
    options: argparse.Namespace,
    runs: dict[str, list[Parts]],
    answers: dict[str, Answer],
    later_only: int,
) -> None:
    medians = {
        side: Parts(*(median(getattr(cost, part.name) for cost in costs) for part in fields(Parts)))
        for side, costs in runs.items()
    }
    ours = medians["ours"]
    ratios = {
        side: {"work": cost.work_s / ours.work_s, "cpu": cost.cpu_s / ours.cpu_s}
        for side, cost in medians.items()
        if side != "ours"
    }
    show(
        "as-of retrieval",
        [
            f"{options.rows:,} stored rows of {options.features} features, "
            f"{options.applications:,} applications, {later_only} of them of firms with later "
            f"rows only; medians of {options.runs} runs.",
            *(_line(side, medians[side], answers[side]) for side in medians),
            *(
                f"{side} takes {ratio['work']:.2f} times our processor time, "
                f"{ratio['cpu']:.2f} times with imports."
                for side, ratio in ratios.items()
            ),
            f"Goals: DuckDB at least {1 / HAND_GOAL:.2f}, Feast at least {FEAST_GOAL}, none lost.",
        ],
        {
            **{size: getattr(options, size) for size in SIZES},
            "later_only": later_only,
            "sides": {
                side: {
                    **asdict(medians[side]),
                    **asdict(answers[side]),
                    "runs": [asdict(cost) for cost in runs[side]],
                }
                for side in medians
            },
            "times_ours": ratios,
        },
    )


def _line(side: str, cost: Parts, answer: Answer) -> str:
    return (
        f"{side}: {cost.work_s:.2f} s of processor time beside {cost.imports_s:.2f} s of imports, "
        f"{cost.cpu_s:.2f} s in all, {cost.wall_s:.2f} s, peak {cost.peak_mb:,.0f} MB; "
        f"{answer.lost} applications lost, {answer.differing} values differ."
    )


if __name__ == "__main__":
    sys.exit(main())
