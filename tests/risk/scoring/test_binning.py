"""Bins are monotone, large enough, and hold each value once."""

import io
import warnings
from contextlib import redirect_stderr, redirect_stdout
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.risk.scoring.binning import BinLimits, assign_bins, fit_binning

cases = st.tuples(
    st.integers(0, 2**32 - 1),
    st.integers(20, 400),
    st.sampled_from([-1, 0, 1]),
    st.sampled_from([0.0, 0.3]),
    st.integers(1, 30),
)


def sample(
    seed: int, rows: int, missing: float, distinct: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    values = generator.integers(0, distinct, rows).astype(float)
    bad = generator.random(rows) < 1 / (1 + np.exp(1 - values / distinct))
    bad[0], bad[1] = True, False
    values[generator.random(rows) < missing] = np.nan
    return values, bad, generator.uniform(0.5, 2, rows)


@given(cases)
@settings(max_examples=150, deadline=None)
def test_bins_hold_their_promises(case: tuple[int, int, int, float, int]) -> None:
    seed, rows, direction, missing, distinct = case
    values, bad, weights = sample(seed, rows, missing, distinct)
    limits = BinLimits(max_bins=5, min_bin_share=0.1, min_bin_count=7)
    fitted = fit_binning(values, bad, direction=direction, limits=limits, weights=weights)

    bins = assign_bins(fitted.edges, values)
    counts = np.bincount(bins, minlength=fitted.missing + 1)
    assert tuple(counts) == fitted.counts
    assert sum(fitted.counts) == rows
    assert np.isclose(sum(fitted.bads), weights[bad].sum())
    assert np.isclose(sum(fitted.goods), weights[~bad].sum())
    assert len(fitted.edges) < limits.max_bins
    assert list(fitted.edges) == sorted(set(fitted.edges))
    if fitted.edges:
        share = np.array([*fitted.goods]) + np.array([*fitted.bads])
        assert min(fitted.counts[:-1]) >= limits.min_bin_count
        assert share[:-1].min() >= 0.1 * weights.sum() * (1 - 1e-9)
    steps = [fitted.direction * (b - a) for a, b in pairwise(fitted.woe[:-1])]
    assert all(step > -1e-12 for step in steps)
    assert direction in (0, fitted.direction)


def test_a_missing_value_has_a_bin_of_its_own() -> None:
    values = np.array([1.0, 2.0, np.nan, np.nan] * 25)
    bad = np.array([False, True, True, True] * 25)
    fitted = fit_binning(values, bad, direction=1)
    assert fitted.counts[fitted.missing] == 50
    assert fitted.woe[fitted.missing] > 0


def test_a_missing_value_never_seen_counts_as_the_riskiest() -> None:
    values = np.arange(200.0)
    fitted = fit_binning(values, values > 150, direction=1)
    assert fitted.woe[fitted.missing] == max(fitted.woe)


def test_a_feature_that_never_varies_has_one_bin_without_evidence() -> None:
    fitted = fit_binning(np.ones(100), np.arange(100) % 4 == 0, direction=1)
    assert fitted.edges == ()
    assert abs(fitted.woe[0]) < 1e-9
    assert abs(fitted.information_value) < 1e-9


def test_a_wrongly_declared_direction_finds_no_evidence() -> None:
    values = np.arange(1000.0)
    assert fit_binning(values, values < 200, direction=1).edges == ()
    assert fit_binning(values, values < 200, direction=0).direction == -1


def test_a_heavy_tie_is_told_from_its_neighbours() -> None:
    values = np.concatenate([np.zeros(900), np.full(100, 1e-9)])
    fitted = fit_binning(values, values > 0, direction=1)
    assert fitted.counts[:2] == (900, 100)


def test_one_class_is_told_plainly() -> None:
    with pytest.raises(InputProblem) as caught:
        fit_binning([1.0, 2.0], [False, False])
    assert str(caught.value) == (
        "error: outcomes: Only one class of outcome is present, so no default risk can be "
        "learned. Give firms that defaulted and firms that did not, or use an expert scorecard."
    )


def test_an_infinite_value_is_refused() -> None:
    with pytest.raises(InputProblem, match=r"A value is infinite\. Give a number or leave"):
        fit_binning([1.0, np.inf], [True, False])


@pytest.mark.parametrize("shape", ["normal", "skewed", "steps"])
def test_the_information_value_comes_near_the_optimum_of_optbinning(shape: str) -> None:
    generator = np.random.default_rng(7)
    values = {
        "normal": generator.normal(size=8000),
        "skewed": generator.lognormal(sigma=1.5, size=8000),
        "steps": generator.integers(0, 12, 8000).astype(float),
    }[shape]
    rank = values.argsort().argsort() / 8000
    bad = generator.random(8000) < 1 / (1 + np.exp(3.5 - 3 * rank))
    fitted = fit_binning(values, bad, direction=1)
    assert fitted.information_value > 0.95 * optimal_information_value(values, bad)


def optimal_information_value(values: np.ndarray, bad: np.ndarray) -> float:
    with warnings.catch_warnings(), redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        from optbinning import OptimalBinning

        oracle = OptimalBinning(max_n_bins=8, min_bin_size=0.05, monotonic_trend="ascending")
        oracle.fit(values, bad.astype(int))
        table = oracle.binning_table
        table.build()
        return float(table.iv)
