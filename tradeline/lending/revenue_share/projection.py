"""Day by day: what is expected, what came, what is owed, and how the rest is expected anew."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import count
from typing import Literal

from tradeline.lending.rates.solving import as_decimal
from tradeline.lending.revenue_share.plan import (
    FINE,
    Plan,
    check_receipt,
    halves_to_even,
    minor,
    planned_finely,
)

FeeStyle = Literal["running total", "each day"]

FACTOR_DIGITS = 8


@dataclass(frozen=True, slots=True)
class Came:
    """What really came on a day, and what is then earned, owed and unearned, in minor units."""

    received_minor: int
    earned_minor: int
    owed_minor: int
    unearned_minor: int


@dataclass(frozen=True, slots=True)
class Day:
    """One day of an advance, in minor units.

    `balance_minor` is the advance still owed once the expected payment is made and
    `deferred_fee_minor` the fee then still to be earned; `came` is None for a day yet to come.
    """

    number: int
    on: date
    expected_minor: int
    fee_minor: int
    balance_minor: int
    deferred_fee_minor: int
    discount_factor: Decimal
    came: Came | None = None


def projected(
    plan: Plan,
    disbursed_on: date,
    *,
    receipts: Mapping[date, int] | None = None,
    known_until: date | None = None,
    style: FeeStyle = "running total",
) -> tuple[Day, ...]:
    """All days from the one after disbursement until the advance is paid back.

    Days up to `known_until`, or up to the last receipt, are taken as they were, a day without a
    receipt as one without sales. What came on the day of disbursement counts to the first.
    InputProblem for a receipt below zero or before that day.

    In the style "running total" fees are differences of a rounded running total, so that they add
    up by themselves, and the days to come are planned anew on what is owed and unearned, so that
    they bring just that. In the style "each day" the fee of each day is rounded, the last day of
    the plan and the last of all take what rounding left, and the rate stays as written.
    """
    return tuple(_days(plan, disbursed_on, receipts or {}, known_until, style))


@dataclass(frozen=True, slots=True)
class _Position:
    """Where an advance stands: what is owed and earned exactly, and the fee shown so far."""

    owed_fine: int
    earned_fine: int
    shown_minor: int


def _days(
    plan: Plan,
    disbursed_on: date,
    receipts: Mapping[date, int],
    known_until: date | None,
    style: FeeStyle,
) -> Iterator[Day]:
    came_on = _by_day(receipts, disbursed_on)
    known_days = (max([known_until or disbursed_on, *came_on]) - disbursed_on).days
    anew, ahead = style == "running total", plan
    fee_minor, total = minor(plan.fee_fine), minor(plan.advance_fine + plan.fee_fine)
    position, received, factor = _Position(plan.advance_fine, 0, 0), 0, FINE
    for number in count(1):
        on = disbursed_on + timedelta(days=number)
        if anew and number == known_days + 1 > 1:
            unearned = plan.fee_fine - position.earned_fine
            ahead = planned_finely(position.owed_fine, unearned, plan.payment_minor)
        if anew and number > known_days:
            expected, by_plan = _planned_day(plan, ahead, number - known_days)
        else:
            adds_up = anew or number == plan.number
            expected, by_plan = _day_at_rate(position, plan, adds_up)
        came, after, closed = None, by_plan, by_plan.owed_fine == 0
        if number <= known_days:
            received += came_on[on]
            after, closed = _standing(plan, received), received >= total
            came = Came(
                came_on[on],
                after.shown_minor - minor(plan.earned_fine(received - came_on[on])),
                max(total - fee_minor + after.shown_minor - received, 0),
                fee_minor - after.shown_minor,
            )
        else:
            factor = halves_to_even(factor * FINE, FINE + ahead.rate_fine)
        shown = fee_minor if closed else by_plan.shown_minor
        yield Day(
            number,
            on,
            minor(expected),
            shown - position.shown_minor,
            minor(by_plan.owed_fine),
            fee_minor - shown,
            as_decimal(halves_to_even(factor * 10**FACTOR_DIGITS, FINE), FACTOR_DIGITS),
            came,
        )
        if closed:
            return
        position = after


def _planned_day(plan: Plan, ahead: Plan, number: int) -> tuple[int, _Position]:
    """What a plan for the days ahead expects of one, and where the advance then stands."""
    earned = plan.fee_fine - ahead.fee_fine + ahead.earned_after(number)
    owed = ahead.balances_fine[number]
    return ahead.payment_fine(number), _Position(owed, earned, minor(earned))


def _day_at_rate(position: _Position, plan: Plan, adds_up: bool) -> tuple[int, _Position]:
    """What is expected of a day that starts anywhere, at the rate as written.

    What would be left below half a minor unit is paid with the last payment.
    """
    interest = halves_to_even(position.owed_fine * plan.rate_fine, FINE)
    expected = plan.payment_minor * FINE
    if minor(position.owed_fine + interest) <= plan.payment_minor:
        expected = position.owed_fine + interest
    earned = min(position.earned_fine + interest, plan.fee_fine)
    shown = minor(earned) if adds_up else position.shown_minor + minor(interest)
    owed = position.owed_fine + interest - expected
    return expected, _Position(owed, earned, min(shown, minor(plan.fee_fine)))


def _standing(plan: Plan, received_minor: int) -> _Position:
    """Where an advance really stands once so much has been received."""
    earned = plan.earned_fine(received_minor)
    owed = max(plan.advance_fine + earned - received_minor * FINE, 0)
    return _Position(owed, earned, minor(earned))


def _by_day(receipts: Mapping[date, int], disbursed_on: date) -> Counter[date]:
    came_on, first = Counter[date](), disbursed_on + timedelta(days=1)
    for on, amount in receipts.items():
        check_receipt(on, amount, disbursed_on)
        came_on[max(on, first)] += amount
    return came_on
