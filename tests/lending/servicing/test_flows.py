"""What is entered of a loan is saved, booked and told together; the books follow the fold."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.lending.conftest import opened_lender
from tests.lending.servicing.loans import (
    CONTRACT,
    LOAN,
    NOW,
    START,
    ask,
    day_ended,
    open_one,
    paid_out,
    repaid,
    taken_back,
)
from tradeline.book.connection import in_tenant, snapshot
from tradeline.book.outbox import events_after
from tradeline.kernel.findings import InputProblem
from tradeline.lending.ledger.accounts import close_through
from tradeline.lending.ledger.entry import transfer
from tradeline.lending.ledger.posting import post
from tradeline.lending.ledger.reading import booked_about, trial_balance
from tradeline.lending.ledger.sealing import seal
from tradeline.lending.ledger.verify import verify
from tradeline.lending.loan.contract import CustomInstalment
from tradeline.lending.loan.events import (
    Chargeback,
    ChargeOff,
    Event,
    InstalmentPayment,
    Payoff,
    Reamortisation,
)
from tradeline.lending.servicing.saved import loans_agree
from tradeline.lending.servicing.written import record_values

FEB, MAR, APR = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)
MAY = date(2026, 5, 1)
Worker = psycopg.Connection


def booked(worker: Worker, lender: str, loan: str = LOAN) -> dict[tuple[date, str], int]:
    with in_tenant(worker, lender):
        return booked_about(worker, loan)


def wrong(worker: Worker, lender: str) -> list[str]:
    """What verification finds, loans included."""
    with in_tenant(worker, lender):
        seal(worker)
    with snapshot(worker, lender):
        return [f.line() for f in verify(worker, further=[loans_agree]).findings]


def refusal(lender: str, key: str, event: Event, loan: str = LOAN) -> str:
    with pytest.raises(InputProblem) as refused:
        ask(lender, key, event, loan)
    return str(refused.value)


def test_a_loan_is_opened_paid_out_and_repaid(worker: Worker, lender: str) -> None:
    assert open_one(lender) == {"agreement": LOAN, "kind": "loan", "currency": "CNY"}
    out = ask(lender, "out", paid_out())
    assert (out["place"], out["status"], out["principal_open_minor"]) == (0, "active", 1_200_000)
    back = ask(lender, "back", repaid(106_619, FEB))
    assert back["principal_open_minor"] < 1_200_000
    assert len(back["entries"]) == 1
    found = booked(worker, lender)
    assert found[START, "loans receivable/CNY"] == 1_200_000
    assert found[FEB, "clearing/CNY"] == 106_619
    assert sum(found.values()) == 0
    assert wrong(worker, lender) == []


def test_what_is_told_goes_with_what_is_booked(worker: Worker, lender: str) -> None:
    open_one(lender)
    answer = ask(lender, "out", paid_out())
    assert wrong(worker, lender) == []
    with in_tenant(worker, lender):
        told = [(event.name, event.body) for event in events_after(worker, 0)]
    assert [name for name, _ in told] == [
        "lending.loan.opened", "ledger.posted", "lending.loan.disbursed",
    ]  # fmt: skip
    assert told[1][1] == {"entries": answer["entries"]}
    assert told[2][1] == answer


def test_a_key_asked_again_gives_the_first_answer(worker: Worker, lender: str) -> None:
    assert open_one(lender) == open_one(lender)
    first = ask(lender, "out", paid_out())
    assert ask(lender, "out", paid_out()) == first
    used = "error: key out: The key was used before, for something else."
    assert refusal(lender, "out", paid_out(5)).startswith(used)
    assert refusal(lender, "open loan_0001", paid_out(5)).startswith("error: key open loan_0001")
    assert booked(worker, lender)[START, "loans receivable/CNY"] == 1_200_000


def test_many_at_once_with_one_key_have_one_effect(worker: Worker, lender: str) -> None:
    open_one(lender)

    def client(number: int) -> dict[str, Any]:
        from django.db import connection

        try:
            return ask(lender, "out", paid_out())
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(client, range(8)))
    assert all(answer == answers[0] for answer in answers)
    assert wrong(worker, lender) == []


def test_many_at_once_pay_one_loan_back_together(worker: Worker, lender: str) -> None:
    open_one(lender)
    ask(lender, "out", paid_out())

    def client(number: int) -> int:
        from django.db import connection

        try:
            place: int = ask(lender, f"back {number}", repaid(10_000, FEB))["place"]
        finally:
            connection.close()
        return place

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(client, range(8))) == list(range(1, 9))
    assert booked(worker, lender)[FEB, "clearing/CNY"] == 80_000
    assert wrong(worker, lender) == []


def test_many_loans_of_a_lender_are_served_at_once(worker: Worker, lender: str) -> None:
    loans = [f"loan_{number}" for number in range(8)]
    for loan in loans:
        open_one(lender, loan)

    def client(loan: str) -> int:
        from django.db import connection

        try:
            ask(lender, f"out {loan}", paid_out(), loan)
            return int(ask(lender, f"back {loan}", repaid(90_000, FEB), loan)["place"])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(client, loans)) == [1] * 8
    assert wrong(worker, lender) == []


def as_booked(worker: Worker, *steps: Event) -> dict[tuple[date, str], int]:
    """What stands in the books after steps, of a lender of their own."""
    lender = opened_lender(worker)
    open_one(lender)
    for number, step in enumerate(steps):
        ask(lender, f"step {number}", step)
    assert wrong(worker, lender) == []
    return booked(worker, lender)


def test_a_payment_entered_late_is_booked_as_if_on_time(worker: Worker) -> None:
    first, second = repaid(106_619, FEB), repaid(106_619, MAR)
    late = replace(first, entered_on=MAR)
    on_time = as_booked(worker, paid_out(), first, second, day_ended(MAR))
    assert as_booked(worker, paid_out(), second, late, day_ended(MAR)) == on_time


def test_what_is_taken_back_leaves_the_books_as_if_it_had_never_been(worker: Worker) -> None:
    payments = [repaid(106_619, FEB), repaid(50_000, MAR)]
    without = as_booked(worker, paid_out(), payments[1])
    assert as_booked(worker, paid_out(), *payments, taken_back(1, MAR)) == without


def test_only_the_days_that_differ_are_corrected(worker: Worker, lender: str) -> None:
    open_one(lender)
    ask(lender, "out", paid_out())
    ask(lender, "march", repaid(106_619, MAR))
    late = ask(lender, "february", repaid(106_619, FEB, entered=MAR))
    with in_tenant(worker, lender):
        rows = worker.execute(
            "SELECT value_date, kind FROM ledger_entry WHERE id = ANY(%s) ORDER BY value_date",
            [late["entries"]],
        ).fetchall()
    assert rows == [(FEB, "Repayment"), (MAR, "Correction")]


def test_a_late_entry_is_valued_on_its_day_and_booked_in_the_open_period(
    worker: Worker, lender: str
) -> None:
    open_one(lender)
    ask(lender, "out", paid_out())
    with in_tenant(worker, lender):
        close_through(worker, FEB)
        closed = trial_balance(worker, FEB)
    ask(lender, "late", repaid(106_619, FEB, entered=MAR))
    with in_tenant(worker, lender):
        assert trial_balance(worker, FEB) == closed
    assert booked(worker, lender)[FEB, "clearing/CNY"] == 106_619
    assert wrong(worker, lender) == []


def test_a_loan_repaid_after_a_charge_off_and_a_chargeback_leaves_no_receivable(
    worker: Worker, lender: str
) -> None:
    open_one(lender, annual_rate=Fraction(0))
    for key, event in (
        ("out", paid_out()),
        ("paid", repaid(100_000, FEB)),
        ("lost", ChargeOff(value_date=MAR, entered_on=MAR)),
        ("back", Chargeback(value_date=APR, entered_on=APR, amount_minor=100_000)),
    ):
        ask(lender, key, event)
    assert ask(lender, "all", repaid(1_200_000, APR))["status"] == "closed"
    assert sum(amount for (_, code), amount in booked(worker, lender).items()
               if code == "loans receivable/CNY") == 0  # fmt: skip
    assert wrong(worker, lender) == []


def test_what_fails_leaves_nothing(
    worker: Worker, lender: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradeline.lending.servicing import flows

    open_one(lender)

    def fails(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(flows, "record", fails)
    with pytest.raises(RuntimeError):
        ask(lender, "out", paid_out())
    monkeypatch.undo()
    assert booked(worker, lender) == {}
    assert ask(lender, "out", paid_out())["place"] == 0


WRONG = [
    (paid_out(1_200_001), "error: loan loan_0001: 2400001 minor units would be paid out of 1200000 "
     "approved. Pay out less, or agree on a new contract."),
    (repaid(-5, FEB), "error: loan: event 2: an amount of -5 is none. State an amount above zero; "
     "take a mistake back by a reversal."),
    (repaid(5, date(2025, 12, 31), START), "error: loan: event 2 counts from 2025-12-31, before "
     "the contract of 2026-01-01. Correct the day."),
    (repaid(5, MAR, FEB), "error: loan loan_0001: It would count from 2026-03-01, after the day it "
     "is entered on, 2026-02-01. Enter it when it has happened."),
    (repaid(5, START - timedelta(1)), "error: loan loan_0001: It is entered on 2025-12-31, but "
     "something was entered on 2026-01-01 already. State the day of entry as it is; the value date "
     "may lie before."),
    (taken_back(7, FEB), "error: loan: event 2 takes back an event that was not entered before it. "
     "Name an earlier one."),
]  # fmt: skip


@pytest.mark.parametrize(("event", "line"), WRONG)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    worker: Worker, lender: str, event: Event, line: str
) -> None:
    open_one(lender)
    ask(lender, "out", paid_out())
    before = booked(worker, lender)
    assert refusal(lender, "wrong", event) == line
    assert booked(worker, lender) == before
    assert wrong(worker, lender) == []


def test_a_loan_that_is_not_there_or_not_paid_out_is_told(lender: str) -> None:
    assert refusal(lender, "k", paid_out()) == (
        "error: agreement loan_0001: There is no such agreement. Check its id."
    )
    open_one(lender)
    assert refusal(lender, "k", repaid(5, FEB)) == (
        "error: loan loan_0001: Nothing was paid out yet. Enter the disbursement first."
    )


def test_a_loan_with_instalments_agreed_one_by_one_is_served_as_others(
    worker: Worker, lender: str
) -> None:
    agreed = (CustomInstalment(MAR, 400_000), CustomInstalment(APR, 10_000), CustomInstalment(MAY))
    terms: dict[str, Any] = {"instalments": 3, "custom": agreed}
    with pytest.raises(InputProblem) as refused:
        open_one(lender, **(terms | {"custom": (CustomInstalment(MAR, 9_000), *agreed[1:])}))
    assert str(refused.value) == (
        "error: loan: The instalment of 2026-03-01 is agreed as 9000, and comes to 24000. Agree on "
        "no less than its interest, and no more than what is left."
    )
    open_one(lender, **terms)
    ask(lender, "out", paid_out())
    ask(lender, "march", repaid(400_000, MAR))
    ask(lender, "more", repaid(600_000, MAR))
    assert ask(lender, "back", taken_back(2, APR))["status"] == "active"
    assert wrong(worker, lender) == []
    ask(lender, "april", Reamortisation(value_date=APR, entered_on=APR))
    done = ask(lender, "off", Payoff(value_date=APR, entered_on=APR))
    assert (done["status"], done["principal_open_minor"]) == ("closed", 0)
    assert wrong(worker, lender) == []


def test_a_contract_is_saved_once_and_as_it_is(lender: str) -> None:
    from tradeline.lending.servicing.flows import Command, open_agreement

    open_one(lender)
    for loan, key, contract, line in (
        (LOAN, "again", CONTRACT, "error: loan loan_0001: There is such a loan already. Take a new "
         "id; a contract is never changed."),
        ("0002", "k", CONTRACT, "error: loan: '0002' is no loan's. Begin with loan_."),
        ("loan_2", "k", replace(CONTRACT, annual_rate=Fraction(-1)),
         "error: loan: The rate is below zero. State a rate from 0 on."),
    ):  # fmt: skip
        with pytest.raises(InputProblem) as refused:
            open_agreement(Command(lender, loan, key, NOW), contract)
        assert str(refused.value) == line


def test_another_lender_sees_no_loan(worker: Worker, lender: str) -> None:
    open_one(lender)
    other = opened_lender(worker)
    assert "There is no such agreement" in refusal(other, "k", paid_out())
    open_one(other)
    for table in ("servicing_agreement", "servicing_event"):
        for tenant, rows in ((lender, 1), ("stranger", 0), (None, 0)):
            with in_tenant(worker, tenant):
                found = worker.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
            assert found == (rows if table == "servicing_agreement" else 0,)


def test_a_loan_that_does_not_add_up_is_named(worker: Worker, lender: str) -> None:
    open_one(lender)
    ask(lender, "out", paid_out())
    stray = InstalmentPayment(
        value_date=FEB, entered_on=FEB, due=FEB, principal_minor=5_000_000, interest_minor=0
    )
    with in_tenant(worker, lender):
        worker.execute(
            "INSERT INTO servicing_event (tenant, agreement, place, kind, body, recorded_at) "
            "VALUES (%s, %s, 1, 'InstalmentPayment', %s, %s)",
            [lender, LOAN, Jsonb(record_values(stray)), NOW],
        )
    assert wrong(worker, lender)[0] == (
        "error: agreement loan_0001: Its instalments come to 5000000 of principal, "
        "1200000 was lent. Keep its contract and events, and report them."
    )


def test_loans_whose_books_differ_are_named(worker: Worker, lender: str) -> None:
    open_one(lender)
    ask(lender, "out", paid_out())
    stray = transfer(
        "stray", FEB, "mistake", debit="loans receivable/CNY", credit="clearing/CNY",
        amount_minor=7, currency="CNY", about=LOAN,
    )  # fmt: skip
    unknown = replace(stray, key="unknown", about="loan_9999")
    with in_tenant(worker, lender):
        post(worker, [stray, unknown], NOW)
    remedy = "Find the first entry about it that differs; enter what is missing."
    assert wrong(worker, lender) == [
        f"error: agreement {line} {remedy}"
        for line in (
            "loan_0001: The books hold 1200007 of principal, it owes 1200000.",
            "loan_0001: On 2026-02-01 -7 is booked on clearing/CNY, 0 is right.",
            "loan_0001: On 2026-02-01 7 is booked on loans receivable/CNY, 0 is right.",
            "loan_9999: Entries are booked about it, and there is no such agreement.",
        )
    ]
