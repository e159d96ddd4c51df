"""Contracts and events as plain values, and back: what is saved is read again as it was.

Parts of a year are kept as two integers (`3/25`), days as ISO dates, words as themselves, an event
within another by its name and values. What their own types would not make is refused: a field that
is missing, unknown or of another kind.
"""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from types import ModuleType, NoneType, UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.lines.checks import OF_DRAWS
from tradeline.lending.loan.events import Event

Made = TypeVar("Made")


def record_values(record: object) -> dict[str, Any]:
    """A frozen record as values that JSON can hold, without its kind."""
    return {field.name: _values(getattr(record, field.name)) for field in fields(record)}  # type: ignore[arg-type]


def read_record(kind: type[Made], values: object) -> Made:
    """The record of such values; `InputProblem` if they are none."""
    try:
        found: Made = _read(kind, values)
    except (TypeError, ValueError, KeyError, ZeroDivisionError) as refusal:
        raise _unreadable(f"This is no {kind.__name__}: {refusal}.") from refusal
    return found


def event_kind(event: Event) -> str:
    """The name that an event is kept under."""
    return type(event).__name__


def read_event(kinds: Iterable[type[Event]], kind: str, values: object) -> Event:
    """The event of a kind and such values; `InputProblem` if they are none."""
    found = next((each for each in kinds if each.__name__ == kind), None)
    if found is None:
        raise _unreadable(f"'{kind}' is no kind of event.")
    return read_record(found, values)


def classes_of(module: ModuleType) -> tuple[type[Event], ...]:
    """The events that a module declares."""
    return tuple(
        found
        for found in vars(module).values()
        if isinstance(found, type) and issubclass(found, Event) and found is not Event
    )


def _unreadable(message: str) -> InputProblem:
    return problem("unreadable", "agreement", message, "Bring the book back from a backup.")


def _values(value: object) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Event):
        return [event_kind(value), record_values(value)]
    if is_dataclass(value):
        return record_values(value)
    if isinstance(value, frozenset):
        return sorted(map(_values, value))
    if isinstance(value, tuple):
        return [_values(one) for one in value]
    assert value is None or isinstance(value, bool | int | str), value
    return value


def _read(hint: Any, value: Any) -> Any:
    """A value as a type hint says it is."""
    origin = get_origin(hint)
    if origin is UnionType:
        return _read_one_of(get_args(hint), value)
    if origin in {tuple, frozenset}:
        return _read_several(hint, value)
    if origin is Literal:
        if value not in get_args(hint):
            raise ValueError(f"{value!r} is none of {', '.join(get_args(hint))}")
        return value
    if hint is Event:
        kind, values = value
        return read_event(OF_DRAWS, kind, values)
    return _read_fields(hint, value) if is_dataclass(hint) else _read_one(hint, value)


def _read_one(hint: Any, value: Any) -> Any:
    """A value that has no parts."""
    if hint is date:
        return date.fromisoformat(value)
    if hint is Fraction:
        if not (isinstance(value, str) and "/" in value):
            raise TypeError(f"{value!r} is no fraction")
        return Fraction(value)
    if issubclass(hint, Enum):
        return hint(value)
    if type(value) is not hint:
        raise TypeError(f"{value!r} is no {hint.__name__}")
    return value


def _read_one_of(kinds: tuple[Any, ...], value: Any) -> Any:
    """Nothing, or the one kind that has these fields."""
    if value is None and NoneType in kinds:
        return None
    kinds = tuple(kind for kind in kinds if kind is not NoneType)
    if len(kinds) > 1:
        kinds = tuple(
            kind for kind in kinds if {field.name for field in fields(kind)} == set(value)
        )
    if len(kinds) != 1:
        raise TypeError(f"{value!r} is none of what may stand here")
    return _read(kinds[0], value)


def _read_several(hint: Any, values: Any) -> Any:
    kinds = get_args(hint)
    if get_origin(hint) is frozenset or kinds[-1] is Ellipsis:
        return get_origin(hint)(_read(kinds[0], one) for one in values)
    return tuple(_read(kind, one) for kind, one in zip(kinds, values, strict=True))


def _read_fields(kind: Any, values: Mapping[str, Any]) -> Any:
    if not isinstance(values, Mapping):
        raise TypeError(f"{values!r} is no {kind.__name__}")
    hints = get_type_hints(kind)
    unknown = set(values) - {field.name for field in fields(kind)}
    if unknown:
        raise KeyError(min(unknown))
    return kind(**{name: _read(hints[name], value) for name, value in values.items()})
