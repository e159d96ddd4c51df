"""What holds of a table for every value there is: gaps, overlaps, rows that can never fire.

A row is a box, the product of the sets of places that its cells take. Places are finite, so
everything here is exact: a set of places is the bits of a whole number.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tradeline.risk.policy.axes import each_bit

STEPS_MAX = 200_000
"""Beyond it a table is not proven: it would take long, and nobody could read it."""

REGIONS_MAX = 10_000

Region = tuple[int, ...]
"""For each column the places of a box, as bits."""


class TooLarge(Exception):
    """A table cannot be proven within the bounds."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """The rows of a table over the places of its columns: `everything[column]` are all that exist.

    `rows[row][column]` are those that the cell takes.
    """

    everything: tuple[int, ...]
    rows: tuple[Region, ...]

    def overlap(self, one: int, other: int) -> Region | None:
        """The box that two rows share, None if they share none."""
        shared = tuple(a & b for a, b in zip(self.rows[one], self.rows[other], strict=True))
        return shared if all(shared) else None

    def is_empty(self, row: int) -> bool:
        """Whether a row can never fire, even alone."""
        return not all(self.rows[row])

    def gaps(self) -> tuple[Region, ...]:
        """Boxes that no row takes, apart from each other, which together are all there is."""
        return uncovered(self.everything, self.rows)

    def is_behind(self, row: int, others: Sequence[int]) -> bool:
        """Whether some of the other rows always fires where this one does."""
        return not uncovered(self.rows[row], [self.rows[other] for other in others])


def uncovered(inside: Region, boxes: Sequence[Region]) -> tuple[Region, ...]:
    """Disjoint boxes that make up what of `inside` no box covers; TooLarge beyond the bounds."""
    return _Search(inside, boxes).after(0, (1 << len(boxes)) - 1)


@dataclass(slots=True)
class _Search:
    """Column by column: which boxes are left, given the places chosen so far.

    What is left depends on the boxes that are left alone, so each set of them is worked out once
    for each column.
    """

    inside: Region
    boxes: Sequence[Region]
    known: dict[tuple[int, int], tuple[Region, ...]] = field(default_factory=dict)
    takers: list[list[tuple[int, int]]] = field(default_factory=list)
    whole_after: list[int] = field(default_factory=list)
    steps: int = 0

    def __post_init__(self) -> None:
        """For each column the boxes that take each place, and those that take all from there on."""
        whole = (1 << len(self.boxes)) - 1
        self.whole_after = [whole]
        for column in reversed(range(len(self.inside))):
            takers = [(1 << place, self._taking(column, place))
                      for place in each_bit(self.inside[column])]  # fmt: skip
            self.takers.insert(0, takers)
            for _, taking in takers:
                whole &= taking
            self.whole_after.insert(0, whole)

    def _taking(self, column: int, place: int) -> int:
        return sum(1 << n for n, box in enumerate(self.boxes) if box[column] >> place & 1)

    def after(self, column: int, left: int) -> tuple[Region, ...]:
        """The boxes of columns from `column` on that none of the boxes left covers."""
        if not left:
            return (self.inside[column:],)
        if left & self.whole_after[column]:
            return ()
        key = (column, left)
        if key not in self.known:
            self.known[key] = self._worked_out(column, left)
        return self.known[key]

    def _worked_out(self, column: int, left: int) -> tuple[Region, ...]:
        by_left: dict[int, int] = {}
        for bit, taking in self.takers[column]:
            still = left & taking
            by_left[still] = by_left.get(still, 0) | bit
        self.steps += len(self.takers[column])
        if self.steps > STEPS_MAX:
            raise TooLarge
        by_rest: dict[tuple[Region, ...], int] = {}
        for still, places in by_left.items():
            rest = self.after(column + 1, still)
            by_rest[rest] = by_rest.get(rest, 0) | places
        found = tuple((places, *box) for rest, places in by_rest.items() for box in rest)
        if len(found) > REGIONS_MAX:
            raise TooLarge
        return found
