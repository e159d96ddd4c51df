"""AUC, KS and ROC curve equal those of a library and of a plain loop, ties and all."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score, roc_curve

from tradeline.risk.report.data import Interval
from tradeline.risk.validation.discrimination import (
    auc,
    auc_per_draw,
    gini_of,
    ks_per_draw,
    roc_points,
)
from tradeline.risk.validation.resampling import draw_counts

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@st.composite
def judged(draw: st.DrawFn) -> tuple[Flags, Floats]:
    """Outcomes of both classes and risks with ties."""
    size = draw(st.integers(2, 40))
    bad = np.array(draw(st.lists(st.booleans(), min_size=size, max_size=size)))
    bad[:2] = (True, False)
    risk = draw(st.lists(st.integers(-5, 5), min_size=size, max_size=size))
    return bad, np.array(risk, dtype=np.float64)


def sample(rows: int = 60, seed: int = 1) -> tuple[Flags, Floats]:
    generator = np.random.default_rng(seed)
    bad = np.arange(rows) < rows // 5
    return bad, np.round(generator.normal(size=rows) + np.where(bad, 1.5, 0.0), 1)


def ks(bad: Flags, risk: Floats) -> float:
    return float(ks_per_draw(bad, risk, np.ones((1, len(bad)), dtype=np.int32))[0])


@given(judged())
def test_auc_and_ks_are_those_of_the_library(firms: tuple[Flags, Floats]) -> None:
    bad, risk = firms
    alarms, caught, _ = roc_curve(bad, risk, drop_intermediate=False)
    assert auc(bad, risk) == pytest.approx(roc_auc_score(bad, risk))
    assert ks(bad, risk) == pytest.approx(np.abs(caught - alarms).max())


@given(judged())
def test_only_the_order_of_risks_matters(firms: tuple[Flags, Floats]) -> None:
    bad, risk = firms
    for same_order in (np.exp(risk), 3 * risk - 7, rankdata(risk)):
        assert auc(bad, same_order) == auc(bad, risk)
        assert ks(bad, same_order) == ks(bad, risk)
    assert auc(bad, -risk) == pytest.approx(1 - auc(bad, risk))
    assert 0 <= ks(bad, risk) <= 1


def test_gini_is_the_auc_on_a_scale_from_chance() -> None:
    assert gini_of(Interval(0.75, 0.5, 1.0)) == Interval(0.5, 0.0, 1.0)


def test_perfect_useless_and_infinite_risks() -> None:
    bad = np.array([False, False, True, True])
    assert auc(bad, np.array([-np.inf, 1.0, 2.0, np.inf])) == 1
    assert ks(bad, np.array([-np.inf, 1.0, 2.0, np.inf])) == 1
    assert auc(bad, np.ones(4)) == 0.5
    assert ks(bad, np.ones(4)) == 0


def test_every_draw_equals_a_plain_loop() -> None:
    bad, risk = sample()
    counts = draw_counts(bad, np.random.default_rng(2), resamples=50)
    aucs, distances = auc_per_draw(bad, risk, counts), ks_per_draw(bad, risk, counts)
    for draw, times in enumerate(counts):
        rows = np.repeat(np.arange(len(bad)), times)
        alarms, caught, _ = roc_curve(bad[rows], risk[rows], drop_intermediate=False)
        assert aucs[draw] == pytest.approx(roc_auc_score(bad[rows], risk[rows]))
        assert distances[draw] == pytest.approx(np.abs(caught - alarms).max())


def heights_at(bad: Flags, risk: Floats, x: float) -> tuple[float, float]:
    """The least and the greatest height of the ROC curve at x, by all its straight pieces."""
    alarms, caught, _ = roc_curve(bad, risk, drop_intermediate=False)
    found = []
    for (left, low), (right, high) in pairwise(zip(alarms, caught, strict=True)):
        if left == right == x:
            found += [low, high]
        elif left <= x <= right:
            found.append(low + (high - low) * (x - left) / (right - left))
    return min(found), max(found)


def test_the_roc_curve_is_that_of_the_library_and_its_band_that_of_a_plain_loop() -> None:
    bad, risk = sample(rows=50)
    counts = draw_counts(bad, np.random.default_rng(3), resamples=40)
    points = roc_points(bad, risk, counts, 0.8)
    alarms, caught, _ = roc_curve(bad, risk, drop_intermediate=False)
    assert [p.false_positive_rate for p in points] == pytest.approx(alarms)
    assert [p.true_positive_rate for p in points] == pytest.approx(caught)
    draws = [np.repeat(np.arange(len(bad)), times) for times in counts[1:]]
    for point in points:
        ends = [heights_at(bad[r], risk[r], point.false_positive_rate) for r in draws]
        low = np.quantile([foot for foot, _ in ends], 0.1)
        high = np.quantile([top for _, top in ends], 0.9)
        assert point.low == pytest.approx(min(low, point.true_positive_rate))
        assert point.high == pytest.approx(max(high, point.true_positive_rate))


@pytest.mark.parametrize("rows", [60, 3000])
def test_the_curve_rises_from_corner_to_corner_inside_its_band(rows: int) -> None:
    generator = np.random.default_rng(4)
    bad = np.arange(rows) < rows // 5
    risk = generator.normal(size=rows) + bad
    points = roc_points(bad, risk, draw_counts(bad, generator, resamples=30))
    first, last = points[0], points[-1]
    assert (first.false_positive_rate, first.true_positive_rate, first.low) == (0, 0, 0)
    assert (last.false_positive_rate, last.true_positive_rate, last.high) == (1, 1, 1)
    assert 50 < len(points) <= 100
    for point, following in pairwise(points):
        assert point.false_positive_rate <= following.false_positive_rate
        assert point.true_positive_rate <= following.true_positive_rate
        assert point.low <= point.true_positive_rate <= point.high
        assert point.low <= following.low
        assert point.high <= following.high


def test_a_thinned_curve_keeps_to_the_whole_one() -> None:
    generator = np.random.default_rng(5)
    bad = np.arange(3000) < 600
    risk = generator.normal(size=3000) + bad
    counts = draw_counts(bad, generator, resamples=2)
    points = roc_points(bad, risk, counts)
    whole = set(zip(*roc_curve(bad, risk, drop_intermediate=False)[:2], strict=True))
    shown = [(p.false_positive_rate, p.true_positive_rate) for p in points]
    assert set(shown) <= whole
    steps = [right + top - left - low for (left, low), (right, top) in pairwise(shown)]
    assert max(steps) < 0.03
