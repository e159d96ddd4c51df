"""Simple ways to lend out a budget, to compare the best plan with; rules of thumb, not advice.

In both, firms of a grade are offered one rate, the one at which together they earn most, and
offers are made from the lowest PD to the highest, leaving out what no longer fits the limits.
"""

from collections.abc import Sequence

import numpy as np

from tradeline.risk.pricing.offers import NO_OFFER, Choices, Flags, Ints, Limits, Offers
from tradeline.risk.pricing.profit import Floats


def largest_to_safest(
    choices: Choices, limits: Limits, pd: Floats, grades: Sequence[str]
) -> Offers:
    """One rate for a grade, and the largest loan that the firm can carry, safest firms first."""
    largest = np.full(len(pd), len(choices.amounts_minor) - 1)
    return _in_order_of_pd(choices, limits, pd, grades, largest)


def amount_by_score(choices: Choices, limits: Limits, pd: Floats, grades: Sequence[str]) -> Offers:
    """One rate for a grade, and amounts that fall in equal steps from the safest firm on.

    The safest eligible firm is meant to have the largest loan and the riskiest the least; each
    gets the largest that it can carry up to that.
    """
    rank = np.empty(len(pd), dtype=np.int64)
    rank[np.lexsort((pd, ~choices.eligible))] = np.arange(len(pd))
    last = max(1, int(choices.eligible.sum()) - 1)
    steps = len(choices.amounts_minor) - 1
    meant = steps - np.minimum(rank, last) * steps // last
    return _in_order_of_pd(choices, limits, pd, grades, meant)


def _in_order_of_pd(
    choices: Choices, limits: Limits, pd: Floats, grades: Sequence[str], meant: Ints
) -> Offers:
    amount_at, profit = _offers_by_rate(choices, meant)
    rate_at = _rates_of_grades(profit, grades)
    firms = np.arange(len(pd))
    amount_at = np.where(profit[firms, rate_at] > 0, amount_at[firms, rate_at], NO_OFFER)
    made = _that_fit(choices, limits, pd, amount_at, rate_at)
    return choices.offers(np.where(made, amount_at, NO_OFFER), np.where(made, rate_at, NO_OFFER))


def _offers_by_rate(choices: Choices, meant: Ints) -> tuple[Ints, Ints]:
    """For each rate the largest affordable amount up to the one meant, and its profit if any."""
    places = np.arange(len(choices.amounts_minor))[:, None]
    may = choices.affordable & choices.eligible[:, None, None] & (places <= meant[:, None, None])
    amount_at = np.where(may, places, 0).max(axis=1)
    profit = np.take_along_axis(choices.profit_minor, amount_at[:, None, :], axis=1)[:, 0]
    return amount_at, np.where(may.any(axis=1), np.maximum(profit, 0), 0)


def _rates_of_grades(profit: Ints, grades: Sequence[str]) -> Ints:
    """The place of the rate at which each firm's grade earns most; the lower rate of equals."""
    _, grade = np.unique(list(grades), return_inverse=True)
    earned = np.zeros((len(profit), profit.shape[1]), dtype=np.int64)
    np.add.at(earned, grade, profit)
    best: Ints = earned.argmax(axis=1)[grade]
    return best


def _that_fit(
    choices: Choices, limits: Limits, pd: Floats, amount_at: Ints, rate_at: Ints
) -> Flags:
    group, left = limits.groups(len(pd))
    budget, made = limits.budget_minor, np.zeros(len(pd), dtype=np.bool_)
    for firm in np.argsort(pd, kind="stable").tolist():
        if amount_at[firm] == NO_OFFER:
            continue
        cost = int(limits.costs_minor(choices, firm)[amount_at[firm], rate_at[firm]])
        if cost <= min(budget, left[group[firm]]):
            budget -= cost
            left[group[firm]] -= cost
            made[firm] = True
    return made
