"""How an agreement of any kind stands on a day, in one shape: what moved, what is to be paid."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import singledispatch

from tradeline.lending.bookings.of_financings import Entry
from tradeline.lending.lines.agreement import LineAgreement
from tradeline.lending.lines.fold import fold_line
from tradeline.lending.lines.state import LineState
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import Instalment, TransactionKind
from tradeline.lending.loan.statement import transactions
from tradeline.lending.orders.fold import OrderAgreement, fold_order
from tradeline.lending.receivables.fold import ReceivableAgreement, fold_receivable
from tradeline.lending.revenue_share.collection import (
    Payment,
    Sale,
    asked_on,
    collections,
    days_late,
    position,
)
from tradeline.lending.revenue_share.fold import AdvanceAgreement, fold_advance
from tradeline.lending.revenue_share.terms import Terms

Fact = tuple[str, int | str]


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that moved, what it went to, and the principal that is owed after it; minor units."""

    on: date
    what: str
    amount: int
    principal: int
    interest: int
    charges: int
    balance: int


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be paid on a day, in minor units; `of` names the part of the agreement, if any."""

    on: date
    principal: int
    interest: int = 0
    charges: int = 0
    of: str = ""

    @property
    def total(self) -> int:
        """All of it."""
        return self.principal + self.interest + self.charges


@dataclass(frozen=True, slots=True)
class Account:
    """An agreement at the end of `day`: facts in words or minor units, what moved, what is open."""

    kind: str
    currency: str
    day: date
    facts: tuple[Fact, ...]
    moved: tuple[Movement, ...]
    ahead: tuple[Due, ...]


@singledispatch
def account(contract: object, _: Sequence[Event], __: date) -> Account:
    """How an agreement stands, by its contract and what happened to it, ends of days among it.

    `InputProblem` as its fold says.
    """
    raise TypeError(f"{type(contract).__name__} is no contract")


@account.register
def _of_loan(contract: Contract, events: Sequence[Event], on: date) -> Account:
    state = fold(contract, events, on)
    late = state.delinquency
    return Account(
        "loan", contract.currency, on,
        (
            ("Status", str(state.status)),
            ("Principal still owed", state.principal_open),
            ("Overdue", late.overdue.total),
            ("Days late", f"{late.days:,}"),
            ("Paid too much", state.overpaid),
        ),
        tuple(
            Movement(
                made.on, f"{made.kind}, reversed" if made.reversed else str(made.kind), made.amount,
                made.parts.principal, made.parts.interest, made.parts.fees + made.parts.penalties,
                made.balance,
            )
            for made in transactions(contract, events, on)
            if made.kind is not TransactionKind.ACCRUAL
        ),
        tuple(_open(state.instalments)),
    )  # fmt: skip


@account.register
def _of_line(agreement: LineAgreement, events: Sequence[Event], on: date) -> Account:
    state = fold_line(agreement, events, on)
    late = state.delinquency
    return Account(
        "line", agreement.currency, on,
        (
            ("Status", str(state.now.status)),
            ("Limit", state.now.limit_minor),
            ("Principal still owed", state.now.drawn_minor),
            ("May be drawn", state.now.drawable_minor),
            ("Overdue", late.overdue.total),
            ("Days late", f"{late.days:,}"),
            ("Paid too much", state.overpaid_minor),
        ),
        tuple(
            Movement(
                made.on, str(made.kind), made.amount_minor, made.parts.principal,
                made.parts.interest, made.parts.fees + made.parts.penalties, made.drawn_minor,
            )
            for made in state.transactions if made.kind is not TransactionKind.ACCRUAL
        ),
        tuple(sorted(_open_of_line(state), key=lambda due: (due.on, due.of))),
    )  # fmt: skip


def _open_of_line(state: LineState) -> Iterator[Due]:
    yield from _open(state.bills)
    for draw in state.draws:
        if draw.loan is not None:
            yield from (
                replace(due, of=f"draw {draw.name}") for due in _open(draw.loan.instalments)
            )


def _open(rows: Iterable[Instalment]) -> Iterator[Due]:
    """What is open of instalments, overdue ones among them."""
    for row in rows:
        left = row.open
        if left.total > 0:
            yield Due(row.due, left.principal, left.interest, left.fees + left.penalties)


@account.register
def _of_advance(agreement: AdvanceAgreement, events: Sequence[Event], on: date) -> Account:
    state = fold_advance(agreement, events, on)
    made = [each for each in state.transactions if each.kind != "discount_fee_amortization"]
    terms = replace(agreement.terms, disbursed_on=made[0].on) if made else agreement.terms
    return Account(
        "advance", agreement.currency, on,
        (
            ("Status", state.status),
            ("Advance and fee still owed", state.owed_minor),
            ("Fee not earned yet", state.unearned_minor),
            ("Overdue", state.lacking_minor),
            ("Days late", f"{state.days_late:,}"),
            ("Paid too much", state.overpaid_minor),
        ),
        tuple(
            Movement(each.on, _words(each.kind), each.amount_minor, each.principal_minor, 0, 0,
                     each.balance_minor)
            for each in made
        ),
        _asked(terms, state.received_minor) if state.owed_minor else (),
    )  # fmt: skip


def of_sales(terms: Terms, sales: Sequence[Sale], payments: Sequence[Payment], on: date) -> Account:
    """An advance of a portfolio, whose days collect a share of sales beside payments."""
    now, begun = position(terms, sales, on, payments=payments), terms.disbursed_on <= on
    owed = now.owed_minor if begun else 0
    came = [(each.on, 0, "payment", each.amount_minor) for each in payments]
    came += [(each.on, 1, each.reason, each.amount_minor)
             for each in collections(terms, sales, on, payments=payments)]  # fmt: skip
    moved, left = list[Movement](), terms.total_minor
    if begun:
        moved = [
            Movement(terms.disbursed_on, "disbursement", terms.advance_minor, terms.advance_minor,
                     0, 0, terms.advance_minor),
            Movement(terms.disbursed_on, "fee", terms.fee_minor, terms.fee_minor, 0, 0, left),
        ]  # fmt: skip
    for day, _, what, amount in sorted(came):
        left -= amount
        moved.append(Movement(day, what, amount, amount, 0, 0, max(left, 0)))
    received = terms.total_minor - owed
    return Account(
        "advance", terms.currency, on,
        (
            ("Status", "agreed" if not begun else "active" if owed > 0 else "closed"),
            ("Advance and fee still owed", max(owed, 0)),
            ("Days late", f"{days_late(terms, received, on) if owed > 0 else 0:,}"),
            ("Paid too much", max(-owed, 0)),
        ),
        tuple(moved),
        _asked(terms, received) if owed > 0 else (),
    )  # fmt: skip


def _asked(terms: Terms, received: int) -> tuple[Due, ...]:
    """What milestones and the end of the term still ask for."""
    found = list[Due]()
    for day in asked_on(terms):
        least = terms.minimum_by(day)
        if least > received:
            found.append(Due(day, least - received))
            received = least
    return tuple(found)


@account.register
def _of_receivable(agreement: ReceivableAgreement, events: Sequence[Event], on: date) -> Account:
    state = fold_receivable(agreement, events, on)
    due = Due(agreement.due_on, state.advance_minor, state.interest_minor, state.fee_minor)
    return Account(
        "receivable", agreement.currency, on,
        (
            ("Status", state.status),
            ("Invoice", agreement.document.number),
            ("The buyer still owes", state.collectible_minor),
            ("Advance still owed", state.advance_minor),
            ("Owed by the seller now", state.claim_on_seller_minor),
            ("To be paid out to the seller", state.payable_minor),
            ("Days late", f"{state.days_late:,}"),
            ("Paid too much", state.overpaid_minor),
        ),
        _financed(state.entries),
        (due,) if due.total else (),
    )  # fmt: skip


@account.register
def _of_order(agreement: OrderAgreement, events: Sequence[Event], on: date) -> Account:
    state = fold_order(agreement, events, on)
    due = Due(state.due_on, state.principal_minor, state.interest_minor)
    return Account(
        "order", agreement.currency, on,
        (
            ("Status", state.status),
            ("Order", agreement.document.number),
            ("Principal still owed", state.principal_minor),
            ("May be drawn", state.available_minor),
            ("To be paid out to the seller", state.payable_minor),
            ("Days late", f"{state.days_late:,}"),
        ),
        _financed(state.entries),
        (due,) if due.total else (),
    )  # fmt: skip


OUT, BACK = ("advance", "draw"), ("advance_repaid", "principal")


def _financed(entries: Iterable[Entry]) -> tuple[Movement, ...]:
    found, owed = list[Movement](), 0
    for each in entries:
        amount = each.amount_minor
        if each.kind in OUT:
            owed += amount
        if each.kind in BACK:
            owed -= amount
        if each.kind == "written_off":
            owed = 0
        found.append(
            Movement(
                each.on, _words(each.kind), amount,
                amount if each.kind in (*OUT, *BACK) else 0,
                amount if each.kind == "interest" else 0,
                amount if each.kind == "fee" else 0,
                owed,
            )
        )  # fmt: skip
    return tuple(found)


def _words(kind: str) -> str:
    return kind.replace("_", " ")
