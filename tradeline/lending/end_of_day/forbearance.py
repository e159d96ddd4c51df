"""Forbearance: terms were eased, so that days past due no longer say how a borrower stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import (
    DelinquencyPause,
    Event,
    InterestPause,
    Reage,
    Reamortisation,
    Reschedule,
    Reversal,
)
from tradeline.lending.loan.fold import counts_from, fold

EASED = (Reage, Reamortisation, Reschedule, InterestPause, DelinquencyPause)


@dataclass(frozen=True, slots=True)
class Forbearance:
    """The day terms were last eased, since when the loan is late by the terms before; ordinals.

    0 is none. `wake` is the day on which the terms before may be late anew.
    """

    on: int = 0
    late_since: int = 0
    wake: int = date.max.toordinal()


NONE = Forbearance()


def forbearance(contract: Contract, events: Sequence[Event], on: date) -> Forbearance:
    """How a loan whose terms were eased stands by the terms as they were agreed."""
    taken_back = {event.of for event in events if isinstance(event, Reversal)}
    eased = [
        (place, event)
        for place, event in enumerate(events)
        if isinstance(event, EASED) and place not in taken_back and counts_from(event) <= on
    ]
    if not eased:
        return NONE
    as_if = [Reversal(value_date=on, entered_on=on, of=place) for place, _ in eased]
    agreed = fold(contract, [*events, *as_if], on)
    since = agreed.delinquency.since
    ahead = [row.due for row in agreed.instalments if row.due >= on and row.open.total > 0]
    grace = timedelta(days=contract.grace.arrears_days + 1)
    return Forbearance(
        max(event.value_date for _, event in eased).toordinal(),
        since.toordinal() if since else 0,
        date.max.toordinal() if since or not ahead else (ahead[0] + grace).toordinal(),
    )
