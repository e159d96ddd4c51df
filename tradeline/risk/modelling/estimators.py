"""The estimator of each kind of model, with the options that served unseen rows best."""

from collections.abc import Sequence
from importlib.util import find_spec

from tradeline.risk.modelling.inputs import levels_of
from tradeline.risk.modelling.model import Input, ModelKind
from tradeline.risk.scoring.boosted import Boosted
from tradeline.risk.scoring.estimator import DefaultModel
from tradeline.risk.scoring.glass_box import GlassBox
from tradeline.risk.scoring.overrides import Override
from tradeline.risk.scoring.scorecard import Scorecard

MAX_BINS = 10
CORRELATION_MAX = 0.95
# Below half of the 95 % point of chi-square: weights are pulled together afterwards, so a bin too
# many costs less than a lost one (german_credit 0.770 to 0.786, the other labelled sets alike).
SPLIT_GAIN = 1.0
# More of them gain nothing on the labelled sets, and take their time.
ROUNDS = 8


def estimator_of(
    kind: ModelKind,
    inputs: Sequence[Input],
    seed: int,
    base_rate: float | None,
    overrides: Sequence[Override] = (),
) -> DefaultModel:
    """An unfitted model on inputs, calibrated to a default rate or that of its rows.

    `overrides` are what an analyst decides over the data of a scorecard; others have none.
    """
    names, levels = tuple(part.name for part in inputs), levels_of(inputs)
    if kind is ModelKind.BOOSTED:
        return Boosted(names=names, levels=levels, base_rate=base_rate, seed=seed)
    if kind is ModelKind.GLASS_BOX:
        return GlassBox(names=names, levels=levels, base_rate=base_rate, seed=seed)
    if kind is ModelKind.CURVES:
        return GlassBox(names=names, levels=levels, pairs=0, base_rate=base_rate, seed=seed)
    return Scorecard(
        names=names,
        levels=levels,
        max_bins=MAX_BINS,
        split_gain=SPLIT_GAIN,
        correlation_max=CORRELATION_MAX,
        rounds=ROUNDS,
        base_rate=base_rate,
        overrides=tuple(overrides),
        seed=seed,
    )


def can_boost() -> bool:
    """Whether LightGBM is installed."""
    return find_spec("lightgbm") is not None
