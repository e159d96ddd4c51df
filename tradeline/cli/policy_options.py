"""The actions of `tradeline policy` and what each may be told."""

import argparse
from collections.abc import Callable
from pathlib import Path

from tradeline.cli.options import add_actions, add_new_file, add_who_and_why

SUMMARIES = {
    "check": "prove that the tables of a policy hold together",
    "show": "show a policy in words, as text or as a page",
    "try": "ask a policy about one set of values, and say why",
    "import": "make a policy of the decision tables in a JDM or DMN file",
    "export": "write a policy as a JDM or DMN file",
    "backtest": "say what a policy would have decided on a past period",
    "advance": "take a policy one step further: draft, checked, shadow, live",
    "history": "tell the steps of policies, and which are in force",
}
EPILOG = """\
examples:
  tradeline policy check examples/policy/small_business.yaml
  tradeline policy show examples/policy/small_business.yaml --out policy.html
  tradeline policy history --registry policies

`tradeline policy ACTION --help` says more of each.
"""
EPILOGS = {
    "check": """\
examples:
  tradeline policy check examples/policy/small_business.yaml

Every gap and every overlap is found, with a point in it. Exit code 2 tells that
the policy does not load. docs/reference/policy-tables.md explains the file.
""",
    "show": """\
examples:
  tradeline policy show examples/policy/small_business.yaml
  tradeline policy show examples/policy/small_business.yaml --out policy.html
""",
    "try": """\
examples:
  tradeline policy try examples/policy/small_business.yaml \\
    --input pd=0.03 score=640 sector=logistics

An input that is not named is missing, and `pd=` is missing too. What is named
is 0 days old, unless --age says otherwise; the currency is the policy's own.
""",
    "import": """\
examples:
  tradeline policy import rules.json --out policy.yaml --valid-from 2026-01-01
  tradeline policy import loans.dmn --out policy.yaml --valid-from 2026-01-01 \\
    --otherwise refer

What does not fit is refused cell by cell, and what is read is proven like any
other policy before it is written.
""",
    "export": """\
examples:
  tradeline policy export examples/policy/small_business.yaml --as dmn \\
    --out policy.dmn
""",
    "backtest": """\
examples:
  tradeline policy backtest policy.yaml --log decisions
  tradeline policy backtest policy.yaml --log decisions --from 2026-01-01 \\
    --to 2026-03-31 --by sector --outcomes outcomes.csv

The scorecard and the lender's terms are those that decided last in the period.
Nobody knows how a firm would have paid that was not lent to.
""",
    "advance": """\
examples:
  tradeline policy advance policy.yaml --to draft --who "Li Na" \\
    --why "new caps" --registry policies
  tradeline policy advance policy.yaml --to challenger --share 0.1 \\
    --experiment "spring caps" --who "Li Na" --why "try on a tenth" \\
    --registry policies

draft, checked, shadow, challenger, live, retired. A policy that needs several
persons is live once the last of them has said so.
""",
    "history": """\
examples:
  tradeline policy history --registry policies
  tradeline policy history --registry policies --at 2026-03-01T09:00:00Z
""",
}
FORMATS = {"jdm": (".json",), "dmn": (".dmn", ".xml")}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of `tradeline policy` and their arguments."""
    for name, action in add_actions(parser, SUMMARIES, EPILOGS):
        ARGUMENTS[name](action)


def _add_policy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("policy", type=Path, metavar="POLICY", help="a policy file (YAML)")


def _add_show_arguments(parser: argparse.ArgumentParser) -> None:
    _add_policy(parser)
    parser.add_argument(
        "--format", choices=("text", "page"),
        help="how to show it (default: page if --out ends in .html, else text)",
    )  # fmt: skip
    add_new_file(parser)


def _add_try_arguments(parser: argparse.ArgumentParser) -> None:
    _add_policy(parser)
    parser.add_argument(
        "--input", nargs="+", action="extend", default=[], metavar="NAME=VALUE",
        help="the value of an input (default: missing)",
    )  # fmt: skip
    parser.add_argument(
        "--age", nargs="+", action="extend", default=[], metavar="NAME=DAYS",
        help="how old a value is (default: 0 days)",
    )  # fmt: skip


def _add_backtest_arguments(parser: argparse.ArgumentParser) -> None:
    from tradeline.cli.decisions import add_comparing

    _add_policy(parser)
    parser.add_argument(
        "--log", type=Path, required=True, metavar="FOLDER", help="a log of decisions"
    )
    parser.add_argument(
        "--from", dest="first", metavar="DATE", help="the first day (default: that of the log)"
    )
    parser.add_argument(
        "--to", dest="last", metavar="DATE", help="the last day (default: that of the log)"
    )
    add_comparing(parser)


def _add_import_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a .json (JDM) or .dmn file")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the policy file to write"
    )
    parser.add_argument(
        "--valid-from", metavar="DATE",
        help="the first day it is valid (default: what the file says, if it was a policy)",
    )  # fmt: skip
    parser.add_argument(
        "--version", metavar="TEXT", default="imported",
        help="its version, if the file says none (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument(
        "--otherwise", choices=("refuse", "refer", "decline", "pass"),
        help="what no hit means in its tables (default: they must have no gap)",
    )  # fmt: skip


def _add_export_arguments(parser: argparse.ArgumentParser) -> None:
    _add_policy(parser)
    parser.add_argument(
        "--as", dest="wanted", choices=tuple(FORMATS), required=True, help="the format"
    )
    add_new_file(parser)


def _add_advance_arguments(parser: argparse.ArgumentParser) -> None:
    _add_policy(parser)
    states = ("draft", "checked", "shadow", "challenger", "live", "retired")
    parser.add_argument("--to", choices=states, required=True, help="the next step")
    add_who_and_why(parser)
    parser.add_argument(
        "--at", metavar="DATE", help="from which moment on, such as 2026-03-01T09:00:00Z "
        "(default: now)",
    )  # fmt: skip
    parser.add_argument(
        "--share", type=float, default=0.0, metavar="SHARE",
        help="of a challenger: the share of enterprises it decides on (default: none)",
    )  # fmt: skip
    parser.add_argument(
        "--experiment", default="", metavar="TEXT",
        help="of a challenger: what enterprises are dealt by (default: none)",
    )  # fmt: skip
    _add_registry(parser)


def _add_history_arguments(parser: argparse.ArgumentParser) -> None:
    _add_registry(parser)
    parser.add_argument(
        "--at", metavar="DATE", help="say who is in force at this moment (default: now)"
    )


def _add_registry(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--registry", type=Path, required=True, metavar="DIR",
        help="the folder that keeps the versions and their log",
    )  # fmt: skip


ARGUMENTS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "check": _add_policy,
    "show": _add_show_arguments,
    "try": _add_try_arguments,
    "import": _add_import_arguments,
    "export": _add_export_arguments,
    "backtest": _add_backtest_arguments,
    "advance": _add_advance_arguments,
    "history": _add_history_arguments,
}
