"""How a saved agreement stands at the end of a day, by what was known then: pure, of any kind."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile
from typing import Any

from tradeline.lending.bookings.chart import Account
from tradeline.lending.bookings.entries import Booking
from tradeline.lending.servicing.saved import Saved


@dataclass(frozen=True, slots=True)
class Standing:
    """An agreement at the end of a day, in minor units, by the first `events` of it.

    `principal_minor` is owed in the books, fees that are not earned taken off; `owed_minor` is that
    with interest and fees, `paid_out_minor` all money that went out to be owed, the first of it on
    `paid_out_on`, `interest_minor` all that was earned as interest. What is over changes
    no more unless something is entered.
    """

    events: int
    principal_minor: int
    owed_minor: int
    paid_out_minor: int
    paid_out_on: date | None
    days_late: int
    is_lost: bool
    is_forborne: bool
    is_over: bool
    interest_minor: int


def known_on(saved: Saved, day: date) -> Saved:
    """The agreement by what was entered until a day, that day ended."""
    events = tuple(takewhile(lambda event: event.entered_on <= day, saved.events))
    return replace(saved, events=events, ended=day)


def standing(known: Saved, day: date) -> tuple[Standing, Any]:
    """How an agreement stands at the end of a day, and its folded state.

    `InputProblem` if its events make no sense.
    """
    kind, events = known.kind, known.happened
    state = kind.fold(known.contract, events, day)
    booked = [each for each in kind.bookings(state) if each.on <= day]
    books = _sums(booked)
    paid_out = [(each.on, amount) for each in booked if (amount := _paid_out(each)) > 0]
    principal = books[Account.LOANS_RECEIVABLE] + books[Account.DEFERRED_FEES]
    owed = max(principal + books[Account.INCOME_RECEIVABLE], 0)
    late = kind.late(known.contract, events, state, day)
    is_awaited = any(event.value_date > day for event in known.events)
    found = Standing(
        events=len(known.events),
        principal_minor=max(principal, 0),
        owed_minor=owed,
        paid_out_minor=sum(amount for _, amount in paid_out),
        paid_out_on=min((on for on, _ in paid_out), default=None),
        days_late=late.days if owed else 0,
        is_lost=books[Account.CREDIT_LOSS] > 0,
        is_forborne=late.is_forborne,
        is_over=not owed and not is_awaited and kind.rests(state),
        interest_minor=-books[Account.INTEREST_INCOME],
    )
    return found, state


def _sums(booked: Iterable[Booking]) -> Counter[Account]:
    """What it comes to on each account."""
    sums = Counter[Account]()
    for each in booked:
        for posting in each.postings:
            sums[posting.account] += posting.amount_minor
    return sums


def _paid_out(booked: Booking) -> int:
    """The money that one booking pays out to be owed."""
    sums = _sums([booked])
    return -sums[Account.CLEARING] if sums[Account.LOANS_RECEIVABLE] > 0 else 0
