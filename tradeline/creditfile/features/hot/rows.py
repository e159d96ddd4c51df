"""Rows as the kernel reads them: columns of integers, sorted by enterprise and moment.

All rows of one enterprise stand together, in the order in which they occurred, so that any window
of time is found by binary search and read from front to back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.needs import DAY_US, NEVER, Need, select_sql
from tradeline.creditfile.features.hot.sorting import (
    dense_codes,
    first_seen,
    heaviest,
    sorted_order,
)

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Rows of one contract: `offsets` says where the rows of each enterprise begin and end.

    `occurred`, `recorded` and `superseded` are microseconds since 1970 in UTC, `day` is days.
    `amounts`, `numbers`, `keys`, `codes` and `bits` have one line for each amount, number, grain
    and word of the need; `codes` number the keys of each enterprise from 0, -1 where empty.
    `stamps` are those of `needs.stamp_sql`, none where rows come from no store.
    `most_codes` is how many one enterprise has at most, `heaviest` the largest sum of sizes of
    each amount, `longest` the most rows that one enterprise has, `first_day` the earliest day,
    `begun` the first moment at which any row is seen.
    """

    need: Need
    offsets: Array
    occurred: Array
    recorded: Array
    superseded: Array
    day: Array
    amounts: Array
    numbers: Array
    keys: Array
    codes: Array
    bits: Array
    stamps: Array
    most_codes: int
    heaviest: tuple[float, ...]
    longest: int
    first_day: int
    begun: int

    @property
    def clocks(self) -> tuple[Array, Array, Array, Array, Array]:
        """Offsets and the columns of time, as the loops take them."""
        return (self.offsets, self.occurred, self.recorded, self.superseded, self.day)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Enterprises, sorted, with their rows of each contract."""

    enterprises: tuple[str, ...]
    rows: Mapping[str, Rows]


def number_firms(connection: duckdb.DuckDBPyConnection, enterprises: Sequence[str]) -> None:
    """Let `firms` number the enterprises from 0 in the order given."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE firms AS SELECT enterprise, CAST(firm AS INTEGER) AS firm "
        "FROM (SELECT UNNEST(?::VARCHAR[]) AS enterprise, UNNEST(range(?)) AS firm)",
        [list(enterprises), len(enterprises)],
    )


def read_block(
    connection: duckdb.DuckDBPyConnection,
    enterprises: Iterable[str],
    needs: Iterable[Need],
    versioned: frozenset[str] = frozenset(),
) -> Block:
    """The rows of enterprises from the tables of a connection.

    Rows of the contracts in `versioned` say when they were superseded.
    """
    named = tuple(sorted(set(enterprises)))
    number_firms(connection, named)
    rows = {}
    for need in needs:
        superseded = f"CAST({NEVER} AS BIGINT)"
        if need.contract in versioned:
            superseded = f"COALESCE(epoch_us(superseded_at), {NEVER})"
        select = select_sql(need, superseded)
        rows[need.contract] = arranged(
            need,
            len(named),
            connection.execute(
                f"SELECT {select} FROM {need.contract} JOIN firms USING (enterprise)"
            ).fetchnumpy(),
        )
    return Block(named, rows)


def arranged(need: Need, firms: int, found: Mapping[str, Array]) -> Rows:
    """Columns as `select_sql` gives them, sorted and completed; `found` in any order."""
    columns = {name: plain(values) for name, values in found.items()}
    offsets = np.zeros(firms + 1, np.int64)
    order, in_place = sorted_order(columns["firm"], columns["occurred"], offsets)

    def lines(name: str, number: int, kind: Any) -> Array:
        made = np.empty((number, order.size), kind)
        for line in range(number):
            values = columns[f"{name}_{line}"].view(kind)
            made[line] = values if in_place else values[order]
        return made

    def line(name: str) -> Array:
        return columns[name] if in_place else columns[name][order]

    return completed(
        need,
        offsets,
        (line("occurred"), line("recorded"), line("superseded")),
        lines("amount", len(need.amounts), np.int64),
        lines("number", len(need.numbers), np.float64),
        lines("key", len(need.grains), np.int64),
        lines("word", need.words, np.uint32),
        lines("stamp", sum(name.startswith("stamp_") for name in columns), np.int64),
    )


def completed(
    need: Need,
    offsets: Array,
    clocks: tuple[Array, Array, Array],
    amounts: Array,
    numbers: Array,
    keys: Array,
    bits: Array,
    stamps: Array,
) -> Rows:
    """Sorted rows with what follows from them: days, codes, and what bounds them."""
    occurred, recorded, superseded = clocks
    day = (occurred // DAY_US).astype(np.int32)
    codes = np.empty(keys.shape, np.int32)
    most = [dense_codes(keys[n], offsets, codes[n]) for n in range(len(need.grains))]
    return Rows(
        need,
        offsets,
        occurred,
        recorded,
        superseded,
        day,
        amounts,
        numbers,
        keys,
        codes,
        bits,
        stamps,
        max(most, default=0),
        tuple(heaviest(line, offsets) for line in amounts),
        int(np.diff(offsets).max(initial=0)),
        int(day.min(initial=0)),
        int(first_seen(occurred, recorded, superseded)),
    )


def plain(values: Array) -> Array:
    """The values without a mask; the engine was asked for none that are empty."""
    return np.ascontiguousarray(np.ma.getdata(values))


def empty_rows(need: Need, stamps: int = 0) -> Rows:
    """No rows of no enterprise."""
    none = np.empty(0, np.int64)
    return completed(
        need,
        np.zeros(1, np.int64),
        (none, none, none),
        np.empty((len(need.amounts), 0), np.int64),
        np.empty((len(need.numbers), 0)),
        np.empty((len(need.grains), 0), np.int64),
        np.empty((need.words, 0), np.uint32),
        np.empty((stamps, 0), np.int64),
    )


def part_of(rows: Rows, first: int, last: int) -> Rows:
    """The rows of the enterprises from `first` to before `last`."""
    begin, end = int(rows.offsets[first]), int(rows.offsets[last])

    def cut(values: Array) -> Array:
        return np.ascontiguousarray(values[..., begin:end])

    return completed(
        rows.need,
        rows.offsets[first : last + 1] - begin,
        (cut(rows.occurred), cut(rows.recorded), cut(rows.superseded)),
        cut(rows.amounts),
        cut(rows.numbers),
        cut(rows.keys),
        cut(rows.bits),
        cut(rows.stamps),
    )
