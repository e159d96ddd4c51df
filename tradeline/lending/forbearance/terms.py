"""How long a forborne loan stays marked, by date."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache

from tradeline.risk.parameters import read_parameters

SUBJECT = "forbearance"


@dataclass(frozen=True, slots=True)
class CureTerms:
    """Least times in months, days past due, and the part of a probation that must be paid for."""

    cure_months: int
    probation_months: int
    relapse_after_days: int
    non_performing_after_days: int
    paid_share: Fraction
    difficulty_months: int


@cache
def read_cure_terms(on: date) -> CureTerms:
    """The terms as they stand on a day; InputProblem if there were none yet."""
    values = {name: found.value for name, found in read_parameters(SUBJECT, on).items()}
    return CureTerms(**values | {"paid_share": Fraction(str(values["paid_share"]))})
