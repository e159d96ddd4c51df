"""Proposals as they were saved, read back with the loan that they are about."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, Cursor

from tradeline.kernel.findings import problem
from tradeline.lending.approvals.actions import Action, loan_action
from tradeline.lending.approvals.approval import (
    Proposal,
    ProposalState,
    Step,
    StepKind,
    state,
)
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event
from tradeline.lending.servicing.saved import saved_events
from tradeline.lending.servicing.written import read_contract, read_event

PROPOSALS = """
SELECT proposal, loan, kind, body::text, by_way_of, fingerprint, maker, why, at, lapses_at
FROM approvals_proposal
"""
STEPS = """
SELECT kind, by, at, fingerprint, why FROM approvals_step WHERE proposal = %s ORDER BY place
"""
CONTRACT = "SELECT contract::text FROM servicing_loan WHERE loan = %s"


@dataclass(frozen=True, slots=True)
class SavedProposal:
    """A proposal, the event that it would enter, and what was done about it."""

    name: str
    loan: str
    event: Event
    by_way_of: str
    proposal: Proposal
    steps: tuple[Step, ...]

    def standing(self, now: datetime) -> ProposalState:
        """How it stands at a moment."""
        return state(self.proposal, self.steps, now)


def saved_proposal(connection: Connection, name: str) -> SavedProposal:
    """The proposal of a name; `InputProblem` if there is none."""
    row = Cursor(connection).execute(f"{PROPOSALS} WHERE proposal = %s".encode(), [name]).fetchone()
    if row is None:
        raise problem(
            "no-proposal", f"proposal {name}", "There is no such proposal.",
            "Propose the action first, and have another person approve it.",
        )  # fmt: skip
    return _read(connection, row)


def saved_proposals(connection: Connection) -> Iterator[SavedProposal]:
    """All proposals of the lender, by the moment they were made."""
    rows = Cursor(connection).execute(f"{PROPOSALS} ORDER BY at, proposal".encode()).fetchall()
    return (_read(connection, row) for row in rows)


def history(connection: Connection, loan: str) -> tuple[Contract, tuple[Event, ...]]:
    """The contract of a loan and what happened to it; `InputProblem` if there is none."""
    row = Cursor(connection).execute(CONTRACT, [loan]).fetchone()
    if row is None:
        raise problem("no-loan", f"loan {loan}", "There is no such loan.", "Check its id.")
    return read_contract(json.loads(row[0])), saved_events(connection, loan)


def action_now(connection: Connection, loan: str, event: Event) -> tuple[Action, str]:
    """What an event would do to a loan as it stands, and the loan's currency."""
    contract, before = history(connection, loan)
    return loan_action(loan, contract, before, event), contract.currency


def _read(connection: Connection, row: tuple[Any, ...]) -> SavedProposal:
    name, loan, kind, body, way, *rest = row
    steps = tuple(
        Step(StepKind(step), *told) for step, *told in Cursor(connection).execute(STEPS, [name])
    )
    event = read_event(kind, json.loads(body))
    return SavedProposal(name, loan, event, way, Proposal(*rest), steps)
