"""What less plain kinds of model would add to a scorecard on the same rows, and what they cost.

A gain that may be chance buys nothing; one that is more buys a better order of firms for a model
that fewer people can read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tradeline.risk.modelling.edits import forbidden_by
from tradeline.risk.modelling.estimators import Recipe, can_fit
from tradeline.risk.modelling.learning import Judged, Rows, judge
from tradeline.risk.modelling.model import Ceiling, Input, Measured, Model, ModelKind
from tradeline.risk.modelling.splits import Split
from tradeline.risk.scoring.boosted import read_boosted
from tradeline.risk.scoring.glass_box import read_glass_box
from tradeline.risk.validation.comparison import compare_models

KINDS = (ModelKind.GLASS_BOX, ModelKind.BOOSTED)
ROWS_OF_ALL_FOLDS = 3_000
AREA, GAIN = "AUC", "AUC added"
NAMES: Mapping[ModelKind, str] = {
    ModelKind.SCORECARD: "scorecard",
    ModelKind.CURVES: "curves of single columns",
    ModelKind.GLASS_BOX: "glass box",
    ModelKind.BOOSTED: "boosted trees",
}
# By kind, the plainest first: what a reader has no more.
LOST: Mapping[ModelKind, str] = {
    ModelKind.SCORECARD: "nothing: each bin has its points",
    ModelKind.CURVES: "few bins: each column has up to 256 places, each with its points",
    ModelKind.GLASS_BOX: "points of single figures where two columns count together, and a step "
    "that would change a decision; an engine runs it as a shadow only",
    ModelKind.BOOSTED: "points: what a figure adds depends on all others, and nobody can name a "
    "step that would change a decision; an engine runs them as a shadow only",
}


def ceilings_of(
    recipe: Recipe, inputs: Sequence[Input], data: Rows, split: Split, judged: Judged
) -> tuple[Ceiling, ...]:
    """What each challenger reaches that is installed, on rows judged before.

    Of many rows one fold says enough. What an analyst states of directions and forbidden columns
    binds challengers too.
    """
    if set(forbidden_by(recipe.edits)).issuperset(part.name for part in inputs):
        return ()
    folds = None if len(data.bad) <= ROWS_OF_ALL_FOLDS else [0]
    found = []
    for kind in filter(can_fit, KINDS):
        other = judge(replace(recipe, kind=kind), inputs, data, split, folds)
        same = np.isin(judged.rows, other.rows)
        beside = compare_models(other.bad, judged.pds[same], other.pds)
        area, gain = (
            Measured(name, part.estimate, part.low, part.high)
            for name, part in ((AREA, beside.challenger), (GAIN, beside.difference))
        )
        found.append(Ceiling(kind, area, gain, len(other.rows), other.size))
    return tuple(found)


def size_of(model: Model) -> int:
    """How many numbers make a model up: what a reader would have to read."""
    if model.card is not None:
        return model.card.size
    read = read_boosted if model.kind is ModelKind.BOOSTED else read_glass_box
    return read(model.challenger).size


def described(model: Model) -> str:
    """The kind of a model and its size, in words."""
    return f"{NAMES[model.kind]} of {size_of(model):,} numbers"


def plainness_lost(model: Model, other: Model) -> str:
    """What a reader of a model lacks who could read another; empty where it is as plain."""
    order = tuple(LOST)
    return LOST[model.kind] if order.index(model.kind) > order.index(other.kind) else ""
