"""What happened to a loan: dated facts in the order of their entry.

Each has a `value_date`, the day it counts from, and `entered_on`, the day it was entered. The order
of entry is their order in the sequence; a reversal names the place of the event it takes back.
"""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.contract import ChargeBase, ChargeKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event has; `reference` is the caller's own name of it."""

    value_date: date
    entered_on: date
    reference: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disbursement(Event):
    """Principal paid out."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Repayment(Event):
    """Money of the borrower."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payoff(Event):
    """Money that pays all that is owed on that day, interest as the contract says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund(Event):
    """Money that a merchant gives back for the borrower."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditBalanceRefund(Event):
    """What was paid too much, given back to the borrower."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Chargeback(Event):
    """A payment taken back by the payer's bank: its principal is owed again."""

    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentPayment(Event):
    """Principal and interest paid towards one instalment, stated by component."""

    due: date
    principal_minor: int
    interest_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge(Event):
    """A fee or penalty of a fixed amount; the value date is the day it falls due."""

    kind: ChargeKind
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PercentCharge(Event):
    """A fee or penalty as a part of the loan; the value date is the day it falls due."""

    kind: ChargeKind
    rate: Fraction
    base: ChargeBase


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentCharge(Event):
    """A fee or penalty of every instalment, as a part of it."""

    kind: ChargeKind
    rate: Fraction
    base: ChargeBase


@dataclass(frozen=True, slots=True, kw_only=True)
class DisbursementCharge(Event):
    """A fee as a part of what is disbursed, kept back or paid with it."""

    rate: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChange(Event):
    """A new rate from the value date on, which is the first day it holds."""

    annual_rate: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Reschedule(Event):
    """New terms from the instalment due on `from_due` on: a rate, or periods without principal."""

    from_due: date
    annual_rate: Fraction | None = None
    principal_grace_periods: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reage(Event):
    """All unpaid principal becomes new instalments."""

    first_due: date
    frequency: Frequency
    every: int
    instalments: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Reamortisation(Event):
    """Overdue principal is spread over the instalments yet to come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InterestPause(Event):
    """No interest from the value date until the day before `until`."""

    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class DelinquencyPause(Event):
    """Days from the value date until the day before `until` do not count as late."""

    until: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeOff(Event):
    """What is owed is taken as lost in the books; it is owed still."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOff(Event):
    """What is owed is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EndOfDay(Event):
    """The end of day ran: penalties on what is overdue, income accrued."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reversal(Event):
    """Takes back the event at a place in the sequence (from 0), as if it had never been.

    `part` says which transaction of the event where it made several, such as the down payment (1)
    that a disbursement (0) brings.
    """

    of: int
    part: int = 0


# Known from their entry on, although they count from a later day.
KNOWN_AHEAD = (Charge, PercentCharge, RateChange, Reschedule, InterestPause, DelinquencyPause)


def counts_from(event: Event) -> date:
    """The day from which an event changes the loan: terms known ahead do so from their entry."""
    if isinstance(event, KNOWN_AHEAD):
        return min(event.value_date, event.entered_on)
    return event.value_date
