"""`tradeline loan`: show the schedule of terms, and hold the engine to cases."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.cli.options import add_actions, add_text_or_json

EPILOG = """\
examples:
  tradeline loan preview examples/lending/term_loan.yaml
  tradeline loan preview examples/lending/term_loan.yaml --format json
  tradeline loan line examples/lending/line.yaml
  tradeline loan replay examples/lending/case.json

`tradeline loan ACTION --help` says more of each.
"""
SUMMARIES = {
    "preview": "show the schedule that terms come to, and what it costs a year",
    "line": "show how a draw on a revolving line is repaid",
    "replay": "hold every figure of a loan case to the cent",
}
EPILOGS = {
    "preview": """\
examples:
  tradeline loan preview examples/lending/term_loan.yaml
  tradeline loan preview examples/lending/term_loan.yaml --format json

docs/guides/loans.md explains the file. The same function makes the schedule of
a running loan, so that a preview cannot differ from it.
""",
    "line": """\
examples:
  tradeline loan line examples/lending/line.yaml
  tradeline loan line examples/lending/line_by_bill.yaml --format json

docs/guides/lines.md explains the file. The same function follows what happens
to a line, so that a preview cannot differ from it.
""",
    "replay": """\
examples:
  tradeline loan replay examples/lending/case.json

Exit code 0: every figure of every checkpoint holds. 1: some do not, and a table
says what was expected and what came out. 2: the file has a word or a value that
the vocabulary does not have. docs/reference/loan-cases.md lists the words.
""",
}

if TYPE_CHECKING:
    from tradeline.lending.cases.case import Outcome


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of `tradeline loan` and their arguments."""
    for name, action in add_actions(parser, SUMMARIES, EPILOGS):
        if name in ("preview", "line"):
            of = "loan" if name == "preview" else "line"
            action.add_argument("terms", type=Path, metavar="FILE", help=f"YAML of a {of}'s terms")
            add_text_or_json(action, "a table, or JSON in minor units")
        else:
            action.add_argument("case", type=Path, metavar="FILE", help="JSON of a loan case")


def run(options: argparse.Namespace) -> int:
    """Do the action; `replay` gives 1 if a figure does not hold."""
    actions: dict[str, Callable[[argparse.Namespace], int]] = {
        "preview": _preview,
        "line": _line,
        "replay": _replay,
    }
    return actions[options.action](options)


def _preview(options: argparse.Namespace) -> int:
    from tradeline.lending.loan.fold import preview
    from tradeline.lending.products.shown import (
        cost_table,
        cost_text,
        schedule_table,
        schedule_text,
    )
    from tradeline.lending.products.terms_file import read_terms
    from tradeline.lending.products.yearly_cost import yearly_cost

    contract = read_terms(options.terms)
    state = preview(contract)
    cost = yearly_cost(contract, state)
    if options.format == "json":
        print(json.dumps(schedule_table(contract, state) | cost_table(cost), indent=1))
    else:
        print(schedule_text(contract, state), cost_text(cost), sep="\n", end="")
    return 0


def _line(options: argparse.Namespace) -> int:
    from tradeline.lending.lines.fold import preview
    from tradeline.lending.lines.shown import line_table, line_text
    from tradeline.lending.lines.terms_file import read_line

    terms = read_line(options.terms)
    state = preview(terms.agreement, terms.draw_minor, terms.agreement.start)
    if options.format == "json":
        print(json.dumps(line_table(terms, state), indent=1))
    else:
        print(line_text(terms, state), end="")
    return 0


def _replay(options: argparse.Namespace) -> int:
    from tradeline.lending.cases.reading import read_case
    from tradeline.lending.cases.replay import replay

    outcomes = replay(read_case(options.case))
    for outcome in outcomes:
        _tell(outcome)
    return int(any(outcome.differences for outcome in outcomes))


def _tell(outcome: "Outcome") -> None:
    from tradeline.kernel.findings import counted

    if not outcome.differences:
        print(f"{outcome.variant}: {counted(outcome.figures, 'figure')}, and all hold.")
        return
    wrong = len(outcome.differences)
    print(f"{outcome.variant}: {wrong} of {counted(outcome.figures, 'figure')} do not hold.")
    rows = [("checkpoint", "figure", "expected", "got")]
    rows += [(each.checkpoint, each.figure, each.expected, each.got)
             for each in outcome.differences]  # fmt: skip
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        padded = (text.ljust(width) for text, width in zip(row[:3], widths, strict=True))
        print("  " + "  ".join((*padded, row[3])))
