"""The four components of what is owed or paid, in minor units."""

from dataclasses import dataclass
from enum import StrEnum


class Component(StrEnum):
    """What a part of a debt is."""

    PRINCIPAL = "principal"
    INTEREST = "interest"
    FEES = "fees"
    PENALTIES = "penalties"


@dataclass(frozen=True, slots=True)
class Amounts:
    """Principal, interest, fees and penalties of one thing, in minor units."""

    principal: int = 0
    interest: int = 0
    fees: int = 0
    penalties: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.principal + self.interest + self.fees + self.penalties

    @property
    def cost(self) -> int:
        """What is not principal."""
        return self.interest + self.fees + self.penalties

    def __add__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            self.principal + other.principal,
            self.interest + other.interest,
            self.fees + other.fees,
            self.penalties + other.penalties,
        )

    def __sub__(self, other: "Amounts") -> "Amounts":
        return Amounts(
            self.principal - other.principal,
            self.interest - other.interest,
            self.fees - other.fees,
            self.penalties - other.penalties,
        )


NOTHING = Amounts()
