"""Lenders share an agreement of any kind: every posting is one lender's, and all are the whole."""

from collections import Counter
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.lending.conftest import opened_lender
from tests.lending.payments.booked import LOAN as PAID
from tests.lending.payments.booked import OWN, Office
from tests.lending.servicing.lives import APR, FEB, LIVES, LOAN, MAR, Life, opened
from tests.lending.servicing.loans import NOW, START, ask, at, repaid
from tests.lending.servicing.test_flows import booked, wrong
from tradeline.book.connection import in_tenant
from tradeline.kernel.findings import InputProblem
from tradeline.lending.bookings.chart import AMONG_LENDERS
from tradeline.lending.ledger.entry import transfer
from tradeline.lending.ledger.lenders import lender_of
from tradeline.lending.ledger.posting import post
from tradeline.lending.loan.events import WriteOff
from tradeline.lending.participation.agreement import Agreement, FirstLoss, Sale, Servicing

Worker = psycopg.Connection
SHARED = Agreement(
    (("bank", Fraction(4, 7)), ("fund", Fraction(3, 7))),
    Servicing("platform", Fraction(1, 20)),
    FirstLoss("platform", 100_000),
)


def sold(lender: str, key: str, sale: Sale, name: str = LOAN.name) -> dict[str, Any]:
    from tradeline.lending.servicing.flows import Command, sell

    return dict(sell(Command(lender, name, key, NOW), sale))


def by_account(found: dict[tuple[date, str], int], *, lender: str | None = None) -> Counter[str]:
    """Sums by account of the chart, of one lender or of all together."""
    sums = Counter[str]()
    for (_, code), amount in found.items():
        if lender is None or lender_of(code) == lender:
            sums[code.partition("@")[0]] += amount
    return Counter({account: amount for account, amount in sums.items() if amount})


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_the_parts_of_lenders_are_the_whole(worker: Worker, lender: str, life: Life) -> None:
    alone = opened_lender(worker)
    opened(alone, life)
    opened(lender, life, lenders=SHARED)
    half = Sale(life.events[2].entered_on, "bank", "trust", Fraction(1, 2), 1_000)
    for number, event in enumerate(life.events):
        ask(alone, f"step {number}", event, life.name)
        ask(lender, f"step {number}", event, life.name)
        if number == 2:
            sold(lender, "sold", half, life.name)
    found = booked(worker, lender, life.name)
    assert by_account(found) == by_account(booked(worker, alone, life.name))
    of_day = Counter[tuple[date, str]]()
    for (day, code), amount in found.items():
        assert lender_of(code) in {"", "bank", "fund", "platform", "trust"}
        of_day[day, lender_of(code)] += amount
    assert not any(of_day.values())
    assert by_account(found, lender="trust")
    assert wrong(worker, lender) == wrong(worker, alone) == []


def test_parts_that_are_not_the_whole_are_named(worker: Worker, lender: str) -> None:
    opened(lender, LOAN, lenders=SHARED)
    ask(lender, "out", LOAN.events[0], LOAN.name)
    stray = transfer(
        "stray", FEB, "mistake", debit="loans receivable/CNY@bank", credit="overpayments/CNY@bank",
        amount_minor=7, currency="CNY", about=LOAN.name,
    )  # fmt: skip
    with in_tenant(worker, lender):
        post(worker, [stray], NOW)
    found = wrong(worker, lender)
    remedy = "Find the first entry about it that differs; enter what is missing."
    assert found[-2:] == [
        f"error: agreement {LOAN.name}: On {FEB} the lenders' parts of {line} {remedy}"
        for line in (
            "loans receivable/CNY come to 7, the whole is 0.",
            "overpayments/CNY come to -7, the whole is 0.",
        )
    ]
    assert len(found) == 5  # and the principal, and both accounts of the bank


def test_a_loan_that_is_paid_back_leaves_no_lender_a_cent(worker: Worker, lender: str) -> None:
    opened(lender, LOAN, lenders=SHARED)
    for number, event in enumerate(LOAN.events):
        ask(lender, f"step {number}", event, LOAN.name)
    sold(lender, "sold", Sale(MAR, "fund", "trust", Fraction(1), 400_000), LOAN.name)
    last = ask(lender, "rest", repaid(1_100_000, APR), LOAN.name)
    assert last["principal_open_minor"] == 0
    found = booked(worker, lender, LOAN.name)
    for party in ("bank", "fund", "trust", "platform"):
        assert "loans receivable/CNY" not in by_account(found, lender=party)
    assert by_account(found, lender="platform")["servicing fees/CNY"] < 0
    assert by_account(found, lender="fund")["sales of shares/CNY"] != 0
    assert wrong(worker, lender) == []


def test_the_guarantor_bears_the_first_loss(worker: Worker, lender: str) -> None:
    opened(lender, LOAN, lenders=SHARED)
    ask(lender, "out", LOAN.events[0], LOAN.name)
    ask(lender, "lost", at(WriteOff, MAR), LOAN.name)
    found = booked(worker, lender, LOAN.name)
    assert by_account(found, lender="platform") == {
        "first-loss guarantees/CNY": 100_000, "settlements with lenders/CNY": -100_000
    }  # fmt: skip
    assert by_account(found, lender="bank")["first-loss guarantees/CNY"] == -57_143
    assert by_account(found, lender="fund")["credit loss/CNY"] == 514_286
    assert wrong(worker, lender) == []


def test_a_payment_entered_late_is_shared_as_if_on_time(worker: Worker, lender: str) -> None:
    other = opened_lender(worker)
    first, second = repaid(106_619, FEB), repaid(106_619, MAR)
    late = replace(first, entered_on=MAR)
    for who, events in ((lender, [first, second]), (other, [second, late])):
        opened(who, LOAN, lenders=SHARED)
        ask(who, "out", LOAN.events[0], LOAN.name)
        sold(who, "sold", Sale(START, "bank", "trust", Fraction(1, 3), 228_571), LOAN.name)
        for number, event in enumerate(events):
            ask(who, f"step {number}", event, LOAN.name)
    assert booked(worker, lender, LOAN.name) == booked(worker, other, LOAN.name)
    assert wrong(worker, other) == []


def test_a_sale_takes_effect_once_and_is_told(worker: Worker, lender: str) -> None:
    from tradeline.book.outbox import events_after

    opened(lender, LOAN, lenders=SHARED)
    ask(lender, "out", LOAN.events[0], LOAN.name)
    sale = Sale(START, "bank", "trust", Fraction(1, 2), 342_857)
    first = sold(lender, "sold", sale)
    assert sold(lender, "sold", sale) == first
    assert (first["place"], len(first["entries"])) == (0, 1)
    with pytest.raises(InputProblem, match="The key was used before"):
        sold(lender, "sold", replace(sale, price_minor=5))
    assert wrong(worker, lender) == []
    with in_tenant(worker, lender):
        told = [event.name for event in events_after(worker, 0)]
    assert told[-1] == "lending.loan.share_sold"


WRONG = [
    (Sale(START, "trust", "fund", Fraction(1), 5), "error: participation on 2026-01-01: trust "
     "cannot sell 1 of its share to fund. A lender that holds a share sells a portion above 0 and "
     "up to 1 to another."),
    (Sale(START, "bank", "fund", Fraction(1), -5), "error: sale: A price of -5 is none. State what "
     "the buyer pays, from 0 on."),
    (Sale(MAR, "bank", "fund", Fraction(1), 5), "error: sale: It would count from 2026-03-01, not "
     "from 2026-01-01 to 2026-01-01. Correct the day; enter a sale when it has happened."),
    (Sale(START, "bank", "a@b", Fraction(1), 5), "error: lenders: 'a@b' names no lender. Take a "
     "name of printable characters without '@'."),
]  # fmt: skip


@pytest.mark.parametrize(("sale", "line"), WRONG)
def test_a_sale_that_cannot_be_is_refused_and_changes_nothing(
    worker: Worker, lender: str, sale: Sale, line: str
) -> None:
    opened(lender, LOAN, lenders=SHARED)
    ask(lender, "out", LOAN.events[0], LOAN.name)
    before = booked(worker, lender, LOAN.name)
    with pytest.raises(InputProblem) as refused:
        sold(lender, "sold", sale)
    assert str(refused.value) == line
    assert booked(worker, lender, LOAN.name) == before
    assert wrong(worker, lender) == []


def test_shares_that_make_no_whole_and_agreements_of_one_lender_are_refused(lender: str) -> None:
    with pytest.raises(InputProblem, match="add up to 4/7"):
        opened(lender, LOAN, lenders=Agreement((("bank", Fraction(4, 7)),)))
    opened(lender, LOAN)
    with pytest.raises(InputProblem) as refused:
        sold(lender, "sold", Sale(START, "bank", "fund", Fraction(1), 5))
    assert str(refused.value) == (
        "error: loan loan_1: No lenders share it. Name its lenders when it is opened."
    )


def test_what_they_owe_each_other_is_on_no_account_of_a_single_lender(
    worker: Worker, lender: str
) -> None:
    opened(lender, LOAN)
    with in_tenant(worker, lender):
        rows = worker.execute("SELECT code FROM ledger_account").fetchall()
    assert not {code for (code,) in rows} & {f"{account}/CNY" for account in AMONG_LENDERS}


def test_a_shared_loan_is_paid_out_and_back_through_a_bank(
    worker: Worker, lender: str, tmp_path: Path
) -> None:
    from tradeline.lending.payments.flows import open_account

    office = Office(lender, worker, tmp_path)
    open_account(office.desk, OWN, "CNY")
    opened(lender, replace(LOAN, name=PAID), lenders=SHARED)
    office.paid_out("pay-1")
    office.take(office.statement(office.on))
    assert office.loan(PAID) == "active"
    assert office.books()["settlements with lenders/CNY"] == 1_200_000
    assert office.faults() == []
