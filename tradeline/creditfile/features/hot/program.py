"""Measures as numbers that a loop can follow: what to do with which rows, and where it goes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.events import Events, Window
from tradeline.creditfile.features.hot.needs import (
    THOUSANDTHS,
    Need,
    amounts_of,
    grains_of,
    is_fraction,
    numbers_of,
)
from tradeline.creditfile.features.measures import (
    ActiveDays,
    ActiveMonths,
    Circular,
    Count,
    DaysSince,
    DaysSinceFirst,
    DaysSinceLast,
    Distinct,
    Followed,
    Gained,
    Herfindahl,
    Largest,
    LargestShare,
    Latest,
    LongestGap,
    Lost,
    MeanAge,
    Measure,
    ObservedMonths,
    SameDayPairs,
    Standing,
    Sum,
    Trend,
    Volatility,
)

Array = NDArray[Any]


class Op(IntEnum):
    """What is done with the rows of a measure: of values, then of days, months and partners."""

    COUNT = 0
    SUM = 1
    SUM_OF_SIZES = 2
    LARGEST = 3
    LATEST = 4
    LARGEST_NUMBER = 5
    LATEST_NUMBER = 6
    ACTIVE_DAYS = 7
    LONGEST_GAP = 8
    DAYS_SINCE_LAST = 9
    DAYS_SINCE_FIRST = 10
    DAYS_SINCE = 11
    MEAN_AGE = 12
    OBSERVED_MONTHS = 13
    ACTIVE_MONTHS = 14
    VOLATILITY = 15
    TREND = 16
    DISTINCT = 17
    HERFINDAHL = 18
    LARGEST_SHARE = 19
    STANDING = 20
    GAINED = 21
    LOST = 22
    SAME_DAY_PAIRS = 23


OPS: dict[type[Any], Op] = {
    Count: Op.COUNT,
    Distinct: Op.DISTINCT,
    ObservedMonths: Op.OBSERVED_MONTHS,
    ActiveMonths: Op.ACTIVE_MONTHS,
    ActiveDays: Op.ACTIVE_DAYS,
    LongestGap: Op.LONGEST_GAP,
    DaysSinceLast: Op.DAYS_SINCE_LAST,
    DaysSinceFirst: Op.DAYS_SINCE_FIRST,
    DaysSince: Op.DAYS_SINCE,
    MeanAge: Op.MEAN_AGE,
    Volatility: Op.VOLATILITY,
    Trend: Op.TREND,
    Herfindahl: Op.HERFINDAHL,
    LargestShare: Op.LARGEST_SHARE,
    Standing: Op.STANDING,
    Gained: Op.GAINED,
    Lost: Op.LOST,
    SameDayPairs: Op.SAME_DAY_PAIRS,
}
ADDS_UP = (Sum, MeanAge, Volatility, Trend, Herfindahl, LargestShare, Standing, Circular)


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which rows a measure looks at: a window, and conditions that all hold."""

    window: Window
    events: Events

    @classmethod
    def of(cls, events: Events) -> "Chosen":
        """The rows of events."""
        return cls(events.window, replace(events, window=Window()))


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Measures of one contract as a loop follows them.

    `windows` has a line for each distinct window: 1 if in months and 0 if in days, where it begins
    (-1: with the first row) and where it ends, counted back. `choices` has a line for each distinct
    set of rows, those of one bit together: its window and its bit, -1 for all rows. `steps` has a
    line for each measure, those of one choice together, from `firsts[choice]` on: operation, line
    of the amount or number, line of the grain, choice of the window before, offset and length of
    the window in months (-1: endless), and where the value goes.
    """

    windows: Array
    choices: Array
    firsts: Array
    steps: Array


def program_of(measures: Sequence[Measure], slots: Sequence[int], need: Need) -> Program:
    """The program of measures of one contract, other than those that read two.

    The value of each goes to its slot.
    """
    chosen = [Chosen.of(measure.events) for measure in measures]
    earlier = [_before(measure) for measure in measures]
    asked = dict.fromkeys([*chosen, *(before for before in earlier if before)])
    choices = sorted(asked, key=lambda choice: bit_of(choice.events, need))
    windows = list(dict.fromkeys(choice.window for choice in choices))
    order = sorted(range(len(measures)), key=lambda n: choices.index(chosen[n]))
    counts = np.bincount([choices.index(c) for c in chosen], minlength=len(choices))
    steps = [
        _step(measures[n], need, choices.index(b) if (b := earlier[n]) else -1, slots[n])
        for n in order
    ]
    return Program(
        lines_of(windows),
        np.array(
            [(windows.index(c.window), bit_of(c.events, need)) for c in choices], np.int64
        ).reshape(-1, 2),
        np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        np.array(steps, np.int64).reshape(-1, 7),
    )


def lines_of(windows: Sequence[Window]) -> Array:
    """Windows as the lines of a program."""
    lines = [(w.unit == "month", -1 if w.end is None else w.end, w.offset) for w in windows]
    return np.array(lines, np.int64).reshape(-1, 3)


def _before(measure: Measure) -> Chosen | None:
    if not isinstance(measure, Gained | Lost):
        return None
    return replace(Chosen.of(measure.events), window=measure.events.window.before())


def _step(measure: Measure, need: Need, before: int, slot: int) -> tuple[int, ...]:
    amounts, numbers, grains = amounts_of(measure), numbers_of(measure), grains_of(measure)
    line = need.amounts.index(amounts[0]) if amounts else -1
    line = need.numbers.index(numbers[0]) if numbers else line
    grain = need.grains.index(grains[0]) if grains else -1
    window = measure.events.window
    length = -1 if window.months is None else window.months
    return (_op(measure), line, grain, before, window.offset, length, slot)


def _op(measure: Measure) -> Op:
    fraction = bool(numbers_of(measure))
    match measure:
        case Sum():
            return Op.SUM_OF_SIZES if measure.absolute else Op.SUM
        case Largest():
            return Op.LARGEST_NUMBER if fraction else Op.LARGEST
        case Latest():
            return Op.LATEST_NUMBER if fraction else Op.LATEST
        case Circular() | Followed():
            raise ValueError("A measure of two datasets has no place in a program of one.")
        case _:
            return OPS[type(measure)]


def bit_of(events: Events, need: Need) -> int:
    """The bit of a row that says whether it is one of the events; -1 if all rows are."""
    return need.wheres.index(events.where) if events.where else -1


def scale_of(measure: Measure) -> int:
    """What a measure's value is divided by: sums of numbers are in thousandths."""
    if not isinstance(measure, Sum | Standing | Circular):
        return 1
    return THOUSANDTHS if is_fraction(measure.events.contract, measure.column) else 1
