"""What cannot be trusted is not taken: a clear line, and the books as they were."""

from pathlib import Path

import psycopg
import pytest

from tests.lake.statements import entry, statement
from tests.lending.payments.booked import DAY, LOAN, OWN, Office, pay
from tradeline.kernel.findings import InputProblem

STATEMENTS = [
    ("a broken file", statement([entry()])[:500],
     "error: x.xml: The file is no whole XML: line 2, no element found. Nothing of it was read."),
    ("an empty file", "",
     "error: x.xml: The file is no whole XML: line 1, no element found. Nothing of it was read."),
    ("another message", '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"/>',
     "error: x.xml: The file is no bank statement camt.053.001.02 or later, but Document "),
    ("one that does not add up", statement([entry(day="2026-01-05")], closing="151.00"),
     "error: x.xml, statement S1: It opens with 50.00, its 1 entries come to 100.00, and yet it "
     "closes with 151.00 instead of 150.00."),
    ("that of another account",
     statement([entry(day="2024-01-15")]).replace(OWN.number, "DE02120300000000202051"),
     "error: account DE02120300000000202051: This is no account of the lender. Name one of its "
     "own, or open it with `tradeline payments open`."),
    ("another currency", statement([entry(currency="EUR")], currency="EUR"),
     "error: x.xml: The account DE89370400440532013000 is kept in CNY, the statement in EUR. Ask "
     "the bank for the statement of the account."),
    ("one of tomorrow", statement([entry(day="2026-01-06")]),
     "error: x.xml: The movement R1 counts from 2026-01-06, after the day of entry, 2026-01-05. "
     "Take the statement on 2026-01-06, or correct the day of entry."),
]  # fmt: skip


@pytest.fixture
def office(lender: str, worker: psycopg.Connection, tmp_path: Path) -> Office:
    found = Office(lender, worker, tmp_path)
    found.open(LOAN)
    found.bank.receive(DAY, 500, "Somebody", "thanks")
    found.take(found.statement(DAY))
    return found


def file(office: Office, content: str) -> Path:
    path = office.folder / "x.xml"
    path.write_text(content, encoding="utf-8")
    return path


def test_a_statement_in_doubt_is_not_taken(office: Office) -> None:
    for what, content, line in STATEMENTS:
        assert office.refusal(file(office, content)).startswith(line), what
    assert office.faults() == []


def test_a_movement_that_was_another_one_before_stops_the_statement(office: Office) -> None:
    other = statement(
        [entry("6.00", day="2026-01-05", reference="BK00000001"), entry("94.00", day="2026-01-05")]
    )
    assert office.refusal(file(office, other)) == (
        "error: movement BK00000001: It was 500 of 2026-01-05 when it was taken, and is 600 of "
        "2026-01-05 here. Ask the bank which one holds; nothing of the statement was taken."
    )


def report(office: Office, payment: str, status: str) -> Path:
    return file(
        office,
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"><CstmrPmtStsRpt><GrpHdr>'
        "<MsgId>R1</MsgId><CreDtTm>2026-01-05T10:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>"
        "<OrgnlMsgId>msg-1</OrgnlMsgId></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><OrgnlPmtInfId>"
        f"msg-1-1</OrgnlPmtInfId><TxInfAndSts><OrgnlEndToEndId>{payment}</OrgnlEndToEndId><TxSts>"
        f"{status}</TxSts></TxInfAndSts></OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>",
    )


def test_a_report_on_what_was_never_instructed_is_not_taken(office: Office) -> None:
    with pytest.raises(InputProblem) as refused:
        office.take_report(report(office, "pay-9", "RJCT"))
    assert str(refused.value) == (
        "error: x.xml: It tells of the payment pay-9, which was never instructed. Ask the bank "
        "whose it is; nothing of the report was taken."
    )


def test_a_report_is_taken_once(office: Office) -> None:
    office.instruct(pay())
    office.send()
    path = report(office, "pay-1", "RJCT")
    first = office.take_report(path)
    assert (first["rejected"], first["odd"]) == (1, [])
    assert office.take_report(path) == first
    anew = file(office, path.read_text("utf-8").replace("10:00:00", "10:00:01"))
    assert office.take_report(anew)["rejected"] == 1
    assert office.books() == {"suspense/CNY": -500, f"bank {OWN.number}/CNY": 500}
    assert office.faults() == []


def test_a_rejection_after_the_settlement_is_told_and_changes_nothing(office: Office) -> None:
    office.paid_out("pay-1")
    office.take(office.statement(DAY))
    books = office.books()
    (line,) = office.take_report(report(office, "pay-1", "RJCT"))["odd"]
    assert line == (
        "error: payment pay-1: The bank says on 2026-01-05 that it is rejected (R1), yet it was "
        "settled before. Ask the bank before anything else is paid."
    )
    assert (office.payment("pay-1"), office.books()) == ("settled", books)
    assert office.faults() == []


def test_a_file_that_is_rejected_as_a_whole_rejects_its_payments(office: Office) -> None:
    office.instruct(pay("pay-1", 500_000))
    office.instruct(pay("pay-2", 600_000))
    office.send()
    whole = file(
        office,
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"><CstmrPmtStsRpt><GrpHdr>'
        "<MsgId>R1</MsgId><CreDtTm>2026-01-05T10:00:00Z</CreDtTm></GrpHdr><OrgnlGrpInfAndSts>"
        "<OrgnlMsgId>msg-1</OrgnlMsgId><GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts></CstmrPmtStsRpt>"
        "</Document>",
    )
    assert office.take_report(whole)["rejected"] == 2
    other = file(office, whole.read_text("utf-8").replace("msg-1", "msg-7"))
    with pytest.raises(InputProblem) as refused:
        office.take_report(other)
    assert str(refused.value) == (
        "error: x.xml: The bank rejects 'msg-7' as a whole, a file or block that is not known. Ask "
        "the bank whose it is; nothing of the report was taken."
    )
    assert office.faults() == []
