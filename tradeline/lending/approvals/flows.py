"""Commands that need two people: proposed by one, approved by another, carried out once.

Each is saved and told in one transaction; what is approved is carried out in the same one as the
event that it allows. `enter` here is the door for what people ask: what needs nobody else passes,
what does needs its proposal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection, Cursor

from tradeline.book.flows import unit_of_work
from tradeline.book.outbox import Event as Happened
from tradeline.book.outbox import answered, is_used, record
from tradeline.kernel.findings import problem
from tradeline.lending.approvals.actions import Action, needing_two
from tradeline.lending.approvals.approval import AFTER, Step, StepKind, check_permitted, stepped
from tradeline.lending.approvals.approval import propose as proposed
from tradeline.lending.approvals.models import Proposed, Stepped
from tradeline.lending.approvals.saved import SavedProposal, action_now, saved_proposal
from tradeline.lending.loan.events import Event
from tradeline.lending.servicing import flows as servicing
from tradeline.lending.servicing.flows import Command
from tradeline.lending.servicing.written import event_kind, record_values

APPROVALS_LOCK = 7_006


@dataclass(frozen=True, slots=True)
class Person:
    """Who does it, and why; a reason may be left out where one approves or carries out."""

    name: str
    why: str = ""


def propose(
    command: Command, event: Event, maker: Person, by_way_of: str = ""
) -> Mapping[str, Any]:
    """Propose an event of an agreement under the command's key, by which the proposal is called.

    `by_way_of` names the command that carries it out, where that does more than to enter it.
    The answer tells what is at stake and when the proposal lapses. `InputProblem` if the event
    makes no sense for it, needs no second person, or nobody says who proposes it and why.
    """
    kind, values = event_kind(event), record_values(event)
    asked = {
        "command": "propose", "agreement": command.agreement, "kind": kind, "event": values,
        "by": maker.name, "why": maker.why, "by_way_of": by_way_of,
    }  # fmt: skip
    with unit_of_work(command.tenant) as connection:
        _lock(connection, command.tenant, command.key)
        earlier = answered(connection, command.key, asked)
        if earlier is not None:
            return earlier
        today = command.now.date()
        action, rules = action_now(connection, command.agreement, event, today)
        made = proposed(rules, action, maker.name, maker.why, command.now)
        Proposed.objects.create(
            tenant=command.tenant, proposal=command.key, agreement=command.agreement, kind=kind,
            body=values, fingerprint=made.fingerprint, maker=made.maker, why=made.why, at=made.at,
            lapses_at=made.lapses_at, by_way_of=by_way_of,
        )  # fmt: skip
        stakes = [{"kind": s.kind.value, "size": s.size} for s in needing_two(rules, action)]
        body = {
            "proposal": command.key, "agreement": command.agreement, "by": maker.name,
            "stakes": stakes, "lapses_at": made.lapses_at.isoformat(),
        }  # fmt: skip
        return record(
            connection, Happened("lending.proposal.made", body, command.now, command.key, asked)
        )


def approve(tenant: str, proposal: str, by: Person, now: datetime) -> Mapping[str, Any]:
    """Approve what another person proposed, as the agreement stands now.

    `InputProblem` by the maker, for what is decided or lapsed already, and where it has
    changed since, so that it would be another action.
    """
    return _decide(tenant, proposal, StepKind.APPROVE, by, now)


def refuse(tenant: str, proposal: str, by: Person, now: datetime) -> Mapping[str, Any]:
    """Refuse what another person proposed, with a reason; `InputProblem` as for `approve`."""
    return _decide(tenant, proposal, StepKind.REFUSE, by, now)


def withdraw(tenant: str, proposal: str, by: Person, now: datetime) -> Mapping[str, Any]:
    """Take an own proposal back; `InputProblem` by another person, or where it is over."""
    return _decide(tenant, proposal, StepKind.WITHDRAW, by, now)


def enter(
    command: Command, event: Event, proposal: str | None = None, by_way_of: str = ""
) -> Mapping[str, Any]:
    """Enter an event that one person may enter, or that its proposal allows; as `servicing`.

    A proposal is carried out by it, in the same transaction, and serves no other time.
    `InputProblem` where a second person is needed and there is no approved proposal of this very
    action, and as the loan refuses.
    """
    with unit_of_work(command.tenant) as connection:
        if proposal is not None:
            _lock(connection, command.tenant, proposal)
        if is_used(connection, command.key):
            return servicing.enter(command, event)  # its first answer, or what the key stands for

        def entered(action: Action) -> Mapping[str, Any]:
            answer = servicing.enter(command, event)
            if proposal is not None and answer["place"] != action.place:
                raise problem(
                    "other-action", f"agreement {command.agreement}",
                    "Something else was entered meanwhile.", "Look at it, and ask again.",
                )  # fmt: skip
            return answer

        return carry_out(command, event, entered, proposal, by_way_of)


def carry_out(
    command: Command,
    event: Event,
    do: Callable[[Action], Mapping[str, Any]],
    proposal: str | None = None,
    by_way_of: str = "",
) -> Mapping[str, Any]:
    """Do what one person may do, or what its proposal allows, which then serves no other time.

    `InputProblem` as for `enter`; nothing is done then.
    """
    with unit_of_work(command.tenant) as connection:
        if proposal is not None:
            _lock(connection, command.tenant, proposal)
        saved = None if proposal is None else saved_proposal(connection, proposal)
        if saved is not None:
            _check_use(saved, command.agreement, by_way_of)
        today = command.now.date()
        action, rules = action_now(connection, command.agreement, event, today)
        if saved is None:
            check_permitted(rules, action, command.now)
            return do(action)
        step = Step(StepKind.CARRY_OUT, saved.proposal.maker, command.now, action.fingerprint)
        stepped(saved.proposal, saved.steps, step)
        answer = do(action)
        _save(connection, command.tenant, saved, step)
        return answer


def _decide(
    tenant: str, proposal: str, kind: StepKind, by: Person, now: datetime
) -> Mapping[str, Any]:
    asked = {"command": kind.value, "proposal": proposal, "by": by.name, "why": by.why}
    key = f"proposal {proposal} {kind.value} {by.name}"
    with unit_of_work(tenant) as connection:
        _lock(connection, tenant, proposal)
        earlier = answered(connection, key, asked)
        if earlier is not None:
            return earlier
        saved = saved_proposal(connection, proposal)
        fingerprint = saved.proposal.fingerprint
        if kind is StepKind.APPROVE:
            action, _ = action_now(connection, saved.agreement, saved.event, now.date())
            fingerprint = action.fingerprint
        step = Step(kind, by.name, now, fingerprint, by.why)
        return _save(connection, tenant, saved, step, key, asked)


def _save(
    connection: Connection,
    tenant: str,
    saved: SavedProposal,
    step: Step,
    key: str | None = None,
    asked: Mapping[str, Any] | None = None,
) -> Mapping[str, Any]:
    place = len(stepped(saved.proposal, saved.steps, step)) - 1
    Stepped.objects.create(
        tenant=tenant, proposal=saved.name, place=place, kind=step.kind.value, by=step.by,
        at=step.at, fingerprint=step.fingerprint, why=step.why,
    )  # fmt: skip
    became = AFTER[step.kind].value
    body = {"proposal": saved.name, "agreement": saved.agreement, "became": became, "by": step.by}
    name = f"lending.proposal.{became.replace(' ', '_')}"
    return record(connection, Happened(name, body, step.at, key, asked))


def _check_use(saved: SavedProposal, agreement: str, by_way_of: str) -> None:
    if saved.agreement != agreement:
        raise problem(
            "other-action", f"proposal {saved.name}",
            f"It is about {saved.agreement}, not {agreement}.", "Name the proposal of this action.",
        )  # fmt: skip
    if saved.by_way_of != by_way_of:
        raise problem(
            "other-way", f"proposal {saved.name}", "To enter it is not all of it.",
            f"Carry it out by {saved.by_way_of or '`tradeline approvals carry-out`'}.",
        )  # fmt: skip


def _lock(connection: Connection, tenant: str, proposal: str) -> None:
    """What is done about one proposal goes one after the other."""
    Cursor(connection).execute(
        "SELECT pg_advisory_xact_lock(%s, hashtext(%s))", [APPROVALS_LOCK, f"{tenant} {proposal}"]
    )
