"""Draws keep both classes whole, and intervals hold the truth about as often as they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtr, ndtri
from scipy.stats import bootstrap

from tradeline.risk.report.data import Interval
from tradeline.risk.scoring.cross_fit import draw_firms
from tradeline.risk.validation import resampling
from tradeline.risk.validation.discrimination import auc_per_draw
from tradeline.risk.validation.resampling import by_blocks, draw_counts, interval_of


def test_counts_are_those_of_firms_drawn_one_resample_after_the_other() -> None:
    bad = np.arange(40) % 4 == 0
    counts = draw_counts(bad, np.random.default_rng(1), resamples=20)
    generator = np.random.default_rng(1)
    assert (counts[0] == 1).all()
    for draw in counts[1:]:
        assert np.repeat(np.arange(40), draw).tolist() == draw_firms(bad, generator).tolist()


def test_each_draw_has_as_many_bads_and_goods_as_the_sample() -> None:
    bad = np.arange(30) < 7
    counts = draw_counts(bad, np.random.default_rng(2), resamples=50)
    assert counts.shape == (51, 30)
    assert set(counts[:, bad].sum(axis=1)) == {7}
    assert set(counts[:, ~bad].sum(axis=1)) == {23}


def test_blocks_give_what_all_at_once_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = draw_counts(np.arange(30) < 7, np.random.default_rng(3), resamples=50)
    at_once = by_blocks(lambda block: block.max(axis=1).astype(float), counts)
    monkeypatch.setattr(resampling, "CELLS", 45)
    sizes = []

    def figure(block: resampling.Counts) -> resampling.Floats:
        sizes.append(len(block))
        return np.asarray(block.max(axis=1), dtype=np.float64)

    assert by_blocks(figure, counts).tolist() == at_once.tolist()
    assert max(sizes) <= 2


def test_the_interval_is_that_of_another_library() -> None:
    # The mean of a symmetric sample has no acceleration, so BCa is the bias-corrected percentile.
    half = np.random.default_rng(4).exponential(size=20)
    oracle = bootstrap(
        (np.concatenate([half, -half]),),
        np.mean,
        confidence_level=0.8,
        n_resamples=999,
        method="BCa",
        rng=np.random.default_rng(5),
    )
    found = interval_of(np.append(0.0, oracle.bootstrap_distribution), 0.8)
    assert found.low == pytest.approx(oracle.confidence_interval.low, abs=1e-9)
    assert found.high == pytest.approx(oracle.confidence_interval.high, abs=1e-9)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=60), st.floats(0.5, 0.99))
def test_the_interval_holds_the_estimate(figures: list[float], level: float) -> None:
    interval = interval_of(np.array(figures), level)
    assert interval.low <= interval.estimate <= interval.high


def test_an_estimate_beyond_all_resamples_is_an_end_of_its_interval() -> None:
    resampled = np.linspace(1, 2, 100)
    assert interval_of(np.append(0.5, resampled)).low == 0.5
    assert interval_of(np.append(2.5, resampled)).high == 2.5
    assert interval_of(np.full(100, 0.7)) == Interval(0.7, 0.7, 0.7)


def test_a_wider_level_gives_a_wider_interval() -> None:
    figures = np.append(0.0, ndtri(np.linspace(0.0005, 0.9995, 1000)))
    narrow, wide = interval_of(figures, 0.5), interval_of(figures, 0.95)
    assert (narrow.low, narrow.high) == pytest.approx((-0.674, 0.674), abs=0.01)
    assert (wide.low, wide.high) == pytest.approx((-1.96, 1.96), abs=0.01)


def test_intervals_of_the_auc_hold_the_truth_nine_times_in_ten() -> None:
    truth = ndtr(1.2 / np.sqrt(2))
    generator = np.random.default_rng(7)
    bad = np.arange(150) < 50
    held = 0
    for _ in range(300):
        risk = generator.normal(size=150) + 1.2 * bad
        counts = draw_counts(bad, generator, resamples=200)
        interval = interval_of(auc_per_draw(bad, risk, counts))
        held += interval.low <= truth <= interval.high
    assert 0.85 <= held / 300 <= 0.95
