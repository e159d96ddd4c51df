"""Small tables of loans whose truth is known."""

import csv
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.modelling.study import TrainRequest

Floats = NDArray[np.float64]
ROWS = 600
asked = partial(TrainRequest, ceiling=False)
"""A request that does not wait for boosted trees."""


def outcomes(log_odds: Floats, generator: np.random.Generator) -> NDArray[np.bool_]:
    """Who defaults, given the log-odds of each."""
    return generator.random(len(log_odds)) < 1 / (1 + np.exp(-log_odds))


def loans(seed: int = 1, rows: int = ROWS) -> dict[str, list[object]]:
    """Loans with an amount, a share, a trade, a term in months and a day; two of them tell."""
    generator = np.random.default_rng(seed)
    debt = generator.normal(size=rows)
    trade = generator.choice(["bakery", "carpenter", "dealer"], rows, p=[0.5, 0.3, 0.2])
    bad = outcomes(-1.2 + 1.2 * debt + 1.5 * (trade == "dealer"), generator)
    amounts = np.exp(8 + generator.normal(size=rows))
    return {
        "default": [int(flag) for flag in bad],
        "debt": [f"{value:.4f}" for value in debt],
        "trade": trade.tolist(),
        "amount": [f"${value:,.2f}" for value in amounts],
        "term": generator.choice(["36 months", "60 months"], rows).tolist(),
        "day": [f"{np.datetime64('2018-01-01') + row}" for row in range(rows)],
    }


def write_csv(path: Path, columns: Mapping[str, Sequence[object]], separator: str = ",") -> Path:
    """Write columns as CSV."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=separator)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path
