"""A glass box beside the scorecard: a sum of curves, each of one column or two, that can be drawn.

Explainable boosting of InterpretML (extra `glass-box`) fits it; what is kept are tables of our own,
so that reading and scoring need neither that library nor any code from the file.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.scoring.challenger import Challenger, library
from tradeline.risk.scoring.sealed import Seal

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

SEAL = Seal("tradeline-glass-box/1", "glass box", "glass_box")
ROUNDS_MAX = 25_000
# Where nothing can be held out.
ROUNDS_BLIND = 200
LEARNING_RATE = 0.04
CURVE_BINS = 256
PAIR_BINS = 32


@dataclass(frozen=True, slots=True)
class Axis:
    """How a column's values become places: by `cuts`, or by the `seen` levels of a category.

    Place 0 is a missing value, the last an unknown category. A value equal to a cut is above it.
    """

    cuts: tuple[float, ...] = ()
    seen: tuple[int, ...] = ()

    def places(self, column: Floats) -> Ints:
        """The place of each value."""
        if not self.seen:
            places = 1 + np.searchsorted(np.asarray(self.cuts), column, side="right")
        else:
            levels = np.asarray(self.seen)
            at = np.searchsorted(levels, column)
            known = levels[np.minimum(at, len(levels) - 1)] == column
            places = np.where(known, 1 + at, 1 + len(levels))
        return np.where(np.isnan(column), 0, places).astype(np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """Log-odds by the places of one column or of two."""

    columns: tuple[int, ...]
    axes: tuple[Axis, ...]
    scores: Floats


@dataclass(frozen=True, slots=True, eq=False)
class GlassBoxModel:
    """Log-odds of default: `intercept` plus what each term says."""

    names: tuple[str, ...]
    intercept: float
    terms: tuple[Term, ...]

    @property
    def size(self) -> int:
        """The number of the places of its curves."""
        return sum(term.scores.size for term in self.terms)

    @property
    def has_pairs(self) -> bool:
        """Whether a curve of it is of two columns."""
        return any(len(term.columns) > 1 for term in self.terms)

    def log_odds(self, X: Floats) -> Floats:
        """Log-odds of default of each row of X (rows x names)."""
        found: Floats = self.intercept + self.parts(X).sum(axis=1)
        return found

    def parts(self, X: Floats) -> Floats:
        """What each term adds to each row's log-odds (rows x terms)."""
        found = np.empty((len(X), len(self.terms)))
        for number, term in enumerate(self.terms):
            pairs = zip(term.columns, term.axes, strict=True)
            found[:, number] = term.scores[tuple(axis.places(X[:, c]) for c, axis in pairs)]
        return found


class GlassBox(Challenger):
    """Explainable boosting, in the columns and classes of a `DefaultModel`.

    A column with a direction has a monotone curve and no part in a pair. After `fit`: `model_`
    (GlassBoxModel), `classes_`.
    """

    model_: GlassBoxModel

    def __init__(
        self,
        *,
        directions: Sequence[int] | None = None,
        names: Sequence[str] | None = None,
        levels: Sequence[tuple[str, ...] | None] | None = None,
        pairs: int = 5,
        base_rate: float | None = None,
        seed: int = 0,
    ) -> None:
        self.directions = directions
        self.names = names
        self.levels = levels
        self.pairs = pairs
        self.base_rate = base_rate
        self.seed = seed

    def _grown(self, X: Floats, bad: Flags, held_out: list[Flags], shift: float) -> GlassBoxModel:
        fitted = self._boost(X, bad, held_out)
        start = float(fitted.intercept_[0]) + shift
        return GlassBoxModel(self._names(), start, tuple(_terms(fitted)))

    def _boost(self, X: Floats, bad: Flags, held_out: list[Flags]) -> Any:
        directions = self._directions()
        bound = [
            pair
            for pair in combinations(range(len(directions)), 2)
            if directions[pair[0]] or directions[pair[1]]
        ]
        machine = explainable_boosting()(
            feature_types=["nominal" if levels else "continuous" for levels in self._levels()],
            monotone_constraints=list(directions),
            interactions=self.pairs,
            exclude=bound,
            max_bins=CURVE_BINS,
            max_interaction_bins=PAIR_BINS,
            outer_bags=max(len(held_out), 1),
            learning_rate=LEARNING_RATE,
            max_rounds=ROUNDS_MAX if held_out else ROUNDS_BLIND,
            n_jobs=1,
            random_state=self.seed,
        )
        bags = [np.where(part, -1, 1) for part in held_out] or [np.ones(len(bad))]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it warns of what its pictures cannot show
            return machine.fit(X, bad, bags=np.column_stack(bags).astype(np.int8))


def _terms(fitted: Any) -> list[Term]:
    return [
        Term(
            tuple(columns),
            tuple(_axis(fitted.bins_[column], len(columns)) for column in columns),
            np.asarray(scores, dtype=np.float64),
        )
        for columns, scores in zip(fitted.term_features_, fitted.term_scores_, strict=True)
    ]


def _axis(bins: Sequence[Any], dimensions: int) -> Axis:
    """The bins of a column in a term of so many columns; pairs have coarser ones."""
    found = bins[min(dimensions, len(bins)) - 1]
    if isinstance(found, dict):
        return Axis(seen=tuple(sorted(int(float(level)) for level in found)))
    return Axis(cuts=tuple(float(cut) for cut in found))


def write_glass_box(model: GlassBoxModel) -> str:
    """The model as JSON text that `read_glass_box` reads back to the same scores."""
    return SEAL.write(
        {
            "names": list(model.names),
            "intercept": model.intercept,
            "terms": [
                {
                    "columns": list(term.columns),
                    "axes": [
                        {"seen": list(axis.seen)} if axis.seen else {"cuts": list(axis.cuts)}
                        for axis in term.axes
                    ],
                    "scores": term.scores.tolist(),
                }
                for term in model.terms
            ],
        }
    )


def read_glass_box(text: str, where: str = "glass box") -> GlassBoxModel:
    """The model in a text; InputProblem if it is none, or was changed since it was written."""
    content = SEAL.read(text, where)
    return GlassBoxModel(
        tuple(content["names"]),
        content["intercept"],
        tuple(
            Term(
                tuple(term["columns"]),
                tuple(
                    Axis(**{key: tuple(values) for key, values in axis.items()})
                    for axis in term["axes"]
                ),
                np.asarray(term["scores"], dtype=np.float64),
            )
            for term in content["terms"]
        ),
    )


def explainable_boosting() -> Any:
    """The library's classifier; InputProblem with what to install where it is absent."""
    message = "A glass box is fitted by InterpretML, which is not installed."
    glassbox = library("interpret.glassbox", "glass-box", "glass box", message)
    return glassbox.ExplainableBoostingClassifier
