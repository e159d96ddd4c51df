"""Expected losses are sums by hand, agree with a peer, and never treat the unknown as nothing."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.risk.losses.test_hazard import fitted
from tradeline.kernel.findings import InputProblem
from tradeline.lending.provisions.expected_loss import (
    Loans,
    expected_loss,
    exposures,
    interest_revenue,
    weighted,
)
from tradeline.risk.losses.term_structure import term_structure

Floats = NDArray[np.float64]


def loans(stages: list[int], months: int = 24) -> Loans:
    """Loans of 1,000,000 minor units that are paid back evenly, with 1 % a month to default."""
    count = len(stages)
    pds = np.tile(1 - 0.99 ** np.arange(1, months + 1), (count, 1))
    owed = np.tile(1_000_000 * (1 - np.arange(months) / months), (count, 1))
    return Loans(
        np.array(stages), pds, owed, np.full(count, 1_000_000.0), np.full(count, 0.4),
        np.full(count, 0.12),
    )  # fmt: skip


def by_hand(months: int, of: int = 24) -> float:
    total, survives = 0.0, 1.0
    for month in range(1, months + 1):
        exposure = 1_000_000 * (1 - (month - 1) / of)
        total += survives * 0.01 * 0.4 * exposure * 1.12 ** (-month / 12)
        survives *= 0.99
    return total


def test_each_stage_counts_its_months() -> None:
    found = expected_loss(loans([1, 2, 3]))
    assert found.tolist() == [round(by_hand(12)), round(by_hand(24)), 400_000]
    assert found.dtype == np.int64


def test_a_loan_shorter_than_a_year_has_the_same_loss_in_stages_1_and_2() -> None:
    first, second = expected_loss(loans([1, 2], months=10)).tolist()
    assert first == second == round(by_hand(10, 10))


def test_pds_of_a_term_structure_go_in_as_they_are() -> None:
    table = term_structure(fitted(2_000), np.linspace(-1, 1, 3)[:, None], lowest=500)
    made = replace(loans([2, 2, 2], months=table.months), pds=table.table())
    losses = expected_loss(made).tolist()
    assert losses == sorted(losses)
    assert losses[0] > 0


def test_exposures_are_what_schedules_leave() -> None:
    assert exposures([[300, 200, 100], [50]], 4).tolist() == [[300, 200, 100, 0], [50, 0, 0, 0]]
    with pytest.raises(InputProblem, match="A loan runs for 5 months, the PDs speak of 4"):
        exposures([[1] * 5], 4)


def test_scenarios_are_weighted_and_weights_are_whole() -> None:
    low, high = np.array([100, 0]), np.array([400, 3])
    assert weighted([low, high], [Fraction(2, 3), Fraction(1, 3)]).tolist() == [200, 1]
    for weights in ([Fraction(1)], [Fraction(1, 2), Fraction(1, 3)], [Fraction(2), Fraction(-1)]):
        with pytest.raises(InputProblem, match="2 scenarios have weights that add up to"):
            weighted([low, high], weights)


def test_interest_in_stage_3_is_on_the_net_amount() -> None:
    month, rate = Fraction(1, 12), Fraction(12, 100)
    assert interest_revenue(2, 1_000_000, 400_000, rate, month) == 10_000
    assert interest_revenue(3, 1_000_000, 400_000, rate, month) == 6_000


SPOILED = {
    "a stage that is none": {"stage": np.array([0])},
    "a PD that is missing": {"pds": np.full((1, 24), np.nan)},
    "PDs that fall": {"pds": np.linspace(0.5, 0.1, 24)[None, :]},
    "an LGD above 1": {"lgd": np.array([1.1])},
    "an amount below zero": {"owed": np.array([-1.0])},
    "another number of rows": {"lgd": np.array([0.4, 0.4])},
    "another number of months": {"exposure": np.ones((1, 23))},
    "a rate that is none": {"rate_annual": np.array([-1.0])},
}


@pytest.mark.parametrize("spoiled", SPOILED)
def test_what_is_not_known_is_refused(spoiled: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        expected_loss(replace(loans([1]), **SPOILED[spoiled]))
    assert str(refusal.value) == (
        "error: expected loss: A stage, PD, LGD, exposure or rate is missing or is none, or PDs "
        "fall from month to month. Give every loan a stage of 1 to 3, rising PDs, an LGD from 0 to "
        "1, and amounts from 0 on."
    )


@given(
    st.lists(st.floats(0, 0.2), min_size=3, max_size=30),
    st.floats(0, 1),
    st.floats(0, 0.5),
    st.integers(1, 10**9),
)
def test_the_life_loses_no_less_than_a_year_and_no_more_than_all(
    hazards: list[float], lgd: float, rate: float, owed: int
) -> None:
    pds = 1 - np.cumprod(1 - np.array(hazards))
    exposure = np.full((3, len(hazards)), float(owed))
    made = Loans(
        np.array([1, 2, 3]), np.tile(np.maximum.accumulate(pds), (3, 1)), exposure,
        np.full(3, float(owed)), np.full(3, lgd), np.full(3, rate),
    )  # fmt: skip
    year, life, default = expected_loss(made).tolist()
    assert 0 <= year <= life <= default + 1
    assert default == round(owed * lgd) or abs(default - owed * lgd) <= 0.5
