"""A glass box of single columns as a card: points at each place of its curves.

Such a model is a sum of tables, as a scorecard is, only with more bins, so an engine can decide by
it with exact reasons. Each place has the whole points nearest to its log-odds; that rounding, at
most half a point for each curve, is all that changes.
"""

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import problem
from tradeline.risk.scoring.binning import Binning
from tradeline.risk.scoring.card import USUAL, Card, CardKind, Scale, make_card
from tradeline.risk.scoring.challenger import Levels
from tradeline.risk.scoring.glass_box import Axis, GlassBoxModel, Term

Floats = NDArray[np.float64]


def card_of_curves(
    model: GlassBoxModel,
    levels: Levels,
    never_missing: Collection[str],
    base_rate: float,
    sample_rate: float,
    where: str = "glass box",
    scale: Scale = USUAL,
) -> Card:
    """The card of a glass box; InputProblem if a curve of it is of two columns.

    `levels` name those of each column (None for a number). A missing value of a column that was
    `never_missing` in training takes the riskiest place, so that withholding a figure never helps.
    """
    if model.has_pairs:
        raise problem(
            "pairs-of-columns",
            where,
            "The glass box looks at pairs of columns: no points of a single figure say what such a "
            "pair adds.",
            "Train one of single columns: --kind curves.",
        )
    parts = []
    for term in model.terms:
        column = term.columns[0]
        name = model.names[column]
        parts.append((name, _binning(term, levels[column] or (), name in never_missing), 1.0))
    return make_card(CardKind.FITTED, scale, model.intercept, parts, base_rate, sample_rate)


def _binning(term: Term, levels: tuple[str, ...], never_missing: bool) -> Binning:
    """The places of a curve as bins, its log-odds as their evidence, missing values last."""
    axis, known = term.axes[0], term.scores[1:-1]
    missing = float(known.max()) if never_missing else float(term.scores[0])
    nothing = (0,) * (len(known) + 1)
    return Binning(
        edges=() if axis.seen else _edges(axis),
        counts=nothing,
        goods=nothing,
        bads=nothing,
        woe=(*known.tolist(), missing),
        direction=1 if known[-1] >= known[0] else -1,
        information_value=0.0,
        levels=levels if axis.seen else (),
        groups=tuple((levels[place],) for place in axis.seen),
    )


def _edges(axis: Axis) -> tuple[float, ...]:
    """A value equal to a cut is above it, one equal to an edge below: the float before each cut."""
    return tuple(np.nextafter(np.asarray(axis.cuts), -np.inf).tolist())
