"""Points and PD of many rows by a scorecard of thirty factors, beside OptBinning; one thread.

Each scores its own card, fitted on the same rows. Ours in plain Python, one firm at a time, is
timed too, and its answers must be those of the batch to the bit.
"""

import argparse
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.binning import MAX_BINS, Sample, portfolio
from benchmarks.measure import cpu_seconds, hushed, show
from tradeline.risk.scoring.card import (
    Card,
    Value,
    pd_of_score,
    pds_of_scores,
    points_of_row,
    points_of_rows,
    scores_of_points,
)
from tradeline.risk.scoring.scorecard import Scorecard

COLUMNS = 30
FITTED_ROWS = 50_000
SINGLE_ROWS = 20_000
NAMES = tuple(f"x{column}" for column in range(COLUMNS))


def main(words: Sequence[str] | None = None) -> int:
    """Score the same rows by both cards."""
    options = _options(words)
    sample = portfolio(options.rows, COLUMNS, np.random.default_rng(options.seed))
    seen = sample.rows(slice(FITTED_ROWS))
    with threadpool_limits(limits=1):
        card = whole_card(seen)
        batch_s, pds = cpu_seconds(lambda: pds_of_rows(card, sample.X))
        rows = firms(sample.rows(slice(SINGLE_ROWS)))
        single_s, alone = cpu_seconds(lambda: [pd_of_firm(card, firm) for firm in rows])
        if alone != pds[:SINGLE_ROWS].tolist():
            raise SystemExit("plain Python and numpy disagree")
        with hushed():
            peer_s = peer_seconds(seen, sample)
    rate, single_rate, peer_rate = (
        count / seconds
        for count, seconds in (
            (options.rows, batch_s),
            (len(rows), single_s),
            (options.rows, peer_s),
        )
    )
    show(
        "scoring_rate",
        [
            f"{options.rows:,} rows, {len(card.factors)} factors, points and PD, one thread, "
            "processor time.",
            f"Batch: ours {rate:,.0f} rows a second, OptBinning's Scorecard.score "
            f"{peer_rate:,.0f} (without PD), ratio {rate / peer_rate:.1f}.",
            f"One firm at a time in plain Python: {single_rate:,.0f} a second, equal to the bit.",
        ],
        {
            "rows": options.rows,
            "factors": len(card.factors),
            "rows_per_cpu_s": {"ours": rate, "peer": peer_rate, "ratio": rate / peer_rate},
            "single_per_cpu_s": single_rate,
        },
    )
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.scoring_rate", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows to score (1000000)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the data (1)")
    return parser.parse_args(words)


def whole_card(seen: Sample) -> Card:
    """A card that keeps every column that informs at all, with an equal weight."""
    scorecard = Scorecard(
        max_bins=MAX_BINS,
        levels=seen.levels,
        penalties=(1e9,),
        information_value_min=-1.0,
        correlation_max=1.0,
    )
    return scorecard.fit(seen.X, seen.bad).card_


def pds_of_rows(card: Card, X: NDArray[np.float64]) -> NDArray[np.float64]:
    """PD of each row by the batch path."""
    return pds_of_scores(card.scale, scores_of_points(card, points_of_rows(card, X, NAMES)))


def firms(sample: Sample) -> list[dict[str, Value]]:
    """The rows as plain values: a category by its text."""
    return [
        {
            name: levels[int(value)] if levels else value
            for name, value, levels in zip(NAMES, row, sample.levels, strict=True)
        }
        for row in sample.X.tolist()
    ]


def pd_of_firm(card: Card, firm: dict[str, Value]) -> float:
    """PD of one firm in plain Python."""
    return pd_of_score(card.scale, card.constant + sum(points_of_row(card, firm)))


def peer_seconds(seen: Sample, sample: Sample) -> float:
    """Processor time of the peer's scores, without its fit."""
    import pandas as pd
    from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegression

    categories = [name for name, levels in zip(NAMES, sample.levels, strict=True) if levels]
    process = BinningProcess(list(NAMES), max_n_bins=MAX_BINS, categorical_variables=categories)
    terms = {"min": 300, "max": 850}
    card = Scorecard(
        process,
        LogisticRegression(max_iter=1000),
        scaling_method="min_max",
        scaling_method_params=terms,
    )
    card.fit(pd.DataFrame(seen.X, columns=list(NAMES)), seen.bad.astype(int))
    frame = pd.DataFrame(sample.X, columns=list(NAMES))
    return cpu_seconds(lambda: card.score(frame))[0]


if __name__ == "__main__":
    raise SystemExit(main())
