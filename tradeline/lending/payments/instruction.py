"""A payment from its instruction to its settlement, and what the bank says of it meanwhile."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.kernel.money import CURRENCIES
from tradeline.lending.payments.references import IDENTIFIER, is_iban

NoticeKind = Literal["accepted", "rejected", "settled", "returned"]
Status = Literal["instructed", "accepted", "rejected", "settled", "returned"]


@dataclass(frozen=True, slots=True)
class BankAccount:
    """An account and its holder; the bank by its BIC, or empty if the IBAN says it."""

    holder: str
    number: str
    bank: str = ""


@dataclass(frozen=True, slots=True)
class Instruction:
    """A transfer that the lender wants: to whom, how much, on which day, and for what.

    `id` travels with the payment and comes back with all that the bank says of it. It is the key by
    which a payment is made once: the same id is never sent with another content.
    """

    id: str
    on: date
    amount_minor: int
    currency: str
    creditor: BankAccount
    purpose: str


@dataclass(frozen=True, slots=True)
class Notice:
    """What the bank says of a payment; `bank_reference` is the bank's own name for the event."""

    payment: str
    kind: NoticeKind
    on: date
    bank_reference: str
    amount_minor: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Payment:
    """Where a payment stands, and what is odd with what was said of it.

    `active_from` is the day from which a loan paid out by it is active: settled, and not returned.
    """

    instruction: Instruction
    status: Status
    active_from: date | None
    reason: str
    findings: tuple[Finding, ...]


def checked(instruction: Instruction) -> Instruction:
    """The instruction, or InputProblem with all that keeps a bank from carrying it out."""
    number = instruction.creditor.number
    rules = [
        (
            IDENTIFIER.fullmatch(instruction.id) is not None,
            f"The id '{instruction.id}' does not travel through banks.",
            "Use up to 35 letters, digits and hyphens.",
        ),
        (
            instruction.amount_minor > 0,
            f"The amount {instruction.amount_minor} is none.",
            "Pay an amount above zero.",
        ),
        (
            instruction.currency in CURRENCIES,
            f"The currency '{instruction.currency}' is none of ISO 4217.",
            "Give its code of three letters.",
        ),
        (
            bool(instruction.creditor.holder.strip()),
            "The creditor has no name.",
            "Name the holder of the account.",
        ),
        (
            bool(number) and (not number[:2].isalpha() or is_iban(number)),
            f"The account '{number}' is no IBAN, though it begins like one.",
            "Check the account with its holder.",
        ),
    ]
    wrong = [(message, remedy) for holds, message, remedy in rules if not holds]
    if wrong:
        raise InputProblem(
            Finding("bad-payment", Severity.ERROR, f"payment {instruction.id}", message, remedy)
            for message, remedy in wrong
        )
    return instruction


def followed(instruction: Instruction, notices: Iterable[Notice]) -> Payment:
    """Where a payment stands after all that the bank said of it, in the order it was said.

    A notice that comes again, by its bank's reference, changes nothing. A second settlement, one of
    another amount or after a rejection, and a return of what was not settled are findings, and
    leave the payment as it stands: a person looks.
    """
    status: Status = "instructed"
    active_from, reason = None, ""
    findings, seen = list[Finding](), set[tuple[str, str]]()
    for notice in notices:
        if notice.payment != instruction.id or (notice.kind, notice.bank_reference) in seen:
            continue
        seen.add((notice.kind, notice.bank_reference))
        odd = _why_odd(instruction, status, notice)
        if odd:
            findings.append(_odd(instruction, notice, odd))
        elif notice.kind != "accepted" or status == "instructed":
            status, reason = notice.kind, notice.reason
            active_from = notice.on if notice.kind == "settled" else None
    return Payment(instruction, status, active_from, reason, tuple(findings))


def _why_odd(instruction: Instruction, status: Status, notice: Notice) -> str:
    if notice.amount_minor not in (None, instruction.amount_minor):
        return f"it moved {notice.amount_minor} and not {instruction.amount_minor}"
    if notice.kind == "settled" and status != "instructed" and status != "accepted":
        return f"it was {status} before"
    if notice.kind == "returned" and status != "settled":
        return f"it was not settled, but {status}"
    if notice.kind == "rejected" and status in ("settled", "returned"):
        return f"it was {status} before"
    return ""


def _odd(instruction: Instruction, notice: Notice, why: str) -> Finding:
    return Finding(
        "odd-notice",
        Severity.ERROR,
        f"payment {instruction.id}",
        f"The bank says on {notice.on} that it is {notice.kind} ({notice.bank_reference}), yet "
        f"{why}.",
        "Ask the bank before anything else is paid.",
    )
