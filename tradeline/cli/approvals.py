"""`tradeline approvals`: propose what needs two people, approve or refuse it, carry it out."""

import argparse
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradeline.book.wheel import require_client, require_tables
from tradeline.cli.options import add_actions
from tradeline.kernel.findings import InputProblem, counted, problem

if TYPE_CHECKING:
    from psycopg import Connection

    from tradeline.lending.loan.events import Event

EPILOG = """\
examples:
  tradeline approvals propose loss-1 --agreement loan_0001 --event loss.json \\
    --who ana --why "no assets left" --ledger north
  tradeline approvals list --ledger north
  tradeline approvals approve loss-1 --who bo --ledger north
  tradeline approvals refuse loss-1 --who bo --why "it pays" --ledger north
  tradeline approvals withdraw loss-1 --who ana --ledger north
  tradeline approvals carry-out loss-1 --ledger north

`tradeline approvals ACTION --help` says more of each.
"""
SUMMARIES = {
    "propose": "propose an event of a loan or line that needs two people",
    "list": "show proposals, and how each stands",
    "approve": "approve what another person proposed",
    "refuse": "refuse what another person proposed",
    "withdraw": "take an own proposal back",
    "carry-out": "enter what was approved, once",
}
DETAILS = {
    "propose": "FILE is JSON: the `kind` of the event, its days and amounts, such as\n"
    '{"kind": "WriteOff", "value_date": "2026-03-01", "entered_on": "2026-03-01"}.\n',
    "approve": "What is approved is this very action: if the loan changed since it was\n"
    "proposed, it is refused and must be proposed anew.\n",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of `tradeline approvals` and their arguments."""
    for name, action in add_actions(parser, SUMMARIES, DETAILS):
        if name != "list":
            action.add_argument("proposal", metavar="PROPOSAL", help="its name, such as loss-1")
        if name == "propose":
            action.add_argument(
                "--agreement", required=True, metavar="TEXT", help="the loan or line"
            )
            action.add_argument(
                "--event", required=True, type=Path, metavar="FILE", help="what is to be entered"
            )
        if name not in {"list", "carry-out"}:
            is_needed = name in {"propose", "refuse"}
            action.add_argument("--who", required=True, metavar="TEXT", help="the person")
            action.add_argument(
                "--why", required=is_needed, default="", metavar="TEXT",
                help="the reason" if is_needed else "the reason (default: none)",
            )  # fmt: skip
        action.add_argument("--ledger", metavar="NAME", required=True, help="the lender")
        action.add_argument(
            "--data", type=Path, metavar="FOLDER",
            help="the server's folder (default: TRADELINE_BOOK, or the user's own)",
        )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Do what is asked."""
    require_client()
    require_tables()
    from psycopg import OperationalError

    from tradeline.book.bootstrap import configure
    from tradeline.book.connection import connect
    from tradeline.lending.ledger.refusals import unanswered

    moment = datetime.now(UTC)  # noqa: TID251  this is where a clock enters
    try:
        with connect("worker", options.data) as connection:
            _require_migrated(connection)
            configure("worker", options.data)
            if options.action == "list":
                return _list(connection, options, moment)
            if options.action == "propose":
                return _propose(connection, options, moment)
            if options.action == "carry-out":
                return _carry_out(connection, options, moment)
            return _decide(options, moment)
    except OperationalError as refusal:
        raise unanswered(refusal) from refusal


def _require_migrated(connection: "Connection") -> None:
    there = connection.execute("SELECT to_regclass('approvals_step') IS NOT NULL").fetchone()
    if there != (True,):
        raise problem(
            "not-migrated", "book", "The book has no tables of proposals yet.",
            "Run `tradeline book migrate`.",
        )  # fmt: skip


def _list(connection: "Connection", options: argparse.Namespace, moment: datetime) -> int:
    from tradeline.book.connection import snapshot
    from tradeline.lending.approvals.saved import saved_proposals

    with snapshot(connection, options.ledger):
        found = list(saved_proposals(connection))
    for each in found:
        kind, made = type(each.event).__name__, each.proposal
        print(
            f"{each.name}  {each.agreement}  {kind} of {each.event.value_date}  "
            f"{each.standing(moment)}  by {made.maker}: {made.why}"
        )
    print(f"{counted(len(found), 'proposal')}.")
    return 0


def _propose(connection: "Connection", options: argparse.Namespace, moment: datetime) -> int:
    from tradeline.book.connection import snapshot
    from tradeline.lending.approvals.flows import Person, propose
    from tradeline.lending.servicing.flows import Command
    from tradeline.lending.servicing.saved import read_saved

    with snapshot(connection, options.ledger):
        kinds = read_saved(connection, options.agreement).kind.events
    event = _event(options.event, kinds)
    command = Command(options.ledger, options.agreement, options.proposal, moment)
    answer = propose(command, event, Person(options.who, options.why))
    stakes = " and ".join(stake["kind"] for stake in answer["stakes"])
    print(f"{options.proposal} is proposed, as a {stakes}; it lapses at {answer['lapses_at']}.")
    return 0


def _event(path: Path, kinds: "tuple[type[Event], ...]") -> "Event":
    from tradeline.lending.servicing.written import read_event

    try:
        told: Any = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as refusal:
        raise _no_event(path, "This is no JSON.") from refusal
    if not isinstance(told, Mapping) or not isinstance(told.get("kind"), str):
        raise _no_event(path, "It does not say of which kind the event is.")
    try:
        return read_event(
            kinds, told["kind"], {name: told[name] for name in told if name != "kind"}
        )
    except InputProblem as refusal:
        raise _no_event(path, refusal.findings[0].message) from refusal


def _no_event(path: Path, message: str) -> Exception:
    return problem("no-event", path.name, message, "See `tradeline approvals propose --help`.")


def _decide(options: argparse.Namespace, moment: datetime) -> int:
    from tradeline.lending.approvals import flows

    decide = {"approve": flows.approve, "refuse": flows.refuse, "withdraw": flows.withdraw}
    person = flows.Person(options.who, options.why)
    answer = decide[options.action](options.ledger, options.proposal, person, moment)
    print(f"{options.proposal} is {answer['became']}.")
    return 0


def _carry_out(connection: "Connection", options: argparse.Namespace, moment: datetime) -> int:
    from tradeline.book.connection import in_tenant
    from tradeline.lending.approvals.flows import enter
    from tradeline.lending.approvals.saved import saved_proposal
    from tradeline.lending.servicing.flows import Command

    with in_tenant(connection, options.ledger):
        saved = saved_proposal(connection, options.proposal)
    key = f"proposal {options.proposal} entered"
    command = Command(options.ledger, saved.agreement, key, moment)
    answer = enter(command, saved.event, options.proposal)
    print(f"{options.proposal} is carried out; {saved.agreement} is {answer['status']}.")
    return 0
