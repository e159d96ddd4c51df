"""Forborne loans at the end of a day: days past due under eased terms do not say how they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tradeline.lending.forbearance.standing import forborne
from tradeline.lending.forbearance.terms import read_cure_terms
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event


@dataclass(frozen=True, slots=True)
class Forbearance:
    """The day terms were last eased, since when the loan is late by the terms before; ordinals.

    0 is none, also once the loan is cured. `wake` is the day on which that may change although
    nothing happens.
    """

    on: int = 0
    late_since: int = 0
    wake: int = date.max.toordinal()


NONE = Forbearance()


def forbearance(contract: Contract, events: Sequence[Event], on: date) -> Forbearance:
    """How a loan whose terms were eased stands by the terms as they were agreed."""
    found = forborne(contract, events, on, read_cure_terms(on))
    if found is None or not found.is_at_risk:
        return NONE
    since = found.contractual.since
    return Forbearance(
        found.measures[-1].granted_on.toordinal(),
        since.toordinal() if since else 0,
        (found.changes_on or date.max).toordinal(),
    )
