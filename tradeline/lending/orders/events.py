"""What happens to a financed order, beside what happens to any loan.

Of the events of a loan it takes write-offs, ends of day and reversals.
"""

from dataclasses import dataclass

from tradeline.lending.loan.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneReached(Event):
    """A confirmed step of the order; `name` says which."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderDraw(Event):
    """Money goes to the seller."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPayment(Event):
    """Money comes from the buyer or the seller."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion(Event):
    """Money comes from the advance on the invoice that bills the order."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery(Event):
    """The order was delivered, which makes the financing due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderCancelled(Event):
    """The order was cancelled: nothing more is drawn, and what was drawn is due."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SellerPayout(Event):
    """The seller is paid what a payment left."""

    amount_minor: int
