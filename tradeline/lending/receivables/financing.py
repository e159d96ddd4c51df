"""One financed invoice from its advance to its settlement, as a fold over what happens.

Money that comes pays interest first, then the fee, then the advance; what is left is the reserve,
which is released to the seller.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.rates.accrual import Accrual
from tradeline.lending.receivables.terms import ReceivableTerms, checked

EventKind = Literal[
    "advance", "buyer_payment", "payment_to_seller", "seller_payment", "dilution", "write_off",
    "reserve_payout", "overpayment_refund", "end_of_day",
]  # fmt: skip
EntryKind = Literal[
    "advance", "interest", "fee", "advance_repaid", "reserve_released", "overpayment", "dilution",
    "written_off", "recovered", "reserve_paid", "overpayment_refunded",
]  # fmt: skip
Status = Literal["offered", "open", "overdue", "recourse", "settled", "written off", "withdrawn"]
WITHOUT_AMOUNT: tuple[EventKind, ...] = ("write_off", "end_of_day")


@dataclass(frozen=True, slots=True)
class Invoice:
    """What is financed: the amount that the buyer owes and the day on which it is due."""

    amount_minor: int
    due_on: date


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to a financed invoice.

    `advance`: the lender pays the seller. `buyer_payment`: the buyer pays the lender.
    `payment_to_seller`: the buyer pays the seller, who has to pass it on. `seller_payment`: the
    seller pays the lender. `dilution`: the invoice is worth less, by a return, a credit note or a
    dispute; the seller bears it. `write_off`: nothing more is expected; it needs no amount.
    `reserve_payout`: the seller is paid what was released to it. `overpayment_refund`: the buyer is
    given back what it paid too much. `end_of_day`: interest is earned up to then; without amount.
    """

    on: date
    kind: EventKind
    amount_minor: int = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """Where money or a claim went, in minor units."""

    on: date
    kind: EntryKind
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Financed:
    """A financed invoice as of a day, in minor units.

    `collectible_minor` is what the buyer still owes, `owed_minor` what the lender is owed (advance,
    interest and fee), `claim_on_seller_minor` the part of it that the seller must pay now,
    `reserve_minor` what the seller will have if the buyer pays; `lost_minor` what was written off
    and has not come back. `payable_minor` was released to the seller and is not paid out yet,
    `overpaid_minor` is still the buyer's. `earned` is what interest and fee came to be owed on each
    day on which something happened.
    """

    status: Status
    collectible_minor: int
    advance_minor: int
    interest_minor: int
    fee_minor: int
    claim_on_seller_minor: int
    reserve_minor: int
    released_minor: int
    lost_minor: int
    payable_minor: int
    overpaid_minor: int
    days_late: int
    entries: tuple[Entry, ...]
    earned: tuple[Entry, ...]

    @property
    def owed_minor(self) -> int:
        """Advance, interest and fee that the lender has not had."""
        return self.advance_minor + self.interest_minor + self.fee_minor


def financed(
    invoice: Invoice, terms: ReceivableTerms, events: Iterable[Event], as_of: date
) -> Financed:
    """The invoice after all events up to the end of a day, taken by their days.

    InputProblem for an amount that is none, an advance beyond the advance rate or after the buyer
    has paid, a dilution beyond what the buyer owes, or a write-off of nothing.
    """
    state = _State(invoice, checked(terms), Accrual(terms.rate, terms.days_of_year, date.min))
    for event in sorted(events, key=lambda each: each.on):
        if event.on <= as_of:
            state = _after(state, event)
    return _as_of(state, as_of)


@dataclass(frozen=True, slots=True)
class _State:
    """Running totals of a financed invoice; interest is carried exactly."""

    invoice: Invoice
    terms: ReceivableTerms
    accrual: Accrual
    advanced: int = 0
    diluted: int = 0
    collected: int = 0
    kept_by_seller: int = 0
    interest_paid: int = 0
    fee_paid: int = 0
    released: int = 0
    paid_out: int = 0
    overpaid: int = 0
    lost: int = 0
    recovered: int = 0
    entries: tuple[Entry, ...] = ()
    interest_earned: int = 0
    fee_earned: int = 0
    earned: tuple[Entry, ...] = ()

    @property
    def collectible(self) -> int:
        return self.invoice.amount_minor - self.diluted - self.collected

    @property
    def interest(self) -> int:
        return 0 if self.lost else self.accrual.interest_minor - self.interest_paid

    @property
    def fee(self) -> int:
        earned = self.advanced > 0 and not self.lost
        return round(self.terms.fee * self.invoice.amount_minor) - self.fee_paid if earned else 0

    @property
    def owed(self) -> int:
        return self.accrual.balance_minor + self.interest + self.fee


def _after(state: _State, event: Event) -> _State:
    if event.amount_minor <= 0 and event.kind not in WITHOUT_AMOUNT:
        raise _refused(event, "has no amount above zero", "State what moved.")
    return _HANDLERS[event.kind](state, event)


def _diluted(state: _State, event: Event) -> _State:
    if event.amount_minor > state.collectible:
        raise _refused(event, "is more than the buyer owes", "Check the credit note.")
    diluted = replace(state, diluted=state.diluted + event.amount_minor)
    return _entered(diluted, event.on, "dilution", event.amount_minor)


def _kept_by_seller(state: _State, event: Event) -> _State:
    part = min(event.amount_minor, state.collectible)
    kept = state.kept_by_seller + part
    return replace(state, collected=state.collected + part, kept_by_seller=kept)


def _paid_by_seller(state: _State, event: Event) -> _State:
    passed_on = min(event.amount_minor, state.kept_by_seller)
    state = replace(state, kept_by_seller=state.kept_by_seller - passed_on)
    return _received(state, event.on, event.amount_minor)


def _paid_by_buyer(state: _State, event: Event) -> _State:
    part = min(event.amount_minor, state.collectible)
    state = _received(replace(state, collected=state.collected + part), event.on, part)
    beyond = event.amount_minor - part
    state = replace(state, overpaid=state.overpaid + beyond)
    return _entered(state, event.on, "overpayment", beyond)


def _paid_to_seller(state: _State, event: Event) -> _State:
    payable = state.released - state.paid_out
    if event.amount_minor > payable:
        raise _refused(event, f"is more than the {payable} released", "Pay out what was released.")
    state = replace(state, paid_out=state.paid_out + event.amount_minor)
    return _entered(state, event.on, "reserve_paid", event.amount_minor)


def _given_back(state: _State, event: Event) -> _State:
    if event.amount_minor > state.overpaid:
        raise _refused(event, f"is more than the {state.overpaid} paid too much",
                       "Give back what came beyond.")  # fmt: skip
    state = replace(state, overpaid=state.overpaid - event.amount_minor)
    return _entered(state, event.on, "overpayment_refunded", event.amount_minor)


def _day_ended(state: _State, event: Event) -> _State:
    return _earned(state, event.on)


def _earned(state: _State, on: date) -> _State:
    """Interest up to a day, and the fee from the first advance on, come to be owed."""
    if not state.advanced or state.lost:
        return state
    state = replace(state, accrual=state.accrual.until(on))
    interest = state.accrual.interest_minor - state.interest_earned
    fee = round(state.terms.fee * state.invoice.amount_minor) - state.fee_earned
    parts: tuple[tuple[EntryKind, int], ...] = (("interest", interest), ("fee", fee))
    new = tuple(Entry(on, kind, part) for kind, part in parts if part)
    return replace(
        state,
        interest_earned=state.interest_earned + interest,
        fee_earned=state.fee_earned + fee,
        earned=(*state.earned, *new),
    )


def _advanced(state: _State, event: Event) -> _State:
    worth = state.invoice.amount_minor - state.diluted
    limit = state.terms.advance_rate * worth - state.advanced
    if state.lost or state.collected or event.amount_minor > limit:
        raise _refused(
            event,
            f"is more than the {max(int(limit), 0)} that may be advanced",
            "Advance up to the advance rate, and before the buyer pays.",
        )
    if not state.advanced:
        accrual = replace(state.accrual, on=event.on)
        state = replace(state, accrual=accrual)
    accrual = state.accrual.moved(event.on, event.amount_minor)
    state = replace(state, accrual=accrual, advanced=state.advanced + event.amount_minor)
    return _entered(_earned(state, event.on), event.on, "advance", event.amount_minor)


def _received(state: _State, on: date, amount: int) -> _State:
    """Money for the lender goes to what was lost, interest, fee and advance; the rest is released.

    After a write-off there is nothing but the loss to pay.
    """
    recovered = min(amount, state.lost - state.recovered)
    state = replace(state, recovered=state.recovered + recovered)
    state = _entered(state, on, "recovered", recovered)
    amount -= recovered
    state = _earned(state, on)
    interest = min(amount, state.interest)
    fee = min(amount - interest, state.fee)
    advance = min(amount - interest - fee, state.accrual.balance_minor)
    rest = amount - interest - fee - advance
    state = replace(
        state,
        accrual=state.accrual.moved(on, -advance) if advance else state.accrual,
        interest_paid=state.interest_paid + interest,
        fee_paid=state.fee_paid + fee,
        released=state.released + rest,
    )
    parts: tuple[tuple[EntryKind, int], ...] = (
        ("interest", interest), ("fee", fee), ("advance_repaid", advance),
        ("reserve_released", rest),
    )  # fmt: skip
    for kind, part in parts:
        state = _entered(state, on, kind, part)
    return state


def _written_off(state: _State, event: Event) -> _State:
    on = event.on
    state = _earned(state, on)
    if not state.owed:
        raise _refused(event, "finds nothing that is owed", "Write off what is owed, once.")
    lost = state.owed
    accrual = state.accrual.moved(on, -state.accrual.balance_minor)
    return _entered(replace(state, accrual=accrual, lost=lost), on, "written_off", lost)


_HANDLERS: dict[EventKind, Callable[[_State, Event], _State]] = {
    "advance": _advanced,
    "buyer_payment": _paid_by_buyer,
    "payment_to_seller": _kept_by_seller,
    "seller_payment": _paid_by_seller,
    "dilution": _diluted,
    "write_off": _written_off,
    "reserve_payout": _paid_to_seller,
    "overpayment_refund": _given_back,
    "end_of_day": _day_ended,
}


def _entered(state: _State, on: date, kind: EntryKind, amount: int) -> _State:
    return replace(state, entries=(*state.entries, Entry(on, kind, amount))) if amount else state


def _as_of(state: _State, day: date) -> Financed:
    if state.advanced:
        state = replace(state, accrual=state.accrual.until(day))
    late = (day - state.invoice.due_on).days if state.collectible and state.owed else 0
    status = _status(state, late)
    return Financed(
        status=status,
        collectible_minor=state.collectible,
        advance_minor=state.accrual.balance_minor,
        interest_minor=state.interest,
        fee_minor=state.fee,
        claim_on_seller_minor=_claim_on_seller(state, status),
        reserve_minor=max(state.collectible + state.kept_by_seller - state.owed, 0),
        released_minor=state.released,
        lost_minor=state.lost - state.recovered,
        payable_minor=state.released - state.paid_out,
        overpaid_minor=state.overpaid,
        days_late=max(late, 0),
        entries=state.entries,
        earned=state.earned,
    )


def _status(state: _State, late: int) -> Status:
    recourse_days = state.terms.recourse_days
    if state.lost:
        return "written off"
    if not state.advanced:
        return "offered"
    if not state.owed:
        return "settled"
    if recourse_days is not None and late > 0 and late >= recourse_days:
        return "recourse"
    return "overdue" if late > 0 else "open"


def _claim_on_seller(state: _State, status: Status) -> int:
    """With recourse all that is owed; else what the seller keeps, and what dilution uncovers."""
    if status == "recourse":
        return state.owed
    kept = min(state.kept_by_seller, state.owed)
    uncovered = state.owed - state.collectible - state.kept_by_seller
    return kept + min(max(uncovered, 0), state.diluted)


def _refused(event: Event, what: str, remedy: str) -> InputProblem:
    where = f"receivable finance, {event.on}"
    return problem("bad-event", where, f"The {event.kind} of {event.amount_minor} {what}.", remedy)


def due_back_on(invoice: Invoice, terms: ReceivableTerms) -> date | None:
    """The day from which the seller must take an unpaid invoice back, with recourse."""
    if terms.recourse_days is None:
        return None
    return invoice.due_on + timedelta(days=max(terms.recourse_days, 1))
