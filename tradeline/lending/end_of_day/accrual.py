"""Interest earned from day to day, so that the days of an instalment add up to its interest."""

import numpy as np

from tradeline.lending.end_of_day.portfolio import Ints, Portfolio
from tradeline.lending.end_of_day.rounded import rounded


def earned(found: Portfolio, day: int) -> Ints:
    """The interest that each loan has earned until the end of a day, in minor units.

    What is earned of a running instalment is rounded from its begin, not day by day: the fraction
    of a minor unit that one day leaves is carried to the next. Of loans whose interest is income
    when it is due nothing of the running instalment is earned.
    """
    lines, loans = found.lines, found.loans
    total = loans.earned_before + found.by_loan(np.where(lines.due <= day, lines.interest, 0))
    at = np.flatnonzero((lines.since <= day) & (day < lines.due))
    owner = found.owners[at]
    is_begun = lines.due[at] == loans.running_due[owner]
    begun = np.where(is_begun, loans.begun[owner], 0) + lines.slope[at] * (day - lines.since[at])
    part = rounded(begun, lines.per[at], found.terms.mode[owner], found.terms.step[owner])
    part += np.where(is_begun, loans.added[owner], 0)
    total[owner] += np.where(found.terms.when_due[owner] == 1, 0, part)
    return total
