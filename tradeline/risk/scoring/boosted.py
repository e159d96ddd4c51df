"""Boosted trees beside the scorecard: the ceiling of what its columns say, at a loss of plainness.

LightGBM (extra `boost`) on one thread and without chance, so that equal rows give equal bytes.
Directions bind as monotone constraints, and categories go by the places of their levels. The number
of trees is found on rows that the trees did not see.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.scoring.challenger import Challenger, Levels, library
from tradeline.risk.scoring.sealed import Seal

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SEAL = Seal("tradeline-boosted/1", "boosted model", "boosted")
TREES_MAX = 2000
# Where nothing can be held out.
TREES_BLIND = 50
PATIENCE = 50
TRAINING = {
    "objective": "binary",
    "learning_rate": 0.05,
    "lambda_l2": 1.0,
    "monotone_constraints_method": "intermediate",
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}


@dataclass(frozen=True, slots=True)
class BoostedTrees:
    """Trees in LightGBM's text form; `shift` is added to their log-odds of default."""

    names: tuple[str, ...]
    levels: Levels
    shift: float
    trees: str

    @property
    def size(self) -> int:
        """The number of its leaves."""
        return sum(map(len, self.leaves()))

    def leaves(self) -> Iterator[list[float]]:
        """What each tree may say, tree by tree."""
        for line in self.trees.split("\n"):
            if line.startswith("leaf_value="):
                yield [float(leaf) for leaf in line.removeprefix("leaf_value=").split()]

    def log_odds(self, X: Floats) -> Floats:
        """Log-odds of default of each row of X (rows x names)."""
        raw = _booster(self.trees).predict(
            without_unknown(X, self.levels), raw_score=True, num_threads=1
        )
        found: Floats = np.asarray(raw, dtype=np.float64) + self.shift
        return found

    def parts(self, X: Floats) -> Floats:
        """What each column adds to each row's log-odds, against `expected` (rows x names).

        These are the exact Shapley values of the trees (TreeSHAP), not a sample of them.
        """
        return self._contributions(X)[:, :-1]

    def expected(self) -> float:
        """The log-odds, without the shift, from which `parts` count: the mean of what trees say."""
        return float(self._contributions(np.full((1, len(self.names)), np.nan))[0, -1])

    def _contributions(self, X: Floats) -> Floats:
        found = _booster(self.trees).predict(
            without_unknown(X, self.levels), pred_contrib=True, num_threads=1
        )
        return np.asarray(found, dtype=np.float64)


class Boosted(Challenger):
    """Gradient-boosted trees, in the columns and classes of a `DefaultModel`.

    After `fit`: `model_` (BoostedTrees), `trees_` (their number), `classes_`.
    """

    model_: BoostedTrees

    def __init__(
        self,
        *,
        directions: Sequence[int] | None = None,
        names: Sequence[str] | None = None,
        levels: Sequence[tuple[str, ...] | None] | None = None,
        leaves: int = 15,
        min_leaf_count: int = 20,
        base_rate: float | None = None,
        seed: int = 0,
    ) -> None:
        self.directions = directions
        self.names = names
        self.levels = levels
        self.leaves = leaves
        self.min_leaf_count = min_leaf_count
        self.base_rate = base_rate
        self.seed = seed

    def _grown(self, X: Floats, bad: Flags, held_out: list[Flags], shift: float) -> BoostedTrees:
        matrix = without_unknown(X, self._levels())
        grown = [
            self._grow(matrix, bad, TREES_MAX, held_out=part).best_iteration for part in held_out
        ]
        self.trees_ = max(1, round(sum(grown) / len(grown))) if grown else TREES_BLIND
        trees = self._grow(matrix, bad, self.trees_).model_to_string()
        return BoostedTrees(self._names(), self._levels(), shift, trees)

    def _grow(self, X: Floats, bad: Flags, trees: int, held_out: Flags | None = None) -> Any:
        """At most so many trees; with rows held out, as many as still helped on them."""
        lgb = lightgbm()
        terms = {
            **TRAINING,
            "num_leaves": self.leaves,
            "min_data_in_leaf": self.min_leaf_count,
            "monotone_constraints": list(self._directions()),
        }
        categories = [place for place, levels in enumerate(self._levels()) if levels]
        label, inside = bad.astype(np.float64), slice(None) if held_out is None else ~held_out
        seen = lgb.Dataset(X[inside], label[inside], categorical_feature=categories, params=terms)
        if held_out is None:
            return lgb.train(terms, seen, trees)
        check = lgb.Dataset(X[held_out], label[held_out], reference=seen)
        stop = lgb.early_stopping(PATIENCE, verbose=False)
        return lgb.train(terms, seen, trees, valid_sets=[check], callbacks=[stop])


def without_unknown(X: Floats, levels: Levels) -> Floats:
    """X with one place past the last level for every category that is none of its levels."""
    matrix = X
    for column, names in enumerate(levels):
        if names:
            place = X[:, column]
            strange = ~np.isnan(place) & ~np.isin(place, np.arange(len(names)))
            if strange.any():
                matrix = matrix.copy() if matrix is X else matrix
                matrix[strange, column] = len(names)
    return matrix


def leaf_bounds(model: BoostedTrees) -> tuple[float, float]:
    """Between what the log-odds of every row lie: the least and greatest leaves of all trees."""
    leaves = list(model.leaves())
    low, high = (model.shift + sum(map(end, leaves)) for end in (min, max))
    return low, high


def write_boosted(model: BoostedTrees) -> str:
    """The model as JSON text that `read_boosted` reads back to an equal one."""
    return SEAL.write(
        {
            "names": list(model.names),
            "levels": [None if names is None else list(names) for names in model.levels],
            "shift": model.shift,
            "trees": model.trees.split("\n"),
        }
    )


def read_boosted(text: str, where: str = "boosted model") -> BoostedTrees:
    """The model in a text; InputProblem if it is none, or was changed since it was written."""
    content = SEAL.read(text, where)
    return BoostedTrees(
        tuple(content["names"]),
        tuple(None if names is None else tuple(names) for names in content["levels"]),
        content["shift"],
        "\n".join(content["trees"]),
    )


@lru_cache(maxsize=8)
def _booster(trees: str) -> Any:
    return lightgbm().Booster(model_str=trees)


def lightgbm() -> Any:
    """The library; InputProblem with what to install where it is absent."""
    message = "Boosted trees need LightGBM, which is not installed."
    return library("lightgbm", "boost", "boosted model", message)
