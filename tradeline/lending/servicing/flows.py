"""Commands on loans: each is saved, booked and told in one transaction, once for each key.

The loan is read and folded anew with what is asked; the books get the difference to what was
booked before. Days, ids and the moment are arguments.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, Cursor

from tradeline.book.flows import unit_of_work
from tradeline.book.outbox import Event as Happened
from tradeline.book.outbox import answered, record
from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.ledger.accounts import open_accounts
from tradeline.lending.ledger.posting import post
from tradeline.lending.ledger.reading import booked_about
from tradeline.lending.loan.checks import check_contract
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.state import LoanState
from tradeline.lending.servicing.differences import chart_of, missing_entries
from tradeline.lending.servicing.models import Loan, LoanEvent
from tradeline.lending.servicing.rules import wrong_command
from tradeline.lending.servicing.saved import booked_state, saved_events
from tradeline.lending.servicing.written import (
    contract_values,
    event_kind,
    event_values,
    read_contract,
)

LOAN_LOCK = 7_004
PREFIX = "loan_"
NAMES = {
    "Disbursement": "lending.loan.disbursed",
    "Repayment": "lending.loan.repaid",
    "Payoff": "lending.loan.paid_off",
    "Reversal": "lending.loan.event_reversed",
    "ChargeOff": "lending.loan.charged_off",
    "WriteOff": "lending.loan.written_off",
}
OTHER = "lending.loan.changed"


@dataclass(frozen=True, slots=True)
class Command:
    """Who asks, about which loan, under which key, and when."""

    tenant: str
    loan: str
    key: str
    now: datetime


def open_loan(command: Command, contract: Contract) -> Mapping[str, Any]:
    """Save a contract; the answer that its event carries.

    The lender's ledger gets the accounts of the contract's currency. `InputProblem` if the terms
    make no schedule, the loan is there already, or the key stands for something else.
    """
    asked = {"command": "open", "loan": command.loan, "contract": contract_values(contract)}
    check_contract(contract)
    if not command.loan.startswith(PREFIX):
        raise problem("bad-id", "loan", f"'{command.loan}' is no loan's.", f"Begin with {PREFIX}.")
    with unit_of_work(command.tenant) as connection:
        _lock(connection, command)
        earlier = answered(connection, command.key, asked)
        if earlier is not None:
            return earlier
        if Loan.objects.filter(loan=command.loan).exists():
            raise problem(
                "loan-there", f"loan {command.loan}", "There is such a loan already.",
                "Take a new id; a contract is never changed.",
            )  # fmt: skip
        Loan.objects.create(
            tenant=command.tenant, loan=command.loan, contract=asked["contract"],
            opened_at=command.now,
        )  # fmt: skip
        open_accounts(connection, chart_of(contract.currency), command.now)
        body = {"loan": command.loan, "currency": contract.currency}
        return record(
            connection, Happened("lending.loan.opened", body, command.now, command.key, asked)
        )


def enter(command: Command, event: Event) -> Mapping[str, Any]:
    """Enter what happened to a loan, today or on an earlier day: disburse, receive, take back.

    The answer tells the event's place, the entries that were booked and how the loan stands.
    `InputProblem` if there is no such loan, the event makes no sense for it, the period is closed,
    or the key stands for something else; nothing is saved then.
    """
    asked = {"command": event_kind(event), "loan": command.loan, "event": event_values(event)}
    with unit_of_work(command.tenant) as connection:
        _lock(connection, command)
        earlier = answered(connection, command.key, asked)
        if earlier is not None:
            return earlier
        body = _enter(connection, command, event)
        name = NAMES.get(event_kind(event), OTHER)
        return record(connection, Happened(name, body, command.now, command.key, asked))


def _enter(connection: Connection, command: Command, event: Event) -> dict[str, Any]:
    contract, before = _loaded(connection, command.loan)
    findings = wrong_command(command.loan, contract, before, event)
    if findings:
        raise InputProblem(findings)
    state = booked_state(contract, (*before, event))
    booked = booked_about(connection, command.loan)
    entries = missing_entries(command.loan, command.key, event, state, booked, contract.currency)
    LoanEvent.objects.create(
        tenant=command.tenant, loan=command.loan, place=len(before), kind=event_kind(event),
        body=event_values(event), recorded_at=command.now,
    )  # fmt: skip
    posted = post(connection, entries, command.now) if entries else ()
    return {
        "loan": command.loan,
        "place": len(before),
        "entries": [answer.entry for answer in posted],
        **_standing(state),
    }


def _loaded(connection: Connection, loan: str) -> tuple[Contract, tuple[Event, ...]]:
    found = Loan.objects.filter(loan=loan).first()
    if found is None:
        raise problem("no-loan", f"loan {loan}", "There is no such loan.", "Check its id.")
    return read_contract(found.contract), saved_events(connection, loan)


def _standing(state: LoanState) -> dict[str, Any]:
    return {
        "status": state.status.value,
        "principal_open_minor": state.principal_open,
        "overpaid_minor": state.overpaid,
        "days_late": state.delinquency.days,
    }


def _lock(connection: Connection, command: Command) -> None:
    """Commands on one loan go one after the other."""
    Cursor(connection).execute(
        "SELECT pg_advisory_xact_lock(%s, hashtext(%s))",
        [LOAN_LOCK, f"{command.tenant} {command.loan}"],
    )
