"""Looks at an agreement by stage: how it stood on each day that ended, by what is known now.

A look stays as it was written. What is entered late, and counts from a day before, makes the days
from then on be looked at anew: of two looks of a day that by more events counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import accumulate
from typing import Any

from psycopg import Connection, Cursor

from tradeline.lending.book_days.standing import Standing, standing
from tradeline.lending.end_of_day.expected import months_until
from tradeline.lending.loan.events import Event, Reversal, counts_from
from tradeline.lending.servicing.saved import Saved

READ = """
SELECT DISTINCT ON (day) day, events, days_late, is_forborne, months
FROM servicing_look WHERE agreement = %s AND day < %s ORDER BY day, events DESC
"""
WRITE = """
INSERT INTO servicing_look (agreement, day, events, days_late, is_forborne, months, recorded_at)
VALUES (%s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class Look:
    """An agreement on a day by so many events; `months` it still ran, 0 if nothing was owed."""

    day: date
    events: int
    days_late: int
    is_forborne: bool
    months: int


def looked(known: Saved, day: date, stood: Standing, state: Any) -> Look:
    """The look at an agreement that stood so on a day."""
    months = months_until(day, ahead(known, state, day)) if stood.owed_minor else 0
    return Look(day, stood.events, stood.days_late, stood.is_forborne, months)


def ahead(known: Saved, state: Any, day: date) -> list[tuple[date, int]]:
    """The days to come on which principal falls due, and how much."""
    assert known.kind.expected is not None
    found = known.kind.expected.ahead(known.contract, state, day)
    return [(due, principal) for due, principal in found if due > day and principal > 0]


def looks_until(
    connection: Connection, known: Saved, today: Look, now: datetime
) -> tuple[Look, ...]:
    """All looks at an agreement until a day, in order; what is new of them is written."""
    rows = Cursor(connection).execute(READ, [known.name, today.day])
    kept = tuple(Look(*row) for row in rows)
    found = (*by_now(known, kept), today)
    for each in found:
        if each not in kept:
            values = [each.day, each.events, each.days_late, each.is_forborne, each.months]
            Cursor(connection).execute(WRITE, [known.name, *values, now])
    return found


def by_now(known: Saved, looks: Sequence[Look]) -> tuple[Look, ...]:
    """Looks at an agreement, those made anew that what was entered since counts for."""
    changed = _first_changed(known.events)
    return tuple(
        _anew(known, look.day) if changed[look.events] <= look.day else look for look in looks
    )


def _anew(known: Saved, day: date) -> Look:
    stood, state = standing(replace(known, ended=day), day)
    return looked(known, day, stood, state)


def _first_changed(events: Sequence[Event]) -> list[date]:
    """Of each place the first day that is changed by the events from it on."""
    days = [_counts_from(events, place) for place in range(len(events))]
    return [*accumulate([date.max, *reversed(days)], min)][::-1]


def _counts_from(events: Sequence[Event], place: int) -> date:
    """The first day that an event changes; a reversal changes those of what it takes back."""
    event = events[place]
    if isinstance(event, Reversal) and 0 <= event.of < place:
        return min(event.value_date, _counts_from(events, event.of))
    return counts_from(event)
