"""Many values find their place among edges exactly as a binary search finds it."""

import numpy as np
import pytest

from tradeline.risk.scoring.lookup import places
from tradeline.risk.scoring.thinning import ENOUGH_ROWS

ROWS = ENOUGH_ROWS + 1
GENERATOR = np.random.default_rng(1)
COLUMNS = {
    "normal": GENERATOR.normal(size=ROWS),
    "skewed": np.exp(3 * GENERATOR.normal(size=ROWS)),
    "whole numbers": GENERATOR.integers(-5, 40, ROWS).astype(float),
    "cents": GENERATOR.integers(0, 10**9, ROWS) / 100,
    "tiny": GENERATOR.normal(size=ROWS) * 1e-307,
    "huge": GENERATOR.normal(size=ROWS) * 3e307,
    "far apart": np.where(GENERATOR.random(ROWS) < 0.5, 1e-9, 1e9) * GENERATOR.normal(size=ROWS),
}


@pytest.mark.parametrize("name", COLUMNS)
@pytest.mark.parametrize("count", [0, 1, 2, 500])
def test_places_are_those_of_a_binary_search(name: str, count: int) -> None:
    values = COLUMNS[name]
    edges = np.unique(np.quantile(values, np.linspace(0.01, 0.99, count), method="nearest"))
    found = places(edges, values)
    assert (found == np.searchsorted(edges, values, side="left")).all()


def test_edges_nearer_than_numbers_can_divide_are_searched() -> None:
    edges = np.array([0.0, 5e-324])
    values = np.tile([-1.0, 0.0, 5e-324, 1.0], ROWS)
    assert places(edges, values)[:4].tolist() == [0, 0, 1, 2]
