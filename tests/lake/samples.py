"""A row of each contract, and folders of such rows."""

from collections.abc import Callable
from pathlib import Path

from tradeline.lake.contracts import Contract, Field, Kind

BY_KIND = {
    Kind.TEXT: "x1",
    Kind.MONEY: "12.50",
    Kind.NUMBER: "3",
    Kind.SHARE: "0.5",
    Kind.FLAG: "true",
    Kind.MOMENT: "2024-01-31",
}
BY_NAME = {
    "enterprise": "E1",
    "currency": "CNY",
    "period_start": "2024-01-01",
    "period_end": "2024-02-01",
    "recorded_at": "2024-02-02",
}


def value_of(field: Field) -> str:
    """A value that the field takes."""
    kind = field.choices[0] if field.choices else BY_KIND[field.kind]
    return BY_NAME.get(field.name, kind)


def write_row(
    path: Path, contract: Contract, called: Callable[[Field], str] = lambda field: field.name
) -> None:
    """A CSV file of one row with every field of the contract, under names of one's own."""
    header = ",".join(map(called, contract.fields))
    row = ",".join(map(value_of, contract.fields))
    path.write_text(f"{header}\n{row}\n", encoding="utf-8")


def first_name(field: Field) -> str:
    """The first other name of a field."""
    return next(iter(field.aliases), field.name)


def last_name(field: Field) -> str:
    """The last other name of a field, Chinese where it has one."""
    chinese = [name for name in field.aliases if not name.isascii()]
    return next(iter(chinese), field.name)
