"""A loan small enough to reckon by hand: CNY 1,200.00 at 12 % a year, paid back in three months.

Principal and interest: 396.03 and 12.00 in February, 399.99 and 8.04 in March, 403.98 and 4.04 in
April, each on the first.
"""

from datetime import date
from fractions import Fraction
from typing import Any, TypeVar

from tradeline.lending.dates.due_dates import Frequency
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Disbursement, Event, Repayment
from tradeline.lending.loan.state import LoanState

Happened = TypeVar("Happened", bound=Event)

START = date(2024, 1, 1)
FEBRUARY, MARCH, APRIL = date(2024, 2, 1), date(2024, 3, 1), date(2024, 4, 1)
LOAN = Contract("CNY", 120_000, Fraction(12, 100), START, Frequency.MONTHS, 1, 3)
INSTALMENT = 40_803


def paid_out(contract: Contract = LOAN) -> Disbursement:
    """All of the principal on the first day."""
    day = contract.start
    return Disbursement(value_date=day, entered_on=day, amount_minor=contract.principal_minor)


def paid(day: date, amount: int) -> Repayment:
    """A payment entered on its day."""
    return Repayment(value_date=day, entered_on=day, amount_minor=amount)


def on(
    event: type[Happened], day: date, entered_on: date | None = None, /, **facts: Any
) -> Happened:
    """An event entered on its day, unless it is said otherwise."""
    return event(value_date=day, entered_on=entered_on or day, **facts)


def owed(state: LoanState) -> list[tuple[int, int]]:
    """Principal and interest of each instalment."""
    return [(row.owed.principal, row.owed.interest) for row in state.instalments]
