"""What came back of each default by month, discounted, as far as it was known at a moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

DAYS_PER_MONTH = 365 / 12
DAYS_PER_YEAR = 365


@dataclass(frozen=True, slots=True, eq=False)
class Workouts:
    """Defaults in the order of their numbers, and what was seen of them.

    `recovered` (defaults x months) is the share of the exposure that came in each month after
    default, costs taken off, discounted to the default at the loan's rate. `seen` counts the months
    that have passed since default, whether the workout has `ended` or not: to take an ended one for
    seen to the last month would fill late months with those of which nothing more came.
    """

    loans: tuple[str, ...]
    segments: NDArray[np.str_]
    defaulted_day: Ints
    recovered: Floats
    seen: Ints
    ended: NDArray[np.bool_]

    def __len__(self) -> int:
        """How many defaults there are."""
        return len(self.loans)

    @property
    def months(self) -> int:
        """Up to how many months after default recoveries count."""
        return int(self.recovered.shape[1])

    @property
    def is_seen(self) -> NDArray[np.bool_]:
        """Whether a month was seen to its end (defaults x months)."""
        return np.arange(self.months) < self.seen[:, None]

    def of(self, rows: NDArray[np.bool_]) -> "Workouts":
        """The workouts of some defaults."""
        return Workouts(
            tuple(np.array(self.loans, dtype=object)[rows].tolist()),
            self.segments[rows],
            self.defaulted_day[rows],
            self.recovered[rows],
            self.seen[rows],
            self.ended[rows],
        )


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - date(1970, 1, 1)).days


def read_workouts(
    connection: duckdb.DuckDBPyConnection, known_at: date, workout_months: int
) -> Workouts:
    """The defaults and recoveries of `connect_losses` that were there by the end of a day.

    A month is 365 / 12 days. A share discounted is share / (1 + rate) ** (days / 365).
    """
    loans, segments, day, exposure, rate, closed = _columns(
        connection,
        "SELECT loan_no, segment, epoch(defaulted_at) // 86400, exposure_minor, rate_annual, "
        "coalesce(epoch(closed_at) // 86400, 1e9) FROM defaults "
        "WHERE epoch(defaulted_at) // 86400 <= $1 ORDER BY loan_no",
        known_at,
    )
    row, received, net = _columns(
        connection,
        "SELECT n, epoch(received_at) // 86400, amount_minor - coalesce(cost_minor, 0) "
        "FROM recoveries JOIN (SELECT loan_no, row_number() OVER (ORDER BY loan_no) - 1 AS n "
        "FROM defaults WHERE epoch(defaulted_at) // 86400 <= $1) USING (loan_no) "
        "WHERE epoch(received_at) // 86400 <= $1 ORDER BY ALL",
        known_at,
    )
    row = row.astype(np.int64)
    passed = received - day[row]
    month = (passed / DAYS_PER_MONTH).astype(np.int64)
    share = net / exposure[row] / (1 + rate[row]) ** (passed / DAYS_PER_YEAR)
    counts = month < workout_months
    cell = (row * workout_months + month)[counts]
    size = len(day) * workout_months
    came = np.bincount(cell, share[counts], minlength=size).astype(np.float64)
    seen = ((day_number(known_at) + 1 - day) / DAYS_PER_MONTH).astype(np.int64)
    return Workouts(
        tuple(loans.tolist()),
        segments.astype(np.str_),
        day.astype(np.int64),
        came.reshape(-1, workout_months),
        np.minimum(seen, workout_months),
        closed <= day_number(known_at),
    )


def _columns(
    connection: duckdb.DuckDBPyConnection, query: str, known_at: date
) -> Sequence[NDArray[Any]]:
    found = connection.execute(query, [day_number(known_at)]).fetchnumpy()
    return [np.asarray(column) for column in found.values()]
