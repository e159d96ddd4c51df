"""When instalments were late, read from what a fold says of each."""

from collections.abc import Iterator
from datetime import date, timedelta

from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.state import Instalment, LoanState


def is_past_due(state: LoanState, day: date) -> bool:
    """Whether anything was due before a day and open at its end."""
    return any(row.due < day and _is_open(row, day) for row in state.instalments)


def is_later_than(days: int, state: LoanState, contract: Contract, day: date) -> bool:
    """Whether an instalment was more than so many days late on a day."""
    return any(
        reached <= day and _is_open(row, day) for row, reached in _reached(days, state, contract)
    )


def first_later_than(days: int, state: LoanState, contract: Contract, after: date) -> date | None:
    """The first day after another on which an instalment is more than so many days late.

    Of one that was so before and is still, that is the next day.
    """
    found = [
        max(reached, after + timedelta(days=1))
        for row, reached in _reached(days, state, contract)
        if _is_open(row, max(reached, after + timedelta(days=1)))
    ]
    return min((day for day in found if day <= state.as_of), default=None)


def newly_later_than(days: int, state: LoanState, contract: Contract, after: date) -> date | None:
    """The first day after another on which an instalment comes to be more than so many days late.

    One that was so on that other day is not counted.
    """
    found = [reached for _, reached in _reached(days, state, contract) if reached > after]
    return min((day for day in found if day <= state.as_of), default=None)


def next_later_than(days: int, state: LoanState, contract: Contract) -> date | None:
    """The first day to come on which an instalment would be more than so many days late.

    That is, if nothing more is paid.
    """
    late = timedelta(days=contract.grace.arrears_days + days + 1)
    found = [row.due + late for row in state.instalments if _is_open(row, state.as_of)]
    return min((day for day in found if day > state.as_of), default=None)


def _reached(days: int, state: LoanState, contract: Contract) -> Iterator[tuple[Instalment, date]]:
    """Instalments that came to be more than so many days late, and on which day each did."""
    grace = contract.grace.arrears_days
    for row in state.instalments:
        day = row.due + timedelta(days=grace + days + 1)
        if row.owed.total > 0 and _is_open(row, day):
            yield row, day


def _is_open(row: Instalment, day: date) -> bool:
    if row.owed.total <= 0:
        return False
    return row.settled_on is None or row.settled_on > day
