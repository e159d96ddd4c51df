"""PDs by month from loans that were seen for a while, beside lifelines; the truth is known.

Loans are simulated month by month: the hazard rises and falls again, and half of the loans leave
early. In one world a sign of risk fades with time, in the other it does not. Ours learns how hazard
and sign change; Cox's model lets the hazard be free and the sign constant, Weibull's has a curve of
two numbers, and Kaplan and Meier's estimate knows no sign. Errors are of the cumulative PD, in the
mean over loans, relative to the mean true PD of the month. The peer is a process of its own; both
sides count their fits alone.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from benchmarks.measure import cpu_seconds, show, sound_cost
from tradeline.risk.losses.hazard import cumulative_of, fit_hazard

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

HORIZON = 24
MONTHS = (3, 6, 12, 24)
PEER = Path(".venv-peers/bin/python")
PEER_FILE = Path(__file__).parent / "peers" / "lifelines_hazard.py"


def main(words: Sequence[str] | None = None) -> int:
    """Fit both on the same loans and compare their PDs with the truth."""
    options = _options(words)
    for world, fading in (("a sign that fades", 0.9), ("a sign that lasts", 0.0)):
        _compare(options, world, fading)
    return 0


def _compare(options: argparse.Namespace, world: str, fading: float) -> None:
    """Both sides on the portfolios of one world."""
    totals: dict[str, list[Floats]] = {}
    costs: dict[str, list[float]] = {}
    for seed in range(options.seeds):
        x, months, defaulted = loans(options.loans, fading, np.random.default_rng(seed))
        truth = cumulative_of(true_log_odds(x, fading))[:, [m - 1 for m in MONTHS]]
        sides = {"ours": _ours(x, months, defaulted)} | _peers(options.peer, x, months, defaulted)
        for name, (seconds, pds) in sides.items():
            error = np.abs(pds - truth).mean(axis=0) / truth.mean(axis=0)
            totals.setdefault(name, []).append(error)
            costs.setdefault(name, []).append(seconds)
    _report(options, world, totals, costs)


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="benchmarks.hazard",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--loans", type=int, default=10_000, help="loans (10000)")
    parser.add_argument("--seeds", type=int, default=10, help="simulated portfolios (10)")
    parser.add_argument("--peer", type=Path, default=PEER, help=f"python with lifelines ({PEER})")
    return parser.parse_args(words)


def true_log_odds(x: Floats, fading: float) -> Floats:
    """Logits of the true hazards (loans x months)."""
    month = np.arange(1, HORIZON + 1)
    level = -5.0 + 1.2 * np.exp(-(((month - 8) / 5.0) ** 2))
    slope = 1.0 - fading * (1 - np.exp(-month / 8.0))
    return np.asarray(level + slope * x[:, None])


def loans(count: int, fading: float, generator: np.random.Generator) -> tuple[Floats, Ints, Flags]:
    """The sign of risk of each loan, the months that it was seen for, and whether it defaulted."""
    x = generator.normal(size=count).round(1)
    falls = generator.random((count, HORIZON)) < expit(true_log_odds(x, fading))
    month = np.where(falls.any(axis=1), falls.argmax(axis=1) + 1, HORIZON + 1)
    stays = generator.random(count) < 0.5
    leaves = np.where(stays, HORIZON, generator.integers(1, HORIZON, count))
    return x, np.minimum(month, leaves), month <= leaves


def _ours(x: Floats, months: Ints, defaulted: Flags) -> tuple[float, Floats]:
    seconds, model = cpu_seconds(
        lambda: fit_hazard(x[:, None], months, defaulted, features=("x",), horizon_months=HORIZON)
    )
    return seconds, model.cumulative(x[:, None])[:, [month - 1 for month in MONTHS]]


def _peers(peer: Path, x: Floats, months: Ints, defaulted: Flags) -> dict[str, Any]:
    """Processor time of each of the peer's fits, and its PDs of the loans by month."""
    if not peer.exists():
        return {}
    with tempfile.TemporaryDirectory() as folder:
        given, told = Path(folder) / "loans.npz", Path(folder) / "pds.npz"
        np.savez(given, x=x, months=months, defaulted=defaulted, at=np.array(MONTHS))
        cost = sound_cost([str(peer.absolute()), str(PEER_FILE), str(given), str(told)])
        seconds = json.loads(cost.said.splitlines()[-1])
        with np.load(told) as pds:
            return {name: (seconds[name], pds[name]) for name in seconds}


def _report(
    options: argparse.Namespace,
    world: str,
    totals: dict[str, list[Floats]],
    costs: dict[str, list[float]],
) -> None:
    errors = {name: np.mean(rows, axis=0) for name, rows in totals.items()}
    spread = {name: np.std(rows, axis=0) for name, rows in totals.items()}
    seconds = {name: float(np.median(taken)) for name, taken in costs.items()}
    lines = [
        f"{name}: "
        + ", ".join(
            f"month {month} {error:.1%} (sd {sd:.1%})"
            for month, error, sd in zip(MONTHS, errors[name], spread[name], strict=True)
        )
        + f"; {seconds[name]:.2f} s of processor time"
        for name in errors
    ]
    show(
        "hazard",
        [
            f"{options.loans:,} loans, {options.seeds} portfolios, {world}; error of the PD by the "
            "end of a month, as a share of the mean true PD.",
            *lines,
        ],
        {
            "loans": options.loans,
            "world": world,
            "portfolios": options.seeds,
            "months": MONTHS,
            "error": {name: error.round(4).tolist() for name, error in errors.items()},
            "cpu_s": seconds,
        },
    )


if __name__ == "__main__":
    raise SystemExit(main())
