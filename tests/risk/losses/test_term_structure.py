"""The table says what the model says, keeps a card's PDs, and has no row for what it lacks."""

from itertools import pairwise

import numpy as np
import pytest

from tests.risk.losses.test_hazard import fitted
from tests.risk.portfolios import make_portfolio
from tradeline.kernel.findings import InputProblem
from tradeline.risk.losses.term_structure import (
    TermStructure,
    term_structure,
    term_structure_of_scores,
)
from tradeline.risk.scoring.card import pd_of_score
from tradeline.risk.scoring.scorecard import Scorecard


def test_a_row_for_each_score_says_what_the_model_says() -> None:
    model, X = fitted(2000), np.linspace(-2, 2, 7)[:, None]
    found = term_structure(model, X, lowest=500)
    assert (found.lowest, found.highest, found.months) == (500, 506, model.months)
    assert found.table() == pytest.approx(model.cumulative(X))
    assert found.by_month(503) == found.cumulative[3]


def test_a_card_keeps_its_pds_at_a_year_for_every_score() -> None:
    portfolio = make_portfolio(1, 400, 4)
    scorecard = Scorecard(base_rate=0.05).fit(portfolio.X, portfolio.bad)
    card = scorecard.card_
    found = term_structure_of_scores(fitted(2000), card.scale, card.scores)
    scores = scorecard.scores(portfolio.X)
    assert found.lowest <= scores.min() <= scores.max() <= found.highest
    for score in range(found.lowest, found.highest + 1):
        row = found.by_month(score)
        assert row[11] == pytest.approx(pd_of_score(scorecard.card_.scale, score), rel=1e-9)
        assert all(one < later for one, later in pairwise(row))


def test_better_scores_have_lower_pds_in_every_month() -> None:
    portfolio = make_portfolio(2, 400, 4)
    card = Scorecard().fit(portfolio.X, portfolio.bad).card_
    table = term_structure_of_scores(fitted(20_000), card.scale, card.scores).table()
    assert (np.diff(table[:, 11]) < 0).all()
    assert (np.diff(table[:, -1]) < 0).all()


@pytest.mark.parametrize("score", [99, 102, True, 100.0, "100", None])
def test_a_score_without_a_row_is_refused(score: object) -> None:
    table = TermStructure(100, ((0.01, 0.02), (0.02, 0.03)))
    with pytest.raises(InputProblem) as refusal:
        table.by_month(score)  # type: ignore[arg-type]
    assert str(refusal.value) == (
        f"error: term structure: There is no row for the score {score!r}. Rows are from 100 to 101."
    )


@pytest.mark.parametrize(("pd", "month"), [(0.0, 12), (1.0, 12), (0.5, 19)])
def test_pds_that_no_hazard_has_are_refused(pd: float, month: int) -> None:
    with pytest.raises(InputProblem, match="PDs must lie between 0 and 1 and speak of a month"):
        term_structure(fitted(500), np.zeros((1, 1)), lowest=0, pds=np.array([pd]), month=month)
