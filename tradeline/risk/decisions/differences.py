"""What a candidate would change of each decision: points, PD, grade, rows, limit and price."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.lake.columns import Column, Columns, objects
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.log import Entry
from tradeline.risk.decisions.record import NO_SCORE, OFFERED, REASONS
from tradeline.risk.decisions.replay import replayed_chunks
from tradeline.risk.policy.axes import each_bit
from tradeline.risk.policy.program import TableProgram

# Before and after; None where a side has no such thing.
Sides = tuple[Any, Any]
FIGURES = ("outcome", "role", "score", "pd", "grade", *OFFERED)
KINDS = {"amount_minor": "limit", "rate_annual": "price", "term_months": "price",
         "profit_minor": "expected profit", "loss_minor": "expected loss", "pd": "PD"}  # fmt: skip
POINTS, HITS = "points.", "hits."
NONE_FIRED = "none"
Compared = dict[str, tuple[Column, Column, NDArray[np.bool_]]]


@dataclass(frozen=True, slots=True)
class Change:
    """One decision that a candidate would make otherwise, of each thing both sides.

    `figures` are the `FIGURES` that differ, `points` those of factors, `rows` the rows that fired
    by table of the policy, `reasons` the codes of both; only what differs stands there.
    """

    decision: str
    application: str
    enterprise: str
    figures: Mapping[str, Sides]
    points: Mapping[str, Sides]
    rows: Mapping[str, Sides]
    reasons: Sides | None

    @property
    def kinds(self) -> tuple[str, ...]:
        """What differs, in words."""
        found = [KINDS.get(name, name) for name in self.figures]
        found += ["points"] if self.points else []
        found += ["rows"] if self.rows else []
        found += ["reasons"] if self.reasons else []
        return tuple(dict.fromkeys(found))


@dataclass(slots=True)
class Summary:
    """What changed over many decisions, counted as they come.

    `moved` are, by factor, how many decisions have other points and by how many in all; a decision
    without points on one side is left out of the sum. `rows` are, by table and row, on how many it
    fires no more and on how many newly.
    """

    decisions: int = 0
    changed: int = 0
    outcomes: Counter[Sides] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    moved: dict[str, tuple[int, int]] = field(default_factory=dict)
    rows: dict[tuple[str, str], tuple[int, int]] = field(default_factory=dict)

    def add(self, change: Change) -> None:
        """Count one decision that differs."""
        self.changed += 1
        self.kinds.update(change.kinds)
        if "outcome" in change.figures:
            self.outcomes[change.figures["outcome"]] += 1
        for name, (before, after) in change.points.items():
            count, total = self.moved.get(name, (0, 0))
            by = 0 if before is None or after is None else after - before
            self.moved[name] = (count + 1, total + by)
        for table, (before, after) in change.rows.items():
            for row in set(before or ()) ^ set(after or ()):
                gone, new = self.rows.get((table, row), (0, 0))
                is_new = row in (after or ())
                self.rows[table, row] = (gone + (not is_new), new + is_new)


def changes(
    root: Path,
    entries: Sequence[tuple[Entry, Engine]],
    candidate: Engine,
    summary: Summary,
    beside: Callable[[Columns, Columns], None] | None = None,
) -> Iterator[Change]:
    """Each decision of some batches that a candidate would make otherwise, counted in `summary`.

    A batch comes with the engine that decided it, by which its rows of the policy are named.
    `beside` is shown all records, as logged and as made again, so that they are made but once.
    """
    for entry, engine in entries:
        for logged, again in replayed_chunks(root, entry, candidate):
            if beside:
                beside(logged, again)
            summary.decisions += len(logged["decision"])
            for change in changed_rows(logged, again, engine, candidate):
                summary.add(change)
                yield change


def changed_rows(
    logged: Columns, again: Columns, engine: Engine, candidate: Engine
) -> Iterator[Change]:
    """The rows that differ of records as logged and as a candidate makes them."""
    groups = (
        _unequal({name: logged[name] for name in FIGURES}, {n: again[n] for n in FIGURES}),
        _unequal(_beginning(logged, POINTS), _beginning(again, POINTS)),
        _unequal(_fired(logged, engine), _fired(again, candidate)),
        _unequal(_reasons(logged), _reasons(again)),
    )
    masks = [mask for group in groups for _, _, mask in group.values()]
    for row in np.flatnonzero(np.any(masks, axis=0)).tolist() if masks else ():
        figures, points, rows, reasons = (dict(_sides(group, row)) for group in groups)
        change = Change(
            str(logged["decision"][row]),
            str(logged["application"][row]),
            str(logged["enterprise"][row]),
            figures,
            points,
            rows,
            reasons.get("reasons"),
        )
        if change.kinds:
            yield change


def _sides(group: Compared, row: int) -> Iterator[tuple[str, Sides]]:
    """Both sides of what differs in a row; that there is no number is written in several ways."""
    for name, (one, other, mask) in group.items():
        if mask[row]:
            before, after = _plain(one[row]), _plain(other[row])
            if before != after:
                yield name, (before, after)


def _unequal(before: Columns, after: Columns) -> Compared:
    """Both sides of what differs anywhere, and where; a side that lacks a column has None."""
    found: Compared = {}
    rows = len(next(iter((*before.values(), *after.values())), ()))
    nothing = objects([None] * rows)
    for name in dict.fromkeys((*before, *after)):
        one, other = before.get(name, nothing), after.get(name, nothing)
        unequal = np.asarray(one != other, dtype=bool)
        if one.dtype.kind == other.dtype.kind == "f":
            unequal &= ~(np.isnan(one) & np.isnan(other))
        if unequal.any():
            found[name] = (one, other, unequal)
    return found


def _beginning(columns: Columns, prefix: str) -> Columns:
    return {n.removeprefix(prefix): column for n, column in columns.items() if n.startswith(prefix)}


def _fired(columns: Columns, engine: Engine) -> Columns:
    """By table of the policy the rows that fired, None where it was not asked."""
    found = {}
    for table in engine.policy.program.tables:
        hits = columns[HITS + table.table.name].tolist()
        known = {hit: _rows(table, int(hit)) if hit else None for hit in set(hits)}
        found[table.table.name] = objects([known[hit] for hit in hits])
    return found


def _rows(table: TableProgram, hits: int) -> tuple[str, ...]:
    rows = table.table.rows
    return tuple(rows[number].id for number in each_bit(table.result_of(hits).fired))


def _reasons(columns: Columns) -> Columns:
    codes = zip(*(columns[name].tolist() for name in REASONS), strict=True)
    return {"reasons": objects([tuple(filter(None, row)) for row in codes])}


def _plain(value: Any) -> Any:
    """A value of a record; None where there is no number."""
    value = value.item() if isinstance(value, np.generic) else value
    return None if value != value or value == NO_SCORE else value


def summary_lines(summary: Summary, parts: Sequence[str]) -> Iterator[str]:
    """The summary in words; `parts` of the candidate are others than decided last."""
    other = f" (other than decided last: {', '.join(parts)})" if parts else ""
    yield (
        f"{summary.changed:,} of {summary.decisions:,} decisions would differ by the candidate"
        f"{other}."
    )
    if summary.kinds:
        yield "  " + ", ".join(f"{kind} of {count:,}" for kind, count in sorted(
            summary.kinds.items(), key=lambda item: (-item[1], item[0])))  # fmt: skip
    for (before, after), count in sorted(summary.outcomes.items()):
        yield f"  {before} -> {after}: {count:,}"
    for name, (count, total) in sorted(summary.moved.items()):
        yield f"  points of {name}: {count:,} moved, by {total / count:+.1f} on average"
    for (table, row), (gone, new) in sorted(summary.rows.items()):
        yield f"  row {row} of {table}: fires no more on {gone:,}, newly on {new:,}"
