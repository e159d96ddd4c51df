"""The closed form of EMP equals a slow integral over shares lost, and cases worked by hand."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from tradeline.kernel.findings import InputProblem
from tradeline.risk.validation.discrimination import auc
from tradeline.risk.validation.maximum_profit import (
    ProfitTerms,
    maximum_profit,
    maximum_profit_per_draw,
    read_profit_terms,
)
from tradeline.risk.validation.resampling import draw_counts

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

TERMS = read_profit_terms(date(2024, 12, 31))
STEPS = 2000


@st.composite
def judged(draw: st.DrawFn) -> tuple[Flags, Floats]:
    """Outcomes of both classes and risks with ties."""
    size = draw(st.integers(2, 30))
    bad = np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    bad[:2] = (True, False)
    risk = draw(st.lists(st.integers(-5, 5), min_size=size, max_size=size))
    return bad, np.array(risk, dtype=np.float64)


def slow_profit(bad: Flags, risk: Floats, terms: ProfitTerms, base_rate: float) -> float:
    """The best of all cut-offs at each of many shares lost, in the mean over their law."""
    cuts = np.append(np.inf, np.unique(risk))
    caught = np.array([base_rate * np.mean(risk[bad] >= cut) for cut in cuts])
    refused = np.array([(1 - base_rate) * np.mean(risk[~bad] >= cut) for cut in cuts])
    lost = (np.arange(STEPS) + 0.5) / STEPS
    best = (lost[:, None] * caught - terms.earned * refused).max(axis=1)
    evenly = 1 - terms.none_lost - terms.all_lost
    return float(evenly * best.mean() + terms.all_lost * (caught - terms.earned * refused).max())


@settings(max_examples=50)
@given(judged(), st.floats(0, 0.6), st.floats(0, 0.4), st.floats(0.01, 2), st.floats(0.01, 0.9))
def test_the_closed_form_is_the_integral(
    firms: tuple[Flags, Floats], none: float, whole: float, earned: float, base_rate: float
) -> None:
    bad, risk = firms
    terms = ProfitTerms(none, whole, earned)
    found = maximum_profit(bad, risk, terms, base_rate=base_rate)
    assert found.profit == pytest.approx(slow_profit(bad, risk, terms, base_rate), abs=1e-6)
    assert 0 <= found.refused <= 1


def test_a_perfect_ranking_saves_the_mean_loss_of_every_bad() -> None:
    # Half of the 35 % between nothing and all, and the 10 % that lose all: 0.275 of each bad.
    bad = np.arange(10) < 2
    found = maximum_profit(bad, bad.astype(np.float64), TERMS)
    assert found.profit == pytest.approx(0.2 * 0.275)
    assert found.refused == pytest.approx(0.2 * 0.45)


def test_a_useless_ranking_is_worth_nothing_where_most_firms_are_good() -> None:
    bad = np.arange(10) < 2
    assert maximum_profit(bad, np.zeros(10), TERMS).profit == 0
    assert maximum_profit(bad, np.zeros(10), TERMS).refused == 0


def test_a_small_case_worked_by_hand() -> None:
    # Refusing the two riskiest firms catches a bad and loses a good: worth it from 50 % lost on.
    bad = np.array([True, False, True, False, False, False])
    risk = np.array([2.0, 2.0, 1.0, 1.0, 1.0, 1.0])
    terms = ProfitTerms(none_lost=0.5, all_lost=0.2, earned=0.5)
    evenly = 0.3 * ((1 - 0.5**2) / 2 - 0.5 * 0.5) / 6
    found = maximum_profit(bad, risk, terms)
    assert found.profit == pytest.approx(evenly + 0.2 * (1 - 0.5) / 6)
    assert found.refused == pytest.approx((0.3 * 0.5 + 0.2) * 2 / 6)


def test_better_rankings_earn_more_and_only_order_matters() -> None:
    generator = np.random.default_rng(1)
    log_odds = generator.normal(-2, 1.5, 3000)
    bad = generator.random(3000) < expit(log_odds)
    noisy = log_odds + generator.normal(0, 2, 3000)
    better, worse = (maximum_profit(bad, risk, TERMS).profit for risk in (log_odds, noisy))
    assert auc(bad, log_odds) > auc(bad, noisy)
    assert better > worse > 0
    assert maximum_profit(bad, expit(log_odds), TERMS).profit == pytest.approx(better)


def test_every_draw_is_the_profit_of_its_firms() -> None:
    generator = np.random.default_rng(2)
    bad = np.arange(60) < 20
    risk = np.round(generator.normal(size=60) + bad, 1)
    counts = draw_counts(bad, generator, resamples=20)
    for times, found in zip(counts, maximum_profit_per_draw(bad, risk, counts, TERMS), strict=True):
        rows = np.repeat(np.arange(60), times)
        assert found == pytest.approx(maximum_profit(bad[rows], risk[rows], TERMS).profit)


def test_terms_that_make_no_sense_are_refused_together() -> None:
    with pytest.raises(InputProblem) as refusal:
        ProfitTerms(none_lost=0.8, all_lost=0.4, earned=0.0)
    assert str(refusal.value) == (
        "error: profit measure: none_lost and all_lost must be shares that add up to at most 1. "
        "Mend the parameter.\n"
        "error: profit measure: earned must be above 0. Mend the parameter."
    )
