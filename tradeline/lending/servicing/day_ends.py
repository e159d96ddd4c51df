"""Which ends of days change something of an agreement: as if each day had ended, in few events.

They are no events that somebody enters: they follow from what was entered, so that a run that comes
late, and an event that is entered late, come to the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from tradeline.lending.end_of_day.late_days import ends_of_days
from tradeline.lending.lines.agreement import LineAgreement, MinimumPayment
from tradeline.lending.lines.events import DrawEvent
from tradeline.lending.lines.fold import fold_line
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import (
    ChargeOff,
    Disbursement,
    EndOfDay,
    Event,
    WriteOff,
    counts_from,
)
from tradeline.lending.loan.taken_back import standing_events
from tradeline.lending.servicing.kinds import Agreed

DAY = timedelta(days=1)


def every_day(agreement: Agreed, _: Sequence[Event], until: date) -> tuple[EndOfDay, ...]:
    """Each day until one: what is financed earns interest day by day."""
    days = (until - agreement.start).days
    return _ends(agreement.start + number * DAY for number in range(days + 1))


def ends_of_loan(contract: Contract, events: Sequence[Event], until: date) -> tuple[EndOfDay, ...]:
    """The days on which something is late and penalised, those before an event, and the last one.

    Between these what is earned of a loan follows from one end of day to the next. Nothing is
    earned before it is paid out, and once it is lost.
    """
    return _ends(_days_of_loan(contract, events, until))


def ends_of_line(
    agreement: LineAgreement, events: Sequence[Event], until: date
) -> tuple[EndOfDay, ...]:
    """The days that the loans need which its draws are; bills of one balance need none.

    Without penalties those around its own events are enough. A penalty may turn a payment from one
    draw to another: days are added until they no longer change.
    """
    if isinstance(agreement.repayment, MinimumPayment):
        return ()
    if agreement.repayment.terms.overdue_penalty is None:
        turns = set(_turns(event for _, event in standing_events(events)))
        days = {*turns, *(day + DAY for day in turns), until}
        return _ends(day for day in days if agreement.start < day <= until)
    days = set()
    while more := _days_of_draws(agreement, [*events, *_ends(days)], until) - days:
        days |= more
    return _ends(days)


def _days_of_draws(agreement: LineAgreement, events: Sequence[Event], until: date) -> set[date]:
    found = set[date]()
    for draw in fold_line(agreement, events, until).draws:
        if draw.contract is not None:
            found |= _days_of_loan(draw.contract, draw.events, until)
    return found


def _days_of_loan(contract: Contract, events: Sequence[Event], until: date) -> set[date]:
    standing = [event for _, event in standing_events(events)]
    begin = min((event.value_date for event in standing if isinstance(event, Disbursement)),
                default=None)  # fmt: skip
    if begin is None:
        return set()
    lost = [event.value_date for event in standing if isinstance(event, ChargeOff | WriteOff)]
    last = min([until, *(day - DAY for day in lost)])
    late = {end.value_date for end in ends_of_days(contract, events, until)}
    days = {begin + DAY, *late, *_turns(standing), last}
    return {day for day in days if begin < day <= last}


def _turns(events: Iterable[Event]) -> Iterator[date]:
    """The day before each event, and its own."""
    for event in events:
        if not isinstance(event, EndOfDay):
            day = counts_from(event.event if isinstance(event, DrawEvent) else event)
            yield from (day - DAY, day)


def _ends(days: Iterable[date]) -> tuple[EndOfDay, ...]:
    return tuple(EndOfDay(value_date=day, entered_on=day) for day in sorted(days))
