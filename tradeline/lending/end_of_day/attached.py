"""What a portfolio says of a loan beside its terms and events: ratings, collateral, lenders.

Each is a table whose rows are kept as columns of whole numbers and texts: days as ordinals, money
in minor units, a share as two numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import InputProblem
from tradeline.lake.columns import objects
from tradeline.lending.collateral.security import KINDS as COLLATERAL_KINDS
from tradeline.lending.end_of_day.columns import (
    DAY,
    MONEY,
    NUMBER,
    TEXT,
    YES_NO,
    Column,
    Texts,
    one_of,
    reader_of,
    values,
)
from tradeline.lending.value_reader import ValueReader

Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Table:
    """A table of rows that belong to loans; `known_on` names the day from which a row is known.

    `kinds` say how a column is kept: as a text, a number, or a share of two numbers.
    """

    columns: tuple[Column, ...]
    known_on: str
    kinds: Mapping[str, str]


def _share(reader: ValueReader, where: str, text: str) -> Fraction:
    try:
        found = Fraction(text)
    except (ValueError, ZeroDivisionError):
        found = Fraction(0)
    if not 0 < found <= 1 or found.denominator > 10**6:
        reader.refuse(where, f"'{text}' is no share, such as 1/3 or 0.25.")
        return Fraction(1)
    return found


def _percent(reader: ValueReader, where: str, text: str) -> Fraction:
    found = reader.rate(where, text)
    if not 0 <= found <= 1 or found.denominator > 10**6:
        reader.refuse(where, f"'{text}' is no percentage from 0 to 100 with up to 4 decimals.")
        return Fraction(0)
    return found


def _apart(reader: ValueReader, where: str, _: str) -> None:
    reader.refuse(
        where,
        "Lenders of a portfolio do not change: a sale of shares is booked of agreements that "
        "servicing saves. Leave it out, or open the loan there.",
    )


# What an end of day would otherwise leave out without a word.
APART = tuple(
    Column(name, _apart, "refused: an end of day does not book it")
    for name in ("sold_on", "buyer", "price")
)
GUARANTOR_FIRST = {"lenders first": False, "guarantor first": True}
TABLES = {
    "ratings": Table(
        (
            Column("rated_on", DAY, "from when it holds", required=True),
            Column("grade", TEXT, "a grade of the table `pds`", required=True),
            Column("unlikely_to_pay", one_of(YES_NO), "yes: in default, whatever its days late"),
        ),
        "rated_on",
        {"rated_on": "number", "grade": "text", "unlikely_to_pay": "number"},
    ),
    "collateral": Table(
        (
            Column("item", TEXT, "what tells it apart; a later row values it anew", required=True),
            Column("kind", one_of({each: each for each in COLLATERAL_KINDS}), "what it is", True),
            Column("value", MONEY, "in the currency of the loan", required=True),
            Column("valued_on", DAY, "the day of that value", required=True),
            Column("rank", NUMBER, "the lower is realised first (1)"),
            Column("prior", MONEY, "what ranks before the lender (0)"),
        ),
        "valued_on",
        {"item": "text", "kind": "text", "value": "number", "valued_on": "number",
         "rank": "number", "prior": "number"},
    ),
    "participations": Table(
        (
            Column("lender", TEXT, "who has a share", required=True),
            Column("share", _share, "such as 1/3 or 0.25; all of a loan add up to 1", True),
            Column("servicer", TEXT, "who keeps a share of the interest that came"),
            Column("servicing_percent", _percent, "that share, in percent"),
            Column("guarantor", TEXT, "who bears the first losses"),
            Column("first_loss", MONEY, "up to how much"),
            Column("recoveries", one_of(GUARANTOR_FIRST), "lenders first, or guarantor first"),
            *APART,
        ),
        "",
        {"lender": "text", "share": "share", "servicer": "text", "servicing_percent": "share",
         "guarantor": "text", "first_loss": "number", "recoveries": "number"},
    ),
    "sales": Table(
        (
            Column("sold_on", DAY, "the day of the sales, or of refunds given", required=True),
            Column("amount", MONEY, "of all sales of the day", required=True),
            Column("refund", one_of(YES_NO), "yes: refunds, which lower sales (no)"),
        ),
        "sold_on",
        {"sold_on": "number", "amount": "number", "refund": "number"},
    ),
    "payments": Table(
        (
            Column("paid_on", DAY, "the day it came", required=True),
            Column("amount", MONEY, "a lump sum; below zero a debit that came back", True),
        ),
        "paid_on",
        {"paid_on": "number", "amount": "number"},
    ),
}  # fmt: skip
OF_ADVANCES = ("sales", "payments")
NAMES = ("loan", "entered_on")
DEFAULTS = {"unlikely_to_pay": False, "rank": 1, "prior": 0, "refund": False, "servicer": "",
            "servicing_percent": Fraction(0), "guarantor": "", "first_loss": 0,
            "recoveries": False}  # fmt: skip
# What is said of all lenders of a loan, by one of them or by each, and says nothing alone.
OF_ALL_LENDERS = {
    "servicer": "servicing_percent",
    "servicing_percent": "servicer",
    "guarantor": "first_loss",
    "first_loss": "guarantor",
    "recoveries": "guarantor",
}


def read_row(name: str, row: Texts, currency: str, where: str) -> dict[str, Any]:
    """The values of a row of a table; InputProblem with all that is wrong with it."""
    table = TABLES[name]
    reader = reader_of({"currency": currency}, where)
    found: dict[str, Any] = DEFAULTS | values(reader, row, table.columns, where)
    if row.get("entered_on"):
        found["entered_on"] = reader.date(f"{where}, entered_on", row["entered_on"])
    for column, needed in OF_ALL_LENDERS.items() if name == "participations" else ():
        if row.get(column) and not row.get(needed):
            reader.refuse(f"{where}, {column}", f"It says nothing without `{needed}`.")
    for column in ("value", "prior", "first_loss", *(["amount"] if name == "sales" else [])):
        if found.get(column, 0) < 0:
            reader.refuse(f"{where}, {column}", "It is below zero.")
    reader.stop_if_refused()
    return {column: found[column] for column in (*table.kinds, "entered_on") if column in found}


def arrays_of(name: str, rows: Sequence[tuple[int, str, Texts]]) -> Arrays:
    """Rows as they are kept: each with its loan's place, currency and texts."""
    table = TABLES[name]
    read = [read_row(name, row, currency, name) for _, currency, row in rows]
    known = [each.get("entered_on", each.get(table.known_on, date.min)) for each in read]
    found: Arrays = {
        "place": np.array([place for place, _, _ in rows], dtype=np.int64),
        "entered_on": np.array([day.toordinal() for day in known], dtype=np.int64),
    }
    for column, kind in table.kinds.items():
        stated = [each[column] for each in read]
        if kind == "text":
            found[column] = objects([str(each) for each in stated])
        elif kind == "number":
            found[column] = np.array([_number(each) for each in stated], dtype=np.int64)
        else:
            found[f"{column}_part"], found[f"{column}_per"] = (
                np.array([getattr(each, name) for each in stated], dtype=np.int64)
                for name in ("numerator", "denominator")
            )
    return found


def columns_of(name: str) -> list[str]:
    """The columns that a table is kept in, beside the loan's place."""
    return [
        each
        for column, kind in TABLES[name].kinds.items()
        for each in ([column] if kind != "share" else [f"{column}_part", f"{column}_per"])
    ]


def wrong_rows(name: str, rows: Sequence[Texts], currency: str, where: str) -> list[Any]:
    """What is wrong with the rows of a loan."""
    found = []
    for number, row in enumerate(rows, start=1):
        try:
            read_row(name, row, currency, f"{where}, {name} {number}")
        except InputProblem as refusal:
            found += list(refusal.findings)
    return found


def _number(value: Any) -> int:
    return value.toordinal() if isinstance(value, date) else int(value)
