"""Revolving lines, as they are saved and booked: a draw is the loan that it is, or one balance."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from tradeline.lending.bookings.chart import OF_LOANS
from tradeline.lending.bookings.entries import Booking, bookings
from tradeline.lending.lines.accepting import accepted
from tradeline.lending.lines.agreement import LineAgreement, check_agreement
from tradeline.lending.lines.checks import OF_LINES
from tradeline.lending.lines.events import DrawEvent, DrawRequest, DrawReturn, DrawSettlement
from tradeline.lending.lines.fold import fold_line
from tradeline.lending.lines.state import LineState, LineStatus
from tradeline.lending.loan.adding_up import not_adding_up
from tradeline.lending.loan.events import CreditBalanceRefund, Event, Payoff, Repayment
from tradeline.lending.servicing.day_ends import ends_of_line
from tradeline.lending.servicing.kinds import Events, Kind, Late, Wrong, none_wrong
from tradeline.lending.servicing.of_loans import taken_as_lost

ENDED = (LineStatus.EXPIRED, LineStatus.CANCELLED)
DONE = (DrawRequest, DrawSettlement, DrawReturn, DrawEvent, Repayment, Payoff, CreditBalanceRefund)


def _wrong(agreement: LineAgreement, events: Sequence[Event], new: Event) -> Wrong:
    """The door of the line refuses what makes no sense, and a draw that there is no room for."""
    accepted(agreement, events, new)
    return none_wrong()


def _bookings(state: LineState) -> Sequence[Booking]:
    """Those of the line itself, and of the loans that its draws are."""
    found = bookings(state.own)
    for draw in state.draws:
        if draw.loan is not None:
            found += bookings(draw.loan.transactions)
    return sorted(found, key=lambda each: each.on)


def _principal(state: LineState) -> int | None:
    is_lost = any(draw.loan and taken_as_lost(draw.loan) for draw in state.draws)
    return None if is_lost else state.now.drawn_minor


def _not_adding_up(state: LineState) -> Iterator[str]:
    """Of the loans that its draws are."""
    for draw in state.draws:
        if draw.loan is not None:
            yield from not_adding_up(draw.loan)


def _late(_: LineAgreement, __: Events, state: LineState, ___: date) -> Late:
    return Late(state.delinquency.days)


def _rests(state: LineState) -> bool:
    """Nothing is billed for what may not be drawn any more, and no draw is on its way."""
    return state.now.status in ENDED and not state.now.held_minor


def _standing(state: LineState) -> Mapping[str, Any]:
    return {
        "status": state.now.status.value,
        "limit_minor": state.now.limit_minor,
        "drawn_minor": state.now.drawn_minor,
        "held_minor": state.now.held_minor,
        "drawable_minor": state.now.drawable_minor,
        "overpaid_minor": state.overpaid_minor,
        "days_late": state.delinquency.days,
    }


LINES = Kind(
    name="line",
    contract=LineAgreement,
    events=OF_LINES,
    done=DONE,
    accounts=OF_LOANS,
    check=check_agreement,
    wrong=_wrong,
    fold=fold_line,
    bookings=_bookings,
    principal=_principal,
    standing=_standing,
    told={
        "DrawRequest": "draw_requested",
        "DrawSettlement": "draw_settled",
        "DrawReturn": "draw_returned",
        "Repayment": "repaid",
        "Payoff": "paid_off",
        "LimitChange": "limit_changed",
        "Freeze": "frozen",
        "Release": "released",
        "Cancellation": "cancelled",
        "Reversal": "event_reversed",
    },
    late=_late,
    ends=ends_of_line,
    rests=_rests,
    not_adding_up=_not_adding_up,
    by_age="what will be drawn of it before a default, and when that is paid back, is not agreed",
)
