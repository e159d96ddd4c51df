"""Replay: past decisions made again, by the engine that decided or by a candidate.

By the same engine every column must come out equal to the bit. By a candidate the difference is
told: who would be approved now, who no longer, and by how much amounts, losses and profit move.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from tradeline.risk.decisions.columns import Column, Columns, differing, read_columns
from tradeline.risk.decisions.deciding_columns import decide_all
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.log import Entry
from tradeline.risk.decisions.seen import applications_of
from tradeline.risk.decisions.stops import measure_of
from tradeline.risk.policy.declaration import Outcome

CHUNK = 100_000
APPROVE = str(Outcome.APPROVE)
# What every engine says; points and hits go by the engine's own factors and tables.
COMMON = ("outcome", "score", "pd", "grade", "amount_minor", "rate_annual", "term_months",
          "profit_minor", "loss_minor", "reason_1", "reason_2", "reason_3", "reason_4")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A decision that came out otherwise than it is logged, and in what."""

    decision: str
    column: str
    logged: Any
    replayed: Any


@dataclass(frozen=True, slots=True)
class Replayed:
    """How many decisions of a batch were made again, and which came out otherwise."""

    rows: int
    mismatches: tuple[Mismatch, ...]


def replay(root: Path, entry: Entry, engine: Engine) -> Replayed:
    """Make the decisions of a batch again by the engine that decided, and compare to the bit."""
    found: list[Mismatch] = []
    rows = 0
    for logged, again in replayed_chunks(root, entry, engine):
        rows += len(logged["decision"])
        found += _mismatches(logged, again)
    return Replayed(rows, tuple(found))


def replayed_chunks(
    root: Path, entry: Entry, engine: Engine
) -> Iterator[tuple[dict[str, Column], dict[str, Column]]]:
    """The records of a batch as logged and as an engine decides them, some at a time."""
    logged = read_columns(root / entry.file)
    at = datetime.fromisoformat(entry.at).replace(tzinfo=UTC)
    measures = tuple(measure_of(item) for item in entry.measures)
    for begin in range(0, entry.rows, CHUNK):
        part = {name: column[begin : begin + CHUNK] for name, column in logged.items()}
        yield part, decide_all(applications_of(part), engine, at, measures)


def _mismatches(logged: Columns, again: Columns) -> Iterator[Mismatch]:
    for name, unequal in differing(again, logged).items():
        for row in np.flatnonzero(unequal).tolist():
            yield Mismatch(str(logged["decision"][row]), name, logged[name][row], again[name][row])
