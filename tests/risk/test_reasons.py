"""Reasons are the points themselves; changes are honest and verifiable."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.risk.portfolios import make_portfolio
from tradeline.creditfile.feature_catalogue import CATALOGUE
from tradeline.creditfile.feature_spec import Feature
from tradeline.risk.card import pd_of_score, points_of_rows, scores_of_points
from tradeline.risk.expert import expert_scorecard
from tradeline.risk.reasons import Explainer, figure, make_explainer
from tradeline.risk.report.formatting import MINUS, NBSP
from tradeline.risk.scorecard import Scorecard

ON = date(2024, 12, 31)


def features(*names: str) -> tuple[Feature, ...]:
    return tuple(next(f for f in CATALOGUE if f.name == name) for name in names)


USED = features(
    "sales_12m_minor", "sales_volatility_12m", "largest_buyer_share_12m", "round_sales_share_12m"
)
NAMES = tuple(feature.name for feature in USED)


def explainer(weights: tuple[float, ...] = (0.5, 0.4, 0.3, 0.2)) -> Explainer:
    generator = np.random.default_rng(1)
    X = np.column_stack([generator.random(500) * 1e8, *generator.random((3, 500))])
    directions = [feature.direction for feature in USED]
    return make_explainer(expert_scorecard(X, NAMES, directions, weights, 0.05), USED, "CNY")


WEAK = dict(zip(NAMES, (1e6, 0.99, 0.99, 0.99), strict=True))
BEST = dict(zip(NAMES, (1e8, 0.01, 0.01, 0.01), strict=True))


def test_a_weak_firm_hears_the_factors_that_cost_most_first() -> None:
    found = explainer().explain(WEAK)
    assert [reason.factor.split(" (")[0] for reason in found.reasons] == [
        "Sales with tax, less reversals",
        "Coefficient of variation of monthly sales, idle months included",
        "Largest buyer's share of sales",
        "Positive sales invoices of whole thousands",
    ]
    assert found.reasons[0].text.startswith(f"CNY{NBSP}10,000; the best group has above CNY{NBSP}")
    assert found.reasons[0].text.endswith("More sales carry the same loan more easily.")


def test_the_best_firm_has_nothing_to_explain() -> None:
    found = explainer().explain(BEST)
    assert found.reasons == ()
    assert found.changes == ()


def test_what_would_change_it_can_be_verified_and_never_is_a_fraud_signal() -> None:
    found = explainer((0.5, 0.4, 0.3, 5.0)).explain(WEAK)
    assert "whole thousands" in found.reasons[0].factor
    assert len(found.changes) == 3
    assert not any("thousands" in change.action for change in found.changes)
    assert {change.verified_by for change in found.changes} == {"tax invoices"}
    assert found.changes[0].action.endswith("more, all else being equal.")
    assert found.changes[0].takes == f"about 12{NBSP}months"


def test_a_missing_figure_is_said_to_count_as_the_riskiest() -> None:
    found = explainer().explain({**BEST, "sales_12m_minor": None})
    assert found.reasons[0].text.startswith("Not on record, so it counts as the riskiest group;")
    assert found.changes == ()


@given(st.lists(st.floats(0, 1) | st.none(), min_size=6, max_size=6))
def test_score_pd_and_reasons_agree_with_the_card_in_batch(values: list[float | None]) -> None:
    card, used = FITTED, SIX
    row = {f.name: v for f, v in zip(used, values, strict=True)}
    found = make_explainer(card, used, "CNY").explain(row)
    X = np.array([[np.nan if v is None else v for v in values]])
    points = points_of_rows(card, X, [f.name for f in used])
    assert found.score == scores_of_points(card, points)[0]
    assert found.pd == pd_of_score(card.scale, found.score)
    lost = sorted(points[0][k] - f.best for k, f in enumerate(card.factors))
    assert [reason.points for reason in found.reasons] == [p for p in lost if p < 0][:4]


@given(st.lists(st.floats(0, 1), min_size=6, max_size=6))
def test_a_change_gains_the_points_that_it_names(values: list[float]) -> None:
    row = {f.name: v for f, v in zip(SIX, values, strict=True)}
    speaker = make_explainer(FITTED, SIX, "CNY")
    before = speaker.explain(row)
    gains = []
    for words in speaker.words:
        for bound in words.factor.binning.edges:
            past = bound if words.factor.binning.direction > 0 else np.nextafter(bound, 2)
            gain = speaker.explain({**row, words.feature.name: float(past)}).score - before.score
            gains.append(gain)
    named = [int(c.action.split(": ")[-1].split(NBSP)[0]) for c in before.changes]
    assert all(gain in gains for gain in named)


SIX = tuple(f for f in CATALOGUE if f.direction and f.verifiable and not f.fraud_signal)[:6]
_portfolio = make_portfolio(5, 600, 6, spread=2.0)
_ranks = np.nan_to_num(_portfolio.X / (1 + _portfolio.X), nan=0.5)
FITTED = (
    Scorecard(names=tuple(f.name for f in SIX), directions=(1,) * 6, base_rate=0.05)
    .fit(_ranks, _portfolio.bad)
    .card_
)


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("minor units", 125_000_00.0, f"CNY{NBSP}125,000"),
        ("minor units per month", 100.0, f"CNY{NBSP}1 per month"),
        ("share", 0.714, f"71.4{NBSP}%"),
        ("change", -0.25, f"{MINUS}25.0{NBSP}%"),
        ("index 0 to 1", 0.333, "0.33"),
        ("log points per month", -0.01234, f"{MINUS}0.0123 log points per month"),
        ("days", 12.0, "12 days"),
        ("share", float("nan"), ""),
    ],
)
def test_figures_are_written_as_a_reader_would(unit: str, value: float, text: str) -> None:
    assert figure(unit, value, "CNY") == text
