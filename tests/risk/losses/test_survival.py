"""Observed PDs by month equal a plain loop's and hold the truth as often as they say."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tradeline.risk.losses.survival import check_months, observed_cumulative

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]


def seen_loans(loans: int, hazard: float, seed: int) -> tuple[Ints, Flags]:
    """Months seen and defaults of loans that also leave for other reasons; horizon 12."""
    generator = np.random.default_rng(seed)
    falls = generator.geometric(hazard, loans)
    leaves = np.minimum(generator.integers(0, 20, loans), 12)
    return np.minimum(falls, leaves), falls <= leaves


@given(st.lists(st.tuples(st.integers(1, 8), st.booleans()), min_size=1, max_size=40))
def test_it_is_kaplan_and_meier_by_hand(loans: list[tuple[int, bool]]) -> None:
    months, defaulted = (np.array(part) for part in zip(*loans, strict=True))
    survival, expected = 1.0, []
    for month in range(1, 9):
        at_risk = sum(m >= month for m, _ in loans)
        fell = sum(m == month and d for m, d in loans)
        survival *= 1 - fell / at_risk if at_risk else 1
        expected.append(1 - survival)
    found = observed_cumulative(months, defaulted, 8)
    assert [item.estimate for item in found] == pytest.approx(expected)
    assert all(0 <= item.low <= item.estimate <= item.high <= 1 for item in found)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    truth, held = 1 - 0.97**12, 0
    for seed in range(400):
        last = observed_cumulative(*seen_loans(400, 0.03, seed), 12)[-1]
        held += last.low <= truth <= last.high
    assert 0.86 <= held / 400 <= 0.94


def test_where_nobody_defaulted_a_small_pd_is_not_excluded() -> None:
    found = observed_cumulative(np.full(300, 12), np.zeros(300, dtype=bool), 12, 0.9)[-1]
    assert (found.estimate, found.low) == (0, 0)
    assert found.high == pytest.approx(1 - 0.05 ** (1 / 300))


def test_loans_that_leave_do_not_count_as_sound() -> None:
    months, defaulted = seen_loans(4000, 0.05, 1)
    naive = defaulted.mean()
    assert observed_cumulative(months, defaulted, 12)[-1].low > naive


def test_checks_are_made_by_group_where_loans_were_seen() -> None:
    months, defaulted = seen_loans(1000, 0.03, 2)
    groups = np.where(np.arange(1000) % 2 == 0, "even", "odd").tolist()
    predicted = np.tile(1 - 0.97 ** np.arange(1.0, 25.0), (1000, 1))
    found = check_months(predicted, months, defaulted, groups)
    assert [(item.group, item.month) for item in found] == [
        (group, month) for group in ("even", "odd") for month in (3, 6, 12)
    ]
    assert all(item.agrees for item in found)
    wrong = check_months(predicted / 3, months, defaulted, groups, at=(12,))
    assert not any(item.agrees for item in wrong)
