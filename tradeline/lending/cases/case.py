"""One case as read: variants, each with inputs, events and checkpoints in the words of the file."""

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Variant:
    """Inputs, events in order of entry, and checkpoints: keys known, values still as written."""

    name: str
    inputs: dict[str, Any]
    events: tuple[dict[str, Any], ...]
    checkpoints: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Case:
    """A file of variants."""

    name: str
    theme: str
    variants: tuple[Variant, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that does not hold."""

    variant: str
    checkpoint: str
    figure: str
    expected: str
    got: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the replay of a variant found."""

    variant: str
    figures: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Entered:
    """The day up to which a variant's first events are known."""

    events: int
    as_of: date
