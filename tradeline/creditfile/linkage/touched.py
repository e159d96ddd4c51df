"""What a wrong join touched: outputs that would have read other rows had it been known as wrong.

For each recorded use, the links that stood when it was made are parted twice: as they stood, and
with the two judged to be different. A use whose members differ is touched. So a join that others
repeat is counted as well as one that stands alone, and an output that missed rows as well as one
that had too many.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from tradeline.creditfile.linkage.entities import Entities, Members, entities, joined
from tradeline.creditfile.linkage.links import (
    STRONGEST,
    Pair,
    Saying,
    pair_of,
    read_sayings,
    standing,
)
from tradeline.creditfile.linkage.uses import Use, read_uses
from tradeline.lake.store import Lake

REMEDIES = {
    "file": "Show the credit file again, and tell whoever read this one.",
    "features": "Compute these features again, and learn anew what learned of them.",
    "decision": "Decide again, and tell the enterprise if that is another decision.",
}


@dataclass(frozen=True, slots=True)
class Touched:
    """A use that a wrong join touched, and whose rows it should have read."""

    use: Use
    without: Members

    @property
    def remedy(self) -> str:
        """What to do again."""
        return REMEDIES[self.use.output.kind]


def touched(lake: Lake, one: str, other: str) -> tuple[Touched, ...]:
    """Every recorded use that would have read other rows had two enterprises been held apart.

    In the order in which they were made. InputProblem if the two are one and the same id.
    """
    pair = pair_of(one, other)
    sayings = read_sayings(lake, pair)
    near = joined(saying.pair for saying in sayings if saying.relation == "same")
    return touched_uses(sayings, read_uses(lake, near.get(one, ())), pair)


def touched_uses(sayings: Sequence[Saying], uses: Iterable[Use], pair: Pair) -> tuple[Touched, ...]:
    """The uses that would have read other rows, given all that bears on the enterprises asked."""

    @cache
    def apart(known_at: datetime, entry: int) -> Entities:
        return _held_apart(sayings, pair, known_at, entry)

    return tuple(
        Touched(use, members)
        for use in uses
        if (members := apart(use.asked.known_at, use.last_entry).of(use.asked.enterprise))
        != use.members
    )


def _held_apart(sayings: Sequence[Saying], pair: Pair, known_at: datetime, entry: int) -> Entities:
    """The entities as known then, but for the two, which are judged to be different."""
    different = Saying(*pair, "different", 0.0, STRONGEST, known_at, entry)
    return entities((standing(sayings, known_at, entry) | {pair: different}).values())
