"""Days of many advances repaid by a share of sales: swept, booked and provided for, as arrays.

What a day collects has come with it, as the platform keeps the share of its sales; a debit that
comes back is a payment below zero. The fee is earned by money, as `revenue_share.plan` says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from tradeline.lending.bookings.chart import Account
from tradeline.lending.end_of_day.arrears import exposure_of
from tradeline.lending.end_of_day.portfolio import Columns, Flags, Ints, not_booked
from tradeline.lending.end_of_day.provisions import allowed, provision_by_age
from tradeline.lending.end_of_day.standing import ACCOUNTS, REACHED_DAYS
from tradeline.lending.end_of_day.sweeps import Advances, advances_of, minimum, swept
from tradeline.lending.provisions.by_age import AgeClass
from tradeline.lending.revenue_share.collection import Position
from tradeline.lending.revenue_share.plan import FINE, Plan, minor, planned_at
from tradeline.lending.revenue_share.terms import Terms

RECEIVABLE, CLEARING, OVERPAID, DEFERRED, INCOME = (
    ACCOUNTS.index(account)
    for account in (
        Account.LOANS_RECEIVABLE,
        Account.CLEARING,
        Account.OVERPAYMENTS,
        Account.DEFERRED_FEES,
        Account.FEE_INCOME,
    )
)
# The rate of a plan is a whole number below 10**20, kept as two.
HALF = 10**10


@dataclass(frozen=True, slots=True, eq=False)
class Plans(Columns):
    """What the fee of each advance is earned by, and how much of it is; see `Plan`."""

    advance: Ints
    fee: Ints
    payment: Ints
    rate_high: Ints
    rate_low: Ints
    earned: Ints
    reached_30: Ints
    reached_60: Ints
    reached_90: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Swept:
    """Advances at the end of `day`, and what is booked of each on `ACCOUNTS`."""

    day: int
    sweeps: Advances
    plans: Plans
    booked: Ints

    def __len__(self) -> int:
        return len(self.booked)

    @property
    def paid_out(self) -> Ints:
        """What was receivable at first, advance and fee; nothing before the disbursement."""
        return np.where(self.begun, self.sweeps.total, 0)

    @property
    def interest_received(self) -> Ints:
        """None: an advance has a fee."""
        return np.zeros(len(self), dtype=np.int64)

    @property
    def begun(self) -> Flags:
        """Whether each was paid out."""
        return np.asarray(self.sweeps.disbursed_on <= self.day)

    @property
    def active(self) -> Flags:
        """Whether something is owed."""
        return self.begun & (self.sweeps.owed > 0)


def begun(
    terms: Sequence[Terms], plans: Sequence[Plan], positions: Sequence[Position], day: int
) -> Swept:
    """Advances as they stand at the end of a day, nothing of them booked yet."""
    sweeps = advances_of(terms)
    owed, sold, asked = (
        np.array([getattr(each, name) for each in positions], dtype=np.int64)
        for name in ("owed_minor", "sold_minor", "asked_minor")
    )
    rows = [
        [minor(each.advance_fine), minor(each.fee_fine), each.payment_minor,
         *divmod(each.rate_fine, HALF), 0, 0, 0, 0]
        for each in plans
    ]  # fmt: skip
    sweeps = replace(sweeps, owed=owed, sold=sold, asked=asked)
    return Swept(day, sweeps, Plans.of(rows), not_booked(len(rows)))


@dataclass(frozen=True, slots=True, eq=False)
class SweptDay:
    """A day of advances that ended: where they stand, and to which something happened."""

    after: Swept
    single: Flags
    asked: Flags


def end_sweeps(before: Swept, day: int, sold: Ints, paid: Ints) -> SweptDay:
    """The advances at the end of a day with so much sold and paid otherwise on it, and booked."""
    done = swept(before.sweeps, day, sold, paid)
    return booked_anew(before, replace(before, day=day, sweeps=done.after), done.lacking > 0)


def booked_anew(before: Swept, after: Swept, asked: Flags) -> SweptDay:
    """The advances with what they come to booked: the fee earned anew where money moved."""
    received = after.sweeps.total - after.sweeps.owed
    is_new = ~before.booked.any(axis=1)
    moved = np.flatnonzero((before.sweeps.owed != after.sweeps.owed) | is_new)
    earned = after.plans.earned.copy()
    earned[moved] = [_earned(after.plans, place, int(received[place])) for place in moved.tolist()]
    plans = _reached(replace(after.plans, earned=earned), after)
    booked = before.booked.copy()
    owed, is_begun = after.sweeps.owed, after.begun
    right = {
        RECEIVABLE: np.maximum(owed, 0),
        OVERPAID: np.minimum(owed, 0),
        CLEARING: received - plans.advance,
        DEFERRED: earned - plans.fee,
        INCOME: -earned,
    }
    for account, amount in right.items():
        booked[:, account] = np.where(is_begun, amount, 0)
    single = np.asarray((booked != before.booked).any(axis=1))
    return SweptDay(replace(after, plans=plans, booked=booked), single, asked)


def _earned(plans: Plans, place: int, received: int) -> int:
    rate = int(plans.rate_high[place]) * HALF + int(plans.rate_low[place])
    advance, fee = (int(each[place]) * FINE for each in (plans.advance, plans.fee))
    return minor(planned_at(advance, fee, int(plans.payment[place]), rate).earned_fine(received))


def days_late(found: Swept) -> Ints:
    """Days since the first milestone, or the end, that less has come for than must; else 0."""
    sweeps, day = found.sweeps, found.day
    received = sweeps.total - sweeps.owed
    since = np.where(
        (sweeps.ends_on > 0) & (sweeps.ends_on < day) & (sweeps.owed > 0), sweeps.ends_on, day
    )
    for number in range(1, int(sweeps.milestones.max(initial=0)) + 1):
        due = sweeps.disbursed_on + number * sweeps.milestone_days
        lacks = (number <= sweeps.milestones) & (due < day) & (received < minimum(sweeps, number))
        since = np.where(lacks, np.minimum(since, due), since)
    return np.asarray(np.where(found.active, day - since, 0))


def _reached(plans: Plans, found: Swept) -> Plans:
    late = days_late(found)
    return replace(plans, **{
        f"reached_{days}": np.where(
            (getattr(plans, f"reached_{days}") == 0) & (late >= days), found.day,
            getattr(plans, f"reached_{days}"),
        )
        for days in REACHED_DAYS
    })  # fmt: skip


def carrying(found: Swept) -> Ints:
    """What is owed in the books, the fee that is not earned yet taken off."""
    return np.asarray(np.maximum(exposure_of(found.booked) + found.booked[:, DEFERRED], 0))


def advances_provided(found: Swept, classes: Sequence[AgeClass]) -> Swept:
    """The advances provided for by their days late."""
    right = provision_by_age(carrying(found), days_late(found), classes)
    return replace(found, booked=allowed(found.booked, right))


def month_end_of(found: Swept) -> dict[str, Ints]:
    """What is kept of each advance at a month end, as of loans."""
    none = np.zeros(len(found), dtype=np.int64)
    late = np.where(found.active, days_late(found), -1)
    return {"late": late, "principal": carrying(found), "owed": carrying(found), "stage": none}


def expected_flows(found: Swept) -> tuple[Ints, Ints, Ints, Ints]:
    """What is expected of advances: which, due on which day, how much of the advance, of the fee.

    The expected payment of each day, month by month; the fee in proportion to what is owed.
    """
    which = np.flatnonzero(found.active)
    owed, payment = found.sweeps.owed[which], found.plans.payment[which]
    unearned = -found.booked[which, DEFERRED]
    ends = _month_ends(found.day)
    paid = np.minimum(payment[:, None] * (ends - found.day), owed[:, None])
    paid[:, -1] = owed
    fees = paid * unearned[:, None] // np.maximum(owed, 1)[:, None]
    both, fee = (np.diff(each, axis=1, prepend=0).ravel() for each in (paid, fees))
    place, due = np.repeat(which, len(ends)), np.tile(ends, len(which))
    kept = both > 0
    return place[kept], due[kept], (both - fee)[kept], fee[kept]


def _month_ends(day: int) -> Ints:
    """Ends of this month and of the twelve after it."""
    on = date.fromordinal(day)
    months = [divmod(on.year * 12 + on.month + ahead, 12) for ahead in range(13)]
    ends = [date(year, month + 1, 1).toordinal() - 1 for year, month in months]
    return np.array([max(end, day + 1) for end in ends], dtype=np.int64)
