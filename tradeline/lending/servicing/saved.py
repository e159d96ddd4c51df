"""Loans as they were saved, read back; whether they add up (I9), and the books with them (I7)."""

import json
from collections.abc import Iterator
from datetime import date

from psycopg import Connection, Cursor

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.lending.ledger.reading import booked_about
from tradeline.lending.loan.adding_up import not_adding_up
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import LoanState, Status
from tradeline.lending.servicing.differences import principal_booked, right
from tradeline.lending.servicing.written import read_contract, read_event

# What the books took as lost is owed still.
LOSSES = {Status.CHARGED_OFF, Status.WRITTEN_OFF}
LOANS = "SELECT loan, contract::text FROM servicing_loan ORDER BY loan"
EVENTS = "SELECT kind, body::text FROM servicing_event WHERE loan = %s ORDER BY place"
ABOUT = "SELECT DISTINCT about FROM ledger_entry WHERE about <> '' ORDER BY about"


def saved_events(connection: Connection, loan: str) -> tuple[Event, ...]:
    """What happened to a loan of the transaction's tenant, in the order of entry."""
    rows = Cursor(connection).execute(EVENTS, [loan])
    return tuple(read_event(kind, json.loads(body)) for kind, body in rows)


def booked_state(contract: Contract, events: tuple[Event, ...]) -> LoanState:
    """The loan as it was last booked: as of the last day of entry."""
    return fold(contract, events, booked_through(contract, events))


def booked_through(contract: Contract, events: tuple[Event, ...]) -> date:
    """The day until which a loan is booked."""
    return max((event.entered_on for event in events), default=contract.start)


def loans_agree(connection: Connection) -> Iterator[Finding]:
    """I9: each loan adds up. I7: the ledger holds of it what its contract and events come to."""
    known = set()
    for loan, values in Cursor(connection).execute(LOANS).fetchall():
        known.add(loan)
        yield from _agrees(connection, loan, json.loads(values))
    for (about,) in Cursor(connection).execute(ABOUT):
        if about.startswith("loan_") and about not in known:
            yield _differs(about, "Entries are booked about it, and there is no such loan.")


def _agrees(connection: Connection, loan: str, values: dict[str, object]) -> Iterator[Finding]:
    try:
        contract = read_contract(values)
        state = booked_state(contract, saved_events(connection, loan))
    except InputProblem as refusal:
        yield _differs(loan, f"It cannot be read: {refusal.findings[0].message}")
        return
    for message in not_adding_up(state):
        yield Finding("I9", Severity.ERROR, f"loan {loan}", message, "Do not book on; report it.")
    booked, wanted = booked_about(connection, loan), right(state, contract.currency)
    principal = principal_booked(booked, contract.currency)
    if state.status not in LOSSES and principal != state.principal_open:
        yield _differs(
            loan, f"The books hold {principal} of principal, it owes {state.principal_open}."
        )
    for day, code in sorted(booked.keys() | wanted.keys()):
        there, owed = booked.get((day, code), 0), wanted.get((day, code), 0)
        if there != owed:
            yield _differs(loan, f"On {day} {there} is booked on {code}, {owed} is right.")


def _differs(loan: str, message: str) -> Finding:
    remedy = "Find the first entry about it that differs; enter what is missing."
    return Finding("I7", Severity.ERROR, f"loan {loan}", message, remedy)
