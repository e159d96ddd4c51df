"""What happens to a financed invoice, beside what happens to any loan.

Of the events of a loan it takes refunds of what was paid too much, write-offs, ends of day and
reversals.
"""

from dataclasses import dataclass

from tradeline.lending.loan.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance(Event):
    """The lender pays the seller."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerPayment(Event):
    """The buyer pays the lender."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentToSeller(Event):
    """The buyer pays the seller, who has to pass it on."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerPayment(Event):
    """The seller pays the lender."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Dilution(Event):
    """The invoice is worth less, by a return, a credit note or a dispute."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservePayout(Event):
    """The seller is paid what was released to it."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal(Event):
    """The financing ends unused, so that its document is free again."""
