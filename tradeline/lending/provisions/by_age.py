"""Provisions by days past due: five classes, each with a share that is provided for."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tradeline.risk.parameters import read_parameters

CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")


@dataclass(frozen=True, slots=True)
class AgeClass:
    """A class of loans: from how many days past due, and the share that is provided for."""

    name: str
    from_days: int
    share: Fraction


def read_age_classes(on: date) -> tuple[AgeClass, ...]:
    """The classes of `parameters/provisions.yaml` on a date, the best first."""
    found = {name: each.value for name, each in read_parameters("provisions", on).items()}
    return tuple(
        AgeClass(
            name,
            0 if name == CLASSES[0] else int(found[f"{name}_days"]),
            Fraction(str(found[f"{name}_provision"])),
        )
        for name in CLASSES
    )


def age_class(classes: tuple[AgeClass, ...], days_past_due: int) -> AgeClass:
    """The class of a loan that is so many days past due."""
    return max(
        (each for each in classes if each.from_days <= max(days_past_due, 0)),
        key=lambda each: each.from_days,
    )


def provision_by_age(classes: tuple[AgeClass, ...], owed_minor: int, days_past_due: int) -> int:
    """What is provided for what is owed, in minor units, rounded up."""
    return -int(-owed_minor * age_class(classes, days_past_due).share // 1)
