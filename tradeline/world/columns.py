"""Tables in the making: named columns of whole numbers, of equal length.

Money is minor units, moments are seconds since 1970, texts are numbers that `writing` spells out.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from tradeline.world.settings import Calendar, Flags, Ints

Columns: TypeAlias = dict[str, Ints]

HOUR_S = 3600


def keep(columns: Columns, which: Flags) -> Columns:
    """The rows that are flagged."""
    return {name: values[which] for name, values in columns.items()}


def known_by(columns: Columns, moment_s: int) -> Columns:
    """The rows recorded by then."""
    return keep(columns, columns["recorded_at"] <= moment_s)


def stack(*parts: Columns) -> Columns:
    """The rows of all parts, one after the other; all have the first one's columns."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def in_order(columns: Columns) -> Columns:
    """Rows by firm, then by time."""
    key = (columns["enterprise"] << 40) + columns["occurred_at"]
    order = np.argsort(key, kind="stable")
    return {name: values[order] for name, values in columns.items()}


def numbered(columns: Columns, name: str) -> Columns:
    """The same rows with a running number."""
    return columns | {name: np.arange(len(columns["enterprise"]), dtype=np.int64)}


def by_month(columns: Columns, amount: str, firms: int, months: Calendar) -> Ints:
    """Sums of an amount (firms, months) by when it happened; whole below 2**53, so exact."""
    month = np.searchsorted(months.edges_s, columns["occurred_at"], side="right") - 1
    cell = columns["enterprise"] * months.months + np.clip(month, 0, months.months - 1)
    total = np.bincount(cell, columns[amount], firms * months.months)
    return total.astype(np.int64).reshape(firms, months.months)


def whole(values: NDArray[np.floating[Any]]) -> Ints:
    """Floats rounded half to even: the one place where a float becomes money or seconds."""
    return np.asarray(np.rint(values).astype(np.int64))


def lag_s(rng: np.random.Generator, rows: int, median_s: float, spread: float = 0.8) -> Ints:
    """Lognormal delays in seconds, above 0."""
    return whole(median_s * np.exp(rng.normal(0, spread, rows))) + 1
