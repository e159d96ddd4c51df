"""Nobody is predicted by a model that saw them."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from tests.risk.portfolios import make_portfolio
from tradeline.risk.scoring.cross_fit import (
    bootstrap_pds,
    deal_folds,
    draw_firms,
    out_of_fold_pds,
    pds_on_folds,
)
from tradeline.risk.scoring.logistic import fit_logistic
from tradeline.risk.scoring.scorecard import Scorecard


def test_noise_is_not_predicted() -> None:
    generator = np.random.default_rng(1)
    X, bad = generator.normal(size=(600, 20)), generator.random(600) < 0.3
    inside = roc_auc_score(bad, Scorecard().fit(X, bad).decision_function(X))
    outside = roc_auc_score(bad, out_of_fold_pds(Scorecard(), X, bad, generator))
    assert inside > 0.6
    assert outside == pytest.approx(0.5, abs=0.06)


def test_a_copied_firm_stays_out_of_its_own_fit() -> None:
    generator = np.random.default_rng(2)
    groups = np.repeat(np.arange(150), 4)
    X = np.repeat(generator.normal(size=(150, 10)), 4, axis=0)
    bad = np.repeat(generator.random(150) < 0.3, 4)
    pds = out_of_fold_pds(Scorecard(), X, bad, generator, groups=groups)
    assert roc_auc_score(bad, pds) < 0.62


@pytest.mark.parametrize(("rows", "level"), [(2000, -1.0), (5000, -2.0), (20000, -3.0)])
def test_out_of_fold_log_odds_are_calibrated(rows: int, level: float) -> None:
    portfolio = make_portfolio(rows, rows, 12, level=level, spread=1.2)
    scorecard = Scorecard(directions=(1,) * 12)
    generator = np.random.default_rng(1)
    pds = out_of_fold_pds(scorecard, portfolio.X, portfolio.bad, generator)
    log_odds = np.log(pds / (1 - pds))[:, None]
    slope = fit_logistic(log_odds, portfolio.bad, 1.0, 1e-6).weights[0]
    assert 0.9 < slope < 1.1
    assert pds.mean() == pytest.approx(portfolio.bad.mean(), rel=0.02)


def test_the_range_holds_the_pd_and_repeats_itself() -> None:
    portfolio = make_portfolio(3, 200, 6)
    scorecard = Scorecard(directions=(1,) * 6, base_rate=0.05)
    ranges = [
        bootstrap_pds(
            scorecard,
            portfolio.X[:150],
            portfolio.bad[:150],
            portfolio.X[150:],
            np.random.default_rng(4),
            resamples=30,
        )
        for _ in range(2)
    ]
    assert (ranges[0].low == ranges[1].low).all()
    assert (ranges[0].high == ranges[1].high).all()
    pds = scorecard.fit(portfolio.X[:150], portfolio.bad[:150]).predict_proba(portfolio.X[150:])
    assert np.mean((ranges[0].low <= pds[:, 1]) & (pds[:, 1] <= ranges[0].high)) > 0.8


def test_each_resample_keeps_the_numbers_of_both_classes() -> None:
    bad = np.arange(50) % 5 == 0
    rows = draw_firms(bad, np.random.default_rng(5))
    assert bad[rows].sum() == bad.sum()
    assert len(rows) == 50


def test_any_classifier_predicts_on_the_same_folds() -> None:
    generator = np.random.default_rng(6)
    X, bad = generator.normal(size=(80, 3)), np.arange(80) % 4 == 0
    fold = deal_folds(bad, generator)
    pds = pds_on_folds(LogisticRegression(), X, bad, fold)
    for number in range(5):
        plain = LogisticRegression().fit(X[fold != number], bad[fold != number])
        assert pds[fold == number] == pytest.approx(plain.predict_proba(X[fold == number])[:, 1])


def test_there_are_no_more_folds_than_firms_of_a_class() -> None:
    bad = np.arange(40) < 3
    fold = deal_folds(bad, np.random.default_rng(7))
    assert sorted(fold[bad]) == [0, 1, 2]
