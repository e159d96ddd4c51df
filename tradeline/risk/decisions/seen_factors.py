"""How one firm's values become bins of the card: judged as the gate judges them, and looked up.

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
from tradeline.risk.scoring.card import Card, Factor

PLAIN = frozenset((float, int))
UNBOUNDED = Interval(None, None)


class FactorReader(NamedTuple):
    """One factor: a float strictly between `low` and `high`, no older than `most_days`, is plain.

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
    """The readers of a card's factors; the gate's inputs are those factors in the same order."""
    if gate is None:
        return ()
    inputs = zip(gate.inputs, gate.program.axes, strict=True)
    return tuple(
        FactorReader(
            factor.name,
            factor.binning.edges,
            *_plain(factor, read.range or UNBOUNDED),
            most_days,
            reader(read, axis),
            _bin_reader(factor),
        )
        for factor, (read, axis) in zip(card.factors, inputs, strict=True)
    )


def _plain(factor: Factor, allowed: Interval) -> tuple[float, float]:
    """Between what a number is plain; no value of a category is."""
    if factor.binning.levels:
        return inf, -inf
    low = -inf if allowed.low is None else float(allowed.low)  # type: ignore[arg-type]
    high = inf if allowed.high is None else float(allowed.high)  # type: ignore[arg-type]
    return max(-float(MAX_WHOLE), low), min(float(MAX_WHOLE), high)


def _bin_reader(factor: Factor) -> Callable[[Any], int]:
    """The bin of a value that the gate let pass."""
    binning = factor.binning
    if binning.levels:
        places = {level: place for place, group in enumerate(binning.groups) for level in group}
        return partial(_level_bin, places, binning.missing, binning.unknown)
    return partial(_number_bin, binning.edges, binning.missing)


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
    """The bin of each factor, or the negative place of a value that no score may see."""
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
