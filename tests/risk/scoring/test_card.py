"""A score is the sum of its points, and a PD follows from the score alone."""

import numpy as np
import pytest

from tests.risk.portfolios import make_portfolio
from tradeline.kernel.findings import InputProblem
from tradeline.risk.scoring.card import (
    Card,
    Scale,
    pd_of_score,
    pds_of_scores,
    points_of_row,
    points_of_rows,
    scores_of_points,
)
from tradeline.risk.scoring.scorecard import Scorecard

NAMES = tuple(f"x{column}" for column in range(6))


@pytest.fixture(scope="module")
def card() -> Card:
    portfolio = make_portfolio(3, 1500, 6)
    return Scorecard(directions=(1,) * 6, base_rate=0.05).fit(portfolio.X, portfolio.bad).card_


def test_the_scale_doubles_the_odds_every_pdo_points() -> None:
    scale = Scale(600, 20, 50)
    assert pd_of_score(scale, 600) == pytest.approx(1 / 21)
    assert pd_of_score(scale, 650) == pytest.approx(1 / 41)


def test_row_and_batch_agree_to_the_bit(card: Card) -> None:
    X = make_portfolio(4, 300, 6).X
    points = points_of_rows(card, X, NAMES)
    scores = scores_of_points(card, points)
    pds = pds_of_scores(card.scale, scores)
    for row in range(300):
        own = points_of_row(card, dict(zip(NAMES, X[row].tolist(), strict=True)))
        assert own == tuple(points[row])
        assert card.constant + sum(own) == scores[row]
        assert pd_of_score(card.scale, card.constant + sum(own)) == pds[row]


def test_the_worst_bin_has_no_points(card: Card) -> None:
    assert all(min(factor.points) == 0 for factor in card.factors)
    assert all(factor.best > 0 for factor in card.factors)


def test_nothing_missing_or_mistyped_is_scored_as_a_number(card: Card) -> None:
    whole = dict.fromkeys(NAMES, 1.0)
    assert points_of_row(card, {**whole, "x0": None}) == points_of_row(
        card, {**whole, "x0": np.nan}
    )
    with pytest.raises(InputProblem, match=r"'7' is no number\. Give a number, or nothing"):
        points_of_row(card, {**whole, "x0": "7"})  # type: ignore[dict-item]
    with pytest.raises(InputProblem, match="The scorecard needs x0, which is absent"):
        points_of_row(card, dict.fromkeys(NAMES[1:], 1.0))
    with pytest.raises(InputProblem, match="The scorecard needs x0, which is absent"):
        points_of_rows(card, np.ones((2, 5)), NAMES[1:])
