"""`tradeline eod run --book` from its command line, and what it refuses."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import psycopg
import pytest

from tests.lending.book_days.made import days, enter_on, open_all
from tests.lending.book_days.test_run import FIRST, POISON
from tradeline.book.connection import in_tenant, transaction
from tradeline.book.roles import SUPERUSER
from tradeline.book.server import running
from tradeline.cli.main import main
from tradeline.lending.servicing.saved import lock_agreement

NO_PLACE = (
    "error: eod: It needs a FOLDER or --book, and not both. Name the folder of a portfolio, or ask "
    "for the agreements of the book."
)
END_OF_WAITING = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
)
Printed = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own(monkeypatch: pytest.MonkeyPatch, served: Path) -> None:
    monkeypatch.setenv("TRADELINE_BOOK", str(served))


def eod(*words: str) -> int:
    return main(["eod", "run", *words])


def test_the_days_of_a_lender_are_ended(lender: str, capsys: Printed) -> None:
    open_all(lender)
    enter_on(lender, days(FIRST, date(2026, 1, 3)))
    capsys.readouterr()
    assert eod("--book", "--ledger", lender, "--date", "2026-01-02") == 0
    assert eod("--book", "--ledger", lender, "--date", "2026-01-03") == 0
    assert eod("--book", "--ledger", lender, "--date", "2026-01-03") == 0
    assert capsys.readouterr().out.splitlines() == [
        f"{lender}, 2026-01-02: 4 agreements ended, 0 of them late.",
        f"{lender}, 2026-01-03: 4 agreements ended, 0 of them late.",
        f"{lender}: 2026-01-03 is ended already.",
    ]


def test_one_that_cannot_be_worked_out_is_told_of(
    served: Path, worker: psycopg.Connection, lender: str, capsys: Printed
) -> None:
    open_all(lender)
    with transaction("web", lender, served) as connection:
        connection.execute(POISON, [lender, "order_1"])
    capsys.readouterr()
    assert eod("--book", "--ledger", lender, "--date", "2026-01-02") == 1
    told = capsys.readouterr()
    assert told.err == (
        "error: agreement order_1: 'x' is no kind of event. Bring the book back from a backup.\n"
    )
    assert told.out == f"{lender}, 2026-01-02: 3 agreements ended, 0 of them late.\n"


def test_a_server_that_ends_the_connection_is_told_of(
    served: Path, worker: psycopg.Connection, lender: str, capsys: Printed
) -> None:
    open_all(lender)
    server = running(served)
    assert server
    with (
        psycopg.connect(server.url(SUPERUSER), autocommit=True) as superuser,
        ThreadPoolExecutor(1) as pool,
        in_tenant(worker, lender),
    ):
        lock_agreement(worker, lender, "loan_1")
        ending = pool.submit(eod, "--book", "--ledger", lender, "--date", "2026-01-02")
        while not superuser.execute(END_OF_WAITING).rowcount:
            assert not ending.done()
        assert ending.result() == 2
    assert "error: book: The server gave no answer: terminating" in capsys.readouterr().err
    assert eod("--book", "--ledger", lender, "--date", "2026-01-02") == 0


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--date", "2026-01-02"],
            NO_PLACE,
        ),
        (
            ["folder", "--book", "--date", "2026-01-02"],
            NO_PLACE,
        ),
        (
            ["folder", "--ledger", "north", "--date", "2026-01-02"],
            "error: --ledger: A FOLDER has no ledgers. Add --book.",
        ),
        (
            ["--book", "--date", "2026-02-30"],
            "error: --date: '2026-02-30' is no date. Write it like 2024-12-31.",
        ),
        (
            ["--book", "--date", "2026-01-02", "--ledgers"],
            "error: --ledgers: It is of a FOLDER; the book is booked in its ledgers, one agreement "
            "after the other. Leave it out.",
        ),
        (
            ["--book", "--date", "2026-01-02", "--processes", "2"],
            "error: --processes: It is of a FOLDER; the book is booked in its ledgers, one "
            "agreement after the other. Leave it out.",
        ),
        (
            ["--book", "--date", "2026-01-02", "--ledger", "nobody"],
            "error: ledger: No ledger is open here. Open it with `tradeline ledger open`.",
        ),
    ],
)
def test_wrong_options_are_refused(words: list[str], message: str, capsys: Printed) -> None:
    assert eod(*words) == 2
    assert capsys.readouterr().err == f"{message}\n"
