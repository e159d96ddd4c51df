"""A lender with an agreement of each kind, whose days are ended while things happen to them."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import psycopg

from tests.lending.servicing.lives import LIVES, Life, opened
from tests.lending.servicing.loans import NOW, ask
from tradeline.book.connection import in_tenant
from tradeline.lending.book_days.run import Closed, run
from tradeline.lending.ledger.reading import booked_about
from tradeline.lending.loan.events import EndOfDay, Event
from tradeline.lending.participation.agreement import Agreement

Worker = psycopg.Connection
Books = dict[str, dict[tuple[date, str], int]]
ROWS = """
SELECT agreement, day, events, principal_minor, owed_minor, allowance_minor, days_late, is_lost,
    is_forborne, is_over
FROM servicing_ended_day ORDER BY agreement, day
"""


def entered(life: Life) -> list[Event]:
    """What is entered of a life; days are ended by the run."""
    return [event for event in life.events if not isinstance(event, EndOfDay)]


def open_all(lender: str, lives: Iterable[Life] = LIVES, lenders: Agreement | None = None) -> None:
    for life in lives:
        opened(lender, life, f"open {life.name}", f"{lender} {life.name}", lenders)


def enter_on(lender: str, days: Sequence[date], lives: Iterable[Life] = LIVES) -> None:
    """Enter what happened in lives on some days."""
    for life in lives:
        for number, event in enumerate(entered(life)):
            if event.entered_on in days:
                ask(lender, f"{life.name} {number}", event, life.name)


def days(begin: date, end: date) -> list[date]:
    return [begin + timedelta(days=number) for number in range((end - begin).days + 1)]


def end(worker: Worker, lender: str, day: date) -> list[Closed]:
    return run(worker, lender, day, NOW)


def booked(worker: Worker, lender: str, lives: Iterable[Life] = LIVES) -> Books:
    with in_tenant(worker, lender):
        return {life.name: booked_about(worker, life.name) for life in lives}


def rows(worker: Worker, lender: str) -> list[tuple[object, ...]]:
    """How each agreement stood at the end of each day."""
    with in_tenant(worker, lender):
        return worker.execute(ROWS).fetchall()
