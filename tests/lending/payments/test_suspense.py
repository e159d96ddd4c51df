"""A person says what is in suspense, once, with a reason; or it goes back, and may come again."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.lending.payments.booked import DAY, FIRM, LOAN, NEXT, NOW, OWN, SURE, Office, pay
from tradeline.book.connection import in_tenant
from tradeline.kernel.findings import InputProblem
from tradeline.lending.approvals.actions import SendBack
from tradeline.lending.ledger.accounts import Account, open_accounts
from tradeline.lending.loan.events import Repayment
from tradeline.lending.payments.instruction import Instruction

BANK, SUSPENSE, LENT = f"bank {OWN.number}/CNY", "suspense/CNY", "loans receivable/CNY"
CAME = "BK00000002"


@pytest.fixture
def office(lender: str, worker: psycopg.Connection, tmp_path: Path) -> Office:
    """A loan that was paid out, and 700 that came without a word."""
    found = Office(lender, worker, tmp_path)
    found.open(LOAN)
    found.paid_out("pay-1")
    found.bank.receive(DAY, 700, "Somebody", "thanks")
    found.take(found.statement(DAY))
    found.on = NEXT
    return found


def item(reference: str = CAME, by: str = "ana", why: str = "she called") -> Any:
    from tradeline.lending.payments.suspense import Item

    return Item(OWN.number, reference, by, why)


def assigned(office: Office, loan: str = LOAN, **changes: str) -> dict[str, Any]:
    from tradeline.lending.payments.suspense import assign_to_loan

    return dict(assign_to_loan(office.desk, item(**changes), loan))


def to_account(office: Office, account: str, **changes: str) -> dict[str, Any]:
    from tradeline.lending.payments.suspense import assign_to_account

    return dict(assign_to_account(office.desk, item(**changes), account))


def back(name: str = "back-1", amount: int = 700, **changes: Any) -> Instruction:
    return pay(name, amount, on=NEXT, creditor=replace(FIRM, holder="Somebody"), **changes)


def sent_back(office: Office, name: str = "back-1", amount: int = 700) -> dict[str, Any]:
    """By two people: proposed, approved and done."""
    from tradeline.lending.approvals.flows import Person, approve
    from tradeline.lending.payments.suspense import propose_return, send_back

    propose_return(office.desk, item(), back(name, amount), f"return {name}")
    approve(office.tenant, f"return {name}", Person("bo"), NOW)
    return dict(send_back(office.desk, item(), back(name, amount), f"return {name}"))


def test_what_is_assigned_to_a_loan_is_a_repayment_of_its_own_day(office: Office) -> None:
    books = office.books()
    assert (books[SUSPENSE], books[LENT]) == (-700, 1_200_000)
    first = assigned(office)
    assert assigned(office) == first
    assert office.suspense() == []
    assert SUSPENSE not in office.books()
    assert office.books()["interest and fees receivable/CNY"] == -700
    with in_tenant(office.worker, office.tenant):
        rows = office.worker.execute(
            "SELECT DISTINCT value_date FROM ledger_entry WHERE kind = 'Repayment'"
        ).fetchall()
    assert rows == [(DAY,)]
    assert office.faults() == []


def test_what_is_sent_back_leaves_when_it_settles(office: Office) -> None:
    from tradeline.lending.payments.suspense import send_back

    first = sent_back(office)
    assert dict(send_back(office.desk, item(), back(), "return back-1")) == first
    assert office.suspense() == []
    assert office.books()["payments in transit/CNY"] == -700
    path = office.send("msg-2")
    assert path
    office.take_report(office.submit(path))
    assert office.take(office.statement(NEXT))["settled"] == 1
    assert office.payment("back-1") == "settled"
    assert office.books() == {LENT: 1_200_000, BANK: -1_200_000}
    assert office.faults() == []


def test_what_was_sent_back_in_vain_waits_again(office: Office) -> None:
    office.bank.chances = replace(SURE, rejects=1)
    sent_back(office)
    path = office.send("msg-2")
    assert path
    office.take_report(office.submit(path))
    assert office.suspense() == [(CAME, 700, "no reference")]
    assert office.faults() == []
    office.bank.chances = replace(SURE, returns=1)
    sent_back(office, "back-2")
    path = office.send("msg-3")
    assert path
    office.submit(path)
    office.take_all()
    assert office.payment("back-2") == "returned"
    assert office.suspense() == [(CAME, 700, "no reference")]
    assert office.faults() == []
    sent_back(office, "back-3")
    assert office.suspense() == []
    assert office.faults() == []


def test_charges_and_capital_are_assigned_to_accounts(office: Office) -> None:
    with in_tenant(office.worker, office.tenant):
        open_accounts(office.worker, [Account("capital", "CNY", "equity")], NOW)
    first = to_account(office, "capital")
    assert to_account(office, "capital") == first
    assert office.books()["capital"] == -700
    assert office.suspense() == []
    assert office.faults() == []


REFUSED: list[tuple[Callable[[Office], object], str]] = [
    (lambda o: assigned(o, reference="BK9"), "error: movement BK9: No such movement of the "
     "account DE89370400440532013000 was taken. Look at what is in suspense: `tradeline payments "
     "suspense`."),
    (lambda o: assigned(o, "loan_9"), "error: agreement loan_9: There is no such agreement. "
     "Check its id."),
    (lambda o: assigned(o, by=" "), "error: movement BK00000002: No person is named. Say who "
     "decides, and why."),
    (lambda o: assigned(o, why=""), "error: movement BK00000002: No reason is named. Say who "
     "decides, and why."),
    (lambda o: to_account(o, "nowhere"), "error: entry movement DE89370400440532013000 BK00000002 "
     "assigned: There is no account nowhere. Open it first."),
    (lambda o: to_account(o, "clearing/CNY"), "error: movement BK00000002: Loans and payments are "
     "booked on clearing/CNY by themselves. Assign it to a loan, or to an account of your own."),
    (lambda o: sent_back(o, amount=699), "error: movement BK00000002: It is of 700, not 699. Send "
     "back what came, all of it; money that went out is claimed from the bank."),
]  # fmt: skip


def test_what_cannot_be_is_refused_and_changes_nothing(office: Office) -> None:
    before = office.books(), office.suspense()
    for command, line in REFUSED:
        with pytest.raises(InputProblem) as refused:
            command(office)
        assert str(refused.value) == line
    assert (office.books(), office.suspense()) == before
    assert office.faults() == []


def test_what_counts_from_long_ago_is_assigned_by_two(office: Office) -> None:
    from tradeline.lending.approvals.flows import Person, approve, enter
    from tradeline.lending.payments.suspense import assign_to_loan, propose_assignment
    from tradeline.lending.servicing.flows import Command

    late = Repayment(value_date=DAY, entered_on=DAY.replace(day=9), amount_minor=700)
    with pytest.raises(InputProblem, match="This action needs no second person"):
        propose_assignment(office.desk, item(), LOAN, "assign-1")
    office.on = DAY.replace(day=9)
    before = office.books(), office.suspense()
    with pytest.raises(InputProblem, match="This needs a second person, as a back-date"):
        assigned(office)
    propose_assignment(office.desk, item(), LOAN, "assign-1")
    office.on = DAY.replace(day=10)
    with pytest.raises(InputProblem, match="A proposal that is proposed cannot be carried out"):
        assign_to_loan(office.desk, item(), LOAN, "assign-1")
    assert (office.books(), office.suspense()) == before
    approve(office.tenant, "assign-1", Person("bo"), NOW)
    with pytest.raises(InputProblem) as refused:
        enter(Command(office.tenant, LOAN, "k", NOW), late, "assign-1")
    assert str(refused.value) == (
        "error: proposal assign-1: To enter it is not all of it. Carry it out by `tradeline "
        "payments assign --proposal`."
    )
    first = assign_to_loan(office.desk, item(), LOAN, "assign-1")
    assert assign_to_loan(office.desk, item(), LOAN, "assign-1") == first
    assert office.suspense() == []
    assert office.faults() == []


def test_one_person_alone_sends_nothing_back(office: Office) -> None:
    from tradeline.lending.approvals.flows import Person, approve, enter
    from tradeline.lending.payments.suspense import propose_return, send_back
    from tradeline.lending.servicing.flows import Command

    def refused(instruction: Instruction, proposal: str | None = None) -> str:
        with pytest.raises(InputProblem) as refusal:
            send_back(office.desk, item(), instruction, proposal)
        return str(refusal.value)

    assert refused(back()) == (
        "error: approval: This needs a second person, as a return of money. Propose it, and have "
        "another person approve it."
    )
    before = office.books(), office.suspense()
    told = propose_return(office.desk, item(), back(), "return-1")
    assert told["stakes"] == [{"kind": "return of money", "size": 700}]
    with pytest.raises(InputProblem, match="ana proposed this and cannot approve it"):
        approve(office.tenant, "return-1", Person("ana"), NOW)
    assert "A proposal that is proposed cannot be carried out" in refused(back(), "return-1")
    approve(office.tenant, "return-1", Person("bo"), NOW)
    other = "This is not the action that was proposed"
    assert other in refused(back("back-2"), "return-1")
    assert other in refused(replace(back(), creditor=FIRM), "return-1")
    with pytest.raises(
        InputProblem, match="Carry it out by `tradeline payments return --proposal`"
    ):
        enter(Command(office.tenant, f"movement {OWN.number} {CAME}", "k", NOW),
              SendBack(value_date=DAY, entered_on=DAY, payment="back-1", amount_minor=700,
                       currency="CNY", creditor="Somebody", creditor_number=FIRM.number,
                       creditor_bank=""), "return-1")  # fmt: skip
    assert (office.books(), office.suspense()) == before
    office.on = NEXT.replace(day=9)
    send_back(office.desk, item(), replace(back(), on=office.on), "return-1")
    assert office.suspense() == []
    with pytest.raises(InputProblem, match="It does not wait in suspense"):
        propose_return(office.desk, item(), back("back-2"), "return-2")
    assert office.faults() == []


def test_money_that_went_out_is_no_repayment(office: Office) -> None:
    office.bank.receive(NEXT, -90, "Bank", "charges of January")
    office.take(office.statement(NEXT))
    with pytest.raises(InputProblem) as refused:
        assigned(office, reference="BK00000003")
    assert str(refused.value) == (
        "error: movement BK00000003: Money that went out cannot be assigned to a loan. Assign it "
        "to an account, such as one of claims on the bank."
    )
    with in_tenant(office.worker, office.tenant):
        open_accounts(office.worker, [Account("charges", "CNY", "expense")], NOW)
    to_account(office, "charges", reference="BK00000003")
    assert office.books()["charges"] == 90
    assert office.faults() == []
