"""Allocation: what a payment goes to, by timing, component and instalment."""

from collections.abc import Sequence
from datetime import date

from tradeline.lending.loan.amounts import Amounts, Component
from tradeline.lending.loan.contract import Direction, Future, Step, Timing, Waterfall
from tradeline.lending.loan.rows import Row


def allocate(
    rows: Sequence[Row], amount: int, on: date, waterfall: Waterfall, future: Future
) -> tuple[Amounts, int]:
    """Pay rows, in order of their due dates, from an amount: what it went to, and what is left."""
    paid = dict.fromkeys(Component, 0)
    if waterfall.charges_by_their_date:
        amount = _due_charges(rows, amount, on, waterfall, paid)
    for step in waterfall.steps:
        chosen = [row for row in rows if row.open_total > 0 and timing(row, on) in step.timings]
        ahead = [row for row in chosen if row.due > on]
        amount = _along([row for row in chosen if row.due <= on], amount, on, step, waterfall, paid)
        if future is Future.SPREAD:
            amount = _spread(ahead, amount, on, step, waterfall, paid)
        else:
            order = ahead if future is Future.NEXT else ahead[::-1]
            amount = _along(order, amount, on, step, waterfall, paid)
    return _amounts(paid), amount


def timing(row: Row, on: date) -> Timing:
    """How a row's due date stands to a day."""
    if row.due < on:
        return Timing.PAST_DUE
    return Timing.DUE if row.due == on else Timing.IN_ADVANCE


def _amounts(paid: dict[Component, int]) -> Amounts:
    return Amounts(
        paid[Component.PRINCIPAL],
        paid[Component.INTEREST],
        paid[Component.FEES],
        paid[Component.PENALTIES],
    )


def _along(
    rows: Sequence[Row],
    amount: int,
    on: date,
    step: Step,
    waterfall: Waterfall,
    paid: dict[Component, int],
) -> int:
    if waterfall.direction is Direction.INSTALMENT_BY_INSTALMENT:
        order = [(row, component) for row in rows for component in step.components]
    else:
        order = [(row, component) for component in step.components for row in rows]
    for row, component in order:
        if not amount:
            break
        taken = row.pay(component, amount, on)
        paid[component] += taken
        amount -= taken
    return amount


def _due_charges(
    rows: Sequence[Row], amount: int, on: date, waterfall: Waterfall, paid: dict[Component, int]
) -> int:
    """Pay all that is due first, and with it charges whose own date has come."""
    step = next(step for step in waterfall.steps if Timing.DUE in step.timings)
    for row in rows:
        is_due = row.due <= on
        for component in step.components:
            if is_due or component in (Component.FEES, Component.PENALTIES):
                taken = row.pay(component, amount, on, None if is_due else on)
                paid[component] += taken
                amount -= taken
    return amount


def _spread(
    rows: Sequence[Row],
    amount: int,
    on: date,
    step: Step,
    waterfall: Waterfall,
    paid: dict[Component, int],
) -> int:
    """Equal parts to all rows, the last taking the rest; again while something is left."""
    open_rows = [row for row in rows if row.open_total > 0]
    while amount and open_rows:
        even = _even(amount, len(open_rows))
        for place, row in enumerate(open_rows):
            part = amount if place == len(open_rows) - 1 else min(even, amount)
            amount -= part - _along([row], part, on, step, waterfall, paid)
        remaining = [row for row in open_rows if row.open_total > 0]
        if len(remaining) == len(open_rows):
            break
        open_rows = remaining
    return amount


def _even(amount: int, number: int) -> int:
    whole, rest = divmod(amount, number)
    return whole + (2 * rest > number or (2 * rest == number and whole % 2 == 1))
