"""A scorecard fitted from raw columns, beside OptBinning and a logistic regression; one thread.

Ours does more: the penalty and the calibration come from inner folds, each with its own bins, and
the card has integer points. The bins alone are compared too.
"""

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.measure import cpu_seconds, hushed, show
from tradeline.risk.scoring.binning import BinLimits, fit_binning
from tradeline.risk.scoring.scorecard import Scorecard
from tradeline.risk.validation.discrimination import auc

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HELD_OUT = 0.2
MAX_BINS = 6


def main(words: Sequence[str] | None = None) -> int:
    """Fit both on the same rows and rank the same held-out rows."""
    options = _options(words)
    X, bad = portfolio(options.rows, options.columns, np.random.default_rng(options.seed))
    cut = int(len(bad) * (1 - HELD_OUT))
    with threadpool_limits(limits=1):
        ours = cpu_seconds(lambda: Scorecard(max_bins=MAX_BINS).fit(X[:cut], bad[:cut]))
        our_bins, _ = cpu_seconds(lambda: bins_of(X[:cut], bad[:cut]))
        with hushed():
            peer_s, peer_bins_s, peer_pds = fitted_by_peer(X, bad, cut)
    our_auc = auc(bad[cut:], ours[1].predict_proba(X[cut:])[:, 1])
    peer_auc = auc(bad[cut:], peer_pds)
    show(
        "binning",
        [
            f"{cut:,} rows x {options.columns} columns, one thread, processor time.",
            f"Whole fit: ours {ours[0]:.2f} s, OptBinning with logistic regression "
            f"{peer_s:.2f} s, ratio {peer_s / ours[0]:.1f}.",
            f"Bins alone: ours {our_bins:.2f} s, OptBinning {peer_bins_s:.2f} s, ratio "
            f"{peer_bins_s / our_bins:.1f}.",
            f"AUC on {len(bad) - cut:,} held-out rows: ours {our_auc:.4f}, peer {peer_auc:.4f}, "
            f"difference {our_auc - peer_auc:+.4f}.",
        ],
        {
            "rows": cut,
            "columns": options.columns,
            "fit_cpu_s": {"ours": ours[0], "peer": peer_s, "ratio": peer_s / ours[0]},
            "bins_cpu_s": {"ours": our_bins, "peer": peer_bins_s, "ratio": peer_bins_s / our_bins},
            "auc": {"ours": our_auc, "peer": peer_auc, "difference": our_auc - peer_auc},
        },
    )
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.binning", description=__doc__)
    parser.add_argument("--rows", type=int, default=125_000, help="rows, a fifth held out (125000)")
    parser.add_argument("--columns", type=int, default=30, help="columns (30)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the data (1)")
    return parser.parse_args(words)


def portfolio(rows: int, columns: int, rng: np.random.Generator) -> tuple[Floats, Flags]:
    """Correlated, skewed columns with gaps; half of them say something, bent, of default."""
    latent = 0.6 * rng.normal(size=(rows, 1)) + 0.8 * rng.normal(size=(rows, columns))
    weights = rng.exponential(size=columns) * (np.arange(columns) < columns / 2)
    signal = np.tanh(latent) @ weights
    log_odds = -3.0 + signal / signal.std()
    bad = rng.random(rows) < 1 / (1 + np.exp(-log_odds))
    X = np.exp(latent * rng.uniform(0.2, 1.5, columns))
    X[rng.random(X.shape) < 0.03] = np.nan
    return X, bad


def bins_of(X: Floats, bad: Flags) -> None:
    """Our bins of every column."""
    for column in X.T:
        fit_binning(column, bad, limits=BinLimits(MAX_BINS))


def fitted_by_peer(X: Floats, bad: Flags, cut: int) -> tuple[float, float, Floats]:
    """Processor time of the whole fit, of the bins alone, and PDs of the held-out rows."""
    from optbinning import BinningProcess
    from sklearn.linear_model import LogisticRegression

    names = [f"x{column}" for column in range(X.shape[1])]
    target = bad.astype(int)
    process = BinningProcess(names, max_n_bins=MAX_BINS, n_jobs=1)

    def fit() -> Any:
        evidence = process.transform(X[:cut], metric="woe", metric_missing="empirical")
        return LogisticRegression(max_iter=1000).fit(evidence, target[:cut])

    bins_s, _ = cpu_seconds(lambda: process.fit(X[:cut], target[:cut]))
    rest_s, model = cpu_seconds(fit)
    held_out = process.transform(X[cut:], metric="woe", metric_missing="empirical")
    return bins_s + rest_s, bins_s, model.predict_proba(held_out)[:, 1]


if __name__ == "__main__":
    raise SystemExit(main())
