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


def _apart(reader: ValueReader, where: str, _: str) -> None:
    reader.refuse(
        where,
        "Lenders of a portfolio have shares alone: a servicer's fee, a first-loss guarantee and a "
        "sale are booked of agreements that servicing saves. Leave it out, or open the loan there.",
    )


# What an end of day would otherwise leave out without a word.
APART = tuple(
    Column(name, _apart, "refused: an end of day does not book it")
    for name in ("servicer", "servicing_percent", "guarantor", "first_loss", "sold_on", "buyer",
                 "price")
)  # fmt: skip
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
            *APART,
        ),
        "",
        {"lender": "text", "share": "share"},
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
DEFAULTS = {"unlikely_to_pay": False, "rank": 1, "prior": 0, "refund": False}


def read_row(name: str, row: Texts, currency: str, where: str) -> dict[str, Any]:
    """The values of a row of a table; InputProblem with all that is wrong with it."""
    table = TABLES[name]
    reader = reader_of({"currency": currency}, where)
    found = DEFAULTS | values(reader, row, table.columns, where)
    if row.get("entered_on"):
        found["entered_on"] = reader.date(f"{where}, entered_on", row["entered_on"])
    for column in ("value", "prior", *(["amount"] if name == "sales" else [])):
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
