"""A card survives its file, and a changed file does not pass for a card."""

import json

import numpy as np
import pytest

from tests.risk.portfolios import LEVELS, TRADES, make_portfolio, make_traders
from tradeline.kernel.findings import InputProblem
from tradeline.risk.scoring.artifact import read_card, write_card
from tradeline.risk.scoring.card import Card
from tradeline.risk.scoring.expert import expert_scorecard
from tradeline.risk.scoring.scorecard import Scorecard


def fitted() -> Card:
    portfolio = make_portfolio(1, 400, 6)
    return Scorecard(directions=(1,) * 6, base_rate=0.05).fit(portfolio.X, portfolio.bad).card_


def expert() -> Card:
    X = np.random.default_rng(1).random((50, 2))
    return expert_scorecard(X, ("a", "b"), (1, -1), (0.5, 0.3), 0.05)


def with_categories() -> Card:
    traders = make_traders(1, 800)
    return Scorecard(levels=LEVELS).fit(traders.X, traders.bad).card_


@pytest.mark.parametrize("card", [fitted(), expert(), with_categories()])
def test_what_is_read_equals_what_was_written(card: Card) -> None:
    assert read_card(write_card(card)) == card


def test_equal_cards_give_equal_bytes() -> None:
    assert write_card(fitted()) == write_card(fitted())


def test_a_point_changed_by_hand_does_not_load() -> None:
    whole = json.loads(write_card(fitted()))
    whole["card"]["factors"][0]["points"][0] += 1
    with pytest.raises(InputProblem, match="The scorecard was changed since it was written"):
        read_card(json.dumps(whole))


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"format": "pmml", "card": 1}'])
def test_what_is_no_card_is_refused(text: str) -> None:
    with pytest.raises(InputProblem, match="The file is no scorecard of the format"):
        read_card(text)


def test_the_file_names_the_levels_of_each_group_and_says_nothing_of_them_for_numbers() -> None:
    factors = json.loads(write_card(with_categories()))["card"]["factors"]
    for factor in factors:
        binning = factor["binning"]
        if factor["name"] == "x3":
            assert sorted(level for group in binning["groups"] for level in group) == list(TRADES)
            assert binning["levels"] == list(TRADES)
        else:
            assert "levels" not in binning
            assert "groups" not in binning
