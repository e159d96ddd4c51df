"""What a bank says of a file of transfers before it moves money: ISO 20022 pain.002."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path

from tradeline.kernel.findings import problem
from tradeline.lake.xml_stream import Element, stream
from tradeline.lending.payments.instruction import Notice, NoticeKind

NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:pain\.002\.001\.(\d\d)")
# Document, CstmrPmtStsRpt, and what is in it: the header, the original group, payment blocks.
DEPTH = 3
# Settled is what a statement shows; until then even ACSC says only that the bank took it on.
KINDS: dict[str, NoticeKind] = dict.fromkeys(
    ("ACTC", "ACCP", "ACSP", "ACWC", "ACSC", "ACCC", "PDNG", "RCVD", "PATC"), "accepted"
)
KINDS["RJCT"] = "rejected"


def status_notices(path: Path, payments_of: Mapping[str, tuple[str, ...]]) -> list[Notice]:
    """The notices of a report.

    A file or block that is rejected as a whole rejects all its payments: `payments_of` names those
    of each message and block. InputProblem for a file that is no pain.002, or that says something
    unknown.
    """
    elements = stream(path, DEPTH, "status report")
    match = NAMESPACE.fullmatch(next(elements).attributes["xmlns"])
    if match is None:
        raise problem(
            "no-status-report",
            path.name,
            "The file is no status report pain.002.",
            "Ask the bank for payment status reports (pain.002.001.03 or later).",
        )
    return list(_notices(elements, path, payments_of))


def _notices(
    elements: Iterator[Element], path: Path, payments_of: Mapping[str, tuple[str, ...]]
) -> Iterator[Notice]:
    report, made = "", date.min
    for element in elements:
        if element.name == "GrpHdr":
            report = element.first("MsgId")
            made = date.fromisoformat(element.first("CreDtTm")[:10])
        elif element.name == "OrgnlGrpInfAndSts":
            if element.first("GrpSts") == "RJCT":
                reason = _reason(element)
                for payment in payments_of.get(element.first("OrgnlMsgId"), ()):
                    yield Notice(payment, "rejected", made, report, reason=reason)
        elif element.name == "OrgnlPmtInfAndSts":
            payments = payments_of.get(element.first("OrgnlPmtInfId"), ())
            yield from _of_block(element, payments, path, report, made)


def _of_block(
    block: Element, payments: Iterable[str], path: Path, report: str, made: date
) -> Iterator[Notice]:
    transactions = block.all("TxInfAndSts")
    if not transactions and block.first("PmtInfSts") == "RJCT":
        for payment in payments:
            yield Notice(payment, "rejected", made, report, reason=_reason(block))
    for transaction in transactions:
        said = transaction.first("TxSts") or block.first("PmtInfSts")
        payment = transaction.first("OrgnlEndToEndId", "OrgnlInstrId")
        if said not in KINDS:
            raise problem(
                "unknown-status",
                path.name,
                f"The bank says '{said}' of the payment {payment}, a status that is not known.",
                "Ask the bank what it means; nothing of the report was taken.",
            )
        reason = _reason(transaction) or _reason(block)
        yield Notice(payment, KINDS[said], made, report, reason=reason)


def _reason(element: Element) -> str:
    parts = (
        element.first("StsRsnInf/Rsn/Cd", "StsRsnInf/Rsn/Prtry"),
        element.first("StsRsnInf/AddtlInf"),
    )
    return ": ".join(part for part in parts if part)
