"""Rows as the kernel reads them: columns of integers, sorted by enterprise and moment.

All rows of one enterprise stand together, in the order in which they occurred, so that any window
of time is found by binary search and read from front to back.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.compiling import Handed
from tradeline.creditfile.features.hot.needs import DAY_US, NEVER, Need, select_sql
from tradeline.creditfile.features.hot.sorting import (
    dense_codes,
    first_seen,
    heaviest,
    latest_of,
    sorted_order,
)

Array = NDArray[Any]
NONE = np.empty(0, np.int64)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of one contract: `offsets` says where the rows of each enterprise begin and end.

    `occurred`, `recorded` and `superseded` are microseconds since 1970 in UTC, `day` is days;
    `superseded` is empty where no row ever is.
    `amounts`, `numbers`, `keys`, `codes` and `bits` have one line for each amount, number, grain
    and word of the need; `codes` number the keys of each enterprise from 0, -1 where empty.
    `stamps` and `identities` are those of `needs.stamp_sql`, none where rows come from no store, or
    of one that does not need them.
    `latest` is by enterprise the last moment at which what is seen of its rows changes.
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
    identities: Array
    latest: Array
    most_codes: int
    heaviest: tuple[float, ...]
    longest: int
    first_day: int
    begun: int

    @property
    def clocks(self) -> tuple[Array, Array, Array, Array, Array]:
        """Offsets and the columns of time, as the loops take them."""
        return (self.offsets, self.occurred, self.recorded, self.superseded, self.day)

    @cached_property
    def handed(self) -> tuple[Any, Any]:
        """What `measure_rows` is told of rows: times and columns."""
        return Handed(*self.clocks), Handed(self.amounts, self.numbers, self.codes, self.bits)


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Rows of the same enterprises by contract, in the same order."""

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
    enterprises: Sequence[str],
    needs: Iterable[Need],
    versioned: frozenset[str] = frozenset(),
) -> Block:
    """The rows of different enterprises from the tables of a connection.

    Rows of the contracts in `versioned` say when they were superseded.
    """
    number_firms(connection, enterprises)
    rows = {}
    for need in needs:
        superseded = f"COALESCE(epoch_us(superseded_at), {NEVER})"
        more = (f"{superseded} AS superseded",) if need.contract in versioned else ()
        query = f"SELECT firm, {select_sql(need, more)} FROM {need.contract} JOIN firms USING "
        found = connection.execute(f"{query} (enterprise)").fetchnumpy()
        rows[need.contract] = arranged(need, len(enterprises), found)
    return Block(rows)


def arranged(need: Need, firms: int, found: Mapping[str, Array]) -> Rows:
    """Columns as `select_sql` gives them, sorted and completed; `found` in any order.

    Columns of times and stamps that are not found are empty.
    """
    columns = {name: plain(values) for name, values in found.items()}
    offsets = np.zeros(firms + 1, np.int64)
    order, in_place = sorted_order(columns["firm"], columns["occurred"], offsets)

    def line(name: str) -> Array:
        values: Array = columns.get(name, NONE)
        return values if in_place or not values.size else values[order]

    def lines(name: str, number: int, kind: Any) -> Array:
        if number == 1:
            only: Array = line(f"{name}_0").view(kind).reshape(1, -1)
            return only
        made = np.empty((number, order.size), kind)
        for place in range(number):
            made[place] = line(f"{name}_{place}").view(kind)
        return made

    return completed(
        need,
        offsets,
        (line("occurred"), line("recorded"), line("superseded")),
        lines("amount", len(need.amounts), np.int64),
        lines("number", len(need.numbers), np.float64),
        lines("key", len(need.grains), np.int64),
        lines("word", need.words, np.uint32),
        (line("stamp"), line("identity").view(np.int64)),
    )


def completed(
    need: Need,
    offsets: Array,
    clocks: tuple[Array, Array, Array],
    amounts: Array,
    numbers: Array,
    keys: Array,
    bits: Array,
    stamps: tuple[Array, Array],
) -> Rows:
    """Sorted rows with what follows from them: days, codes, and what bounds them."""
    occurred, recorded, superseded = clocks
    if superseded.size and int(superseded.min()) == NEVER:
        superseded = NONE
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
        *stamps,
        latest_of(offsets, occurred, recorded, superseded),
        max(most, default=0),
        tuple(heaviest(line, offsets) for line in amounts),
        int(np.diff(offsets).max(initial=0)),
        int(day.min(initial=0)),
        first_seen(occurred, recorded, superseded),
    )


def with_superseded(rows: Rows, places: Array, moments: Array) -> Rows:
    """Rows of which those at `places` are superseded at `moments`."""
    superseded = whole_superseded(rows).copy()
    superseded[places] = moments
    return replace(
        rows,
        superseded=superseded,
        latest=latest_of(rows.offsets, rows.occurred, rows.recorded, superseded),
        begun=first_seen(rows.occurred, rows.recorded, superseded),
    )


def whole_superseded(rows: Rows) -> Array:
    """When each row is superseded, also where none ever is."""
    return rows.superseded if rows.superseded.size else np.full(rows.occurred.size, NEVER)


def plain(values: Array) -> Array:
    """The values without a mask; the engine was asked for none that are empty."""
    return np.ascontiguousarray(np.ma.getdata(values))


def empty_rows(need: Need, firms: int = 0) -> Rows:
    """No rows of so many enterprises."""
    return completed(
        need,
        np.zeros(firms + 1, np.int64),
        (NONE, NONE, NONE),
        np.empty((len(need.amounts), 0), np.int64),
        np.empty((len(need.numbers), 0)),
        np.empty((len(need.grains), 0), np.int64),
        np.empty((need.words, 0), np.uint32),
        (NONE, NONE),
    )
