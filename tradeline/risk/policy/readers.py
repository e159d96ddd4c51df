"""From a value as it comes to the place where it lies, or to what is wrong with it.

Nothing is converted, so that nothing can be misread: a text is no number, a flag is no number, and
types of other libraries are none of ours. A whole float is an integer, since tables of features
hold floats.
"""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from tradeline.lake.yaml_fields import MAX_WHOLE
from tradeline.risk.policy.axes import (
    BAD_AGE,
    MISTYPED,
    OUT_OF_RANGE,
    Axis,
    edge_of,
)
from tradeline.risk.policy.cells import Kind, Value
from tradeline.risk.policy.declaration import Input

Values = Mapping[str, object]
Ages = Mapping[str, object]
Reader = Callable[[Values, Ages], int]


def place_of(axis: Axis, value: Value | None) -> int:
    """The place of a value of the axis' kind; None is missing."""
    return value_reader(axis)(value)


def reader(read: Input, axis: Axis) -> Reader:
    """The place of an input among all values; negative if no table may see what is there."""
    name, place, most = read.name, value_reader(axis), read.max_age_days
    if most is None:
        return lambda values, _: place(values.get(name))
    missing, stale = axis.missing, axis.stale

    def read_with_age(values: Values, ages: Ages) -> int:
        found = place(values.get(name))
        if found < 0 or found == missing:
            return found
        return aged(found, ages.get(name), most, stale)

    return read_with_age


def aged(place: int, age: Any, most: int, stale: int) -> int:
    """The place of a value of an age in days: `stale` if it is too old, or nobody knows its age."""
    kind = type(age)
    if kind is int or kind is float:
        if 0 <= age <= most:
            return place
        return BAD_AGE if age < 0 else stale
    return stale if age is None else BAD_AGE


def value_reader(axis: Axis) -> Callable[[object], int]:
    """The place of one value on an axis."""
    if axis.kind is Kind.DATE:
        return _date_reader(axis)
    if axis.kind.is_ordered:
        return _number_reader(axis)
    return _level_reader(axis)


def _number_reader(axis: Axis) -> Callable[[object], int]:
    edges, slots, missing = axis.edges, axis.slots, axis.missing
    is_whole = axis.kind is Kind.INTEGER

    def read(value: Any) -> int:
        kind = type(value)
        if kind is float:
            if value != value:
                return missing
            if is_whole and not value.is_integer():
                return MISTYPED if math.isfinite(value) else OUT_OF_RANGE
        elif kind is int:
            if not -MAX_WHOLE <= value <= MAX_WHOLE:
                return OUT_OF_RANGE
        else:
            return missing if value is None else MISTYPED
        return slots[bisect_left(edges, value) + bisect_right(edges, value)]

    return read


def _date_reader(axis: Axis) -> Callable[[object], int]:
    edges, slots, missing = axis.edges, axis.slots, axis.missing

    def read(value: object) -> int:
        if type(value) is not date:  # a moment is a date to Python, and is none here
            return missing if _is_missing(value) else MISTYPED
        number = edge_of(value)
        return slots[bisect_left(edges, number) + bisect_right(edges, number)]

    return read


def _level_reader(axis: Axis) -> Callable[[object], int]:
    levels, otherwise, missing = axis.levels, axis.otherwise, axis.missing
    wanted = bool if axis.kind is Kind.BOOLEAN else str

    def read(value: Any) -> int:
        if type(value) is wanted:
            return levels.get(value, otherwise)
        return missing if _is_missing(value) else MISTYPED

    return read


def _is_missing(value: object) -> bool:
    """None, or the NaN by which tables of other libraries say that nothing is there."""
    return value is None or (type(value) is float and value != value)
