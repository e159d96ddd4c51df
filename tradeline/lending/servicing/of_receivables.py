"""Financed invoices, as they are saved and booked; each document is financed once."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from tradeline.lending.bookings.entries import Booking
from tradeline.lending.bookings.of_financings import OF_FINANCINGS, financing_bookings
from tradeline.lending.receivables.documents import Document
from tradeline.lending.receivables.financing import Financed
from tradeline.lending.receivables.fold import (
    OF_RECEIVABLES,
    ReceivableAgreement,
    check_receivable,
    fold_receivable,
)
from tradeline.lending.servicing.day_ends import every_day
from tradeline.lending.servicing.kinds import Events, Expected, Kind, Late, wrong_of_documents


def _bookings(state: Financed) -> Sequence[Booking]:
    return financing_bookings(state.entries, state.earned)


def _principal(state: Financed) -> int:
    return state.advance_minor


def _document(agreement: ReceivableAgreement) -> Document:
    return agreement.document


def _takes_over(agreement: ReceivableAgreement) -> str:
    return agreement.takes_over


def _late(_: ReceivableAgreement, __: Events, state: Financed, ___: date) -> Late:
    return Late(state.days_late)


def _ahead(
    agreement: ReceivableAgreement, state: Financed, _: date
) -> tuple[tuple[date, int], ...]:
    return ((agreement.due_on, state.advance_minor),)


def _standing(state: Financed) -> Mapping[str, Any]:
    return {
        "status": state.status,
        "collectible_minor": state.collectible_minor,
        "advance_minor": state.advance_minor,
        "interest_minor": state.interest_minor,
        "fee_minor": state.fee_minor,
        "claim_on_seller_minor": state.claim_on_seller_minor,
        "payable_minor": state.payable_minor,
        "overpaid_minor": state.overpaid_minor,
        "days_late": state.days_late,
    }


RECEIVABLES = Kind(
    name="receivable",
    contract=ReceivableAgreement,
    events=OF_RECEIVABLES,
    done=OF_RECEIVABLES,
    accounts=OF_FINANCINGS,
    check=check_receivable,
    wrong=wrong_of_documents,
    fold=fold_receivable,
    bookings=_bookings,
    principal=_principal,
    standing=_standing,
    told={
        "Advance": "advanced",
        "BuyerPayment": "buyer_paid",
        "PaymentToSeller": "seller_was_paid",
        "SellerPayment": "seller_paid",
        "Dilution": "diluted",
        "ReservePayout": "reserve_paid_out",
        "CreditBalanceRefund": "overpayment_refunded",
        "WriteOff": "written_off",
        "Withdrawal": "withdrawn",
        "Reversal": "event_reversed",
    },
    late=_late,
    ends=every_day,
    document=_document,
    takes_over=_takes_over,
    expected=Expected(_ahead),
)
