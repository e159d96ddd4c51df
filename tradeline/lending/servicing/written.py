"""Contracts and events as plain values, and back: what is saved is read again as it was.

Parts of a year are kept as two integers (`3/25`), days as ISO dates, words as themselves. What
their own types would not make is refused: a field that is missing, unknown or of another kind.
"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.loan import events
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event

Made = TypeVar("Made")
EVENTS: Mapping[str, type[Event]] = {
    found.__name__: found
    for found in vars(events).values()
    if isinstance(found, type) and issubclass(found, Event) and found is not Event
}


def contract_values(contract: Contract) -> dict[str, Any]:
    """A contract as values that JSON can hold."""
    values: dict[str, Any] = _values(contract)
    return values


def read_contract(values: Mapping[str, Any]) -> Contract:
    """The contract of such values; `InputProblem` if they are none."""
    return _made(Contract, values)


def event_kind(event: Event) -> str:
    """The name that an event is kept under."""
    return type(event).__name__


def event_values(event: Event) -> dict[str, Any]:
    """An event as values that JSON can hold, without its kind."""
    values: dict[str, Any] = _values(event)
    return values


def read_event(kind: str, values: Mapping[str, Any]) -> Event:
    """The event of a kind and such values; `InputProblem` if they are none."""
    if kind not in EVENTS:
        raise _unreadable(f"'{kind}' is no kind of event.")
    return _made(EVENTS[kind], values)


def _made(kind: type[Made], values: object) -> Made:
    try:
        found: Made = _read(kind, values)
    except (TypeError, ValueError, KeyError, ZeroDivisionError) as refusal:
        raise _unreadable(f"This is no {kind.__name__}: {refusal}.") from refusal
    return found


def _unreadable(message: str) -> InputProblem:
    return problem("unreadable", "loan", message, "Bring the book back from a backup.")


def _values(value: object) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value):
        return {field.name: _values(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, frozenset):
        return sorted(map(_values, value))
    if isinstance(value, tuple):
        return [_values(one) for one in value]
    assert value is None or isinstance(value, bool | int | str), value
    return value


def _read(hint: Any, value: Any) -> Any:
    """A value as a type hint says it is."""
    if get_origin(hint) is UnionType:
        (kind,) = (one for one in get_args(hint) if one is not NoneType)
        return None if value is None else _read(kind, value)
    if get_origin(hint) in {tuple, frozenset}:
        return get_origin(hint)(_read(get_args(hint)[0], one) for one in value)
    if is_dataclass(hint):
        return _read_record(hint, value)
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


def _read_record(kind: Any, values: Mapping[str, Any]) -> Any:
    if not isinstance(values, Mapping):
        raise TypeError(f"{values!r} is no {kind.__name__}")
    hints = get_type_hints(kind)
    unknown = set(values) - {field.name for field in fields(kind)}
    if unknown:
        raise KeyError(min(unknown))
    return kind(**{name: _read(hints[name], value) for name, value in values.items()})
