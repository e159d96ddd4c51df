"""A glass box of single columns is a card: its points are what its curves say, rounded."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tradeline.kernel.findings import InputProblem
from tradeline.risk.scoring.card import Card, points_of_rows, scores_of_points
from tradeline.risk.scoring.curve_card import card_of_curves
from tradeline.risk.scoring.glass_box import Axis, GlassBoxModel, Term

REGIONS = ("north", "south", "coast")
LEVELS = (None, None, REGIONS)


def model_of(seed: int, cuts: tuple[float, ...]) -> GlassBoxModel:
    """Curves over two numbers, and a level of a category that training never saw."""
    generator = np.random.default_rng(seed)
    axes = (Axis(cuts=cuts), Axis(cuts=(0.0,)), Axis(seen=(0, 2)))
    sizes = (len(cuts) + 3, 4, 4)
    terms = tuple(
        Term((place,), (axis,), generator.normal(0, 0.6, size))
        for place, (axis, size) in enumerate(zip(axes, sizes, strict=True))
    )
    return GlassBoxModel(("margin", "growth", "region"), -3.0, terms)


def log_odds_of(card: Card, X: NDArray[np.float64]) -> NDArray[np.float64]:
    scores = scores_of_points(card, points_of_rows(card, X, ("margin", "growth", "region")))
    return (card.scale.offset - scores.astype(np.float64)) / card.scale.factor


@given(
    seed=st.integers(0, 2**32 - 1),
    cuts=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=30, unique=True).map(
        lambda found: tuple(sorted(found))
    ),
)
def test_a_card_of_curves_says_what_the_curves_say_even_at_the_cuts(
    seed: int, cuts: tuple[float, ...]
) -> None:
    model = model_of(seed, cuts)
    card = card_of_curves(model, LEVELS, (), 0.05, 0.05)
    around = np.concatenate([cuts, np.nextafter(cuts, -np.inf), np.nextafter(cuts, np.inf)])
    X = np.column_stack([
        np.append(around, np.nan),
        np.resize([0.0, -1.0, 1.0, np.nan], len(around) + 1),
        np.resize([0.0, 2.0, np.nan], len(around) + 1),
    ])  # fmt: skip
    # Half a point for each curve, and half for the constant.
    nearest = 4 / 2 / card.scale.factor + 1e-9
    assert np.abs(log_odds_of(card, X) - model.log_odds(X)).max() <= nearest


def test_withholding_a_figure_that_was_never_missing_gains_nothing() -> None:
    model = model_of(3, (0.0, 1.0, 2.0))
    card = card_of_curves(model, LEVELS, ("margin", "growth", "region"), 0.05, 0.05)
    assert all(factor.points[-1] == min(factor.points) for factor in card.factors)


def test_a_level_that_training_never_saw_is_in_no_group() -> None:
    card = card_of_curves(model_of(1, (0.0,)), LEVELS, (), 0.05, 0.05)
    region = next(factor for factor in card.factors if factor.name == "region")
    assert region.binning.groups == (("north",), ("coast",))


def test_a_glass_box_of_pairs_is_no_card() -> None:
    pair = Term((0, 1), (Axis(cuts=(0.0,)), Axis(cuts=(0.0,))), np.zeros((4, 4)))
    model = GlassBoxModel(("margin", "growth"), 0.0, (pair,))
    with pytest.raises(InputProblem, match="looks at pairs of columns: no points of a single"):
        card_of_curves(model, (None, None), (), 0.05, 0.05)
