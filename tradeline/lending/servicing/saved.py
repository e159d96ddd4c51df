"""Agreements as they were saved, read back; they add up (I9), and so do the books (I7, I8)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection, Cursor

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.lending.bookings.chart import Account
from tradeline.lending.bookings.entries import Booking, booking
from tradeline.lending.ledger.reading import booked_about
from tradeline.lending.loan.events import Event
from tradeline.lending.participation.agreement import Agreement, Sale
from tradeline.lending.servicing.declared import KINDS, kind_named
from tradeline.lending.servicing.differences import (
    Booked,
    Sharing,
    of_all_lenders,
    principal_booked,
    right,
)
from tradeline.lending.servicing.kinds import Agreed, Kind
from tradeline.lending.servicing.written import read_event, read_record

AGREEMENT = """
SELECT kind, contract::text, lenders::text, product FROM servicing_agreement WHERE agreement = %s
"""
EVENTS = "SELECT kind, body::text FROM servicing_event WHERE agreement = %s ORDER BY place"
SALES = "SELECT body::text FROM servicing_sale WHERE agreement = %s ORDER BY place"
ENDED = "SELECT max(day) FROM servicing_ended_day WHERE agreement = %s"
PROVIDED = """
SELECT day, change, suspended FROM (
    SELECT day, allowance_minor - lag(allowance_minor, 1, 0::bigint) OVER days AS change,
        suspended_minor - lag(suspended_minor, 1, 0::bigint) OVER days AS suspended
    FROM servicing_ended_day WHERE agreement = %s WINDOW days AS (ORDER BY day)
) AS changes WHERE change <> 0 OR suspended <> 0 ORDER BY day
"""
AGREEMENT_LOCK = 7_004
ALL = "SELECT agreement FROM servicing_agreement ORDER BY agreement"
ENTER = "Find the first entry about it that differs; enter what is missing."
ABOUT = "SELECT DISTINCT about FROM ledger_entry WHERE about <> '' ORDER BY about"


@dataclass(frozen=True, slots=True)
class Saved:
    """An agreement: what was agreed, what happened in the order of entry, and who shares it.

    `product` is empty if it names none; `ended` is its last day that ended, `provided` what ends of
    days provided for it.
    """

    name: str
    kind: Kind[Any, Any]
    contract: Agreed
    events: tuple[Event, ...] = ()
    lenders: Sharing | None = None
    product: str = ""
    ended: date | None = None
    provided: tuple[Booking, ...] = ()

    @property
    def booked_through(self) -> date:
        """The day until which it is booked: the last day of entry, or that ended."""
        days = (event.entered_on for event in self.events)
        return max([self.ended or self.contract.start, *days])

    @property
    def happened(self) -> tuple[Event, ...]:
        """What was entered, and the ends of days that change something."""
        if self.ended is None:
            return self.events
        return (*self.events, *self.kind.ends(self.contract, self.events, self.ended))

    @property
    def allowance_minor(self) -> int:
        """What is provided for it."""
        return -sum(
            posting.amount_minor for each in self.provided for posting in each.postings
            if posting.account is Account.LOSS_ALLOWANCE
        )  # fmt: skip

    def state(self) -> Any:
        """How it stands as it was last booked."""
        return self.kind.fold(self.contract, self.happened, self.booked_through)

    def right(self, state: Any) -> dict[tuple[date, str], int]:
        """What the books should hold of it, by day and account."""
        return right(self._bookings(state), self.contract.currency, self.lenders)

    def whole(self, state: Any) -> dict[tuple[date, str], int]:
        """What all lenders should hold of it together."""
        return right(self._bookings(state), self.contract.currency)

    def _bookings(self, state: Any) -> list[Booking]:
        return [*self.kind.bookings(state), *self.provided]


def provision(on: date, change_minor: int, suspended_minor: int = 0) -> Booking:
    """What is booked where so much more is provided for, or less.

    `suspended_minor` is interest that is no income, as it was provided for: it is no expense.
    """
    return booking(on, (Account.PROVISION_EXPENSE, change_minor - suspended_minor),
                   (Account.INTEREST_IN_SUSPENSE, suspended_minor),
                   (Account.LOSS_ALLOWANCE, -change_minor))  # fmt: skip


def lock_agreement(connection: Connection, tenant: str, agreement: str) -> None:
    """Whatever books an agreement goes one after the other, until the transaction ends."""
    Cursor(connection).execute(
        "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
        [AGREEMENT_LOCK, f"{tenant} {agreement}"],
    )


def read_saved(connection: Connection, agreement: str) -> Saved:
    """An agreement of the transaction's tenant; `InputProblem` if there is none."""
    row = Cursor(connection).execute(AGREEMENT, [agreement]).fetchone()
    if row is None:
        raise problem("no-agreement", f"agreement {agreement}", "There is no such agreement.",
                      "Check its id.")  # fmt: skip
    kind = kind_named(row[0])
    rows = Cursor(connection).execute(EVENTS, [agreement])
    events = tuple(read_event(kind.events, name, json.loads(body)) for name, body in rows)
    contract = read_record(kind.contract, json.loads(row[1]))
    lenders = None
    if row[2] is not None:
        sold = Cursor(connection).execute(SALES, [agreement])
        sales = tuple(read_record(Sale, json.loads(body)) for (body,) in sold)
        lenders = Sharing(read_record(Agreement, json.loads(row[2])), sales)
    (ended,) = Cursor(connection).execute(ENDED, [agreement]).fetchone() or (None,)
    changes = Cursor(connection).execute(PROVIDED, [agreement]) if ended else ()
    provided = tuple(provision(*change) for change in changes)
    return Saved(agreement, kind, contract, events, lenders, row[3], ended, provided)


def loans_agree(connection: Connection) -> Iterator[Finding]:
    """I9: each agreement adds up. I7: the ledger holds what its contract and events come to.

    I8: where lenders share it, their parts come to the whole.
    """
    known = [name for (name,) in Cursor(connection).execute(ALL).fetchall()]
    for name in known:
        yield from _agrees(connection, name)
    prefixes = tuple(kind.prefix for kind in KINDS)
    for (about,) in Cursor(connection).execute(ABOUT):
        if about.startswith(prefixes) and about not in known:
            yield _differs(about, "Entries are booked about it, and there is no such agreement.")


def _agrees(connection: Connection, name: str) -> Iterator[Finding]:
    try:
        saved = read_saved(connection, name)
        state = saved.state()
    except InputProblem as refusal:
        yield _differs(name, f"It cannot be read: {refusal.findings[0].message}")
        return
    for message in saved.kind.not_adding_up(state):
        yield _finding("I9", name, message, "Keep its contract and events, and report them.")
    booked, wanted = booked_about(connection, name), saved.right(state)
    there, owed = principal_booked(booked, saved.contract.currency), saved.kind.principal(state)
    if owed is not None and there != owed:
        yield _differs(name, f"The books hold {there} of principal, it owes {owed}.")
    for day, code, there, owed in _differences(booked, wanted):
        yield _differs(name, f"On {day} {there} is booked on {code}, {owed} is right.")
    if saved.lenders is None:
        return
    for day, code, there, owed in _differences(of_all_lenders(booked), saved.whole(state)):
        message = f"On {day} the lenders' parts of {code} come to {there}, the whole is {owed}."
        yield _finding("I8", name, message, ENTER)


def _differences(booked: Booked, wanted: Booked) -> Iterator[tuple[date, str, int, int]]:
    for day, code in sorted(booked.keys() | wanted.keys()):
        there, owed = booked.get((day, code), 0), wanted.get((day, code), 0)
        if there != owed:
            yield day, code, there, owed


def _differs(name: str, message: str) -> Finding:
    return _finding("I7", name, message, ENTER)


def _finding(code: str, name: str, message: str, remedy: str) -> Finding:
    return Finding(code, Severity.ERROR, f"agreement {name}", message, remedy)
