"""How a saved agreement stands at the end of a day, by what was known then: pure, of any kind."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date
from itertools import takewhile
from typing import Any

from tradeline.lending.bookings.chart import Account
from tradeline.lending.servicing.saved import Saved


@dataclass(frozen=True, slots=True)
class Standing:
    """An agreement at the end of a day, in minor units, by the first `events` of it.

    `principal_minor` is owed in the books, fees that are not earned taken off; `owed_minor` is that
    with interest and fees. What is over changes no more unless something is entered.
    """

    events: int
    principal_minor: int
    owed_minor: int
    days_late: int
    is_lost: bool
    is_forborne: bool
    is_over: bool


def known_on(saved: Saved, day: date) -> Saved:
    """The agreement by what was entered until a day, that day ended."""
    events = tuple(takewhile(lambda event: event.entered_on <= day, saved.events))
    return replace(saved, events=events, ended=day)


def standing(known: Saved, day: date) -> Standing:
    """How an agreement stands at the end of a day; `InputProblem` if its events make no sense."""
    kind, events = known.kind, known.happened
    state = kind.fold(known.contract, events, day)
    books = _books(known, state, day)
    principal = books[Account.LOANS_RECEIVABLE] + books[Account.DEFERRED_FEES]
    owed = max(principal + books[Account.INCOME_RECEIVABLE], 0)
    late = kind.late(known.contract, events, state, day)
    is_awaited = any(event.value_date > day for event in known.events)
    return Standing(
        events=len(known.events),
        principal_minor=max(principal, 0),
        owed_minor=owed,
        days_late=late.days if owed else 0,
        is_lost=books[Account.CREDIT_LOSS] > 0,
        is_forborne=late.is_forborne,
        is_over=not owed and not is_awaited and kind.rests(state),
    )


def _books(known: Saved, state: Any, day: date) -> Counter[Account]:
    """What it comes to on each account."""
    sums = Counter[Account]()
    for booked in known.kind.bookings(state):
        for posting in booked.postings if booked.on <= day else ():
            sums[posting.account] += posting.amount_minor
    return sums
