"""Who holds loans: each lender's part of a shared loan's books, by largest remainder over its life.

As `bookings.by_lender` does it, a lender has its part of running totals: of what was paid out, of
the principal that came back, of what was lost, of the interest and charges that were earned, and of
those that were paid. What it is to receive, its interest income and its money follow from these, so
that its accounts balance, no money moves where only time passes, and nothing is left when all is
paid.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import lcm
from typing import Any

import numpy as np

from tradeline.lending.bookings.chart import Account
from tradeline.lending.end_of_day.advances import Swept
from tradeline.lending.end_of_day.portfolio import Flags, Ints, Names, Portfolio, Texts, product
from tradeline.lending.end_of_day.standing import ACCOUNTS

RECEIVABLE, INCOME_RECEIVABLE, CLEARING, DEFERRED, INTEREST, FEES = (
    ACCOUNTS.index(account)
    for account in (
        Account.LOANS_RECEIVABLE,
        Account.INCOME_RECEIVABLE,
        Account.CLEARING,
        Account.DEFERRED_FEES,
        Account.INTEREST_INCOME,
        Account.FEE_INCOME,
    )
)
LOSS, INTEREST_LOST, FEES_LOST, ALLOWANCE, EXPENSE, SUSPENSE = (
    ACCOUNTS.index(account)
    for account in (
        Account.CREDIT_LOSS,
        Account.INTEREST_CHARGED_OFF,
        Account.FEES_CHARGED_OFF,
        Account.LOSS_ALLOWANCE,
        Account.PROVISION_EXPENSE,
        Account.INTEREST_IN_SUSPENSE,
    )
)
EARNED = [INTEREST, FEES, INTEREST_LOST, FEES_LOST]
OF_INCOME = [INCOME_RECEIVABLE, *EARNED]


@dataclass(frozen=True, slots=True, eq=False)
class Holders:
    """A row for each lender of each loan (by its place, rising): `part` of `whole` is its share."""

    loan: Ints
    lender: Texts
    part: Ints
    whole: Ints

    @property
    def shared(self) -> Flags:
        """Rows of loans that several lenders hold."""
        return np.asarray(self.part != self.whole)

    def names(self, of: Names) -> Names:
        """Who each row is: the loan's names, with the lender that holds it."""
        return replace(of.taken(self.loan), lender=self.lender)


def holders_of(names: Names, participations: Mapping[str, Any]) -> Holders:
    """Who holds loans: their lenders, and of a loan with participations those that it states."""
    count = len(names.loan)
    ones = np.ones(count, dtype=np.int64)
    if not participations:
        return Holders(np.arange(count), names.lender, ones, ones)
    place = participations["place"]
    alone = np.setdiff1d(np.arange(count), place)
    part, whole = _weights(place, participations["share_part"], participations["share_per"])
    loan = np.concatenate([alone, place])
    order = np.argsort(loan, kind="stable")
    lender = np.concatenate([names.lender[alone], participations["lender"].astype(np.str_)])
    return Holders(
        loan[order],
        lender[order],
        np.concatenate([ones[alone], part])[order],
        np.concatenate([ones[alone], whole])[order],
    )


def _weights(place: Ints, part: Ints, per: Ints) -> tuple[Ints, Ints]:
    """Shares of a loan over one denominator."""
    common: dict[int, int] = {}
    for loan, own in zip(place.tolist(), per.tolist(), strict=True):
        common[loan] = lcm(common.get(loan, 1), own)
    whole = np.array([common[loan] for loan in place.tolist()], dtype=np.int64)
    return part * (whole // per), whole


def apportioned(totals: Ints, group: Ints, part: Ints, whole: Ints) -> Ints:
    """Totals of groups (groups x figures) in whole parts by largest remainder, a row for each part.

    The parts of a group lie together; of equal remainders the one named first has the unit that is
    left, as `participation.apportionment` says.
    """
    exact = totals[group]
    shares = product(np.abs(exact), part[:, None])
    parts, rest = np.divmod(shares, whole[:, None])
    first = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    sizes = np.diff(np.append(first, len(group)))
    left = np.abs(totals[group[first]]) - np.add.reduceat(parts, first)
    begins, units = np.repeat(first, sizes), np.repeat(left, sizes, axis=0)
    for figure in range(totals.shape[1]):
        order = np.lexsort((-rest[:, figure], group))
        parts[order, figure] += np.arange(len(group)) - begins < units[order, figure]
    return np.asarray(np.where(exact < 0, -parts, parts))


def books_by_holder(found: Portfolio | Swept, holders: Holders) -> Ints:
    """What is booked of loans or advances on each of `ACCOUNTS`, a row for each holder."""
    booked = found.booked[holders.loan]
    rows = np.flatnonzero(holders.shared)
    if not len(rows):
        return booked
    place, part, whole = (each[rows] for each in (holders.loan, holders.part, holders.whole))
    loans, group = np.unique(place, return_inverse=True)
    total = found.booked[loans]
    back = found.paid_out[loans] - total[:, RECEIVABLE]
    beside = (
        found.paid_out[loans], back, back - total[:, LOSS], -total[:, EARNED].sum(axis=1),
        -total[:, OF_INCOME].sum(axis=1), total[:, DEFERRED] + total[:, FEES],
    )  # fmt: skip
    parts = apportioned(np.column_stack([total, *beside]), group, part, whole)
    own = parts[:, : len(ACCOUNTS)]
    out, gone, repaid, earned, paid, fee = parts[:, len(ACCOUNTS) :].T
    own[:, RECEIVABLE], own[:, LOSS] = out - gone, gone - repaid
    own[:, DEFERRED] = fee - own[:, FEES]
    own[:, INCOME_RECEIVABLE] = earned - paid
    own[:, INTEREST] = 0
    own[:, INTEREST] = -own[:, OF_INCOME].sum(axis=1) - paid
    own[:, EXPENSE] = -own[:, ALLOWANCE] - own[:, SUSPENSE]
    own[:, CLEARING] = 0
    own[:, CLEARING] = -own.sum(axis=1)
    booked[rows] = own
    return booked


def principal_by_holder(found: Portfolio | Swept, holders: Holders, principal: Ints) -> Ints:
    """The principal of loans that each holder holds."""
    held = principal[holders.loan]
    rows = np.flatnonzero(holders.shared)
    if len(rows):
        place, part, whole = (each[rows] for each in (holders.loan, holders.part, holders.whole))
        held[rows] = _principal(found, principal, place, part, whole)
    return held


def _principal(
    found: Portfolio | Swept, principal: Ints, place: Ints, part: Ints, whole: Ints
) -> Ints:
    """Of what was paid out its part, less its part of what came back."""
    loans, group = np.unique(place, return_inverse=True)
    out = found.paid_out[loans]
    totals = np.stack([out, out - principal[loans]], axis=1)
    parts = apportioned(totals, group, part, whole)
    return np.asarray(parts[:, 0] - parts[:, 1])


@dataclass(frozen=True, slots=True, eq=False)
class HeldLines:
    """Lines by holder: of which line and which row of holders each is, and its components."""

    line: Ints
    holder: Ints
    principal: Ints
    income: Ints
    charges: Ints


def lines_by_holder(found: Portfolio, holders: Holders) -> HeldLines:
    """What is open of each line by holder: differences of running totals, so that lines add up."""
    lines = found.lines
    figures = np.stack([lines.principal, lines.income, lines.fees + lines.penalties], axis=1)
    back = found.paid_out - found.by_loan(lines.principal)
    base = np.stack([back, np.zeros_like(back), np.zeros_like(back)], axis=1)
    line, holder, parts = flows_by_holder(holders, found.owners, figures, base)
    return HeldLines(line, holder, *parts.T)


def flows_by_holder(
    holders: Holders, owners: Ints, figures: Ints, base: Ints | None = None
) -> tuple[Ints, Ints, Ints]:
    """Figures of lines (lines x figures), whose owners rise, in parts: of which line, which holder.

    A part is the difference of two running totals, which begin at `base` (loans x figures).
    """
    first = np.searchsorted(holders.loan, np.arange(holders.loan.max(initial=-1) + 2))
    counts = np.diff(first)[owners]
    line = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    holder = first[owners[line]] + within
    parts = figures[line]
    rows = np.flatnonzero(holders.shared[holder])
    if len(rows):
        own = holder[rows]
        after = np.stack([_running(owners, each) for each in figures.T], axis=1)
        after = after if base is None else after + base[owners]
        shared, group = np.unique(line[rows], return_inverse=True)
        before, weights = after - figures, (holders.part[own], holders.whole[own])
        parts[rows] = apportioned(after[shared], group, *weights)
        parts[rows] -= apportioned(before[shared], group, *weights)
    return line, holder, parts


def _running(owners: Ints, figures: Ints) -> Ints:
    """The running total of a figure of lines, loan by loan."""
    total = np.cumsum(figures)
    first = np.searchsorted(owners, owners)
    return np.asarray(total - total[first] + figures[first])
