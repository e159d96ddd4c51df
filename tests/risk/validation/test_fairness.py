"""Groups that are treated alike are found so, others not, and small ones have no figures."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from tradeline.kernel.findings import InputProblem
from tradeline.risk.validation.fairness import (
    GroupTreatment,
    Share,
    share_difference,
    share_ratio,
    treatment_of,
)

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Applicants = tuple[list[str], Flags, Floats, Floats]


def applicants(rows: int = 3000, harm: float = 0.0, seed: int = 1) -> Applicants:
    """Three groups of one risk; PDs of `north` are too high by `harm` in log-odds."""
    generator = np.random.default_rng(seed)
    group = generator.choice(["east", "north", "south"], rows, p=[0.5, 0.3, 0.2])
    log_odds = generator.normal(-1.5, 1.2, rows)
    outcome = (generator.random(rows) < expit(log_odds)).astype(np.float64)
    pds = expit(log_odds + harm * (group == "north"))
    return group.tolist(), pds < 0.2, pds, outcome


def of_group(name: str, firms: Applicants, reference: str | None = None) -> GroupTreatment:
    group, approved, pds, outcome = firms
    found = treatment_of(group, approved, pds, outcome, reference=reference)
    return next(item for item in found.groups if item.group == name)


def test_groups_that_are_treated_alike_are_found_so() -> None:
    found = of_group("north", applicants())
    assert found.approval_ratio is not None
    assert found.approval_ratio.low < 1 < found.approval_ratio.high
    assert found.opportunity_difference is not None
    assert found.opportunity_difference.low < 0 < found.opportunity_difference.high
    assert found.figures.verdict == "as predicted"
    assert found.too_small == ()


def test_a_group_whose_pds_are_too_high_is_found() -> None:
    found = of_group("north", applicants(harm=1.0))
    assert found.approval_ratio is not None
    assert found.approval_ratio.high < 1
    assert found.approval_difference is not None
    assert found.approval_difference.high < 0
    assert found.opportunity_difference is not None
    assert found.opportunity_difference.high < 0
    assert found.figures.verdict == "fewer defaults than predicted"
    assert found.figures.auc is not None


def test_the_largest_group_is_the_reference_unless_one_is_named() -> None:
    group, approved, pds, outcome = applicants(400)
    assert treatment_of(group, approved, pds, outcome).reference == "east"
    assert treatment_of(group, approved, pds, outcome, reference="south").reference == "south"
    with pytest.raises(InputProblem) as refusal:
        treatment_of(group, approved, pds, outcome, reference="west")
    assert str(refusal.value) == (
        "error: groups: No firm is of the reference group 'west'. Name one of east, north, south."
    )


def test_small_groups_are_said_to_be_too_small() -> None:
    group, approved, pds, outcome = applicants(2000)
    south = np.array(group) == "south"
    outcome[south & (np.cumsum(south) > 25)] = np.nan
    found = of_group("south", (group, approved, pds, outcome))
    assert found.approval is not None
    assert (found.opportunity, found.opportunity_difference) == (None, None)
    assert (found.figures.observed, found.figures.auc) == (None, None)
    assert found.figures.verdict == "too small to tell: 30 firms are needed"
    goods = int((outcome[south] == 0).sum())
    assert found.too_small == (
        f"{goods} firms known to be good are too few for opportunity: 30 are needed",
        "25 firms with a known outcome are too few for calibration: 30 are needed",
        f"{25 - goods} bads and {goods} goods are too few for an AUC: 10 of each are needed",
    )


def test_a_group_of_a_few_firms_has_no_figures_at_all() -> None:
    group, approved, pds, outcome = applicants(2000)
    few = np.where(np.cumsum(np.array(group) == "south") > 9, "east", group)
    found = of_group("south", (few.tolist(), approved, pds, outcome))
    assert found.firms == 9
    assert (found.approval, found.approval_ratio, found.approval_difference) == (None, None, None)
    assert found.too_small[0] == "9 firms are too few for approvals: 30 are needed"
    assert len(found.too_small) == 4


def test_a_difference_has_the_interval_that_newcombe_published() -> None:
    # His table II, example (a): 56 of 70 less 48 of 80, at 95 %.
    found = share_difference(Share(56, 70), Share(48, 80), 0.95)
    assert (found.estimate, found.low, found.high) == pytest.approx((0.2, 0.0524, 0.3339), abs=1e-4)


@given(st.integers(0, 60), st.integers(0, 60))
def test_intervals_hold_the_estimate_and_stay_within_reason(one: int, other: int) -> None:
    difference = share_difference(Share(one, 60), Share(other, 60))
    assert -1 <= difference.low <= difference.estimate <= difference.high <= 1
    ratio = share_ratio(Share(one, 60), Share(other, 60))
    if ratio is None:
        assert other == 0
    else:
        assert 0 <= ratio.low <= ratio.estimate <= ratio.high


@pytest.mark.parametrize(("p", "q", "n", "m"), [(0.3, 0.5, 80, 150), (0.9, 0.8, 60, 400)])
def test_intervals_hold_the_truth_as_often_as_they_say(p: float, q: float, n: int, m: int) -> None:
    generator = np.random.default_rng(1)
    held = np.zeros(2)
    for _ in range(1000):
        one, other = (
            Share(int(generator.binomial(n, p)), n),
            Share(int(generator.binomial(m, q)), m),
        )
        difference, ratio = share_difference(one, other), share_ratio(one, other)
        assert ratio is not None
        held += [difference.low <= p - q <= difference.high, ratio.low <= p / q <= ratio.high]
    assert ((held / 1000 > 0.87) & (held / 1000 < 0.94)).all()
