"""New terms for a running loan: another rate, periods without principal, new instalments."""

from dataclasses import replace
from datetime import date

from tradeline.kernel.findings import problem
from tradeline.lending.dates.day_counts import Period
from tradeline.lending.dates.due_dates import later
from tradeline.lending.loan.events import RateChange, Reage, Reschedule
from tradeline.lending.loan.plan import Place, Plan
from tradeline.lending.loan.rows import Row


def change_rate(plan: Plan, event: RateChange) -> None:
    """Another rate from a day on; the instalment is solved anew for the row the day lies in."""
    rows = plan.scheduled
    index = next((at for at, row in enumerate(rows) if row.due > event.value_date), len(rows))
    plan.freeze_before(index)
    plan.rates.change(event.value_date, event.annual_rate)
    plan.solve_at.add(index)
    plan.walk()


def reschedule(plan: Plan, event: Reschedule) -> None:
    """New terms from the instalment of a due date on.

    InputProblem if no instalment falls due on that day.
    """
    index = next((at for at, row in enumerate(plan.scheduled) if row.due == event.from_due), None)
    if index is None or index < plan.index:
        raise problem(
            "no-such-instalment",
            "reschedule",
            f"No open instalment falls due on {event.from_due}.",
            "Name the due date of an instalment.",
        )
    plan.freeze_before(index)
    if event.annual_rate is not None:
        plan.rates.change(plan.scheduled[index].period.begin, event.annual_rate)
    for row in range(event.principal_grace_periods):
        plan.count += 1
        plan.append_row()
        plan.scheduled[index + row].principal_free = True
    plan.solve_at.add(index)
    plan.walk()


def reage(plan: Plan, event: Reage) -> int:
    """All unpaid principal becomes new instalments; how much that is."""
    if plan.recalculation is not None:
        plan.move_to(event.value_date)
    amount = sum(row.open_principal for row in plan.rows)
    on = event.value_date
    plan.scheduled = [row for row in plan.scheduled if _kept(row, on)]
    plan.apart = [row for row in plan.apart if _kept(row, on)]
    for row in plan.rows:
        _close_principal(row, on)
    _begin_anew(plan, event, amount)
    return amount


def _kept(row: Row, on: date) -> bool:
    return row.due <= on or row.paid.total > 0 or bool(row.charges)


def _close_principal(row: Row, on: date) -> None:
    row.principal, row.credited = row.paid_principal, 0
    if row.due > on:
        row.interest = row.paid_interest
    row.settle(on)


def _begin_anew(plan: Plan, event: Reage, amount: int) -> None:
    begin = plan.scheduled[-1].due if plan.scheduled else event.value_date
    plan.index = len(plan.scheduled)
    for number in range(event.instalments):
        due = later(event.first_due, event.frequency, event.every * number)
        plan.scheduled.append(Row(Period(begin, due, event.every if number else None)))
        begin = due
    plan.contract = replace(
        plan.contract,
        frequency=event.frequency,
        every=event.every,
        fixed_instalment_minor=None,
        instalment_on_approved=False,
    )
    plan.rates.contract = plan.contract
    plan.count = len(plan.scheduled)
    plan.tranches = []
    plan.place, plan.bearing_at_begin = Place(balance=amount), amount
    plan.reductions, plan.arrears_until = [], None
    plan.solve_at = {plan.index}
    plan.walk()


def reamortise(plan: Plan, on: date) -> int:
    """Overdue principal goes to the instalments yet to come; how much that is.

    InputProblem if none is to come.
    """
    behind = [row for row in plan.rows if row.due < on]
    amount = sum(row.open_principal for row in behind)
    index = next((at for at, row in enumerate(plan.scheduled) if row.due >= on), None)
    if index is None:
        raise problem(
            "nothing-ahead",
            "re-amortisation",
            "No instalment is to come that overdue principal could go to.",
            "Re-age the loan instead.",
        )
    plan.freeze_before(index)
    for row in behind:
        row.principal, row.credited = row.paid_principal, 0
        row.settle(on)
    plan.place = replace(plan.place, balance=plan.place.balance + amount)
    plan.solve_at.add(index)
    plan.walk()
    return amount
