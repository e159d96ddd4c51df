"""A verdict and its trace: which rows fired, which failed at which cell, with the values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from tradeline.risk.policy.axes import (
    BAD_AGE,
    MISSING,
    MISTYPED,
    OUT_OF_RANGE,
    STALE,
    UNKNOWN,
    each_bit,
)
from tradeline.risk.policy.cells import ANY, Kind, cell_text, interval_text, value_text
from tradeline.risk.policy.declaration import RANK, Input, Otherwise, Outcome, Row, Treatment
from tradeline.risk.policy.program import Program, TableProgram

REFUSED = {
    MISSING: "is missing",
    STALE: "is stale",
    MISTYPED: "is mistyped",
    OUT_OF_RANGE: "is out of range",
    UNKNOWN: "is no level that the policy knows",
    BAD_AGE: "has an age that is none",
}


@dataclass(frozen=True, slots=True)
class Unusable:
    """An input that no table may see, why, and what the policy does then."""

    input: str
    why: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Tested:
    """A cell that asks for something, and the value that it was asked of, as a cell writes it."""

    column: str
    cell: str
    value: str


@dataclass(frozen=True, slots=True)
class Failed:
    """A row that did not take the values, and the first of its cells that did not."""

    row: str
    column: str
    cell: str
    value: str


@dataclass(frozen=True, slots=True)
class TableTrace:
    """What happened in a table. `beaten` rows took the values too; the hit policy chose others.

    `no_hit` is what no hit meant, None where a row fired.
    """

    table: str
    fired: tuple[str, ...]
    beaten: tuple[str, ...]
    failed: tuple[Failed, ...]
    no_hit: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """What an evaluation saw, kept as the place of each value and the hits of each table reached.

    Words are made only when somebody asks for them.
    """

    program: Program = field(repr=False, compare=False)
    values: Mapping[str, object] = field(compare=False)
    ages_days: Mapping[str, object] = field(compare=False)
    places: tuple[int, ...]
    hits: tuple[int, ...]

    def unusable(self) -> tuple[Unusable, ...]:
        """The inputs that no table may see; with any, no table was asked."""
        inputs = self.program.declaration.inputs
        return tuple(
            Unusable(read.name, self._why(read, place), outcome_of(read, place))
            for read, place in zip(inputs, self.places, strict=False)
            if place < 0
        )

    def tables(self) -> tuple[TableTrace, ...]:
        """The tables that were asked, in order."""
        return tuple(
            self._table(table, hits)
            for table, hits in zip(self.program.tables, self.hits, strict=False)
        )

    def unnamed(self) -> tuple[str, ...]:
        """Inputs that are missing or stale, as the policy allows, and that no row that fired names.

        With any, nothing is approved.
        """
        return tuple(
            axis.name
            for slot, axis in enumerate(self.program.axes)
            if slot < len(self.program.declaration.inputs)
            and is_state(self.program, slot, self.places[slot])
            and not is_named(self.program, slot, self.places[slot], self.hits)
        )

    def rank(self) -> int:
        """The rank of the most severe outcome that a table gave, 0 if none gave any."""
        pairs = zip(self.program.tables, self.hits, strict=False)
        return max((table.result_of(hits).rank for table, hits in pairs), default=0)

    def as_record(self) -> dict[str, Any]:
        """The trace as plain data: each row that fired or failed, with the values it tested."""
        pairs = zip(self.tables(), self.program.tables, strict=False)
        return {
            "unusable": {item.input: item.why for item in self.unusable()},
            "unnamed": list(self.unnamed()) if not self.unusable() else [],
            "tables": [self._record_of(traced, table) for traced, table in pairs],
        }

    def tested(self, table: TableProgram, row: Row) -> tuple[Tested, ...]:
        """The cells of a row that ask for something, each with its value."""
        return tuple(
            Tested(axis.name, cell_text(cell), self.shown(slot))
            for axis, slot, cell in zip(table.axes, table.slots, row.cells, strict=True)
            if cell != ANY
        )

    def _record_of(self, traced: TableTrace, table: TableProgram) -> dict[str, Any]:
        taken = {
            row.id: {"row": row.id, "tests": [asdict(one) for one in self.tested(table, row)]}
            for row in table.table.rows
            if row.id in (*traced.fired, *traced.beaten)
        }
        return {
            "table": traced.table,
            "fired": [taken[row] for row in traced.fired],
            "beaten": [taken[row] for row in traced.beaten],
            "failed": [asdict(item) for item in traced.failed],
            "no_hit": traced.no_hit,
        }

    def _why(self, read: Input, place: int) -> str:
        value = self.values.get(read.name)
        if place == STALE:
            age = self.ages_days.get(read.name)
            known = "of unknown age"
            if isinstance(age, int | float) and age == age:  # NaN is no age either
                known = f"{age:g} days old"
            return f"is stale: {known}, at most {read.max_age_days} days are allowed"
        if place == BAD_AGE:
            return f"has the age {self.ages_days.get(read.name)!r}, which is no number of days"
        if place == MISTYPED:
            return f"is {value!r} ({type(value).__name__}), which is no {_NOUNS[read.kind]}"
        if place == OUT_OF_RANGE:
            allowed = interval_text(read.range) if read.range else "finite numbers"
            return f"is {_written(value)}, outside {allowed}"
        if place == UNKNOWN:
            return f"is {value!r}, none of {', '.join(read.levels)}"
        return REFUSED[place]

    def _table(self, table: TableProgram, hits: int) -> TableTrace:
        rows, fired = table.table.rows, table.result_of(hits).fired
        return TableTrace(
            table.table.name,
            tuple(rows[number].id for number in each_bit(fired)),
            tuple(rows[number].id for number in each_bit(hits & ~fired)),
            tuple(
                self._failed(table, number, row)
                for number, row in enumerate(rows)
                if not hits >> number & 1
            ),
            None if hits else str(table.table.otherwise or Otherwise.REFUSE),
        )

    def _failed(self, table: TableProgram, number: int, row: Row) -> Failed:
        column = next(
            column
            for column, slot in enumerate(table.slots)
            if not table.takers[column][self.places[slot]] >> number & 1
        )
        axis = table.axes[column]
        return Failed(
            row.id, axis.name, cell_text(row.cells[column]), self.shown(table.slots[column])
        )

    def shown(self, slot: int) -> str:
        """The value of an input or of an output that tables tested, as a cell writes it."""
        axis, place = self.program.axes[slot], self.places[slot]
        if place >= 0 and axis.places[place].witness is None:
            return axis.places[place].words
        if slot < len(self.program.declaration.inputs):
            return _written(self.values.get(axis.name))
        return _written(self._given(axis.name))

    def _given(self, name: str) -> object:
        for table, hits in zip(self.program.tables, self.hits, strict=False):
            outputs = table.result_of(hits).outputs
            if name in outputs:
                return outputs[name]
        return None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a policy says of one set of values. `outputs` are those of the tables that were asked.

    `reasons` are in the order of tables and rows, each once.
    """

    outcome: Outcome
    outputs: Mapping[str, Any]
    reasons: tuple[str, ...]
    trace: Trace


def outcome_of(read: Input, place: int) -> Outcome:
    """What a value that no table may see leads to."""
    if place == MISSING and read.missing is not Treatment.CASE:
        return Outcome(read.missing)
    if place == STALE and read.stale is not Treatment.CASE:
        return Outcome(read.stale)
    return Outcome.REFUSE


def added(reasons: tuple[str, ...], further: tuple[str, ...]) -> tuple[str, ...]:
    """Reasons and those of another table, each once."""
    return reasons + tuple(reason for reason in further if reason not in reasons)


def is_state(program: Program, slot: int, place: int) -> bool:
    """Whether a place says that a value is missing or stale."""
    return program.axes[slot].places[place].witness is None


def is_named(program: Program, slot: int, place: int, hits: Sequence[int]) -> bool:
    """Whether a row that fired names that an input is missing or stale, in a cell of its own."""
    return any(
        table.naming(place, column) & table.result_of(hit).fired
        for table, hit in zip(program.tables, hits, strict=False)
        for column, tested in enumerate(table.slots)
        if tested == slot
    )


def trace_lines(verdict: Verdict) -> Iterator[str]:
    """A verdict and how it came about, line by line."""
    trace = verdict.trace
    yield f"outcome: {verdict.outcome}"
    for name, value in verdict.outputs.items():
        yield f"{name}: {_written(value)}"
    if verdict.reasons:
        yield f"reasons: {', '.join(verdict.reasons)}"
    for item in trace.unusable():
        yield f"{item.input} {item.why}: {item.outcome}, before any table is asked."
    for table, program in zip(trace.tables(), trace.program.tables, strict=False):
        yield f"table {table.table}:"
        yield from _table_lines(trace, table, program)
    rank = trace.rank()
    if rank == 0 and not trace.unusable():
        yield "no row says what to do: refused"
    if rank == RANK[Outcome.APPROVE]:
        for name in trace.unnamed():
            yield f"{name} is missing or stale, and no row that fired names that: refused"


def _table_lines(trace: Trace, table: TableTrace, program: TableProgram) -> Iterator[str]:
    failed = {item.row: item for item in table.failed}
    for row in program.table.rows:
        if row.id in failed:
            item = failed[row.id]
            yield f"  {row.id} failed: {item.column} is {item.value}, not `{item.cell}`"
            continue
        tested = trace.tested(program, row)
        tests = [f"{one.column} is {one.value} (`{one.cell}`)" for one in tested]
        given = ", ".join(f"{name} {_written(value)}" for name, value in row.gives.items())
        word = "fired" if row.id in table.fired else "would fire, but another row comes first"
        yield f"  {row.id} {word}: {'; '.join(tests) or 'whatever the values'} -> {given or '-'}"
        yield f"     {row.why}"
    if table.no_hit:
        yield f"  no row fired: {table.no_hit}"


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return ", ".join(_written(item) for item in value) or "none"
    if isinstance(value, str):
        return str(value)
    return value_text(value)  # type: ignore[arg-type]


_NOUNS = {
    Kind.NUMBER: "number",
    Kind.INTEGER: "whole number",
    Kind.BOOLEAN: "true or false",
    Kind.CATEGORY: "text",
    Kind.TEXT: "text",
    Kind.DATE: "date",
}
