"""Days late: since when something is overdue, grace and pauses taken off."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from tradeline.lending.loan.amounts import NOTHING
from tradeline.lending.loan.rows import Row
from tradeline.lending.loan.state import Delinquency


def delinquency(
    rows: Sequence[Row], as_of: date, grace_days: int, pauses: Iterable[tuple[date, date]] = ()
) -> Delinquency:
    """How late the oldest open row is: `grace_days` after its due date the days begin to count."""
    overdue = [row for row in rows if row.due < as_of and row.open_total > 0]
    if not overdue:
        return Delinquency(None, 0)
    since = min(row.due for row in overdue) + timedelta(days=grace_days)
    days = (as_of - since).days - _paused(since, as_of, pauses)
    amount = sum((row.owed - row.paid for row in overdue), NOTHING)
    if days <= 0:
        return Delinquency(None, 0, amount)
    return Delinquency(since, days, amount)


def _paused(since: date, as_of: date, pauses: Iterable[tuple[date, date]]) -> int:
    paused = {
        begin + timedelta(days=day)
        for begin, until in pauses
        for day in range((until - begin).days)
    }
    return sum(since <= day < as_of for day in paused)


def bucket(days: int, buckets: Sequence[tuple[str, int]]) -> str | None:
    """The name of the bucket that so many days late fall into; None if it is not late.

    Each bucket is a name and its first day, in rising order.
    """
    found = [name for name, first in buckets if days >= first]
    return found[-1] if found else None
