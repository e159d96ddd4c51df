"""How one firm's values become bins of the card: judged as the gate judges them, and looked up.

Each feature is judged once; the bin of a pair follows from the places of its two.

Most values are plain: numbers well inside what they may be, where all ages are known and young
enough. Those are told by few comparisons; all others are read as the gate reads them.
"""

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import inf
from typing import Any, NamedTuple

from tradeline.lake.yaml_fields import MAX_WHOLE
from tradeline.risk.policy.cells import Interval
from tradeline.risk.policy.policy import Policy
from tradeline.risk.policy.readers import Reader, reader
from tradeline.risk.scoring.binning import Binning
from tradeline.risk.scoring.card import Card
from tradeline.risk.scoring.crosses import Side

PLAIN = frozenset((float, int))
UNBOUNDED = Interval(None, None)


class FactorReader(NamedTuple):
    """One feature: a float strictly between `low` and `high`, no older than `most_days`, is plain.

    Of any value `place` is that of the gate, negative if no score may see it, and `bin` its bin.
    """

    name: str
    edges: tuple[float, ...]
    low: float
    high: float
    most_days: int
    place: Reader
    bin: Callable[[Any], int]


def readers_of(card: Card, gate: Policy | None, most_days: int) -> tuple[FactorReader, ...]:
    """The readers of a card's features, in the order of the gate's inputs: single ones first."""
    if gate is None:
        return ()
    sides = sides_of(card)
    return tuple(
        FactorReader(
            read.name,
            sides[read.name].edges,
            *_plain(sides[read.name], read.range or UNBOUNDED),
            most_days,
            reader(read, axis),
            bin_reader(sides[read.name]),
        )
        for read, axis in zip(gate.inputs, gate.program.axes, strict=True)
    )


def sides_of(card: Card) -> dict[str, Binning | Side]:
    """How the values of each feature are placed: by its own bins, if a factor has them."""
    found: dict[str, Binning | Side] = {}
    for factor in card.factors:
        for name, places in factor.sides:
            found.setdefault(name, places)
    return found


class PairReader(NamedTuple):
    """A factor of two features: the name and the place of each, and the bin of each cell."""

    names: tuple[str, str]
    places: tuple[Callable[[Any], int], Callable[[Any], int]]
    bins: tuple[tuple[int, ...], ...]

    def bin(self, values: Mapping[str, Any]) -> int:
        """The bin of one firm, whose values the gate let pass."""
        (one, other), (first, second) = self.names, self.places
        return self.bins[first(values.get(one))][second(values.get(other))]


def pairs_of(card: Card) -> tuple[PairReader, ...]:
    """The readers of a card's factors of two features, which come last."""
    crosses = [factor.binning.cross for factor in card.factors]
    return tuple(
        PairReader(
            cross.columns, (bin_reader(cross.sides[0]), bin_reader(cross.sides[1])), cross.bins
        )
        for cross in crosses
        if cross is not None
    )


def _plain(places: Binning | Side, allowed: Interval) -> tuple[float, float]:
    """Between what a number is plain; no value of a category is."""
    if places.levels:
        return inf, -inf
    low = -inf if allowed.low is None else float(allowed.low)  # type: ignore[arg-type]
    high = inf if allowed.high is None else float(allowed.high)  # type: ignore[arg-type]
    return max(-float(MAX_WHOLE), low), min(float(MAX_WHOLE), high)


def bin_reader(places: Binning | Side) -> Callable[[Any], int]:
    """The bin, or place, of a value that the gate let pass."""
    if places.levels:
        found = {level: place for place, group in enumerate(places.groups) for level in group}
        return partial(_level_bin, found, places.missing, places.unknown)
    return partial(_number_bin, places.edges, places.missing)


def _number_bin(edges: tuple[float, ...], missing: int, value: Any) -> int:
    if value is None or value != value:
        return missing
    return bisect_left(edges, value)


def _level_bin(places: Mapping[str, int], missing: int, unknown: int, value: Any) -> int:
    if value is None or value != value:
        return missing
    return places.get(value, unknown)


def seen_bins(
    readers: Sequence[FactorReader], values: Mapping[str, object], ages: Mapping[str, object]
) -> list[int]:
    """The bin of each feature, or the negative place of a value that no score may see."""
    if not readers or not _all_fresh(readers, ages):
        return [_read(one, values, ages) for one in readers]
    return [
        bisect_left(one[1], value)
        if type(value := values.get(one[0])) is float and one[2] < value < one[3]
        else _read(one, values, ages)
        for one in readers
    ]


def _all_fresh(readers: Sequence[FactorReader], ages: Mapping[str, object]) -> bool:
    """Whether every age is a number of days that is small enough, told without a look at each."""
    found: Any = [ages.get(one[0]) for one in readers]
    if not set(map(type, found)) <= PLAIN:
        return False
    if not (min(found) >= 0 and max(found) <= readers[0].most_days):
        return False
    total = sum(found)  # NaN can hide from the least and the greatest, but makes the sum NaN
    return bool(total == total)


def _read(one: FactorReader, values: Mapping[str, object], ages: Mapping[str, object]) -> int:
    at = one.place(values, ages)
    return at if at < 0 else one.bin(values.get(one.name))
