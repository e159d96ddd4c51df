"""The `tradeline` command: parse, hand over to one module for each command, report problems."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper

from tradeline import __version__
from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.texts import sentence

EXIT_INPUT = 2

# Each command's module is imported only when that command runs, so that --help stays quick.
COMMANDS = {
    "approvals": "propose what needs two people, approve or refuse it",
    "assess": "decide on every applicant of a folder, and write why",
    "book": "start and stop the platform's database, and say how it is",
    "contracts": "list the datasets that can be read: fields, units, keys, allowed values",
    "decide": "decide on applications by an engine, and log every decision",
    "decisions": "say what was decided and why, and make decisions again",
    "enterprise": "say which enterprises are one, undo it, and find what that touched",
    "eod": "end the days of a portfolio of loans, and show how it stands",
    "features": "list what is computed of a firm, or compute it as of any moment",
    "file": "show what is known of one enterprise, and the rows behind it",
    "inspect": "say what a folder's files are, how to read them, what is wrong",
    "lake": "keep what is learned, batch by batch, for any moment",
    "ledger": "book a lender's entries, double, sealed, and verify them",
    "link": "say which records of two tables are the same, without labels",
    "loan": "show the schedule of a loan, and hold the engine to cases",
    "loans": "take in a portfolio of loans with its history, reconciled",
    "model": "learn a model of default from any table, score, judge and keep it",
    "offers": "plan offers within a portfolio's caps, compare several lenders'",
    "payments": "pay loans out and take what comes in, by files of a bank",
    "policy": "check, show and try a policy, and take it into force",
    "quality": "say how timely, complete, consistent and accurate the data are",
    "world": "make a simulated market to try it on, its truth known",
}

EPILOG = """\
examples:
  tradeline world --out market
  tradeline inspect market
  tradeline assess market --as-of 2024-12-31 --budget 100000000 --out results

Then open results/report.html. `tradeline COMMAND --help` says more of each.
"""


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command line: one subcommand for each entry of `COMMANDS`."""
    parser = argparse.ArgumentParser(
        prog="tradeline",
        description="From a folder of enterprise records to credit decisions that can be defended.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"tradeline {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, summary in COMMANDS.items():
        commands.add_parser(name, help=summary, add_help=False)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the result is the process's exit code (2: the input needs mending)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # a name that the terminal cannot show stops nothing
            stream.reconfigure(errors="backslashreplace")
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in COMMANDS:
        return run_command(words[0], words[1:])
    parser = build_parser()
    parser.parse_args(words)
    parser.print_help()
    return EXIT_INPUT if words else 0


def command_parser(name: str) -> argparse.ArgumentParser:
    """The parser of one command: arguments and examples stand in the command's own module."""
    command = import_module(f"tradeline.cli.{name}")
    parser = argparse.ArgumentParser(
        prog=f"tradeline {name}",
        description=sentence(COMMANDS[name]),
        epilog=command.EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.add_arguments(parser)
    return parser


def run_command(name: str, words: Sequence[str]) -> int:
    """Run the command's own module; an `InputProblem` becomes its lines and exit code 2."""
    options = command_parser(name).parse_args(words)
    try:
        result: int = import_module(f"tradeline.cli.{name}").run(options)
    except InputProblem as refusal:
        print(refusal, file=sys.stderr)
        return EXIT_INPUT
    except OSError as refusal:
        print(_system_refuses(refusal), file=sys.stderr)
        return EXIT_INPUT
    return result


def _system_refuses(refusal: OSError) -> InputProblem:
    return problem(
        "system-refuses",
        str(refusal.filename or "files"),
        f"The system refuses: {refusal.strerror}.",
        "Check the path and your rights to it.",
    )
