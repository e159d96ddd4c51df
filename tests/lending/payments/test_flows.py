"""Money moves through the bank's files, and the books follow: nothing is lost, nothing doubled."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.lending.payments.booked import AMOUNT, DAY, LOAN, NEXT, OWN, SURE, Office, pay
from tradeline.kernel.findings import InputProblem

BANK = f"bank {OWN.number}/CNY"
LENT, CLEARING = "loans receivable/CNY", "clearing/CNY"
TRANSIT, SUSPENSE = "payments in transit/CNY", "suspense/CNY"


@pytest.fixture
def office(lender: str, worker: psycopg.Connection, tmp_path: Path) -> Office:
    found = Office(lender, worker, tmp_path)
    found.open(LOAN)
    return found


def test_a_loan_is_active_when_its_payment_settles_and_not_before(office: Office) -> None:
    answer = office.instruct(pay())
    assert answer["reference"] == "RF44LOAN0001"
    assert office.books() == {CLEARING: AMOUNT, TRANSIT: -AMOUNT}
    path = office.send()
    assert path
    office.take_report(office.submit(path))
    assert (office.payment("pay-1"), office.loan()) == ("accepted", "approved")
    assert office.faults() == []
    assert office.take(office.statement(DAY))["settled"] == 1
    assert (office.payment("pay-1"), office.loan()) == ("settled", "active")
    assert office.books() == {LENT: AMOUNT, BANK: -AMOUNT}
    assert office.faults() == []


def test_what_the_bank_rejects_goes_back_and_may_be_paid_anew(office: Office) -> None:
    office.bank.chances = replace(SURE, rejects=1)
    office.paid_out("pay-1")
    assert (office.payment("pay-1"), office.loan()) == ("rejected", "approved")
    assert office.books() == {}
    office.instruct(pay("pay-2"))
    assert office.books() == {CLEARING: AMOUNT, TRANSIT: -AMOUNT}
    assert office.faults() == []


def test_a_payment_that_comes_back_leaves_the_loan_as_it_was(office: Office) -> None:
    office.bank.chances = replace(SURE, returns=1)
    office.paid_out("pay-1")
    office.take(office.statement(DAY))
    assert office.loan() == "active"
    for day in (day_after(number) for number in range(1, 6)):
        office.on = day
        office.take(office.statement(day))
    assert (office.payment("pay-1"), office.loan()) == ("returned", "approved")
    assert office.books() == {}
    assert office.faults() == []
    office.instruct(pay("pay-2", on=office.on))


def test_a_receipt_that_names_its_loan_is_a_repayment_from_its_value_date(office: Office) -> None:
    office.paid_out("pay-1")
    office.take(office.statement(DAY))
    office.bank.receive(NEXT, 100_000, "Firm", "January RF44 LOAN 0001")
    office.bank.receive(NEXT, 5_000, "Firm", f"rest of {LOAN}")
    office.on = NEXT
    assert office.take(office.statement(NEXT))["received"] == 2
    assert office.books()[LENT] < AMOUNT
    assert office.books()[BANK] == 105_000 - AMOUNT
    assert office.faults() == []


def test_a_statement_that_comes_again_changes_nothing(office: Office) -> None:
    office.paid_out("pay-1")
    office.bank.receive(DAY, 700, "Somebody", "thanks")
    path = office.statement(DAY)
    first, books = office.take(path), office.books()
    assert office.take(path) == first
    anew = office.folder / "anew.xml"
    anew.write_bytes(path.read_bytes().replace(b"CreDtTm>2026-01-05", b"CreDtTm>2026-01-07"))
    assert office.take(anew) | {"file": ""} == first | {"file": ""}
    assert office.books() == books
    assert len(office.suspense()) == 1
    assert office.faults() == []


def test_a_statement_taken_by_many_at_once_is_taken_once(office: Office) -> None:
    office.paid_out("pay-1")
    office.bank.receive(DAY, 700, "Somebody", "thanks")
    office.bank.receive(DAY, 5_000, "Firm", LOAN)
    path = office.statement(DAY)

    def client(_: int) -> dict[str, Any]:
        from django.db import connection

        try:
            return office.take(path)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(client, range(4)))
    assert all(answer == answers[0] for answer in answers)
    assert (answers[0]["settled"], answers[0]["received"], answers[0]["suspended"]) == (1, 1, 1)
    assert office.books()[BANK] == 5_700 - AMOUNT
    assert office.faults() == []


def test_a_debit_of_what_was_rejected_waits_in_suspense(office: Office) -> None:
    office.bank.chances = replace(SURE, rejects=1)
    office.paid_out("pay-1")
    office.bank.receive(DAY, -AMOUNT, "Firm", "pay-1")
    assert office.take(office.statement(DAY))["suspended"] == 1
    assert office.suspense() == [("BK00000001", -AMOUNT, "rejected before")]
    assert (office.loan(), office.payment("pay-1")) == ("approved", "rejected")
    assert office.faults() == []


def test_a_second_debit_waits_in_suspense_and_pays_no_loan_twice(office: Office) -> None:
    office.bank.chances = replace(SURE, doubles=1)
    office.paid_out("pay-1")
    assert office.take(office.statement(DAY))["suspended"] == 1
    assert office.suspense() == [("BK00000002", -AMOUNT, "settled before")]
    assert office.books() == {LENT: AMOUNT, SUSPENSE: AMOUNT, BANK: -2 * AMOUNT}
    office.bank.receive(NEXT, AMOUNT, "Bank", "correction of pay-1")
    office.on = NEXT
    office.take(office.statement(NEXT))
    assert office.suspense()[1] == ("BK00000003", AMOUNT, "return or correction")
    assert (office.loan(), office.payment("pay-1")) == ("active", "settled")
    assert office.faults() == []


def test_what_a_loan_refuses_waits_in_suspense(office: Office, lender: str) -> None:
    office.bank.receive(DAY, 5_000, "Firm", LOAN)
    assert office.take(office.statement(DAY))["suspended"] == 1
    assert office.suspense() == [("BK00000001", 5_000, "refused")]
    assert office.faults() == []


def test_each_payment_is_in_one_file_once(office: Office) -> None:
    from tradeline.lending.payments.flows import send, written

    assert office.send() is None
    office.instruct(pay("pay-1", 400_000))
    first = send(office.desk, OWN.number, "msg-1")
    assert first
    assert first.payments == ("pay-1",)
    office.instruct(pay("pay-2", 300_000))
    # A kill before the file was written: the same file again, whatever it is to be called.
    assert send(office.desk, OWN.number, "msg-2") == first
    written(office.desk, "msg-1")
    written(office.desk, "msg-1")
    second = send(office.desk, OWN.number, "msg-2")
    assert second
    assert second.payments == ("pay-2",)
    written(office.desk, "msg-2")
    assert office.send("msg-3") is None
    office.instruct(pay("pay-3", 300_000))
    with pytest.raises(InputProblem, match="A file of this name was sent already"):
        send(office.desk, OWN.number, "msg-2")


def test_what_is_asked_again_has_the_first_answer(office: Office) -> None:
    answer = office.instruct(pay())
    assert office.instruct(pay()) == answer
    assert office.books() == {CLEARING: AMOUNT, TRANSIT: -AMOUNT}
    with pytest.raises(InputProblem, match="The key was used before, for something else"):
        office.instruct(pay(amount=5))


def day_after(number: int) -> date:
    return DAY + timedelta(number)


WRONG = [
    ({"id": "pay 1"}, "error: payment pay 1: The id 'pay 1' does not travel through banks. Use up "
     "to 35 letters, digits and hyphens."),
    ({"currency": "EUR"}, "error: payment pay-1: It is in EUR, the account in CNY, what it is for "
     "in CNY. Pay in one currency, from an account of it."),
    ({"amount_minor": AMOUNT + 1}, "error: loan loan_0001: 1200001 minor units would be paid out "
     "of 1200000 approved. Pay out less, or agree on a new contract."),
    ({"account": "DE00"}, "error: account DE00: This is no account of the lender. Name one of its "
     "own, or open it with `tradeline payments open`."),
    ({"loan": "loan_9"}, "error: agreement loan_9: There is no such agreement. Check its id."),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "line"), WRONG)
def test_a_payment_that_cannot_be_is_refused_and_nothing_is_booked(
    office: Office, changes: dict[str, Any], line: str
) -> None:
    from tradeline.lending.payments.flows import instruct

    account, loan = changes.pop("account", OWN.number), changes.pop("loan", LOAN)
    with pytest.raises(InputProblem) as refused:
        instruct(office.desk, account, loan, replace(pay(), **changes))
    assert str(refused.value) == line
    assert office.books() == {}


def test_what_is_on_its_way_counts_against_what_is_approved(office: Office) -> None:
    office.instruct(pay("pay-1", 800_000))
    with pytest.raises(InputProblem, match="1300000 minor units would be paid out of 1200000"):
        office.instruct(pay("pay-2", 500_000))
    assert office.books() == {CLEARING: 800_000, TRANSIT: -800_000}


def test_an_account_is_opened_once_and_as_it_is(office: Office) -> None:
    from tradeline.lending.payments.flows import open_account

    assert open_account(office.desk, OWN, "CNY") == {"account": OWN.number, "currency": "CNY"}
    with pytest.raises(InputProblem, match="The key was used before, for something else"):
        open_account(office.desk, OWN, "EUR")
    with pytest.raises(InputProblem, match="It needs a number, a holder, and a currency"):
        open_account(office.desk, replace(OWN, number="1", holder=" "), "CNY")
