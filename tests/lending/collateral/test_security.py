"""Collateral lowers the LGD by what it brings, never by what is stale, foreign or ranks after."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lending.collateral.security import (
    KINDS,
    Collateral,
    Cover,
    Secured,
    read_collateral_terms,
    secured,
)

DAY = date(2026, 6, 30)
TERMS = read_collateral_terms(DAY)
HOUSE = Collateral("house", "real_estate", 10_000_000, "CNY", date(2026, 1, 15), rank=2)
STOCK = Collateral("stock", "inventory", 2_000_000, "CNY", date(2026, 5, 31))


def of(*items: Collateral, exposure: int = 5_000_000, rate: float = 0.12) -> Secured:
    return secured(exposure, "CNY", items, TERMS, unsecured_lgd=0.6, rate_annual=rate, on=DAY)


def test_without_collateral_the_loss_is_the_unsecured_one() -> None:
    assert of() == Secured(5_000_000, (), 0.6)


def test_items_are_realised_in_the_order_of_their_rank_up_to_what_is_owed() -> None:
    found = of(HOUSE, STOCK)
    assert found.covers == (Cover("stock", 1_200_000, ""), Cover("house", 3_800_000, ""))
    stock, house = 1 - 1.12**-0.75, 1 - 1.12**-2
    assert found.lgd == pytest.approx((1_200_000 * stock + 3_800_000 * house) / 5_000_000)
    assert found.covered_minor == 5_000_000


def test_what_ranks_before_the_lender_is_taken_off() -> None:
    found = of(replace(HOUSE, prior_minor=4_000_000))
    assert found.covers == (Cover("house", 2_000_000, ""),)
    none = of(replace(HOUSE, prior_minor=6_000_000))
    assert none.covers == (Cover("house", 0, "what ranks before the lender takes all"),)
    assert none.lgd == 0.6


@pytest.mark.parametrize("valued_on", [date(2026, 2, 27), date(2026, 7, 1)])
def test_a_valuation_that_is_too_old_or_not_yet_counts_nothing(valued_on: date) -> None:
    found = of(replace(STOCK, valued_on=valued_on))
    assert found.covers == (Cover("stock", 0, f"valued on {valued_on}, too long ago or not yet"),)
    assert of(replace(STOCK, valued_on=date(2026, 3, 30))).covered_minor == 1_200_000


def test_a_deposit_loses_the_floor() -> None:
    deposit = Collateral("deposit", "deposit", 9_000_000, "CNY", DAY)
    assert of(deposit).lgd == TERMS.lgd_floor


items = st.builds(
    Collateral,
    st.uuids().map(str),
    st.sampled_from(KINDS),
    st.integers(0, 10**8),
    st.just("CNY"),
    st.just(DAY),
    st.integers(1, 3),
    st.integers(0, 10**7),
)


@given(st.lists(items, max_size=4), items, st.integers(1, 10**8), st.floats(0, 0.1))
def test_more_collateral_never_raises_the_loss(
    some: list[Collateral], more: Collateral, exposure: int, rate: float
) -> None:
    before, after = (
        of(*some, exposure=exposure, rate=rate),
        of(*some, replace(more, rank=9), exposure=exposure, rate=rate),
    )
    assert 0 <= after.lgd <= before.lgd + 1e-12
    assert after.covered_minor >= before.covered_minor
    assert after.covered_minor <= exposure


def test_terms_are_of_every_kind() -> None:
    assert set(TERMS.haircut) == set(KINDS)
    assert TERMS.haircut["receivables"] == Fraction(2, 5)


def test_what_is_wrong_with_items_is_all_told() -> None:
    with pytest.raises(InputProblem) as refusal:
        of(replace(HOUSE, currency="USD"), replace(STOCK, value_minor=-1), STOCK)
    assert str(refusal.value).splitlines() == [
        "error: collateral house: It is valued in another currency. Value it in CNY.",
        "error: collateral stock: Its value or what ranks before is below zero. Correct it.",
        "error: collateral: An item stands twice. List each item once.",
    ]


def test_an_exposure_of_nothing_is_refused() -> None:
    with pytest.raises(InputProblem, match=r"An exposure of 0 with an LGD of 0\.6 cannot be"):
        of(exposure=0)
