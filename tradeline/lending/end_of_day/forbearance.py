"""How forbearance enters the end of day: as numbers that hold until the loan must be looked at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tradeline.lending.forbearance.standing import forborne
from tradeline.lending.forbearance.terms import read_cure_terms
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event


@dataclass(frozen=True, slots=True)
class Forbearance:
    """Whether a loan is at risk as forborne (1), and since when it is late as agreed; ordinals.

    0 is none. `wake` is the day on which one of them may change although nothing happens.
    """

    at_risk: int = 0
    late_since: int = 0
    wake: int = date.max.toordinal()


NONE = Forbearance()


def forbearance(contract: Contract, events: Sequence[Event], on: date) -> Forbearance:
    """How a loan whose terms were eased stands on a day."""
    found = forborne(contract, events, on, read_cure_terms(on))
    if found is None:
        return NONE
    since = found.contractual.since if found.is_at_risk else None
    return Forbearance(
        int(found.is_at_risk),
        since.toordinal() if since else 0,
        (found.changes_on or date.max).toordinal(),
    )
