"""No document is financed twice, whoever lends, however many ask at once: the database says so."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.lending.conftest import opened_lender
from tests.lending.servicing.lives import INVOICE, ORDER, RECEIVABLE, opened
from tests.lending.servicing.loans import CONTRACT, NOW, START, ask, at, taken_back
from tests.lending.servicing.test_flows import booked, refusal, wrong
from tradeline.book.connection import in_tenant, transaction
from tradeline.kernel.findings import InputProblem
from tradeline.lending.orders.events import OrderDraw
from tradeline.lending.receivables.events import Advance, Withdrawal
from tradeline.lending.servicing.written import record_values

Worker = psycopg.Connection
SECOND = replace(RECEIVABLE, name="receivable_2")
WRITTEN_OTHERWISE = replace(INVOICE, number="ｉｎｖ 0042", seller="91330100ma2")


@pytest.fixture
def other(worker: Worker) -> str:
    """Another lender."""
    return opened_lender(worker)


def refused(*args: Any, **changes: Any) -> str:
    with pytest.raises(InputProblem) as problem:
        opened(*args, **changes)
    return str(problem.value)


def agreements(worker: Worker, lender: str) -> list[str]:
    with in_tenant(worker, lender):
        rows = worker.execute("SELECT agreement FROM servicing_agreement ORDER BY agreement")
        return [name for (name,) in rows]


def test_an_invoice_is_financed_once_by_whichever_lender(
    worker: Worker, lender: str, other: str
) -> None:
    opened(lender, RECEIVABLE, register=lender)
    ask(lender, "out", at(Advance, START, amount_minor=8_000_000), RECEIVABLE.name)
    twice = (
        f"error: register of financed documents: This document is financed already, by {lender} "
        "since 2026-01-01. It cannot be financed again."
    )
    for who in (lender, other):
        before = booked(worker, who, RECEIVABLE.name)
        assert refused(who, SECOND, "second", register=lender, document=WRITTEN_OTHERWISE) == twice
        assert "receivable_2" not in agreements(worker, who)
        assert booked(worker, who, RECEIVABLE.name) == before
        assert wrong(worker, who) == []
    assert opened(other, SECOND, "second", register="another register")["alike"] == []


def test_one_that_is_alike_is_financed_and_told(lender: str, other: str) -> None:
    opened(lender, RECEIVABLE, register=lender)
    same_number = replace(INVOICE, amount_minor=9_000_000, order_number=None)
    same_amount = replace(INVOICE, number="INV-0043", order_number=None)
    answer = opened(other, SECOND, register=lender, document=same_number)
    assert answer["alike"] == [
        "A document of this number between the same parties is financed already, by "
        f"{lender} since 2026-01-01."
    ]
    third = replace(RECEIVABLE, name="receivable_3")
    answer = opened(other, third, "third", register=lender, document=same_amount)
    assert answer["alike"] == [
        f"A document of this amount and day is financed already, by {lender} since 2026-01-01."
    ]


def test_an_order_and_the_invoice_that_bills_it_are_financed_once(lender: str, other: str) -> None:
    same = (
        "error: register of financed documents: The order or an invoice that bills it is financed "
        f"already, by {lender} since 2026-01-01. It cannot be financed again."
    )
    opened(lender, ORDER, register=lender)
    assert refused(other, RECEIVABLE, register=lender) == same
    opened(lender, RECEIVABLE, "billed", register="billed first")
    assert refused(other, ORDER, register="billed first") == same


def test_the_financing_of_an_invoice_takes_over_that_of_its_order(lender: str, other: str) -> None:
    opened(lender, ORDER, register=lender)
    taken: dict[str, Any] = {"register": lender, "takes_over": "order_1"}
    not_its_order = (
        "error: receivable receivable_1: order_1 finances no order that this invoice bills. Name "
        "the financing of its order, and the order's number on the invoice."
    )
    others = replace(INVOICE, order_number="PO-8")
    assert refused(other, RECEIVABLE, **taken) == not_its_order
    assert refused(lender, RECEIVABLE, "other", document=others, **taken) == not_its_order
    assert opened(lender, RECEIVABLE, "billed", **taken)["alike"] == []
    assert refused(other, SECOND, register=lender).startswith("error: register of financed")


def test_what_was_never_used_is_free_again(worker: Worker, lender: str, other: str) -> None:
    opened(lender, RECEIVABLE, register=lender)
    withdrawn = ask(lender, "free", at(Withdrawal, START), RECEIVABLE.name)
    assert (withdrawn["status"], withdrawn["entries"]) == ("withdrawn", [])
    opened(other, SECOND, register=lender)
    free = "error: receivable receivable_1: It was withdrawn, and its document is free. Finance"
    assert refusal(lender, "back", taken_back(0, START), RECEIVABLE.name).startswith(free)
    used = "error: receivable: Something happened to it, or it was withdrawn before. Withdraw"
    advance = at(Advance, START, amount_minor=5)
    assert refusal(lender, "out", advance, RECEIVABLE.name).startswith(used)
    opened(other, ORDER, "order", register="orders")
    ask(other, "free", at(Withdrawal, START), ORDER.name)
    draw = at(OrderDraw, START, amount_minor=5)
    assert "error: order finance" in refusal(other, "out", draw, ORDER.name)
    assert wrong(worker, lender) == wrong(worker, other) == []


def test_no_document_is_financed_without_a_register(lender: str) -> None:
    from tradeline.lending.servicing.flows import Command, open_agreement

    with pytest.raises(InputProblem) as problem:
        open_agreement(Command(lender, "receivable_1", "open", NOW), RECEIVABLE.contract)
    assert str(problem.value) == (
        "error: receivable receivable_1: A document is financed only where a register says that it "
        "is the first time. Name the register that its lenders share, with its key."
    )


def test_of_many_lenders_at_once_one_finances_it(worker: Worker, lender: str) -> None:
    lenders = [opened_lender(worker) for _ in range(6)]
    begin = Barrier(len(lenders))

    def client(number: int) -> str:
        from django.db import connection

        life = ORDER if number % 3 == 0 else RECEIVABLE  # an order, or an invoice that bills it
        begin.wait()
        try:
            opened(lenders[number], life, register=lender)
        except InputProblem as problem:
            return problem.findings[0].code
        finally:
            connection.close()
        return "financed"

    with ThreadPoolExecutor(len(lenders)) as pool:
        answers = list(pool.map(client, range(len(lenders))))
    orders, invoices = answers[::3], [a for number, a in enumerate(answers) if number % 3]
    assert set(answers) == {"financed", "financed-twice"}
    assert (orders.count("financed") > 0) + (invoices.count("financed") > 0) == 1
    assert max(orders.count("financed"), invoices.count("financed")) == 1
    for number, who in enumerate(lenders):
        assert bool(agreements(worker, who)) == (answers[number] == "financed")
        assert wrong(worker, who) == []


def test_one_connection_waits_for_the_other_and_is_refused_then(
    served: Path, worker: Worker, lender: str, other: str
) -> None:
    """The first has claimed and not committed yet: the second waits, and sees it committed."""
    from tradeline.lending.servicing.claims import Financing, SharedRegister, claim

    register = SharedRegister(lender, b"shared by the lenders")
    with ThreadPoolExecutor(1) as pool:
        with transaction("owner", lender, served) as first:
            first.execute(
                "INSERT INTO servicing_agreement (tenant, agreement, kind, product, contract, "
                "opened_at) VALUES (%s, 'loan_9', 'loan', '', %s, now())",
                [lender, Jsonb(record_values(CONTRACT))],
            )
            claim(first, register, Financing(lender, "loan_9", INVOICE, START))
            waiting = pool.submit(_open_apart, other, lender)
            while not worker.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
                assert not waiting.done()
        assert "financed already" in waiting.result()
    assert agreements(worker, other) == []


def _open_apart(lender: str, register: str) -> str:
    from django.db import connection

    try:
        return refused(lender, RECEIVABLE, register=register)
    finally:
        connection.close()


def test_the_register_is_written_by_each_lender_for_itself_and_stays(
    served: Path, lender: str, other: str
) -> None:
    opened(lender, RECEIVABLE, register=lender)
    free = "UPDATE servicing_claim SET released_on = '2026-01-01' WHERE register = %s"
    with transaction("web", other, served) as connection:
        assert connection.execute(free.encode(), [lender]).rowcount == 0
    for change, refusal_ in (
        ("UPDATE servicing_claim SET whole = 'x' WHERE register = %s", "never changed"),
        ("DELETE FROM servicing_claim WHERE register = %s", "never changed"),
    ):
        with (
            pytest.raises(psycopg.DatabaseError, match=refusal_),
            transaction("owner", lender, served) as connection,
        ):
            connection.execute(change.encode(), [lender])
        with (
            pytest.raises(errors.InsufficientPrivilege),
            transaction("web", lender, served) as connection,
        ):
            connection.execute(change.encode(), [lender])
    with transaction("web", lender, served) as connection:
        assert connection.execute(free.encode(), [lender]).rowcount == 1
    with (
        pytest.raises(psycopg.DatabaseError, match="never changed"),
        transaction("web", lender, served) as connection,
    ):
        connection.execute(free.encode(), [lender])
