"""`tradeline payments`: pay loans out and take what comes in, by files of a bank."""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tradeline.book.wheel import require_client, require_tables
from tradeline.cli.options import add_actions, add_who_and_why, parse_date, require_new
from tradeline.cli.payments_bank import add_bank_arguments, simulate
from tradeline.kernel.findings import counted, problem
from tradeline.kernel.money import amount_text, minor_digits
from tradeline.kernel.texts import clean

if TYPE_CHECKING:
    from psycopg import Connection

    from tradeline.lending.payments.flows import Desk
    from tradeline.lending.payments.instruction import Instruction
    from tradeline.lending.payments.suspense import Item

EPILOG = """\
examples:
  tradeline payments open DE89370400440532013000 --holder North \\
    --currency EUR --ledger north
  tradeline payments instruct pay-1 --loan loan_0001 --amount 12000.00 \\
    --to GB82WEST12345698765432 --holder Firm --ledger north
  tradeline payments send --out transfers.xml --ledger north
  tradeline payments simulate sent --out bank --receipts paid_in.csv
  tradeline payments take statement.xml --ledger north
  tradeline payments list --ledger north
  tradeline payments suspense --ledger north
  tradeline payments assign BK00000002 --loan loan_0001 --ledger north \\
    --who ana --why "the firm called"
  tradeline payments return BK00000003 --payment back-1 \\
    --to GB82WEST12345698765432 --holder Firm --ledger north \\
    --who ana --why "not ours" --propose return-1

`tradeline payments ACTION --help` says more of each.
"""
SUMMARIES = {
    "open": "open an account of the lender at a bank",
    "instruct": "have a loan paid out; it is active when the payment settles",
    "send": "write the file of transfers (pain.001) that the bank is to carry out",
    "take": "take a file of the bank: a report (pain.002) or a statement (camt.053)",
    "list": "show payments, and how each stands",
    "suspense": "show what moved and is not explained",
    "assign": "say what a movement in suspense is for",
    "return": "send a receipt in suspense back",
    "simulate": "have a made-up bank take files of transfers, and write its files",
}
DETAILS = {
    "send": "Each payment is in one file, once. A file that could not be written is\n"
    "written again by the next `send`, the same to the byte.\n",
    "take": "A file that is taken again changes nothing; a statement that was cut short\n"
    "goes on where it stopped. A file in doubt is refused as a whole.\n",
    "assign": "For a loan it is a repayment from the day that it counts from; where that is\n"
    "long ago, two people must agree: --propose it, have it approved by\n"
    "`tradeline approvals`, then name the --proposal. An account is one of the\n"
    "ledger's own, such as capital or a bank's charges.\n",
    "return": "Two people must agree, above what the lender's rules let one do alone:\n"
    "--propose it, have it approved by `tradeline approvals`, then name the\n"
    "--proposal. It leaves with the next `send`. If the bank rejects it, or it comes\n"
    "back, it waits in suspense again.\n",
    "simulate": "For demonstrations and tests. The bank gets each file on the first day on which\n"
    "something of it is to be executed, answers with a report (pain.002), and writes\n"
    "a statement (camt.053) of each day on which money moved. The same files and seed\n"
    "give the same bytes; run it again with more files of later days.\n",
}
PAID_FROM = {"instruct", "send", "assign", "return"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The actions of `tradeline payments` and their arguments."""
    for name, action in add_actions(parser, SUMMARIES, DETAILS):
        _OWN[name](action)
        if name == "simulate":
            continue
        if name in PAID_FROM:
            action.add_argument(
                "--account", metavar="TEXT",
                help="the lender's account at the bank (default: its only one)",
            )  # fmt: skip
        action.add_argument("--ledger", metavar="NAME", required=True, help="whose money")
        action.add_argument(
            "--on", metavar="DATE", help="the day that it is entered on (default: today)"
        )
        action.add_argument(
            "--data", type=Path, metavar="FOLDER",
            help="the server's folder (default: TRADELINE_BOOK, or the user's own)",
        )  # fmt: skip


def _add_open(action: argparse.ArgumentParser) -> None:
    action.add_argument("number", metavar="ACCOUNT", help="its number, such as an IBAN")
    action.add_argument("--holder", required=True, metavar="TEXT", help="its holder")
    action.add_argument("--bank", default="", metavar="TEXT", help="the BIC (default: none)")
    action.add_argument("--currency", required=True, metavar="CODE", help="ISO 4217 code")


def _add_instruct(action: argparse.ArgumentParser) -> None:
    action.add_argument("payment", metavar="PAYMENT", help="a name of its own, such as pay-1")
    action.add_argument("--loan", required=True, metavar="TEXT", help="the loan that is paid out")
    action.add_argument(
        "--amount", required=True, metavar="AMOUNT", help="in units, such as 12000.00"
    )
    _add_creditor(action)


def _add_creditor(action: argparse.ArgumentParser) -> None:
    action.add_argument("--to", required=True, metavar="ACCOUNT", help="the creditor's account")
    action.add_argument("--holder", required=True, metavar="TEXT", help="the creditor")
    action.add_argument("--bank", default="", metavar="TEXT", help="its BIC (default: none)")
    action.add_argument("--execute", metavar="DATE", help="the day of payment (default: --on)")


def _add_send(action: argparse.ArgumentParser) -> None:
    action.add_argument("--out", required=True, type=Path, metavar="FILE", help="a new file")
    action.add_argument(
        "--message", metavar="TEXT", help="the name of the file for the bank (default: the moment)"
    )


def _add_take(action: argparse.ArgumentParser) -> None:
    action.add_argument("file", type=Path, metavar="FILE", help="as the bank sent it")


def _add_nothing(_: argparse.ArgumentParser) -> None:
    pass


def _add_assign(action: argparse.ArgumentParser) -> None:
    action.add_argument("reference", metavar="REFERENCE", help="the bank's, as suspense shows it")
    target = action.add_mutually_exclusive_group(required=True)
    target.add_argument("--loan", metavar="TEXT", help="the loan that it repays")
    target.add_argument("--to-account", metavar="CODE", help="an account of the ledger")
    _add_two_people(action)


def _add_two_people(action: argparse.ArgumentParser) -> None:
    two = action.add_mutually_exclusive_group()
    two.add_argument(
        "--propose", metavar="NAME", help="propose it under this name (default: do it)"
    )
    two.add_argument(
        "--proposal", metavar="NAME", help="do it as another person approved (default: alone)"
    )
    add_who_and_why(action)


def _add_return(action: argparse.ArgumentParser) -> None:
    action.add_argument("reference", metavar="REFERENCE", help="the bank's, as suspense shows it")
    action.add_argument("--payment", required=True, metavar="TEXT", help="a name of its own")
    _add_creditor(action)
    _add_two_people(action)


@dataclass(frozen=True, slots=True)
class _Work:
    """What is asked, of whose money, on an open connection."""

    connection: "Connection"
    desk: "Desk"
    options: argparse.Namespace


_OWN: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "open": _add_open, "instruct": _add_instruct, "send": _add_send, "take": _add_take,
    "list": _add_nothing, "suspense": _add_nothing, "assign": _add_assign, "return": _add_return,
    "simulate": add_bank_arguments,
}  # fmt: skip


def run(options: argparse.Namespace) -> int:
    """Do what is asked; exit code 1 if a report says something odd."""
    if options.action == "simulate":
        return simulate(options)
    require_client()
    require_tables()
    from psycopg import InternalError, OperationalError

    from tradeline.book.bootstrap import configure
    from tradeline.book.connection import connect
    from tradeline.lending.ledger.refusals import unanswered

    moment = datetime.now(UTC)  # noqa: TID251  this is where a clock enters
    on = parse_date(options.on, "--on") if options.on else moment.astimezone().date()
    actions = {
        "open": _open, "instruct": _instruct, "send": _send, "take": _take, "list": _list,
        "suspense": _suspense, "assign": _assign, "return": _return,
    }  # fmt: skip
    try:
        with connect("worker", options.data) as connection:
            _require_migrated(connection)
            configure("worker", options.data)
            from tradeline.lending.payments.flows import Desk

            desk = Desk(options.ledger, on, moment)
            return actions[options.action](_Work(connection, desk, options))
    except (OperationalError, InternalError) as refusal:
        raise unanswered(refusal) from refusal


def _require_migrated(connection: "Connection") -> None:
    there = connection.execute("SELECT to_regclass('payments_moved') IS NOT NULL").fetchone()
    if there != (True,):
        raise problem(
            "not-migrated", "book", "The book has no tables of payments yet.",
            "Run `tradeline book migrate`.",
        )  # fmt: skip


def _account(work: _Work) -> str:
    from tradeline.book.connection import in_tenant
    from tradeline.lending.payments.saved import only_account

    if work.options.account is not None:
        named: str = work.options.account
        return named
    with in_tenant(work.connection, work.desk.tenant):
        return only_account(work.connection)


def _open(work: _Work) -> int:
    from tradeline.lending.payments.flows import open_account
    from tradeline.lending.payments.instruction import BankAccount

    open_account(
        work.desk,
        BankAccount(work.options.holder, work.options.number, work.options.bank),
        work.options.currency,
    )
    print(f"The account {work.options.number} of {work.options.ledger} is open.")
    return 0


def _instruct(work: _Work) -> int:
    from tradeline.book.connection import in_tenant
    from tradeline.lending.payments.flows import instruct
    from tradeline.lending.payments.saved import own_account
    from tradeline.lending.value_reader import ValueReader

    account = _account(work)
    with in_tenant(work.connection, work.desk.tenant):
        currency = own_account(work.connection, account).currency
    reader = ValueReader("Write it like 12000.00.", digits=minor_digits(currency))
    amount = reader.money("--amount", work.options.amount)
    reader.stop_if_refused()
    payment = _payment(work, amount, currency, work.options.loan)
    answer = instruct(work.desk, account, work.options.loan, payment)
    print(f"{payment.id} is instructed; {work.options.loan} is repaid under {answer['reference']}.")
    return 0


def _payment(work: _Work, amount: int, currency: str, purpose: str) -> "Instruction":
    from tradeline.lending.payments.instruction import BankAccount, Instruction

    day = parse_date(work.options.execute, "--execute") if work.options.execute else work.desk.on
    creditor = BankAccount(work.options.holder, work.options.to, work.options.bank)
    return Instruction(work.options.payment, day, amount, currency, creditor, purpose)


def _send(work: _Work) -> int:
    from tradeline.lending.payments.flows import send, written

    out: Path = work.options.out
    message = work.options.message or f"TL{work.desk.now:%Y%m%d%H%M%S}"
    if not out.is_file():
        require_new(out, "--out")
    outgoing = send(work.desk, _account(work), message)
    if outgoing is None:
        print("Nothing is to be sent.")
        return 0
    # A file that a kill left whole is what would be written.
    if not (out.is_file() and out.read_bytes() == outgoing.content):
        require_new(out, "--out")
        _write(out, outgoing.content)
    written(work.desk, outgoing.message)
    number = counted(len(outgoing.payments), "payment")
    print(f"{out}: {number} in the file {outgoing.message}.")
    return 0


def _write(path: Path, content: bytes) -> None:
    """Write a file that is there whole or not at all, and on disk when we say that it is."""
    aside = path.with_name(f"{path.name}.part")
    aside.write_bytes(content)
    _force(aside)
    aside.rename(path)
    _force(path.parent)


def _force(path: Path) -> None:
    """Have the disk hold what was written to a file or folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _take(work: _Work) -> int:
    from tradeline.lending.payments.taking import take

    answer = dict(take(work.desk, work.options.file))
    odd: list[str] = answer.pop("odd", [])
    answer.pop("file")
    found = ", ".join(f"{number} {word}" for word, number in answer.items())
    print("\n".join([f"{work.options.file}: {found or 'nothing moved'}.", *odd]))
    return 1 if odd else 0


def _list(work: _Work) -> int:
    from tradeline.book.connection import snapshot
    from tradeline.lending.payments.saved import all_payments

    with snapshot(work.connection, work.desk.tenant):
        payments = all_payments(work.connection)
    for name, each in payments.items():
        asked = each.instruction
        amount = _amount(asked.amount_minor, asked.currency)
        reason = f"  {each.payment.reason}" if each.payment.reason else ""
        subject = each.loan or f"return of {each.bank_reference}"
        print(f"{name}  {asked.on}  {amount}  {subject}  {each.payment.status}{reason}")
    return 0


def _suspense(work: _Work) -> int:
    from tradeline.book.connection import snapshot
    from tradeline.lending.payments.saved import waiting

    with snapshot(work.connection, work.desk.tenant):
        found = waiting(work.connection)
    for each in found:
        moved = each.suspended.movement
        named = f" ({', '.join(each.suspended.candidates)})" if each.suspended.candidates else ""
        amount = _amount(moved.amount_minor, moved.currency)
        said = clean(f"{moved.other_side}: {moved.said}")
        print(
            f"{moved.bank_reference}  {moved.value_on}  {amount}  {each.suspended.doubt}{named}  "
            f"{said}"
        )
        for line in each.why.splitlines():
            print(f"    {line}")
    print(f"{counted(len(found), 'movement')} in suspense.")
    return 0


def _amount(minor: int, currency: str) -> str:
    return f"{amount_text(minor, minor_digits(currency))} {currency}"


def _assign(work: _Work) -> int:
    from tradeline.lending.payments.suspense import (
        assign_to_account,
        assign_to_loan,
        propose_assignment,
    )

    item, proposed = _item(work), work.options.propose
    loan, account = work.options.loan, work.options.to_account
    if loan is None:
        assign_to_account(work.desk, item, account)
    elif proposed is not None:
        propose_assignment(work.desk, item, loan, proposed)
        return _proposed(proposed)
    else:
        assign_to_loan(work.desk, item, loan, work.options.proposal)
    print(f"{item.bank_reference} is assigned to {loan or account}.")
    return 0


def _proposed(name: str) -> int:
    print(f"It is proposed as {name}; another person approves it.")
    return 0


def _return(work: _Work) -> int:
    from tradeline.book.connection import in_tenant
    from tradeline.lending.payments.saved import movement_named
    from tradeline.lending.payments.suspense import propose_return, send_back

    item = _item(work)
    with in_tenant(work.connection, work.desk.tenant):
        came = movement_named(work.connection, item.account, item.bank_reference)
    back = _payment(work, came.amount_minor, came.currency, f"return of {came.said}")
    if work.options.propose is not None:
        propose_return(work.desk, item, back, work.options.propose)
        return _proposed(work.options.propose)
    send_back(work.desk, item, back, work.options.proposal)
    print(f"{work.options.reference} is sent back as {work.options.payment}.")
    return 0


def _item(work: _Work) -> "Item":
    from tradeline.lending.payments.suspense import Item

    account = _account(work)
    return Item(account, work.options.reference, work.options.who, work.options.why)
