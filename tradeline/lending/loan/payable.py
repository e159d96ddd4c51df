"""What is payable of one instalment on a day, due or not."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tradeline.kernel.findings import problem
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.fold import folded


@dataclass(frozen=True, slots=True)
class Payable:
    """Principal and interest payable of an instalment, and the principal it is a part of."""

    balance: int
    principal: int
    interest: int


def payable(contract: Contract, events: Sequence[Event], on: date, due: date) -> Payable:
    """What an instalment would take on a day: the interest of days passed, the rest principal.

    InputProblem if no instalment falls due on `due`.
    """
    plan = folded(contract, events, on).plan
    index = next((at for at, row in enumerate(plan.scheduled) if row.due == due), None)
    if index is None:
        raise problem(
            "no-such-instalment",
            "payable",
            f"No instalment falls due on {due}.",
            "Name the due date of an instalment.",
        )
    if plan.recalculation is not None:
        plan.move_to(on)
    plan.walk()
    row = plan.scheduled[index]
    repaid = sum(earlier.principal for earlier in plan.scheduled[:index])
    paid_out = sum(amount for day, amount in plan.tranches if day <= max(on, row.period.begin))
    balance, interest = paid_out - repaid, row.interest
    if index >= plan.index and on < row.due:
        interest = plan.earned(index, plan.place_before(index), max(on, row.period.begin))
    principal = row.principal + row.interest - interest
    return Payable(balance, min(principal, balance), interest)
