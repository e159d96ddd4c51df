"""What stops an application before anything is scored: consent, dates, measures of a supervisor."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.decisions.application import SECTOR, Applications
from tradeline.risk.decisions.engine import Engine

ALL_SECTORS = ""
NO_CONSENT, EXPIRED, NOT_VALID = "stop:consent", "stop:model expired", "stop:policy not valid"


@dataclass(frozen=True, slots=True)
class Measure:
    """A supervisor's measure: from a day, no loan above an amount, of a sector or at all.

    `greatest_minor` 0 stops lending. `valid_until` is the first day on which it no longer binds.
    """

    id: str
    greatest_minor: int
    sector: str = ALL_SECTORS
    valid_from: date = date.min
    valid_until: date | None = None

    def binds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)

    def concerns(self, sector: object) -> bool:
        """Whether it binds loans to a sector; one that is not known may be any."""
        return self.sector in (ALL_SECTORS, sector) or type(sector) is not str


def in_force(measures: Sequence[Measure], at: datetime) -> tuple[Measure, ...]:
    """The measures that bind at a moment, in the order of their ids."""
    return tuple(sorted((m for m in measures if m.binds(at.date())), key=lambda m: m.id))


def engine_stops(engine: Engine, at: datetime) -> tuple[str, ...]:
    """Why an engine may decide on nobody at a moment."""
    return tuple(_engine_stops(engine, at.date()))


def _engine_stops(engine: Engine, day: date) -> Iterator[str]:
    if engine.expires_on is not None and day >= engine.expires_on:
        yield EXPIRED
    if not engine.policy.declaration.is_valid_on(day):
        yield NOT_VALID


def code_of(measure: Measure) -> str:
    """How a record names a measure."""
    return f"measure:{measure.id}"


def measure_of(item: Mapping[str, object]) -> Measure:
    """The measure that an entry of a log names."""
    until = item["valid_until"]
    return Measure(
        str(item["id"]),
        int(str(item["greatest_minor"])),
        str(item["sector"]),
        date.fromisoformat(str(item["valid_from"])),
        None if until is None else date.fromisoformat(str(until)),
    )


def as_item(measure: Measure) -> Mapping[str, object]:
    """A measure as an entry of a log names it."""
    until = measure.valid_until
    return {
        "id": measure.id,
        "greatest_minor": measure.greatest_minor,
        "sector": measure.sector,
        "valid_from": measure.valid_from.isoformat(),
        "valid_until": None if until is None else until.isoformat(),
    }


def sectors_of(applications: Applications) -> NDArray[np.object_]:
    """The sector of each application (rows,), None where it is no text."""
    column = applications.values.get(SECTOR)
    if column is None:
        return np.full(len(applications), None, dtype=object)
    values = np.ma.getdata(column).astype(object)
    values[np.ma.getmaskarray(column)] = None
    return np.array([v if type(v) is str else None for v in values.tolist()], dtype=object)


def concerned(measure: Measure, sectors: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Which sectors (rows,) a measure binds."""
    return np.fromiter((measure.concerns(sector) for sector in sectors), bool, len(sectors))
