"""Financed orders, as they are saved and booked; each document is financed once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tradeline.lending.bookings.entries import Booking
from tradeline.lending.bookings.of_financings import OF_FINANCINGS, financing_bookings
from tradeline.lending.orders.financing import FinancedOrder
from tradeline.lending.orders.fold import (
    OF_ORDERS,
    OrderAgreement,
    check_order,
    fold_order,
)
from tradeline.lending.receivables.documents import Document
from tradeline.lending.servicing.day_ends import every_day
from tradeline.lending.servicing.kinds import Events, Expected, Kind, Late, wrong_of_documents


def _bookings(state: FinancedOrder) -> Sequence[Booking]:
    return financing_bookings(state.entries, state.earned)


def _principal(state: FinancedOrder) -> int:
    return state.principal_minor


def _document(agreement: OrderAgreement) -> Document:
    return agreement.document


def _late(_: OrderAgreement, __: Events, state: FinancedOrder, ___: date) -> Late:
    return Late(state.days_late)


def _ahead(_: OrderAgreement, state: FinancedOrder, __: date) -> tuple[tuple[date, int], ...]:
    return ((state.due_on, state.principal_minor),)


def _standing(state: FinancedOrder) -> Mapping[str, Any]:
    return {
        "status": state.status,
        "available_minor": state.available_minor,
        "principal_minor": state.principal_minor,
        "interest_minor": state.interest_minor,
        "payable_minor": state.payable_minor,
        "days_late": state.days_late,
    }


ORDERS = Kind(
    name="order",
    contract=OrderAgreement,
    events=OF_ORDERS,
    done=OF_ORDERS,
    accounts=OF_FINANCINGS,
    check=check_order,
    wrong=wrong_of_documents,
    fold=fold_order,
    bookings=_bookings,
    principal=_principal,
    standing=_standing,
    told={
        "MilestoneReached": "milestone_reached",
        "OrderDraw": "drawn",
        "OrderPayment": "paid",
        "Conversion": "converted",
        "Delivery": "delivered",
        "OrderCancelled": "order_cancelled",
        "SellerPayout": "paid_out",
        "WriteOff": "written_off",
        "Withdrawal": "withdrawn",
        "Reversal": "event_reversed",
    },
    late=_late,
    ends=every_day,
    document=_document,
    expected=Expected(_ahead),
)
