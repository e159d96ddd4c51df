"""A payment is settled once, whatever the bank repeats, and a loan active only from then."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lending.payments.files import DAY, instruction
from tradeline.lending.payments.instruction import Notice, NoticeKind, followed

PAYMENT = instruction(1)


def said(kind: NoticeKind, reference: str = "B1", amount: int | None = 450_000) -> Notice:
    return Notice("pay-1", kind, DAY, reference, amount, reason="why")


WAYS: list[tuple[list[Notice], str, bool, int]] = [
    ([], "instructed", False, 0),
    ([said("accepted")], "accepted", False, 0),
    ([said("accepted"), said("rejected", "B2")], "rejected", False, 0),
    ([said("accepted"), said("settled", "B2")], "settled", True, 0),
    ([said("settled")], "settled", True, 0),
    ([said("settled"), said("accepted", "B2")], "settled", True, 0),
    ([said("settled"), said("returned", "B2")], "returned", False, 0),
    ([said("settled"), said("settled")], "settled", True, 0),
    ([said("settled"), said("settled", "B2")], "settled", True, 1),
    ([said("settled", amount=449_999)], "instructed", False, 1),
    ([said("rejected"), said("settled", "B2")], "rejected", False, 1),
    ([said("settled"), said("rejected", "B2")], "settled", True, 1),
    ([said("returned")], "instructed", False, 1),
    ([replace(said("settled"), payment="pay-2")], "instructed", False, 0),
]


@pytest.mark.parametrize(("notices", "status", "active", "odd"), WAYS, ids=range(len(WAYS)))
def test_where_a_payment_stands(notices: list[Notice], status: str, active: bool, odd: int) -> None:
    found = followed(PAYMENT, notices)
    assert (found.status, found.active_from is not None, len(found.findings)) == (
        status, active, odd
    )  # fmt: skip


def test_an_odd_notice_says_what_is_odd() -> None:
    (finding,) = followed(PAYMENT, [said("settled"), said("settled", "B2")]).findings
    assert finding.line() == (
        "error: payment pay-1: The bank says on 2026-03-02 that it is settled (B2), yet it was "
        "settled before. Ask the bank before anything else is paid."
    )
    (finding,) = followed(PAYMENT, [said("settled", amount=1)]).findings
    assert "yet it moved 1 and not 450000." in finding.message


notices = st.lists(
    st.builds(
        Notice,
        st.just("pay-1"),
        st.sampled_from(["accepted", "rejected", "settled", "returned"]),
        st.just(DAY),
        st.sampled_from(["B1", "B2", "B3"]),
        st.sampled_from([None, 450_000, 1]),
    ),
    max_size=6,
)


@given(notices)
def test_what_is_said_again_changes_nothing(said_once: list[Notice]) -> None:
    once = followed(PAYMENT, said_once)
    twice = followed(PAYMENT, [each for notice in said_once for each in (notice, notice)])
    assert twice == once
    assert (once.active_from is not None) == (once.status == "settled")


def test_accepted_and_settled_may_come_in_any_order() -> None:
    for order in permutations([said("accepted", "A"), said("settled", "B")]):
        assert followed(PAYMENT, order).status == "settled"
