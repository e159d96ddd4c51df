"""What the interest of an instalment is made of: its own period, and what was carried to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.fold import folded


@dataclass(frozen=True, slots=True)
class InterestPart:
    """Interest carried from days of the period before, on a balance; or of the period itself."""

    amount: int
    begin: date | None = None
    end: date | None = None
    balance: int = 0


def parts_of_interest(
    contract: Contract, events: Sequence[Event], as_of: date
) -> dict[str, tuple[InterestPart, ...]]:
    """The parts by due date, where interest was carried."""
    plan = folded(contract, events, as_of).plan
    found: dict[str, tuple[InterestPart, ...]] = {}
    place = plan.place
    for index in range(plan.index, len(plan.scheduled)):
        row, carried = plan.scheduled[index], place.carried
        if carried and index == plan.index + 1 and plan.reductions:
            begin = max(day for day, _ in plan.reductions)
            own = sum(plan.interest(index, place), Fraction(0))
            balance = plan.place.balance - sum(amount for _, amount in plan.reductions)
            found[row.due.isoformat()] = (
                InterestPart(carried, begin, row.period.begin, balance),
                InterestPart(contract.interest_rounding.minor(own)),
            )
        place = plan.walk_row(index, place)
    return found
