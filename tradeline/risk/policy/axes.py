"""The values of a column cut into places: within one, every cell of the policy answers alike.

An ordered column is cut at each end that a range or a cell names, into points and the open
stretches between them; another column into its levels. So a cell is a set of places, kept as the
bits of a whole number, and a table can be evaluated by look-up and proven by going through places.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast

from tradeline.lake.yaml_fields import MAX_WHOLE
from tradeline.risk.policy.cells import (
    Cell,
    Interval,
    Kind,
    Value,
    interval_text,
    value_text,
)
from tradeline.risk.policy.declaration import Input, Treatment

# What a reader answers in place of a place, for a value that no table sees.
MISSING, STALE, MISTYPED, OUT_OF_RANGE, UNKNOWN, BAD_AGE = -1, -2, -3, -4, -5, -6
OTHER_TEXT = "any other text"
Edge = float | int


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch, point or level; `witness` is a value in it. Missing and stale have no witness."""

    words: str
    witness: Value | None
    interval: Interval | None = None
    is_unbounded: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """The places of a column.

    Ordered kinds: `edges` ascend, and slot `bisect_left + bisect_right` of a value leads by `slots`
    to its place, or to `OUT_OF_RANGE`; dates are ordinals. Other kinds: `levels` leads to it, what
    is not there is `otherwise`. `missing` and `stale` are places, or negative where no table sees
    such a value.
    """

    name: str
    kind: Kind
    places: tuple[Place, ...]
    edges: tuple[Edge, ...]
    slots: tuple[int, ...]
    levels: dict[Value, int]
    otherwise: int
    missing: int
    stale: int

    @property
    def everything(self) -> int:
        """The bits of all places."""
        return (1 << len(self.places)) - 1

    @property
    def known(self) -> int:
        """The bits of the places of values that are known."""
        return sum(1 << i for i, place in enumerate(self.places) if place.witness is not None)

    @property
    def unbounded(self) -> int:
        """The bits of the places that have no end."""
        return sum(1 << i for i, place in enumerate(self.places) if place.is_unbounded)

    def accepted(self, cell: Cell) -> int:
        """The bits of the places that a cell takes; the cell must have cut this axis."""
        found = sum(
            1 << number
            for number, place in enumerate(self.places)
            if place.witness is not None and cell.takes(place.witness)
        )
        for takes, place in ((cell.missing, self.missing), (cell.stale, self.stale)):
            if takes and place >= 0:
                found |= 1 << place
        return found

    def words(self, bits: int) -> str:
        """A set of places in words: neighbouring stretches as one."""
        if bits == self.everything:
            return f"any {self.name}"
        parts = list(self._parts(bits))
        return f"{self.name} {' or '.join(parts)}"

    def witness(self, bits: int) -> str:
        """A value in a set of places, as a person writes it."""
        place = next(self.places[i] for i in each_bit(bits))
        if place.witness is None:
            return f"{self.name} {place.words}"
        shown = value_text(place.witness) if place.interval else place.words
        return f"{self.name} = {shown}"

    def _parts(self, bits: int) -> Iterator[str]:
        levels: list[str] = []
        states: list[str] = []
        run: list[Interval] = []
        for number in each_bit(bits):
            place = self.places[number]
            if place.witness is None:
                states.append(place.words)
            elif place.interval is None:
                levels.append(place.words)
            elif run and _touch(run[-1], place.interval):
                run[-1] = Interval(
                    run[-1].low, place.interval.high, run[-1].low_in, place.interval.high_in
                )
            else:
                run.append(place.interval)
        yield from (_stretch_words(interval) for interval in run)
        if levels:
            yield f"= {' or '.join(levels)}"
        yield from states


def each_bit(bits: int) -> Iterator[int]:
    """The numbers of the bits that are set, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def _touch(left: Interval, right: Interval) -> bool:
    return left.high is not None and left.high == right.low and (left.high_in or right.low_in)


def _stretch_words(interval: Interval) -> str:
    if interval.low is not None and interval.low == interval.high:
        return f"= {value_text(interval.low)}"
    if interval.low is None and interval.high is None:
        return "known"
    text = interval_text(interval)
    return f"in {text}" if text[0] in "[(" else text


def input_axis(read: Input, cells: Iterable[Cell]) -> Axis:
    """The axis of an input, cut by its range and by the cells of its columns."""
    states = [
        treatment is Treatment.CASE and (name == "missing" or read.max_age_days is not None)
        for name, treatment in (("missing", read.missing), ("stale", read.stale))
    ]
    if read.kind.is_ordered:
        return _ordered(read.name, read.kind, read.range or Interval(None, None), cells, states)
    levels: Sequence[Value] = read.levels
    if read.kind is Kind.BOOLEAN:
        levels = (False, True)
    elif read.kind is Kind.TEXT:
        levels = tuple(dict.fromkeys(v for c in cells for t in c.tests for v in t.values))
    return _levelled(read.name, read.kind, levels, states)


def derived_axis(
    name: str, kind: Kind, values: Sequence[Value] | None, cells: Iterable[Cell], may_lack: bool
) -> Axis:
    """The axis of an output that a later table tests.

    `values` are those that rows give, None where they add up to any number; `may_lack`: an earlier
    table may leave it unset, which counts as missing.
    """
    states = [may_lack, False]
    if not kind.is_ordered:
        return _levelled(name, kind, values or (), states)
    if values is None:
        return _ordered(name, kind, Interval(None, None), cells, states)
    return _ordered(name, kind, None, cells, states, values)


def _levelled(name: str, kind: Kind, levels: Sequence[Value], states: Sequence[bool]) -> Axis:
    places = [Place(value_text(level), level) for level in levels]
    otherwise = MISTYPED if kind is Kind.BOOLEAN else UNKNOWN
    if kind is Kind.TEXT:
        otherwise = len(places)
        witness = OTHER_TEXT
        while witness in levels:
            witness += "…"
        places.append(Place(OTHER_TEXT, witness, is_unbounded=True))
    by_level = {level: number for number, level in enumerate(levels)}
    return _with_states(name, kind, places, (), (), by_level, otherwise, states)


def _ordered(
    name: str,
    kind: Kind,
    domain: Interval | None,
    cells: Iterable[Cell],
    states: Sequence[bool],
    values: Sequence[Value] = (),
) -> Axis:
    """An axis over an interval, or without one over nothing but `values`."""
    tests = [test for cell in cells for test in cell.tests]
    ends = [value for test in tests for value in test.values]
    ends += [end for test in tests for end in _interval_ends(test.interval)]
    ends += [*values, *_interval_ends(domain)]
    edges = sorted({edge_of(end) for end in ends} | _outermost(kind))
    places: list[Place] = []
    slots: list[int] = [OUT_OF_RANGE] * (2 * len(edges) + 1)
    for slot, place in _stretches(kind, edges):
        allowed = domain.holds(cast(Value, place.witness)) if domain else place.witness in values
        if allowed:
            slots[slot] = len(places)
            places.append(place)
    return _with_states(name, kind, places, tuple(edges), tuple(slots), {}, OUT_OF_RANGE, states)


def _with_states(
    name: str,
    kind: Kind,
    places: list[Place],
    edges: tuple[Edge, ...],
    slots: tuple[int, ...],
    levels: dict[Value, int],
    otherwise: int,
    states: Sequence[bool],
) -> Axis:
    numbers = [MISSING, STALE]
    for index, (is_case, word) in enumerate(zip(states, ("missing", "stale"), strict=True)):
        if is_case:
            numbers[index] = len(places)
            places.append(Place(word, None))
    return Axis(name, kind, tuple(places), edges, slots, levels, otherwise, *numbers)


def edge_of(value: Value) -> Edge:
    """A value of an ordered kind as a number; a date is its ordinal."""
    return value.toordinal() if isinstance(value, date) else cast(Edge, value)


def _value_of(kind: Kind, edge: Edge) -> Value:
    return date.fromordinal(int(edge)) if kind is Kind.DATE else edge


def _outermost(kind: Kind) -> set[Edge]:
    """Edges beyond which, and on which, no value lies; a float holds each."""
    if kind is Kind.NUMBER:
        return {-math.inf, math.inf}
    if kind is Kind.INTEGER:
        return {-MAX_WHOLE - 2, MAX_WHOLE + 2}
    return {date.min.toordinal() - 1, date.max.toordinal() + 1}


def _interval_ends(interval: Interval | None) -> Iterator[Value]:
    if interval:
        yield from (end for end in (interval.low, interval.high) if end is not None)


def _stretches(kind: Kind, edges: Sequence[Edge]) -> Iterator[tuple[int, Place]]:
    """Points and the stretches between, with the slot of each; the empty ones are left out."""
    last = len(edges) - 1
    for number, edge in enumerate(edges[:-1]):
        if number > 0:
            point = _value_of(kind, edge)
            yield 2 * number + 1, Place(value_text(point), point, Interval(point, point))
        after = edges[number + 1]
        witness = _between(kind, edge, after)
        if witness is not None:
            low = None if number == 0 else _value_of(kind, edge)
            high = None if number + 1 == last else _value_of(kind, after)
            interval = Interval(low, high, False, False)
            yield (
                2 * number + 2,
                Place(
                    _stretch_words(interval), _value_of(kind, witness), interval,
                    low is None or high is None,
                ),
            )  # fmt: skip


def _between(kind: Kind, low: Edge, high: Edge) -> Edge | None:
    """A value strictly between two edges, None if there is none."""
    if kind is not Kind.NUMBER:
        if high - low < 2:
            return None
        return int(low) + 1 if low != min(_outermost(kind)) else int(high) - 1
    if math.isinf(low) and math.isinf(high):
        return 0.0
    if math.isinf(low):
        return min(high - 1, math.nextafter(high, -math.inf))
    if math.isinf(high):
        return max(low + 1, math.nextafter(low, math.inf))
    middle = low + (high - low) / 2
    if low < middle < high:
        return _rounded(low, middle, high)
    return None


def _rounded(low: Edge, middle: Edge, high: Edge) -> Edge:
    """The middle with as few digits as still lie between: a person reads it more easily."""
    for digits in range(1, 17):
        short = float(f"{middle:.{digits}g}")
        if low < short < high:
            return short
    return middle
