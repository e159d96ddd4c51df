"""`tradeline ledger`: open the books of a lender, book entries, seal and verify them."""

import argparse
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.book.wheel import require_client
from tradeline.cli.options import add_actions, parse_date, say
from tradeline.kernel.findings import counted, problem

if TYPE_CHECKING:
    from psycopg import Connection

    from tradeline.lending.ledger.entry import Entry
    from tradeline.lending.ledger.verify import Verified

EPILOG = """\
examples:
  tradeline ledger open north --late adjust
  tradeline ledger accounts accounts.jsonl --ledger north
  tradeline ledger post entries.jsonl --ledger north
  tradeline ledger balances --ledger north --valued-on 2026-01-31 --known-at 12
  tradeline ledger close 2026-01-31 --ledger north
  tradeline ledger verify

`tradeline ledger ACTION --help` says more of each.
"""
SUMMARIES = {
    "open": "open the ledger of a lender",
    "accounts": "open accounts, or find them open",
    "post": "book entries, all or none, each key once",
    "balances": "show what is booked and held, now or at a point in the past",
    "close": "close the books through a day",
    "seal": "number what was booked, and extend the chain of hashes",
    "verify": "hold every ledger against its invariants",
}
DETAILS = {
    "post": "FILE has one entry a line (docs/guides/ledger.md). A key that was booked\n"
    "before gives its first answer again; for another entry it is refused.\n",
    "balances": "Balances are debit less credit. --known-at counts only entries up to that\n"
    "number; --periods counts by the period that an entry was booked in.\n",
    "verify": "Seals what waits first. The exit code is 1 if something is wrong; the first\n"
    "bad entry is named. Keep the number and hash that it prints elsewhere: with\n"
    "--anchor a ledger that lost its end is found too.\n",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of `tradeline ledger` and their arguments."""
    for name, action in add_actions(parser, SUMMARIES, DETAILS):
        if name == "open":
            _add_open(action)
        if name in {"accounts", "post"}:
            action.add_argument("file", type=Path, metavar="FILE", help="JSON Lines")
        if name == "close":
            action.add_argument("day", metavar="DATE", help="the last day that is closed")
        if name == "balances":
            _add_balances(action)
        if name == "verify":
            action.add_argument(
                "--anchor", metavar="TEXT",
                help="NUMBER:HASH that an earlier run told (default: none is held against)",
            )  # fmt: skip
        _add_common(action, name)


def _add_open(action: argparse.ArgumentParser) -> None:
    action.add_argument("ledger", metavar="NAME", help="the lender's name")
    action.add_argument(
        "--late", choices=("refuse", "adjust"), default="refuse",
        help="what becomes of entries valued in a closed period (default: %(default)s)",
    )  # fmt: skip


def _add_balances(action: argparse.ArgumentParser) -> None:
    action.add_argument("--valued-on", metavar="DATE", help="as valued on a day (default: now)")
    action.add_argument(
        "--known-at", type=int, metavar="N", help="as known at an entry (default: all of them)"
    )
    action.add_argument(
        "--periods", action="store_true", help="by the period booked in, not by value date"
    )


def _add_common(action: argparse.ArgumentParser, name: str) -> None:
    if name in {"seal", "verify"}:
        action.add_argument(
            "--ledger", metavar="NAME", help="only this ledger (default: all of them)"
        )
    elif name != "open":
        action.add_argument("--ledger", metavar="NAME", required=True, help="whose books")
    action.add_argument(
        "--data", type=Path, metavar="FOLDER",
        help="the server's folder (default: TRADELINE_BOOK, or the user's own)",
    )  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Do what is asked; exit code 1 if `verify` finds something wrong."""
    require_client()
    from psycopg import InternalError, OperationalError

    from tradeline.book.connection import connect
    from tradeline.lending.ledger.refusals import unanswered

    actions = {
        "open": _open, "accounts": _accounts, "post": _post, "balances": _balances,
        "close": _close, "seal": _seal, "verify": _verify,
    }  # fmt: skip
    try:
        with connect("worker", options.data) as connection:
            _require_tables(connection)
            return actions[options.action](connection, options)
    except (OperationalError, InternalError) as refusal:
        raise unanswered(refusal) from refusal


def _require_tables(connection: "Connection") -> None:
    there = connection.execute("SELECT to_regclass('ledger_seal') IS NOT NULL").fetchone()
    if there != (True,):
        raise problem(
            "not-migrated", "book", "The book has no tables yet.", "Run `tradeline book migrate`."
        )


def _now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  this is where a clock enters


def _open(connection: "Connection", options: argparse.Namespace) -> int:
    from tradeline.book.connection import in_tenant
    from tradeline.lending.ledger.accounts import open_ledger

    with in_tenant(connection, options.ledger):
        open_ledger(connection, _now(), options.late)
    print(f"The ledger {options.ledger} is open.")
    return 0


def _accounts(connection: "Connection", options: argparse.Namespace) -> int:
    from tradeline.book.connection import in_tenant
    from tradeline.lending.ledger.accounts import open_accounts
    from tradeline.lending.ledger.lines import read_accounts

    accounts = read_accounts(options.file)
    with in_tenant(connection, options.ledger):
        open_accounts(connection, accounts, _now())
    print(f"{counted(len(accounts), 'account')} open.")
    return 0


def _post(connection: "Connection", options: argparse.Namespace) -> int:
    from tradeline.book.connection import in_tenant
    from tradeline.lending.ledger.lines import read_entries
    from tradeline.lending.ledger.posting import post

    entries = read_entries(options.file)
    with in_tenant(connection, options.ledger):
        whole = [_whole(connection, entry) for entry in entries]
        answers = post(connection, whole, _now())
    for answer in answers:  # only now are they committed
        day = answer.booking_date.isoformat()
        print(json.dumps({"key": answer.key, "entry": answer.entry, "booking_date": day}))
    return 0


def _whole(connection: "Connection", entry: "Entry") -> "Entry":
    """The entry itself, or the opposite of the one it reverses where it states no postings."""
    from tradeline.lending.ledger.entry import reversal
    from tradeline.lending.ledger.stored import entry_of_key

    if entry.reverses is None or entry.postings:
        return entry
    original = entry_of_key(connection, entry.reverses)
    if original is None:
        message = f"There is no entry {entry.reverses} to reverse."
        raise problem("unknown-entry", f"entry {entry.key}", message, "Look up its key.")
    return reversal(original.entry, entry.key, entry.value_date)


def _balances(connection: "Connection", options: argparse.Namespace) -> int:
    from tradeline.book.connection import snapshot
    from tradeline.lending.ledger.reading import balances, balances_on, trial_balance

    with snapshot(connection, options.ledger):
        now = balances(connection)
        if options.valued_on is None and options.known_at is None and not options.periods:
            for one in now:
                held = f"  held {one.held_debit_minor} / {one.held_credit_minor}"
                is_held = one.held_debit_minor or one.held_credit_minor
                print(f"{one.account}  {one.currency}  {one.booked_minor}{held if is_held else ''}")
            return 0
        day = parse_date(options.valued_on or "9999-12-31", "--valued-on")
        past = (trial_balance if options.periods else balances_on)(
            connection, day, options.known_at
        )
    for one in now:
        print(f"{one.account}  {one.currency}  {past.get(one.account, 0)}")
    return 0


def _close(connection: "Connection", options: argparse.Namespace) -> int:
    from tradeline.book.connection import in_tenant
    from tradeline.lending.ledger.accounts import close_through

    day = parse_date(options.day, "DATE")
    with in_tenant(connection, options.ledger):
        close_through(connection, day)
    print(f"The books of {options.ledger} are closed through {day}.")
    return 0


def _seal(connection: "Connection", options: argparse.Namespace) -> int:
    for ledger in asked_ledgers(connection, options):
        print(f"{ledger}: {_seal_all(connection, ledger):,} sealed.")
    return 0


def _seal_all(connection: "Connection", ledger: str) -> int:
    from tradeline.book.connection import in_tenant
    from tradeline.lending.ledger.sealing import seal

    total = 0
    while True:
        with in_tenant(connection, ledger):
            sealed = seal(connection)
        total += sealed
        if not sealed:
            return total


def _verify(connection: "Connection", options: argparse.Namespace) -> int:
    from tradeline.book.connection import snapshot
    from tradeline.lending.ledger.verify import verify
    from tradeline.lending.payments.proof import payments_clear
    from tradeline.lending.servicing.saved import loans_agree

    anchor = _anchor(options.anchor)
    is_sound = True
    for ledger in asked_ledgers(connection, options):
        _seal_all(connection, ledger)
        with snapshot(connection, ledger):
            verified = verify(connection, say, [loans_agree, payments_clear], anchor)
        print("\n".join(_told(ledger, verified)))
        is_sound = is_sound and not verified.found
    return 0 if is_sound else 1


def _told(ledger: str, verified: "Verified") -> list[str]:
    lines = [finding.line() for finding in verified.findings]
    if verified.found > len(lines):
        lines.append(f"and {verified.found - len(lines):,} more.")
    verdict = "holds" if not verified.found else "does not hold"
    return [
        f"{ledger}: sealed up to {verified.sealed_to} ({verified.head}), "
        f"{verified.unsealed} unsealed, {counted(verified.postings, 'posting')}: it {verdict}.",
        *lines,
    ]


def asked_ledgers(connection: "Connection", options: argparse.Namespace) -> tuple[str, ...]:
    """The ledger that `--ledger` names, else all; `InputProblem` if there is none of that name."""
    from tradeline.lending.ledger.accounts import ledgers, no_ledger

    there = ledgers(connection)
    if options.ledger is None:
        return there
    if options.ledger not in there:
        raise no_ledger()
    return (options.ledger,)


def _anchor(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    number, _, head = text.partition(":")
    if not number.isdigit() or not head.startswith("sha256:"):
        raise problem(
            "bad-anchor", "--anchor", f"'{text}' is no number and hash.",
            "Write them as verify prints them, such as 120:sha256:….",
        )  # fmt: skip
    return int(number), head
