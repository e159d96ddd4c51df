"""An end of day books in the lenders' ledgers what it books in its own journal, once."""

import time
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import psycopg
import pytest

from tests.lending.end_of_day.killing import DAYS, is_free, killed, moments
from tests.lending.end_of_day.made import loan
from tests.lending.end_of_day.written import landed
from tests.lending.ledger.books import NOW
from tradeline.book.connection import in_tenant
from tradeline.kernel.findings import InputProblem
from tradeline.lending.end_of_day.folder import Landed, land
from tradeline.lending.end_of_day.journal_book import JournalBook
from tradeline.lending.end_of_day.journals import Batch, Entry
from tradeline.lending.end_of_day.run import run
from tradeline.lending.ledger.accounts import open_ledger
from tradeline.lending.ledger.reading import balances
from tradeline.lending.reports.figures import read_figures
from tradeline.lending.reports.tables import trial_balance

DAY = date(2026, 1, 20)
LENDERS = ("bank 0", "bank 1", "bank 2")


@pytest.fixture
def lenders(worker: psycopg.Connection) -> tuple[str, ...]:
    """The lenders of the made-up loans, each with an open ledger."""
    for lender in LENDERS:
        with in_tenant(worker, lender):
            open_ledger(worker, NOW)
    return LENDERS


def test_the_ledgers_come_to_the_trial_balance_however_often_a_day_is_booked(
    worker: psycopg.Connection, lenders: tuple[str, ...], tmp_path: Path
) -> None:
    generator = np.random.default_rng(2)
    shares = [{"lender": "bank 0", "share": "1/3"}, {"lender": "bank 2", "share": "2/3"}]
    made = landed([loan(generator, 80) for _ in range(9)])
    rows = [
        Landed(row.texts, row.events, {"participations": shares if place % 2 else []})
        for place, row in enumerate(made)
    ]
    land(tmp_path / "portfolio", rows)
    journal = JournalBook(worker, NOW)
    run(tmp_path / "portfolio", DAY, journal=journal)
    run(tmp_path / "portfolio", DAY + timedelta(days=2), journal=journal)
    for _ in range(2):
        assert told(worker, lenders) == stated(tmp_path / "portfolio")
        again(tmp_path / "portfolio", journal)


def told(worker: psycopg.Connection, lenders: Sequence[str]) -> dict[tuple[str, str], int]:
    """What is in the ledgers of lenders, by account."""
    found: Counter[tuple[str, str]] = Counter()
    for lender in lenders:
        with in_tenant(worker, lender):
            found.update({(lender, one.account): one.booked_minor for one in balances(worker)})
    return {key: minor for key, minor in found.items() if minor}


def stated(root: Path) -> dict[tuple[str, str], int]:
    """What the portfolio says is in them."""
    return {
        (row.lender, f"{row.product}/{row.account}/{row.currency}"): row.amount
        for row in trial_balance(read_figures(root).held)
    }


def again(root: Path, journal: JournalBook) -> None:
    """Book the last day once more, as a run does that a kill has stopped before its end."""
    last = max((root / "closed").iterdir())
    last.unlink()
    day = DAY + timedelta(days=2)
    (root / "days" / day.isoformat() / "journal.jsonl").unlink()
    run(root, day, journal=journal)


def test_a_key_books_one_thing_only(worker: psycopg.Connection, lenders: tuple[str, ...]) -> None:
    def batch(minor: int) -> Batch:
        postings = (("interest income", -minor), ("interest and fees receivable", minor))
        return Batch("day/0/accruals", DAY, "accruals",
                     (Entry("flat", lenders[0], "CNY", "", postings),))  # fmt: skip

    journal = JournalBook(worker, NOW)
    journal.post(batch(5))
    journal.post(batch(5))
    with pytest.raises(InputProblem, match="The key was used before, for something else"):
        journal.post(batch(6))


@pytest.mark.long
def test_runs_killed_while_they_book_leave_the_same_books_and_no_lock(
    book: Path, worker: psycopg.Connection, tmp_path: Path
) -> None:
    generator, lenders = np.random.default_rng(4), [f"killed {place}" for place in range(3)]
    for lender in lenders:
        with in_tenant(worker, lender):
            open_ledger(worker, NOW)
    made = landed([loan(generator, 80) for _ in range(9)])
    land(tmp_path, [Landed({**row.texts, "lender": lenders[place % 3]}, row.events)
                    for place, row in enumerate(made)])  # fmt: skip
    journal, kills = JournalBook(worker, NOW), 0
    run(tmp_path, DAY, journal=journal)
    begin = time.monotonic()
    run(tmp_path, DAY + timedelta(days=1), journal=journal)
    takes = time.monotonic() - begin
    for after in range(2, DAYS + 2):
        day = DAY + timedelta(days=after)
        for moment in moments(takes, generator):
            kills += killed(tmp_path, day, moment, book)
            assert is_free(tmp_path)
        run(tmp_path, day, journal=journal)
        assert told(worker, lenders) == stated(tmp_path)
        assert no_locks(worker)
    print(f"\n{kills} runs killed over {DAYS} days")
    assert kills > 0


def no_locks(worker: psycopg.Connection) -> bool:
    """Whether no other connection of the role holds a lock, once the server knows of its end."""
    for _ in range(100):
        found = worker.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_stat_activity USING (pid) "
            "WHERE usename = current_user AND pid <> pg_backend_pid()"
        ).fetchone()
        if found == (0,):
            return True
        time.sleep(0.1)
    return False
