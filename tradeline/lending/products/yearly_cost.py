"""What a schedule costs a year: the effective rate on its days, and the APR in unit-periods.

Both count what the schedule holds and nothing else: a fee that is charged apart is in neither.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.dates.due_dates import Frequency, later
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.state import LoanState
from tradeline.lending.rates.apr import Unit, annual_percentage_rate, unit_periods
from tradeline.lending.rates.solving import Flow
from tradeline.lending.rates.yields import DatedFlow, effective_annual_rate

# The unit of a frequency, and how many of them make a year (12 CFR 1026, Appendix J, (b)(5)).
UNITS: dict[Frequency, tuple[Unit, int]] = {
    Frequency.DAYS: ("day", 365),
    Frequency.WEEKS: ("week", 52),
    Frequency.MONTHS: ("month", 12),
}


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
        raise _without("Its due dates are agreed one by one.")
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


def _until_first(contract: Contract) -> tuple[int, Fraction]:
    """The unit-periods to the first due date: one, unless another day is stated."""
    usual = later(contract.start, contract.frequency, contract.every)
    if contract.first_due is None or contract.first_due == usual:
        return 1, Fraction(0)
    unit, _ = UNITS[contract.frequency]
    return unit_periods(contract.start, contract.first_due, unit, every=contract.every)


def _without(message: str) -> InputProblem:
    return problem("no-apr", "loan", message, "Go by the effective annual rate.")
