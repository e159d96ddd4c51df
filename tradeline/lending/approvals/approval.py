"""The life of a proposal: approved or refused by another person, withdrawn, lapsed, carried out.

What is approved is an action's fingerprint. An action that changed in any way, if only because a
payment came and less is written off, is another one and needs a proposal of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.approvals.actions import Action, needing_two
from tradeline.lending.approvals.rules import TwoPersonRules

WHERE = "approval"


class ProposalState(StrEnum):
    """How a proposal stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CARRIED_OUT = "carried out"


class StepKind(StrEnum):
    """What is done about a proposal."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CARRY_OUT = "carry out"


@dataclass(frozen=True, slots=True)
class Proposal:
    """Who proposes which action, why, and until when it may be decided and carried out."""

    fingerprint: str
    maker: str
    why: str
    at: datetime
    lapses_at: datetime


@dataclass(frozen=True, slots=True)
class Step:
    """Who did what about a proposal, when; `fingerprint` is of the action as that person saw it."""

    kind: StepKind
    by: str
    at: datetime
    fingerprint: str
    why: str = ""


AFTER = {
    StepKind.APPROVE: ProposalState.APPROVED,
    StepKind.REFUSE: ProposalState.REFUSED,
    StepKind.WITHDRAW: ProposalState.WITHDRAWN,
    StepKind.CARRY_OUT: ProposalState.CARRIED_OUT,
}
MAY = {
    ProposalState.PROPOSED: (StepKind.APPROVE, StepKind.REFUSE, StepKind.WITHDRAW),
    ProposalState.APPROVED: (StepKind.CARRY_OUT, StepKind.WITHDRAW),
}


def propose(rules: TwoPersonRules, action: Action, maker: str, why: str, at: datetime) -> Proposal:
    """A proposal; InputProblem without a maker or a reason, or where none is needed."""
    _named(maker, "maker")
    _reasoned(why)
    _aware(at)
    if not needing_two(rules, action):
        raise _refused("not-needed", "This action needs no second person.", "Enter it.")
    return Proposal(action.fingerprint, maker, why, at, at + timedelta(days=rules.stands_for_days))


def state(proposal: Proposal, steps: Sequence[Step], now: datetime) -> ProposalState:
    """How a proposal stands at a moment."""
    found = AFTER[steps[-1].kind] if steps else ProposalState.PROPOSED
    return ProposalState.EXPIRED if found in MAY and now >= proposal.lapses_at else found


def stepped(proposal: Proposal, steps: Sequence[Step], step: Step) -> tuple[Step, ...]:
    """The steps with one more; InputProblem, and nothing done, if it is not allowed."""
    _named(step.by, "person")
    _aware(step.at)
    if step.at < max([proposal.at, *(each.at for each in steps)]):
        raise _refused("out-of-order", "The step lies before the one it follows.",
                       "Correct its moment.")  # fmt: skip
    standing = state(proposal, steps, step.at)
    if step.kind not in MAY.get(standing, ()):
        raise _not_now(standing, step)
    _right_person(proposal, step)
    if step.fingerprint != proposal.fingerprint:
        raise _refused("other-action", "This is not the action that was proposed.",
                       "Propose the action as it is now, and have it approved.")  # fmt: skip
    return (*steps, step)


def check_permitted(
    rules: TwoPersonRules,
    action: Action,
    now: datetime,
    proposal: Proposal | None = None,
    steps: Sequence[Step] = (),
) -> None:
    """InputProblem unless one person may do it alone, or this very action stands approved.

    A step that carries the action out follows in the same unit of work, so that an approval serves
    once.
    """
    needed = needing_two(rules, action)
    if not needed:
        return
    words = " and ".join(sorted({stake.kind for stake in needed}))
    if proposal is None:
        raise _refused("needs-approval", f"This needs a second person, as a {words}.",
                       "Propose it, and have another person approve it.")  # fmt: skip
    carried_out = Step(StepKind.CARRY_OUT, proposal.maker, now, action.fingerprint)
    stepped(proposal, steps, carried_out)


def _not_now(standing: ProposalState, step: Step) -> InputProblem:
    return _refused(
        "not-now",
        f"A proposal that is {standing} cannot be {AFTER[step.kind]}.",
        "Have another person approve it first."
        if standing is ProposalState.PROPOSED
        else "Propose the action anew if it is still wanted.",
    )


def _right_person(proposal: Proposal, step: Step) -> None:
    is_maker = _person(step.by) == _person(proposal.maker)
    if step.kind in (StepKind.APPROVE, StepKind.REFUSE) and is_maker:
        raise _refused("same-person", f"{step.by} proposed this and cannot {step.kind} it.",
                       "Ask another person, or withdraw it.")  # fmt: skip
    if step.kind is StepKind.WITHDRAW and not is_maker:
        raise _refused("not-the-maker", f"Only {proposal.maker} can withdraw this.",
                       "Refuse it, with a reason.")  # fmt: skip
    if step.kind is StepKind.REFUSE:
        _reasoned(step.why)


def _person(name: str) -> str:
    """A name without case and outer blanks: no second person is made by writing it otherwise."""
    return name.strip().casefold()


def _named(name: str, what: str) -> None:
    if not _person(name):
        raise _refused("no-person", f"The {what} has no name.", "Say who it is.")


def _reasoned(why: str) -> None:
    if not why.strip():
        raise _refused("no-reason", "No reason is given.", "Say why, in a few words.")


def _aware(at: datetime) -> None:
    if at.tzinfo is None:
        raise _refused("naive-moment", f"{at} says no time zone.", "Give the moment in UTC.")


def _refused(code: str, message: str, remedy: str) -> InputProblem:
    return problem(code, WHERE, message, remedy)
