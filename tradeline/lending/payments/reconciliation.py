"""Each movement of the account explained once: a payment of ours, a receipt for a loan, or neither.

What cannot be explained without a doubt goes to suspense, where a person assigns it or sends it
back. Nothing is guessed.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from tradeline.kernel.findings import problem
from tradeline.lending.payments.instruction import (
    Instruction,
    Notice,
    NoticeKind,
    Payment,
    Status,
)
from tradeline.lending.payments.references import found_in
from tradeline.lending.payments.statement import Movement

Doubt = Literal[
    "no reference", "several references", "other currency", "unknown payment out",
    "settled before", "rejected before", "other amount", "return or correction", "refused",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expected:
    """What may be received: the loan that each reference names, and the currency of each loan."""

    loans: Mapping[str, str]
    currencies: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came for a loan."""

    loan: str
    movement: Movement


@dataclass(frozen=True, slots=True)
class Suspended:
    """A movement that is not explained, and why; `candidates` are what its words name."""

    movement: Movement
    doubt: Doubt
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reconciled:
    """All movements, each in one place; `repeated` counts those that were seen before."""

    notices: tuple[Notice, ...]
    receipts: tuple[Receipt, ...]
    suspended: tuple[Suspended, ...]
    repeated: int


@dataclass(frozen=True, slots=True)
class Resolution:
    """What a person did with a suspended movement: assigned it to a loan, or sent it back."""

    account: str
    bank_reference: str
    on: date
    by: str
    loan: str | None


def reconciled(
    movements: Iterable[Movement],
    payments: Iterable[Payment],
    expected: Expected,
    *,
    seen: Iterable[tuple[str, str]] = (),
    doubled: Iterable[str] = (),
) -> Reconciled:
    """Every movement explained or suspended, in the order given.

    `payments` are all that were instructed, as they stood before; `seen` are account and bank's
    reference of movements that were taken before. They, and repetitions within, change nothing. A
    payment out that names one of ours is its settlement, and the same money back its return, unless
    it was paid out twice (`doubled` before): then the bank may have corrected itself. A receipt
    must name one loan and be in its currency.
    """
    ours = {payment.instruction.id: payment.instruction for payment in payments}
    standing = {payment.instruction.id: payment.status for payment in payments}
    known, twice, repeated = set(seen), set(doubled), 0
    notices, receipts, suspended = list[Notice](), list[Receipt](), list[Suspended]()
    for movement in movements:
        if movement.key in known:
            repeated += 1
            continue
        known.add(movement.key)
        match _explained(movement, ours, standing, twice, expected):
            case Notice() as notice:
                standing[notice.payment] = "settled" if notice.kind == "settled" else "returned"
                notices.append(notice)
            case Receipt() as receipt:
                receipts.append(receipt)
            case Suspended() as doubtful:
                if doubtful.doubt == "settled before":
                    twice.update(doubtful.candidates)
                suspended.append(doubtful)
    return Reconciled(tuple(notices), tuple(receipts), tuple(suspended), repeated)


def _explained(
    movement: Movement,
    ours: Mapping[str, Instruction],
    standing: Mapping[str, Status],
    twice: Container[str],
    expected: Expected,
) -> Notice | Receipt | Suspended:
    named = found_in(movement.said, ours)
    if movement.amount_minor < 0:
        return _paid_out(movement, [ours[name] for name in named], standing)
    back = [n for n in named if standing[n] == "settled" and _is_of(movement, ours[n])]
    if len(back) == 1:
        if back[0] in twice:
            return Suspended(movement, "return or correction", (back[0],))
        return _notice(movement, back[0], "returned")
    loans = {expected.loans[name] for name in found_in(movement.said, expected.loans)}
    if len(loans) != 1:
        return Suspended(
            movement,
            "several references" if loans else "no reference",
            tuple(sorted(loans)) or named,
        )
    (loan,) = loans
    if expected.currencies[loan] != movement.currency:
        return Suspended(movement, "other currency", (loan,))
    return Receipt(loan, movement)


def _paid_out(
    movement: Movement, named: Sequence[Instruction], standing: Mapping[str, Status]
) -> Notice | Suspended:
    if len(named) != 1:
        candidates = tuple(instruction.id for instruction in named)
        return Suspended(movement, "unknown payment out", candidates)
    (instruction,) = named
    if not _is_of(movement, instruction):
        return Suspended(movement, "other amount", (instruction.id,))
    if standing[instruction.id] in ("settled", "returned"):
        return Suspended(movement, "settled before", (instruction.id,))
    if standing[instruction.id] == "rejected":
        return Suspended(movement, "rejected before", (instruction.id,))
    return _notice(movement, instruction.id, "settled")


def _is_of(movement: Movement, instruction: Instruction) -> bool:
    moved = (abs(movement.amount_minor), movement.currency)
    return moved == (instruction.amount_minor, instruction.currency)


def _notice(movement: Movement, payment: str, kind: NoticeKind) -> Notice:
    amount = abs(movement.amount_minor)
    return Notice(payment, kind, movement.on, movement.bank_reference, amount)


@dataclass(frozen=True, slots=True)
class Suspense:
    """The suspense account: what is still unexplained, and what became of the rest."""

    still_open: tuple[Suspended, ...]
    assigned: tuple[Receipt, ...]
    sent_back: tuple[Movement, ...]

    def balance_minor(self, currency: str) -> int:
        """What stands in suspense in a currency."""
        movements = (each.movement for each in self.still_open)
        return sum(each.amount_minor for each in movements if each.currency == currency)


def resolved(suspended: Iterable[Suspended], resolutions: Iterable[Resolution]) -> Suspense:
    """The suspense account after what people did.

    InputProblem for a resolution of what is not in suspense, or was resolved before, or that
    assigns money that went out.
    """
    waiting = {each.movement.key: each for each in suspended}
    assigned, sent_back = list[Receipt](), list[Movement]()
    for resolution in resolutions:
        item = waiting.pop((resolution.account, resolution.bank_reference), None)
        if item is None or (resolution.loan is not None and item.movement.amount_minor < 0):
            raise problem(
                "bad-resolution",
                f"suspense, {resolution.bank_reference}",
                "There is no such receipt in suspense."
                if item is None
                else "Money that went out cannot be assigned to a loan.",
                "Look at what is open in suspense first.",
            )
        if resolution.loan is None:
            sent_back.append(item.movement)
        else:
            assigned.append(Receipt(resolution.loan, item.movement))
    return Suspense(tuple(waiting.values()), tuple(assigned), tuple(sent_back))
