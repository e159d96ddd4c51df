"""What an agreement books is split among its lenders without a rest, whatever is sold or lost."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradeline.kernel.findings import InputProblem
from tradeline.lending.bookings.by_lender import LenderPosting, by_lender, moves, parties
from tradeline.lending.bookings.chart import AMONG_LENDERS, Account
from tradeline.lending.bookings.entries import Booking, Posting, booking
from tradeline.lending.participation.agreement import (
    Agreement,
    FirstLoss,
    Movement,
    Sale,
    Servicing,
)
from tradeline.lending.participation.sharing import Shared, shared

DAY = date(2026, 1, 1)
A = Account
TWO = Agreement((("bank", Fraction(4, 5)), ("fund", Fraction(1, 5))))


def day(number: int) -> date:
    return DAY + timedelta(days=number)


def out(number: int, amount: int) -> Booking:
    return booking(day(number), (A.LOANS_RECEIVABLE, amount), (A.CLEARING, -amount))


def earned(number: int, amount: int) -> Booking:
    return booking(day(number), (A.INCOME_RECEIVABLE, amount), (A.INTEREST_INCOME, -amount))


def back(number: int, principal: int, interest: int = 0) -> Booking:
    return booking(
        day(number), (A.CLEARING, principal + interest), (A.LOANS_RECEIVABLE, -principal),
        (A.INCOME_RECEIVABLE, -interest), interest_minor=interest,
    )  # fmt: skip


def lost(number: int, principal: int) -> Booking:
    return booking(day(number), (A.CREDIT_LOSS, principal), (A.LOANS_RECEIVABLE, -principal))


def recovered(number: int, amount: int) -> Booking:
    return booking(day(number), (A.CLEARING, amount), (A.RECOVERIES, -amount))


def sums(postings: Sequence[LenderPosting], lender: str) -> dict[Account, int]:
    found = Counter[Account]()
    for each in postings:
        if each.lender == lender:
            found[each.posting.account] += each.posting.amount_minor
    return {account: amount for account, amount in found.items() if amount}


def test_each_lender_has_its_part_of_all_that_is_booked() -> None:
    found = by_lender(TWO, [out(0, 100_000), earned(30, 1_010), back(30, 40_000, 1_010)])
    assert sums(found, "bank") == {
        A.LOANS_RECEIVABLE: 48_000, A.SETTLEMENTS: -47_192, A.INTEREST_INCOME: -808
    }  # fmt: skip
    assert sums(found, "fund") == {
        A.LOANS_RECEIVABLE: 12_000, A.SETTLEMENTS: -11_798, A.INTEREST_INCOME: -202
    }  # fmt: skip


def test_money_is_cleared_by_the_tenant_that_owes_it_to_the_lenders() -> None:
    found = by_lender(TWO, [out(0, 100_000), back(30, 40_000, 1_010)])
    assert sums(found, "") == {A.CLEARING: -58_990, A.SETTLEMENTS: 58_990}


def test_the_servicer_is_paid_by_the_lenders_out_of_the_interest_that_came() -> None:
    agreement = replace(TWO, servicing=Servicing("platform", Fraction(1, 20)))
    assert parties(agreement) == ("bank", "fund", "platform")
    found = by_lender(agreement, [out(0, 100_000), earned(30, 1_010)])
    assert sums(found, "platform") == {}
    found = by_lender(agreement, [out(0, 100_000), earned(30, 1_010), back(30, 0, 1_010)])
    assert sums(found, "platform") == {A.SETTLEMENTS: 50, A.SERVICING_FEES: -50}
    assert sums(found, "bank")[A.SERVICING_FEES] == 40


def test_the_guarantor_pays_the_first_loss_and_has_recoveries_in_its_turn() -> None:
    agreement = replace(TWO, first_loss=FirstLoss("platform", 10_000))
    life = [out(0, 100_000), back(10, 40_000), lost(20, 60_000)]
    found = by_lender(agreement, life)
    assert sums(found, "platform") == {A.SETTLEMENTS: -10_000, A.GUARANTEES: 10_000}
    assert sums(found, "fund")[A.GUARANTEES] == -2_000
    found = by_lender(agreement, [*life, recovered(30, 50_000), recovered(31, 5_000)])
    assert sums(found, "platform") == {
        A.SETTLEMENTS: -5_000, A.GUARANTEES: 10_000, A.RECOVERIES: -5_000
    }  # fmt: skip
    assert sums(found, "bank")[A.RECOVERIES] == -40_000


def test_a_guarantor_gives_up_what_it_had_back_when_more_is_lost() -> None:
    agreement = replace(TWO, first_loss=FirstLoss("platform", 5_000))
    life = [out(0, 100_000), lost(20, 10_000), recovered(30, 8_000)]
    assert sums(by_lender(agreement, life), "platform")[A.RECOVERIES] == -3_000
    found = by_lender(agreement, [*life, lost(40, 10_000)])
    assert A.RECOVERIES not in sums(found, "platform")
    assert sums(found, "bank")[A.RECOVERIES] == -6_400


def test_a_sale_moves_what_the_seller_holds_at_its_price_and_a_buy_back_brings_it_back() -> None:
    sale = Sale(day(31), "bank", "trust", Fraction(1, 2), 33_000)
    life = [out(0, 100_000), earned(30, 1_000), back(30, 20_000)]
    found = by_lender(TWO, life, [sale])
    assert sums(found, "trust") == {
        A.LOANS_RECEIVABLE: 32_000, A.INCOME_RECEIVABLE: 400, A.SETTLEMENTS: -33_000,
        A.SALES_OF_SHARES: 600,
    }  # fmt: skip
    assert sums(found, "bank")[A.SALES_OF_SHARES] == -600
    home = Sale(day(31), "trust", "bank", Fraction(1), 33_000)
    found = by_lender(TWO, life, [sale, home])
    assert sums(found, "trust") == {}
    assert sums(found, "bank") == sums(by_lender(TWO, life), "bank")


def test_interest_that_came_before_it_was_earned_is_sold_with_the_loan() -> None:
    life = [out(0, 99_999), back(10, 0, 1_001), earned(30, 1_001), back(40, 99_999)]
    sale = Sale(day(20), "fund", "trust", Fraction(1, 3), 6_000)
    found = by_lender(TWO, life, [sale])
    for party in ("bank", "fund", "trust"):
        assert not {A.LOANS_RECEIVABLE, A.INCOME_RECEIVABLE} & sums(found, party).keys()


def test_a_sale_of_what_is_not_held_is_refused() -> None:
    for seller, portion in (("trust", Fraction(1)), ("bank", Fraction(2))):
        with pytest.raises(InputProblem, match="cannot sell"):
            by_lender(TWO, [], [Sale(DAY, seller, "fund", portion, 1)])


def test_moves_are_taken_from_the_first_accounts_first() -> None:
    lines = (Posting(A.CREDIT_LOSS, 5), Posting(A.INCOME_RECEIVABLE, -8), Posting(A.CLEARING, 4),
             Posting(A.RESERVES, -1))  # fmt: skip
    assert list(moves(lines)) == [
        (A.CREDIT_LOSS, A.INCOME_RECEIVABLE, 5), (A.CLEARING, A.INCOME_RECEIVABLE, 3),
        (A.CLEARING, A.RESERVES, 1),
    ]  # fmt: skip


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["out", "earned", "back", "back", "back", "lost", "recovered", "fee", "over"]
        ),
        st.integers(1, 9_999),
        st.integers(0, 999),
    ),
    max_size=25,
)


def life_of(steps: Sequence[tuple[str, int, int]]) -> list[Booking]:
    """What could be booked: no more comes back than was lent, or is recovered than was lost."""
    found = [out(0, 10_000)]
    owed, gone, unearned = 10_000, 0, 0
    for number, (kind, amount, more) in enumerate(steps, 1):
        if kind == "out":
            found.append(out(number, amount))
            owed += amount
        elif kind == "earned":
            found.append(earned(number, amount))
        elif kind == "back":
            part = min(amount, owed)
            owed -= part
            found.append(back(number, part, more))
        elif kind == "lost" and amount % 5 == 0:
            part = min(amount, owed)
            owed, gone = owed - part, gone + part
            found.append(lost(number, part))
        elif kind == "recovered" and gone:
            part = min(amount, gone)
            gone -= part
            found.append(recovered(number, part))
        elif kind == "fee":
            found.append(booking(day(number), (A.LOANS_RECEIVABLE, amount),
                                 (A.DEFERRED_FEES, -amount)))  # fmt: skip
            owed, unearned = owed + amount, unearned + amount
            part = min(more, unearned)
            unearned -= part
            found.append(booking(day(number), (A.DEFERRED_FEES, part), (A.FEE_INCOME, -part)))
        elif kind == "over":
            found.append(booking(day(number), (A.CLEARING, amount), (A.OVERPAYMENTS, -amount)))
            found.append(booking(day(number), (A.OVERPAYMENTS, amount), (A.CLEARING, -amount)))
    found.append(booking(day(99), (A.DEFERRED_FEES, unearned), (A.FEE_INCOME, -unearned)))
    return found


def whole(bookings: Sequence[Booking]) -> Counter[tuple[date, Account]]:
    found = Counter[tuple[date, Account]]()
    for each in bookings:
        for posting in each.postings:
            found[each.on, posting.account] += posting.amount_minor
    return found


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    """Two to seven lenders with odd shares, perhaps a servicer and a guarantor."""
    weights = draw(st.lists(st.integers(1, 997), min_size=2, max_size=7))
    shares = tuple(
        (f"L{number}", Fraction(weight, sum(weights))) for number, weight in enumerate(weights)
    )
    servicing = Servicing("S", Fraction(draw(st.integers(0, 100)), 100))
    first_loss = FirstLoss(
        "G",
        draw(st.integers(0, 5_000)),
        draw(st.sampled_from(["lenders first", "guarantor first"])),
    )
    return Agreement(
        shares, draw(st.none() | st.just(servicing)), draw(st.none() | st.just(first_loss))
    )


SALES = st.lists(
    st.tuples(st.integers(0, 30), st.integers(0, 6), st.integers(1, 4), st.integers(1, 4)),
    max_size=3,
)


def sold(agreement: Agreement, drawn: Sequence[tuple[int, int, int, int]]) -> list[Sale]:
    """Sales of lenders that hold something, to each other or to somebody new."""
    shares, found = dict(agreement.shares), list[Sale]()
    for number, who, part, whole_ in sorted(drawn):
        names = [name for name, share in shares.items() if share]
        seller, portion = names[who % len(names)], Fraction(min(part, whole_), whole_)
        buyer = names[(who + 1) % len(names)] if who % 2 and len(names) > 1 else f"new {number}"
        if seller != buyer:
            found.append(Sale(day(number), seller, buyer, portion, 100 * part))
            moved = shares[seller] * portion
            shares[seller] -= moved
            shares[buyer] = shares.get(buyer, Fraction(0)) + moved
    return found


@given(agreements(), STEPS, SALES)
def test_parts_add_up_to_the_whole_and_each_lender_balances(
    agreement: Agreement,
    steps: list[tuple[str, int, int]],
    drawn: list[tuple[int, int, int, int]],
) -> None:
    bookings, sales = life_of(steps), sold(agreement, drawn)
    found = by_lender(agreement, bookings, sales)
    by_day = Counter[tuple[date, Account]]()
    of_lender = Counter[tuple[date, str]]()
    for each in found:
        by_day[each.on, each.posting.account] += each.posting.amount_minor
        of_lender[each.on, each.lender] += each.posting.amount_minor
    expected = whole(bookings)
    for place in by_day.keys() | expected.keys():
        assert by_day[place] == (0 if place[1] in AMONG_LENDERS else expected[place])
    assert not any(of_lender.values())
    total = Counter[Account]()
    for (_, account), amount in expected.items():
        total[account] += amount
    for party in parties(agreement, sales):
        held = sums(found, party)
        for account in (A.LOANS_RECEIVABLE, A.DEFERRED_FEES, A.OVERPAYMENTS, A.INCOME_RECEIVABLE):
            if total[account] == 0:
                assert held.get(account, 0) == 0, (party, account)


@given(agreements(), STEPS, SALES)
def test_principal_and_what_stands_beside_it_are_as_participation_says(
    agreement: Agreement,
    steps: list[tuple[str, int, int]],
    drawn: list[tuple[int, int, int, int]],
) -> None:
    """The slow way beside: each movement of the loan alone, in the words of `participation`."""
    bookings = life_of([step for step in steps if step[0] not in {"fee", "over"}])
    sales = sold(agreement, drawn)
    found, slow = by_lender(agreement, bookings, sales), movements(agreement, bookings, sales)
    for position in slow.positions:
        principal = sums(found, position.lender).get(A.LOANS_RECEIVABLE, 0)
        assert principal == position.principal_minor
    had = Counter[tuple[str, str]]()
    for part in slow.parts:
        had[part.party, part.kind] += part.amount_minor
    for party in parties(agreement, sales):
        booked = sums(found, party)
        assert -booked.get(A.RECOVERIES, 0) == had[party, "recovery"]
        if party == "G":
            assert -booked.get(A.GUARANTEES, 0) == had[party, "guarantee"]
    servicer = sums(found, "S").get(A.SERVICING_FEES, 0)
    assert -servicer == had["S", "servicer_fee"]


def movements(agreement: Agreement, bookings: Sequence[Booking], sales: Sequence[Sale]) -> Shared:
    kinds = {
        (A.LOANS_RECEIVABLE, A.CLEARING): "disbursement",
        (A.CLEARING, A.LOANS_RECEIVABLE): "principal",
        (A.CREDIT_LOSS, A.LOANS_RECEIVABLE): "write_off",
        (A.CLEARING, A.RECOVERIES): "recovery",
        (A.CLEARING, A.INCOME_RECEIVABLE): "interest",
    }
    found: list[Movement | Sale] = [
        Movement(each.on, kinds[debit, credit], amount)  # type: ignore[arg-type]
        for each in bookings
        for debit, credit, amount in moves(each.postings)
        if (debit, credit) in kinds
    ]
    return shared(agreement, sorted([*found, *sales], key=lambda each: each.on))
