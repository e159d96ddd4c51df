"""Proposals as they were saved, read back; and what an event would do to an agreement now."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg import Connection, Cursor

from tradeline.kernel.findings import problem
from tradeline.lending.approvals.actions import (
    Action,
    SendBack,
    line_action,
    loan_action,
    receipt_action,
    send_back_action,
)
from tradeline.lending.approvals.approval import (
    Proposal,
    ProposalState,
    Step,
    StepKind,
    state,
)
from tradeline.lending.approvals.rules import ANY, TwoPersonRules, read_rules
from tradeline.lending.lines.agreement import LineAgreement
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event
from tradeline.lending.servicing.declared import kind_named
from tradeline.lending.servicing.saved import Saved, read_saved
from tradeline.lending.servicing.written import read_event

PROPOSALS = """
SELECT a.kind, p.proposal, p.agreement, p.kind, p.body::text, p.by_way_of, p.fingerprint, p.maker,
    p.why, p.at, p.lapses_at
FROM approvals_proposal p LEFT JOIN servicing_agreement a ON a.agreement = p.agreement
"""
STEPS = """
SELECT kind, by, at, fingerprint, why FROM approvals_step WHERE proposal = %s ORDER BY place
"""


@dataclass(frozen=True, slots=True)
class SavedProposal:
    """A proposal, the event that it would enter, and what was done about it.

    `agreement` is the movement where money in suspense would be sent back.
    """

    name: str
    agreement: str
    event: Event
    by_way_of: str
    proposal: Proposal
    steps: tuple[Step, ...]

    def standing(self, now: datetime) -> ProposalState:
        """How it stands at a moment."""
        return state(self.proposal, self.steps, now)


def saved_proposal(connection: Connection, name: str) -> SavedProposal:
    """The proposal of a name; `InputProblem` if there is none."""
    row = (
        Cursor(connection).execute(f"{PROPOSALS} WHERE p.proposal = %s".encode(), [name]).fetchone()
    )
    if row is None:
        raise problem(
            "no-proposal", f"proposal {name}", "There is no such proposal.",
            "Propose the action first, and have another person approve it.",
        )  # fmt: skip
    return _read(connection, row)


def saved_proposals(connection: Connection) -> Iterator[SavedProposal]:
    """All proposals of the lender, by the moment they were made."""
    rows = Cursor(connection).execute(f"{PROPOSALS} ORDER BY p.at, p.proposal".encode()).fetchall()
    return (_read(connection, row) for row in rows)


def action_now(
    connection: Connection, agreement: str, event: Event, on: date
) -> tuple[Action, TwoPersonRules]:
    """What an event would do to an agreement as it stands, and the rules of its product on a day.

    Money in suspense is of no product. `InputProblem` if there is no such agreement, the event
    makes no sense for it, or what is at stake of its kind is not known.
    """
    if isinstance(event, SendBack):
        return send_back_action(agreement, event), read_rules(ANY, event.currency, on)
    saved = read_saved(connection, agreement)
    return _action(saved, event), read_rules(saved.product, saved.contract.currency, on)


def _action(saved: Saved, event: Event) -> Action:
    contract = saved.contract
    if isinstance(contract, Contract):
        return loan_action(saved.name, contract, saved.events, event)
    if isinstance(contract, LineAgreement):
        return line_action(saved.name, contract, saved.events, event)
    receipt = receipt_action(saved.name, saved.events, event)
    if receipt is not None:
        return receipt
    raise problem(
        "no-stakes", f"agreement {saved.name}",
        f"What is at stake of {saved.kind.called} is not known.",
        "Money that comes may be entered; the rest has rules for loans and lines alone.",
    )  # fmt: skip


def _read(connection: Connection, row: tuple[Any, ...]) -> SavedProposal:
    of, name, agreement, kind, body, way, *rest = row
    steps = tuple(
        Step(StepKind(step), *told) for step, *told in Cursor(connection).execute(STEPS, [name])
    )
    known = (SendBack,) if of is None else kind_named(of).events
    event = read_event(known, kind, json.loads(body))
    return SavedProposal(name, agreement, event, way, Proposal(*rest), steps)
