"""JSON as its standard has it (RFC 8259): no NaN and no Infinity, whatever the values hold."""

import json
from collections.abc import Mapping
from math import isfinite, isnan
from typing import Any


def strict_json(value: object, indent: int | None = 1) -> str:
    """A value as JSON text. NaN is null, an infinity the text `Infinity` or `-Infinity`.

    Enumerations are their values, and what JSON has no word for is what `str` makes of it.
    """
    return json.dumps(
        finite(value), indent=indent, ensure_ascii=False, allow_nan=False, default=str
    )


def finite(value: Any) -> Any:
    """The same as plain values that JSON can say."""
    if isinstance(value, Mapping):
        return {str(name): finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    if not isinstance(value, float) or isfinite(value):
        return value
    if isnan(value):
        return None
    return "Infinity" if value > 0 else "-Infinity"
