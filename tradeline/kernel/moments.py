"""Moments: aware ones stand in UTC; inside tables they stand without their zone."""

from datetime import UTC, datetime


def naive_utc(moment: datetime) -> datetime:
    """The moment in UTC without its zone, as the lake keeps moments; a naive one is UTC already."""
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)
