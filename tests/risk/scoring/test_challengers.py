"""Challengers keep the scorecard's contract, obey directions, and survive their files."""

import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import SkipTestWarning
from sklearn.metrics import roc_auc_score
from sklearn.utils.estimator_checks import check_estimator

from tests.risk.portfolios import LEVELS, make_traders
from tradeline.kernel.findings import InputProblem
from tradeline.risk.scoring import glass_box as glass_box_module
from tradeline.risk.scoring.boosted import Boosted, read_boosted, write_boosted
from tradeline.risk.scoring.estimator import DefaultModel
from tradeline.risk.scoring.glass_box import (
    GlassBox,
    explainable_boosting,
    read_glass_box,
    write_glass_box,
)
from tradeline.risk.scoring.scorecard import Scorecard

DIRECTIONS = (1, 0, 0, 0)
TRADERS = make_traders(1, 5000)
SEEN, NEW = slice(1200), slice(3000, None)
WITHOUT_EXTRA = {
    "lightgbm": "LightGBM (extra `boost`) is not installed",
    "interpret": "InterpretML (extra `glass-box`) is not installed",
}


def boosted() -> Boosted:
    pytest.importorskip("lightgbm", reason=WITHOUT_EXTRA["lightgbm"])
    return Boosted(directions=DIRECTIONS, levels=LEVELS)


def glass_box() -> GlassBox:
    pytest.importorskip("interpret", reason=WITHOUT_EXTRA["interpret"])
    return GlassBox(directions=DIRECTIONS, levels=LEVELS, pairs=2)


MODELS = pytest.mark.parametrize("make", [boosted, glass_box])
_fitted: dict[str, DefaultModel] = {}


def fitted(make: Callable[[], DefaultModel]) -> DefaultModel:
    """Fitted once for all tests."""
    model = make()
    if make.__name__ not in _fitted:
        _fitted[make.__name__] = model.fit(TRADERS.X[SEEN], TRADERS.bad[SEEN])
    return _fitted[make.__name__]


@pytest.mark.filterwarnings(f"ignore::{SkipTestWarning.__module__}.{SkipTestWarning.__name__}")
def test_boosted_trees_are_a_scikit_learn_estimator() -> None:
    pytest.importorskip("lightgbm", reason=WITHOUT_EXTRA["lightgbm"])
    check_estimator(Boosted())


@pytest.mark.long
@pytest.mark.filterwarnings(f"ignore::{SkipTestWarning.__module__}.{SkipTestWarning.__name__}")
def test_a_glass_box_is_a_scikit_learn_estimator(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("interpret", reason=WITHOUT_EXTRA["interpret"])
    # So few rounds say nothing of the fit, but as much of the contract as many would.
    monkeypatch.setattr(glass_box_module, "ROUNDS_MAX", 100)
    check_estimator(GlassBox())


@MODELS
def test_a_challenger_ranks_new_firms_about_as_well_as_the_scorecard(
    make: Callable[[], DefaultModel],
) -> None:
    card = Scorecard(levels=LEVELS).fit(TRADERS.X[SEEN], TRADERS.bad[SEEN])
    ours, theirs = (
        roc_auc_score(TRADERS.bad[NEW], model.decision_function(TRADERS.X[NEW]))
        for model in (card, fitted(make))
    )
    assert theirs == pytest.approx(ours, abs=0.03)
    assert theirs > 0.65


@MODELS
def test_probabilities_follow_the_log_odds(make: Callable[[], DefaultModel]) -> None:
    model = fitted(make)
    pds = model.predict_proba(TRADERS.X[NEW])
    assert pds.shape == (2000, 2)
    assert pds.sum(axis=1) == pytest.approx(np.ones(2000))
    assert ((pds[:, 1] > 0.5) == (model.decision_function(TRADERS.X[NEW]) > 0)).all()
    assert set(model.predict(TRADERS.X[NEW])) <= {False, True}
    assert pds[:, 1].mean() == pytest.approx(TRADERS.bad[NEW].mean(), abs=0.03)


@MODELS
def test_a_declared_direction_binds(make: Callable[[], DefaultModel]) -> None:
    ladder = np.repeat(TRADERS.X[:20], 60, axis=0)
    ladder[:, 0] = np.tile(np.geomspace(0.01, 100, 60), 20)
    log_odds = fitted(make).decision_function(ladder).reshape(20, 60)
    assert (np.diff(log_odds, axis=1) >= -1e-9).all()
    assert (log_odds[:, -1] > log_odds[:, 0]).all()


@MODELS
def test_equal_rows_give_equal_models(make: Callable[[], DefaultModel]) -> None:
    X, bad, groups = TRADERS.X[:200], TRADERS.bad[:200], np.arange(200) // 2
    times = np.arange(200)
    first, second = (clone(make()).fit(X, bad, groups, times) for _ in range(2))
    assert (first.decision_function(X) == second.decision_function(X)).all()


@MODELS
def test_the_stated_base_rate_shifts_every_log_odds(make: Callable[[], DefaultModel]) -> None:
    X, bad = TRADERS.X[:200], TRADERS.bad[:200]
    times = np.arange(200)
    plain, stated = (
        make().set_params(base_rate=rate).fit(X, bad, times=times) for rate in (None, 0.03)
    )
    shift = stated.decision_function(X) - plain.decision_function(X)
    expected = np.log(0.03 / 0.97) - np.log(bad.mean() / (1 - bad.mean()))
    assert shift == pytest.approx(np.full(200, expected))


@MODELS
def test_growth_can_be_stopped_by_the_latest_rows(make: Callable[[], DefaultModel]) -> None:
    model = make().fit(TRADERS.X[:600], TRADERS.bad[:600], times=np.arange(600) // 10)
    assert np.isfinite(model.decision_function(TRADERS.X[NEW])).all()


@MODELS
def test_an_unknown_category_is_neither_a_level_nor_missing(
    make: Callable[[], DefaultModel],
) -> None:
    rows = np.tile(TRADERS.X[0], (4, 1))
    rows[:, 3] = 8, -1, 0.5, 99
    found = fitted(make).decision_function(rows)
    assert (found == found[0]).all()


@MODELS
def test_one_class_and_few_rows_are_told_or_endured(make: Callable[[], DefaultModel]) -> None:
    with pytest.raises(InputProblem, match="Only one class of outcome is present"):
        make().fit(TRADERS.X[:20], np.zeros(20))
    model = make().fit(TRADERS.X[:12], np.arange(12) == 3)
    assert np.isfinite(model.decision_function(TRADERS.X[NEW])).all()


def test_boosted_trees_survive_their_file() -> None:
    model = fitted(boosted)
    assert isinstance(model, Boosted)
    text = write_boosted(model.model_)
    again = read_boosted(text)
    assert again == model.model_
    assert (again.log_odds(TRADERS.X[NEW]) == model.decision_function(TRADERS.X[NEW])).all()


def test_a_glass_box_survives_its_file_and_scores_as_its_library_does() -> None:
    model = fitted(glass_box)
    assert isinstance(model, GlassBox)
    again = read_glass_box(write_glass_box(model.model_))
    assert (again.log_odds(TRADERS.X) == model.decision_function(TRADERS.X)).all()
    assert any(len(term.columns) == 2 for term in again.terms)
    assert not any(len(term.columns) == 2 and 0 in term.columns for term in again.terms)


def test_a_glass_box_says_what_its_library_says_even_at_the_cuts() -> None:
    model = glass_box()
    X, bad = TRADERS.X[:300], TRADERS.bad[:300]
    kept: list[Any] = []
    library = explainable_boosting()
    fit = library.fit

    def fit_and_keep(own: Any, *rows: Any, **options: Any) -> Any:
        kept.append(own)
        return fit(own, *rows, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(library, "fit", fit_and_keep)
        model.fit(X, bad, times=np.arange(300))
    (oracle,) = kept
    curve = model.model_.terms[0].axes[0].cuts
    at_cuts = np.repeat(X[:1], len(curve), axis=0)
    at_cuts[:, 0] = curve
    for rows in (X, TRADERS.X[NEW], at_cuts):
        theirs = oracle.decision_function(rows)
        assert model.decision_function(rows) == pytest.approx(theirs, abs=1e-9, rel=0)


def test_a_changed_file_does_not_load() -> None:
    whole = json.loads(write_glass_box(fitted(glass_box).model_))
    whole["glass_box"]["intercept"] += 1
    with pytest.raises(InputProblem, match="The glass box was changed since it was written"):
        read_glass_box(json.dumps(whole))
    with pytest.raises(InputProblem, match=r"The file is no boosted model of the format tradeline"):
        read_boosted(json.dumps(whole))


def test_what_to_install_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for absent in ("lightgbm", "interpret.glassbox"):
        monkeypatch.setitem(sys.modules, absent, None)
    X, bad = TRADERS.X[:50], TRADERS.bad[:50]
    with pytest.raises(InputProblem, match=r'pip install "tradeline\[boost\]"; or use the'):
        Boosted().fit(X, bad)
    with pytest.raises(InputProblem, match=r'pip install "tradeline\[glass-box\]"; or use the'):
        GlassBox().fit(X, bad)
