"""`tradeline payments` from its command line, in a process of its own that speaks as `worker`."""

import subprocess
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from tests.lake.statements import entry, statement
from tests.lending.clerk import Clerk
from tests.lending.conftest import opened_lender
from tests.lending.payments.booked import FIRM, LOAN, NOW, OWN, Office
from tradeline.book.connection import in_tenant
from tradeline.lending.ledger.accounts import Account, open_accounts

TO = ["--to", FIRM.number, "--holder", "Firm"]
WHO = ["--who", "ana", "--why", "she called"]


@pytest.fixture
def clerk(speaking: "subprocess.Popen[str]", worker: psycopg.Connection, tmp_path: Path) -> Clerk:
    from tests.lending.servicing.loans import CONTRACT
    from tradeline.lending.servicing.flows import Command, open_agreement

    tenant = opened_lender(worker)
    open_agreement(Command(tenant, LOAN, "open", NOW), CONTRACT)
    return Clerk(speaking, ["payments"], ["--ledger", tenant, "--on", "2026-01-05"], tmp_path)


def test_the_days_work_of_an_operator(clerk: Clerk, worker: psycopg.Connection) -> None:
    office = Office(clerk.tenant, worker, clerk.folder)
    told, refused = clerk.told, clerk.refused
    assert told("open", OWN.number, "--holder", "North", "--currency", "CNY") == (
        f"The account {OWN.number} of {clerk.tenant} is open.\n"
    )
    pay = ["instruct", "pay-1", "--loan", LOAN, *TO]
    assert told(*pay, "--amount", "12000.00") == (
        "pay-1 is instructed; loan_0001 is repaid under RF44LOAN0001.\n"
    )
    assert "The key was used before" in refused(*pay, "--amount", "1.00")
    assert told("send", "--out", "out.xml", "--message", "msg-1") == (
        "out.xml: 1 payment in the file msg-1.\n"
    )
    assert told("send", "--out", "out.xml") == "Nothing is to be sent.\n"
    office.submit(clerk.folder / "out.xml")
    office.bank.receive(office.on, 700, "Somebody", "thanks\nand\u202e bye")
    office.bank.receive(office.on, 900, "Another", "hello")
    office.bank.receive(office.on, -250, "Bank", "charges")
    assert told("take", "report out.xml") == "report out.xml: 1 accepted.\n"
    assert told("list") == "pay-1  2026-01-05  12000.00 CNY  loan_0001  accepted\n"
    office.statement(office.on)
    taken = "2026-01-05.xml: 1 settled, 3 suspended.\n"
    assert told("take", "2026-01-05.xml") == taken
    assert told("take", "2026-01-05.xml") == taken
    assert told("list") == "pay-1  2026-01-05  12000.00 CNY  loan_0001  settled\n"
    assert told("suspense") == (
        "BK00000002  2026-01-05  7.00 CNY  no reference  Somebody: thanks and bye\n"
        "BK00000003  2026-01-05  9.00 CNY  no reference  Another: hello\n"
        "BK00000004  2026-01-05  -2.50 CNY  unknown payment out  Bank: charges\n"
        "3 movements in suspense.\n"
    )
    assert told("assign", "BK00000002", "--loan", LOAN, *WHO) == (
        "BK00000002 is assigned to loan_0001.\n"
    )
    back = ["return", "BK00000003", "--payment", "back-1", *TO, *WHO]
    assert "as a return of money" in refused(*back)
    proposed = "It is proposed as return-1; another person approves it.\n"
    assert told(*back, "--propose", "return-1") == proposed
    assert told(*back, "--propose", "return-1") == proposed
    approvals = replace(clerk, command=["approvals"], ending=["--ledger", clerk.tenant])
    assert approvals.told("list") == (
        f"return-1  movement {OWN.number} BK00000003  SendBack of 2026-01-05  proposed  "
        "by ana: she called\n1 proposal.\n"
    )
    assert approvals.told("approve", "return-1", "--who", "bo") == "return-1 is approved.\n"
    assert approvals.refused("carry-out", "return-1") == (
        "error: proposal return-1: To enter it is not all of it. Carry it out by `tradeline "
        "payments return --proposal`.\n"
    )
    back += ["--proposal", "return-1"]
    assert told(*back) == "BK00000003 is sent back as back-1.\n"
    assert told(*back) == "BK00000003 is sent back as back-1.\n"
    with in_tenant(worker, clerk.tenant):
        open_accounts(worker, [Account("charges", "CNY", "expense")], NOW)
    assert told("assign", "BK00000004", "--to-account", "charges", *WHO) == (
        "BK00000004 is assigned to charges.\n"
    )
    assert told("suspense") == "0 movements in suspense.\n"
    assert told("list").splitlines()[0] == (
        "back-1  2026-01-05  9.00 CNY  return of BK00000003  instructed"
    )
    assert office.faults() == []


def test_a_file_cut_short_by_a_kill_is_written_by_the_next_send(
    clerk: Clerk, worker: psycopg.Connection
) -> None:
    from tradeline.lending.payments.flows import send

    clerk.told("open", OWN.number, "--holder", "North", "--currency", "CNY")
    clerk.told("instruct", "pay-1", "--loan", LOAN, *TO, "--amount", "5.00")
    office = Office(clerk.tenant, worker, clerk.folder)
    lost = send(office.desk, OWN.number, "msg-1")
    assert lost
    (clerk.folder / "mine.xml").write_text("mine", encoding="utf-8")
    assert "There is a file called mine.xml already" in clerk.refused("send", "--out", "mine.xml")
    (clerk.folder / "out.xml").write_bytes(lost.content)
    assert clerk.told("send", "--out", "out.xml") == "out.xml: 1 payment in the file msg-1.\n"
    assert (clerk.folder / "out.xml").read_bytes() == lost.content


WRONG = [
    (["send", "--out", "o.xml"], "error: --account: The lender has 0 accounts. Open one: "
     "`tradeline payments open`.\n"),
    (["instruct", "p", "--loan", LOAN, "--amount", "1", *TO, "--account", "1"], "error: account 1: "
     "This is no account of the lender. Name one of its own, or open it with `tradeline payments "
     "open`.\n"),
    (["take", "gone.xml"], "error: gone.xml: The system refuses: No such file or directory. Check "
     "the path and your rights to it.\n"),
    (["take", "empty.xml"], "error: empty.xml: The file is no whole XML: line 1, no element found. "
     "Nothing of it was read. Ask for the file again, or save it as UTF-8.\n"),
    (["take", "other.xml"], "error: other.xml: The file is neither a report (pain.002) nor a "
     "statement (camt.053): urn:x. Ask the bank for one of these.\n"),
    (["take", "statement.xml"], f"error: account {OWN.number}: This is no account of the lender. "
     "Name one of its own, or open it with `tradeline payments open`.\n"),
    (["assign", "BK1", "--loan", LOAN, *WHO, "--account", "1"], "error: movement BK1: No such "
     "movement of the account 1 was taken. Look at what is in suspense: `tradeline payments "
     "suspense`.\n"),
]  # fmt: skip


def test_what_is_wrong_is_told_with_code_2_and_changes_nothing(
    clerk: Clerk, worker: psycopg.Connection
) -> None:
    for name, content in (
        ("empty.xml", ""), ("other.xml", '<Document xmlns="urn:x"/>'),
        ("statement.xml", statement([entry(day="2024-01-15")])),
    ):  # fmt: skip
        (clerk.folder / name).write_text(content, encoding="utf-8")
    for words, line in WRONG:
        assert clerk.refused(*words) == line
    assert Office(clerk.tenant, worker, clerk.folder).books() == {}
    clerk.told("open", OWN.number, "--holder", "North", "--currency", "CNY")
    for amount, why in (("1.005", "'1.005' has more than 2 decimals."), ("x", "'x' is no decimal")):
        pay = ["instruct", "p", "--loan", LOAN, "--amount", amount, *TO]
        assert clerk.refused(*pay).startswith(f"error: --amount: {why}")
