"""Advances repaid by a share of sales, as they are saved and booked."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tradeline.lending.bookings.entries import Booking
from tradeline.lending.bookings.of_advances import ACCOUNTS, advance_bookings
from tradeline.lending.revenue_share.fold import (
    OF_ADVANCES,
    AdvanceAgreement,
    AdvanceState,
    fold_advance,
    plan_of,
)
from tradeline.lending.servicing.kinds import Events, Kind, Late, none_wrong


def _bookings(state: AdvanceState) -> Sequence[Booking]:
    return advance_bookings(state.transactions)


def _owed(state: AdvanceState) -> int:
    return state.owed_minor


def _late(_: AdvanceAgreement, __: Events, state: AdvanceState, ___: date) -> Late:
    return Late(state.days_late)


def _standing(state: AdvanceState) -> Mapping[str, Any]:
    return {
        "status": state.status,
        "owed_minor": state.owed_minor,
        "unearned_minor": state.unearned_minor,
        "received_minor": state.received_minor,
        "overpaid_minor": state.overpaid_minor,
        "lacking_minor": state.lacking_minor,
        "days_late": state.days_late,
    }


ADVANCES = Kind(
    name="advance",
    contract=AdvanceAgreement,
    events=OF_ADVANCES,
    done=OF_ADVANCES,
    accounts=tuple(ACCOUNTS.values()),
    check=plan_of,
    wrong=none_wrong,
    fold=fold_advance,
    bookings=_bookings,
    principal=_owed,
    standing=_standing,
    told={
        "Disbursement": "disbursed",
        "Repayment": "repaid",
        "CreditBalanceRefund": "overpayment_refunded",
        "WriteOff": "written_off",
        "Reversal": "event_reversed",
    },
    late=_late,
    by_age="what it pays and when follows from sales that nobody knows yet",
)
