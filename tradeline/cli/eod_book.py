"""`tradeline eod --book`: days, figures and statements of the agreements that the book holds."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date

from psycopg import Connection, InternalError, OperationalError

from tradeline.book.connection import connect, snapshot
from tradeline.cli.ledger import asked_ledgers
from tradeline.cli.options import now, parse_date, say
from tradeline.kernel.findings import Finding, InputProblem, counted, problem
from tradeline.lending.book_days.run import run
from tradeline.lending.ledger.refusals import unanswered
from tradeline.lending.reports.figures import Read
from tradeline.lending.reports.of_book import read_book, read_book_statement
from tradeline.lending.reports.statement import Statement

SHOWN_EVERY = 500


@contextmanager
def working() -> Iterator[Connection]:
    """A connection of the worker; InputProblem where the server gives no answer."""
    try:
        with connect("worker") as connection:
            yield connection
    except (OperationalError, InternalError) as refusal:
        raise unanswered(refusal) from refusal


def run_book(options: argparse.Namespace) -> int:
    """End the days that are asked for; exit code 1 if agreements could not be worked out."""
    until = parse_date(options.date, "--date")
    _refuse_of_folders(options)
    findings = list[Finding]()
    with working() as connection:
        for ledger in asked_ledgers(connection, options):
            findings += _end_days(connection, ledger, until)
    if findings:
        say(str(InputProblem(findings)))
    return int(bool(findings))


def _end_days(connection: Connection, ledger: str, until: date) -> Sequence[Finding]:
    """End the days of one lender; which agreements could not be worked out on the last one."""

    def tell(day: date, done: int, of: int) -> None:
        if done % SHOWN_EVERY == 0:
            say(f"{ledger}, {day}: {done:,} of {counted(of, 'agreement')}")

    ended = run(connection, ledger, until, now().replace(tzinfo=UTC), tell)
    if not ended:
        print(f"{ledger}: {until} is ended already.")
    for closed in ended:
        agreements = counted(closed.agreements, "agreement")
        print(f"{ledger}, {closed.day}: {agreements} ended, {closed.late:,} of them late.")
    return ended[-1].findings if ended else ()


def _refuse_of_folders(options: argparse.Namespace) -> None:
    if options.ledgers or options.processes > 1:
        option = "--ledgers" if options.ledgers else "--processes"
        raise problem(
            "no-folder", option, "It is of a FOLDER; the book is booked in its ledgers, one "
            "agreement after the other.", "Leave it out.",
        )  # fmt: skip


def book_figures(options: argparse.Namespace) -> Read:
    """What reports are made of, of the one lender that is meant."""
    with working() as connection:
        ledger = _one(options, connection)
        with snapshot(connection, ledger):
            return read_book(connection, ledger)


def book_statement(options: argparse.Namespace) -> Statement:
    """The statement of an agreement of the one lender that is meant."""
    with working() as connection:
        ledger = _one(options, connection)
        with snapshot(connection, ledger):
            return read_book_statement(connection, ledger, options.loan)


def _one(options: argparse.Namespace, connection: Connection) -> str:
    found = asked_ledgers(connection, options)
    if len(found) != 1:
        raise problem("which-ledger", "--ledger", f"The book has {len(found)} ledgers.",
                      "Name the one that is meant.")  # fmt: skip
    return found[0]
