"""Curves: what features say given the others, few steps, in a declared direction monotone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from tradeline.risk.scoring.artifact import read_card, write_card
from tradeline.risk.scoring.binning import BinLimits, Buckets, bucketise, tally
from tradeline.risk.scoring.curves import bins_of_curve, learn_curves, sums_by
from tradeline.risk.scoring.fitting import _factors
from tradeline.risk.scoring.overrides import Action, Override
from tradeline.risk.scoring.scorecard import Scorecard

LIMITS = BinLimits(max_bins=10, split_gain=1.0)
ROUNDS = 8


def entangled(seed: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Two figures of which the second is safe given the first, and risky alone; and a third."""
    generator = np.random.default_rng(seed)
    shared, apart, third = generator.normal(size=(3, rows))
    X = np.column_stack([shared + 0.6 * apart, shared, third])
    bad = generator.random(rows) < 1 / (1 + np.exp(1.5 - 2 * X[:, 0] + 1.8 * X[:, 1] - 0.5 * third))
    return X, bad


def bent(seed: int, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """A figure whose two ends are bad, and one that says nothing."""
    generator = np.random.default_rng(seed)
    X = generator.normal(size=(rows, 2))
    bad = generator.random(rows) < 1 / (1 + np.exp(3 - 1.2 * X[:, 0] ** 2))
    return X, bad


@pytest.mark.parametrize("made", [entangled, bent])
def test_what_one_feature_cannot_say_alone_is_found(made: object) -> None:
    X, bad = made(1, 3000)  # type: ignore[operator]
    new, new_bad = made(2, 6000)  # type: ignore[operator]
    plain, given_others = (
        roc_auc_score(new_bad, Scorecard(rounds=rounds).fit(X, bad).decision_function(new))
        for rounds in (0, ROUNDS)
    )
    assert given_others > plain + 0.01


def test_curves_count_only_where_outcomes_are_likelier_by_more_than_chance() -> None:
    generator = np.random.default_rng(3)
    truth, noise = generator.normal(size=(2, 2000))
    bad = generator.random(2000) < 1 / (1 + np.exp(1.5 - truth))
    slope, factor = _factors(truth - 1.5, truth + noise - 1.5, bad)
    assert slope == pytest.approx(1, abs=0.15)
    assert factor == 0
    slope, factor = _factors(truth + noise - 1.5, truth - 1.5, bad)
    assert factor == pytest.approx(1, abs=0.2)
    assert slope == pytest.approx(0, abs=0.1)


def test_a_declared_direction_binds_the_curve_too() -> None:
    X, bad = bent(1, 3000)
    entangled_X, entangled_bad = entangled(1, 3000)
    for matrix, outcome, directions in ((X, bad, (1, -1)), (entangled_X, entangled_bad, (1, 1, 1))):
        card = Scorecard(directions=directions, rounds=ROUNDS).fit(matrix, outcome).card_
        for factor in card.factors:
            way = directions[int(factor.name[1:])]
            assert (way * np.diff(factor.points[:-1]) <= 0).all()


def test_the_card_is_few_points_that_survive_their_file() -> None:
    X, bad = entangled(1, 3000)
    fitted = Scorecard(rounds=ROUNDS, max_bins=7).fit(X, bad)
    assert fitted.card_.factors[0].weight == 1.0
    assert max(len(factor.points) for factor in fitted.card_.factors) <= 8
    assert read_card(write_card(fitted.card_)) == fitted.card_
    again = Scorecard(rounds=ROUNDS, max_bins=7).fit(X, bad)
    assert write_card(again.card_) == write_card(fitted.card_)
    pds = fitted.predict_proba(X)[:, 1]
    assert pds.mean() == pytest.approx(bad.mean(), abs=0.005)


def test_a_missing_value_has_its_own_curve_and_an_unseen_one_is_the_riskiest() -> None:
    X, bad = entangled(1, 3000)
    holes = np.random.default_rng(4).random(3000) < 0.2
    X[holes, 2], bad[holes] = (
        np.nan,
        bad[holes] | (np.random.default_rng(5).random(holes.sum()) < 0.5),
    )
    card = Scorecard(rounds=ROUNDS).fit(X, bad).card_
    points = {factor.name: factor.points for factor in card.factors}
    assert points["x2"][-1] == min(points["x2"])
    assert points["x0"][-1] == min(points["x0"])
    assert next(f for f in card.factors if f.name == "x0").binning.counts[-1] == 0


def test_categories_are_grouped_by_what_they_say_given_the_others() -> None:
    X, bad = entangled(6, 4000)
    trade = np.random.default_rng(7).integers(0, 6, 4000).astype(float)
    bad |= (trade == 4) & (np.random.default_rng(8).random(4000) < 0.3)
    levels = (None, None, None, tuple("abcdef"))
    card = Scorecard(levels=levels, rounds=ROUNDS).fit(np.column_stack([X, trade]), bad).card_
    factor = next(factor for factor in card.factors if factor.name == "x3")
    assert factor.binning.groups[-1] == ("e",)
    assert sorted(level for group in factor.binning.groups for level in group) == list("abcdef")
    assert factor.points_by_place[factor.binning.unknown] == 0


def test_bins_that_an_analyst_decides_over_keep_their_shape() -> None:
    X, bad = entangled(1, 3000)
    split = Override("x0", Action.SPLIT, "A", "known break", (0.1234,), None, True)
    pinned = Override("x2", Action.PIN_WOE, "A", "by policy", (None,), 0.4)
    forbidden = Override("x1", Action.FORBID, "A", "proxy")
    card = Scorecard(rounds=ROUNDS, overrides=(split, pinned, forbidden)).fit(X, bad).card_
    binnings = {factor.name: factor.binning for factor in card.factors}
    assert 0.1234 in binnings["x0"].edges
    assert binnings["x2"].woe[-1] == 0.4
    assert "x1" not in binnings


def buckets_of(values: np.ndarray) -> Buckets:
    return bucketise(values)


@given(st.integers(0, 2**32 - 1), st.sampled_from([-1, 0, 1]), st.integers(2, 10))
@settings(deadline=None, max_examples=25)
def test_curves_and_their_bins_keep_what_they_promise(seed: int, way: int, most: int) -> None:
    generator = np.random.default_rng(seed)
    rows = int(generator.integers(60, 400))
    X = generator.choice([0.0, 1.0, 2.5, 7.0, np.nan], (rows, 2))
    X[:, 1] = generator.normal(size=rows)
    bad = generator.random(rows) < 0.3
    bad[:2] = (True, False)
    limits = BinLimits(most, 0.05, 5, 1.0)
    buckets = [buckets_of(column) for column in X.T]
    level, curves = learn_curves(buckets, bad, (0, 1), (way, way), limits, 3, {})
    assert np.isfinite(level)
    for feature, curve in zip(buckets, curves.values(), strict=True):
        assert np.isfinite(curve).all()
        if way:
            seen_order = curve[:-1][np.bincount(feature.codes, minlength=len(curve))[:-1] > 0]
            assert (way * np.diff(seen_order) >= -1e-9).all()
        seen = tally(feature, bad, np.ones(rows))
        spread = sums_by(feature, np.full(rows, 0.2))
        binning = bins_of_curve(feature, seen, curve, spread, way, limits)
        assert len(binning.edges) < most
        assert sum(binning.counts) == rows
        inside = np.array(binning.woe[:-1])
        assert inside.min() >= curve[:-1].min() - 1e-9
        assert inside.max() <= curve[:-1].max() + 1e-9
