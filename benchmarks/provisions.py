"""Expected losses of a portfolio beside creditriskengine: the same figures, and what they take.

Loans are made with rising PDs, schedules that fall and stages by days past due. Ours works on
arrays, the peer loan by loan; the peer discounts by whole periods, so it is given months and a
monthly rate. Stages by days past due are compared as well. The peer is a process of its own and
counts its own work alone.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.measure import cpu_seconds, show, sound_cost
from tradeline.lending.provisions.expected_loss import Loans, expected_loss
from tradeline.lending.provisions.stages import Seen, read_stage_rules, staged

MONTHS = 36
PEER = Path(".venv-peers/bin/python")
PEER_FILE = Path(__file__).parent / "peers" / "creditriskengine_losses.py"
DAY = date(2026, 1, 1)


def main(words: Sequence[str] | None = None) -> int:
    """Work out the same loans on both sides and compare."""
    options = _options(words)
    loans, days = made(options.loans, np.random.default_rng(1))
    seconds, ours = cpu_seconds(lambda: expected_loss(loans))
    rules = read_stage_rules(DAY)
    looks = [Seen(DAY, int(late), 0.01, 0.01) for late in days[: options.staged]]
    stages = [staged(rules, [look])[0].stage for look in looks]
    peer = _peer(options.peer, loans, days[: options.staged])
    lines = [
        f"{options.loans:,} loans of {MONTHS} months.",
        f"ours: {seconds:.3f} s of processor time, {options.loans / seconds:,.0f} loans a second",
    ]
    figures: dict[str, Any] = {"loans": options.loans, "cpu_s": {"ours": seconds}}
    if peer:
        taken, theirs, their_stages = peer
        apart = float(np.abs(ours - theirs).max())
        agree = sum(one == other for one, other in zip(stages, their_stages, strict=True))
        lines += [
            f"creditriskengine: {taken:.2f} s, {taken / seconds:,.0f} times as long",
            f"losses differ by at most {apart:.3f} minor units, half of one being rounding",
            f"stages by days past due agree for {agree:,} of {len(stages):,}",
        ]
        figures["cpu_s"]["creditriskengine"] = taken
        figures |= {"apart_minor": apart, "stages_agreeing": agree, "stages": len(stages)}
    show("provisions", lines, figures)
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.provisions",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--loans", type=int, default=100_000, help="loans (100000)")
    parser.add_argument("--staged", type=int, default=10_000, help="loans to stage (10000)")
    parser.add_argument(
        "--peer", type=Path, default=PEER, help=f"python with creditriskengine ({PEER})"
    )
    return parser.parse_args(words)


def made(count: int, generator: np.random.Generator) -> tuple[Loans, np.ndarray]:
    """Loans of all stages, and the days past due that put them there."""
    days = generator.choice([0, 5, 30, 31, 60, 89, 90, 200], count)
    stage = 1 + (days > 30) + (days >= 90)
    hazards = generator.uniform(0.0, 0.03, (count, 1)) * np.linspace(1.2, 0.8, MONTHS)
    pds = (1 - np.cumprod(1 - hazards, axis=1)).astype(np.float64)
    owed = generator.integers(10_000, 50_000_000, count).astype(np.float64)
    terms = generator.integers(3, MONTHS + 1, (count, 1))
    left = np.clip(1 - np.arange(MONTHS) / terms, 0, None)
    lgd, rate = generator.uniform(0, 1, count), generator.uniform(0.03, 0.4, count)
    return Loans(stage, pds, np.rint(owed[:, None] * left), owed, lgd, rate), days


def _peer(peer: Path, loans: Loans, days: np.ndarray) -> tuple[float, np.ndarray, list[int]] | None:
    """Processor time, losses and stages of the peer; None if it is not there."""
    if not peer.exists():
        return None
    with tempfile.TemporaryDirectory() as folder:
        given, told = Path(folder) / "loans.npz", Path(folder) / "losses.npz"
        names = ("stage", "pds", "exposure", "owed", "lgd", "rate_annual")
        np.savez(given, days_past_due=days, **{name: getattr(loans, name) for name in names})
        cost = sound_cost([str(peer.absolute()), str(PEER_FILE), str(given), str(told)])
        with np.load(told) as found:
            stages = [int(name[-1]) for name in found["stages"]]
            return json.loads(cost.said.splitlines()[-1]), found["losses"], stages


if __name__ == "__main__":
    raise SystemExit(main())
