"""`tradeline eod`: end the days of a portfolio or of the book, and show how it stands."""

import argparse
from contextlib import contextmanager
from datetime import UTC, date
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.book.wheel import require_client, require_tables
from tradeline.cli.options import (
    add_actions,
    add_processes,
    now,
    require_new,
    require_processes,
    say,
)
from tradeline.kernel.findings import InputProblem, counted, problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tradeline.lending.end_of_day.journals import Journal
    from tradeline.lending.reports.figures import Read
    from tradeline.lending.reports.statement import Statement

EPILOG = """\
examples:
  tradeline eod run portfolio --date 2026-03-31
  tradeline eod run portfolio --date 2026-04-03 --processes 2
  tradeline eod run --book --date 2026-03-31
  tradeline eod report portfolio --out reports
  tradeline eod statement portfolio --loan L-1007 --out statement.pdf
  tradeline eod report --book --ledger north --out reports
  tradeline eod risk stated --ledger north

`run` ends every day until the date that is not ended yet, from the day of the
first run on. It can be stopped at any moment and run again. Exit code 1: loans
could not be worked out; they are told of, and the others are done. --book works
on the agreements of every kind that servicing saved, instead of on a FOLDER.
"""
ACTIONS = {
    "run": "end every day until a date, that one included",
    "report": "write how the portfolio stands: a page, JSON and CSV",
    "statement": "write the statement of one agreement: a page or a PDF",
    "risk": "state what agreements of the book are provided for by stage from",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of the command and their options."""
    for name, action in add_actions(parser, ACTIONS):
        if name == "risk":
            _add_risk(action)
            continue
        action.add_argument(
            "portfolio", type=Path, nargs="?", metavar="FOLDER",
            help="what `loans import` made (default: none, with --book)",
        )  # fmt: skip
        _add_book(action)
        if name == "run":
            action.add_argument("--date", required=True, metavar="DATE", help="the last day to end")
            add_processes(action, "chunks")
            action.add_argument(
                "--ledgers", action="store_true",
                help="book in the lenders' ledgers of the database too",
            )  # fmt: skip
        if name == "report":
            action.add_argument(
                "--out", type=Path, required=True, metavar="DIR", help="a new folder"
            )
        if name == "statement":
            action.add_argument(
                "--loan",
                required=True,
                metavar="TEXT",
                help="the id of the loan or other agreement",
            )
            action.add_argument(
                "--out", type=Path, required=True, metavar="FILE", help="ends in .html or .pdf"
            )


def _add_risk(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "folder", type=Path, metavar="FOLDER",
        help="the tables by_stage, ratings, pds and collateral, or some of them",
    )  # fmt: skip
    action.add_argument("--ledger", required=True, metavar="TEXT", help="whose agreements")


def _add_book(action: argparse.ArgumentParser) -> None:
    action.add_argument(
        "--book", action="store_true", help="work on the agreements that the book holds"
    )
    action.add_argument(
        "--ledger",
        metavar="TEXT",
        help="with --book: of this lender alone (default: all that it has)",
    )


def run(options: argparse.Namespace) -> int:
    """Do what is asked; exit code 1 if loans could not be worked out."""
    if options.action == "risk":
        return _risk(options)
    if options.book == (options.portfolio is not None):
        raise problem(
            "no-place", "eod", "It needs a FOLDER or --book, and not both.",
            "Name the folder of a portfolio, or ask for the agreements of the book.",
        )  # fmt: skip
    if options.ledger is not None and not options.book:
        raise problem("no-book", "--ledger", "A FOLDER has no ledgers.", "Add --book.")
    if options.book:
        require_client()
    actions = {"run": _run, "report": _report, "statement": _statement}
    return actions[options.action](options)


def _risk(options: argparse.Namespace) -> int:
    require_client()
    require_tables()
    from tradeline.cli.eod_risk import run_risk

    return run_risk(options)


def _run(options: argparse.Namespace) -> int:
    if options.book:
        from tradeline.cli.eod_book import run_book

        return run_book(options)
    from tradeline.lending.end_of_day.run import closed_days
    from tradeline.lending.end_of_day.run import run as run_days

    until = _date(options.date)
    require_processes(options.processes)
    with _journal(ledgers=options.ledgers) as journal:
        ended = run_days(options.portfolio, until, options.processes, journal)
    if not ended:
        last = closed_days(options.portfolio)[-1].day
        print(f"{until} is ended already; the last day ended is {last}.")
        return 0
    for closed in ended:
        print(
            f"{closed.day}: {counted(closed.loans, 'loan')}, {closed.due:,} due, "
            f"{closed.paid + closed.folded:,} with news, {closed.penalised:,} penalised; "
            f"{closed.batches:,} batches booked."
        )
    failed = ended[-1].findings
    if failed:
        say(str(InputProblem(failed)))
    return int(bool(failed))


@contextmanager
def _journal(*, ledgers: bool) -> "Iterator[Journal | None]":
    """The ledgers of the database, where they are asked for."""
    if not ledgers:
        yield None
        return
    require_client()
    from tradeline.book.connection import connect
    from tradeline.lending.end_of_day.journal_book import JournalBook

    with connect("worker") as connection:
        yield JournalBook(connection, now().replace(tzinfo=UTC))


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise problem(
            "bad-date", "--date", f"'{text}' is no date.", "Write it like 2026-03-31."
        ) from error


def _report(options: argparse.Namespace) -> int:
    from tradeline.lending.reports.outputs import write_report
    from tradeline.lending.reports.record import report_of

    if options.out.exists():
        raise problem("there-already", "--out", f"{options.out} is there.", "Name a new folder.")
    report = report_of(_figures(options))
    write_report(report, options.out)
    print(f"The portfolio at the end of {report.day}: open {options.out / 'report.html'}.")
    return 0


def _figures(options: argparse.Namespace) -> "Read":
    if options.book:
        from tradeline.cli.eod_book import book_figures

        return book_figures(options)
    from tradeline.lending.reports.figures import read_figures

    return read_figures(options.portfolio)


def _statement(options: argparse.Namespace) -> int:
    from tradeline.lending.reports.statement import statement_page, statement_pdf

    require_new(options.out, "--out")
    if options.out.suffix not in (".html", ".pdf"):
        raise problem("bad-suffix", "--out", "It ends in neither .html nor .pdf.", "Name it so.")
    found = _found(options)
    if options.out.suffix == ".pdf":
        options.out.write_bytes(statement_pdf(found))
    else:
        options.out.write_text(statement_page(found), encoding="utf-8")
    print(f"The statement of {options.loan} at the end of {found.account.day}: {options.out}.")
    return 0


def _found(options: argparse.Namespace) -> "Statement":
    if options.book:
        from tradeline.cli.eod_book import book_statement

        return book_statement(options)
    from tradeline.lending.reports.statement import read_statement

    return read_statement(options.portfolio, options.loan)
