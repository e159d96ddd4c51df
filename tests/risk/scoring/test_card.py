"""A score is the sum of its points, and a PD follows from the score alone."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.risk.portfolios import LEVELS, TRADES, make_portfolio, make_traders
from tradeline.kernel.findings import InputProblem
from tradeline.risk.scoring.card import (
    Card,
    Scale,
    pd_of_score,
    pds_of_scores,
    points_of_row,
    points_of_rows,
    scores_of_points,
    unknown_in_rows,
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
        points_of_row(card, {**whole, "x0": "7"})
    with pytest.raises(InputProblem, match="The scorecard needs x0, which is absent"):
        points_of_row(card, dict.fromkeys(NAMES[1:], 1.0))
    with pytest.raises(InputProblem, match="The scorecard needs x0, which is absent"):
        points_of_rows(card, np.ones((2, 5)), NAMES[1:])


traders = make_traders(3, 3000)
TRADER_NAMES = ("margin", "age", "delay", "trade")
TRADERS = (
    Scorecard(names=TRADER_NAMES, levels=LEVELS, base_rate=0.05).fit(traders.X, traders.bad).card_
)
numbers = st.none() | st.floats(allow_infinity=False) | st.integers(-5, 50).map(float)


@given(numbers, numbers, numbers, st.none() | st.sampled_from(TRADES))
def test_row_and_batch_agree_to_the_bit_with_categories(
    margin: float | None, age: float | None, delay: float | None, trade: str | None
) -> None:
    row = dict(zip(TRADER_NAMES, (margin, age, delay, trade), strict=True))
    code = None if trade is None else TRADES.index(trade)
    X = np.array([[np.nan if v is None else v for v in (margin, age, delay, code)]])
    points = points_of_rows(TRADERS, X, TRADER_NAMES)
    own = points_of_row(TRADERS, row)
    assert own == tuple(points[0])
    score = TRADERS.constant + sum(own)
    assert scores_of_points(TRADERS, points)[0] == score
    assert pds_of_scores(TRADERS.scale, np.array([score]))[0] == pd_of_score(TRADERS.scale, score)
    assert not unknown_in_rows(TRADERS, X, TRADER_NAMES).any()


def test_an_unknown_category_has_the_fewest_points_in_batch_and_is_told_apart() -> None:
    assert "trade" in TRADERS.names
    place = TRADERS.names.index("trade")
    X = np.array([[1.0, 1.0, 1.0, code] for code in (0.0, 8.0, -1.0, 0.5, np.nan)])
    points = points_of_rows(TRADERS, X, TRADER_NAMES)[:, place]
    assert points[1:4].tolist() == [min(TRADERS.factors[place].points)] * 3
    unknown = unknown_in_rows(TRADERS, X, TRADER_NAMES)
    assert unknown[:, place].tolist() == [False, True, True, True, False]
    assert unknown.sum() == 3


def test_a_category_is_scored_by_its_text_alone() -> None:
    row = dict.fromkeys(TRADER_NAMES, 1.0)
    with pytest.raises(InputProblem) as caught:
        points_of_row(TRADERS, {**row, "trade": "jute"})
    assert str(caught.value) == (
        "error: trade: 'jute' is a category that the scorecard has never seen. Check its "
        "spelling; if it is right, a person must decide, or the card be trained again."
    )
    with pytest.raises(InputProblem, match=r"1\.0 is no text\. Give the text of the category"):
        points_of_row(TRADERS, row)
