"""Sweeps of sales: what a day collects of many advances, as `collections` says it of each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tradeline.lending.end_of_day.portfolio import MODES, Columns, Ints, roomy
from tradeline.lending.end_of_day.rounded import rounded
from tradeline.lending.loan.rounding import RoundingMode
from tradeline.lending.revenue_share.terms import Terms, checked

HALF_EVEN = MODES.index(RoundingMode.HALF_EVEN)


@dataclass(frozen=True, slots=True, eq=False)
class Advances(Columns):
    """Advances repaid by a share of sales; amounts in minor units, days as ordinals (0: none).

    `owed` is below zero where too much was paid, `sold` is the running total of sales that count,
    `asked` what the share asked of it so far.
    """

    total: Ints
    share_part: Ints  # of sales, over `share_per`
    share_per: Ints
    disbursed_on: Ints
    ends_on: Ints
    milestones: Ints
    milestone_days: Ints
    unit: Ints
    net: Ints  # of refunds
    owed: Ints
    sold: Ints
    asked: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """Advances after a day: what it took as a share of sales, and what was still lacking."""

    after: Advances
    share: Ints
    lacking: Ints


def advances_of(terms: Sequence[Terms]) -> Advances:
    """Advances on the day of their disbursement; InputProblem if terms make no contract."""
    return Advances.of([_row(checked(each)) for each in terms])


def _row(terms: Terms) -> list[int]:
    milestones = terms.milestones
    plan = (milestones.number, milestones.days, milestones.unit_minor) if milestones else (0, 1, 1)
    return [
        terms.total_minor, terms.share.numerator, terms.share.denominator,
        terms.disbursed_on.toordinal(), terms.ends_on.toordinal() if terms.ends_on else 0,
        *plan, terms.base == "net of refunds", terms.total_minor, 0, 0,
    ]  # fmt: skip


def swept(before: Advances, day: int, sold: Ints, paid: Ints) -> Swept:
    """What a day collects: the share of its sales (refunds below zero), then what must have come.

    `paid` came otherwise on that day; below zero it went back. Nothing is collected on the day of
    disbursement or before.
    """
    runs = day > before.disbursed_on
    owed = np.where(runs, before.owed - paid, before.owed)
    base = before.sold + np.where(runs, sold, 0)
    mode = np.full(len(owed), HALF_EVEN)
    asked = rounded(roomy(before.share_part * base), before.share_per, mode, np.ones_like(owed))
    more = np.where(runs, np.maximum(asked - before.asked, 0), 0)
    share = np.clip(owed, 0, more)
    owed = owed - share
    must = owed - (before.total - _minimum(before, day))
    lacking = np.where(runs, np.clip(must, 0, np.maximum(owed, 0)), 0)
    after = replace(before, owed=owed - lacking, sold=base, asked=before.asked + more)
    return Swept(after, share, lacking)


def minimum(found: Advances, number: Ints | int) -> Ints:
    """What must have come by a milestone of each advance, the last being the whole."""
    part = found.total * np.minimum(number, found.milestones) // np.maximum(found.milestones, 1)
    return np.where(number >= found.milestones, found.total, part - part % found.unit)


def _minimum(found: Advances, day: int) -> Ints:
    """What must have come by the end of a day on which that is asked for; zero on all others."""
    elapsed = day - found.disbursed_on
    has_end = found.ends_on > 0
    is_end, is_over = has_end & (found.ends_on == day), has_end & (day >= found.ends_on)
    number, days = found.milestones, found.milestone_days
    is_milestone = (number > 0) & (elapsed <= number * days) & (elapsed % days == 0)
    part = minimum(found, np.maximum(elapsed // days, 0))
    return np.where(is_over & (is_end | is_milestone), found.total, np.where(is_milestone, part, 0))
