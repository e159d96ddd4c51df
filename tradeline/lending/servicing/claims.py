"""The register of financed documents, held by the database over all its lenders.

A second financing is refused by the index and trigger of its table, so that of two at once one
waits for the other and is refused then. What is said of it is what the register of `receivables`
says. Of documents of others a lender sees keyed hashes, the lender's name and the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from psycopg import Connection, Cursor
from psycopg.errors import UniqueViolation

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.receivables.documents import Document, Fingerprints, fingerprints
from tradeline.lending.receivables.register import GRAVE, Claim, Match, Register, finding

CLAIM = """
INSERT INTO servicing_claim (tenant, register, agreement, financing, claimed_on, whole, by_number,
                             by_amount, order_print, bills)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
MET = """
SELECT tenant, financing, claimed_on, whole, by_number, by_amount, order_print, bills
FROM servicing_claim
WHERE register = %s AND released_on IS NULL
    AND (whole = %s OR by_number = %s OR by_amount = %s OR bills = %s OR order_print = %s)
ORDER BY id
"""
TAKEN_OVER = """
SELECT FROM servicing_claim
WHERE tenant = %s AND register = %s AND agreement = %s AND order_print = %s AND released_on IS NULL
"""
RELEASE = "UPDATE servicing_claim SET released_on = %s WHERE tenant = %s AND agreement = %s"


@dataclass(frozen=True, slots=True)
class SharedRegister:
    """A register by its name, and the key of its hashes, which its lenders share."""

    name: str
    key: bytes


@dataclass(frozen=True, slots=True)
class Financing:
    """An agreement that finances a document from a day on, perhaps in place of another."""

    tenant: str
    agreement: str
    document: Document
    on: date
    takes_over: str = ""

    @property
    def name(self) -> str:
        """What documents share that do not meet each other."""
        return self.takes_over or self.agreement


def claim(
    connection: Connection, register: SharedRegister, financing: Financing
) -> tuple[str, ...]:
    """Enter the document of a financing; what other documents are like it, for a person to look at.

    `InputProblem` if it is financed already, or takes over an order that it does not bill.
    """
    prints = fingerprints(financing.document, register.key)
    if financing.takes_over:
        _require_order(connection, register, financing, prints)
    values = [
        financing.tenant, register.name, financing.agreement, financing.name, financing.on,
        prints.whole, prints.by_number, prints.by_amount, prints.order, prints.bills,
    ]  # fmt: skip
    try:
        with connection.transaction():
            Cursor(connection).execute(CLAIM, values)
    except UniqueViolation as refusal:
        met = _matches(connection, register, financing, prints)
        grave = [finding(match) for match in met if match.how in GRAVE]
        if not grave:  # it was released just now
            raise
        raise InputProblem(grave) from refusal
    return tuple(
        finding(match).message for match in _matches(connection, register, financing, prints)
    )


def release(connection: Connection, tenant: str, agreement: str, on: date) -> None:
    """Let go of the document of a financing that was never used."""
    Cursor(connection).execute(RELEASE, [on, tenant, agreement])


def _require_order(
    connection: Connection, register: SharedRegister, financing: Financing, prints: Fingerprints
) -> None:
    asked = [financing.tenant, register.name, financing.takes_over, prints.bills]
    if Cursor(connection).execute(TAKEN_OVER, asked).fetchone() is None:
        raise problem(
            "not-its-order", f"receivable {financing.agreement}",
            f"{financing.takes_over} finances no order that this invoice bills.",
            "Name the financing of its order, and the order's number on the invoice.",
        )  # fmt: skip


def _matches(
    connection: Connection, register: SharedRegister, financing: Financing, prints: Fingerprints
) -> Sequence[Match]:
    asked = [register.name, prints.whole, prints.by_number, prints.by_amount, prints.order,
             prints.bills]  # fmt: skip
    rows = Cursor(connection).execute(MET, asked)
    there = Register(
        Claim(f"{tenant} {name}", tenant, on, Fingerprints(*hashes))
        for tenant, name, on, *hashes in rows
    )
    return there.matches(prints, financing=f"{financing.tenant} {financing.name}")
