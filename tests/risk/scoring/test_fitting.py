"""Of very many rows a part says as much about the penalty as all of them would."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tests.risk.portfolios import make_portfolio
from tradeline.risk.scoring import fitting
from tradeline.risk.scoring.artifact import write_card
from tradeline.risk.scoring.scorecard import Scorecard

PORTFOLIO = make_portfolio(1, 140_000, 5, level=-3.0)
SEEN, NEW = slice(110_000), slice(110_000, None)


def fit() -> Scorecard:
    return Scorecard().fit(PORTFOLIO.X[SEEN], PORTFOLIO.bad[SEEN])


@pytest.fixture(scope="module")
def some() -> Scorecard:
    return fit()


def test_tuning_on_a_part_moves_nothing_that_matters(
    some: Scorecard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fitting, "TUNING_ROWS", 10**9)
    every = fit()
    new, bad = PORTFOLIO.X[NEW], PORTFOLIO.bad[NEW]
    aucs = [roc_auc_score(bad, model.decision_function(new)) for model in (some, every)]
    assert aucs[0] == pytest.approx(aucs[1], abs=0.0005)
    assert some.slope_ == pytest.approx(every.slope_, abs=0.02)  # its standard error
    pds = [model.predict_proba(new)[:, 1] for model in (some, every)]
    assert np.median(np.abs(pds[0] / pds[1] - 1)) < 0.02


def test_two_fits_of_very_many_rows_give_the_same_bytes(some: Scorecard) -> None:
    assert write_card(fit().card_) == write_card(some.card_)
