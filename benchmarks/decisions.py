"""Decisions one by one, in a batch, and replayed: processor time, and whether all are equal.

Goals: the core of one decision at most 0.2 ms of processor time; at least 3,000 full decisions with
their record a second of processor time; a million logged decisions replayed in at most 60 s, all
equal to the bit to the log, which the single path confirms on a part. With --factors the example's
card of five factors is replaced by a made-up one of so many.
`python -m benchmarks.decisions [--applications N] [--singly N] [--factors N]`
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import cpu_seconds, show
from tradeline.lake.columns import Column, Columns, differing, objects, row_of
from tradeline.risk.decisions.application import Application, Applications, as_columns
from tradeline.risk.decisions.batch import decide_batch
from tradeline.risk.decisions.deciding import decide
from tradeline.risk.decisions.engine import Engine, Rules, make_engine
from tradeline.risk.decisions.engine_file import read_engine
from tradeline.risk.decisions.horizon import constant_pace
from tradeline.risk.decisions.log import append
from tradeline.risk.decisions.record import Decision, decision_columns
from tradeline.risk.decisions.replay import replay
from tradeline.risk.decisions.seen import seen_columns
from tradeline.risk.scoring.scorecard import Scorecard

ENGINE = Path(__file__).parents[1] / "examples" / "decide" / "engine.yaml"
AT = datetime(2026, 6, 30, 12, tzinfo=UTC)
SECTORS = ("logistics", "services", "manufacturing", "construction")


def made(rows: int, seed: int = 1) -> Applications:
    """Applications of made-up firms; of 2 % something is missing, old or out of range."""
    generator = np.random.default_rng(seed)
    values: dict[str, Any] = {
        "sales_growth_12m": generator.normal(0.15, 0.35, rows),
        "buyer_hhi_12m": generator.random(rows),
        "margin_12m": generator.normal(0.2, 0.1, rows),
        "days_since_last_sale": generator.integers(0, 60, rows).astype(float),
        "region": objects(generator.choice(["north", "south", "coast"], rows).tolist()),
        "cash_flow_minor": generator.integers(100_000, 9_000_000, rows),
        "debt_service_minor": generator.integers(0, 400_000, rows),
        "debt_service_share": generator.random(rows) * 0.45,
        "exposure_minor": np.zeros(rows, dtype=np.int64),
        "sector_exposure_minor": np.zeros(rows, dtype=np.int64),
        "sector": objects(generator.choice(SECTORS, rows).tolist()),
        "currency": objects(["CNY"] * rows),
        "overdue_days_elsewhere": generator.choice([0, 0, 0, 0, 10, 45], rows),
        "months_in_business": generator.integers(3, 90, rows),
        "lending_suspended": np.zeros(rows, dtype=bool),
        "requested_minor": generator.integers(2, 90, rows) * 1_000_000,
    }
    values["margin_12m"][generator.random(rows) < 0.05] = np.nan
    values["sales_growth_12m"][generator.random(rows) < 0.01] = np.nan
    ages = {name: np.zeros(rows, dtype=np.int64) for name in values}
    ages["buyer_hhi_12m"][generator.random(rows) < 0.01] = 200
    until = np.full(rows, np.datetime64("2026-12-31", "us"))
    names = [f"app_{place:07d}" for place in range(rows)]
    return Applications(objects(names), objects(names), until, values, ages)


def with_factors(applications: Applications, factors: int, seed: int = 2) -> Applications:
    """The applications with so many made-up features beside what they have."""
    X = np.random.default_rng(seed).normal(size=(len(applications), factors))
    more = {f"feature_{place:02d}": X[:, place] for place in range(factors)}
    fresh = {name: np.zeros(len(X), dtype=np.int64) for name in more}
    values, ages = applications.values, applications.ages_days
    return replace(applications, values={**values, **more}, ages_days={**ages, **fresh})


def engine_of(factors: int) -> Engine:
    """An engine like the example's whose card has so many factors of ten bins."""
    generator = np.random.default_rng(3)
    X = generator.normal(size=(20_000, factors))
    risk = -3.2 + X @ np.full(factors, 2.5 / factors)
    names = tuple(f"feature_{place:02d}" for place in range(factors))
    card = Scorecard(
        names=names, directions=(1,) * factors, max_bins=10, split_gain=0.0, base_rate=0.03,
        information_value_min=-1.0, correlation_max=1.0, penalties=(1000.0,),
    ).fit(X, generator.random(len(X)) < 1 / (1 + np.exp(-risk))).card_  # fmt: skip
    rules = Rules(92, changeable=dict.fromkeys(names[::2], 12))
    example = read_engine(ENGINE, AT.date())
    return make_engine(
        f"{factors} factors", f"sha256:{factors}", card, None, rules, example.policy,
        example.terms, constant_pace, {"engine.yaml": f"name: {factors} factors\n"},
    )  # fmt: skip


def one_by_one(applications: Applications, count: int) -> list[Application]:
    """The first applications as single ones, with plain values."""
    until = AT + timedelta(days=180)
    return [
        Application(
            str(applications.application[row]),
            str(applications.enterprise[row]),
            until,
            row_of(applications.values, row),
            row_of(applications.ages_days, row),
        )
        for row in range(count)
    ]


def _singly(engine: Engine, applications: list[Application]) -> dict[str, float]:
    """Microseconds of one decision alone, and with its record in the columns of a log."""
    for one in applications[:200]:
        decide(one, engine, AT)
    core, decided = cpu_seconds(lambda: [decide(one, engine, AT) for one in applications])
    with TemporaryDirectory() as folder:
        record, _ = cpu_seconds(lambda: _logged(Path(folder), decided, applications, engine))
    return {
        "core_us": core / len(decided) * 1e6,
        "full_per_s": len(decided) / (core + record),
    }


def _logged(
    folder: Path, decided: list[Decision], applications: list[Application], engine: Engine
) -> None:
    records = decision_columns(decided, engine) | seen_columns(as_columns(applications))
    append(folder / "log", records, engine.hash, engine.files, AT)


def _rows(columns: Columns, rows: NDArray[np.int64]) -> dict[str, Column]:
    return {name: column[rows] for name, column in columns.items()}


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print words and a line of JSON."""
    parser = argparse.ArgumentParser(prog="benchmarks.decisions", description=__doc__)
    parser.add_argument("--applications", type=int, default=1_000_000, help="(%(default)s)")
    parser.add_argument("--singly", type=int, default=20_000, help="of them alone (%(default)s)")
    parser.add_argument("--factors", type=int, metavar="N", help="(those of the example)")
    options = parser.parse_args(words)
    engine = engine_of(options.factors) if options.factors else read_engine(ENGINE, AT.date())
    applications = with_factors(made(options.applications), options.factors or 0)
    alone = one_by_one(applications, min(options.singly, options.applications))
    singly = _singly(engine, alone)
    with TemporaryDirectory() as folder:
        root = Path(folder) / "log"
        batch, (records, _) = cpu_seconds(lambda: decide_batch(applications, engine, AT))
        entry = append(root, records | seen_columns(applications), engine.hash, engine.files, AT)
        again, replayed = cpu_seconds(lambda: replay(root, entry, engine))
    part = {name: column[: len(alone)] for name, column in records.items()}
    again_alone = decision_columns([decide(one, engine, AT) for one in alone], engine)
    kept = np.flatnonzero(part["propensity"] == 1)
    unequal = differing(_rows(again_alone, kept), _rows(part, kept))
    counts = {str(one): int(count) for one, count in zip(
        *np.unique(records["outcome"].astype(str), return_counts=True), strict=True)}  # fmt: skip
    show(
        "decisions",
        [
            f"{options.applications:,} applications, {len(engine.card.factors)} factors: {counts}.",
            f"One alone: {singly['core_us']:.0f} us of processor time (goal 200).",
            f"With record and log: {singly['full_per_s']:,.0f} a second (goal 3,000).",
            f"In a batch: {batch / options.applications * 1e6:.1f} us each.",
            f"Replay of all: {again:.1f} s (goal 60), {len(replayed.mismatches)} not equal.",
            f"Of {len(alone):,} decided alone too, {len(unequal)} columns differ.",
        ],
        {
            "applications": options.applications,
            "factors": len(engine.card.factors),
            "outcomes": counts,
            **singly,
            "batch_s": batch,
            "replay_s": again,
            "mismatches": len(replayed.mismatches),
            "columns_differing_singly": len(unequal),
        },
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
