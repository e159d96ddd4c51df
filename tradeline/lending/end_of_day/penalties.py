"""Penalties that the end of day charges on what is overdue, as `Happening` charges them singly."""

from dataclasses import replace

import numpy as np

from tradeline.lending.bookings.chart import Account
from tradeline.lending.end_of_day.portfolio import STATUSES, Flags, Portfolio
from tradeline.lending.end_of_day.rounded import rounded
from tradeline.lending.end_of_day.standing import ACCOUNTS
from tradeline.lending.loan.state import Status

INCOME, FEES = (
    ACCOUNTS.index(account) for account in (Account.INCOME_RECEIVABLE, Account.FEE_INCOME)
)
ACTIVE = STATUSES.index(Status.ACTIVE)


def penalised(found: Portfolio, day: int, which: Flags) -> tuple[Portfolio, Flags]:
    """The portfolio with the day's penalties of some loans charged, and which loans have any."""
    lines, terms = found.lines, found.terms
    ruled = which & (terms.penalty_part > 0) & (found.loans.status == ACTIVE)
    if not ruled.any():
        return found, np.zeros(len(found), dtype=bool)
    at = np.flatnonzero(ruled[found.owners] & (lines.due < day))
    owner = found.owners[at]
    due, until = lines.due[at], lines.penalised_until[at]
    each_day = terms.penalty_each_day[owner] == 1
    charge = (day > due + terms.penalty_after_days[owner]) & (each_day | (until == 0))
    at, owner, due, until, each_day = (each[charge] for each in (at, owner, due, until, each_day))
    base = np.maximum(lines.principal[at], 0)
    with_interest = terms.penalty_on_interest[owner] == 1
    base = base + np.where(with_interest, np.maximum(lines.income[at], 0), 0)
    days = np.where(each_day, day - np.where(until > 0, until, due), 1)
    parts = lines.penalty_parts[at]
    more = parts + terms.penalty_part[owner] * base * days
    rule = terms.penalty_per[owner], terms.mode[owner], terms.step[owner]
    penalties, penalised_until = lines.penalties.copy(), lines.penalised_until.copy()
    penalty_parts = lines.penalty_parts.copy()
    penalties[at] += rounded(more, *rule) - rounded(parts, *rule)
    penalised_until[at], penalty_parts[at] = day, more
    by_loan = found.by_loan(penalties - lines.penalties)
    booked = found.booked.copy()
    booked[:, INCOME] += by_loan
    booked[:, FEES] -= by_loan
    lines = replace(
        lines,
        penalties=penalties,
        penalised_until=penalised_until,
        penalty_parts=penalty_parts,
    )
    return replace(found, lines=lines, booked=booked), by_loan > 0
