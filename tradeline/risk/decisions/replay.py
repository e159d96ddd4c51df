"""Replay: past decisions made again, by the engine that decided or by a candidate.

By the same engine every column must come out equal to the bit. What a candidate would change is
what `backtest.py` tells.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from tradeline.lake.columns import Column, Columns, differing, read_columns
from tradeline.risk.decisions.batch import Dealing, decide_batch
from tradeline.risk.decisions.engine import Engine
from tradeline.risk.decisions.log import Entry
from tradeline.risk.decisions.measures import measures_of
from tradeline.risk.decisions.seen import applications_of

CHUNK = 100_000


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
    measures, spent_minor = measures_of(entry.measures), entry.spent_minor
    for begin in range(0, entry.rows, CHUNK):
        part = {name: column[begin : begin + CHUNK] for name, column in logged.items()}
        seen = applications_of(part)
        dealing = Dealing(entry.role, entry.propensity, spent_minor)
        again, spent_minor = decide_batch(seen, engine, at, measures, dealing)
        yield part, again


def _mismatches(logged: Columns, again: Columns) -> Iterator[Mismatch]:
    for name, unequal in differing(again, logged).items():
        for row in np.flatnonzero(unequal).tolist():
            yield Mismatch(str(logged["decision"][row]), name, logged[name][row], again[name][row])
