"""Scores of a folder's firms: learned where outcomes are known, stated where none are."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tests.risk.portfolios import make_portfolio
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.table import FeatureTable
from tradeline.kernel.findings import InputProblem, counted
from tradeline.risk.parameters import read_parameters
from tradeline.risk.scoring.card import CardKind, pd_of_score
from tradeline.risk.scoring.scores import Scores, ScoringTerms, read_scoring_terms, score_firms

ON = date(2024, 12, 31)
TERMS = ScoringTerms(base_rate=0.05, horizon_days=365, resamples=8)
INPUTS = tuple(f for f in CATALOGUE if f.direction and not f.possible_consequence)[:8]
RISKIER = np.array([feature.direction for feature in INPUTS])


def market(seed: int = 1, firms: int = 300) -> tuple[FeatureTable, dict[str, bool]]:
    """Firms whose first is without data and whose last third has no outcome."""
    portfolio = make_portfolio(seed, firms, len(INPUTS))
    values = portfolio.X * RISKIER
    values[0] = np.nan
    names = tuple(f"E{number:03}" for number in range(firms))
    outcomes = dict(zip(names[: firms * 2 // 3], portfolio.bad.tolist(), strict=False))
    return FeatureTable(names, tuple(f.name for f in INPUTS), values), outcomes


def scores_of(outcomes: dict[str, bool], inputs: tuple[Feature, ...] = INPUTS) -> Scores:
    return score_firms(market()[0], inputs, outcomes, TERMS, ON)


def test_every_pd_is_the_pd_of_its_score() -> None:
    scores = scores_of(market()[1])
    known = scores.known
    stated = [pd_of_score(scores.card.scale, int(score)) for score in scores.score[known]]
    assert scores.pd[known].tolist() == pytest.approx(stated, rel=1e-12)


def test_a_firm_with_an_outcome_is_scored_by_a_card_that_did_not_see_it() -> None:
    table, outcomes = market()
    scores = scores_of(outcomes)
    assert scores.out_of_fold.sum() == len(outcomes) - 1
    flipped = {**outcomes, table.enterprises[5]: not outcomes[table.enterprises[5]]}
    other = scores_of(flipped)
    assert abs(scores.pd[5] - other.pd[5]) < 0.5 * scores.pd[5]


def test_a_firm_without_data_has_no_pd_and_no_score() -> None:
    scores = scores_of(market()[1])
    assert not scores.known[0]
    assert np.isnan(scores.pd[0])
    assert scores.score[0] == 0
    assert not scores.out_of_fold[0]


def test_the_range_holds_the_pd_and_the_draws_fill_it() -> None:
    scores = scores_of(market()[1])
    known = scores.known
    assert (scores.pd_low[known] <= scores.pd[known]).all()
    assert (scores.pd[known] <= scores.pd_high[known]).all()
    assert scores.pd_draws.shape == (TERMS.resamples, len(known))


def test_the_stated_rate_moves_every_pd_the_same_way() -> None:
    table, outcomes = market()
    low = score_firms(table, INPUTS, outcomes, replace(TERMS, base_rate=0.02), ON)
    high = score_firms(table, INPUTS, outcomes, replace(TERMS, base_rate=0.10), ON)
    assert (low.pd[low.known] < high.pd[high.known]).all()


@pytest.mark.parametrize("outcomes", [{}, {"E005": False, "E006": True}, {"E005": True}])
def test_without_two_outcomes_of_each_kind_the_expert_card_serves(
    outcomes: dict[str, bool],
) -> None:
    sales = tuple(f for f in CATALOGUE if f.name in ("sales_12m_minor", "sales_growth_12m"))
    values = np.random.default_rng(1).normal(size=(50, 2)) ** 2
    table = FeatureTable(
        tuple(f"E{number:03}" for number in range(50)), tuple(f.name for f in sales), values
    )
    scores = score_firms(table, sales, outcomes, TERMS, ON)
    assert scores.card.kind is CardKind.EXPERT
    assert not scores.out_of_fold.any()
    assert scores.pd.mean() == pytest.approx(0.05, rel=0.02)
    said = "No outcome is known"
    if outcomes:
        said = (
            f"{counted(len(outcomes), 'outcome')} known, defaults among them "
            f"{sum(outcomes.values())}: a model needs 2 defaults and 2 others"
        )
    assert scores.findings[0].message == (
        f"{said}, so an expert scorecard with stated weights serves: nothing was learned."
    )


def test_where_no_feature_informs_the_expert_card_serves_and_not_the_base_rate_for_all() -> None:
    table, _ = market()
    draw = np.random.default_rng(5)
    noise = FeatureTable(
        table.enterprises, ("sales_12m_minor",), draw.permutation(table.values[:, :1])
    )
    outcomes = {firm: bool(draw.random() < 0.3) for firm in table.enterprises[:60]}
    sales = tuple(f for f in CATALOGUE if f.name == "sales_12m_minor")
    scores = score_firms(noise, sales, outcomes, TERMS, ON)
    assert scores.card.kind is CardKind.EXPERT
    assert np.unique(scores.pd[scores.known]).size > 1
    assert scores.findings[0].message == (
        f"No feature says more about {sum(outcomes.values())} defaults than chance would, so an "
        "expert scorecard with stated weights serves: nothing was learned."
    )


def test_few_defaults_are_said() -> None:
    table, _ = market()
    outcomes = {firm: number % 10 == 0 for number, firm in enumerate(table.enterprises[:100])}
    found = [finding.message for finding in scores_of(outcomes).findings]
    assert "Every figure of the model rests on 9 defaults, fewer than 50." in found


def test_a_folder_without_any_data_is_refused() -> None:
    empty = FeatureTable(("E1",), ("sales_12m_minor",), np.full((1, 1), np.nan))
    with pytest.raises(InputProblem, match="No firm has any record that was known as of the date"):
        score_firms(empty, INPUTS[:1], {}, TERMS, ON)


def test_without_outcomes_and_weighed_records_there_is_no_score() -> None:
    products = tuple(f for f in CATALOGUE if f.name == "product_hhi_12m")
    table = FeatureTable(("E1", "E2"), ("product_hhi_12m",), np.array([[0.4], [0.2]]))
    with pytest.raises(InputProblem, match="no record that the expert scorecard weighs"):
        score_firms(table, products, {}, TERMS, ON)


@pytest.mark.parametrize("rate", [0.0, 1.0, 5.0])
def test_an_impossible_default_rate_is_refused(rate: float) -> None:
    with pytest.raises(InputProblem, match=f"A default rate of {rate:g} does not lie between 0"):
        read_scoring_terms(ON, rate)


def test_the_stated_rate_goes_before_the_parameter() -> None:
    assert read_scoring_terms(ON, 0.08).base_rate == 0.08
    assert read_scoring_terms(ON, None).base_rate == 0.05


def test_every_weight_of_the_expert_card_belongs_to_an_input_of_default() -> None:
    weights = read_parameters("expert_scorecard", ON)
    inputs = {f.name for f in CATALOGUE if f.direction and not f.possible_consequence}
    assert set(weights) <= inputs
