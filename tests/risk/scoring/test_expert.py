"""An expert card ranks by stated weights and meets the stated rate."""

import numpy as np
import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.risk.scoring.card import CardKind, pds_of_scores, points_of_rows, scores_of_points
from tradeline.risk.scoring.expert import expert_scorecard, quantile_binning

NAMES = ("late_share", "active_months")


def population() -> np.ndarray:
    generator = np.random.default_rng(1)
    X = np.column_stack([generator.random(500), generator.integers(0, 36, 500)])
    X[:10, 0] = np.nan
    return X


def test_it_meets_the_stated_rate_and_says_what_it_is() -> None:
    X = population()
    card = expert_scorecard(X, NAMES, (1, -1), (1.0, 0.5), 0.03)
    scores = scores_of_points(card, points_of_rows(card, X, NAMES))
    assert card.kind is CardKind.EXPERT
    assert card.sample_rate is None
    assert pds_of_scores(card.scale, scores).mean() == pytest.approx(0.03, rel=0.02)


def test_weights_and_directions_decide_the_points() -> None:
    X = population()
    late, months = expert_scorecard(X, NAMES, (1, -1), (1.0, 0.5), 0.03).factors
    assert list(late.points[:-1]) == sorted(late.points[:-1], reverse=True)
    assert list(months.points[:-1]) == sorted(months.points[:-1])
    assert late.best == pytest.approx(2 * months.best, abs=2)


def test_a_missing_value_counts_as_the_riskiest() -> None:
    (factor,) = expert_scorecard(population()[:, :1], NAMES[:1], (1,), (1.0,), 0.03).factors
    assert factor.points[-1] == 0


def test_a_feature_without_spread_has_no_effect() -> None:
    assert quantile_binning(np.ones(20), 1).edges == ()
    assert quantile_binning(np.full(20, np.nan), 1).edges == ()
    assert expert_scorecard(np.ones((20, 1)), ("a",), (1,), (1.0,), 0.03).factors == ()


def test_bins_hold_about_the_same_number_of_firms() -> None:
    counts = quantile_binning(np.random.default_rng(2).random(1000), 1).counts
    assert counts[-1] == 0
    assert max(counts[:-1]) - min(counts[:-1]) <= 2


@pytest.mark.parametrize(
    ("direction", "weight", "rate", "message"),
    [
        (0, 1.0, 0.03, "An expert card cannot use direction 0 and weight 1. State a direction"),
        (1, -1.0, 0.03, "cannot use direction 1 and weight -1"),
        (1, 1.0, 0.0, "A default rate of 0 is not possible. State a rate above 0 and below 1"),
    ],
)
def test_what_cannot_be_used_is_refused(
    direction: int, weight: float, rate: float, message: str
) -> None:
    with pytest.raises(InputProblem, match=message.replace(".", r"\.")):
        expert_scorecard(np.ones((9, 1)), ("a",), (direction,), (weight,), rate)
