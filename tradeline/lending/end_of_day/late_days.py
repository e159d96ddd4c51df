"""On which days the end of day charges penalties on what is overdue of a loan."""

from collections.abc import Sequence
from datetime import date, timedelta

from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import ChargeOff, EndOfDay, Event, Reversal, WriteOff
from tradeline.lending.loan.fold import fold


def ends_of_days(contract: Contract, events: Sequence[Event], on: date) -> list[EndOfDay]:
    """An end of day for every day until `on` on which an instalment was late.

    On other days it changes nothing. A penalty may keep an instalment open for longer, so that days
    are added until they no longer change.
    """
    if contract.overdue_penalty is None:
        return []
    until, days = _until(events, on), set[date]()
    while more := _late(contract, [*events, *_ends(days)], on, until) - days:
        days |= more
    return _ends(days)


def _ends(days: set[date]) -> list[EndOfDay]:
    return [EndOfDay(value_date=day, entered_on=day) for day in sorted(days)]


def _until(events: Sequence[Event], on: date) -> date:
    """Nothing more is charged once a loan is charged off or written off."""
    taken_back = {event.of for event in events if isinstance(event, Reversal)}
    lost = [event.value_date for place, event in enumerate(events)
            if isinstance(event, ChargeOff | WriteOff) and place not in taken_back]  # fmt: skip
    return min([on, *(day - timedelta(days=1) for day in lost)])


def _late(contract: Contract, events: Sequence[Event], on: date, until: date) -> set[date]:
    found: set[date] = set()
    for row in fold(contract, events, on).instalments:
        last = min(row.settled_on or until, until)
        found |= {row.due + timedelta(days=late) for late in range(1, (last - row.due).days + 1)}
    return found
