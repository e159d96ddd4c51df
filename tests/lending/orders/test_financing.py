"""An order is drawn by milestones, repaid on delivery or by its invoice, and never overdrawn."""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lending.orders.financing import (
    Conversion,
    Entry,
    Event,
    EventKind,
    FinancedOrder,
    Milestone,
    OrderTerms,
    converted,
    financed_order,
)

BEGIN = date(2026, 1, 1)
STEPS = (
    Milestone("material", Fraction(3, 10)),
    Milestone("made", Fraction(4, 10)),
    Milestone("shipped", Fraction(3, 10)),
)
# 60 % of an order of 200,000.00 at 12 % over 360 days, due 30 days after delivery.
TERMS = OrderTerms(
    20_000_000, Fraction(3, 5), STEPS, Fraction(12, 100), 360, 30, BEGIN + timedelta(days=180)
)


def day(number: int) -> date:
    return BEGIN + timedelta(days=number)


def event(number: int, kind: EventKind, amount: int = 0, name: str = "") -> Event:
    return Event(day(number), kind, amount, name)


def after(*events: Event, on: int) -> FinancedOrder:
    return financed_order(TERMS, events, day(on))


REACHED = [event(0, "milestone", name="material"), event(30, "milestone", name="made")]
DRAWN = [REACHED[0], event(0, "draw", 3_600_000), REACHED[1], event(30, "draw", 4_800_000)]


def test_milestones_open_what_may_be_drawn() -> None:
    assert after(on=0).available_minor == 0
    assert after(REACHED[0], on=0).available_minor == 3_600_000
    assert after(*REACHED, on=30).available_minor == 8_400_000
    found = after(*DRAWN[:3], event(30, "draw", 1_000_000), on=30)
    assert (found.available_minor, found.principal_minor) == (3_800_000, 4_600_000)
    assert found.interest_minor == 36_000


def test_the_buyers_money_pays_interest_then_principal_then_the_seller() -> None:
    found = after(*DRAWN, event(60, "delivered"), event(80, "payment", 20_000_000), on=80)
    assert found.status == "repaid"
    assert found.entries[2:] == (
        Entry(day(80), "interest", 176_000),
        Entry(day(80), "principal", 8_400_000),
        Entry(day(80), "to_seller", 11_424_000),
    )


def test_delivery_makes_it_due_and_lateness_is_counted_from_then() -> None:
    events = [*DRAWN, event(60, "delivered")]
    assert after(*events, on=89).status == "drawn"
    assert (after(*events, on=90).status, after(*events, on=90).due_on) == ("due", day(90))
    late = after(*events, on=100)
    assert (late.status, late.days_late) == ("overdue", 10)
    assert late.available_minor == 0


def test_an_order_that_is_cancelled_is_due_at_once_and_undelivered_on_its_last_day() -> None:
    cancelled = after(*DRAWN, event(40, "cancelled"), on=45)
    assert (cancelled.due_on, cancelled.days_late, cancelled.available_minor) == (day(40), 5, 0)
    assert after(*DRAWN, on=200).days_late == 20


def test_the_advance_on_the_invoice_pays_the_order_first() -> None:
    before = after(*DRAWN, event(60, "delivered"), on=60)
    assert before.owed_minor == 8_400_000 + 120_000
    assert converted(before, 16_000_000) == Conversion(8_520_000, 7_480_000, 0)
    assert converted(before, 8_000_000) == Conversion(8_000_000, 0, 520_000)
    done = after(*DRAWN, event(60, "delivered"), event(60, "conversion", 8_520_000), on=61)
    assert (done.status, done.owed_minor) == ("converted", 0)


ALL_AND_ONE_MORE = [*STEPS, STEPS[0]]
REFUSED = [
    ([event(0, "draw", 1)], "A draw of 1 is more than the 0 available. Draw what the milestones"),
    ([*DRAWN, event(31, "draw", 1)], "A draw of 1 is more than the 0 available."),
    ([*REACHED, event(181, "draw", 1)], "A draw of 1 is more than the 0 available."),
    ([*REACHED, event(31, "delivered"), event(31, "draw", 1)], "more than the 0 available."),
    ([event(0, "milestone", name="made")], "The milestone 'made' is not the next one. Next is 'm"),
    (
        [event(place, "milestone", name=step.name) for place, step in enumerate(ALL_AND_ONE_MORE)],
        "The milestone 'material' is not the next one. All milestones are reached.",
    ),
    ([event(0, "payment", -1)], "The payment has no amount above zero. State what moved."),
    ([*DRAWN, event(30, "conversion", 8_436_001)], "A conversion of 8436001 is more than is owed."),
]  # fmt: skip


@pytest.mark.parametrize(("events", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_is_refused(events: list[Event], message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        after(*events, on=300)
    assert message in str(refusal.value)


BAD = [
    replace(TERMS, amount_minor=0),
    replace(TERMS, finance_rate=Fraction(2)),
    replace(TERMS, milestones=STEPS[:2]),
    replace(TERMS, milestones=(*STEPS[:2], STEPS[0])),
    replace(TERMS, milestones=()),
    replace(TERMS, rate=Fraction(-1)),
    replace(TERMS, days_of_year=0),
    replace(TERMS, days_after_delivery=-1),
]


@pytest.mark.parametrize("terms", BAD, ids=range(len(BAD)))
def test_terms_that_are_none_are_refused(terms: OrderTerms) -> None:
    with pytest.raises(InputProblem, match="The terms make no contract: shares of milestones add"):
        financed_order(terms, [], BEGIN)


happenings = st.lists(
    st.tuples(st.integers(1, 150), st.sampled_from(["draw", "payment"]), st.integers(1, 9_000_000)),
    max_size=10,
)


@given(happenings)
def test_draws_keep_within_the_order_and_no_cent_is_lost(
    asked: list[tuple[int, EventKind, int]],
) -> None:
    events = [event(0, "milestone", name=step.name) for step in STEPS]
    for number, kind, amount in sorted(asked, key=lambda each: each[0]):
        left = after(*events, on=number).available_minor
        if kind == "payment" or amount <= left:
            events.append(event(number, kind, amount))
    found = after(*events, on=160)
    total = dict.fromkeys(("draw", "interest", "principal", "to_seller"), 0)
    for entry in found.entries:
        total[entry.kind] += entry.amount_minor
    came = sum(each.amount_minor for each in events if each.kind == "payment")
    assert total["interest"] + total["principal"] + total["to_seller"] == came
    assert found.principal_minor == total["draw"] - total["principal"] >= 0
    assert total["draw"] <= 12_000_000
    assert found.interest_minor >= 0
