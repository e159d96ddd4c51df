"""What moved on the lender's account, out of bank statements (camt.053)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.kernel.money import minor_per_unit
from tradeline.lake.camt053 import HEADER, camt_rows


@dataclass(frozen=True, slots=True)
class Movement:
    """One booked movement: above zero came in, below zero went out, in minor units.

    `account` and `bank_reference` name it for ever, so that a statement may come twice.
    """

    account: str
    bank_reference: str
    on: date
    value_on: date
    amount_minor: int
    currency: str
    other_side: str
    said: str

    @property
    def key(self) -> tuple[str, str]:
        """What names the movement for ever."""
        return self.account, self.bank_reference


def movements(path: Path) -> tuple[Movement, ...]:
    """All movements of a file of statements.

    InputProblem for a file that is none, and for an entry or balance that does not fit: money is
    not booked on a statement that is in doubt.
    """
    findings: list[Finding] = []
    found = list(_movements(path, findings))
    grave = [each for each in findings if each.severity is Severity.ERROR]
    if grave:
        raise InputProblem(grave)
    return tuple(found)


def _movements(path: Path, findings: list[Finding]) -> Iterator[Movement]:
    rows = camt_rows(path, findings)
    next(rows)
    for number, values, broken in rows:
        row = dict(zip(HEADER, values, strict=True))
        if broken:
            remedy = "Ask the bank for the statement again."
            where = f"{path.name} entry {number}"
            findings.append(Finding("bad-entry", Severity.ERROR, where, broken, remedy))
            continue
        on = date.fromisoformat(row["occurred_at"][:10])
        yield Movement(
            account=row["account"],
            bank_reference=row["transaction_no"],
            on=on,
            value_on=date.fromisoformat(row["value_date"][:10]) if row["value_date"] else on,
            amount_minor=int(Decimal(row["amount"]) * minor_per_unit(row["currency"])),
            currency=row["currency"],
            other_side=row["counterparty"],
            said=row["reference"],
        )
