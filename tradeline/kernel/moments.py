"""Moments: aware ones stand in UTC; inside tables they stand without their zone."""

from datetime import UTC, date, datetime, time


def naive_utc(moment: datetime) -> datetime:
    """The moment in UTC without its zone, as the lake keeps moments; a naive one is UTC already."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def end_of(day: date) -> datetime:
    """The last moment of a day (naive UTC)."""
    return datetime.combine(day, time.max)
