"""New terms for a running loan: another rate, periods without principal, new instalments."""

from dataclasses import replace
from datetime import date

from tradeline.kernel.findings import problem
from tradeline.lending.dates.day_counts import Period
from tradeline.lending.dates.due_dates import later
from tradeline.lending.loan.events import RateChange, Reage, Reschedule, counts_from
from tradeline.lending.loan.plan import Place, Plan
from tradeline.lending.loan.rows import Row


def change_rate(plan: Plan, event: RateChange) -> None:
    """Another rate from a day on; the instalment is solved anew for the row the day lies in."""
    rows = plan.scheduled
    index = next((at for at, row in enumerate(rows) if row.due > event.value_date), len(rows))
    plan.settle_instalment(plan.row_of(counts_from(event)))
    plan.rates.change(event.value_date, event.annual_rate)
    plan.solve_at.add(index)
    plan.walk()


def reschedule(plan: Plan, event: Reschedule) -> None:
    """New terms from the instalment of a due date on.

    InputProblem if no instalment falls due on that day.
    """
    index = next((at for at, row in enumerate(plan.scheduled) if row.due == event.from_due), None)
    if index is None or index < plan.index or plan.principal_open <= 0:
        raise problem(
            "no-such-instalment",
            "reschedule",
            f"No open instalment falls due on {event.from_due}.",
            "Name the due date of an instalment.",
        )
    plan.settle_instalment(plan.row_of(counts_from(event)))
    if event.annual_rate is not None:
        plan.rates.change(plan.scheduled[index].period.begin, event.annual_rate)
    for row in range(event.principal_grace_periods):
        plan.count += 1
        plan.append_row()
        plan.put_off_principal(index + row)
    plan.solve_at.add(index)
    plan.walk()


def reage(plan: Plan, event: Reage) -> int:
    """All unpaid principal becomes new instalments; how much that is."""
    if plan.recalculation is not None:
        plan.move_to(event.value_date)
        plan.walk()
    amount = sum(row.open_principal for row in plan.rows)
    on = event.value_date
    kept = [row for row in plan.scheduled if _kept(row, on)]
    plan.apart = [row for row in plan.apart if _kept(row, on)]
    # What was paid or charged ahead stays, and the new instalments follow what fell due.
    plan.apart += [row for row in kept if row.due > on]
    plan.scheduled = [row for row in kept if row.due <= on]
    for row in plan.rows:
        _close_principal(row, on)
    _begin_anew(plan, event, amount, _interest_paid_until(kept, event))
    return amount


def _interest_paid_until(kept: list[Row], event: Reage) -> date:
    """The last due date before the new instalments of which something was paid or charged."""
    return max((row.due for row in kept if row.due < event.first_due), default=event.value_date)


def _kept(row: Row, on: date) -> bool:
    return row.due <= on or row.paid.total > 0 or bool(row.charges)


def _close_principal(row: Row, on: date) -> None:
    row.principal, row.credited = row.paid_principal, 0
    if row.due > on:
        row.interest = row.paid_interest
    row.settle(on)


def _begin_anew(plan: Plan, event: Reage, amount: int, begin: date) -> None:
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
        custom=(),
    )
    plan.rates.contract = plan.contract
    plan.count = len(plan.scheduled)
    plan.tranches, plan.down_payments = [], []
    plan.place, plan.bearing_at_begin = Place(balance=amount), amount
    plan.reductions, plan.arrears_until = [], None
    plan.solve_at = {plan.index}
    plan.walk()


def reamortise(plan: Plan, on: date) -> int:
    """Overdue principal goes to the instalments yet to come; how much that is.

    InputProblem if none is to come.
    """
    if plan.recalculation is not None:
        plan.move_to(on)
    behind = [row for row in plan.rows if row.due < on]
    amount = sum(row.open_principal for row in behind)
    index = next((at for at, row in enumerate(plan.scheduled) if row.due >= on), None)
    if index is None or index < plan.index:
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
    plan.bear_again(on, amount)
    plan.place = replace(plan.place, balance=plan.place.balance + amount)
    plan.solve_at.add(index)
    plan.walk()
    return amount
