"""The statement of one loan: every transaction, what is owed now, and what falls due."""

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
from tradeline.lending.end_of_day.chunk import Cut, chunks
from tradeline.lending.end_of_day.folder import landings
from tradeline.lending.end_of_day.late_days import ends_of_days
from tradeline.lending.end_of_day.run import closed_days
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import Instalment, LoanState, Transaction, TransactionKind
from tradeline.lending.loan.statement import transactions
from tradeline.lending.reports.page import amount, environment


@dataclass(frozen=True, slots=True)
class Statement:
    """A loan at the end of a day, with all that happened to it; `lender` and `product` as named."""

    loan: str
    product: str
    lender: str
    contract: Contract
    state: LoanState
    transactions: tuple[Transaction, ...]

    @property
    def ahead(self) -> tuple[Instalment, ...]:
        """Instalments with something open, overdue ones among them."""
        return tuple(row for row in self.state.instalments if row.open.total > 0)


def read_statement(root: Path, loan: str) -> Statement:
    """The statement of a loan at the end of the last closed day; InputProblem if none is there."""
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
            if chunk.is_of_advances:
                raise problem(
                    "no-statement", "--loan", f"'{loan}' is an advance, which has no statement.",
                    "See the page of `eod report`, and its entries in the journal.",
                )  # fmt: skip
            contract, events = chunk.loan(place, cut)
            all_events = [*events, *ends_of_days(contract, events, on)]
            return Statement(
                loan, str(names.product[place]), str(names.lender[place]), contract,
                fold(contract, all_events, on), transactions(contract, all_events, on),
            )  # fmt: skip
    raise problem("no-loan", "--loan", f"The portfolio has no loan '{loan}'.", "Check its id.")


def statement_page(found: Statement) -> str:
    """The statement as a page; encode it as UTF-8."""
    return environment().get_template("statement.html").render(shown=shown(found))


def statement_pdf(found: Statement) -> bytes:
    """The statement as a PDF; InputProblem where what sets it is not installed."""
    on = found.state.as_of
    moment = datetime(on.year, on.month, on.day, tzinfo=UTC)
    return typeset(_template(), json.dumps(shown(found)), moment)


@cache
def _template() -> bytes:
    return (files("tradeline.lending.reports") / "templates" / "statement.typ").read_bytes()


def shown(found: Statement) -> dict[str, Any]:
    """What page and document say, as texts."""
    state, currency = found.state, found.contract.currency

    def money(minor: int) -> str:
        return amount(minor, currency)

    late = state.delinquency
    return {
        "heading": f"Statement of loan {found.loan}",
        "loan": found.loan,
        "day": state.as_of.isoformat(),
        "currency": currency,
        "facts": [
            ["Product", found.product],
            ["Lender", found.lender],
            ["Status", str(state.status)],
            ["Principal still owed", money(state.principal_open)],
            ["Overdue", money(late.overdue.total)],
            ["Days late", f"{late.days:,}"],
            ["Paid too much", money(state.overpaid)],
        ],
        "transactions": [
            [
                made.on.isoformat(), _words(made), money(made.amount), money(made.parts.principal),
                money(made.parts.interest), money(made.parts.fees + made.parts.penalties),
                money(made.balance),
            ]
            for made in found.transactions if made.kind is not TransactionKind.ACCRUAL
        ],
        "ahead": [
            [
                row.due.isoformat(), money(row.open.principal), money(row.open.interest),
                money(row.open.fees + row.open.penalties), money(row.open.total),
                _when(row.due, state.as_of),
            ]
            for row in found.ahead
        ],
    }  # fmt: skip


def _words(made: Transaction) -> str:
    return f"{made.kind}, reversed" if made.reversed else str(made.kind)


def _when(due: date, on: date) -> str:
    return "overdue" if due < on else "due" if due == on else ""
