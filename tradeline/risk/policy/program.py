"""A policy made ready to be asked: for each place of each column, the rows that take it.

The rows of a table that take all values are then the bits that several whole numbers share, in one
applicant as in a million.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from tradeline.risk.policy.axes import Axis, derived_axis, each_bit, input_axis
from tradeline.risk.policy.cells import ANY, Cell
from tradeline.risk.policy.declaration import (
    OUTCOME,
    RANK,
    REASON,
    Collect,
    Declaration,
    Hit,
    Otherwise,
    Outcome,
    Output,
    Row,
    Table,
    worst,
)
from tradeline.risk.policy.proof import Boxes
from tradeline.risk.policy.readers import place_of

REMEMBERED = 4096
"""Sets of hits of a table whose result is kept."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the rows of a table that take the values give together.

    `fired` are the bits of the rows that give it. `places` are those of the outputs that later
    tables test; `ends`: no later table is asked.
    """

    fired: int
    outcome: Outcome | None
    rank: int
    outputs: dict[str, Any]
    reasons: tuple[str, ...]
    places: tuple[int, ...]
    ends: bool


@dataclass(frozen=True, slots=True)
class TableProgram:
    """A table: for each column its slot among the places and, by place, the rows that take it.

    `derived` are the axes of its outputs that later tables test.
    """

    table: Table
    slots: tuple[int, ...]
    axes: tuple[Axis, ...]
    derived: tuple[Axis, ...]
    boxes: Boxes
    takers: tuple[tuple[int, ...], ...]
    result_of: Callable[[int], Result]

    @property
    def rows(self) -> int:
        """The bits of all rows."""
        return (1 << len(self.table.rows)) - 1

    def naming(self, place: int, column: int) -> int:
        """The bits of the rows that name a state (missing, stale) in a cell of their own."""
        word = self.axes[column].places[place].words
        return sum(
            1 << number
            for number, row in enumerate(self.table.rows)
            if row.cells[column] != ANY and getattr(row.cells[column], word)
        )


@dataclass(frozen=True, slots=True)
class Program:
    """All tables, over one list of axes: first those of the inputs, then outputs tables test."""

    declaration: Declaration
    axes: tuple[Axis, ...]
    tables: tuple[TableProgram, ...]


def build(declaration: Declaration) -> Program:
    """The program of a declaration whose names and types are known to be right."""
    cells = _cells_by_column(declaration.tables)
    axes = {read.name: input_axis(read, cells.get(read.name, ())) for read in declaration.inputs}
    outputs = {output.name: output for output in declaration.outputs}
    tables = []
    for table in declaration.tables:
        derived = [name for name in table.outputs if name in cells and name not in axes]
        axes |= {name: output_axis(table, outputs[name], cells[name]) for name in derived}
        tables.append(_table_program(table, axes, derived, outputs))
    return Program(declaration, tuple(axes.values()), tuple(tables))


def _cells_by_column(tables: Sequence[Table]) -> dict[str, list[Cell]]:
    found: dict[str, list[Cell]] = {}
    for table in tables:
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                found.setdefault(column, []).append(cell)
    return found


def output_axis(table: Table, output: Output, cells: Sequence[Cell]) -> Axis:
    """The axis of an output that a later table tests: the values that reach it."""
    reaching = [row for row in table.rows if not _ends(row)]
    may_lack = table.otherwise in (Otherwise.PASS, Otherwise.REFER) or (
        table.collect.get(output.name) is not Collect.COUNT
        and any(output.name not in row.gives for row in reaching)
    )
    adds_up = table.collect.get(output.name) in (Collect.SUM, Collect.COUNT)
    given = [row.gives[output.name] for row in reaching if output.name in row.gives]
    values = None if adds_up else tuple(dict.fromkeys(given))
    return derived_axis(output.name, output.kind, values, cells, may_lack)


def _ends(row: Row) -> bool:
    return row.gives.get(OUTCOME) in (Outcome.DECLINE, Outcome.REFUSE)


def _table_program(
    table: Table, axes: Mapping[str, Axis], derived: Sequence[str], outputs: Mapping[str, Output]
) -> TableProgram:
    slot_of = {name: slot for slot, name in enumerate(axes)}
    columns = tuple(axes[name] for name in table.columns)
    rows = tuple(
        tuple(axis.accepted(cell) for axis, cell in zip(columns, row.cells, strict=True))
        for row in table.rows
    )
    takers = tuple(
        tuple(_takers(rows, column, place) for place in range(len(axis.places)))
        for column, axis in enumerate(columns)
    )
    own = tuple(axes[name] for name in derived)
    results = _Results(table, own, outputs)
    return TableProgram(
        table,
        tuple(slot_of[name] for name in table.columns),
        columns,
        own,
        Boxes(tuple(axis.everything for axis in columns), rows),
        takers,
        lru_cache(REMEMBERED)(results.of),
    )


def _takers(rows: Sequence[tuple[int, ...]], column: int, place: int) -> int:
    return sum(1 << number for number, row in enumerate(rows) if row[column] >> place & 1)


@dataclass(frozen=True, slots=True)
class _Results:
    """What a table gives for a set of rows that take the values."""

    table: Table
    derived: tuple[Axis, ...]
    outputs: Mapping[str, Output]

    def of(self, hits: int) -> Result:
        """The result of the rows whose bits are set; none, or too many, is what the table says."""
        if not hits or (self.table.hit is Hit.UNIQUE and hits.bit_count() > 1):
            return self._nothing()
        numbers = self._firing(hits)
        rows = [self.table.rows[number] for number in numbers]
        outcome = worst(Outcome(str(row.gives[OUTCOME])) for row in rows if OUTCOME in row.gives)
        reasons = tuple(
            dict.fromkeys(str(row.gives[REASON]) for row in rows if REASON in row.gives)
        )
        values = dict(self._values(rows))
        return self._result(sum(1 << n for n in numbers), outcome, values, reasons)

    def _nothing(self) -> Result:
        otherwise = self.table.otherwise or Otherwise.REFUSE
        outcome = None if otherwise is Otherwise.PASS else Outcome(otherwise)
        return self._result(0, outcome, {}, ())

    def _result(
        self, fired: int, outcome: Outcome | None, values: dict[str, Any], reasons: tuple[str, ...]
    ) -> Result:
        places = tuple(place_of(axis, values.get(axis.name)) for axis in self.derived)
        ends = outcome in (Outcome.DECLINE, Outcome.REFUSE)
        if not ends and any(place < 0 for place in places):
            # A sum beyond what a whole number may be: no later table could be asked.
            return self._result(fired, Outcome.REFUSE, values, reasons)
        rank = RANK[outcome] if outcome else 0
        places = tuple(max(place, 0) for place in places)
        return Result(fired, outcome, rank, values, reasons, places, ends)

    def _firing(self, hits: int) -> list[int]:
        """The rows that give the outputs, in the order in which they give them."""
        numbers = list(each_bit(hits))
        if self.table.hit.is_ordered:
            numbers.sort(key=lambda n: priority(self.table, self.table.rows[n], self.outputs))
        if self.table.hit.takes_one and self.table.hit is not Hit.ANY:
            return numbers[:1]
        return numbers

    def _values(self, rows: Sequence[Row]) -> Iterator[tuple[str, Any]]:
        names = [name for name in self.table.outputs if name not in (OUTCOME, REASON)]
        for name in names:
            given = [row.gives[name] for row in rows if name in row.gives]
            if self.table.hit.takes_one:
                yield from ((name, value) for value in given[:1])
            elif self.table.hit is not Hit.COLLECT:
                yield name, tuple(given)
            elif self.table.collect[name] is Collect.COUNT:
                yield name, len(rows)
            elif given:
                yield name, _collected(self.table.collect[name], given)


def _collected(how: Collect, given: Sequence[Any]) -> Any:
    """The least, the greatest, or the sum in the order of rows, so that its bits are fixed."""
    if how is Collect.SUM:
        total = given[0]
        for value in given[1:]:
            total += value
        return total
    return min(given) if how is Collect.MIN else max(given)


def priority(table: Table, row: Row, outputs: Mapping[str, Output]) -> int:
    """Where a row stands by its first output; 0 comes first.

    Of outcomes the most severe comes first, and a row without one last.
    """
    first = table.outputs[0]
    if first == OUTCOME:
        return -RANK[Outcome(str(row.gives[first]))] if first in row.gives else 0
    return outputs[first].levels.index(str(row.gives[first]))
