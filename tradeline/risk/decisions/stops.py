"""What stops an application before anything is scored: consent, the days of model and policy."""

from collections.abc import Iterator
from datetime import date, datetime

from tradeline.risk.decisions.engine import Engine

NO_CONSENT, EXPIRED, NOT_VALID = "stop:consent", "stop:model expired", "stop:policy not valid"


def engine_stops(engine: Engine, at: datetime) -> tuple[str, ...]:
    """Why an engine may decide on nobody at a moment."""
    return tuple(_engine_stops(engine, at.date()))


def _engine_stops(engine: Engine, day: date) -> Iterator[str]:
    if engine.expires_on is not None and day >= engine.expires_on:
        yield EXPIRED
    if not engine.policy.declaration.is_valid_on(day):
        yield NOT_VALID
