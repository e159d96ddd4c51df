"""Provisions by days past due: classes of loans, each with a share that is provided for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor

from tradeline.risk.parameters import read_parameters


@dataclass(frozen=True, slots=True)
class AgeClass:
    """A class of loans from so many days past due on, and the share that is provided for."""

    name: str
    from_days: int
    share: Fraction


def read_age_classes(on: date) -> tuple[AgeClass, ...]:
    """The classes of `parameters/provisions_by_age.yaml` on a date, from the mildest on."""
    rows = read_parameters("provisions_by_age", on)["classes"].value
    return tuple(AgeClass(row["name"], row["from_days"], Fraction(row["share"])) for row in rows)


def age_class(classes: Sequence[AgeClass], days_past_due: int) -> AgeClass:
    """The class of a loan that is so many days past due."""
    return [each for each in classes if each.from_days <= max(days_past_due, 0)][-1]


def provision_by_age(classes: Sequence[AgeClass], owed_minor: int, days_past_due: int) -> int:
    """What is provided for what is owed, in minor units, halves up."""
    return floor(owed_minor * age_class(classes, days_past_due).share + Fraction(1, 2))
