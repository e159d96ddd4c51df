"""An invoice is advanced, paid late, short or to the wrong party; money is kept to the cent."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lending.receivables.financing import (
    Entry,
    Event,
    EventKind,
    Financed,
    Invoice,
    due_back_on,
    financed,
)
from tradeline.lending.receivables.terms import ReceivableTerms

BEGIN = date(2026, 1, 1)
INVOICE = Invoice(10_000_000, BEGIN + timedelta(days=45))
TERMS = ReceivableTerms(
    advance_rate=Fraction(4, 5), fee=Fraction(1, 100), rate=Fraction(12, 100), days_of_year=360,
    notified=True, recourse_days=60,
)  # fmt: skip
WITHOUT = replace(TERMS, recourse_days=None)
ADVANCE: tuple[int, EventKind, int] = (0, "advance", 8_000_000)


def day(number: int) -> date:
    return BEGIN + timedelta(days=number)


def after(*events: tuple[int, EventKind, int], on: int, terms: ReceivableTerms = TERMS) -> Financed:
    made = [Event(day(number), kind, amount) for number, kind, amount in events]
    return financed(INVOICE, terms, made, day(on))


def test_a_buyer_that_pays_on_time_leaves_the_reserve_to_the_seller() -> None:
    found = after((0, "advance", 8_000_000), (45, "buyer_payment", 10_000_000), on=45)
    assert found.status == "settled"
    assert found.entries == (
        Entry(day(0), "advance", 8_000_000),
        Entry(day(45), "interest", 120_000),
        Entry(day(45), "fee", 100_000),
        Entry(day(45), "advance_repaid", 8_000_000),
        Entry(day(45), "reserve_released", 1_780_000),
    )
    assert (found.owed_minor, found.reserve_minor, found.released_minor) == (0, 0, 1_780_000)


def test_a_late_buyer_costs_the_seller_interest_then_the_invoice() -> None:
    late = after((0, "advance", 8_000_000), on=75)
    assert (late.status, late.days_late, late.interest_minor) == ("overdue", 30, 200_000)
    assert (late.claim_on_seller_minor, late.reserve_minor) == (0, 1_700_000)
    back = after((0, "advance", 8_000_000), on=105)
    assert (back.status, back.claim_on_seller_minor) == ("recourse", back.owed_minor)
    assert back.owed_minor == 8_000_000 + 280_000 + 100_000
    bought = after((0, "advance", 8_000_000), (105, "seller_payment", 8_380_000), on=105)
    assert (bought.status, bought.claim_on_seller_minor, bought.released_minor) == ("settled", 0, 0)


def test_without_recourse_the_loss_is_the_lenders() -> None:
    waiting = after((0, "advance", 8_000_000), on=400, terms=WITHOUT)
    assert (waiting.status, waiting.claim_on_seller_minor) == ("overdue", 0)
    events: list[tuple[int, EventKind, int]] = [
        (0, "advance", 8_000_000), (150, "write_off", 0), (200, "buyer_payment", 9_000_000)
    ]  # fmt: skip
    lost = after(*events[:2], on=199, terms=WITHOUT)
    assert (lost.status, lost.lost_minor, lost.owed_minor) == ("written off", 8_500_000, 0)
    back = after(*events, on=200, terms=WITHOUT)
    assert back.lost_minor == 0
    assert back.entries[-2:] == (
        Entry(day(200), "recovered", 8_500_000), Entry(day(200), "reserve_released", 500_000)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("diluted", "claim", "reserve"),
    [(500_000, 0, 1_400_000), (2_000_000, 100_000, 0), (3_000_000, 1_100_000, 0)],
)
def test_dilution_eats_the_reserve_then_the_seller_pays(
    diluted: int, claim: int, reserve: int
) -> None:
    for terms in (TERMS, WITHOUT):
        found = after((0, "advance", 8_000_000), (0, "dilution", diluted), on=0, terms=terms)
        assert (found.claim_on_seller_minor, found.reserve_minor) == (claim, reserve)
        assert found.collectible_minor == 10_000_000 - diluted


def test_what_the_buyer_pays_the_seller_must_be_passed_on() -> None:
    events: list[tuple[int, EventKind, int]] = [
        (0, "advance", 8_000_000), (45, "payment_to_seller", 10_000_000)
    ]  # fmt: skip
    found = after(*events, on=45)
    assert (found.collectible_minor, found.claim_on_seller_minor) == (0, 8_220_000)
    assert found.days_late == 0
    done = after(*events, (46, "seller_payment", 8_222_667), on=46)
    assert (done.status, done.claim_on_seller_minor) == ("settled", 0)
    assert done.entries[1].amount_minor == 122_667


def test_a_buyer_that_pays_too_much_is_owed_the_rest() -> None:
    found = after((0, "advance", 8_000_000), (10, "buyer_payment", 10_000_001), on=10)
    assert found.entries[-1] == Entry(day(10), "overpayment", 1)


def test_the_day_from_which_the_seller_takes_it_back() -> None:
    assert due_back_on(INVOICE, TERMS) == day(105)
    assert due_back_on(INVOICE, WITHOUT) is None
    at_once = replace(TERMS, recourse_days=0)
    assert due_back_on(INVOICE, at_once) == day(46)
    assert after((0, "advance", 1), on=45, terms=at_once).status == "open"
    assert after((0, "advance", 1), on=46, terms=at_once).status == "recourse"


KINDS: list[EventKind] = ["buyer_payment", "payment_to_seller", "seller_payment", "dilution"]
WENT = ("interest", "fee", "advance_repaid", "reserve_released", "overpayment")
happenings = st.lists(
    st.tuples(st.integers(1, 200), st.sampled_from(KINDS), st.integers(1, 4_000_000)), max_size=8
)


@given(happenings, st.integers(0, 8_000_000), st.booleans())
def test_no_cent_is_lost_or_made(
    events: list[tuple[int, EventKind, int]], extra: int, recourse: bool
) -> None:
    terms = TERMS if recourse else WITHOUT
    events = sorted(events, key=lambda event: event[0])
    kept = list[tuple[int, EventKind, int]]()
    for event in events:
        left = after((0, "advance", 8_000_000), *kept, on=200, terms=terms).collectible_minor
        if event[1] != "dilution" or event[2] <= left:
            kept.append(event)
    found = after((0, "advance", 8_000_000), *kept, on=200, terms=terms)
    total = dict.fromkeys(WENT, 0)
    for entry in found.entries:
        if entry.kind in total:
            total[entry.kind] += entry.amount_minor
    came = sum(amount for _, kind, amount in kept if kind in ("buyer_payment", "seller_payment"))
    assert sum(total.values()) == came
    assert found.advance_minor == 8_000_000 - total["advance_repaid"] >= 0
    assert min(found.collectible_minor, found.interest_minor, found.fee_minor) >= 0
    assert 0 <= found.claim_on_seller_minor <= found.owed_minor
    later = after((0, "advance", 8_000_000), *kept, on=300, terms=terms)
    assert later.interest_minor >= found.interest_minor
    if found.advance_minor >= 1_000:
        assert later.interest_minor > found.interest_minor


REFUSED: list[tuple[list[tuple[int, EventKind, int]], str]] = [
    ([(0, "advance", 8_000_001)], "The advance of 8000001 is more than the 8000000 that may be"),
    ([(0, "advance", 0)], "The advance of 0 has no amount above zero. State what moved."),
    ([(0, "dilution", 10_000_001)], "The dilution of 10000001 is more than the buyer owes."),
    ([(0, "write_off", 0)], "The write_off of 0 finds nothing that is owed."),
    ([ADVANCE, (1, "buyer_payment", 1), (2, "advance", 1)], "The advance of 1 is more than the 0"),
]


@pytest.mark.parametrize(("events", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_is_refused(events: list[tuple[int, EventKind, int]], message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        after(*events, on=10)
    assert message in str(refusal.value)


def test_terms_that_are_none_are_refused_with_every_reason() -> None:
    terms = ReceivableTerms(Fraction(2), Fraction(1), Fraction(-1), 0, True, -1)
    with pytest.raises(InputProblem) as refusal:
        after(on=0, terms=terms)
    assert [line.split(": ")[2] for line in str(refusal.value).splitlines()] == [
        "The advance rate must be above 0 and at most 100 %. Mend the terms.",
        "The fee must be from 0 to below 100 % of the invoice. Mend the terms.",
        "The rate must not be below zero. Mend the terms.",
        "A year must have days, such as 360 or 365. Mend the terms.",
        "The days until recourse must not be below zero. Mend the terms.",
    ]
