"""Figures of a model on firms whose outcome is known, from PDs that did not see them.

Intervals come from firms drawn anew with their out-of-fold PDs as they are. They hold the chance of
which firms happened to be judged, not that of which firms the model learned from (`split_range`
hints at it), nor a change of the market. On few firms they are somewhat narrow, that of KS most.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import problem
from tradeline.risk.report.data import Figure, Interval, Validation
from tradeline.risk.scoring.cross_fit import deal_folds
from tradeline.risk.validation.calibration import calibration_bins, restate, slope_per_draw
from tradeline.risk.validation.discrimination import auc, auc_per_draw, ks_per_draw, roc_points
from tradeline.risk.validation.peer import Peer
from tradeline.risk.validation.resampling import LEVEL, Counts, by_blocks, draw_counts, interval_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

# Nearer to 0 or 1 no PD has finite log-odds.
NEAREST = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class SplitRange:
    """The lowest and the highest AUC over `count` random splits into folds."""

    count: int
    low: float
    high: float


def compare(
    bad: Flags,
    used: Floats,
    with_suspicious: Floats | None,
    peer: Peer | None,
    generator: np.random.Generator,
    *,
    base_rate: float,
    splits: SplitRange | None = None,
    level: float = LEVEL,
) -> Validation:
    """The model as used, with the suspicious features, and the plain peer, on the same draws.

    `used` and `with_suspicious` are out-of-fold PDs at the stated `base_rate`; they are restated at
    the rate of these firms, at which the peer's already are. `splits` comes from `split_range`.
    Raises InputProblem unless some firms defaulted and some did not.
    """
    _require_both_classes(bad)
    rate = float(bad.mean())
    counts = draw_counts(bad, generator)
    at_rate = restate(used, base_rate, rate)
    shown = figures(bad, at_rate, counts, level)
    other = {}
    if with_suspicious is not None:
        other = figures(bad, restate(with_suspicious, base_rate, rate), counts, level)
    plain = figures(bad, peer.pds, counts, level) if peer else {}
    meanings = _meanings(rate, splits)
    return Validation(
        len(bad),
        int(bad.sum()),
        peer.name if peer else "no plain model",
        tuple(
            Figure(name, meanings[name], interval, other.get(name), plain.get(name))
            for name, interval in shown.items()
        ),
        roc_points(bad, at_rate, counts, level),
        calibration_bins(bad, at_rate, level),
    )


def figures(bad: Flags, pds: Floats, counts: Counts, level: float = LEVEL) -> dict[str, Interval]:
    """AUC, KS, Brier, Brier skill, log loss and calibration slope of PDs at these firms' rate.

    `counts` comes from `draw_counts`. Where all PDs are the same there is no slope.
    """
    rate = bad.mean()
    near = np.clip(pds, NEAREST, 1 - NEAREST)
    brier = brier_per_draw(bad, pds, counts)
    per_draw = {
        "AUC": auc_per_draw(bad, pds, counts),
        "KS": ks_per_draw(bad, pds, counts),
        "Brier score": brier,
        "Brier skill": 1 - brier / (rate * (1 - rate)),
        "Log loss": log_loss_per_draw(bad, pds, counts),
    }
    if np.ptp(pds) > 0:
        per_draw["Calibration slope"] = slope_per_draw(bad, np.log(near / (1 - near)), counts)
    return {name: interval_of(values, level) for name, values in per_draw.items()}


def brier_per_draw(bad: Flags, pds: Floats, counts: Counts) -> Floats:
    """Mean squared error of the PD, each draw."""
    return _mean_per_draw((pds - bad) ** 2, counts)


def log_loss_per_draw(bad: Flags, pds: Floats, counts: Counts) -> Floats:
    """Mean of minus the log of the probability that was given to what happened, each draw."""
    near = np.clip(pds, NEAREST, 1 - NEAREST)
    return _mean_per_draw(-np.log(np.where(bad, near, 1 - near)), counts)


def split_range(
    predict: Callable[[Ints], Floats], bad: Flags, generator: np.random.Generator, count: int
) -> SplitRange:
    """The lowest and the highest AUC over `count` other random splits into folds.

    `predict` gives out-of-fold PDs for the fold of each firm, and is called once a split: this is
    for few firms, where the split matters and a fit is quick.
    """
    dealt = (deal_folds(bad, generator) for _ in range(count))
    aucs = [auc(bad, predict(fold)) for fold in dealt]
    return SplitRange(count, min(aucs), max(aucs))


def _mean_per_draw(loss: Floats, counts: Counts) -> Floats:
    def figure(block: Counts) -> Floats:
        mean: Floats = np.einsum("df,f->d", block, loss) / len(loss)
        return mean

    return by_blocks(figure, counts)


def _meanings(rate: float, splits: SplitRange | None) -> dict[str, str]:
    others = ""
    if splits:
        others = (
            f"; over {splits.count} other random splits into folds from {splits.low:.3f} to "
            f"{splits.high:.3f}"
        )
    brier, log_loss = rate * (1 - rate), -rate * np.log(rate) - (1 - rate) * np.log(1 - rate)
    return {
        "AUC": "how often a firm that defaulted has a higher PD than one that did not; "
        f"0.5 is chance{others}",
        "KS": "greatest distance between the PDs of firms that defaulted and of those that did "
        "not, as a share; 0 is chance, and few firms flatter it",
        "Brier score": "mean squared error of the PD at these firms' default rate; lower is "
        f"better, that rate alone has {brier:.3f}",
        "Brier skill": "the part of that Brier score of the rate alone which the PD saves; "
        "1 is perfect, below 0 is worse than no model",
        "Log loss": "mean of -log(probability given to what happened), at these firms' default "
        f"rate; lower is better, that rate alone has {log_loss:.3f}",
        "Calibration slope": "1 is right; below 1 the PDs lie too far apart, above 1 too close",
    }


def _require_both_classes(bad: Flags) -> None:
    if bad.all() or not bad.any():
        raise problem(
            "one-class",
            "outcomes",
            "Figures of a model need firms that defaulted and firms that did not.",
            "Give more firms with known outcomes, or go without validation.",
        )
