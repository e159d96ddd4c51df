"""What a bank says of a file of transfers before it moves money: ISO 20022 pain.002."""

import re
from collections.abc import Iterator, Mapping
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
    unknown, or of something unknown.
    """
    return list(_notices(_elements(path), path, payments_of))


def original_message(path: Path) -> str:
    """The name of the file of transfers that a report answers; InputProblem if it is none."""
    groups = (each for each in _elements(path) if each.name == "OrgnlGrpInfAndSts")
    return next((group.first("OrgnlMsgId") for group in groups), "")


def _elements(path: Path) -> Iterator[Element]:
    elements = stream(path, DEPTH, "status report")
    match = NAMESPACE.fullmatch(next(elements).attributes["xmlns"])
    if match is None:
        raise problem(
            "no-status-report",
            path.name,
            "The file is no status report pain.002.",
            "Ask the bank for payment status reports (pain.002.001.03 or later).",
        )
    return elements


def _notices(
    elements: Iterator[Element], path: Path, payments_of: Mapping[str, tuple[str, ...]]
) -> Iterator[Notice]:
    report, made = "", date.min
    for element in elements:
        if element.name == "GrpHdr":
            report = element.first("MsgId")
            made = _made(element.first("CreDtTm"), path)
        elif element.name == "OrgnlGrpInfAndSts":
            if element.first("GrpSts") == "RJCT":
                reason = _reason(element)
                for payment in _known(payments_of, element.first("OrgnlMsgId"), path):
                    yield Notice(payment, "rejected", made, report, reason=reason)
        elif element.name == "OrgnlPmtInfAndSts":
            yield from _of_block(element, payments_of, path, report, made)


def _known(payments_of: Mapping[str, tuple[str, ...]], name: str, path: Path) -> tuple[str, ...]:
    if name not in payments_of:
        raise problem(
            "unknown-file",
            path.name,
            f"The bank rejects '{name}' as a whole, a file or block that is not known.",
            "Ask the bank whose it is; nothing of the report was taken.",
        )
    return payments_of[name]


def _made(text: str, path: Path) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise problem(
            "undated-report",
            path.name,
            f"The report says '{text}' when it was made, which is no moment.",
            "Ask the bank for the report again.",
        ) from None


def _of_block(
    block: Element,
    payments_of: Mapping[str, tuple[str, ...]],
    path: Path,
    report: str,
    made: date,
) -> Iterator[Notice]:
    transactions = block.all("TxInfAndSts")
    if not transactions and block.first("PmtInfSts") == "RJCT":
        for payment in _known(payments_of, block.first("OrgnlPmtInfId"), path):
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
