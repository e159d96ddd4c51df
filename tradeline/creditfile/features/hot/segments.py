"""Segments of a hot store: rows of some enterprises, which later segments add to and revise.

Enterprises are numbered as they come. A base holds all rows of its enterprises up to an entry of
the lake, for numbers that follow each other; what came later stands in segments beside the bases.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.files import SegmentRecord, read_columns, write_columns
from tradeline.creditfile.features.hot.gather import gathered
from tradeline.creditfile.features.hot.needs import Need
from tradeline.creditfile.features.hot.revisions import Versions, supersede
from tradeline.creditfile.features.hot.rows import (
    Block,
    Rows,
    empty_rows,
    whole_superseded,
    with_superseded,
)

Array = NDArray[Any]

COLUMNS = (
    "offsets",
    "occurred",
    "recorded",
    "superseded",
    "day",
    "amounts",
    "numbers",
    "keys",
    "codes",
    "bits",
    "stamps",
    "identities",
    "latest",
)
MEMBERS, PATCH = "members", "patch"
Patches = Mapping[tuple[str, str], Array]
"""Rows of earlier segments, by segment and contract, and the moments that supersede them."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Rows of a store; `members` are the numbers of their enterprises, the smallest first."""

    record: SegmentRecord
    members: Array
    block: Block
    patches: Patches

    def places_of(self, firms: Array) -> Array:
        """Where enterprises stand in the segment, by their numbers; -1 for those that do not."""
        if not self.members.size:
            return np.full(firms.size, -1)
        if self.record.is_base:
            places = firms - self.members[0]
            return np.where((places >= 0) & (places < self.members.size), places, -1)
        places = np.minimum(np.searchsorted(self.members, firms), self.members.size - 1)
        return np.where(self.members[places] == firms, places, -1)


def write_segment(
    path: Path, members: Array, block: Block, is_base: bool, entry: int, patches: Patches
) -> SegmentRecord:
    """Write a block, and rows of earlier segments that it superseded, as a segment."""
    held = {name: rows for name, rows in block.rows.items() if rows.occurred.size}
    columns = [(MEMBERS, members)]
    columns += [(f"{n}.{c}", getattr(rows, c)) for n, rows in held.items() for c in COLUMNS]
    columns += [(f"{PATCH}.{name}.{other}", patch) for (other, name), patch in patches.items()]
    file, placed = write_columns(path, columns)
    bounds = {name: _bounds(rows) for name, rows in held.items()}
    return SegmentRecord(file, is_base, entry, placed, bounds)


def _bounds(rows: Rows) -> dict[str, Any]:
    skipped = {"need", *COLUMNS}
    return {f.name: getattr(rows, f.name) for f in fields(rows) if f.name not in skipped}


def read_segments(
    root: Path, records: Sequence[SegmentRecord], needs: Mapping[str, Need]
) -> tuple[Segment, ...]:
    """Segments with their columns mapped into memory, earlier rows superseded as later ones say."""
    found: dict[str, Segment] = {}
    for record in records:
        columns = read_columns(root, record)
        rows = {name: _rows(need, record, columns) for name, need in needs.items()}
        patches = dict(_patches(columns))
        for (other, contract), patch in patches.items():
            found[other] = _patched(found[other], contract, patch)
        found[record.file.path] = Segment(record, columns[MEMBERS], Block(rows), patches)
    return tuple(found.values())


def _patches(columns: Mapping[str, Array]) -> Iterator[tuple[tuple[str, str], Array]]:
    for name, patch in columns.items():
        if name.startswith(f"{PATCH}."):
            _, contract, other = name.split(".", 2)
            yield (other, contract), patch


def _rows(need: Need, record: SegmentRecord, columns: Mapping[str, Array]) -> Rows:
    bounds = record.bounds.get(need.contract)
    if bounds is None:
        return empty_rows(need, columns[MEMBERS].size)
    own: dict[str, Any] = {column: columns[f"{need.contract}.{column}"] for column in COLUMNS}
    return Rows(need=need, **own, **dict(bounds) | {"heaviest": tuple(bounds["heaviest"])})


def _patched(segment: Segment, contract: str, patch: Array) -> Segment:
    rows = with_superseded(segment.block.rows[contract], *patch)
    block = Block({**segment.block.rows, contract: rows})
    return replace(segment, block=block)


def revise(members: Array, block: Block, earlier: Sequence[Segment]) -> tuple[Block, Patches]:
    """Let new rows and earlier ones of their keys supersede each other.

    Gives the new rows so, and what is to be patched in earlier segments.
    """
    made, patches = dict(block.rows), {}
    for name, rows in block.rows.items():
        if not (rows.stamps & 1).any():
            continue
        own = _versions(rows)
        supersede(own, own, np.arange(members.size))
        for segment in earlier:
            old = segment.block.rows[name]
            theirs = _versions(old)
            changed = supersede(own, theirs, segment.places_of(members))
            if changed.size:
                patch = np.stack([changed, theirs[2][changed]])
                patches[segment.record.file.path, name] = patch
        hidden = np.flatnonzero(own[2] != whole_superseded(rows))
        made[name] = with_superseded(rows, hidden, own[2][hidden])
    return Block(made), patches


def _versions(rows: Rows) -> Versions:
    stamps, identities = map(np.ascontiguousarray, (rows.stamps, rows.identities))
    return (rows.offsets, rows.recorded, whole_superseded(rows).copy(), stamps, identities)


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Enterprises that a base has, or that came after the last one: numbers from first to last."""

    base: Segment | None
    first: int
    last: int

    @property
    def firms(self) -> Array:
        """The numbers of the enterprises."""
        return np.arange(self.first, self.last)


def parts_of(segments: Sequence[Segment], firms: int) -> tuple[Part, ...]:
    """All enterprises of a store in parts, one for each base."""
    bases = [segment for segment in segments if segment.record.is_base]
    bounds = [0, *(int(segment.members[0]) for segment in bases[1:]), firms]
    if not bases:
        return (Part(None, 0, firms),)
    return tuple(Part(base, *ends) for base, ends in zip(bases, pairwise(bounds), strict=True))


def merged(segments: Sequence[Segment], firms: Array) -> Block:
    """All rows of enterprises from segments, the largest first."""
    blocks = [segment.block for segment in segments]
    return gathered(blocks, [segment.places_of(firms) for segment in segments], stamped=True)


def patches_of(small: Sequence[Segment], bases: Sequence[Segment]) -> Patches:
    """What segments say together of rows in bases."""
    found = {}
    for base in bases:
        for name, rows in base.block.rows.items():
            where = (base.record.file.path, name)
            told = [segment.patches[where][0] for segment in small if where in segment.patches]
            if told:
                places = np.unique(np.concatenate(told))
                found[where] = np.stack([places, rows.superseded[places]])
    return found
