"""What was seen of applications, as columns of a record: values and ages exactly as they came.

A column of one type stands as it is. One of several types, as malformed input brings, stands as
JSON of each value, so that a replay finds the same flaw; JSON has no word for NaN and infinities,
which stand as `{"number": "nan"}`.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.lake.columns import Column, Columns
from tradeline.lake.yaml_fields import MAX_WHOLE
from tradeline.risk.decisions.application import Applications

VALUE, VALUE_JSON, AGE, AGE_JSON = "value.", "value_json.", "age.", "age_json."
CONSENT = "consent_until"
NUMBER = "number"


def seen_columns(applications: Applications) -> dict[str, Column]:
    """The columns that `applications_of` reads back."""
    found: dict[str, Column] = {CONSENT: applications.consent_until}
    for plain, mixed, columns in (
        (VALUE, VALUE_JSON, applications.values),
        (AGE, AGE_JSON, applications.ages_days),
    ):
        for name, column in columns.items():
            filled = _filled(column)
            if filled is None:
                found[mixed + name] = _as_json(column)
            else:
                found[plain + name] = filled
    return found


def applications_of(columns: Columns) -> Applications:
    """The applications whose records these are."""
    values, ages = _read(columns, VALUE, VALUE_JSON), _read(columns, AGE, AGE_JSON)
    return Applications(
        columns["application"],
        columns["enterprise"],
        columns[CONSENT].astype("datetime64[us]"),
        values,
        ages,
    )


def _filled(column: Column) -> Column | None:
    """A column without a mask that Parquet holds as it is; None if there is no such."""
    values, mask = np.ma.getdata(column), np.ma.getmaskarray(column)
    if values.dtype.kind == "f":
        return np.where(mask, np.nan, values) if mask.any() else values
    if values.dtype.kind in "iub":
        return None if mask.any() else values
    if values.dtype.kind != "O":
        return None
    if mask.any():
        values = values.copy()
        values[mask] = None
    kinds = set(map(type, values.tolist()))
    if kinds <= {int, float, type(None)} and kinds - {type(None)}:
        return _numbers(values, kinds)
    return values if kinds <= {str, type(None)} else None


def _numbers(values: Column, kinds: set[type]) -> Column | None:
    """Numbers as an array of their own; None if a float would not hold one of them."""
    if int in kinds and any(type(value) is int and abs(value) > MAX_WHOLE for value in values):
        return None
    return values.astype(np.int64 if kinds == {int} else np.float64)


def _as_json(column: Column) -> NDArray[np.object_]:
    values, mask = np.ma.getdata(column).tolist(), np.ma.getmaskarray(column)
    found = np.empty(len(values), dtype=object)
    found[:] = [
        "null" if missing else json.dumps(_plain(value), allow_nan=False)
        for value, missing in zip(values, mask.tolist(), strict=True)
    ]
    return found


def _plain(value: object) -> object:
    """A value as JSON; what JSON has no word for becomes a record of what it was."""
    if type(value) is float and not isfinite(value):
        return {NUMBER: repr(value)}
    if value is None or type(value) in (bool, int, float, str):
        return value
    if type(value) is date:
        return {"date": value.isoformat()}
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    return {"type": type(value).__name__, "text": repr(value)[:200]}


def _read(columns: Columns, plain: str, mixed: str) -> Mapping[str, Column]:
    found: dict[str, Column] = {}
    for name, column in columns.items():
        if name.startswith(plain):
            found[name.removeprefix(plain)] = column
        elif name.startswith(mixed):
            values = np.empty(len(column), dtype=object)
            values[:] = [_value(json.loads(text)) for text in column.tolist()]
            found[name.removeprefix(mixed)] = values
    return found


def _value(plain: Any) -> object:
    if isinstance(plain, dict) and set(plain) == {"date"}:
        return date.fromisoformat(plain["date"])
    if isinstance(plain, dict) and set(plain) == {NUMBER}:
        return float(plain[NUMBER])
    return plain
