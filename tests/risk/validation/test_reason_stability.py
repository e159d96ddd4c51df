"""Reasons are compared as sets and by their first, and counted by factor."""

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.risk.validation.reason_stability import factor_shares, reason_agreement

BEFORE = [["a", "b", "c", "d", "e"], ["a", "b"], [], ["c"]]
AFTER = [["b", "a", "c", "d", "f"], ["a", "c"], [], ["c"]]


def test_agreement_counts_sets_first_factors_and_overlap() -> None:
    found = reason_agreement(BEFORE, AFTER)
    assert found.firms == 4
    assert found.same_factors.estimate == 3 / 4
    assert found.same_first.estimate == 3 / 4
    assert found.overlap == pytest.approx((1 + 1 / 3 + 1 + 1) / 4)
    assert found.same_first.low < 3 / 4 < found.same_first.high


def test_a_refit_that_says_the_same_agrees_in_all() -> None:
    found = reason_agreement(BEFORE, BEFORE)
    assert (found.same_factors.estimate, found.same_first.estimate, found.overlap) == (1, 1, 1)


def test_factors_are_counted_among_the_first_four_only() -> None:
    assert factor_shares(BEFORE) == {"a": 0.5, "b": 0.5, "c": 0.5, "d": 0.25}
    assert list(factor_shares(AFTER)) == ["c", "a", "b", "d"]
    assert factor_shares([]) == {}


def test_reasons_of_other_firms_are_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        reason_agreement(BEFORE, AFTER[:2])
    assert str(refusal.value) == (
        "error: reasons: Reasons of 4 firms stand against reasons of 2. "
        "Give reasons of the same firms, in the same order."
    )
