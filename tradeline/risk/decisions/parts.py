"""A model that is no card, as what runs beside the champion: points for each part of its log-odds.

Boosted trees say by TreeSHAP (Lundberg et al. 2020, as LightGBM computes it) what each figure adds,
a glass box by its curves, of which some are of two figures. Each part is rounded to whole points:
their sum is the score, and the PD that of the score, in one decision as in a million.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.decisions.factors import REASONS_MAX
from tradeline.risk.scoring.boosted import BoostedTrees, leaf_bounds
from tradeline.risk.scoring.card import USUAL, Scale
from tradeline.risk.scoring.challenger import Levels
from tradeline.risk.scoring.crosses import JOINED
from tradeline.risk.scoring.glass_box import GlassBoxModel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Parts:
    """Every firm starts from `constant` points; `said` is what each part adds to log-odds.

    `names` are those of the parts, `inputs` of the columns that it reads, with their `levels` (None
    for a number). `scores` are all that a firm can have, and those between.
    """

    names: tuple[str, ...]
    inputs: tuple[str, ...]
    levels: Levels
    scale: Scale
    constant: int
    scores: range
    said: Callable[[Floats], Floats]

    def points(self, rows: Sequence[Mapping[str, object]]) -> Ints:
        """Points of each row and part (rows x parts), of values that the gate let pass."""
        pairs = tuple(zip(self.inputs, self.levels, strict=True))
        X = [[_number(row.get(name), levels) for name, levels in pairs] for row in rows]
        said = self.said(np.array(X, dtype=np.float64).reshape(len(rows), len(pairs)))
        return np.rint(-self.scale.factor * said).astype(np.int64)


def _number(value: object, levels: tuple[str, ...] | None) -> float:
    """A value as the model reads it: a category by the place of its level, missing as NaN."""
    if value is None or value != value:
        return np.nan
    if levels:
        return float(levels.index(str(value)))
    return float(value)  # type: ignore[arg-type]


def parts_of_trees(model: BoostedTrees, scale: Scale = USUAL) -> Parts:
    """Boosted trees as parts on a scale of points: one for each column."""
    low, high = leaf_bounds(model)
    start = model.shift + model.expected()
    return _parts(model.names, model.names, model.levels, scale, start, low, high, model.parts)


def parts_of_glass_box(model: GlassBoxModel, levels: Levels, scale: Scale = USUAL) -> Parts:
    """A glass box as parts: one for each curve, which may be of two columns."""
    names = tuple(JOINED.join(model.names[place] for place in term.columns) for term in model.terms)
    low = model.intercept + sum(float(term.scores.min()) for term in model.terms)
    high = model.intercept + sum(float(term.scores.max()) for term in model.terms)
    return _parts(names, model.names, levels, scale, model.intercept, low, high, model.parts)


def _parts(
    names: tuple[str, ...],
    inputs: tuple[str, ...],
    levels: Levels,
    scale: Scale,
    start: float,
    low: float,
    high: float,
    said: Callable[[Floats], Floats],
) -> Parts:
    """`start` are the log-odds without any part, `low` and `high` the least and the greatest."""
    rounded = len(names) + 1
    safest, riskiest = (scale.offset - scale.factor * log_odds for log_odds in (low, high))
    constant = round(scale.offset - scale.factor * start)
    scores = range(int(riskiest) - rounded, int(safest) + rounded + 1)
    return Parts(names, inputs, levels, scale, constant, scores, said)


def dearest_parts(names: Sequence[str], points: Sequence[int]) -> tuple[str, ...]:
    """The codes of the parts that cost one firm most against the mean of all, at most four."""
    lost = sorted([(value, place) for place, value in enumerate(points) if value < 0])
    return tuple([f"factor:{names[place]}:{value}" for value, place in lost[:REASONS_MAX]])
