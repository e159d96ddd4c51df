"""What needs two people is proposed by one, approved by another, and carried out once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.lending.conftest import opened_lender
from tests.lending.lines.made_lines import limited
from tests.lending.servicing.lives import ADVANCE, LINE, opened
from tests.lending.servicing.loans import LOAN, ask, open_one, paid_out, repaid
from tests.lending.servicing.test_flows import wrong
from tradeline.book.connection import in_tenant
from tradeline.kernel.findings import InputProblem
from tradeline.lending.loan.events import Event, WriteOff
from tradeline.risk import parameters

DAY = date(2026, 3, 1)
NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
LOSS = WriteOff(value_date=DAY, entered_on=DAY)
NEEDED = ("error: approval: This needs a second person, as a write-off. Propose it, and have "
          "another person approve it.")  # fmt: skip


@pytest.fixture
def paid(lender: str) -> str:
    """A lender with a loan that was paid out."""
    open_one(lender)
    ask(lender, "out", paid_out())
    return lender


def command(tenant: str, key: str, loan: str = LOAN, now: datetime = NOW) -> Any:
    from tradeline.lending.servicing.flows import Command

    return Command(tenant, loan, key, now)


def proposed(tenant: str, by: str = "ana", why: str = "no assets left", **how: Any) -> Any:
    from tradeline.lending.approvals.flows import Person, propose

    asked = command(tenant, how.pop("key", "loss-1"), **how)
    return dict(propose(asked, LOSS, Person(by, why)))


def decided(how: str, tenant: str, by: str, why: str = "", **more: Any) -> dict[str, Any]:
    from tradeline.lending.approvals import flows

    done = getattr(flows, how)
    proposal, now = more.get("proposal", "loss-1"), more.get("now", NOW)
    return dict(done(tenant, proposal, flows.Person(by, why), now))


def entered(
    tenant: str, key: str = "off", event: Event = LOSS, proposal: str | None = "loss-1", **how: Any
) -> dict[str, Any]:
    from tradeline.lending.approvals.flows import enter

    return dict(enter(command(tenant, key, **how), event, proposal))


def refused(do: Any, *arguments: Any, **options: Any) -> str:
    with pytest.raises(InputProblem) as refusal:
        do(*arguments, **options)
    return str(refusal.value)


def told(worker: psycopg.Connection, tenant: str) -> list[str]:
    with in_tenant(worker, tenant):
        rows = worker.execute("SELECT name FROM book_event WHERE name LIKE 'lending.%' ORDER BY id")
        return [name for (name,) in rows]


def test_a_write_off_is_entered_once_another_person_approved_it(
    worker: psycopg.Connection, paid: str
) -> None:
    assert refused(entered, paid, proposal=None) == NEEDED
    first = proposed(paid)
    assert [stake["kind"] for stake in first["stakes"]] == ["write-off"]
    assert first["lapses_at"] == "2026-03-15T09:00:00+00:00"
    assert proposed(paid) == first
    assert decided("approve", paid, "bo")["became"] == "approved"
    assert decided("approve", paid, "bo")["became"] == "approved"
    done = entered(paid)
    assert done["status"] == "written off"
    assert entered(paid) == done
    assert told(worker, paid) == [
        "lending.loan.opened", "lending.loan.disbursed", "lending.proposal.made",
        "lending.proposal.approved", "lending.loan.written_off", "lending.proposal.carried_out",
    ]  # fmt: skip
    assert wrong(worker, paid) == []


def test_what_one_person_may_do_needs_no_proposal(worker: psycopg.Connection, paid: str) -> None:
    assert entered(paid, "back", repaid(5_000, DAY), None)["place"] == 1
    assert entered(paid, "back", repaid(5_000, DAY), None)["place"] == 1
    assert "The key was used before" in refused(entered, paid, "back", repaid(6_000, DAY), None)
    late = repaid(5_000, DAY - timedelta(4), entered=DAY)
    assert refused(entered, paid, "late", late, None) == (
        "error: approval: This needs a second person, as a back-date. Propose it, and have another "
        "person approve it."
    )
    assert wrong(worker, paid) == []


AFTER_DAYS = NOW + timedelta(14)
REFUSALS: list[tuple[str, list[tuple[str, tuple[str, ...], dict[str, Any]]], str]] = [
    ("the maker's own approval", [("approve", ("ana",), {})],
     "ana proposed this and cannot approve it. Ask another person, or withdraw it."),
    ("the maker's name otherwise written", [("approve", (" ANA",), {})],
     " ANA proposed this and cannot approve it. Ask another person, or withdraw it."),
    ("the maker's own refusal", [("refuse", ("ana", "no"), {})],
     "ana proposed this and cannot refuse it. Ask another person, or withdraw it."),
    ("a refusal without a reason", [("refuse", ("bo",), {})],
     "No reason is given. Say why, in a few words."),
    ("nobody's approval", [("approve", (" ",), {})], "The person has no name. Say who it is."),
    ("another's withdrawal", [("withdraw", ("bo",), {})],
     "Only ana can withdraw this. Refuse it, with a reason."),
    ("an approval of what is refused", [("refuse", ("bo", "no"), {}), ("approve", ("cy",), {})],
     "A proposal that is refused cannot be approved. Propose the action anew if it is still "
     "wanted."),
    ("an approval of what is withdrawn", [("withdraw", ("ana",), {}), ("approve", ("bo",), {})],
     "A proposal that is withdrawn cannot be approved. Propose the action anew if it is still "
     "wanted."),
    ("a second approval", [("approve", ("bo",), {}), ("approve", ("cy",), {})],
     "A proposal that is approved cannot be approved. Propose the action anew if it is still "
     "wanted."),
    ("an approval too late", [("approve", ("bo",), {"now": AFTER_DAYS})],
     "A proposal that is expired cannot be approved. Propose the action anew if it is still "
     "wanted."),
    ("an approval before it was proposed", [("approve", ("bo",), {"now": NOW - timedelta(1)})],
     "The step lies before the one it follows. Correct its moment."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("steps", "line"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS]
)
def test_what_may_not_be_decided_is_refused(
    worker: psycopg.Connection, paid: str, steps: list[tuple[str, tuple[str, ...], dict[str, Any]]],
    line: str,
) -> None:  # fmt: skip
    proposed(paid)
    for how, names, more in steps[:-1]:
        decided(how, paid, *names, **more)
    before = told(worker, paid)
    how, names, more = steps[-1]
    assert refused(decided, how, paid, *names, **more) == f"error: approval: {line}"
    assert told(worker, paid) == before
    assert refused(entered, paid, now=NOW + timedelta(15)).startswith("error: approval: A proposal")


def test_what_is_not_approved_or_lapsed_is_not_carried_out(paid: str) -> None:
    assert refused(entered, paid) == (
        "error: proposal loss-1: There is no such proposal. Propose the action first, and have "
        "another person approve it."
    )
    proposed(paid)
    assert refused(entered, paid) == (
        "error: approval: A proposal that is proposed cannot be carried out. Have another person "
        "approve it first."
    )
    decided("approve", paid, "bo")
    assert refused(entered, paid, now=AFTER_DAYS) == (
        "error: approval: A proposal that is expired cannot be carried out. Propose the action "
        "anew if it is still wanted."
    )
    assert entered(paid, now=AFTER_DAYS - timedelta(seconds=1))["status"] == "written off"


def test_what_changed_since_is_another_action(worker: psycopg.Connection, paid: str) -> None:
    other = ("error: approval: This is not the action that was proposed. Propose the action as it "
             "is now, and have it approved.")  # fmt: skip
    proposed(paid)
    entered(paid, "back", repaid(5_000, DAY), None)
    assert refused(decided, "approve", paid, "bo") == other
    decided("refuse", paid, "bo", "the firm pays")
    proposed(paid, key="loss-2")
    decided("approve", paid, "bo", proposal="loss-2")
    entered(paid, "more", repaid(5_000, DAY), None)
    assert refused(entered, paid, proposal="loss-2") == other
    assert wrong(worker, paid) == []


def test_an_approval_serves_one_loan_once(paid: str) -> None:
    open_one(paid, "loan_0002")
    ask(paid, "out-2", paid_out(), "loan_0002")
    proposed(paid)
    decided("approve", paid, "bo")
    assert refused(entered, paid, loan="loan_0002") == (
        "error: proposal loss-1: It is about loan_0001, not loan_0002. Name the proposal of this "
        "action."
    )
    entered(paid)
    assert refused(entered, paid, "again") == (
        "error: approval: A proposal that is carried out cannot be carried out. Propose the action "
        "anew if it is still wanted."
    )


def test_what_needs_no_second_person_or_says_nothing_is_not_proposed(paid: str) -> None:
    from tradeline.lending.approvals.flows import Person, propose

    payment = repaid(5_000, DAY)
    assert refused(propose, command(paid, "p"), payment, Person("ana", "why")) == (
        "error: approval: This action needs no second person. Enter it."
    )
    assert refused(proposed, paid, " ") == (
        "error: approval: The maker has no name. Say who it is."
    )
    assert refused(proposed, paid, why=" ") == (
        "error: approval: No reason is given. Say why, in a few words."
    )
    assert refused(proposed, paid, loan="loan_9") == (
        "error: agreement loan_9: There is no such agreement. Check its id."
    )
    proposed(paid)
    assert "The key was used before" in refused(proposed, paid, "bo")


def test_a_raised_limit_of_a_line_needs_two(lender: str, worker: psycopg.Connection) -> None:
    opened(lender, LINE)
    raised = limited(1, 2_000_000)
    assert "as a limit raise" in refused(entered, lender, "up", raised, None, loan=LINE.name)
    from tradeline.lending.approvals.flows import Person, propose

    propose(command(lender, "up-1", LINE.name), raised, Person("ana", "it grows"))
    decided("approve", lender, "bo", proposal="up-1")
    done = entered(lender, "up", raised, "up-1", loan=LINE.name)
    assert done["limit_minor"] == 2_000_000
    assert wrong(worker, lender) == []


def test_what_is_not_known_passes_nobody(lender: str, worker: psycopg.Connection) -> None:
    opened(lender, ADVANCE)
    ask(lender, "out", paid_out(900_000), ADVANCE.name)
    assert refused(entered, lender, event=LOSS, proposal=None, loan=ADVANCE.name) == (
        "error: agreement advance_1: What is at stake of an advance is not known. Money that comes "
        "may be entered; the rest has rules for loans and lines alone."
    )
    paid = entered(lender, "back", repaid(5_000, DAY), None, loan=ADVANCE.name)
    assert paid["place"] == 1
    late = repaid(5_000, DAY - timedelta(4), entered=DAY)
    assert "as a back-date" in refused(entered, lender, "late", late, None, loan=ADVANCE.name)
    assert wrong(worker, lender) == []


@pytest.fixture
def lax(monkeypatch: pytest.MonkeyPatch) -> str:
    """A product whose rules let one person write off 20,000.00."""
    read = parameters._entries

    def with_lax(subject: str) -> dict[str, dict[str, Any]]:
        entries = read(subject)
        version = entries["any product"]["values"][0] | {"value": {"write_off_above": 20_000}}
        return {**entries, "lax": entries["any product"] | {"values": [version]}}

    monkeypatch.setattr(parameters, "_entries", with_lax)
    return "lax"


def test_the_product_that_an_agreement_was_opened_as_says_what_needs_two(
    lender: str, worker: psycopg.Connection, lax: str
) -> None:
    for loan, product in (("loan_1", ""), ("loan_2", lax), ("loan_3", "lacks"), ("loan_4", "Lax")):
        open_one(lender, loan, product=product)
        ask(lender, f"out {loan}", paid_out(), loan)
    assert entered(lender, "off", proposal=None, loan="loan_2")["status"] == "written off"
    for loan in ("loan_1", "loan_3", "loan_4"):
        assert refused(entered, lender, f"off {loan}", proposal=None, loan=loan) == NEEDED
    late = repaid(5_000, DAY - timedelta(4), entered=DAY)
    open_one(lender, "loan_5", product=lax)
    ask(lender, "out 5", paid_out(), "loan_5")
    assert "as a back-date" in refused(entered, lender, "l", late, None, loan="loan_5")
    with pytest.raises(InputProblem, match="The key was used before, for something else"):
        open_one(lender, "loan_1", product=lax)
    assert wrong(worker, lender) == []


def test_nobody_says_of_which_product_an_agreement_is_once_it_is_open(
    served: Any, lender: str
) -> None:
    from tradeline.book.connection import transaction

    open_one(lender, product="term loan")
    change = b"UPDATE servicing_agreement SET product = 'lax'"
    for role, match in (("owner", "Rows of servicing_agreement"), ("web", "permission denied")):
        with (
            pytest.raises(psycopg.DatabaseError, match=match),
            transaction(role, lender, served) as connection,  # type: ignore[arg-type]
        ):
            connection.execute(change)


def test_another_lender_knows_no_such_proposal(worker: psycopg.Connection, paid: str) -> None:
    proposed(paid)
    other = opened_lender(worker)
    assert "There is no such proposal" in refused(decided, "approve", other, "bo")


def test_many_at_once_carry_it_out_once(worker: psycopg.Connection, paid: str) -> None:
    proposed(paid)
    decided("approve", paid, "bo")

    def client(number: int) -> str:
        from django.db import connection

        try:
            return str(entered(paid, f"off {number}")["status"])
        except InputProblem as refusal:
            return refusal.findings[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(client, range(6)))
    assert answers.count("written off") == 1
    assert told(worker, paid).count("lending.proposal.carried_out") == 1
    assert wrong(worker, paid) == []


def test_what_fails_leaves_the_approval_as_it_was(
    paid: str, worker: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradeline.lending.approvals import flows

    proposed(paid)
    decided("approve", paid, "bo")

    def fails(*_: object, **__: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(flows, "_save", fails)
    with pytest.raises(RuntimeError):
        entered(paid)
    monkeypatch.undo()
    assert wrong(worker, paid) == []
    assert entered(paid)["place"] == 1


def test_nobody_changes_what_was_decided(
    served: Any, worker: psycopg.Connection, paid: str
) -> None:
    from tradeline.book.connection import transaction

    proposed(paid)
    decided("approve", paid, "bo")
    for table in ("approvals_proposal", "approvals_step"):
        for role, match in (("owner", f"Rows of {table}"), ("web", "permission denied")):
            with (
                pytest.raises(psycopg.DatabaseError, match=match),
                transaction(role, paid, served) as connection,  # type: ignore[arg-type]
            ):
                connection.execute(f"UPDATE {table} SET tenant = 'x'".encode())
