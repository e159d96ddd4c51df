"""The fold of a financed invoice: agreement and dated events to how it stands on a day.

An event entered late counts from its own day, a reversed one never was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.kernel.money import CURRENCIES
from tradeline.lending.loan.events import (
    CreditBalanceRefund,
    EndOfDay,
    Event,
    Reversal,
    WriteOff,
)
from tradeline.lending.loan.taken_back import reversal_findings, standing_events
from tradeline.lending.receivables import financing
from tradeline.lending.receivables.documents import Document
from tradeline.lending.receivables.events import (
    Advance,
    BuyerPayment,
    Dilution,
    PaymentToSeller,
    ReservePayout,
    SellerPayment,
    Withdrawal,
)
from tradeline.lending.receivables.financing import EventKind, Financed, Invoice, financed
from tradeline.lending.receivables.terms import ReceivableTerms, checked

HAPPENED: Mapping[type[Event], EventKind] = {
    Advance: "advance",
    BuyerPayment: "buyer_payment",
    PaymentToSeller: "payment_to_seller",
    SellerPayment: "seller_payment",
    Dilution: "dilution",
    WriteOff: "write_off",
    ReservePayout: "reserve_payout",
    CreditBalanceRefund: "overpayment_refund",
    EndOfDay: "end_of_day",
}
OF_RECEIVABLES = (*HAPPENED, Withdrawal, Reversal)
WHERE = "receivable"


@dataclass(frozen=True, slots=True)
class ReceivableAgreement:
    """An invoice that is financed from a day on, on these terms.

    `takes_over` is the financing of the order that the invoice bills, if it goes on with this one.
    """

    document: Document
    due_on: date
    terms: ReceivableTerms
    start: date
    takes_over: str = ""

    @property
    def currency(self) -> str:
        """The currency of the invoice."""
        return self.document.currency


def check_receivable(agreement: ReceivableAgreement) -> None:
    """InputProblem if the terms make no contract, or the document is no invoice."""
    checked(agreement.terms)
    document = agreement.document
    if document.kind != "invoice" or document.amount_minor <= 0:
        raise _bad("bad-document", "The document is no invoice of an amount above zero.",
                   "Finance an order as an order.")  # fmt: skip
    if document.currency not in CURRENCIES:
        raise _bad("bad-terms", "The currency is none.", "Write its ISO 4217 code, such as CNY.")


def fold_receivable(
    agreement: ReceivableAgreement, events: Sequence[Event], as_of: date
) -> Financed:
    """The invoice on a day, by all events that count until then.

    InputProblem as `financed` says, and for a day before the agreement or a withdrawal of what was
    used.
    """
    check_receivable(agreement)
    invoice = Invoice(agreement.document.amount_minor, agreement.due_on)
    standing = standing_until(events, agreement.start, as_of, WHERE)
    made = [
        financing.Event(event.value_date, HAPPENED[type(event)], getattr(event, "amount_minor", 0))
        for event in standing
        if not isinstance(event, Withdrawal)
    ]
    found = financed(invoice, agreement.terms, made, as_of)
    if len(made) == len(standing):
        return found
    if found.entries or len(standing) > len(made) + 1:
        raise withdrawn_in_use(WHERE)
    return replace(found, status="withdrawn")


def standing_until(events: Sequence[Event], start: date, as_of: date, where: str) -> list[Event]:
    """The events of a financing that count until a day, in the order of entry.

    InputProblem for one before it starts, or a reversal that takes back nothing.
    """
    findings = list(reversal_findings(events, where))
    findings += [
        Finding("before-start", Severity.ERROR, where, f"{event.reference or f'event {place}'} "
                f"counts from {event.value_date}, before the financing of {start}.",
                "Correct the day.")
        for place, event in enumerate(events, 1)
        if event.value_date < start
    ]  # fmt: skip
    if findings:
        raise InputProblem(findings)
    return [event for _, event in standing_events(events) if event.value_date <= as_of]


def withdrawn_in_use(where: str) -> InputProblem:
    """What to say of a withdrawal of what was used, or of a use after it."""
    return problem(
        "withdrawn", where, "Something happened to it, or it was withdrawn before.",
        "Withdraw what was never used; finance the document anew.",
    )  # fmt: skip


def _bad(code: str, message: str, remedy: str) -> InputProblem:
    return problem(code, WHERE, message, remedy)
