"""`tradeline loans`: take in an existing portfolio, and events of later days."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import add_actions, add_processes, require_new, require_processes, say
from tradeline.kernel.findings import InputProblem, counted

if TYPE_CHECKING:
    from tradeline.lending.importing.reconciling import Reconciled

EPILOG = """\
examples:
  tradeline loans import moved --into portfolio
  tradeline loans import moved --into portfolio --differences differences.csv
  tradeline loans import today --into portfolio
  tradeline loans import moved --into portfolio --processes 2

A folder holds the tables loans, events and balances (CSV, Parquet, Excel or
JSON Lines). Every loan is worked out from its terms and events and held
against its balances before any is accepted. A folder with events alone adds
them to loans that are there. Exit code 1: a loan differs from its balances,
and nothing was accepted.
"""
ACTIONS = {"import": "reconcile a folder's loans, and accept them if none differs"}
SHOWN = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of the command and their options."""
    ((_, action),) = add_actions(parser, ACTIONS)
    action.add_argument("folder", type=Path, metavar="FOLDER", help="the tables")
    action.add_argument(
        "--into", type=Path, required=True, metavar="DIR",
        help="the portfolio; it is made if it is not there",
    )  # fmt: skip
    add_processes(action, "parts of it")
    action.add_argument(
        "--differences",
        type=Path,
        metavar="FILE",
        help="write all differences to this CSV file too (default: print the first)",
    )


def run(options: argparse.Namespace) -> int:
    """Read, reconcile, accept; exit code 1 if a loan differs from its balances."""
    from tradeline.lending.importing.accepting import accept, accept_more
    from tradeline.lending.importing.differences import differences_csv
    from tradeline.lending.importing.reading import read_folder
    from tradeline.lending.importing.reconciling import reconcile

    require_processes(options.processes)
    if options.differences is not None:
        require_new(options.differences, "--differences")
    tables = read_folder(options.folder)
    if tables.notes:
        say(str(InputProblem(tables.notes)))
    if not (tables.loans or tables.advances):
        landing = accept_more(options.into, tables)
        print(f"Accepted {counted(landing.events, 'event')} as landing {landing.number} of "
              f"{options.into}.")  # fmt: skip
        return 0
    say(f"working out {counted(len(tables.loans) + len(tables.advances), 'loan')}")
    found = reconcile(tables, options.processes)
    if options.differences is not None:
        options.differences.write_text(differences_csv(found.differences), encoding="utf-8")
    if found.findings:
        raise InputProblem(found.findings)
    if found.differences:
        _tell(found)
        return 1
    landing = accept(options.into, found, tables)
    print(f"Accepted {counted(landing.loans, 'loan')} with {counted(landing.events, 'event')} as "
          f"landing {landing.number} of {options.into}.")  # fmt: skip
    return 0


def _tell(found: "Reconciled") -> None:
    from tradeline.lending.importing.differences import differences_lines

    loans = len({each.loan for each in found.differences})
    verb = "differs" if loans == 1 else "differ"
    whole = len(found.loans) + len(found.advances)
    print(f"{counted(loans, 'loan')} of {whole:,} {verb}: nothing was accepted.")
    print("\n".join(differences_lines(found.differences[:SHOWN])))
    if len(found.differences) > SHOWN:
        print(f"… and {len(found.differences) - SHOWN:,} more: see --differences.")
