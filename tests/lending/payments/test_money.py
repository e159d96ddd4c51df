"""What moves is the right event of each kind of agreement, out, in and back."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.lending.payments.booked import DAY, NOW, SURE, Office, pay
from tests.lending.servicing.lives import (
    ADVANCE,
    LINE,
    LOAN,
    ORDER,
    RECEIVABLE,
    Life,
    opened,
)
from tests.lending.servicing.loans import at
from tradeline.book.connection import in_tenant
from tradeline.lending.orders.events import MilestoneReached
from tradeline.lending.payments.references import creditor_reference

KINDS = [
    (LOAN, 1_200_000, ["Disbursement", "Repayment"], "Reversal"),
    (ADVANCE, 900_000, ["Disbursement", "Repayment"], "Reversal"),
    (LINE, 600_000, ["DrawRequest", "DrawSettlement", "Repayment"], "DrawReturn"),
    (RECEIVABLE, 8_000_000, ["Advance", "BuyerPayment"], "Reversal"),
    (ORDER, 3_600_000, ["MilestoneReached", "OrderDraw", "OrderPayment"], "Reversal"),
]
each_kind = pytest.mark.parametrize(
    ("life", "amount", "events", "back"), KINDS, ids=[life.name for life, *_ in KINDS]
)


@pytest.fixture
def office(lender: str, worker: psycopg.Connection, tmp_path: Path) -> Office:
    found = Office(lender, worker, tmp_path)
    found.open()
    return found


def instructed(office: Office, life: Life, amount: int) -> None:
    from tradeline.lending.servicing.flows import Command, enter

    opened(office.tenant, life)
    if life is ORDER:
        reached = at(MilestoneReached, DAY, name="material")
        enter(Command(office.tenant, life.name, "material", NOW), reached)
    office.instruct(pay(amount=amount), life.name)
    path = office.send()
    assert path
    office.take_report(office.submit(path))


def happened(office: Office) -> list[str]:
    with in_tenant(office.worker, office.tenant):
        rows = office.worker.execute("SELECT kind FROM servicing_event ORDER BY place")
        return [kind for (kind,) in rows]


def standing(office: Office, name: str) -> dict[str, Any]:
    from tradeline.lending.servicing.saved import read_saved

    with in_tenant(office.worker, office.tenant):
        saved = read_saved(office.worker, name)
        return dict(saved.kind.standing(saved.state()))


@each_kind
def test_money_out_and_in(
    office: Office, life: Life, amount: int, events: list[str], back: str
) -> None:
    instructed(office, life, amount)
    office.bank.receive(DAY, 1_000, "Firm", f"for {creditor_reference(life.name)}")
    taken = office.take(office.statement(DAY))
    assert (taken["settled"], taken["received"]) == (1, 1), office.suspense()
    assert happened(office) == events
    assert "clearing/CNY" not in office.books()
    assert office.faults() == []


@each_kind
def test_money_that_comes_back(
    office: Office, life: Life, amount: int, events: list[str], back: str
) -> None:
    office.bank.chances = replace(SURE, returns=1)
    instructed(office, life, amount)
    before = happened(office)
    for number in range(6):
        office.on = DAY + timedelta(number)
        office.take(office.statement(office.on))
    assert happened(office) == [*before, events[-2], back]
    assert office.books() == {}
    assert office.faults() == []


def test_a_draw_is_held_until_the_bank_rejects_it(office: Office) -> None:
    office.bank.chances = replace(SURE, rejects=1)
    opened(office.tenant, LINE)
    office.instruct(pay(amount=600_000), LINE.name)
    assert standing(office, LINE.name)["held_minor"] == 600_000
    path = office.send()
    assert path
    report = office.submit(path)
    office.take_report(report)
    office.take_report(report)
    assert standing(office, LINE.name)["held_minor"] == 0
    assert happened(office) == ["DrawRequest", "DrawReturn"]
    assert office.books() == {}
    assert office.faults() == []
