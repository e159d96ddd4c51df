"""Whole numbers in proportion to weights, by largest remainder."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm


def whole_weights(shares: Sequence[Fraction]) -> tuple[int, ...]:
    """Whole numbers in the proportion of the shares."""
    common = lcm(*(share.denominator for share in shares))
    return tuple(int(share * common) for share in shares)


def apportioned(total: int, weights: Sequence[int]) -> tuple[int, ...]:
    """The total in whole parts that add up to it, each less than one from its exact part.

    Each party gets its exact part rounded down; what is left goes one by one to the largest
    remainders, and of equal ones to the party named first (Hamilton's method). A total below zero
    is the mirror image.
    """
    if total < 0:
        return tuple(-part for part in apportioned(-total, weights))
    whole = sum(weights)
    if whole == 0:
        return (0,) * len(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    largest = sorted(range(len(weights)), key=lambda place: -remainders[place])
    for place in largest[: total - sum(parts)]:
        parts[place] += 1
    return tuple(parts)


def after_opening(total: int, opening: Sequence[int], weights: Sequence[int]) -> tuple[int, ...]:
    """Parts of a total that first uses up opening amounts, then goes by weights.

    At the sum of the opening amounts each party has had just its own.
    """
    first = sum(opening)
    if total <= first:
        return apportioned(total, opening)
    beyond = apportioned(total - first, weights)
    return tuple(own + part for own, part in zip(opening, beyond, strict=True))
