"""Two columns crossed: which bin of a factor the places of both give together."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

JOINED = " & "


@dataclass(frozen=True, slots=True)
class Side:
    """One column of a cross: its values become places as those of a `Binning` become bins.

    The place after those of `edges`, or of `groups` of the `levels` of a category, is the missing.
    """

    name: str
    edges: tuple[float, ...] = ()
    levels: tuple[str, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()

    @property
    def missing(self) -> int:
        """The place of a missing value."""
        return len(self.groups) if self.levels else len(self.edges) + 1

    @property
    def unknown(self) -> int:
        """The place past all others at which an unknown category stands."""
        return self.missing + 1


@dataclass(frozen=True, slots=True)
class Cross:
    """`bins[i][j]` is the bin of what stands at place i of the first side and j of the second."""

    sides: tuple[Side, Side]
    bins: tuple[tuple[int, ...], ...]

    @property
    def columns(self) -> tuple[str, str]:
        """The names of both columns."""
        return self.sides[0].name, self.sides[1].name

    @property
    def name(self) -> str:
        """The name of the factor that it makes."""
        return JOINED.join(self.columns)

    def bins_of_places(self, first: Ints, second: Ints, unknown: int) -> Ints:
        """The bins of many rows; `unknown` where a category of either side is."""
        bins = np.pad(np.asarray(self.bins, dtype=np.int64), (0, 1), constant_values=unknown)
        found: Ints = bins[first, second]
        return found
