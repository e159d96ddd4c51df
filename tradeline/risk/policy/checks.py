"""What is proven of a policy before it is asked: no gap, no contradiction, no approval by default.

Columns of a table are taken to vary freely; an output of an earlier table has the values that its
rows give, but for those after which no later table is asked.
"""

from collections.abc import Iterator
from itertools import combinations

from tradeline.kernel.findings import Finding, Severity, counted
from tradeline.risk.policy.axes import Axis
from tradeline.risk.policy.cells import ANY
from tradeline.risk.policy.declaration import (
    CURRENCY,
    OUTCOME,
    Hit,
    Outcome,
)
from tradeline.risk.policy.program import Program, TableProgram, priority
from tradeline.risk.policy.proof import Region, TooLarge

SHOWN = 20
"""How many gaps or overlaps of a table are listed."""


def check(program: Program, where: str) -> Iterator[Finding]:
    """Everything that is wrong with the tables of a policy, and what looks like a slip."""
    for table in program.tables:
        yield from _Table(program, table, where).findings()
    yield from _cases(program, where)
    yield from _slips(program, where)


class _Table:
    """The checks of one table."""

    def __init__(self, program: Program, table: TableProgram, where: str) -> None:
        self._outputs = {output.name: output for output in program.declaration.outputs}
        self._program, self._table, self._where = table, table.table, where

    def findings(self) -> Iterator[Finding]:
        yield from self._states_that_never_arise()
        empty = [n for n in range(len(self._table.rows)) if self._program.boxes.is_empty(n)]
        yield from self._empty(empty)
        yield from self._overlaps()
        yield from self._approvals_by_default()
        try:
            yield from self._behind(empty)
            yield from self._gaps()
        except TooLarge:
            yield self._error(
                "table-too-large",
                "it is too large to be proven: too many rows take too many parts of the values "
                "alike.",
                "Split it into two tables, such as a band first and what follows from it second.",
            )

    def _states_that_never_arise(self) -> Iterator[Finding]:
        for row in self._table.rows:
            for axis, cell in zip(self._program.axes, row.cells, strict=True):
                for state in ("missing", "stale"):
                    if cell != ANY and getattr(cell, state) and getattr(axis, state) < 0:
                        yield self._error(
                            "state-never-arises",
                            f"row {row.id}, column {axis.name}: no table sees it {state}.",
                            f"Write `{state}: case` for the input, or take the word out.",
                        )

    def _empty(self, rows: list[int]) -> Iterator[Finding]:
        for number in rows:
            row = self._table.rows[number]
            accepted = self._program.boxes.rows[number]
            names = [axis.name for axis, bits in zip(self._program.axes, accepted, strict=True)
                     if not bits]  # fmt: skip
            yield self._error(
                "dead-row",
                f"row {row.id} can never fire: nothing that {' and '.join(names)} may be is taken.",
                "Mend the cell, or take the row out.",
            )

    def _behind(self, empty: list[int]) -> Iterator[Finding]:
        """Rows before which others always come."""
        if self._table.hit not in (Hit.FIRST, Hit.PRIORITY):
            return
        for number, row in enumerate(self._table.rows):
            before = [other for other in range(len(self._table.rows))
                      if other not in empty and self._comes_before(other, number)]  # fmt: skip
            if number not in empty and self._program.boxes.is_behind(number, before):
                yield self._error(
                    "dead-row",
                    f"row {row.id} can never fire: other rows come first wherever it would.",
                    "Put it before them, narrow them, or take it out.",
                )

    def _comes_before(self, one: int, other: int) -> bool:
        if self._table.hit is Hit.FIRST:
            return one < other
        return (self._priority(one), one) < (self._priority(other), other)

    def _priority(self, number: int) -> int:
        return priority(self._table, self._table.rows[number], self._outputs)

    def _overlaps(self) -> Iterator[Finding]:
        found = [
            (one, other, shared)
            for one, other in combinations(range(len(self._table.rows)), 2)
            if self._must_not_meet(one, other)
            and (shared := self._program.boxes.overlap(one, other))
        ]
        for one, other, shared in found[:SHOWN]:
            ids = f"{self._table.rows[one].id} and {self._table.rows[other].id}"
            why = (
                "which UNIQUE forbids"
                if self._table.hit is Hit.UNIQUE
                else f"and give different outputs, which {self._table.hit} forbids"
            )
            yield self._error(
                "rows-overlap",
                f"rows {ids} both take {self._region(shared)}, {why}.",
                "Narrow one of them, or choose another hit policy.",
            )
        yield from self._more(len(found), "rows-overlap", "pair of rows that overlaps",
                              "pairs of rows that overlap")  # fmt: skip

    def _must_not_meet(self, one: int, other: int) -> bool:
        if self._table.hit is Hit.UNIQUE:
            return True
        differ = self._table.rows[one].gives != self._table.rows[other].gives
        if self._table.hit is Hit.PRIORITY:
            return differ and self._priority(one) == self._priority(other)
        return self._table.hit is Hit.ANY and differ

    def _gaps(self) -> Iterator[Finding]:
        if self._table.otherwise:
            return
        found = self._program.boxes.gaps()
        for region in found[:SHOWN]:
            yield self._error(
                "gap",
                f"no row takes {self._region(region)}.",
                "Add a row, or say with `otherwise` what no hit means.",
            )
        yield from self._more(len(found), "gap", "gap", "gaps")

    def _more(self, number: int, code: str, one: str, several: str) -> Iterator[Finding]:
        if number > SHOWN:
            noun = one if number - SHOWN == 1 else several
            yield self._error(code, f"and {number - SHOWN:,} more {noun}.",
                              "Mend those that are listed first.")  # fmt: skip

    def _approvals_by_default(self) -> Iterator[Finding]:
        for number, row in enumerate(self._table.rows):
            if row.gives.get(OUTCOME) is Outcome.APPROVE and not self._is_limited(number):
                yield self._error(
                    "approves-by-default",
                    f"row {row.id} approves without a limit: no cell of it holds a value within "
                    "bounds.",
                    "Test at least one value in the row by levels or by a range with two ends.",
                )

    def _is_limited(self, number: int) -> bool:
        """Whether a cell leaves out some known values, and takes none without end."""
        accepted = self._program.boxes.rows[number]
        return any(
            (bits & axis.known)
            and (axis.known & ~bits)
            and not bits & axis.unbounded
            and axis.name != CURRENCY
            for axis, bits in zip(self._program.axes, accepted, strict=True)
        )

    def _region(self, region: Region) -> str:
        """A box in words, with a point in it."""
        shown = [
            (axis.words(bits), axis.witness(bits))
            for axis, bits in zip(self._program.axes, region, strict=True)
            if bits != axis.everything
        ]
        if not shown:
            return "any values"
        words, points = zip(*shown, strict=True)
        if words == points:
            return " with ".join(words)
        return f"{' with '.join(words)}, such as {', '.join(points)}"

    def _error(self, code: str, message: str, remedy: str) -> Finding:
        text = f"table {self._table.name}: {message}"
        return Finding(code, Severity.ERROR, self._where, text, remedy)


def _cases(program: Program, where: str) -> Iterator[Finding]:
    """Inputs whose missing or stale values are a case, which no row names."""
    for read, axis in zip(program.declaration.inputs, program.axes, strict=False):
        for state, place in (("missing", axis.missing), ("stale", axis.stale)):
            if place >= 0 and not _is_ever_named(program, axis, place):
                yield Finding(
                    "case-not-named",
                    Severity.ERROR,
                    where,
                    f"input {read.name}: `{state}: case`, but no row tests `{state}`.",
                    f"Name it in a row, or write `{state}: refuse`, `refer` or `decline`.",
                )


def _is_ever_named(program: Program, axis: Axis, place: int) -> bool:
    return any(
        table.naming(place, column)
        for table in program.tables
        for column, tested in enumerate(table.axes)
        if tested.name == axis.name
    )


def _slips(program: Program, where: str) -> Iterator[Finding]:
    """What may be meant, but seldom is."""
    tested = {name for table in program.declaration.tables for name in table.columns}
    for read in program.declaration.inputs:
        if read.name not in tested and read.name != CURRENCY:
            yield Finding(
                "input-not-tested",
                Severity.WARNING,
                where,
                f"input {read.name}: no table tests it, but without it nothing is decided.",
                "Take it out, or test it.",
            )
    rows = [row for table in program.declaration.tables for row in table.rows]
    if not any(row.gives.get(OUTCOME) is Outcome.APPROVE for row in rows):
        yield Finding(
            "nothing-approved",
            Severity.WARNING,
            where,
            f"None of {counted(len(rows), 'row')} approves, so nothing is approved.",
            "Add a row that says `outcome: approve`.",
        )
