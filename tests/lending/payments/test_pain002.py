"""What a bank says of a file is read payment by payment; what is unknown is refused."""

from datetime import date
from pathlib import Path

import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lending.payments.instruction import Notice
from tradeline.lending.payments.pain002 import status_notices

DAY = date(2026, 3, 1)
OF = {"msg-1": ("pay-1", "pay-2"), "msg-1-1": ("pay-1",)}


def report(body: str, version: str = "pain.002.001.10") -> str:
    return (
        f'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:{version}"><CstmrPmtStsRpt><GrpHdr>'
        "<MsgId>R1</MsgId><CreDtTm>2026-03-01T10:00:00Z</CreDtTm></GrpHdr>"
        f"{body}</CstmrPmtStsRpt></Document>"
    )


def group(status: str = "") -> str:
    said = f"<GrpSts>{status}</GrpSts><StsRsnInf><Rsn><Cd>FF01</Cd></Rsn></StsRsnInf>"
    return (
        "<OrgnlGrpInfAndSts><OrgnlMsgId>msg-1</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId>"
        f"{said if status else ''}</OrgnlGrpInfAndSts>"
    )


def block(*transactions: tuple[str, str], status: str = "") -> str:
    said = f"<PmtInfSts>{status}</PmtInfSts>" if status else ""
    parts = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{name}</OrgnlEndToEndId>"
        + (f"<TxSts>{each}</TxSts>" if each else "")
        + "<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>closed</AddtlInf></StsRsnInf></TxInfAndSts>"
        for name, each in transactions
    )
    name = "<OrgnlPmtInfId>msg-1-1</OrgnlPmtInfId>"
    return f"<OrgnlPmtInfAndSts>{name}{said}{parts}</OrgnlPmtInfAndSts>"


def read(folder: Path, content: str) -> list[Notice]:
    path = folder / "report.xml"
    path.write_text(content, encoding="utf-8")
    return status_notices(path, OF)


def test_each_payment_is_accepted_or_rejected_with_its_reason(tmp_path: Path) -> None:
    content = report(group() + block(("pay-1", "ACSC"), ("pay-2", "RJCT")))
    assert read(tmp_path, content) == [
        Notice("pay-1", "accepted", DAY, "R1", reason="AC04: closed"),
        Notice("pay-2", "rejected", DAY, "R1", reason="AC04: closed"),
    ]


def test_a_payment_without_a_status_has_that_of_its_block(tmp_path: Path) -> None:
    (notice,) = read(tmp_path, report(group() + block(("pay-1", ""), status="ACCP")))
    assert notice.kind == "accepted"


def test_a_file_or_block_rejected_as_a_whole_rejects_all_its_payments(tmp_path: Path) -> None:
    whole = read(tmp_path, report(group("RJCT")))
    assert [(each.payment, each.kind, each.reason) for each in whole] == [
        ("pay-1", "rejected", "FF01"), ("pay-2", "rejected", "FF01")
    ]  # fmt: skip
    (part,) = read(tmp_path, report(group() + block(status="RJCT")))
    assert (part.payment, part.kind) == ("pay-1", "rejected")


def test_an_unknown_status_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputProblem) as refusal:
        read(tmp_path, report(group() + block(("pay-1", "XXXX"))))
    assert str(refusal.value) == (
        "error: report.xml: The bank says 'XXXX' of the payment pay-1, a status that is not known. "
        "Ask the bank what it means; nothing of the report was taken."
    )


def test_another_message_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputProblem, match=r"The file is no status report pain\.002\."):
        read(tmp_path, report("", "pain.008.001.02"))
