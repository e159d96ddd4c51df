"""Rational amounts as whole minor units, by a rule and in steps."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor


class RoundingMode(StrEnum):
    """Which of two neighbours an amount between them becomes."""

    HALF_EVEN = "half even"
    HALF_UP = "half up"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Rounding:
    """Rounds to whole steps of so many minor units; halves go to the even step or upwards."""

    mode: RoundingMode = RoundingMode.HALF_EVEN
    step_minor: int = 1

    def minor(self, amount: Fraction | int) -> int:
        """The amount in minor units, rounded."""
        steps = amount if self.step_minor == 1 else Fraction(amount) / self.step_minor
        match self.mode:
            case RoundingMode.HALF_EVEN:
                whole = round(steps)
            case RoundingMode.HALF_UP:
                whole = floor(steps + Fraction(1, 2))
            case RoundingMode.UP:
                whole = ceil(steps)
            case RoundingMode.DOWN:
                whole = floor(steps)
        return whole * self.step_minor


NEAREST = Rounding()
