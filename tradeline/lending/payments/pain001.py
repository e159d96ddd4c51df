"""Transfers as a file for a bank: ISO 20022 pain.001.001.09."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from xml.etree.ElementTree import Element, SubElement

from tradeline.kernel.findings import problem
from tradeline.kernel.money import minor_digits
from tradeline.kernel.texts import clean
from tradeline.lending.payments.instruction import BankAccount, Instruction, checked
from tradeline.lending.payments.iso20022 import as_file, put, put_account, put_amount
from tradeline.lending.payments.references import IDENTIFIER
from tradeline.lending.rates.solving import as_decimal

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NAME_LENGTH, REMITTANCE_LENGTH = 140, 140


def transfer_file(
    message: str, made_at: datetime, debtor: BankAccount, instructions: Sequence[Instruction]
) -> bytes:
    """The file, the same bytes for the same arguments; a block for each day and currency.

    `message` names the file, as no other. InputProblem for a name or an instruction that no bank
    takes, for no instruction at all, and for an id that stands twice.
    """
    ids = [checked(instruction).id for instruction in instructions]
    if IDENTIFIER.fullmatch(message) is None:
        raise problem(
            "bad-message",
            f"file '{message}'",
            "The name of the file does not travel through banks.",
            "Use up to 35 letters, digits and hyphens.",
        )
    if not ids or len(set(ids)) < len(ids):
        raise problem(
            "bad-transfers",
            f"file {message}",
            "A file needs at least one transfer, and each only once.",
            "Give each payment one instruction with an id of its own.",
        )
    root = Element("Document", xmlns=NAMESPACE)
    initiation = SubElement(root, "CstmrCdtTrfInitn")
    header = SubElement(initiation, "GrpHdr")
    put(header, "MsgId", message)
    put(header, "CreDtTm", made_at.isoformat(timespec="seconds"))
    put(header, "NbOfTxs", str(len(instructions)))
    put(header, "CtrlSum", _sum(instructions))
    put(header, "InitgPty/Nm", clean(debtor.holder, NAME_LENGTH))
    for name, block in blocks(message, instructions).items():
        _block(initiation, name, debtor, block)
    return as_file(root)


def blocks(message: str, instructions: Iterable[Instruction]) -> dict[str, list[Instruction]]:
    """The blocks of a file by the names that the bank calls them: one for each day and currency."""
    ordered = sorted(instructions, key=lambda each: (each.on, each.currency, each.id))
    days = groupby(ordered, key=lambda each: (each.on, each.currency))
    return {
        f"{message[:31]}-{number}": list(block) for number, (_, block) in enumerate(days, start=1)
    }


def _block(
    parent: Element, name: str, debtor: BankAccount, instructions: Sequence[Instruction]
) -> None:
    block = SubElement(parent, "PmtInf")
    put(block, "PmtInfId", name)
    put(block, "PmtMtd", "TRF")
    put(block, "NbOfTxs", str(len(instructions)))
    put(block, "CtrlSum", _sum(instructions))
    put(block, "ReqdExctnDt/Dt", instructions[0].on.isoformat())
    put(block, "Dbtr/Nm", clean(debtor.holder, NAME_LENGTH))
    put_account(SubElement(block, "DbtrAcct"), debtor.number)
    _agent(SubElement(block, "DbtrAgt"), debtor)
    for instruction in instructions:
        transfer = SubElement(block, "CdtTrfTxInf")
        put(transfer, "PmtId/EndToEndId", instruction.id)
        amount = SubElement(transfer, "Amt")
        put_amount(amount, "InstdAmt", instruction.amount_minor, instruction.currency)
        if instruction.creditor.bank:
            _agent(SubElement(transfer, "CdtrAgt"), instruction.creditor)
        put(transfer, "Cdtr/Nm", clean(instruction.creditor.holder, NAME_LENGTH))
        put_account(SubElement(transfer, "CdtrAcct"), instruction.creditor.number)
        # The id stands in the text as well: statements show what was written rather than the id.
        said = clean(f"{instruction.id} {instruction.purpose}".strip(), REMITTANCE_LENGTH)
        put(transfer, "RmtInf/Ustrd", said)


def _agent(parent: Element, account: BankAccount) -> None:
    path = "FinInstnId/BICFI" if account.bank else "FinInstnId/Othr/Id"
    put(parent, path, account.bank or "NOTPROVIDED")


def _sum(instructions: Iterable[Instruction]) -> str:
    """The control sum: all amounts added up as numbers, whatever their currencies."""
    digits = 3
    thousandths = sum(
        each.amount_minor * 10 ** (digits - minor_digits(each.currency)) for each in instructions
    )
    return f"{as_decimal(thousandths, digits).normalize():f}"
