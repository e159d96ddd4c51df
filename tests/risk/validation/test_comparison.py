"""DeLong's intervals equal a plain loop and hold as often as they say; swap sets add up."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tradeline.kernel.findings import InputProblem
from tradeline.risk.report.data import Interval
from tradeline.risk.validation.comparison import (
    Comparison,
    approve_share,
    auc_interval,
    compare_models,
    swap_sets,
)
from tradeline.risk.validation.discrimination import auc

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# The upper 5 % point of the normal law.
REACH = 1.6448536269514722


def judged(
    seed: int, rows: int = 80, noise: float = 0.0, bad_share: float = 0.3
) -> tuple[Flags, Floats, Floats]:
    """Outcomes and the risks of two models that share most of what they know."""
    generator = np.random.default_rng(seed)
    bad = np.arange(rows) < rows * bad_share
    shared = generator.normal(size=rows) + bad
    other = shared + generator.normal(0, 0.5 + noise, rows)
    return bad, np.round(shared, 1), np.round(other, 1)


def slow_variance(bad: Flags, one: Floats, two: Floats) -> float:
    """Variance of the difference of two AUCs, from every pair of a bad and a good."""
    tables = []
    for risk in (one, two):
        gap = risk[bad][:, None] - risk[~bad][None, :]
        tables.append((gap > 0) + 0.5 * (gap == 0))
    difference = tables[1] - tables[0]
    of_bads, of_goods = difference.mean(axis=1), difference.mean(axis=0)
    return float(of_bads.var(ddof=1) / len(of_bads) + of_goods.var(ddof=1) / len(of_goods))


@settings(max_examples=30)
@given(st.integers(0, 1000))
def test_the_difference_and_its_interval_are_those_of_a_plain_loop(seed: int) -> None:
    bad, one, two = judged(seed, rows=40)
    found = compare_models(bad, one, two)
    gap = auc(bad, two) - auc(bad, one)
    reach = REACH * slow_variance(bad, one, two) ** 0.5
    assert found.difference.estimate == pytest.approx(gap)
    assert found.difference.low == pytest.approx(gap - reach)
    assert found.difference.high == pytest.approx(gap + reach)
    assert found.in_force == auc_interval(bad, one)
    assert found.challenger == auc_interval(bad, two)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    # Of normal risks one standard deviation apart the AUC is the normal law at 1 / sqrt(2).
    truth, generator = 0.7602499389065233, np.random.default_rng(1)
    bad, held = np.arange(120) < 40, 0
    for _ in range(300):
        interval = auc_interval(bad, generator.normal(size=120) + bad)
        held += interval.low <= truth <= interval.high
    assert 0.86 <= held / 300 <= 0.94


def test_models_that_rank_alike_differ_by_nothing() -> None:
    bad, one, _ = judged(3)
    found = compare_models(bad, one, 2 * one + 1)
    assert found.difference == Interval(0.0, 0.0, 0.0)
    assert found.verdict == "these firms do not tell which ranks better"


def test_shared_firms_make_a_difference_surer_than_either_model() -> None:
    found = compare_models(*judged(4, rows=400))
    widths = [i.high - i.low for i in (found.in_force, found.challenger, found.difference)]
    assert widths[2] < min(widths[:2])


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (0.01, 0.03, "the challenger ranks better"),
        (-0.03, -0.01, "the challenger ranks worse"),
        (-0.01, 0.01, "these firms do not tell which ranks better"),
    ],
)
def test_the_verdict_says_what_the_interval_allows(low: float, high: float, verdict: str) -> None:
    either = Interval(0.7, 0.6, 0.8)
    assert Comparison(either, either, Interval((low + high) / 2, low, high)).verdict == verdict


def test_perfect_ranking_stays_within_bounds() -> None:
    bad = np.arange(10) < 4
    assert auc_interval(bad, bad.astype(np.float64)) == Interval(1.0, 1.0, 1.0)


def test_one_class_is_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        auc_interval(np.ones(3, dtype=bool), np.arange(3.0))
    assert str(refusal.value) == (
        "error: outcomes: An AUC needs firms that defaulted and firms that did not. "
        "Give more firms with known outcomes, or go without it."
    )


@given(st.lists(st.integers(0, 20), min_size=1, max_size=60), st.floats(0, 1))
def test_at_most_the_share_is_approved_and_never_a_riskier_firm(
    values: list[int], share: float
) -> None:
    pds = np.array(values) / 20
    approved = approve_share(pds, share)
    assert approved.sum() <= share * len(pds) + 1e-9
    if approved.any() and not approved.all():
        assert pds[approved].max() < pds[~approved].min()


def test_swap_sets_hold_every_firm_once_and_rates_of_known_outcomes() -> None:
    outcome = np.array([0, 1, 0, np.nan, np.nan, 1])
    in_force = np.array([True, True, True, False, False, False])
    challenger = np.array([True, False, True, True, False, True])
    found = {item.name: item for item in swap_sets(outcome, in_force, challenger)}
    assert {name: item.firms for name, item in found.items()} == {
        "approved by both": 2,
        "swapped in": 2,
        "swapped out": 1,
        "approved by neither": 1,
    }
    swapped_in = found["swapped in"]
    assert swapped_in.known == 1
    assert swapped_in.default_rate is not None
    assert swapped_in.default_rate.estimate == 1.0
    assert found["approved by neither"].default_rate is None
