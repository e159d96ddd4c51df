"""The instalment that pays a balance off, solved exactly."""

from collections.abc import Sequence
from fractions import Fraction


def level_instalment(
    first_due: Fraction, later_factors: Sequence[Fraction | None], balloon: int = 0
) -> Fraction:
    """The equal payment that leaves `balloon` after the last one.

    `first_due` is the balance with its interest when the first payment falls due, and
    `later_factors` the interest of a unit in each later period; None for a period that pays its
    interest only. With E the payment and g the growth from a payment to the end,
    first_due x g1 - balloon = E x (g1 + g2 + ... + 1).
    """
    growth, divisor, payments = 1, 1, 1
    for factor in reversed(later_factors):
        if factor is None:
            continue
        whole = factor.denominator + factor.numerator
        growth, divisor = growth * whole, divisor * factor.denominator
        payments = payments * factor.denominator + growth
    return (first_due * growth - balloon * divisor) / payments
