"""Two tables in the making, and in which of them a thing stands."""

from dataclasses import dataclass

from benchmarks.made_words import Draw

Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class MadeTables:
    """Two tables, each with a column `id`, and the pairs of ids that are the same thing."""

    left: list[Row]
    right: list[Row]
    truth: frozenset[tuple[str, str]]


class Sheets:
    """Two tables as they grow."""

    def __init__(self, draw: Draw) -> None:
        self.draw = draw
        self.left: list[Row] = []
        self.right: list[Row] = []
        self.truth: list[tuple[int, int]] = []

    def add(self, left: Row | None, right: Row | None) -> None:
        """Put a thing into one table or both."""
        if left is not None:
            self.left.append(left)
        if right is not None:
            self.right.append(right)
        if left is not None and right is not None:
            self.truth.append((len(self.left) - 1, len(self.right) - 1))

    def again(self, right: Row) -> None:
        """One more row on the right for the last row on the left."""
        self.right.append(right)
        self.truth.append((len(self.left) - 1, len(self.right) - 1))

    def done(self) -> MadeTables:
        """Both tables in an order of chance."""
        left, lefts = self._numbered(self.left, "a")
        right, rights = self._numbered(self.right, "b")
        return MadeTables(left, right, frozenset((lefts[i], rights[j]) for i, j in self.truth))

    def _numbered(self, rows: list[Row], letter: str) -> tuple[list[Row], list[str]]:
        order = [int(place) for place in self.draw.rng.permutation(len(rows))]
        names = [""] * len(rows)
        for number, place in enumerate(order):
            names[place] = f"{letter}{number}"
        return [{"id": names[place]} | rows[place] for place in order], names


def sides(draw: Draw, both: float) -> tuple[bool, bool]:
    """Whether a thing stands in the left table, and whether in the right one."""
    if draw.true(both):
        return True, True
    left = draw.true(0.3)
    return left, not left
