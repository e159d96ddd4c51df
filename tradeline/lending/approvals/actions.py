"""An action: one event to be entered, exactly, and what it gives up or changes."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.lending.approvals.rules import TwoPersonRules
from tradeline.lending.lines.agreement import LineAgreement
from tradeline.lending.lines.events import DrawEvent
from tradeline.lending.lines.fold import fold_line
from tradeline.lending.lines.state import LineState
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import (
    Charge,
    ChargeOff,
    CreditBalanceRefund,
    DelinquencyPause,
    DisbursementCharge,
    Event,
    InstalmentCharge,
    InterestPause,
    PercentCharge,
    Reage,
    Reamortisation,
    Repayment,
    Reschedule,
    Reversal,
    WriteOff,
    counts_from,
)
from tradeline.lending.loan.fold import fold
from tradeline.lending.orders.events import OrderPayment
from tradeline.lending.receivables.events import BuyerPayment, SellerPayment

LOSSES = (WriteOff, ChargeOff)
RECEIPTS = (Repayment, BuyerPayment, SellerPayment, OrderPayment)
CHARGES = (Charge, PercentCharge, InstalmentCharge, DisbursementCharge)
EASED = (Reage, Reschedule, Reamortisation, InterestPause, DelinquencyPause)


class Kind(StrEnum):
    """Why an action may need a second person."""

    WRITE_OFF = "write-off"
    WAIVER = "waiver"
    REFUND = "refund"
    LIMIT_RAISE = "limit raise"
    SEND_BACK = "return of money"
    RESCHEDULE = "reschedule"
    BACK_DATE = "back-date"


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBack(Event):
    """A receipt that waits in suspense, to be paid back as `payment`: of no agreement.

    It counts from the receipt's own day, so that it is the same whenever it is carried out.
    """

    payment: str
    amount_minor: int
    currency: str
    creditor: str
    creditor_number: str
    creditor_bank: str


@dataclass(frozen=True, slots=True)
class Stake:
    """What an action gives up or changes: an amount in minor units, or days of back-dating."""

    kind: Kind
    size: int = 0


@dataclass(frozen=True, slots=True)
class Action:
    """An event at its place in the history of an agreement or movement, and what is at stake."""

    subject: str
    place: int
    event: Event
    stakes: tuple[Stake, ...]

    @property
    def fingerprint(self) -> str:
        """A hash of all of it: whatever changes is another action."""
        return hash_bytes(canonical_json(_written(self)).encode())


def loan_action(subject: str, contract: Contract, history: Sequence[Event], event: Event) -> Action:
    """What an event would do to a loan; InputProblem if it makes no sense."""
    fold(contract, [*history, event], event.value_date)
    stakes = [*_loan_stakes(contract, history, event), *_back_dated(history, event)]
    return Action(subject, len(history), event, tuple(stakes))


def line_action(
    subject: str, agreement: LineAgreement, history: Sequence[Event], event: Event
) -> Action:
    """What an event would do to a revolving line; InputProblem if it makes no sense."""
    after = fold_line(agreement, [*history, event], event.value_date)
    before = fold_line(agreement, history, event.value_date)
    stakes: list[Stake] = []
    if after.now.limit_minor > before.now.limit_minor:
        stakes.append(Stake(Kind.LIMIT_RAISE, after.now.limit_minor - before.now.limit_minor))
    if isinstance(event, CreditBalanceRefund):
        stakes.append(Stake(Kind.REFUND, event.amount_minor))
    if isinstance(event, Reversal) and isinstance(_inner(history[event.of]), CHARGES):
        day = max(event.value_date, history[event.of].value_date)
        charged = _charged(fold_line(agreement, history, day))
        left = _charged(fold_line(agreement, [*history, event], day))
        stakes.append(Stake(Kind.WAIVER, charged - left))
    if isinstance(event, DrawEvent):
        draw = next(each for each in before.draws if each.name == event.draw)
        if draw.contract is not None:
            stakes += _loan_stakes(draw.contract, draw.events, event.event)
    return Action(subject, len(history), event, (*stakes, *_back_dated(history, event)))


def receipt_action(subject: str, history: Sequence[Event], event: Event) -> Action | None:
    """What money that came would do to any agreement; None if the event is no such thing."""
    if not isinstance(event, RECEIPTS):
        return None
    return Action(subject, len(history), event, tuple(_back_dated(history, event)))


def send_back_action(subject: str, event: SendBack) -> Action:
    """What it would do to pay a receipt back; the subject is the movement in suspense."""
    return Action(subject, 0, event, (Stake(Kind.SEND_BACK, event.amount_minor),))


def _charged(state: LineState) -> int:
    """All fees and penalties of a line and its draws."""
    owed = [row.owed for row in state.bills]
    owed += [draw.loan.totals.owed for draw in state.draws if draw.loan]
    return sum(each.fees + each.penalties for each in owed)


def _inner(event: Event) -> Event:
    """What happened to a draw, or the event itself."""
    return event.event if isinstance(event, DrawEvent) else event


def needing_two(rules: TwoPersonRules, action: Action) -> tuple[Stake, ...]:
    """What of an action needs a second person; nothing if one may do it alone."""
    above = {
        Kind.WRITE_OFF: rules.write_off_above_minor,
        Kind.WAIVER: rules.waiver_above_minor,
        Kind.REFUND: rules.refund_above_minor,
        Kind.LIMIT_RAISE: rules.limit_raise_above_minor,
        Kind.SEND_BACK: rules.send_back_above_minor,
        Kind.BACK_DATE: rules.back_date_beyond_days,
    }
    return tuple(
        stake
        for stake in action.stakes
        if (rules.reschedule if stake.kind is Kind.RESCHEDULE else stake.size > above[stake.kind])
    )


def _loan_stakes(contract: Contract, history: Sequence[Event], event: Event) -> list[Stake]:
    day = event.value_date
    if isinstance(event, LOSSES):
        return [Stake(Kind.WRITE_OFF, fold(contract, history, day).totals.open)]
    if isinstance(event, CreditBalanceRefund):
        return [Stake(Kind.REFUND, event.amount_minor)]
    if isinstance(event, EASED):
        return [Stake(Kind.RESCHEDULE)]
    taken_back = history[event.of] if isinstance(event, Reversal) else None
    if isinstance(taken_back, CHARGES):
        day = max(day, taken_back.value_date)
        before = fold(contract, history, day).totals.owed
        after = fold(contract, [*history, event], day).totals.owed
        waived = before.fees + before.penalties - after.fees - after.penalties
        return [Stake(Kind.WAIVER, waived)]
    return []


def _back_dated(history: Sequence[Event], event: Event) -> list[Stake]:
    """How many days before its entry an event reaches, by itself or by what it takes back."""
    days = [_reaches(event)]
    if isinstance(event, Reversal):
        days.append(_reaches(history[event.of]))
    behind = (event.entered_on - min(days)).days
    return [Stake(Kind.BACK_DATE, behind)] if behind > 0 else []


def _reaches(event: Event) -> date:
    return counts_from(_inner(event))


def _written(value: object) -> object:
    """A value as plain JSON, types named; TypeError for one that has no exact text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    if is_dataclass(value) and not isinstance(value, type):
        named = {each.name: _written(getattr(value, each.name)) for each in fields(value)}
        return {"type": type(value).__name__, **named}
    raise TypeError(f"{type(value).__name__} has no exact text")
