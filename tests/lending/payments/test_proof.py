"""What does not clear is named: in transit, in clearing, at the bank, in suspense."""

from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.lending.payments.booked import DAY, LOAN, NOW, OWN, Office, pay
from tradeline.book.connection import in_tenant
from tradeline.lending.ledger.entry import transfer
from tradeline.lending.ledger.posting import post

BANK, SUSPENSE = f"bank {OWN.number}/CNY", "suspense/CNY"
CLEARING, TRANSIT = "clearing/CNY", "payments in transit/CNY"
REMEDY = "Find the first entry about it that differs; reverse it."
STRAY = [
    ("payment pay-1", TRANSIT, SUSPENSE, [
        "payment pay-1: 7 is in transit, 0 is right.",
        "suspense/CNY: -7 is booked, 0 waits."]),
    ("payment pay-2", CLEARING, BANK, [
        f"loan {LOAN}: 107 is in clearing, 100 is right.",
        f"account {OWN.number}: -1100007 is booked on it, -1100000 moved."]),
    ("payment pay-2", TRANSIT, CLEARING, [
        "payment pay-2: -93 is in transit, -100 is right.",
        f"loan {LOAN}: 93 is in clearing, 100 is right."]),
]  # fmt: skip


@pytest.mark.parametrize(("about", "debit", "credit", "lines"), STRAY)
def test_what_does_not_clear_is_named(
    lender: str, worker: psycopg.Connection, tmp_path: Path,
    about: str, debit: str, credit: str, lines: list[str],
) -> None:  # fmt: skip
    office = Office(lender, worker, tmp_path)
    office.open(LOAN)
    office.instruct(replace(pay("pay-1"), amount_minor=1_100_000))
    path = office.send()
    assert path
    office.submit(path)
    office.take(office.statement(DAY))
    office.instruct(replace(pay("pay-2"), amount_minor=100))
    assert office.faults() == []
    stray = transfer(
        "stray", DAY, "mistake", debit=debit, credit=credit, amount_minor=7, currency="CNY",
        about=about,
    )  # fmt: skip
    with in_tenant(worker, lender):
        post(worker, [stray], NOW)
    assert office.faults() == [f"error: {line} {REMEDY}" for line in lines]
