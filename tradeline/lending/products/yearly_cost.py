"""What a schedule costs a year: the effective rate on its days, and the APR in unit-periods.

Both count what the schedule holds and nothing else: a fee that is charged apart is in neither.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.dates.due_dates import Frequency, later, plus_months
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.state import LoanState
from tradeline.lending.rates.apr import (
    DAYS_OF_MONTH,
    DAYS_OF_WEEK,
    Unit,
    annual_percentage_rate,
    unit_periods,
)
from tradeline.lending.rates.solving import Flow
from tradeline.lending.rates.yields import DatedFlow, effective_annual_rate

# The unit of a frequency, and how many of them make a year (12 CFR 1026, Appendix J, (b)(5)).
UNITS: dict[Frequency, tuple[Unit, int]] = {
    Frequency.DAYS: ("day", 365),
    Frequency.WEEKS: ("week", 52),
    Frequency.MONTHS: ("month", 12),
}


OF_YEAR = dict(UNITS.values())


@dataclass(frozen=True, slots=True)
class YearlyRate:
    """A rate in percent with two digits, or None and the reason why there is none."""

    percent: Decimal | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class YearlyCost:
    """What a schedule costs a year, in two ways."""

    effective: YearlyRate
    apr: YearlyRate


def yearly_cost(contract: Contract, state: LoanState) -> YearlyCost:
    """Both rates of a schedule as agreed, such as `preview` gives it."""
    return YearlyCost(
        _rate(lambda: _effective(state)), _rate(lambda: _percentage_rate(contract, state))
    )


def _rate(found: Callable[[], Decimal]) -> YearlyRate:
    try:
        return YearlyRate(found())
    except InputProblem as refused:
        return YearlyRate(None, refused.findings[0].message)


def _effective(state: LoanState) -> Decimal:
    return effective_annual_rate(scheduled_flows(state), digits=4).scaleb(2)


def scheduled_flows(state: LoanState) -> list[DatedFlow]:
    """What is paid out and what falls due, as the lender sees it."""
    paid_out = [DatedFlow(paid.on, -paid.amount) for paid in state.disbursed]
    return paid_out + [DatedFlow(row.due, row.owed.total) for row in state.instalments]


def _percentage_rate(contract: Contract, state: LoanState) -> Decimal:
    _, of_year = UNITS[contract.frequency]
    if contract.every > of_year:
        raise _without(f"Its periods of {contract.every} {contract.frequency} exceed a year.")
    if contract.custom:
        return _of_agreed_dates(contract, state)
    flows = list(_in_unit_periods(contract, state))
    return annual_percentage_rate(flows, Fraction(of_year, contract.every))


def _in_unit_periods(contract: Contract, state: LoanState) -> Iterator[Flow]:
    """Instalments a unit-period apart, whichever business day they move to."""
    yield from (Flow(0, -paid.amount) for paid in state.disbursed)
    rows = state.instalments
    if contract.down_payment and rows[0].begin == rows[0].due:
        yield Flow(0, rows[0].owed.total)
        rows = rows[1:]
    first, fraction = _until_first(contract)
    if len(rows) == 1 and (first, fraction) != (1, Fraction(0)):
        raise _without("Its only instalment falls due after an odd period.")
    yield from (Flow(first + place, row.owed.total, fraction) for place, row in enumerate(rows))


def _of_agreed_dates(contract: Contract, state: LoanState) -> Decimal:
    """The APR of dates that are agreed one by one, in the period that comes most often."""
    days = [contract.start, *(each.due for each in contract.custom)]
    unit, every = _common_period(days)
    flows = [Flow(0, -paid.amount) for paid in state.disbursed]
    rows = state.instalments
    if contract.down_payment and rows[0].begin == rows[0].due:
        flows.append(Flow(0, rows[0].owed.total))
        rows = rows[1:]
    for day, row in zip(days[1:], rows, strict=False):
        whole, fraction = _until(contract.start, day, unit, every)
        flows.append(Flow(whole, row.owed.total, fraction))
    return annual_percentage_rate(flows, Fraction(OF_YEAR[unit], every))


def _until(begin: date, day: date, unit: Unit, every: int) -> tuple[int, Fraction]:
    """Unit-periods to a day; whole months end on the last day of a shorter month, too."""
    months = (day.year - begin.year) * 12 + day.month - begin.month
    if unit == "month" and day == plus_months(begin, months):
        whole, rest = divmod(months, every)
        return whole, Fraction(rest, every)
    return unit_periods(begin, day, unit, every=every)


def _common_period(days: Sequence[date]) -> tuple[Unit, int]:
    """The period up to a year that lies between the days most often, of equals the shortest.

    InputProblem if none comes twice (12 CFR 1026, Appendix J, (b)(2) and (4); of their average,
    which that would go by, none is made here).
    """
    found = Counter(period for pair in pairwise(days) for period in _periods(*pair))
    often = max(found.values(), default=0)
    if often < 2:
        raise _without("No period up to a year comes twice between its due dates.")
    return min((each for each in found if found[each] == often), key=_length)


def _periods(begin: date, due: date) -> Iterator[tuple[Unit, int]]:
    """What lies between two days in whole units, if that is no more than a year."""
    months = (due.year - begin.year) * 12 + due.month - begin.month
    if 0 < months <= 12 and due in (plus_months(begin, months), _last_of_month(due, begin)):
        yield "month", months
    length = (due - begin).days
    if length <= OF_YEAR["day"]:
        yield ("week", length // 7) if length % 7 == 0 else ("day", length)


def _last_of_month(due: date, begin: date) -> date:
    """The last day of a month, for what begins on the last day of another."""
    ends = (begin + timedelta(days=1)).day == 1 and (due + timedelta(days=1)).day == 1
    return due if ends else date.min


def _length(period: tuple[Unit, int]) -> int:
    unit, every = period
    return every * {"day": 1, "week": DAYS_OF_WEEK, "month": DAYS_OF_MONTH}[unit]


def _until_first(contract: Contract) -> tuple[int, Fraction]:
    """The unit-periods to the first due date: one, unless another day is stated."""
    usual = later(contract.start, contract.frequency, contract.every)
    if contract.first_due is None or contract.first_due == usual:
        return 1, Fraction(0)
    unit, _ = UNITS[contract.frequency]
    return unit_periods(contract.start, contract.first_due, unit, every=contract.every)


def _without(message: str) -> InputProblem:
    return problem("no-apr", "loan", message, "Go by the effective annual rate.")
