"""The statement of one agreement, whatever its kind: a page and a document of the same."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from tradeline.creditfile.file.document import typeset
from tradeline.kernel.findings import problem
from tradeline.lending.end_of_day.chunk import Chunk, Cut, chunks
from tradeline.lending.end_of_day.folder import landings
from tradeline.lending.end_of_day.late_days import ends_of_days
from tradeline.lending.end_of_day.run import closed_days
from tradeline.lending.reports.account import Account, Due, account, of_sales
from tradeline.lending.reports.page import amount, environment


@dataclass(frozen=True, slots=True)
class Statement:
    """An agreement at the end of a day under its id; `lender` and `product` as named."""

    agreement: str
    product: str
    lender: str
    account: Account


def read_statement(root: Path, loan: str) -> Statement:
    """The statement of a loan or advance of a portfolio at the end of the last closed day.

    InputProblem if it is not there, or no day was ended.
    """
    known, done = landings(root), closed_days(root)
    if not done:
        raise problem(
            "no-day", str(root), "No day of this portfolio was ended yet.",
            "End one: tradeline eod run FOLDER --date DATE.",
        )  # fmt: skip
    cut, on = Cut(done[-1].landing, done[-1].day.toordinal()), done[-1].day
    for chunk in chunks(root, known[: cut.landing]):
        names = chunk.names()
        for place in np.flatnonzero(names.loan == loan).tolist():
            product, lender = str(names.product[place]), str(names.lender[place])
            return Statement(loan, product, lender, _account(chunk, place, cut, on))
    raise problem("no-loan", "--loan", f"The portfolio has no loan '{loan}'.", "Check its id.")


def _account(chunk: Chunk, place: int, cut: Cut, on: date) -> Account:
    if chunk.is_of_advances:
        return of_sales(chunk.advance(place), *chunk.came_for(place, cut), on)
    contract, events = chunk.loan(place, cut)
    return account(contract, [*events, *ends_of_days(contract, events, on)], on)


def statement_page(found: Statement) -> str:
    """The statement as a page; encode it as UTF-8."""
    return environment().get_template("statement.html").render(shown=shown(found))


def statement_pdf(found: Statement) -> bytes:
    """The statement as a PDF; InputProblem where what sets it is not installed."""
    on = found.account.day
    moment = datetime(on.year, on.month, on.day, tzinfo=UTC)
    return typeset(_template(), json.dumps(shown(found)), moment)


@cache
def _template() -> bytes:
    return (files("tradeline.lending.reports") / "templates" / "statement.typ").read_bytes()


def shown(found: Statement) -> dict[str, Any]:
    """What page and document say, as texts."""
    of = found.account

    def money(minor: int) -> str:
        return amount(minor, of.currency)

    facts = [(label, value if isinstance(value, str) else money(value))
             for label, value in of.facts]  # fmt: skip
    return {
        "heading": f"Statement of {of.kind} {found.agreement}",
        "kind": of.kind,
        "agreement": found.agreement,
        "day": of.day.isoformat(),
        "currency": of.currency,
        "facts": [["Product", found.product], ["Lender", found.lender], *map(list, facts)],
        "transactions": [
            [
                made.on.isoformat(), made.what, money(made.amount), money(made.principal),
                money(made.interest), money(made.charges), money(made.balance),
            ]
            for made in of.moved
        ],
        "ahead": [
            [
                due.on.isoformat(), money(due.principal), money(due.interest), money(due.charges),
                money(due.total), _note(due, of.day),
            ]
            for due in of.ahead
        ],
    }  # fmt: skip


def _note(due: Due, on: date) -> str:
    when = "overdue" if due.on < on else "due" if due.on == on else ""
    return ", ".join(filter(None, (due.of, when)))
