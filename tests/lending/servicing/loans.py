"""A loan for the tests of servicing, and short words for what happens to it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.contract import Contract, Recalculation
from tradeline.lending.loan.events import Disbursement, EndOfDay, Event, Repayment, Reversal

LOAN = "loan_0001"
NOW = datetime(2026, 1, 1, 9, tzinfo=UTC)
START = date(2026, 1, 1)
CONTRACT = Contract(
    currency="CNY",
    principal_minor=1_200_000,
    annual_rate=Fraction(12, 100),
    start=START,
    frequency=Frequency.MONTHS,
    every=1,
    instalments=12,
    recalculation=Recalculation(),
)


def paid_out(amount: int = 1_200_000, on: date = START) -> Disbursement:
    return Disbursement(value_date=on, entered_on=on, amount_minor=amount)


def repaid(amount: int, on: date, entered: date | None = None) -> Repayment:
    return Repayment(value_date=on, entered_on=entered or on, amount_minor=amount)


def taken_back(place: int, on: date) -> Reversal:
    return Reversal(value_date=on, entered_on=on, of=place)


def day_ended(on: date) -> EndOfDay:
    return EndOfDay(value_date=on, entered_on=on)


def at(kind: type[Event], on: date, **values: Any) -> Event:
    """An event that is entered on its day."""
    return kind(value_date=on, entered_on=on, **values)


def ask(lender: str, key: str, event: Event, loan: str = LOAN) -> dict[str, Any]:
    from tradeline.lending.servicing.flows import Command, enter

    return dict(enter(Command(lender, loan, key, NOW), event))


def open_one(lender: str, loan: str = LOAN, product: str = "", **changes: Any) -> dict[str, Any]:
    from tradeline.lending.servicing.flows import Command, open_agreement

    contract = replace(CONTRACT, **changes)
    command = Command(lender, loan, f"open {loan}", NOW)
    return dict(open_agreement(command, contract, product=product))
