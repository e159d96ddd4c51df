"""Bank statements as ISO 20022 camt.053 (versions .02 and later): one row for each transaction.

An entry becomes a row; a batch whose transactions add up to it becomes a row for each. The sign is
that of `CdtDbtInd`, for reversals too: it says which way the money went back.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path

from tradeline.kernel.findings import Finding, Severity, problem
from tradeline.kernel.money import CURRENCIES, minor_digits
from tradeline.lake.row_readers import Row
from tradeline.lake.xml_stream import Element, stream

HEADER = ("enterprise", "transaction_no", "counterparty", "amount", "currency", "account",
          "value_date", "reference", "occurred_at", "recorded_at")  # fmt: skip
NAMESPACE = re.compile(r"urn:iso:std:iso:20022:tech:xsd:(camt\.\d{3})\.001\.(\d\d)")
FIRST_VERSION = 2
# Document, BkToCstmrStmt, Stmt, and what is in a statement: account, balances, entries.
DEPTH = 4
OWNER = ("Ownr/Id/OrgId/LEI", "Ownr/Id/OrgId/Othr/Id", "Ownr/Id/OrgId/AnyBIC",
         "Ownr/Id/OrgId/BICOrBEI", "Ownr/Nm")  # fmt: skip
OPENING, CLOSING, INTERIM = ("OPBD", "PRCD"), ("CLBD",), "ITBD"
NO_REFERENCE = ("NONREF", "NOTPROVIDED")
AMOUNT = re.compile(r"[0-9]{1,18}(\.[0-9]{1,5})?")  # xs:decimal of 18 digits, 5 decimals


@dataclass(slots=True)
class _Statement:
    """What is known of the statement that is being read.

    `seen` counts the references of the last day of booking: banks give charges that of what they
    were charged for.
    """

    id: str = ""
    created: str = ""
    account: str = ""
    currency: str = ""
    owner: str = ""
    balances: list[tuple[str, Decimal]] = field(default_factory=list)
    moved: Decimal = Decimal(0)
    entries: int = 0
    unread: int = 0
    day: str = ""
    seen: Counter[str] = field(default_factory=Counter)


def camt_rows(path: Path, findings: list[Finding]) -> Iterator[Row]:
    """The transactions of a file of statements as rows of text, the header first.

    What is odd with a statement as a whole is added to `findings` as it is read. Raises
    InputProblem for a file that is no camt.053, and as `xml_stream.stream`.
    """
    elements = stream(path, DEPTH)
    _require_statements(next(elements), path)
    yield 0, list(HEADER), ""
    statement, made, number = _Statement(), "", 0
    for element in elements:
        match element.name:
            case "GrpHdr":
                made, statement = statement.created, _Statement()
            case "Stmt":
                findings += _oddities(statement, path)
                statement = _Statement()
            case "Ntry":
                statement.created = statement.created or made
                for values, broken in _entry_rows(statement, element):
                    number += 1
                    yield number, values, broken
            case _:
                _learn(statement, element)


def _require_statements(root: Element, path: Path) -> None:
    namespace = root.attributes["xmlns"]
    match = NAMESPACE.fullmatch(namespace)
    if match and match[1] == "camt.053" and int(match[2]) >= FIRST_VERSION:
        return
    kind = f"{match[1]}.001.{match[2]}" if match else f"{root.name} ({namespace or 'no namespace'})"
    raise problem(
        "no-statement",
        path.name,
        f"The file is no bank statement camt.053.001.02 or later, but {kind}.",
        "Ask the bank for end-of-day statements (camt.053), or send them as CSV.",
    )


def _learn(statement: _Statement, element: Element) -> None:
    match element.name:
        case "Id":
            statement.id = element.text.strip()
        case "CreDtTm":
            statement.created = element.text.strip()
        case "Acct":
            statement.account = element.first("Id/IBAN", "Id/Othr/Id")
            statement.currency = element.first("Ccy")
            statement.owner = element.first(*OWNER) or statement.account
        case "Bal":
            amount = _signed(element.first("Amt"), element.first("CdtDbtInd"))
            if amount is not None:
                statement.balances.append((element.first("Tp/CdOrPrtry/Cd"), amount))


def _signed(amount: str, direction: str) -> Decimal | None:
    """An amount with its sign; None if there is none."""
    sign = {"CRDT": 1, "DBIT": -1}.get(direction)
    return sign * Decimal(amount) if sign and AMOUNT.fullmatch(amount) else None


def _entry_rows(statement: _Statement, entry: Element) -> Iterator[tuple[list[str], str]]:
    """The rows of one entry: one, or one for each transaction of a batch that adds up."""
    statement.entries += 1
    currency = _currency(entry)
    broken = _why_broken(statement, entry, currency)
    amount = _signed(entry.first("Amt"), entry.first("CdtDbtInd"))
    if broken or amount is None:
        statement.unread += 1
        yield _values(statement, entry, entry, entry.first("Amt"), ""), broken
        return
    statement.moved += amount
    number = _number(statement, entry)
    details = entry.all("NtryDtls/TxDtls")
    parts = [_part(each, entry, currency) for each in details if len(details) > 1]
    sums = [part for part in parts if part is not None]
    if sums and len(sums) == len(details) and sum(sums) == amount:
        for place, (detail, part) in enumerate(zip(details, sums, strict=True), start=1):
            yield _values(statement, entry, detail, f"{part:f}", f"{number}/{place}"), ""
    else:
        detail = details[0] if len(details) == 1 else entry
        yield _values(statement, entry, detail, f"{amount:f}", number), ""


def _currency(element: Element) -> str:
    amounts = [*element.all("Amt"), *element.all("AmtDtls/TxAmt/Amt")]
    return amounts[0].attributes.get("Ccy", "") if amounts else ""


def _part(detail: Element, entry: Element, currency: str) -> Decimal | None:
    """The signed amount of one transaction of a batch; None if it is in another currency."""
    direction = detail.first("CdtDbtInd") or entry.first("CdtDbtInd")
    same = _currency(detail) == currency
    return _signed(detail.first("Amt", "AmtDtls/TxAmt/Amt"), direction) if same else None


def _why_broken(statement: _Statement, entry: Element, currency: str) -> str:
    """Why an entry cannot be counted; empty if it can."""
    status = entry.first("Sts/Cd", "Sts")
    if status not in ("BOOK", ""):
        return f"The entry is {status}: only what is booked (BOOK) counts."
    amount, direction = entry.first("Amt"), entry.first("CdtDbtInd")
    signed = _signed(amount, direction)
    if signed is None and direction not in ("CRDT", "DBIT"):
        return f"The CdtDbtInd {direction!r} is neither CRDT nor DBIT."
    if signed is None:
        return f"The amount {amount!r} is none: it must be a number without a sign."
    if currency not in CURRENCIES:
        return f"The currency {currency!r} is none of ISO 4217."
    if statement.currency and currency != statement.currency:
        return f"The entry is in {currency}, its account in {statement.currency}."
    digits = minor_digits(currency)
    if signed != round(signed, digits):
        return f"The amount {amount} has more than the {digits} decimals of {currency}."
    return ""


def _number(statement: _Statement, entry: Element) -> str:
    """A number for the entry that is its own, and the same in a statement sent again."""
    given = (entry.first("AcctSvcrRef"), entry.first("NtryRef"))
    number = next((ref for ref in given if ref and ref not in NO_REFERENCE), "")
    if not number:
        return f"{statement.id}-{statement.entries}"
    day = _booked(entry)
    if day != statement.day:
        statement.day = day
        statement.seen.clear()
    statement.seen[number] += 1
    times = statement.seen[number]
    return number if times == 1 else f"{number}#{times}"


def _booked(entry: Element) -> str:
    """When the entry was booked, else from when it counts; a date may carry a zone, in vain."""
    return entry.first("BookgDt/DtTm") or entry.first("BookgDt/Dt", "ValDt/Dt")[:10]


def _values(
    statement: _Statement, entry: Element, detail: Element, amount: str, number: str
) -> list[str]:
    return [
        statement.owner,
        number,
        _other_side(entry, detail),
        amount,
        _currency(entry),
        statement.account,
        entry.first("ValDt/DtTm") or entry.first("ValDt/Dt")[:10],
        _reference(entry, detail),
        _booked(entry),
        statement.created,
    ]


def _other_side(entry: Element, detail: Element) -> str:
    """Who paid or was paid; of a reversal, whose money went back."""
    came = detail.first("CdtDbtInd") or entry.first("CdtDbtInd")
    incoming = (came == "CRDT") != _is_reversal(entry)
    side = "Dbtr" if incoming else "Cdtr"
    found = detail if detail is not entry else Element("", {})
    return found.first(
        f"RltdPties/{side}/Nm", f"RltdPties/{side}/Pty/Nm", f"RltdPties/{side}/Pty/Id/OrgId/LEI",
        f"RltdPties/Ultmt{side}/Nm", f"RltdPties/Ultmt{side}/Pty/Nm",
        f"RltdPties/{side}Acct/Id/IBAN", f"RltdPties/{side}Acct/Id/Othr/Id",
    )  # fmt: skip


def _is_reversal(entry: Element) -> bool:
    return entry.first("RvslInd") in ("true", "1")


def _reference(entry: Element, detail: Element) -> str:
    """What it was for, as the payer wrote it, else as the bank did."""
    written = " ".join(each.text.strip() for each in detail.all("RmtInf/Ustrd"))
    end_to_end = detail.first("Refs/EndToEndId")
    said = (
        written
        or detail.first("RmtInf/Strd/CdtrRefInf/Ref")
        or ("" if end_to_end in NO_REFERENCE else end_to_end)
        or detail.first("AddtlTxInf")
        or entry.first("AddtlNtryInf")
    )
    return f"reversal: {said}".rstrip(": ") if _is_reversal(entry) else said


def _oddities(statement: _Statement, path: Path) -> Iterator[Finding]:
    """What is odd with a statement as a whole: whether its balances prove it."""
    where = f"{path.name}, statement {statement.id}"
    opening, closing = _balance(statement, OPENING, 0), _balance(statement, CLOSING, -1)
    if opening is None or closing is None:
        yield Finding(
            "unproved-statement",
            Severity.WARNING,
            where,
            "The statement has no opening and closing balance, so nothing shows that it is whole.",
            "Ask the bank for statements with booked balances (OPBD and CLBD).",
        )
    elif opening + statement.moved != closing:
        yield _unbalanced(statement, where, opening, closing)


def _balance(statement: _Statement, codes: tuple[str, ...], interim: int) -> Decimal | None:
    """The booked balance of a code; a page of a statement has interim ones instead."""
    for code in codes:
        found = [amount for kind, amount in statement.balances if kind == code]
        if found:
            return found[0]
    pages = [amount for kind, amount in statement.balances if kind == INTERIM]
    return pages[interim] if pages else None


def _unbalanced(statement: _Statement, where: str, opening: Decimal, closing: Decimal) -> Finding:
    unread = f" ({statement.unread} of them refused)" if statement.unread else ""
    return Finding(
        "unbalanced-statement",
        Severity.ERROR,
        where,
        f"It opens with {opening:f}, its {statement.entries} entries{unread} come to "
        f"{statement.moved:f}, and yet it closes with {closing:f} instead of "
        f"{opening + statement.moved:f}.",
        "Entries are missing or altered: ask the bank for the statement again. Until then its "
        "rows are read as they are.",
    )
