"""Approved firms stand for as many applicants as they should, and it is said how far that goes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from tradeline.kernel.findings import InputProblem
from tradeline.risk.selection.propensity import (
    drawn_by_weight,
    estimate_propensities,
    overlap_of,
    weights_of,
)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def selected(rows: int = 4000) -> tuple[Floats, Floats, Flags]:
    """Features, the true propensities, and approvals drawn from them."""
    generator = np.random.default_rng(1)
    X = generator.normal(size=(rows, 3))
    propensity = expit(0.5 + 1.5 * X[:, 0] - X[:, 1])
    return X, propensity, generator.random(rows) < propensity


def test_approved_firms_stand_for_all_applicants() -> None:
    _, propensity, approved = selected()
    assert weights_of(approved, propensity).sum() == pytest.approx(4000, rel=0.06)
    assert (weights_of(approved, propensity)[~approved] == 0).all()


def test_estimated_propensities_balance_what_the_decision_looked_at() -> None:
    X, _, approved = selected()
    found = estimate_propensities(X, approved, np.random.default_rng(2))
    weights = weights_of(approved, found)
    naive = np.abs(X[approved].mean(axis=0) - X.mean(axis=0))
    mended = np.abs(np.average(X, axis=0, weights=weights) - X.mean(axis=0))
    assert naive[:2].min() > 0.2
    assert mended.max() < 0.1


def test_overlap_says_who_is_out_of_reach_and_what_was_cut() -> None:
    propensity = np.array([1.0] * 60 + [0.01] * 20 + [0.0] * 20)
    approved = np.array([True] * 61 + [False] * 39)
    found = overlap_of(approved, propensity)
    assert (found.applicants, found.approved) == (100, 61)
    assert found.out_of_reach == 0.4
    assert found.clipped == pytest.approx(1 / 61)
    assert found.effective == pytest.approx((60 + 50) ** 2 / (60 + 50**2))
    assert found.largest == pytest.approx(50 / 110)
    assert found.warnings == (
        "40% of applicants could hardly be approved: reweighting says nothing of them.",
        "The weights of 1.6% of approved firms were cut.",
        "The weights are as good as 5 firms.",
    )


def test_where_everybody_is_approved_there_is_nothing_to_warn_of() -> None:
    found = overlap_of(np.ones(200, dtype=bool), np.ones(200))
    assert (found.effective, found.warnings) == (200, ())


@given(st.lists(st.floats(0, 10), min_size=1, max_size=50), st.integers(0, 1000))
def test_rows_are_drawn_as_often_as_their_share_up_to_rounding(
    values: list[float], seed: int
) -> None:
    weights = np.array([*values, 1.0])
    rows = drawn_by_weight(weights, np.random.default_rng(seed))
    times = np.bincount(rows, minlength=len(weights))
    assert times.sum() == (weights > 0).sum()
    assert (np.abs(times - weights / weights.sum() * times.sum()) < 1 + 1e-9).all()


@pytest.mark.parametrize(
    ("propensity", "message"),
    [
        ([0.5, 1.5], "A propensity is not within 0 to 1."),
        ([0.5, float("nan")], "A propensity is not within 0 to 1."),
        ([0.0, 0.5], "An approved firm has the propensity 0."),
    ],
)
def test_propensities_that_make_no_sense_are_refused(propensity: list[float], message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        weights_of(np.array([True, False]), np.array(propensity))
    assert str(refusal.value) == (
        f"error: propensities: {message} Take those of the decision records, or estimate them."
    )
