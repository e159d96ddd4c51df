"""`tradeline eod --book`: end the days of the agreements that the book holds."""

import argparse
from collections.abc import Sequence
from datetime import UTC, date

from psycopg import Connection

from tradeline.book.connection import connect
from tradeline.cli.ledger import asked_ledgers
from tradeline.cli.options import now, parse_date, say
from tradeline.kernel.findings import Finding, InputProblem, counted, problem
from tradeline.lending.book_days.run import Closed, run

SHOWN_EVERY = 500


def run_book(options: argparse.Namespace) -> int:
    """Do what is asked; exit code 1 if agreements could not be worked out."""
    with connect("worker") as connection:
        return _run(options, connection)


def _run(options: argparse.Namespace, connection: Connection) -> int:
    until = parse_date(options.date, "--date")
    _refuse_of_folders(options)
    findings = list[Finding]()
    for ledger in asked_ledgers(connection, options):
        ended = _end_days(connection, ledger, until)
        if not ended:
            print(f"{ledger}: {until} is ended already.")
        for closed in ended:
            agreements = counted(closed.agreements, "agreement")
            print(f"{ledger}, {closed.day}: {agreements} ended, {closed.late:,} of them late.")
        findings += ended[-1].findings if ended else ()
    if findings:
        say(str(InputProblem(findings)))
    return int(bool(findings))


def _end_days(connection: Connection, ledger: str, until: date) -> Sequence[Closed]:
    def tell(day: date, done: int, of: int) -> None:
        if done % SHOWN_EVERY == 0:
            say(f"{ledger}, {day}: {done:,} of {counted(of, 'agreement')}")

    return run(connection, ledger, until, now().replace(tzinfo=UTC), tell)


def _refuse_of_folders(options: argparse.Namespace) -> None:
    if options.ledgers or options.processes > 1:
        option = "--ledgers" if options.ledgers else "--processes"
        raise problem(
            "no-folder", option, "It is of a FOLDER; the book is booked in its ledgers, one "
            "agreement after the other.", "Leave it out.",
        )  # fmt: skip
