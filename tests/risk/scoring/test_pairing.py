"""A card holds pairs of columns where they say more than their sum, and only there."""

import json
from itertools import combinations
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from tests.risk.portfolios import LEVELS, make_portfolio, make_traders
from tradeline.kernel.findings import InputProblem
from tradeline.risk.scoring.artifact import read_card, write_card
from tradeline.risk.scoring.card import Card, Factor, Value, points_of_row, points_of_rows
from tradeline.risk.scoring.crosses import Cross
from tradeline.risk.scoring.curves import STEADY
from tradeline.risk.scoring.overrides import Action, Override
from tradeline.risk.scoring.pair_search import MISSING, PLACES, SPREAD_LEAST, learn_pairs
from tradeline.risk.scoring.scorecard import Scorecard

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
NAMES = ("late", "used", "age", "trade")
TRADES = ("bakery", "carpets", "dyes", "engines")
KINDS = (None, None, None, TRADES)


def crossed(seed: int, rows: int = 3000, *, gaps: float = 0.05) -> tuple[Floats, Flags]:
    """Figures of which `late` and `used`, and `age` and `trade`, tell most together."""
    generator = np.random.default_rng(seed)
    X = np.column_stack([generator.normal(size=(rows, 3)), generator.integers(0, 4, rows)])
    log_odds = -2 + 2.5 * ((X[:, 0] > 0.2) & (X[:, 1] > 0)) - 2 * (X[:, 2] > 0) * (X[:, 3] > 1)
    X[generator.random(rows) < gaps, 0] = np.nan
    return X, generator.random(rows) < 1 / (1 + np.exp(-log_odds))


def fitted(*overrides: Override, **options: object) -> Scorecard:
    card = Scorecard(names=NAMES, levels=KINDS, rounds=8, pairs=3, overrides=overrides)
    X, bad = crossed(1)
    card.set_params(**options)
    return card.fit(X, bad)


@pytest.fixture(scope="module")
def scorecard() -> Scorecard:
    return fitted()


def pairs_of(card: Card) -> list[Factor]:
    return [factor for factor in card.factors if factor.binning.cross]


def test_pairs_are_found_and_rank_better_where_the_card_was_not_learned(
    scorecard: Scorecard,
) -> None:
    X, bad = crossed(2)
    plain = fitted(pairs=0)
    found = [set(factor.columns) for factor in pairs_of(scorecard.card_)]
    assert {"late", "used"} in found
    assert {"age", "trade"} in found
    assert pairs_of(plain.card_) == []
    with_pairs, without = (
        roc_auc_score(bad, one.predict_proba(X)[:, 1]) for one in (scorecard, plain)
    )
    assert with_pairs > without + 0.01
    assert len(pairs_of(fitted(pairs=1).card_)) == 1


def test_a_card_with_pairs_keeps_the_default_rate(scorecard: Scorecard) -> None:
    X, bad = crossed(1)
    assert scorecard.predict_proba(X)[:, 1].mean() == pytest.approx(bad.mean(), abs=0.003)
    assert scorecard.set_params(base_rate=0.05).fit(X, bad).card_.base_rate == 0.05


@pytest.mark.parametrize("seed", range(4))
def test_where_figures_only_add_up_a_card_stays_plain(seed: int) -> None:
    portfolio = make_portfolio(seed, 1500, 6)
    plain, free = (
        Scorecard(rounds=4, pairs=pairs).fit(portfolio.X, portfolio.bad).card_ for pairs in (0, 5)
    )
    assert free == plain


def test_too_few_outcomes_make_no_pair() -> None:
    X, bad = crossed(1)
    for defaults, expected in ((99, False), (300, True)):
        few = np.concatenate([np.flatnonzero(bad)[:defaults], np.flatnonzero(~bad)[:1500]])
        card = Scorecard(names=NAMES, levels=KINDS, rounds=8, pairs=3).fit(X[few], bad[few]).card_
        assert bool(pairs_of(card)) == expected


def test_where_all_defaults_are_of_one_group_there_is_nothing_to_judge_by() -> None:
    X, bad = crossed(1, 1500)
    card = Scorecard(names=NAMES, levels=KINDS, pairs=3).fit(X, bad, np.where(bad, 0, 1)).card_
    assert pairs_of(card) == []


@pytest.mark.parametrize(
    "override",
    [
        Override("late", Action.FORBID, "A. Analyst", "may not be asked"),
        Override("late", Action.DIRECTION, "A. Analyst", "as everybody knows", value=1),
        Override("late", Action.MERGE, "A. Analyst", "too fine", (1.5, 1.9), None, True),
    ],
)
def test_what_an_analyst_decides_over_stands_in_no_pair(override: Override) -> None:
    found = pairs_of(fitted(override).card_)
    assert found
    assert not any("late" in factor.columns for factor in found)


def test_a_stated_direction_keeps_a_column_out_of_pairs() -> None:
    found = pairs_of(fitted(directions=(1, 0, 0, 0)).card_)
    assert found
    assert not any("late" in factor.columns for factor in found)


def row_of(values: Floats) -> dict[str, Value]:
    row: dict[str, Value] = {}
    for name, value in zip(NAMES, values.tolist(), strict=True):
        text = TRADES[int(value)] if name == "trade" and value == value else value
        row[name] = None if value != value else text
    return row


def test_one_firm_and_a_table_have_the_same_points(scorecard: Scorecard) -> None:
    X, _ = crossed(3, 400, gaps=0.3)
    X[::7, 1:] = np.nan
    points = points_of_rows(scorecard.card_, X, NAMES)
    for values, own in zip(X, points, strict=True):
        assert points_of_row(scorecard.card_, row_of(values)) == tuple(own)


def test_a_missing_value_that_nobody_had_has_the_fewest_points(scorecard: Scorecard) -> None:
    pairs = pairs_of(scorecard.card_)
    at = [scorecard.card_.factors.index(factor) for factor in pairs]
    whole: dict[str, Value] = {"late": -1.0, "used": -1.0, "age": 1.0, "trade": "engines"}
    assert any(points_of_row(scorecard.card_, whole)[place] > 0 for place in at)
    for name in ("used", "age", "trade"):
        points = points_of_row(scorecard.card_, {**whole, name: None})
        for place, factor in zip(at, pairs, strict=True):
            if name in factor.columns:
                assert points[place] == min(factor.points)


def test_what_few_had_who_lacked_a_value_gains_them_nothing() -> None:
    X, bad = crossed(1, gaps=0)
    safe = np.flatnonzero(~bad & (X[:, 1] < -1.2))[:12]
    X[safe, 0] = np.nan
    card = Scorecard(names=NAMES, levels=KINDS, rounds=8, pairs=1).fit(X, bad).card_
    (factor,) = pairs_of(card)
    assert set(factor.columns) == {"late", "used"}
    lacking = points_of_rows(card, X[safe], NAMES)[:, card.factors.index(factor)]
    woe = np.array(factor.binning.woe)
    neutral = factor.points[int(np.abs(woe).argmin())]
    assert lacking.max() <= neutral


def test_an_unknown_category_has_the_fewest_points_and_alone_is_refused(
    scorecard: Scorecard,
) -> None:
    cut = Card(
        scorecard.card_.kind, scorecard.card_.scale, 0,
        tuple(f for f in pairs_of(scorecard.card_) if "trade" in f.columns), 0.1, 0.1,
    )  # fmt: skip
    points = points_of_rows(cut, np.array([[0.0, 0.0, 1.0, 9.0]]), NAMES)
    assert points.tolist() == [[min(factor.points) for factor in cut.factors]]
    row: dict[str, Value] = {"late": 0.0, "used": 0.0, "age": 1.0, "trade": "smuggling"}
    with pytest.raises(InputProblem, match="'smuggling' is a category that the scorecard has"):
        points_of_row(cut, row)
    with pytest.raises(InputProblem, match="The scorecard needs age, which is absent"):
        points_of_row(cut, {"trade": "dyes"})


def test_a_card_with_pairs_survives_its_file_and_one_without_has_no_word_of_them(
    scorecard: Scorecard,
) -> None:
    text = write_card(scorecard.card_)
    assert read_card(text) == scorecard.card_
    plain = write_card(fitted(pairs=0).card_)
    assert '"cross"' in text
    assert '"cross"' not in plain
    assert json.loads(text)["format"] == json.loads(plain)["format"]


def test_the_bins_of_a_pair_hold_every_row_once_in_order_of_risk(scorecard: Scorecard) -> None:
    _, bad = crossed(1)
    for factor in pairs_of(scorecard.card_):
        binning = factor.binning
        assert sum(binning.counts) == len(bad)
        assert sum(binning.bads) == bad.sum()
        assert list(binning.woe[:-1]) == sorted(binning.woe[:-1])
        assert isinstance(binning.cross, Cross)
        assert {cell for row in binning.cross.bins for cell in row} <= set(range(len(binning.woe)))


def test_a_category_of_many_levels_may_stand_in_a_pair() -> None:
    traders = make_traders(3, 1500)
    card = Scorecard(levels=LEVELS, max_bins=12, rounds=4, pairs=2).fit(traders.X, traders.bad)
    assert card.predict_proba(traders.X).shape == (1500, 2)


def gain_by_hand(pull: Floats, spread: Floats) -> float:
    """Each two cuts tried one by one: the oracle of the search."""

    def worth(some: NDArray[np.bool_]) -> float:
        return float(pull[some].sum() ** 2 / (2 * (spread[some].sum() + STEADY)))

    rows, columns = list(np.indices(pull.shape))

    def best_cut(inside: Any, places: Any) -> float:
        found = [worth(inside)]
        for at in range(PLACES - 1):
            parts = inside & (places <= at), inside & (places > at)
            if min(spread[part].sum() for part in parts) >= SPREAD_LEAST:
                found.append(sum(map(worth, parts)))
        return max(found)

    joint = [
        best_cut(one <= at, other) + best_cut(one > at, other)
        for one, other in ((rows, columns), (columns, rows))
        for at in range(PLACES - 1)
    ]
    whole = np.ones(pull.shape, dtype=bool)
    return max(joint) - max(best_cut(whole, rows), best_cut(whole, columns))


@pytest.mark.parametrize("seed", range(5))
def test_the_pair_that_is_taken_first_gains_most_of_all(seed: int) -> None:
    generator = np.random.default_rng(seed)
    places = [generator.integers(0, PLACES, 600) for _ in range(4)]
    bad = generator.random(600) < 0.2 + 0.3 * ((places[0] > 5) & (places[2] > MISSING - 4))
    log_odds = np.full(600, -1.2)
    chance = 1 / (1 + np.exp(-log_odds))
    by_hand = {}
    for one, other in combinations(range(4), 2):
        cells = PLACES * places[one] + places[other]
        sums = [
            np.bincount(cells, part, PLACES**2).astype(np.float64).reshape(PLACES, PLACES)
            for part in (bad - chance, chance * (1 - chance))
        ]
        by_hand[one, other] = gain_by_hand(sums[0], sums[1])
    found = learn_pairs(places, bad, log_odds, 1)
    assert found[0].columns == max(by_hand, key=lambda pair: by_hand[pair])
