"""The rate at which flows of money balance, found between two proven signs."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate, pairwise

from tradeline.kernel.findings import InputProblem, problem

# Present values are integers in units of 10**-40 minor units while their sign is certain.
SCALE = 10**40
# A rate above this per period is no rate of a loan but a mistake in its flows.
HIGHEST = 1_000


@dataclass(frozen=True, slots=True)
class Flow:
    """Money at a time as the lender sees it: paid out below zero, received above.

    The time is a whole number of periods and a fraction of one from 0 on, below 1.
    """

    periods: int
    amount_minor: int
    fraction: Fraction = Fraction(0)


def nearest_step(flows: Sequence[Flow], step: Fraction) -> int:
    """How many steps, to the nearest, make the rate per period of no net present value.

    Interest compounds over whole periods and is simple within the fraction of one, as in the
    general equation of 12 CFR 1026, Appendix J, (b)(8). A tie goes to the even number. InputProblem
    if flows have no single rate from 0 on.
    """
    ordered = checked(flows)
    below = _last_not_below(lambda number: _value(ordered, number * step), step)
    half = _value(ordered, (below + Fraction(1, 2)) * step)
    return below + (half > 0 or (half == 0 and below % 2 == 1))


def last_step(flows: Sequence[Flow], step: Fraction) -> int:
    """The last step at which flows are still worth zero or more: the rate lies less than one on."""
    ordered = checked(flows)
    return _last_not_below(lambda number: _value(ordered, number * step), step)


def as_decimal(number: int, digits: int) -> Decimal:
    """A number of steps of 10**-digits as a decimal, exact whatever the precision in force."""
    return Decimal(f"{number}e-{digits}")


def checked(flows: Sequence[Flow]) -> list[Flow]:
    """Flows in time order, refused unless they have exactly one rate from 0 on.

    The sums so far must start below zero, rise above it once and stay (Norstrom 1972).
    """
    ordered = sorted(flows, key=lambda flow: (flow.periods, flow.fraction, flow.amount_minor))
    if any(flow.periods < 0 or not 0 <= flow.fraction < 1 for flow in ordered):
        raise _refused("A flow has a time below zero or a fraction that is not below one period.")
    totals = list(accumulate(flow.amount_minor for flow in ordered))
    unsettled = [total for total in totals if total]
    if not unsettled or unsettled[0] > 0:
        raise _refused("Nothing is paid out before something is received.")
    if (ordered[0].periods, ordered[0].fraction) == (ordered[-1].periods, ordered[-1].fraction):
        raise _refused("All money moves at one time.")
    if totals[-1] < 0:
        raise _refused("Less is received than is paid out.")
    if sum((one < 0) != (other < 0) for one, other in pairwise(unsettled)) > 1:
        raise _refused("What is owed changes its sign more than once.")
    return ordered


def _value(flows: Sequence[Flow], rate: Fraction) -> int:
    """The present value in units of 1 / SCALE; its sign is that of the exact value.

    Horner's rule from the last flow to the first. Each division rounds down by less than one unit
    and later ones only shrink what it lost, so that the sum is off by less than two per flow.
    """
    q, p = rate.denominator, rate.numerator + rate.denominator
    total, after = 0, flows[-1].periods
    for flow in reversed(flows):
        if flow.periods < after:
            total = _discounted(total, q, p, after - flow.periods)
            after = flow.periods
        total += _within(flow, rate)
    total = _discounted(total, q, p, after)
    if abs(total) > 2 * (len(flows) + 1):
        return total
    return _sign(_exact(flows, rate))


def _within(flow: Flow, rate: Fraction) -> int:
    """The flow in units of 1 / SCALE, discounted over its fraction of a period only."""
    if not flow.fraction:
        return flow.amount_minor * SCALE
    growth = 1 + flow.fraction * rate
    return flow.amount_minor * SCALE * growth.denominator // growth.numerator


def _discounted(amount: int, numerator: int, denominator: int, periods: int) -> int:
    return int(amount * numerator**periods // denominator**periods)


def _exact(flows: Sequence[Flow], rate: Fraction) -> Fraction:
    return sum(
        (
            flow.amount_minor / ((1 + flow.fraction * rate) * (1 + rate) ** flow.periods)
            for flow in flows
        ),
        start=Fraction(0),
    )


def _sign(value: Fraction) -> int:
    return (value > 0) - (value < 0)


def _last_not_below(value: Callable[[int], int], step: Fraction) -> int:
    """The last number from 0 on with a value of zero or more, where it falls below zero once.

    The chord between the ends says where to look next; where that is slow, the middle does.
    """
    low, at_low, high = 0, value(0), max(int(1 / step) // 256, 1)
    while (at_high := value(high)) >= 0:
        low, at_low, high = high, at_high, 4 * high
        if low * step >= HIGHEST:
            raise _refused(f"The rate per period is above {HIGHEST:,} to one.")
    while (width := high - low) > 1:
        for looked in (low + width * at_low // (at_low - at_high), (low + high) // 2):
            middle = min(max(looked, low + 1), high - 1)
            at = value(middle)
            if at >= 0:
                low, at_low = middle, at
            else:
                high, at_high = middle, at
            if 2 * (high - low) <= width:
                break
    return low


def _refused(message: str) -> InputProblem:
    return problem("no-rate", "flows", message, "Check the dates and amounts of the flows.")
