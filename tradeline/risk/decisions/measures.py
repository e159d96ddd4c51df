"""Measures of a supervisor: they bind every decision from the day on which they are in force."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tradeline.lake.yaml_fields import MAX_WHOLE, Content, Fields
from tradeline.lake.yaml_files import read_yaml

ALL_SECTORS = ""
KEYS = ("id", "greatest_minor", "sector", "valid_from", "valid_until")
Items = Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Measure:
    """From a day, no loan above an amount, of a sector or at all.

    `greatest_minor` 0 stops lending. `valid_until` is the first day on which it no longer binds.
    """

    id: str
    greatest_minor: int
    sector: str = ALL_SECTORS
    valid_from: date = date.min
    valid_until: date | None = None

    @property
    def code(self) -> str:
        """How a record names it."""
        return f"measure:{self.id}"

    def binds(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)

    def concerns(self, sector: object) -> bool:
        """Whether it binds loans to a sector; one that is not known may be any."""
        return self.sector in (ALL_SECTORS, sector) or type(sector) is not str

    def concerned(self, sectors: NDArray[np.object_]) -> NDArray[np.bool_]:
        """Which of many sectors (rows,) it binds."""
        return np.fromiter((self.concerns(sector) for sector in sectors), bool, len(sectors))


def in_force(measures: Sequence[Measure], at: datetime) -> tuple[Measure, ...]:
    """The measures that bind at a moment, in the order of their ids."""
    return tuple(sorted((m for m in measures if m.binds(at.date())), key=lambda m: m.id))


def read_measures(path: Path) -> tuple[Measure, ...]:
    """The measures of a YAML file; InputProblem says all that is wrong, and nothing is decided."""
    items = read_yaml(path, "file of measures", "Name it by --measures, or leave that out.")
    fields = Fields()
    if not isinstance(items, list):
        fields.say("the file must be a list of measures, each with `id` and `greatest_minor`.")
        items = []
    read = [_measure(fields, item, f"measure {place}") for place, item in enumerate(items, 1)]
    fields.repeated([one.id for one in read if one], "measure")
    fields.refuse("bad-measures", path.name, "Mend the file.")
    return tuple(one for one in read if one)


def _measure(fields: Fields, item: object, where: str) -> Measure | None:
    content = fields.keys(item, where, KEYS)
    if content is None:
        return None
    name = fields.text(content, "id", where, needed=True)
    if "greatest_minor" not in content:
        fields.say(f"{where} needs `greatest_minor`, in minor units; 0 stops lending.")
    greatest = fields.whole(content, "greatest_minor", where, 0, MAX_WHOLE, 0)
    sector = fields.text(content, "sector", where)
    begin, end = (_day(fields, content, key, where) for key in ("valid_from", "valid_until"))
    return Measure(name, greatest, sector, begin or date.min, end)


def _day(fields: Fields, content: Content, key: str, where: str) -> date | None:
    value = content.get(key)
    if value is None or type(value) is date:
        return value
    fields.say(f"{where}: `{key}` is {value!r}; write a day such as 2026-01-31.")
    return None


def as_items(measures: Sequence[Measure]) -> tuple[Mapping[str, object], ...]:
    """Measures as an entry of a log names them."""
    return tuple(
        {
            "id": one.id,
            "greatest_minor": one.greatest_minor,
            "sector": one.sector,
            "valid_from": one.valid_from.isoformat(),
            "valid_until": None if one.valid_until is None else one.valid_until.isoformat(),
        }
        for one in measures
    )


def measures_of(items: Items) -> tuple[Measure, ...]:
    """The measures that an entry of a log names."""
    return tuple(
        Measure(
            str(item["id"]),
            int(str(item["greatest_minor"])),
            str(item["sector"]),
            date.fromisoformat(str(item["valid_from"])),
            None if item["valid_until"] is None else date.fromisoformat(str(item["valid_until"])),
        )
        for item in items
    )
