"""What a source is: it gives deliveries from where the lake says that it stopped.

Where a source stands is kept with each batch in the log of the lake and nowhere else, so landing
and position stand or fall together, and a source that tells again what was landed changes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from tradeline.kernel.findings import Finding, InputProblem
from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.lake.batches import Landed
from tradeline.lake.mapping import FolderMapping

# What a source goes on from, in words of its own. A batch adds to it or overwrites parts of it.
Position = Mapping[str, str]
Outcome = Landed | InputProblem


def _nobody(_: Outcome) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One batch, ready to be landed.

    `folder` holds its files until the next delivery is asked for; `mapping` says how to read them;
    `position` is what is known after it; `learned_at` (naive UTC) dates rows without clocks.
    With `in_order` nothing later may land if it does not. `answer` hears what became of it.
    """

    id: str
    folder: Path
    mapping: FolderMapping
    position: Position
    learned_at: datetime
    in_order: bool = False
    answer: Callable[[Outcome], None] = field(default=_nobody, compare=False)


class Source(Protocol):
    """Something that tells records, batch by batch."""

    @property
    def name(self) -> str:
        """Who tells: the name that stands beside each row in the lake."""

    def deliveries(self, position: Position) -> Iterator[Delivery | Finding]:
        """What was not landed as of a position, and what is odd, in order.

        Nothing is read ahead of what was asked for. From an equal position the same content has
        the same batch id. Raises Transient where trying again may help, and InputProblem, which
        says what to do, where it does not.
        """


class Transient(Exception):
    """Something that may pass: a server that is away, a line that broke."""


def batch_id(source: str, *parts: object) -> str:
    """The id of a batch: its source, and the hash of what makes it this batch and no other."""
    digest = hash_bytes(canonical_json(parts).encode()).removeprefix("sha256:")
    return f"{source}-{digest[:16]}"
