"""A signed order financed by its milestones: draws, interest, repayment, conversion.

As the seller reaches milestones (material bought, goods made, goods shipped), more of the order may
be drawn. Delivery makes the financing due; it is repaid by the buyer's money, by the seller, or by
the advance on the invoice that bills the order.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from itertools import accumulate
from typing import Literal

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.rates.accrual import Accrual

EventKind = Literal[
    "milestone", "draw", "payment", "delivered", "cancelled", "conversion", "payout", "write_off",
    "end_of_day",
]  # fmt: skip
EntryKind = Literal[
    "draw", "interest", "principal", "to_seller", "paid_to_seller", "written_off", "recovered"
]
Status = Literal[
    "signed", "drawn", "due", "overdue", "repaid", "converted", "written off", "withdrawn"
]


@dataclass(frozen=True, slots=True)
class Milestone:
    """A step of an order, and the share of the financing that it opens."""

    name: str
    share: Fraction


@dataclass(frozen=True, slots=True)
class OrderTerms:
    """What a lender finances of an order, and what it costs.

    `finance_rate` is the share of the order that may be drawn in all, `rate` a yearly rate over a
    year of `days_of_year`. What is drawn is due `days_after_delivery`, and on `last_day` at the
    latest. Shares of milestones add up to 1, in the order in which they are reached.
    """

    amount_minor: int
    finance_rate: Fraction
    milestones: tuple[Milestone, ...]
    rate: Fraction
    days_of_year: int
    days_after_delivery: int
    last_day: date


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens to a financed order.

    `milestone` and `delivered` are confirmed facts; `name` says which milestone. A `draw` goes to
    the seller, a `payment` comes from buyer or seller, a `conversion` from the advance on the
    invoice. After `cancelled` nothing may be drawn, and what was drawn is due. A `payout` pays the
    seller what a payment left. After a `write_off` nothing more is expected. `end_of_day`: interest
    is earned up to then.
    """

    on: date
    kind: EventKind
    amount_minor: int = 0
    name: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where money went, in minor units."""

    on: date
    kind: EntryKind
    amount_minor: int


@dataclass(frozen=True, slots=True)
class FinancedOrder:
    """A financed order as of a day, in minor units; `available_minor` may be drawn.

    `payable_minor` came for the seller and is not paid out yet, `lost_minor` was written off and
    has not come back. `earned` is the interest that came to be owed on each day on which something
    happened.
    """

    status: Status
    available_minor: int
    principal_minor: int
    interest_minor: int
    payable_minor: int
    lost_minor: int
    due_on: date
    days_late: int
    entries: tuple[Entry, ...]
    earned: tuple[Entry, ...]

    @property
    def owed_minor(self) -> int:
        """Principal and interest that the lender has not had."""
        return self.principal_minor + self.interest_minor


def financed_order(terms: OrderTerms, events: Iterable[Event], as_of: date) -> FinancedOrder:
    """The order after all events up to the end of a day, taken by their days.

    InputProblem for terms that are none, a draw beyond what is available, a milestone that the
    order does not have or reaches twice or out of turn, a conversion or payout beyond what is owed,
    or a write-off of nothing.
    """
    state = _State(checked(terms), Accrual(terms.rate, terms.days_of_year, date.min))
    for event in sorted(events, key=lambda each: each.on):
        if event.on <= as_of:
            state = _after(state, event)
    return _as_of(state, as_of)


@dataclass(frozen=True, slots=True)
class _State:
    """Running totals of a financed order; interest is carried exactly."""

    terms: OrderTerms
    accrual: Accrual
    reached: int = 0
    drawn: int = 0
    interest_paid: int = 0
    to_seller: int = 0
    lost: int = 0
    recovered: int = 0
    delivered_on: date | None = None
    cancelled_on: date | None = None
    converted: bool = False
    entries: tuple[Entry, ...] = ()
    interest_earned: int = 0
    earned: tuple[Entry, ...] = ()

    @property
    def limit(self) -> int:
        """What may have been drawn in all so far."""
        shares = [Fraction(0), *accumulate(each.share for each in self.terms.milestones)]
        return int(self.terms.amount_minor * self.terms.finance_rate * shares[self.reached])

    @property
    def interest(self) -> int:
        return 0 if self.lost else self.accrual.interest_minor - self.interest_paid

    @property
    def available(self) -> int:
        """Repaid draws do not revolve; nothing more is drawn once the order is done."""
        done = self.delivered_on or self.cancelled_on or self.converted or self.lost
        return 0 if done else self.limit - self.drawn

    @property
    def due_on(self) -> date:
        days = [self.terms.last_day]
        if self.delivered_on is not None:
            days.append(self.delivered_on + timedelta(days=self.terms.days_after_delivery))
        if self.cancelled_on is not None:
            days.append(self.cancelled_on)
        return min(days)


def _after(state: _State, event: Event) -> _State:
    if event.kind == "milestone":
        return _reached(state, event)
    if event.kind == "delivered":
        return replace(state, delivered_on=state.delivered_on or event.on)
    if event.kind == "cancelled":
        return replace(state, cancelled_on=state.cancelled_on or event.on)
    if event.kind == "end_of_day":
        return _earned(state, event.on)
    if event.kind == "write_off":
        return _written_off(state, event)
    if event.amount_minor <= 0:
        raise _refused(event, f"The {event.kind} has no amount above zero.", "State what moved.")
    if event.kind == "draw":
        return _drawn(state, event)
    return _paid_out(state, event) if event.kind == "payout" else _paid(state, event)


def _reached(state: _State, event: Event) -> _State:
    milestones = state.terms.milestones
    if state.reached == len(milestones) or milestones[state.reached].name != event.name:
        rest = [each.name for each in milestones[state.reached :]]
        raise _refused(
            event,
            f"The milestone '{event.name}' is not the next one.",
            f"Next is '{rest[0]}'." if rest else "All milestones are reached.",
        )
    return replace(state, reached=state.reached + 1)


def _drawn(state: _State, event: Event) -> _State:
    if event.on > state.terms.last_day or event.amount_minor > state.available:
        available = 0 if event.on > state.terms.last_day else state.available
        raise _refused(
            event,
            f"A draw of {event.amount_minor} is more than the {available} available.",
            "Draw what the milestones reached so far open.",
        )
    accrual = state.accrual if state.drawn else replace(state.accrual, on=event.on)
    accrual = accrual.moved(event.on, event.amount_minor)
    state = replace(state, accrual=accrual, drawn=state.drawn + event.amount_minor)
    return _entered(state, event.on, "draw", event.amount_minor)


def _paid(state: _State, event: Event) -> _State:
    """What was lost first, then interest, then principal; what is left goes to the seller."""
    state = _earned(state, event.on)
    recovered = min(event.amount_minor, state.lost - state.recovered)
    interest = min(event.amount_minor - recovered, state.interest)
    principal = min(event.amount_minor - recovered - interest, state.accrual.balance_minor)
    rest = event.amount_minor - recovered - interest - principal
    if event.kind == "conversion" and rest:
        raise _refused(
            event,
            f"A conversion of {event.amount_minor} is more than is owed.",
            "Convert what is owed; pay the rest of the advance to the seller.",
        )
    if principal:
        state = replace(state, accrual=state.accrual.moved(event.on, -principal))
    state = replace(
        state,
        recovered=state.recovered + recovered,
        to_seller=state.to_seller + rest,
        interest_paid=state.interest_paid + interest,
        converted=state.converted or event.kind == "conversion",
    )
    parts: tuple[tuple[EntryKind, int], ...] = (
        ("recovered", recovered), ("interest", interest), ("principal", principal),
        ("to_seller", rest),
    )  # fmt: skip
    for kind, part in parts:
        state = _entered(state, event.on, kind, part)
    return state


def _paid_out(state: _State, event: Event) -> _State:
    if event.amount_minor > state.to_seller:
        raise _refused(
            event,
            f"A payout of {event.amount_minor} is more than the {state.to_seller} for the seller.",
            "Pay out what payments left.",
        )
    state = replace(state, to_seller=state.to_seller - event.amount_minor)
    return _entered(state, event.on, "paid_to_seller", event.amount_minor)


def _written_off(state: _State, event: Event) -> _State:
    state = _earned(state, event.on)
    lost = state.accrual.balance_minor + state.interest
    if not lost:
        raise _refused(event, "Nothing is owed.", "Write off what is owed, once.")
    accrual = state.accrual.moved(event.on, -state.accrual.balance_minor)
    return _entered(replace(state, accrual=accrual, lost=lost), event.on, "written_off", lost)


def _earned(state: _State, on: date) -> _State:
    """Interest up to a day comes to be owed."""
    if not state.drawn or state.lost:
        return state
    state = replace(state, accrual=state.accrual.until(on))
    interest = state.accrual.interest_minor - state.interest_earned
    new = (Entry(on, "interest", interest),) if interest else ()
    return replace(
        state,
        interest_earned=state.interest_earned + interest,
        earned=(*state.earned, *new),
    )


def _entered(state: _State, on: date, kind: EntryKind, amount: int) -> _State:
    return replace(state, entries=(*state.entries, Entry(on, kind, amount))) if amount else state


def _as_of(state: _State, day: date) -> FinancedOrder:
    if state.drawn:
        state = replace(state, accrual=state.accrual.until(day))
    principal, interest = state.accrual.balance_minor, state.interest
    late = max((day - state.due_on).days, 0) if principal + interest else 0
    return FinancedOrder(
        status=_status(state, day, principal + interest, late),
        available_minor=0 if day > state.terms.last_day else state.available,
        principal_minor=principal,
        interest_minor=interest,
        payable_minor=state.to_seller,
        lost_minor=state.lost - state.recovered,
        due_on=state.due_on,
        days_late=late,
        entries=state.entries,
        earned=state.earned,
    )


def _status(state: _State, day: date, owed: int, late: int) -> Status:
    if state.lost:
        return "written off"
    if not state.drawn:
        return "signed"
    if not owed:
        return "converted" if state.converted else "repaid"
    if late:
        return "overdue"
    return "due" if day == state.due_on else "drawn"


@dataclass(frozen=True, slots=True)
class Conversion:
    """How the advance on an invoice is used: for the order first, the rest for the seller.

    `short_minor` is what the order still owes then; the seller pays it.
    """

    to_order_minor: int
    to_seller_minor: int
    short_minor: int


def converted(order: FinancedOrder, advance_minor: int) -> Conversion:
    """What becomes of the advance on the invoice that bills a financed order, on the same day."""
    to_order = min(advance_minor, order.owed_minor)
    return Conversion(to_order, advance_minor - to_order, order.owed_minor - to_order)


def checked(terms: OrderTerms) -> OrderTerms:
    """The terms, or InputProblem that says why they are none."""
    shares = sum(each.share for each in terms.milestones)
    names = {each.name for each in terms.milestones}
    wrong = (
        terms.amount_minor <= 0
        or not 0 < terms.finance_rate <= 1
        or shares != 1
        or min(each.share for each in terms.milestones) <= 0
        or len(names) < len(terms.milestones)
        or terms.rate < 0
        or min(terms.days_of_year, terms.days_after_delivery + 1) < 1
    )
    if wrong:
        raise problem(
            "bad-terms",
            "order finance",
            f"The terms make no contract: shares of milestones add up to {shares}, the finance "
            f"rate is {terms.finance_rate}, the rate {terms.rate}.",
            "State an amount, rates from 0 on, and milestones of different names that add up to 1.",
        )
    return terms


def _refused(event: Event, message: str, remedy: str) -> InputProblem:
    return problem("bad-event", f"order finance, {event.on}", message, remedy)
