"""Buckets of a hot store: segments of rows of the same enterprises, the earlier ones revised."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.hot.files import (
    Manifest,
    SegmentRecord,
    read_patches,
    read_segment,
    write_segment,
)
from tradeline.creditfile.features.hot.gather import gathered
from tradeline.creditfile.features.hot.needs import Need
from tradeline.creditfile.features.hot.revisions import Versions, supersede
from tradeline.creditfile.features.hot.rows import Block, Rows
from tradeline.creditfile.features.hot.sorting import first_seen

Array = NDArray[Any]


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Rows of a bucket; `local` says where each enterprise of the bucket stands in them, or -1."""

    record: SegmentRecord
    block: Block
    local: Array


@dataclass(frozen=True, slots=True, eq=False)
class Bucket:
    """Enterprises of one bucket, sorted, with their rows in segments."""

    enterprises: tuple[str, ...]
    segments: tuple[Segment, ...]

    def gathered(self, numbers: Array) -> Block:
        """The rows of enterprises from all segments as one block."""
        return gathered(
            [segment.block for segment in self.segments],
            [segment.local[numbers] for segment in self.segments],
            [self.enterprises[number] for number in numbers.tolist()],
        )


def read_bucket(root: Path, records: Sequence[SegmentRecord], needs: Mapping[str, Need]) -> Bucket:
    """The segments of one bucket, earlier rows superseded as later segments say."""
    blocks = {record.path: read_segment(root, record, needs) for record in records}
    for record in records:
        for (path, contract), patch in read_patches(root, record).items():
            blocks[path] = _revised(blocks[path], contract, patch)
    enterprises = tuple(sorted({e for block in blocks.values() for e in block.enterprises}))
    numbers = {enterprise: number for number, enterprise in enumerate(enterprises)}
    segments = []
    for record in records:
        block = blocks[record.path]
        local = np.full(len(enterprises), -1, np.int64)
        local[[numbers[e] for e in block.enterprises]] = np.arange(len(block.enterprises))
        segments.append(Segment(record, block, local))
    return Bucket(enterprises, tuple(segments))


def _revised(block: Block, contract: str, patch: Array) -> Block:
    rows = block.rows[contract]
    rows.superseded[patch[0]] = patch[1]
    begun = int(first_seen(rows.occurred, rows.recorded, rows.superseded))
    return Block(block.enterprises, {**block.rows, contract: replace(rows, begun=begun)})


def revise(block: Block, earlier: Bucket) -> dict[tuple[str, str], Array]:
    """Let new rows and earlier ones of their keys supersede each other.

    Gives what is to be patched in earlier segments, by segment and contract: rows and moments.
    """
    numbers = {enterprise: number for number, enterprise in enumerate(earlier.enterprises)}
    places = np.array([numbers.get(e, -1) for e in block.enterprises], np.int64)
    patches = {}
    for contract, rows in block.rows.items():
        own = _versions(rows)
        supersede(own, own, np.arange(len(block.enterprises)))
        for segment in earlier.segments:
            old = segment.block.rows[contract]
            local = (
                np.where(places >= 0, segment.local[places], -1) if segment.local.size else places
            )
            changed = supersede(own, _versions(old), local)
            if changed.size:
                patch = np.stack([changed, old.superseded[changed]])
                patches[segment.record.path, contract] = patch
    return patches


def _versions(rows: Rows) -> Versions:
    return (rows.offsets, rows.recorded, rows.superseded, rows.stamps)


def merged_buckets(root: Path, manifest: Manifest, most: int) -> Manifest:
    """A store whose buckets of more than `most` segments, or of late ones that weigh, are one."""
    needs = {need.contract: need for need in manifest.needs}
    segments = list(manifest.segments)
    for name in sorted({segment.bucket for segment in segments}):
        own = [segment for segment in segments if segment.bucket == name]
        if len(own) <= most:
            continue
        bucket = read_bucket(root, own, needs)
        block = bucket.gathered(np.arange(len(bucket.enterprises)))
        folder = f"{manifest.generation:08d}-{name}-merged"
        merged = write_segment(root, folder, name, block, {})
        segments = [*(s for s in segments if s.bucket != name), merged]
    return replace(manifest, segments=tuple(segments))
