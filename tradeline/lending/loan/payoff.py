"""What pays a loan off on a day: all that is open, and the interest that a payoff owes."""

from datetime import date

from tradeline.lending.loan.contract import PayoffInterest
from tradeline.lending.loan.plan import Plan
from tradeline.lending.loan.rows import Row


def payoff_amount(plan: Plan, on: date) -> int:
    """What pays the loan off on a day, in minor units.

    Without recalculation the plan is not walked again after this.
    """
    if plan.recalculation is None:
        return _cancel_interest_after(plan, on)
    plan.move_to(on)
    if plan.index <= plan.last:
        plan.walk_row(plan.index, plan.place)
    behind = sum(row.open_total for row in plan.rows if row.due <= on)
    if plan.index > plan.last or plan.scheduled[plan.index].due <= on:
        ahead = plan.scheduled[plan.index + 1 :]
        charges = sum(_charges(row, on) for row in ahead)
        return behind + _principal_ahead(plan, on) + charges + _deferred(plan, on)
    row = plan.scheduled[plan.index]
    interest = _interest(plan, on) - row.paid_interest
    return behind + _principal_ahead(plan, on) + interest + _charges(row, on)


def fix_interest(plan: Plan, on: date) -> None:
    """Interest runs no further than a payoff says, if the row at the place is not due yet."""
    if plan.index <= plan.last and (plan.scheduled[plan.index].due > on or _deferred(plan, on)):
        plan.scheduled[plan.index].interest_fixed = _interest(plan, on)


def _interest(plan: Plan, on: date) -> int:
    """The interest of the row at the place, if all is paid on a day within it."""
    row = plan.scheduled[plan.index]
    overdue_until = plan.arrears_until
    if plan.contract.payoff_interest is PayoffInterest.PERIOD_END:
        on = row.due
        plan.arrears_until = on if overdue_until is not None else None
    earned = plan.earned(plan.index, plan.place, on)
    plan.arrears_until = overdue_until
    return max(earned, row.paid_interest)


def _deferred(plan: Plan, on: date) -> int:
    """The interest until a due date that would have been paid later only."""
    if plan.index > plan.last or not plan.scheduled[plan.index].interest_deferred:
        return 0
    row = plan.scheduled[plan.index]
    return _interest(plan, on) - row.interest if row.due == on else 0


def _principal_ahead(plan: Plan, on: date) -> int:
    behind = sum(row.open_principal for row in plan.rows if row.due <= on)
    return plan.principal_open - behind


def _cancel_interest_after(plan: Plan, on: date) -> int:
    """The interest of rows ahead falls away, but for what the row of the day has earned."""
    to_end = plan.contract.payoff_interest is PayoffInterest.PERIOD_END
    ahead = [at for at in range(plan.index, len(plan.scheduled)) if plan.scheduled[at].due > on]
    earned = plan.earned(ahead[0], plan.place_before(ahead[0]), on) if ahead else 0
    plan.walk()
    for at in ahead:
        row = plan.scheduled[at]
        here = (row.interest if to_end else earned) if at == ahead[0] else 0
        row.interest = max(here, row.paid_interest)
    plan.index = len(plan.scheduled)  # the interest of no row is to be reckoned again
    return sum(row.open_total for row in plan.rows)


def _charges(row: Row, on: date) -> int:
    return sum(item.amount - item.paid for item in row.charges if item.due <= on)
