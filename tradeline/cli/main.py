"""The `tradeline` command: parse, hand over to one module for each command, report problems."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

from tradeline import __version__
from tradeline.kernel.findings import InputProblem

EXIT_INPUT = 2

# Each command's module is imported only when that command runs, so that --help stays quick.
COMMANDS = {
    "assess": "decide on every applicant of a folder, and write why",
    "book": "start and stop the database of the platform, and say how it is",
    "features": "list what is computed of a firm, what it means and which way it should move risk",
    "inspect": "say what the files of a folder are, how to read them and what is wrong with them",
    "world": "make a simulated market, its truth known",
}


def build_parser() -> argparse.ArgumentParser:
    """The parser of the command line: one subcommand for each entry of `COMMANDS`."""
    parser = argparse.ArgumentParser(
        prog="tradeline",
        description="From a folder of enterprise records to credit decisions that can be defended.",
        epilog="tradeline COMMAND --help says what a command takes and gives.",
    )
    parser.add_argument("--version", action="version", version=f"tradeline {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, summary in COMMANDS.items():
        commands.add_parser(name, help=summary, add_help=False)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the result is the process's exit code (2: the input needs mending)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in COMMANDS:
        return run_command(words[0], words[1:])
    parser = build_parser()
    parser.parse_args(words)
    parser.print_help()
    return EXIT_INPUT if words else 0


def run_command(name: str, words: Sequence[str]) -> int:
    """Run the command's own module; an `InputProblem` becomes its lines and exit code 2."""
    command = import_module(f"tradeline.cli.{name}")
    parser = argparse.ArgumentParser(prog=f"tradeline {name}", description=COMMANDS[name])
    command.add_arguments(parser)
    options = parser.parse_args(words)
    try:
        result: int = command.run(options)
    except InputProblem as refusal:
        print(refusal, file=sys.stderr)
        return EXIT_INPUT
    return result
