"""A loan whose terms are eased, with payments on time or late."""

from collections.abc import Iterable
from datetime import date, timedelta
from fractions import Fraction

from tradeline.lending.dates.day_counts import DayCount
from tradeline.lending.dates.due_dates import Frequency, plus_months
from tradeline.lending.forbearance.terms import read_cure_terms
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Disbursement, Event, Reage, Repayment, Reschedule
from tradeline.lending.loan.fold import fold

START = date(2022, 1, 10)
CURE = read_cure_terms(START)
# 60,000.00 in sixty instalments of about 1,300.00.
CONTRACT = Contract(
    currency="CNY",
    principal_minor=6_000_000,
    annual_rate=Fraction(12, 100),
    start=START,
    frequency=Frequency.MONTHS,
    every=1,
    instalments=60,
    day_count=DayCount.THIRTY_360,
)
OUT = Disbursement(value_date=START, entered_on=START, amount_minor=6_000_000)


def month(number: int) -> date:
    """The due date of an instalment."""
    return plus_months(START, number)


def paid(on: date, amount: int) -> Repayment:
    """A payment."""
    return Repayment(value_date=on, entered_on=on, amount_minor=amount)


def reaged(on: date, instalments: int = 60) -> Reage:
    """All that is owed in new monthly instalments, from the next month on."""
    return Reage(
        value_date=on, entered_on=on, first_due=plus_months(on, 1), frequency=Frequency.MONTHS,
        every=1, instalments=instalments,
    )  # fmt: skip


def rescheduled(number: int, free: int = 0) -> Reschedule:
    """On an instalment's due date, so many periods without principal from the next one on."""
    return Reschedule(
        value_date=month(number), entered_on=month(number), from_due=month(number + 1),
        principal_grace_periods=free,
    )  # fmt: skip


def kept(
    events: Iterable[Event], months: Iterable[int], late: dict[int, int] | None = None
) -> list[Event]:
    """The events, and what falls due in each month paid then, or so many days late."""
    found = list(events)
    open_ = {row.due: row.open.total for row in fold(CONTRACT, found, month(60)).instalments}
    for number in months:
        due = month(number)
        if open_.get(due):
            found.append(paid(due + timedelta(days=(late or {}).get(number, 0)), open_[due]))
    return found
