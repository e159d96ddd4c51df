"""A loan that is serviced by flows and one of a portfolio that states so have the same books.

They may stand in one ledger, under one name.
"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from tests.lending.conftest import opened_lender
from tests.lending.end_of_day.written import event_texts, loan_texts
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
)
from tests.lending.servicing.test_flows import wrong
from tradeline.book.connection import in_tenant
from tradeline.lending.end_of_day.folder import Landed, land
from tradeline.lending.end_of_day.journal_book import JournalBook
from tradeline.lending.end_of_day.journals import Batch, Entry
from tradeline.lending.end_of_day.run import run
from tradeline.lending.ledger.reading import trial_balance
from tradeline.lending.ledger.sealing import seal
from tradeline.lending.loan.contract import Contract, Family, InterestMethod
from tradeline.lending.loan.events import Event

FIRST, LAST = 28, 42
COMPARED = (FIRST, 30, 31, 32, 33, 39, 40, LAST)
# What a portfolio states so that it books what servicing does, by the family of schedules.
KINDS = {
    "declining": (CONTRACT, "when due"),
    "flat": (replace(CONTRACT, interest=InterestMethod.FLAT, recalculation=None), "when due"),
    "progressive": (replace(CONTRACT, family=Family.PROGRESSIVE), "daily"),
}


def events() -> list[Event]:
    """Paid out, paid too little and late, then paid ahead."""
    late, ahead = (START + timedelta(days=after) for after in (32, 40))
    return [paid_out(), repaid(60_000, late), repaid(300_000, ahead)]


def of_servicing(worker: psycopg.Connection, contract: Contract) -> str:
    """A lender that services a loan; days are ended where that books what they earned."""
    lender = opened_lender(worker)
    open_one(lender, **{name: getattr(contract, name) for name in contract.__slots__})
    daily = contract.family is Family.PROGRESSIVE
    ended = [day_ended(START + timedelta(days=after))
             for after in range(1 if daily else LAST + 1, LAST + 2)]  # fmt: skip
    entered = sorted([*events(), *ended], key=lambda event: event.entered_on)
    for number, event in enumerate(entered):
        ask(lender, f"event {number}", event)
    return lender


def of_portfolio(worker: psycopg.Connection, contract: Contract, accrual: str, root: Path) -> str:
    """A lender whose portfolio holds the loan, its days ended one by one."""
    lender = opened_lender(worker)
    texts = loan_texts(LOAN, contract, lender) | {"accrual": accrual}
    land(root, [Landed(texts, [event_texts(*pair) for pair in enumerate(events())])])
    for after in (FIRST, LAST):
        run(root, START + timedelta(days=after), journal=JournalBook(worker, NOW))
    return lender


def books(worker: psycopg.Connection, lender: str, day: date) -> dict[str, int]:
    """What is on each account of the chart as valued on a day, provisions left out."""
    with in_tenant(worker, lender):
        found = {code.split("/")[-2]: amount for code, amount in trial_balance(worker, day).items()}
    return {account: amount for account, amount in found.items()
            if amount and account not in ("loss allowance", "provision expense")}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "declining",
        pytest.param("flat", marks=pytest.mark.long),
        pytest.param("progressive", marks=pytest.mark.long),
    ],
)
def test_the_books_agree_at_the_end_of_every_day(
    worker: psycopg.Connection, tmp_path: Path, name: str
) -> None:
    contract, accrual = KINDS[name]
    serviced = of_servicing(worker, contract)
    kept = of_portfolio(worker, contract, accrual, tmp_path)
    for lender in (serviced, kept):
        with in_tenant(worker, lender):
            seal(worker)
    for after in COMPARED:
        day = START + timedelta(days=after)
        assert books(worker, serviced, day) == books(worker, kept, day), day
    assert books(worker, kept, day)["interest income"] < 0


def test_a_loan_of_a_portfolio_is_not_taken_for_a_serviced_one(
    worker: psycopg.Connection, lender: str
) -> None:
    open_one(lender)
    ask(lender, "out", paid_out())
    lent = (("clearing", -500), ("loans receivable", 500))
    entries = tuple(Entry("loan_fast", lender, "CNY", name, lent)
                    for name in (LOAN, "loan_0002", ""))  # fmt: skip
    JournalBook(worker, NOW).post(Batch("end-of-day/1", START, "loans", entries))
    assert wrong(worker, lender) == []
