"""Others that hold what a run needs, in the other order: it tries again, and stops for none."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from pathlib import Path

import psycopg
import pytest

from tests.lending.book_days.made import end, enter_on, open_all, rows
from tests.lending.servicing.lives import LOAN
from tests.lending.servicing.loans import NOW
from tests.lending.servicing.test_flows import wrong
from tradeline.book.connection import connect, in_tenant
from tradeline.lending.book_days.run import RUN_LOCK, run
from tradeline.lending.ledger.accounts import Account, open_accounts
from tradeline.lending.ledger.entry import transfer
from tradeline.lending.ledger.posting import post
from tradeline.lending.servicing.saved import lock_agreement

Worker = psycopg.Connection
FIRST, BEFORE = date(2026, 1, 1), date(2026, 2, 1)
NEXT, AFTER = date(2026, 2, 2), date(2026, 2, 3)
# What a day of a loan is booked on, in the order in which accounts are locked.
LOWER, HIGHER = "interest and fees receivable/CNY", "interest income/CNY"
# The server looks for a deadlock once somebody has waited for a second, and only then.
LOOKED = 1.3
WAITS = "SELECT FROM pg_locks WHERE pid = %s AND NOT granted"
LOANS = [replace(LOAN, name=f"loan_{number}") for number in (1, 2, 3)]


def booked_on(connection: Worker, account: str) -> None:
    """Book on an account, and so hold it until the transaction ends."""
    other = Account(f"beside {account}", "CNY", "asset")
    open_accounts(connection, [other], NOW)
    entry = transfer(f"held {account}", NEXT, "test", debit=other.code, credit=account,
                     amount_minor=1, currency="CNY")  # fmt: skip
    post(connection, [entry], NOW)


def waits(worker: Worker, of: Worker) -> None:
    """Until a connection waits for a lock."""
    until = time.monotonic() + 30
    while not worker.execute(WAITS, [of.info.backend_pid]).rowcount:
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def others(served: Path) -> Iterator[list[Worker]]:
    with ExitStack() as stack:
        yield [stack.enter_context(connect("worker", served)) for _ in range(3)]


def begun(worker: Worker, lender: str) -> None:
    """A lender with loans whose first days are ended."""
    open_all(lender, LOANS)
    enter_on(lender, [FIRST], LOANS)
    end(worker, lender, BEFORE)


def ended_on(worker: Worker, lender: str, day: date) -> list[object]:
    return [row[0] for row in rows(worker, lender) if row[1] == day]


def test_an_agreement_whose_transaction_is_broken_off_is_tried_again(
    worker: Worker, lender: str, others: list[Worker]
) -> None:
    """The run holds the loan and waits for an account; another holds that and wants the loan."""
    runs, holds, wants = others
    begun(worker, lender)
    with ThreadPoolExecutor(2) as pool, in_tenant(wants, lender):
        booked_on(wants, HIGHER)
        with in_tenant(holds, lender):
            booked_on(holds, LOWER)
            running = pool.submit(run, runs, lender, NEXT, NOW)
            waits(worker, runs)
            taking = pool.submit(lock_agreement, wants, lender, LOANS[0].name)
            waits(worker, wants)
            time.sleep(LOOKED)
        # The run goes on to the higher account, and is the one that finds the circle.
        taking.result()
        assert ended_on(worker, lender, NEXT) == []
    [closed] = running.result()
    assert closed.findings == ()
    assert ended_on(worker, lender, NEXT) == [life.name for life in LOANS]
    assert wrong(worker, lender) == []


def test_what_others_do_not_let_go_of_is_told_and_the_rest_is_done(
    worker: Worker, lender: str, others: list[Worker]
) -> None:
    """Another holds an account, and wants what the run holds until it ends."""
    runs, wants, _ = others
    begun(worker, lender)
    asked = "SELECT pg_advisory_xact_lock(%s, hashtext(%s))"
    with ThreadPoolExecutor(1) as pool, ExitStack() as stack:

        def meanwhile(_: date, done: int, __: int) -> None:
            if done == 1:
                stack.enter_context(in_tenant(wants, lender))
                booked_on(wants, HIGHER)
                stack.callback(pool.submit(wants.execute, asked, [RUN_LOCK, lender]).exception)
                waits(worker, wants)
                time.sleep(LOOKED)
            if done == 2:
                wants.cancel()
                stack.close()

        [closed] = run(runs, lender, NEXT, NOW, meanwhile)
    assert [finding.line() for finding in closed.findings] == [
        "error: agreement loan_2: Others held what it needs: deadlock detected. Nothing of the day "
        "was booked; it is tried again at the next end of day."
    ]
    assert ended_on(worker, lender, NEXT) == ["loan_1", "loan_3"]
    assert [each.findings for each in end(worker, lender, AFTER)] == [()]
    assert ended_on(worker, lender, AFTER) == [life.name for life in LOANS]
    assert wrong(worker, lender) == []


def test_what_waits_for_too_long_is_told_and_the_rest_is_done(
    worker: Worker, lender: str, others: list[Worker]
) -> None:
    runs, holds, _ = others
    begun(worker, lender)
    runs.execute("SET statement_timeout = '300ms'")
    with in_tenant(holds, lender):
        lock_agreement(holds, lender, LOANS[1].name)
        [closed] = run(runs, lender, NEXT, NOW)
    assert [finding.line() for finding in closed.findings] == [
        "error: agreement loan_2: Others held what it needs: canceling statement due to statement "
        "timeout. Nothing of the day was booked; it is tried again at the next end of day."
    ]
    assert ended_on(worker, lender, NEXT) == ["loan_1", "loan_3"]
