"""A scorecard fitted from raw columns, beside OptBinning and a logistic regression; one thread.

Ours does more: the penalty and the calibration come from inner folds, each with its own bins, and
the card has integer points. The bins alone are compared too. With --bent what columns say of
default bends, and ours is fitted as `tradeline model train` fits, so that its curves count.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.measure import GIGABYTE, cpu_seconds, hushed, show
from tradeline.risk.modelling.estimators import Recipe, estimator_of
from tradeline.risk.scoring.binning import BinLimits, fit_binning, tally
from tradeline.risk.scoring.categories import bin_levels, bucketise_levels
from tradeline.risk.scoring.logistic import intercept_for_rate
from tradeline.risk.scoring.scorecard import Scorecard
from tradeline.risk.validation.discrimination import auc

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

HELD_OUT = 0.2
MAX_BINS = 6


def main(words: Sequence[str] | None = None) -> int:
    """Fit both on the same rows and rank the same held-out rows."""
    options = _options(words)
    generator = np.random.default_rng(options.seed)
    whole = portfolio(options.rows, options.columns, generator, bent=options.bent)
    cut = int(options.rows * (1 - HELD_OUT))
    seen, held_out = whole.rows(slice(cut)), whole.rows(slice(cut, None))
    with threadpool_limits(limits=1):
        bins_s, _ = cpu_seconds(lambda: bins_of(seen))
        before_gb = peak_gb(from_now=True)
        as_trained = estimator_of(Recipe(pairs=0), (), None).set_params(names=None)
        unfitted = as_trained if options.bent else Scorecard(max_bins=MAX_BINS)
        unfitted.set_params(levels=seen.levels)
        fit_s, card = cpu_seconds(lambda: unfitted.fit(seen.X, seen.bad))
        more_gb = peak_gb() - before_gb
        with hushed():
            peer_bins_s, peer_fit_s, peer_pds = by_peer(seen, held_out)
    ours, peer = (
        auc(held_out.bad, pds) for pds in (card.predict_proba(held_out.X)[:, 1], peer_pds)
    )
    show(
        "binning",
        [
            f"{cut:,} rows x {options.columns} columns, {seen.bad.mean():.1%} defaults, one "
            "thread, processor time.",
            f"Whole fit: ours {fit_s:.2f} s, OptBinning with logistic regression "
            f"{peer_fit_s:.2f} s, ratio {peer_fit_s / fit_s:.1f}; ours took {more_gb:.2f} GB more.",
            f"Bins alone: ours {bins_s:.2f} s, OptBinning {peer_bins_s:.2f} s, ratio "
            f"{peer_bins_s / bins_s:.1f}.",
            f"AUC on {len(held_out.bad):,} held-out rows: ours {ours:.4f}, peer {peer:.4f}, "
            f"difference {ours - peer:+.4f}.",
        ],
        {
            "rows": cut,
            "columns": options.columns,
            "fit_cpu_s": {"ours": fit_s, "peer": peer_fit_s, "ratio": peer_fit_s / fit_s},
            "bins_cpu_s": {"ours": bins_s, "peer": peer_bins_s, "ratio": peer_bins_s / bins_s},
            "more_memory_gb": more_gb,
            "auc": {"ours": ours, "peer": peer, "difference": ours - peer},
        },
    )
    return 0


def peak_gb(*, from_now: bool = False) -> float:
    """The most memory that this process has had, or since it was last asked to start anew."""
    if from_now:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024 / GIGABYTE


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.binning", description=__doc__)
    parser.add_argument("--rows", type=int, default=125_000, help="rows, a fifth held out (125000)")
    parser.add_argument("--columns", type=int, default=30, help="columns (30)")
    parser.add_argument("--bent", action="store_true", help="columns bend, and curves count")
    parser.add_argument("--seed", type=int, default=1, help="seed of the data (1)")
    return parser.parse_args(words)


@dataclass(frozen=True, slots=True)
class Sample:
    """Numbers, then categories as places in their `levels` (None for a number); outcomes."""

    X: Floats
    bad: Flags
    levels: tuple[tuple[str, ...] | None, ...]

    def rows(self, which: slice) -> "Sample":
        """Some of the rows."""
        return replace(self, X=self.X[which], bad=self.bad[which])


def portfolio(rows: int, columns: int, rng: np.random.Generator, *, bent: bool = False) -> Sample:
    """Four fifths numbers, correlated and skewed, a fifth categories of 4 to 30 levels.

    Of five numbers a tenth is missing. Half of the columns say something of default, which befalls
    4.4 % of the rows. Where they are `bent` every third rises with default, and all fall or rise
    with the distance from their middle.
    """
    latent = rng.normal(size=(rows, columns))
    latent *= 0.8
    latent += 0.6 * rng.normal(size=(rows, 1))
    numbers = columns - columns // 5
    weights = rng.exponential(size=columns)
    signal = np.tanh(latent) @ (weights * (np.arange(columns) % (3 if bent else 2) == 0))
    if bent:
        signal += np.abs(latent) @ (weights * rng.permutation(np.resize([1.0, -1.0], columns)))
    log_odds = signal / signal.std()
    log_odds += intercept_for_rate(log_odds[:100_000], 0.044)
    bad = rng.random(rows) < 1 / (1 + np.exp(-log_odds))
    levels = [_cut(latent[:, column], rng) for column in range(numbers, columns)]
    latent[:, :numbers] = np.exp(latent[:, :numbers] * rng.uniform(0.2, 1.5, numbers))
    for column in range(min(5, numbers)):
        latent[rng.random(rows) < 0.1, column] = np.nan
    return Sample(latent, bad, (*(None,) * numbers, *levels))


def _cut(column: Floats, rng: np.random.Generator) -> tuple[str, ...]:
    """A category in place of a number: unequal stretches of it, numbered by chance."""
    size = int(rng.integers(4, 31))
    edges = np.sort(rng.normal(size=size - 1))
    column[:] = rng.permutation(size)[np.searchsorted(edges, column)]
    return tuple(f"level {number}" for number in range(size))


def bins_of(sample: Sample) -> None:
    """Our bins of every column."""
    seen = np.ones(len(sample.bad))
    for column, levels in zip(sample.X.T, sample.levels, strict=True):
        if levels is None:
            fit_binning(column, sample.bad, limits=BinLimits(MAX_BINS))
        else:
            buckets = bucketise_levels(column, levels, "category")
            bin_levels(buckets, tally(buckets, sample.bad, seen), BinLimits(MAX_BINS))


def by_peer(seen: Sample, held_out: Sample) -> tuple[float, float, Floats]:
    """Processor time of the peer's bins and of its whole fit, and PDs of the held-out rows."""
    from optbinning import BinningProcess
    from sklearn.linear_model import LogisticRegression

    names = [f"x{column}" for column in range(seen.X.shape[1])]
    categories = [n for n, levels in zip(names, seen.levels, strict=True) if levels]
    target = seen.bad.astype(int)
    process = BinningProcess(names, max_n_bins=MAX_BINS, categorical_variables=categories, n_jobs=1)

    def evidence(sample: Sample) -> Floats:
        found: Floats = process.transform(sample.X, metric="woe", metric_missing="empirical")
        return found

    bins_s, _ = cpu_seconds(lambda: process.fit(seen.X, target))
    rest_s, model = cpu_seconds(
        lambda: LogisticRegression(max_iter=1000).fit(evidence(seen), target)
    )
    return bins_s, bins_s + rest_s, model.predict_proba(evidence(held_out))[:, 1]


if __name__ == "__main__":
    raise SystemExit(main())
