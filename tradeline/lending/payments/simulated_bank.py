"""A bank for demonstrations and tests: it takes files and gives files, and errs as banks do.

It accepts or rejects transfers, settles them on the day or later, sends some back, and books some
twice. All follows from its generator, so a seed makes the same bank again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

import numpy as np

from tradeline.kernel.money import minor_digits
from tradeline.lake.xml_stream import Element as Read
from tradeline.lake.xml_stream import stream
from tradeline.lending.payments.instruction import BankAccount
from tradeline.lending.payments.iso20022 import as_file, put, put_account, put_amount

REPORT = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.12"
STATEMENT = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
# Document, CstmrCdtTrfInitn, and what is in it.
DEPTH = 3
LONGEST_DELAY, LONGEST_RETURN = 3, 5


@dataclass(frozen=True, slots=True)
class Chances:
    """How often the bank rejects, delays, returns and doubles a transfer, each from 0 to 1."""

    rejects: float = 0.02
    delays: float = 0.1
    returns: float = 0.03
    doubles: float = 0.01


@dataclass(frozen=True, slots=True)
class _Entry:
    on: date
    amount_minor: int
    other_side: str
    end_to_end: str
    said: str
    reference: str


@dataclass(slots=True)
class SimulatedBank:
    """One account in one currency; `submit` takes transfers, `receive` what others pay in."""

    account: BankAccount
    currency: str
    generator: np.random.Generator
    chances: Chances = field(default_factory=Chances)
    opening_minor: int = 0
    _entries: list[_Entry] = field(default_factory=list)
    _booked: int = 0

    def submit(self, path: Path, made_at: datetime) -> bytes:
        """Take a file of transfers (pain.001) and say what becomes of each (pain.002)."""
        elements = stream(path, DEPTH, "file of transfers")
        next(elements)
        parts = list(elements)
        message = next(part.first("MsgId") for part in parts if part.name == "GrpHdr")
        blocks = [
            (part.first("PmtInfId"), list(self._decided(part, made_at.date())))
            for part in parts
            if part.name == "PmtInf"
        ]
        return _report(message, made_at, blocks)

    def receive(self, on: date, amount_minor: int, payer: str, said: str) -> None:
        """Book what somebody pays in on a day."""
        self._book(on, amount_minor, payer, "NOTPROVIDED", said)

    @property
    def days(self) -> list[date]:
        """The days on which something moves, by now."""
        return sorted({entry.on for entry in self._entries})

    def statement(self, day: date, made_at: datetime) -> bytes:
        """The statement of a day (camt.053) with its balances."""
        before = sum(entry.amount_minor for entry in self._entries if entry.on < day)
        entries = [entry for entry in self._entries if entry.on == day]
        return _statement(self, day, made_at, self.opening_minor + before, entries)

    def _decided(self, block: Read, today: date) -> Iterator[tuple[str, str]]:
        """The id of each transfer of a block, and the status that the bank gives it."""
        wanted = max(date.fromisoformat(block.first("ReqdExctnDt/Dt")), today)
        for transfer in block.all("CdtTrfTxInf"):
            # One draw for each chance, taken or not, so that one never moves another.
            rejects, delays, returns, doubles = self.generator.random(4)
            late, back = self.generator.integers(1, [LONGEST_DELAY + 1, LONGEST_RETURN + 1])
            name = transfer.first("PmtId/EndToEndId")
            if rejects < self.chances.rejects:
                yield name, "RJCT"
                continue
            on = wanted + timedelta(days=int(late) if delays < self.chances.delays else 0)
            amount = self._amount(transfer.first("Amt/InstdAmt"))
            holder, said = transfer.first("Cdtr/Nm"), transfer.first("RmtInf/Ustrd")
            self._book(on, -amount, holder, name, said)
            if doubles < self.chances.doubles:
                self._book(on, -amount, holder, name, said)
            if returns < self.chances.returns:
                self._book(on + timedelta(days=int(back)), amount, holder, name, said)
            yield name, "ACSP"

    def _amount(self, text: str) -> int:
        units, _, parts = text.partition(".")
        digits = minor_digits(self.currency)
        return int(units + parts.ljust(digits, "0")[:digits])

    def _book(self, on: date, amount: int, other_side: str, end_to_end: str, said: str) -> None:
        self._booked += 1
        reference = f"BK{self._booked:08}"
        self._entries.append(_Entry(on, amount, other_side, end_to_end, said, reference))


def _report(
    message: str, made_at: datetime, blocks: list[tuple[str, list[tuple[str, str]]]]
) -> bytes:
    root = Element("Document", xmlns=REPORT)
    report = SubElement(root, "CstmrPmtStsRpt")
    header = SubElement(report, "GrpHdr")
    put(header, "MsgId", f"STS-{message}"[:35])
    put(header, "CreDtTm", made_at.isoformat(timespec="seconds"))
    original = SubElement(report, "OrgnlGrpInfAndSts")
    put(original, "OrgnlMsgId", message)
    put(original, "OrgnlMsgNmId", "pain.001.001.09")
    for name, transfers in blocks:
        block = SubElement(report, "OrgnlPmtInfAndSts")
        put(block, "OrgnlPmtInfId", name)
        for end_to_end, status in transfers:
            transaction = SubElement(block, "TxInfAndSts")
            put(transaction, "OrgnlEndToEndId", end_to_end)
            put(transaction, "TxSts", status)
            if status == "RJCT":
                put(transaction, "StsRsnInf/Rsn/Cd", "AC04")
    return as_file(root)


def _statement(
    bank: SimulatedBank, day: date, made_at: datetime, opening: int, entries: list[_Entry]
) -> bytes:
    root = Element("Document", xmlns=STATEMENT)
    message = SubElement(root, "BkToCstmrStmt")
    header = SubElement(message, "GrpHdr")
    put(header, "MsgId", f"STM-{day:%Y%m%d}")
    put(header, "CreDtTm", made_at.isoformat(timespec="seconds"))
    statement = SubElement(message, "Stmt")
    put(statement, "Id", f"{day:%Y%m%d}")
    account = SubElement(statement, "Acct")
    put_account(account, bank.account.number)
    put(account, "Ccy", bank.currency)
    put(account, "Ownr/Nm", bank.account.holder)
    closing = opening + sum(entry.amount_minor for entry in entries)
    for code, amount in (("OPBD", opening), ("CLBD", closing)):
        balance = SubElement(statement, "Bal")
        put(balance, "Tp/CdOrPrtry/Cd", code)
        _money(balance, amount, bank.currency)
        put(balance, "Dt/Dt", day.isoformat())
    for entry in entries:
        _entry(SubElement(statement, "Ntry"), entry, bank.currency)
    return as_file(root)


def _entry(parent: Element, entry: _Entry, currency: str) -> None:
    _money(parent, entry.amount_minor, currency)
    put(parent, "Sts/Cd", "BOOK")
    put(parent, "BookgDt/Dt", entry.on.isoformat())
    put(parent, "ValDt/Dt", entry.on.isoformat())
    put(parent, "AcctSvcrRef", entry.reference)
    put(parent, "BkTxCd/Prtry/Cd", "TRF")
    details = SubElement(SubElement(parent, "NtryDtls"), "TxDtls")
    put(details, "Refs/EndToEndId", entry.end_to_end)
    side = "Cdtr" if entry.amount_minor < 0 else "Dbtr"
    put(details, f"RltdPties/{side}/Pty/Nm", entry.other_side)
    put(details, "RmtInf/Ustrd", entry.said)


def _money(parent: Element, amount_minor: int, currency: str) -> None:
    put_amount(parent, "Amt", abs(amount_minor), currency)
    put(parent, "CdtDbtInd", "DBIT" if amount_minor < 0 else "CRDT")
