"""Whatever moves is shared without a rest, over the life of a loan, sales and losses included."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lending.participation.agreement import (
    Agreement,
    FirstLoss,
    Kind,
    Movement,
    Sale,
    Servicing,
)
from tradeline.lending.participation.sharing import Part, Position, Shared, shared

DAY = date(2026, 1, 1)
TWO = Agreement((("bank", Fraction(4, 5)), ("fund", Fraction(1, 5))))
THREE = Agreement((("A", Fraction(1, 3)), ("B", Fraction(1, 3)), ("C", Fraction(1, 3))))


def moved(*amounts: tuple[Kind, int]) -> list[Movement]:
    return [Movement(DAY + timedelta(days=day), *amount) for day, amount in enumerate(amounts)]


def had(parts: Sequence[Part], number: int | None = None) -> dict[tuple[str, str], int]:
    """What each party has had of each kind, in all or of one movement."""
    total = Counter[tuple[str, str]]()
    for part in parts:
        if number in (None, part.number):
            total[part.party, part.kind] += part.amount_minor
    return {key: amount for key, amount in total.items() if amount}


def test_a_cent_that_does_not_divide_goes_round() -> None:
    tenths = [Movement(DAY, "principal", 10)] * 10
    found = shared(THREE, [Movement(DAY, "disbursement", 100), *tenths])
    first = [had(found.parts, number)["A", "principal"] for number in range(2, 12)]
    assert first == [4, 3, 3, 4, 3, 3, 4, 3, 3, 4]
    assert found.positions == tuple(Position(name, Fraction(1, 3), 0) for name in "ABC")


def test_the_servicer_keeps_its_share_of_the_interest_first() -> None:
    agreement = replace(TWO, servicing=Servicing("platform", Fraction(1, 20)))
    found = shared(agreement, moved(("disbursement", 100_000), ("interest", 1_010)))
    assert had(found.parts, 2) == {
        ("platform", "servicer_fee"): 50, ("bank", "interest"): 768, ("fund", "interest"): 192
    }  # fmt: skip


LOSS = moved(
    ("disbursement", 100_000), ("principal", 40_000), ("write_off", 60_000),
    ("recovery", 20_000), ("recovery", 30_000), ("recovery", 15_000),
)  # fmt: skip
RECOVERED = {
    "lenders first": [(0, 20_000), (0, 30_000), (10_000, 5_000)],
    "guarantor first": [(10_000, 10_000), (0, 30_000), (0, 15_000)],
}


@pytest.mark.parametrize("order", RECOVERED)
def test_the_guarantor_bears_the_first_loss_and_has_recoveries_in_turn(order: str) -> None:
    first_loss = FirstLoss("platform", 10_000, recoveries=order)  # type: ignore[arg-type]
    found = shared(replace(TWO, first_loss=first_loss), LOSS)
    assert had(found.parts, 3) == {
        ("bank", "write_off"): 48_000, ("fund", "write_off"): 12_000,
        ("bank", "guarantee"): 8_000, ("fund", "guarantee"): 2_000,
        ("platform", "guarantee"): -10_000,
    }  # fmt: skip
    turns = [had(found.parts, number) for number in (4, 5, 6)]
    assert [
        (
            turn.get(("platform", "recovery"), 0),
            turn.get(("bank", "recovery"), 0) + turn.get(("fund", "recovery"), 0),
        )
        for turn in turns
    ] == RECOVERED[order]


def test_a_lender_sells_half_and_the_buyer_is_paid_from_then_on() -> None:
    entries: list[Movement | Sale] = [
        *moved(("disbursement", 100_000), ("principal", 20_000)),
        Sale(DAY, "bank", "trust", Fraction(1, 2), 31_500),
        *moved(("principal", 50_000), ("interest", 1_000), ("principal", 30_000)),
    ]
    found = shared(TWO, entries)
    assert had(found.parts, 3) == {("bank", "sale"): -32_000, ("trust", "sale"): 32_000}
    assert had(found.parts, 4) == {
        ("bank", "principal"): 20_000, ("fund", "principal"): 10_000, ("trust", "principal"): 20_000
    }  # fmt: skip
    assert had(found.parts, 5) == {
        ("bank", "interest"): 400, ("fund", "interest"): 200, ("trust", "interest"): 400
    }  # fmt: skip
    assert [position.principal_minor for position in found.positions] == [0, 0, 0]


def test_what_was_sold_and_bought_back_is_as_before() -> None:
    begun = moved(("disbursement", 99_999), ("principal", 20_001))
    there = Sale(DAY, "fund", "trust", Fraction(1), 16_000)
    back = Sale(DAY, "trust", "fund", Fraction(1), 16_000)
    assert shared(TWO, [*begun, there]).positions[-1].lender == "trust"
    assert shared(TWO, [*begun, there, back]).positions == shared(TWO, begun).positions


BACK: list[Kind] = ["principal", "principal", "principal", "write_off"]
BESIDE: list[Kind] = ["interest", "fees", "penalties", "recovery"]


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    """Two to seven lenders with odd shares, perhaps a servicer and a guarantor."""
    weights = draw(st.lists(st.integers(1, 997), min_size=2, max_size=7))
    shares = tuple(
        (f"lender {place}", Fraction(weight, sum(weights))) for place, weight in enumerate(weights)
    )
    share = draw(st.fractions(min_value=0, max_value=1, max_denominator=37))
    limit = draw(st.none() | st.integers(0, 200_000))
    return Agreement(
        shares,
        draw(st.none() | st.just(Servicing("servicer", share))),
        None if limit is None else FirstLoss("guarantor", limit),
    )


@st.composite
def lives(draw: st.DrawFn) -> list[Movement]:
    """A loan paid out at once or twice, paid back in odd amounts or written off, to the end."""
    paid_out = draw(st.lists(st.integers(1, 10**6), min_size=1, max_size=2))
    movements = moved(*(("disbursement", amount) for amount in paid_out))
    left = sum(paid_out)
    while left:
        part = draw(st.integers(1, left)) if len(movements) < 25 else left
        movements.append(Movement(DAY, draw(st.sampled_from(BACK)), part))
        movements.append(Movement(DAY, draw(st.sampled_from(BESIDE)), draw(st.integers(0, 10_000))))
        left -= part
    return movements


def check_life(agreement: Agreement, movements: list[Movement], found: Shared) -> None:
    for number, movement in enumerate(movements, start=1):
        parts = had(found.parts, number)
        guarantee = sum(amount for (_, kind), amount in parts.items() if kind == "guarantee")
        assert guarantee == 0
        assert sum(parts.values()) == movement.amount_minor
    assert all(position.principal_minor == 0 for position in found.positions)


@settings(deadline=None)
@given(agreements(), lives())
def test_every_movement_is_shared_without_a_rest_and_all_ends_at_zero(
    agreement: Agreement, movements: list[Movement]
) -> None:
    found = shared(agreement, movements)
    check_life(agreement, movements, found)
    totals = Counter[str]()
    for part in found.parts:
        if part.party.startswith("lender"):
            totals[part.kind] += part.amount_minor
    for (party, kind), amount in had(found.parts).items():
        share = dict(agreement.shares).get(party)
        if share is not None and kind not in ("principal", "write_off"):
            assert abs(amount - share * totals[kind]) < 1
    back = Counter[str]()
    for part in found.parts:
        if part.kind in ("principal", "write_off"):
            back[part.party] += part.amount_minor
    for name, share in agreement.shares:
        assert abs(back[name] - share * (totals["principal"] + totals["write_off"])) < 1


@settings(deadline=None)
@given(agreements(), lives(), st.data())
def test_a_reversal_takes_back_just_what_was_given(
    agreement: Agreement, movements: list[Movement], data: st.DataObject
) -> None:
    whole = shared(agreement, movements)
    extra = Movement(DAY, data.draw(st.sampled_from(BESIDE)), data.draw(st.integers(1, 10**6)))
    place = data.draw(st.integers(0, len(movements)))
    taken_back = replace(extra, amount_minor=-extra.amount_minor)
    found = shared(agreement, [*movements[:place], extra, *movements[place:], taken_back])
    assert had(found.parts) == had(whole.parts)


@settings(deadline=None)
@given(agreements(), lives())
def test_a_movement_in_two_parts_gives_what_it_gives_in_one(
    agreement: Agreement, movements: list[Movement]
) -> None:
    halves = [
        replace(movement, amount_minor=amount)
        for movement, third in ((each, each.amount_minor // 3) for each in movements)
        for amount in (third, movement.amount_minor - third)
    ]
    assert had(shared(agreement, halves).parts) == had(shared(agreement, movements).parts)


@settings(deadline=None)
@given(agreements(), lives(), st.data())
def test_sales_change_hands_and_lose_nothing(
    agreement: Agreement, movements: list[Movement], data: st.DataObject
) -> None:
    portion = data.draw(st.fractions(min_value=Fraction(1, 50), max_value=1, max_denominator=50))
    entries: list[Movement | Sale] = list(movements)
    place = data.draw(st.integers(0, len(movements)))
    entries.insert(place, Sale(DAY, "lender 0", "buyer", portion, 1))
    found = shared(agreement, entries)
    assert all(position.principal_minor == 0 for position in found.positions)
    for number, entry in enumerate(entries, start=1):
        parts = had(found.parts, number)
        amount = 0 if isinstance(entry, Sale) else entry.amount_minor
        assert sum(parts.values()) == amount


REFUSED = [
    (moved(("principal", 1)), "The principal of 1 takes back more than there is."),
    (moved(("disbursement", 5), ("write_off", 6)), "The write_off of 6 takes back more than there"),
    (moved(("interest", -1)), "The interest of -1 takes back more than there is."),
    ([Sale(DAY, "nobody", "fund", Fraction(1), 1)], "nobody cannot sell 1 of its share to fund."),
    ([Sale(DAY, "bank", "fund", Fraction(2), 1)], "bank cannot sell 2 of its share to fund."),
    ([Sale(DAY, "bank", "bank", Fraction(1), 1)], "bank cannot sell 1 of its share to bank."),
]


@pytest.mark.parametrize(("entries", "message"), REFUSED, ids=range(len(REFUSED)))
def test_what_cannot_be_is_refused(entries: list[Movement | Sale], message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        shared(TWO, entries)
    assert message in str(refusal.value)
    assert str(refusal.value).startswith("error: participation on 2026-01-0")


BAD = [
    (Agreement(()), "The shares of no lender add up to 0."),
    (Agreement((("A", Fraction(1, 2)),)), "The shares of A add up to 1/2."),
    (Agreement((("A", Fraction(1, 2)), ("A", Fraction(1, 2)))), "The shares of A, A add up to 1."),
    (Agreement((("A", Fraction(2)), ("B", Fraction(-1)))), "The shares of A, B add up to 1."),
    (replace(TWO, servicing=Servicing("S", Fraction(3, 2))), "The servicer S would keep 3/2"),
    (replace(TWO, first_loss=FirstLoss("G", -1)), "guarantee has a limit below zero."),
]


@pytest.mark.parametrize(("agreement", "message"), BAD, ids=range(len(BAD)))
def test_an_agreement_that_is_none_is_refused(agreement: Agreement, message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        shared(agreement, [])
    assert message in str(refusal.value)
