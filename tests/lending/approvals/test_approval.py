"""A second person approves an exact action, once; each other way is refused in words."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.lending.lines.made_lines import START, TERMS, day
from tradeline.kernel.findings import InputProblem
from tradeline.lending.approvals.actions import loan_action
from tradeline.lending.approvals.approval import (
    AFTER,
    MAY,
    ProposalState,
    Step,
    StepKind,
    check_permitted,
    propose,
    state,
    stepped,
)
from tradeline.lending.approvals.rules import read_rules
from tradeline.lending.loan.events import Disbursement, Repayment, WriteOff

RULES = read_rules("term loan", "CNY", START)
CONTRACT = replace(TERMS, principal_minor=500_000)
HISTORY = (Disbursement(value_date=START, entered_on=START, amount_minor=500_000),)
LOSS = WriteOff(value_date=day(200), entered_on=day(200))
ACTION = loan_action("loan_1", CONTRACT, HISTORY, LOSS)
AT = datetime(2026, 7, 24, 9, tzinfo=UTC)
PROPOSAL = propose(RULES, ACTION, "ana", "no assets left", AT)


def step(kind: StepKind, by: str = "bo", hours: int = 1, why: str = "checked") -> Step:
    return Step(kind, by, AT + timedelta(hours=hours), ACTION.fingerprint, why)


APPROVED = stepped(PROPOSAL, (), step(StepKind.APPROVE))


def refused(taken: Step, steps: tuple[Step, ...] = ()) -> str:
    with pytest.raises(InputProblem) as caught:
        stepped(PROPOSAL, steps, taken)
    return str(caught.value)


def test_what_another_person_approved_may_be_carried_out_once() -> None:
    assert state(PROPOSAL, APPROVED, AT + timedelta(hours=2)) is ProposalState.APPROVED
    check_permitted(RULES, ACTION, AT + timedelta(hours=2), PROPOSAL, APPROVED)
    done = stepped(PROPOSAL, APPROVED, step(StepKind.CARRY_OUT, "ana", 3))
    with pytest.raises(InputProblem, match="A proposal that is carried out cannot be carried out"):
        check_permitted(RULES, ACTION, AT + timedelta(hours=4), PROPOSAL, done)


def test_what_nobody_approved_is_not_carried_out() -> None:
    with pytest.raises(InputProblem) as caught:
        check_permitted(RULES, ACTION, AT)
    assert str(caught.value) == (
        "error: approval: This needs a second person, as a write-off. "
        "Propose it, and have another person approve it."
    )
    assert refused(step(StepKind.CARRY_OUT)) == (
        "error: approval: A proposal that is proposed cannot be carried out. "
        "Have another person approve it first."
    )


@pytest.mark.parametrize("name", ["ana", " Ana", "ANA "])
def test_the_maker_is_no_checker_however_the_name_is_written(name: str) -> None:
    assert refused(step(StepKind.APPROVE, name)) == (
        f"error: approval: {name} proposed this and cannot approve it. "
        "Ask another person, or withdraw it."
    )


def test_only_the_maker_withdraws() -> None:
    assert refused(step(StepKind.WITHDRAW)) == (
        "error: approval: Only ana can withdraw this. Refuse it, with a reason."
    )
    gone = stepped(PROPOSAL, APPROVED, step(StepKind.WITHDRAW, "ana", 2))
    assert state(PROPOSAL, gone, AT + timedelta(hours=3)) is ProposalState.WITHDRAWN


def test_a_refusal_has_a_reason_and_is_final() -> None:
    assert "No reason is given. Say why, in a few words." in refused(step(StepKind.REFUSE, why=" "))
    steps = stepped(PROPOSAL, (), step(StepKind.REFUSE))
    assert refused(step(StepKind.APPROVE, hours=2), steps) == (
        "error: approval: A proposal that is refused cannot be approved. "
        "Propose the action anew if it is still wanted."
    )


def test_a_proposal_lapses_approved_or_not() -> None:
    late = 14 * 24
    assert state(PROPOSAL, APPROVED, AT + timedelta(hours=late)) is ProposalState.EXPIRED
    assert "A proposal that is expired cannot be approved." in refused(
        step(StepKind.APPROVE, hours=late)
    )
    assert "A proposal that is expired cannot be carried out." in refused(
        step(StepKind.CARRY_OUT, hours=late), APPROVED
    )


def test_a_changed_action_needs_a_new_approval() -> None:
    """A payment came meanwhile, so that less is written off."""
    payment = Repayment(value_date=day(190), entered_on=day(201), amount_minor=1_000)
    changed = loan_action("loan_1", CONTRACT, (*HISTORY, payment), LOSS)
    assert changed.stakes[0].size < ACTION.stakes[0].size
    with pytest.raises(InputProblem) as caught:
        check_permitted(RULES, changed, AT + timedelta(hours=2), PROPOSAL, APPROVED)
    assert str(caught.value) == (
        "error: approval: This is not the action that was proposed. "
        "Propose the action as it is now, and have it approved."
    )


OTHERS = {
    "loan": replace(ACTION, subject="loan_2"),
    "place": replace(ACTION, place=2),
    "day": replace(ACTION, event=replace(LOSS, value_date=day(199))),
    "entry": replace(ACTION, event=replace(LOSS, entered_on=day(201))),
    "kind": replace(ACTION, event=Repayment(value_date=day(200), entered_on=day(200),
                                            amount_minor=1)),
    "amount": replace(ACTION, stakes=()),
}  # fmt: skip


@pytest.mark.parametrize("what", OTHERS)
def test_a_fingerprint_is_of_all_of_an_action(what: str) -> None:
    assert OTHERS[what].fingerprint != ACTION.fingerprint
    assert replace(ACTION).fingerprint == ACTION.fingerprint


def test_a_checker_who_saw_another_action_approves_nothing() -> None:
    seen = replace(step(StepKind.APPROVE), fingerprint=OTHERS["day"].fingerprint)
    assert "This is not the action that was proposed." in refused(seen)


def test_steps_have_a_person_a_zone_and_an_order() -> None:
    assert "The person has no name." in refused(step(StepKind.APPROVE, " "))
    assert "says no time zone." in refused(
        replace(step(StepKind.APPROVE), at=datetime(2026, 7, 24, 10))  # noqa: DTZ001
    )
    assert "The step lies before the one it follows." in refused(step(StepKind.APPROVE, hours=-1))


def test_a_proposal_has_a_maker_a_reason_and_a_need() -> None:
    with pytest.raises(InputProblem, match="The maker has no name"):
        propose(RULES, ACTION, "", "why", AT)
    with pytest.raises(InputProblem, match="No reason is given"):
        propose(RULES, ACTION, "ana", "", AT)
    with pytest.raises(InputProblem, match=r"This action needs no second person\. Enter it\."):
        propose(RULES, replace(ACTION, stakes=()), "ana", "why", AT)


@given(st.lists(st.tuples(st.sampled_from(StepKind), st.sampled_from(["ana", "bo", "cy"]),
                          st.integers(1, 20 * 24)), max_size=6))  # fmt: skip
def test_nothing_is_carried_out_that_no_other_person_approved(
    tried: list[tuple[StepKind, str, int]],
) -> None:
    steps: tuple[Step, ...] = ()
    for kind, by, hours in tried:
        try:
            steps = stepped(PROPOSAL, steps, step(kind, by, hours))
        except InputProblem:
            continue
    kinds = [each.kind for each in steps]
    assert kinds.count(StepKind.CARRY_OUT) <= 1
    if StepKind.CARRY_OUT in kinds:
        before = steps[kinds.index(StepKind.CARRY_OUT) - 1]
        assert (before.kind, before.by == "ana") == (StepKind.APPROVE, False)
        assert steps[-1].at < PROPOSAL.lapses_at
    assert set(AFTER.values()) - set(MAY) == {
        ProposalState.REFUSED, ProposalState.WITHDRAWN, ProposalState.CARRIED_OUT
    }  # fmt: skip
