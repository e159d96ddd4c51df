"""One day of many loans: fold those to which something happened, and move all others by arrays."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tradeline.kernel.findings import Finding
from tradeline.lending.bookings.chart import Account
from tradeline.lending.end_of_day.accrual import earned
from tradeline.lending.end_of_day.arrears import arrears
from tradeline.lending.end_of_day.penalties import penalised
from tradeline.lending.end_of_day.portfolio import Flags, Ints, Portfolio, replaced
from tradeline.lending.end_of_day.receiving import filled, fills
from tradeline.lending.end_of_day.standing import ACCOUNTS, Standing

INCOME, INTEREST = (
    ACCOUNTS.index(account) for account in (Account.INCOME_RECEIVABLE, Account.INTEREST_INCOME)
)
PROVISIONS = [
    ACCOUNTS.index(account)
    for account in (
        Account.LOSS_ALLOWANCE,
        Account.PROVISION_EXPENSE,
        Account.INTEREST_IN_SUSPENSE,
    )
]

Fold = Callable[[Ints], Sequence[Standing | Finding]]
"""What the loans at some places come to at the end of the day, or why that cannot be said."""


@dataclass(frozen=True, slots=True, eq=False)
class News:
    """What came in for each loan since the last end of day.

    `paid` is what was paid on the day itself, where nothing else is new; `other` marks loans with
    any other event.
    """

    paid: Ints
    other: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Day:
    """A day that ended: the portfolio then, and to which loans something happened.

    `findings` say which could not be folded and why.
    """

    after: Portfolio
    folded: Flags
    paid: Flags
    penalised: Flags
    due: Flags
    findings: tuple[Finding, ...]

    @property
    def single(self) -> Flags:
        """Loans that are booked one by one, as something happened to each of them."""
        return self.folded | self.paid | self.penalised

    def with_provisions(self, after: Portfolio, findings: Sequence[Finding]) -> "Day":
        """The day with its loans provided for, and which could not be."""
        return replace(self, after=after, findings=(*self.findings, *findings))


def end_day(before: Portfolio, day: int, news: News, fold: Fold) -> Day:
    """The portfolio at the end of a day; `before` must stand at the end of the day before.

    A loan that cannot be folded stays as it was, is told of, and tried again the next day.
    """
    poured = fills(before, day, news.paid) & ~news.other
    must = news.other | before.failed | (before.loans.wake <= day) | _unpaid(before, day)
    must |= (news.paid > 0) & ~poured
    poured &= ~must
    found, findings = _folded(before, np.flatnonzero(must), fold)
    calm = ~must & ~found.failed
    found = filled(found, np.where(poured, news.paid, 0)) if poured.any() else found
    found, fined = penalised(found, day, calm)
    found = _accrued(found, day, calm | ((found.terms.when_due == 1) & ~found.failed))
    found = _reached(replace(found, day=day), calm)
    due = np.zeros(len(found), dtype=bool)
    due[before.owners[before.lines.due == day]] = True
    return Day(found, must & ~found.failed, poured, fined, due, findings)


def _unpaid(before: Portfolio, day: int) -> Flags:
    """Loans whose plan follows what was paid, and of which an instalment was due the day before."""
    lines = before.lines
    unpaid = (lines.due == day - 1) & (lines.principal > 0)
    found = np.zeros(len(before), dtype=bool)
    found[before.owners[unpaid]] = True
    return np.asarray(found & (before.terms.recalculates == 1))


def _folded(before: Portfolio, which: Ints, fold: Fold) -> tuple[Portfolio, tuple[Finding, ...]]:
    told = fold(which) if len(which) else ()
    found = [(place, each) for place, each in zip(which, told, strict=True)
             if isinstance(each, Standing)]  # fmt: skip
    places = np.array([place for place, _ in found], dtype=np.int64)
    failed = np.zeros(len(before), dtype=bool)
    failed[which] = True
    failed[places] = False
    if not len(places):
        return replace(before, failed=failed), _findings(told)
    after = replaced(before, places, [each for _, each in found])
    booked = after.booked.copy()
    booked[places] = [each.booked for _, each in found]
    booked[:, PROVISIONS] = before.booked[:, PROVISIONS]
    return replace(after, booked=booked, failed=failed), _findings(told)


def _findings(told: Sequence[Standing | Finding]) -> tuple[Finding, ...]:
    return tuple(each for each in told if isinstance(each, Finding))


def _accrued(found: Portfolio, day: int, which: Flags) -> Portfolio:
    """What was earned since the last booking is booked."""
    booked = found.booked.copy()
    more = np.where(which, earned(found, day) + booked[:, INTEREST], 0)
    booked[:, INCOME] += more
    booked[:, INTEREST] -= more
    return replace(found, booked=booked)


def _reached(found: Portfolio, which: Flags) -> Portfolio:
    """Note the day on which a loan is 30, 60 or 90 days late for the first time."""
    late, loans = arrears(found, found.day).days, found.loans

    def first(before: Ints, days: int) -> Ints:
        return np.where(which & (before == 0) & (late >= days), found.day, before)

    loans = replace(
        loans,
        reached_30=first(loans.reached_30, 30),
        reached_60=first(loans.reached_60, 60),
        reached_90=first(loans.reached_90, 90),
    )
    return replace(found, loans=loans)
