"""One firm scored with its reasons, beside OptBinning's scorecard that scores one row.

The goal is under 0.1 ms for score, PD, reasons and what would change them. OptBinning gives a score
and a PD, no reasons.
"""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from benchmarks.market_record import Study, assess_market
from benchmarks.measure import Latency, hushed, latency_of, show
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.risk.scoring.reasons import make_explainer
from tradeline.world.settings import WorldSettings

GOAL_MS = 0.1
WARM_UP = 200


def main(words: Sequence[str] | None = None) -> int:
    """Time both on the firms of one simulated market."""
    options = _options(words)
    with TemporaryDirectory() as folder:
        settings = WorldSettings(options.enterprises, options.seed)
        study = assess_market(settings, Path(folder) / "market", 2, lambda _: None)
    ours, peer = explained(study), scored_by_peer(study, options.peer_calls)
    ratio = peer.median_ms / ours.median_ms
    factors = len(study.model.scores.card.factors)
    verdict = "within" if max(ours.median_ms, ours.p99_ms) < GOAL_MS else "not within"
    show(
        "one firm",
        [
            f"Score, PD, reasons and changes of one firm on {factors} factors: median "
            f"{ours.median_ms:.4f} ms, 99th percentile {ours.p99_ms:.4f} ms, {ours.calls:,} calls; "
            f"{verdict} the goal of {GOAL_MS} ms.",
            f"OptBinning's score of one row, without reasons: median {peer.median_ms:.2f} ms, "
            f"99th percentile {peer.p99_ms:.2f} ms, {peer.calls:,} calls.",
            f"Ratio of medians, peer to ours: {ratio:,.0f}.",
        ],
        {"ours": asdict(ours), "peer": asdict(peer), "ratio": ratio, "factors": factors},
    )
    return 0


def _options(words: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.one_firm", description=__doc__)
    parser.add_argument("--enterprises", type=int, default=2000, help="firms of the market (2000)")
    parser.add_argument("--seed", type=int, default=1, help="the market's seed (1)")
    parser.add_argument("--peer-calls", type=int, default=200, help="rows the peer scores (200)")
    return parser.parse_args(words)


def explained(study: Study) -> Latency:
    """Every firm with data, each from its own figures, as `assess` does for its decisions."""
    scores = study.model.scores
    explainer = make_explainer(scores.card, CATALOGUE, "CNY")
    rows = study.table.values[scores.known].tolist()
    firms = [dict(zip(study.table.names, row, strict=True)) for row in rows]
    for values in islice(firms, WARM_UP):
        explainer.explain(values)
    return latency_of(partial(explainer.explain, values) for values in firms)


def scored_by_peer(study: Study, calls: int) -> Latency:
    """OptBinning's scorecard on the same factors, fitted on the same firms."""
    scores = study.model.scores
    names = list(scores.card.names)
    X = np.column_stack([study.table.column(name) for name in names])
    bad = np.array([study.labels.defaulted.get(firm, False) for firm in study.table.enterprises])
    with hushed():
        card, frame = _peer(names, X[scores.out_of_fold], bad[scores.out_of_fold])
        rows = [frame(X[row : row + 1]) for row in np.flatnonzero(scores.known)[:calls].tolist()]
        card.score(rows[0])
        return latency_of(partial(card.score, row) for row in rows)


def _peer(names: list[str], X: np.ndarray[Any, Any], bad: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    import pandas as pd
    from optbinning import BinningProcess, Scorecard
    from sklearn.linear_model import LogisticRegression

    card = Scorecard(
        BinningProcess(names),
        LogisticRegression(max_iter=1000),
        scaling_method="min_max",
        scaling_method_params={"min": 300, "max": 850},
    )
    card.fit(pd.DataFrame(X, columns=names), bad.astype(int))
    return card, partial(pd.DataFrame, columns=names)


if __name__ == "__main__":
    raise SystemExit(main())
