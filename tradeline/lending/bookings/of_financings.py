"""What a financed invoice or order brings into the books.

Interest and fee are income when they come to be owed. What is left of a payment is the seller's
until it is paid out; an invoice itself is never on the lender's books, its advance is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from tradeline.lending.bookings.chart import Account
from tradeline.lending.bookings.entries import Booking, booking


class Entry(Protocol):
    """Where money or a claim went, as the fold of a financing says it."""

    @property
    def on(self) -> date:
        """The day."""

    @property
    def kind(self) -> str:
        """What it is."""

    @property
    def amount_minor(self) -> int:
        """How much."""


PAID_OUT = (Account.LOANS_RECEIVABLE, Account.CLEARING)
PAID_BACK = (Account.CLEARING, Account.LOANS_RECEIVABLE)
# The account that is debited and the one that is credited.
MOVES = {
    "advance": PAID_OUT,
    "draw": PAID_OUT,
    "advance_repaid": PAID_BACK,
    "principal": PAID_BACK,
    "interest": (Account.CLEARING, Account.INCOME_RECEIVABLE),
    "fee": (Account.CLEARING, Account.INCOME_RECEIVABLE),
    "reserve_released": (Account.CLEARING, Account.RESERVES),
    "to_seller": (Account.CLEARING, Account.RESERVES),
    "reserve_paid": (Account.RESERVES, Account.CLEARING),
    "paid_to_seller": (Account.RESERVES, Account.CLEARING),
    "overpayment": (Account.CLEARING, Account.OVERPAYMENTS),
    "overpayment_refunded": (Account.OVERPAYMENTS, Account.CLEARING),
    "recovered": (Account.CLEARING, Account.RECOVERIES),
}
INCOME = {"interest": Account.INTEREST_INCOME, "fee": Account.FEE_INCOME}
OF_FINANCINGS = (
    Account.LOANS_RECEIVABLE, Account.INCOME_RECEIVABLE, Account.CLEARING, Account.OVERPAYMENTS,
    Account.RESERVES, Account.INTEREST_INCOME, Account.FEE_INCOME, Account.CREDIT_LOSS,
    Account.INTEREST_CHARGED_OFF, Account.FEES_CHARGED_OFF, Account.RECOVERIES,
)  # fmt: skip


@dataclass(slots=True)
class _Open:
    """What is owed of each component."""

    principal: int = 0
    interest: int = 0
    fee: int = 0


def financing_bookings(entries: Iterable[Entry], earned: Iterable[Entry]) -> Sequence[Booking]:
    """What the entries of a financing book, by day: income before what is paid of it."""
    placed = [(each, True) for each in earned] + [(each, False) for each in entries]
    open_, found = _Open(), list[Booking]()
    for each, is_earned in sorted(placed, key=lambda pair: pair[0].on):
        made = _earned(open_, each) if is_earned else _moved(open_, each)
        if made is not None:
            found.append(made)
    return found


def _earned(open_: _Open, each: Entry) -> Booking:
    amount = each.amount_minor
    setattr(open_, each.kind, getattr(open_, each.kind) + amount)
    return booking(
        each.on, (Account.INCOME_RECEIVABLE, amount), (INCOME[each.kind], -amount)
    )  # fmt: skip


def _moved(open_: _Open, each: Entry) -> Booking | None:
    amount = each.amount_minor
    if each.kind == "written_off":
        return _written_off(open_, each.on)
    if each.kind not in MOVES:
        return None
    debit, credit = MOVES[each.kind]
    if debit is Account.LOANS_RECEIVABLE:
        open_.principal += amount
    elif credit is Account.LOANS_RECEIVABLE:
        open_.principal -= amount
    elif each.kind in INCOME:
        setattr(open_, each.kind, getattr(open_, each.kind) - amount)
    interest = amount if each.kind == "interest" else 0
    return booking(each.on, (debit, amount), (credit, -amount), interest_minor=interest)


def _written_off(open_: _Open, on: date) -> Booking:
    """All that is owed leaves the receivables; income that never came is taken back."""
    lost = booking(
        on,
        (Account.CREDIT_LOSS, open_.principal),
        (Account.LOANS_RECEIVABLE, -open_.principal),
        (Account.INTEREST_CHARGED_OFF, open_.interest),
        (Account.FEES_CHARGED_OFF, open_.fee),
        (Account.INCOME_RECEIVABLE, -open_.interest - open_.fee),
    )
    open_.principal = open_.interest = open_.fee = 0
    return lost
