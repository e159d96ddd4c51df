"""Times as the clock on the wall showed them, in UTC: gaps and overlaps of daylight saving.

A time that the clock skipped counts as if it had not been set forward yet, so it moves on by the
gap; one that it showed twice counts as the first. RFC 5545, section 3.3.5, reads them so.
All SQL here expects a connection whose own zone is UTC.
"""


def in_utc_sql(local: str, zone: str) -> str:
    """A local timestamp of a zone in UTC."""
    last = _last_sql(local, zone)
    first = _first_sql(local, zone)
    return (
        f"CASE WHEN {_shown_sql(first, zone)} = {local} THEN least({first}, {last}) ELSE {last} END"
    )


def doubt_sql(local: str, zone: str) -> str:
    """Whether a local timestamp was 'skipped' or shown 'twice'; NULL where it is plain."""
    last, first = _last_sql(local, zone), _first_sql(local, zone)
    return (
        f"CASE WHEN {_shown_sql(last, zone)} <> {local} THEN 'skipped' "
        f"WHEN {first} <> {last} AND {_shown_sql(first, zone)} = {local} THEN 'twice' END"
    )


def _last_sql(local: str, zone: str) -> str:
    """What the engine makes of it: the last of two, and a skipped one moved on."""
    return f"CAST(timezone('{zone}', {local}) AS TIMESTAMP)"


def _shown_sql(moment: str, zone: str) -> str:
    """What the clock showed at a moment in UTC."""
    return f"timezone('{zone}', CAST({moment} AS TIMESTAMPTZ))"


def _first_sql(local: str, zone: str) -> str:
    """The moment by the offset of the day before."""
    day_before = f"({_last_sql(local, zone)} - INTERVAL 1 DAY)"
    return f"({local} - ({_shown_sql(day_before, zone)} - {day_before}))"
