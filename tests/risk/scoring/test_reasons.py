"""Reasons are the points themselves; changes are honest and verifiable."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.risk.portfolios import LEVELS, make_portfolio, make_traders
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.declaration import Feature
from tradeline.risk.report.formatting import MINUS, NBSP
from tradeline.risk.scoring.binning import Binning
from tradeline.risk.scoring.card import (
    CardKind,
    Scale,
    make_card,
    pd_of_score,
    points_of_rows,
    scores_of_points,
)
from tradeline.risk.scoring.expert import expert_scorecard
from tradeline.risk.scoring.overrides import Action, Override
from tradeline.risk.scoring.reasons import Explainer, apart, figure, make_explainer, title_of
from tradeline.risk.scoring.scorecard import Scorecard

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
        "Unevenness of monthly sales",
        "Largest buyer's share of sales",
        "Positive sales invoices of whole thousands",
    ]
    assert found.reasons[0].text.startswith(
        f"CNY{NBSP}10,000; no points are lost with more than CNY{NBSP}"
    )
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
    assert found.reasons[0].text.startswith(
        "Not on record, which counts as the riskiest; no points are lost with more than CNY"
    )
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
    named = [int(c.action.split(". ")[-1].split(NBSP)[0]) for c in before.changes]
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
        ("minor units per month", 100.0, f"CNY{NBSP}1 a month"),
        ("share", 0.714, f"71.4{NBSP}%"),
        ("change", -0.25, f"{MINUS}25.0{NBSP}%"),
        ("index 0 to 1", 0.333, "0.33"),
        ("log points per month", -0.01234, f"{MINUS}1.2{NBSP}% a month"),
        ("days", 12.0, "12 days"),
        ("buyers", 1.0, "1 buyer"),
        ("stars", 4.25, "4.25 stars"),
        ("share", float("nan"), ""),
    ],
)
def test_figures_are_written_as_a_reader_would(unit: str, value: float, text: str) -> None:
    assert figure(unit, value, "CNY") == text


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("sales_12m_minor", "Sales with tax, less reversals (12 months)"),
        ("sales_growth_12m", "Sales against the twelve months before"),
        ("buyers_lost_share_12m", "Buyers of the twelve months before that bought no more"),
        ("margin_change_12m", "Margin less that of the twelve months before"),
        ("purchases_to_sales_3m", "Purchases over sales in the last three months"),
        ("days_since_first_sale", "Days since the first known sale"),
        ("sales_trend_36m", "Trend of monthly sales, seasons removed (36 months)"),
        ("buyer_hhi_12m", "Concentration of sales on buyers, 0 to 1 (12 months)"),
    ],
)
def test_a_title_says_its_window_once_and_shortly(name: str, title: str) -> None:
    assert title_of(features(name)[0]) == title


def test_no_title_of_the_catalogue_says_its_window_twice() -> None:
    for feature in CATALOGUE:
        title = title_of(feature)
        assert ";" not in title
        assert len(title) <= 80
        assert title.count("(") <= 1


def one_factor(name: str, edge: float) -> Explainer:
    """An explainer of one feature that loses points on the risky side of an edge."""
    (feature,) = features(name)
    sign = feature.direction or -1
    nothing = (0.0, 0.0, 0.0)
    woe = (-1.0 * sign, 1.0 * sign, 1.0)
    binning = Binning((edge,), (0, 0, 0), nothing, nothing, woe, sign, 0.0)
    card = make_card(CardKind.FITTED, Scale(), 0.0, [(name, binning, 1.0)], 0.05, 0.2)
    return make_explainer(card, (feature,), "CNY")


def test_figures_that_look_equal_are_shown_with_more_digits() -> None:
    found = one_factor("sales_volatility_12m", 1.6204).explain({"sales_volatility_12m": 1.6212})
    assert found.reasons[0].text.startswith("1.621; no points are lost with at most 1.620. ")
    assert "at most 1.620, now 1.621. " in found.changes[0].action


def test_a_bar_between_two_counts_is_the_next_whole_number() -> None:
    found = one_factor("buyers_12m", 38.5).explain({"buyers_12m": 30.0})
    assert found.reasons[0].text.startswith("30 buyers; no points are lost with at least 39 buyers")
    assert found.changes[0].action.startswith("Different buyers (12 months): at least 39 buyers, n")


def test_a_factor_without_declared_direction_says_that_outcomes_chose_the_side() -> None:
    found = one_factor("buyers_gained_share_12m", 0.5).explain({"buyers_gained_share_12m": 0.25})
    assert found.reasons[0].text == (
        f"25.0{NBSP}%; no points are lost with more than 50.0{NBSP}%, as earlier loans suggest. "
        "New buyers are growth, or replace those that left."
    )


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.sampled_from(["ratio", "share", "days"]))
def test_figures_apart_differ_unless_they_are_all_but_equal(a: float, b: float, unit: str) -> None:
    factor = one_factor("sales_volatility_12m", a).card.factors[0]
    bar, now = apart(factor, unit, a, b, "CNY")
    assert bar != f"with at most {now}" or abs(a - b) < 1e-5


def test_a_category_is_named_in_the_reason_and_no_change_of_it_is_advised() -> None:
    traders = make_traders(3, 3000)
    card = Scorecard(names=NAMES, levels=LEVELS).fit(traders.X, traders.bad).card_
    row = dict.fromkeys(NAMES, 1.0)
    found = make_explainer(card, USED, "CNY").explain({**row, NAMES[3]: "glass"})
    (reason,) = (r for r in found.reasons if r.text.startswith("glass"))
    assert reason.text.startswith("glass; no points are lost with carpets or hats. ")
    assert not any("glass" in change.action for change in found.changes)


def test_many_safe_levels_are_named_by_the_first_few() -> None:
    trades = tuple("abcdefgh")
    groups = (trades[:6], trades[6:])
    binning = Binning((), (6, 2, 0), (6.0, 0.0, 0.0), (0.0, 2.0, 0.0), (-1.0, 1.0, 1.0), 1, 0.5)
    binning = replace(binning, levels=trades, groups=groups)
    card = make_card(CardKind.FITTED, Scale(), 0.0, [(NAMES[0], binning, 1.0)], 0.05, 0.05)
    (reason,) = make_explainer(card, USED, "CNY").explain({NAMES[0]: "g"}).reasons
    assert reason.text.startswith(f"g; no points are lost with a, b, c or 3{NBSP}others.")


def test_points_pinned_out_of_order_are_told_by_their_stretch_and_bring_no_advice() -> None:
    binning = Binning(
        (0.2, 0.6), (9, 9, 9, 0), (0.0,) * 4, (0.0,) * 4, (-1.0, 0.0, 1.0, 1.0), 1, 0.5
    )
    pin = Override(NAMES[2], Action.PIN_POINTS, "Li", "policy", at=(0.5,), value=300)
    card = make_card(CardKind.FITTED, Scale(), 0.0, [(NAMES[2], binning, 1.0)], 0.05, 0.05, [pin])
    found = make_explainer(card, USED, "CNY").explain({NAMES[2]: 0.1})
    assert found.reasons[0].text.startswith(
        f"10.0{NBSP}%; no points are lost with more than 20.0{NBSP}% and at most 60.0{NBSP}%."
    )
    assert found.changes == ()
