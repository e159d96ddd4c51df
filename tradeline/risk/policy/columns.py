"""A policy over columns of values: the same places, the same bits, in numpy."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import problem
from tradeline.lake.yaml_fields import MAX_WHOLE
from tradeline.risk.policy.axes import BAD_AGE, MISTYPED, OUT_OF_RANGE, Axis
from tradeline.risk.policy.cells import Kind
from tradeline.risk.policy.declaration import RANK, Input, Outcome
from tradeline.risk.policy.program import Program, Result, TableProgram
from tradeline.risk.policy.readers import aged, value_reader
from tradeline.risk.policy.verdict import Trace, Verdict, added, outcome_of

Places = NDArray[np.int16]
Columns = Mapping[str, NDArray[Any]]
WORD = 64
BY_RANK = np.array([Outcome.REFUSE, *Outcome], dtype="U7")
EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class TableHits:
    """The sets of rows that took values in a table, each once, and which row of values has which.

    `reached` says for which rows of values the table was asked.
    """

    program: TableProgram
    hits: tuple[int, ...]
    results: tuple[Result, ...]
    which: NDArray[np.intp]
    reached: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Verdicts on many sets of values. `ranks` (rows,) are those of the outcomes, 0 is refused."""

    program: Program
    columns: Columns
    ages_days: Columns
    places: tuple[Places, ...]
    tables: tuple[TableHits, ...]
    ranks: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.ranks)

    @property
    def outcomes(self) -> NDArray[np.str_]:
        """The outcomes as text (rows,)."""
        return BY_RANK[self.ranks]

    def output(self, name: str) -> "np.ma.MaskedArray[Any, Any]":
        """An output (rows,), masked where no table gave it: float64, int64, bool, or objects."""
        declared = next(item for item in self.program.declaration.outputs if item.name == name)
        table = next(item for item in self.tables if name in item.program.table.outputs)
        given = [result.outputs.get(name) for result in table.results]
        lacking = np.array([value is None for value in given], dtype=bool)
        values = _as_array(declared.kind, given, takes_one=not _is_list(table))
        which = table.which
        return np.ma.MaskedArray(values[which], mask=lacking[which] | ~table.reached)

    def verdict(self, row: int) -> Verdict:
        """The verdict on one row of values, equal to that of `Policy.evaluate` on them."""
        hits: list[int] = []
        outputs: dict[str, Any] = {}
        reasons: tuple[str, ...] = ()
        for table in self.tables:
            if not table.reached[row]:
                break
            result = table.results[table.which[row]]
            hits.append(table.hits[table.which[row]])
            outputs |= result.outputs
            reasons = added(reasons, result.reasons)
        places = self._places_of(row, len(hits))
        trace = Trace(
            self.program,
            {name: _value_at(column, row) for name, column in self.columns.items()},
            {name: _value_at(column, row) for name, column in self.ages_days.items()},
            places,
            tuple(hits),
        )
        return Verdict(Outcome(str(BY_RANK[self.ranks[row]])), outputs, reasons, trace)

    def __iter__(self) -> Iterator[Verdict]:
        return (self.verdict(row) for row in range(len(self)))

    def _places_of(self, row: int, tables: int) -> tuple[int, ...]:
        """The places of the inputs, and of the outputs of the tables that were asked."""
        derived = sum(len(table.program.derived) for table in self.tables[:tables])
        return tuple(
            int(column[row])
            for column in self.places[: len(self.program.declaration.inputs) + derived]
        )


def evaluate_columns(program: Program, columns: Columns, ages_days: Columns) -> Verdicts:
    """The verdicts of a policy on columns of equal length, one for each row.

    InputProblem unless all columns and ages are as long as each other. An input without a column is
    missing in every row.
    """
    rows = _length({**columns, **{f"age of {name}": age for name, age in ages_days.items()}})
    inputs = program.declaration.inputs
    places = [
        _places(read, axis, columns.get(read.name), ages_days.get(read.name), rows)
        for read, axis in zip(inputs, program.axes, strict=False)
    ]
    unusable = np.zeros(rows, dtype=bool)
    for column in places:
        unusable |= column < 0
    ranks = _ranks_of_unusable(inputs, places, rows)
    tables: list[TableHits] = []
    reached = ~unusable
    for table in program.tables:
        found = _table_hits(table, places, reached)
        tables.append(found)
        given = np.array([result.rank for result in found.results], dtype=np.uint8)[found.which]
        np.maximum(ranks, given, out=ranks, where=reached)
        places += _derived(found)
        ends = np.array([result.ends for result in found.results], dtype=bool)
        reached = reached & ~ends[found.which]
    verdicts = Verdicts(program, columns, ages_days, tuple(places), tuple(tables), ranks)
    _refuse_unnamed(verdicts)
    return verdicts


def _length(columns: Columns) -> int:
    lengths = {name: len(column) for name, column in columns.items()}
    if len(set(lengths.values())) > 1:
        raise problem(
            "columns-differ",
            "columns",
            "The columns differ in length: "
            f"{', '.join(f'{name} {length:,}' for name, length in lengths.items())}.",
            "Give one value for each row in every column.",
        )
    return next(iter(lengths.values()), 0)


def _ranks_of_unusable(
    inputs: tuple[Input, ...], places: list[Places], rows: int
) -> NDArray[np.uint8]:
    ranks = np.zeros(rows, dtype=np.uint8)
    for read, column in zip(inputs, places, strict=True):
        bad = np.flatnonzero(column < 0)
        for place in np.unique(column[bad]):
            where = bad[column[bad] == place]
            ranks[where] = np.maximum(ranks[where], RANK[outcome_of(read, int(place))])
    return ranks


def _table_hits(table: TableProgram, places: list[Places], reached: NDArray[np.bool_]) -> TableHits:
    """The rows of a table that take each row of values, as bits over words of 64."""
    words = [
        _alive(table, places, first, reached) for first in range(0, len(table.table.rows), WORD)
    ]
    if len(words) == 1:
        found, which = np.unique(words[0], return_inverse=True)
        hits = tuple(int(bits) for bits in found)
    else:
        both, which = np.unique(np.stack(words, axis=1), axis=0, return_inverse=True)
        hits = tuple(
            sum(int(word) << (WORD * number) for number, word in enumerate(row)) for row in both
        )
    results = tuple(table.result_of(bits) for bits in hits)
    return TableHits(table, hits, results, which.reshape(-1), reached)


def _alive(
    table: TableProgram, places: list[Places], first: int, reached: NDArray[np.bool_]
) -> NDArray[np.uint64]:
    within = (1 << WORD) - 1
    alive = np.full(len(reached), (table.rows >> first) & within, dtype=np.uint64)
    for slot, takers in zip(table.slots, table.takers, strict=True):
        bits = np.array([(rows >> first) & within for rows in takers], dtype=np.uint64)
        # A value that no table sees points anywhere: its row of values is not reached.
        alive &= bits[np.where(reached, places[slot], 0)]
    return alive


def _derived(found: TableHits) -> list[Places]:
    return [
        np.array([result.places[number] for result in found.results], dtype=np.int16)[found.which]
        for number in range(len(found.program.derived))
    ]


def _refuse_unnamed(verdicts: Verdicts) -> None:
    """Approve nothing of which a missing or stale value is named by no row that fired."""
    approved = verdicts.ranks == RANK[Outcome.APPROVE]
    for slot, read in enumerate(verdicts.program.declaration.inputs):
        axis = verdicts.program.axes[slot]
        for state in (axis.missing, axis.stale):
            lacking = approved & (verdicts.places[slot] == state)
            if state < 0 or not lacking.any():
                continue
            for table in verdicts.tables:
                lacking &= ~(_names(table, read.name, state)[table.which] & table.reached)
            verdicts.ranks[lacking] = 0


def _names(table: TableHits, column: str, state: int) -> NDArray[np.bool_]:
    """For each set of hits, whether a row that fires names a state of an input."""
    if column not in table.program.table.columns:
        return np.zeros(len(table.hits), dtype=bool)
    naming = table.program.naming(state, table.program.table.columns.index(column))
    return np.array([bool(naming & result.fired) for result in table.results], dtype=bool)


def _is_list(table: TableHits) -> bool:
    hit = table.program.table.hit
    return not hit.takes_one and not table.program.table.collect


def _as_array(kind: Kind, given: list[Any], takes_one: bool) -> NDArray[Any]:
    types = {Kind.NUMBER: np.float64, Kind.INTEGER: np.int64, Kind.BOOLEAN: np.bool_}
    if takes_one and kind in types:
        return np.array([0 if value is None else value for value in given], dtype=types[kind])
    values = np.empty(len(given), dtype=object)
    values[:] = given
    return values


def _places(
    read: Input,
    axis: Axis,
    column: NDArray[Any] | None,
    age: NDArray[Any] | None,
    rows: int,
) -> Places:
    if column is None:
        return np.full(rows, axis.missing, dtype=np.int16)
    found = _value_places(axis, column)
    if read.max_age_days is not None:
        _age(found, axis, age, read.max_age_days)
    return found


def _value_places(axis: Axis, column: NDArray[Any]) -> Places:
    """The places of a column; a type of array that has no quick way goes value by value."""
    values = np.ma.getdata(column)
    kind = values.dtype.kind
    if axis.kind in (Kind.NUMBER, Kind.INTEGER) and kind in "fiu" and values.itemsize <= 8:
        found = _number_places(axis, values)
    elif axis.kind is Kind.DATE and values.dtype == "datetime64[D]":
        found = _date_places(axis, values)
    elif axis.kind is Kind.BOOLEAN and kind == "b":
        by_flag = np.array([axis.levels[False], axis.levels[True]], dtype=np.int16)
        found = by_flag[values.astype(np.int8)]
    else:
        found = _each(axis, values)
    mask = np.ma.getmaskarray(column)
    found[mask] = axis.missing
    return found


def _number_places(axis: Axis, values: NDArray[Any]) -> Places:
    too_large = np.zeros(len(values), dtype=bool)
    if values.dtype.kind in "iu":
        too_large = (values > MAX_WHOLE) | (values < -MAX_WHOLE)
    # What is not too large is held by a float to the bit, and so is each edge.
    floats = values.astype(np.float64)
    found = _by_slots(axis, floats)
    if axis.kind is Kind.INTEGER:
        found[np.isfinite(floats) & (floats != np.floor(floats))] = MISTYPED
    found[too_large] = OUT_OF_RANGE
    found[np.isnan(floats)] = axis.missing
    return found


def _date_places(axis: Axis, values: NDArray[Any]) -> Places:
    days = values.astype(np.int64).astype(np.float64) + EPOCH
    found = _by_slots(axis, days)
    found[(days < date.min.toordinal()) | (days > date.max.toordinal())] = MISTYPED
    found[np.isnat(values)] = axis.missing
    return found


def _by_slots(axis: Axis, floats: NDArray[np.float64]) -> Places:
    edges = np.array(axis.edges, dtype=np.float64)
    slot = np.searchsorted(edges, floats, "left") + np.searchsorted(edges, floats, "right")
    found: Places = np.array(axis.slots, dtype=np.int16)[slot]
    return found


def _each(axis: Axis, values: NDArray[Any]) -> Places:
    """Value by value, as a single evaluation reads them; a text that repeats is read once."""
    items = values.tolist()
    read = value_reader(axis)
    if axis.levels and set(map(type, items)) <= {str, type(None)}:
        places = {item: read(item) for item in set(items)}
        return np.fromiter((places[item] for item in items), dtype=np.int16, count=len(items))
    return np.fromiter((read(item) for item in items), dtype=np.int16, count=len(items))


def _age(found: Places, axis: Axis, age: NDArray[Any] | None, most: int) -> None:
    """Mark values that are too old, in place; an age that is not known is too old."""
    fresh = (found >= 0) & (found != axis.missing)
    if age is None:
        found[fresh] = axis.stale
        return
    values = np.ma.getdata(age)
    if values.dtype.kind not in "fiu":
        for row, days in zip(np.flatnonzero(fresh).tolist(), values[fresh].tolist(), strict=True):
            found[row] = aged(int(found[row]), days, most, axis.stale)
        return
    days = values.astype(np.float64)
    unknown = np.ma.getmaskarray(age) | np.isnan(days)
    found[fresh & (unknown | (days > most))] = axis.stale
    found[fresh & ~unknown & (days < 0)] = BAD_AGE


def _value_at(column: NDArray[Any], row: int) -> object:
    """A value as plain Python, None where it is masked."""
    if np.ma.getmaskarray(column)[row]:
        return None
    value = np.ma.getdata(column)[row]
    return value.item() if isinstance(value, np.generic) else value
