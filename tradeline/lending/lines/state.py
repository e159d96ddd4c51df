"""What agreement and events come to on a day: limit, drawn, held, each draw, each bill."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from tradeline.lending.loan.amounts import NOTHING, Amounts
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.state import (
    Delinquency,
    Instalment,
    LoanState,
    Transaction,
    TransactionKind,
)


class LineStatus(StrEnum):
    """Whether a draw may be asked for."""

    OPEN = "open"
    FROZEN = "frozen"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class DrawStatus(StrEnum):
    """How a draw stands."""

    HELD = "held"
    SETTLED = "settled"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Limits:
    """How a line stands at the end of a day, in minor units."""

    on: date
    status: LineStatus
    limit_minor: int
    drawn_minor: int
    held_minor: int

    @property
    def available_minor(self) -> int:
        """The limit less what is drawn and held; below zero after a cut or a payment taken back."""
        return self.limit_minor - self.drawn_minor - self.held_minor

    @property
    def drawable_minor(self) -> int:
        """What may be asked for."""
        return max(self.available_minor, 0) if self.status is LineStatus.OPEN else 0


@dataclass(frozen=True, slots=True)
class DrawState:
    """A draw; where it is a loan of its own, `contract` and `events` are that loan's."""

    name: str
    amount_minor: int
    status: DrawStatus
    requested_on: date
    settled_on: date | None
    contract: Contract | None = None
    events: tuple[Event, ...] = ()
    loan: LoanState | None = None


@dataclass(frozen=True, slots=True)
class LineTransaction:
    """Money moved or owed anew on a line, and what it went to.

    `event` is the place of the event that made it, or None for a bill; `of_draws` is what each draw
    had of it, the rest went to the line itself. `drawn_minor` is what is drawn after it.
    """

    event: int | None
    kind: TransactionKind
    on: date
    amount_minor: int
    parts: Amounts = NOTHING
    of_draws: tuple[tuple[str, Amounts], ...] = ()
    overpayment_minor: int = 0
    drawn_minor: int = 0


@dataclass(frozen=True, slots=True)
class LineState:
    """A line on a day. Equal agreement, events and day give an equal state.

    `own` are the transactions of the line itself, to be booked beside those of the loans that its
    draws are. `course` has a standing for each day on which something changed.
    """

    now: Limits
    draws: tuple[DrawState, ...]
    bills: tuple[Instalment, ...]
    transactions: tuple[LineTransaction, ...]
    own: tuple[Transaction, ...]
    overpaid_minor: int
    delinquency: Delinquency
    course: tuple[Limits, ...]
