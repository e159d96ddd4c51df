"""The scorecard keeps scikit-learn's contract, learns what is there, and says what is not."""

import numpy as np
import pytest
from sklearn.exceptions import SkipTestWarning
from sklearn.metrics import roc_auc_score
from sklearn.utils.estimator_checks import check_estimator

from tests.risk.portfolios import LEVELS, TRADE_RISK, make_portfolio, make_traders
from tradeline.kernel.findings import InputProblem
from tradeline.risk.scoring.informative import equal_weight
from tradeline.risk.scoring.logistic import log_odds_of
from tradeline.risk.scoring.scorecard import Scorecard


@pytest.mark.filterwarnings(f"ignore::{SkipTestWarning.__module__}.{SkipTestWarning.__name__}")
def test_it_is_a_scikit_learn_estimator() -> None:
    check_estimator(Scorecard())


def test_many_firms_are_ranked_nearly_as_by_the_truth() -> None:
    known, new = make_portfolio(1, 8000, 10), make_portfolio(1, 16000, 10)
    card = Scorecard(directions=(1,) * 10).fit(known.X, known.bad)
    log_odds = card.decision_function(new.X[8000:])
    best = roc_auc_score(new.bad[8000:], new.log_odds[8000:])
    assert roc_auc_score(new.bad[8000:], log_odds) > best - 0.02


def test_pds_rise_only_with_declared_risk() -> None:
    portfolio = make_portfolio(2, 400, 4)
    card = Scorecard(directions=(1, 1, 1, 1)).fit(portfolio.X, portfolio.bad)
    ladder = np.tile(np.nanmedian(portfolio.X, axis=0), (50, 1))
    for column in range(4):
        rising = ladder.copy()
        rising[:, column] = np.linspace(0, 10, 50)
        assert (np.diff(card.predict_proba(rising)[:, 1]) >= 0).all()


def test_the_stated_base_rate_shifts_log_odds_and_nothing_else() -> None:
    portfolio = make_portfolio(5, 3000, 6)
    plain = Scorecard().fit(portfolio.X, portfolio.bad)
    stated = Scorecard(base_rate=0.03).fit(portfolio.X, portfolio.bad)
    shift = stated.decision_function(portfolio.X) - plain.decision_function(portfolio.X)
    expected = log_odds_of(0.03) - log_odds_of(portfolio.bad.mean())
    assert shift == pytest.approx(np.full(3000, expected), abs=0.02)
    assert plain.predict_proba(portfolio.X)[:, 1].mean() == pytest.approx(
        portfolio.bad.mean(), abs=0.005
    )


def test_few_firms_get_nearly_equal_weights() -> None:
    portfolio = make_portfolio(6, 60, 8)
    card = Scorecard(directions=(1,) * 8, penalties=(1e6,)).fit(portfolio.X, portfolio.bad).card_
    weights = [factor.weight for factor in card.factors]
    assert max(weights) == pytest.approx(min(weights), rel=0.01)


def test_the_equal_weight_counts_repeated_evidence_once() -> None:
    generator = np.random.default_rng(1)
    column = generator.normal(size=(500, 1))
    assert equal_weight(np.tile(column, 4)) == pytest.approx(0.25)
    assert equal_weight(generator.normal(size=(5000, 4))) == pytest.approx(1, abs=0.1)


def test_a_repeated_feature_is_used_once() -> None:
    portfolio = make_portfolio(7, 1000, 3)
    doubled = np.hstack([portfolio.X, portfolio.X[:, :1] * 2])
    card = Scorecard().fit(doubled, portfolio.bad).card_
    assert len({"x0", "x3"} & set(card.names)) == 1


def test_a_feature_that_never_varies_is_left_out_and_named() -> None:
    portfolio = make_portfolio(8, 500, 3)
    X = np.hstack([portfolio.X, np.ones((500, 1))])
    fitted = Scorecard(names=("a", "b", "c", "country")).fit(X, portfolio.bad)
    assert "country" not in fitted.card_.names
    (finding,) = fitted.findings_
    assert finding.line() == (
        "note: country: The feature never varies, so it was left out. "
        "Check its source if it should vary."
    )


def test_noise_alone_gives_every_firm_the_base_rate() -> None:
    X = np.random.default_rng(9).normal(size=(40, 1))
    fitted = Scorecard(base_rate=0.04).fit(X, np.arange(40) % 4 == 0)
    assert fitted.predict_proba(X)[:, 1] == pytest.approx(np.full(40, 0.04), rel=0.01)
    assert fitted.findings_[0].message.startswith("No feature says more about default than chance")


def test_one_class_is_told_plainly() -> None:
    with pytest.raises(InputProblem) as caught:
        Scorecard().fit(np.ones((10, 1)), np.zeros(10))
    assert str(caught.value) == (
        "error: outcomes: Only one class of outcome is present, so no default risk can be "
        "learned. Give firms that defaulted and firms that did not, or use an expert scorecard."
    )


def test_a_direction_must_stand_for_each_feature() -> None:
    with pytest.raises(InputProblem, match="2 directions stand against 3 features"):
        Scorecard(directions=(1, 1)).fit(np.ones((10, 3)), np.arange(10) % 2)


def test_two_fits_are_the_same() -> None:
    portfolio = make_portfolio(10, 300, 5)
    first, second = (Scorecard().fit(portfolio.X, portfolio.bad).card_ for _ in range(2))
    assert first == second


def test_a_category_is_ordered_by_its_risk_inside_the_fit() -> None:
    known, whole = make_traders(11, 8000), make_traders(11, 16000)
    X, bad = whole.X[8000:], whole.bad[8000:]
    fitted = Scorecard(levels=LEVELS).fit(known.X, known.bad)
    ladder = np.tile(np.nanmedian(X, axis=0), (8, 1))
    ladder[:, 3] = np.argsort(TRADE_RISK)
    assert (np.diff(fitted.predict_proba(ladder)[:, 1]) >= 0).all()
    reached = roc_auc_score(bad, fitted.decision_function(X))
    blind = Scorecard().fit(known.X[:, :3], known.bad)
    assert reached > roc_auc_score(bad, blind.decision_function(X[:, :3])) + 0.1
    assert reached > roc_auc_score(bad, whole.log_odds[8000:]) - 0.02


def test_levels_that_only_seem_to_differ_predict_nothing_out_of_fold() -> None:
    generator = np.random.default_rng(13)
    X = generator.integers(0, 60, (1500, 4)).astype(float)
    bad = generator.random(1500) < 0.2
    levels = [tuple(map(str, range(60)))] * 4
    found = Scorecard(levels=levels).fit(X[:1000], bad[:1000])
    assert found.decision_function(X[:1000]).std() < 0.35
    assert len(found.card_.factors) <= 1


def test_a_category_has_no_direction_and_each_level_once() -> None:
    traders = make_traders(14, 100)
    with pytest.raises(InputProblem) as caught:
        Scorecard(levels=LEVELS, directions=(0, 0, 0, 1)).fit(traders.X, traders.bad)
    assert str(caught.value) == (
        "error: outcomes: x3 is a category, and a direction of +1 is stated for it. "
        "State 0: its levels are put in order by their outcomes."
    )
    with pytest.raises(InputProblem, match=r"x3 names a level twice\. Name each level once\."):
        Scorecard(levels=(None, None, None, ("a", "a"))).fit(traders.X, traders.bad)
    with pytest.raises(InputProblem, match="2 lists of levels stand against 4 features"):
        Scorecard(levels=(None, None)).fit(traders.X, traders.bad)


def test_a_category_of_one_level_is_left_out_and_named() -> None:
    traders = make_traders(15, 300)
    X = np.column_stack([traders.X[:, :3], np.zeros(300)])
    fitted = Scorecard(levels=LEVELS, names=("a", "b", "c", "country")).fit(X, traders.bad)
    assert [finding.where for finding in fitted.findings_] == ["country"]
