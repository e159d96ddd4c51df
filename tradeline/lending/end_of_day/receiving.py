"""Payments that only fill what is open: penalties, fees, interest, principal, line after line."""

from dataclasses import replace

import numpy as np

from tradeline.lending.bookings.chart import Account
from tradeline.lending.end_of_day.arrears import open_of
from tradeline.lending.end_of_day.portfolio import Flags, Ints, Portfolio, roomy
from tradeline.lending.end_of_day.standing import (
    ACCOUNTS,
    NO_FOLD_FOR_ANY,
    NO_FOLD_FOR_WHAT_IS_DUE,
)

CLEARING, RECEIVABLE, INCOME = (
    ACCOUNTS.index(account)
    for account in (Account.CLEARING, Account.LOANS_RECEIVABLE, Account.INCOME_RECEIVABLE)
)


def fills(found: Portfolio, day: int, paid: Ints) -> Flags:
    """Which loans a payment of the day only fills, so that nothing of the loan must be folded.

    A payment of all that is open closes the loan, and is none. Where interest follows what was
    paid, only the exact amount of what is due on the day, with nothing overdue, changes no plan.
    """
    lines, pours = found.lines, found.loans.pours
    total = open_of(lines)
    due = found.by_loan(np.where(lines.due == day, total, 0))
    overdue = found.by_loan(np.where(lines.due < day, total, 0))
    fits = (pours == NO_FOLD_FOR_ANY) | (
        (pours == NO_FOLD_FOR_WHAT_IS_DUE) & (overdue == 0) & (paid == due)
    )
    return np.asarray(fits & (paid > 0) & (paid < found.by_loan(total)))


def filled(found: Portfolio, paid: Ints) -> Portfolio:
    """The portfolio after payments (0 for none) that only fill what is open, and their booking."""
    lines, owners = found.lines, found.owners
    open_parts = np.stack([lines.penalties, lines.fees, lines.income, lines.principal], axis=1)
    before = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(roomy(open_parts.ravel()))])
    begin = before[:-1].reshape(open_parts.shape)
    first = begin[found.starts[:-1][owners], 0]
    left = paid[owners] - (begin.T - first)
    taken = np.clip(left.T, 0, open_parts)
    penalties, fees, income, principal = taken.T
    booked = found.booked.copy()
    booked[:, CLEARING] += paid
    booked[:, RECEIVABLE] -= found.by_loan(principal)
    booked[:, INCOME] -= found.by_loan(penalties + fees + income)
    lines = replace(
        lines,
        principal=lines.principal - principal,
        income=lines.income - income,
        fees=lines.fees - fees,
        penalties=lines.penalties - penalties,
    )
    received = found.loans.interest_received + found.by_loan(income)
    loans = replace(found.loans, interest_received=received)
    return replace(found, loans=loans, lines=lines, booked=booked)
