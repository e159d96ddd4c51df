"""The fold of a financed order: agreement and dated events to how it stands on a day.

An event entered late counts from its own day, a reversed one never was.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from tradeline.kernel.findings import problem
from tradeline.kernel.money import CURRENCIES
from tradeline.lending.loan.events import EndOfDay, Event, Reversal, WriteOff
from tradeline.lending.orders import financing
from tradeline.lending.orders.events import (
    Conversion,
    Delivery,
    MilestoneReached,
    OrderCancelled,
    OrderDraw,
    OrderPayment,
    SellerPayout,
)
from tradeline.lending.orders.financing import (
    EventKind,
    FinancedOrder,
    OrderTerms,
    checked,
    financed_order,
)
from tradeline.lending.receivables.documents import Document
from tradeline.lending.receivables.events import Withdrawal
from tradeline.lending.receivables.fold import standing_until, withdrawn_in_use

HAPPENED: Mapping[type[Event], EventKind] = {
    MilestoneReached: "milestone",
    OrderDraw: "draw",
    OrderPayment: "payment",
    Conversion: "conversion",
    Delivery: "delivered",
    OrderCancelled: "cancelled",
    SellerPayout: "payout",
    WriteOff: "write_off",
    EndOfDay: "end_of_day",
}
OF_ORDERS = (*HAPPENED, Withdrawal, Reversal)
WHERE = "order"


@dataclass(frozen=True, slots=True)
class OrderAgreement:
    """A signed order that is financed from a day on, on these terms."""

    document: Document
    terms: OrderTerms
    start: date

    @property
    def currency(self) -> str:
        """The currency of the order."""
        return self.document.currency


def check_order(agreement: OrderAgreement) -> None:
    """InputProblem if the terms make no contract, or the document is not the order."""
    checked(agreement.terms)
    document = agreement.document
    if document.kind != "order" or document.amount_minor != agreement.terms.amount_minor:
        raise problem("bad-document", WHERE, "The document is not the order that the terms are of.",
                      "Name the order, and its amount in the terms.")  # fmt: skip
    if document.currency not in CURRENCIES:
        raise problem("bad-terms", WHERE, "The currency is none.",
                      "Write its ISO 4217 code, such as CNY.")  # fmt: skip


def fold_order(agreement: OrderAgreement, events: Sequence[Event], as_of: date) -> FinancedOrder:
    """The order on a day, by all events that count until then.

    InputProblem as `financed_order` says, and for a day before the agreement or a withdrawal of
    what was used.
    """
    check_order(agreement)
    standing = standing_until(events, agreement.start, as_of, WHERE)
    made = [
        financing.Event(
            event.value_date, HAPPENED[type(event)], getattr(event, "amount_minor", 0),
            getattr(event, "name", ""),
        )
        for event in standing
        if not isinstance(event, Withdrawal)
    ]  # fmt: skip
    found = financed_order(agreement.terms, made, as_of)
    if len(made) == len(standing):
        return found
    if found.entries or len(standing) > len(made) + 1:
        raise withdrawn_in_use(WHERE)
    return replace(found, status="withdrawn", available_minor=0)
