"""The hot store: the kernel's layout kept on disk, made from a lake and grown with it.

Rows stand in segments, by bucket of their enterprise. New entries of the lake become a small
segment of each bucket that they touch; a bucket of many segments is merged into one. The lake alone
is believed: a store that is torn, or made from another lake, by another engine or for other
features, is made anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.hot.buckets import Bucket, merged_buckets, read_bucket, revise
from tradeline.creditfile.features.hot.compiling import require_compiler
from tradeline.creditfile.features.hot.files import (
    Manifest,
    is_whole,
    last_generation,
    only_writer,
    read_manifest,
    replace_manifest,
    write_segment,
)
from tradeline.creditfile.features.hot.needs import NEVER, Need
from tradeline.creditfile.features.hot.prepared import needs_for, require_no_partners
from tradeline.creditfile.features.hot.rows import Block, empty_rows
from tradeline.creditfile.features.hot.source import lake_blocks
from tradeline.creditfile.features.persons import reads_persons
from tradeline.creditfile.linkage.entities import Spell, spells
from tradeline.creditfile.linkage.links import read_sayings
from tradeline.kernel.findings import problem
from tradeline.lake.store import Lake, birth_hash

PLAIN = tuple(feature for feature in CATALOGUE if not reads_persons(feature))
"""The features of the catalogue that a store can serve: those that read no personal value."""

MOST_SEGMENTS = 8
"""How many segments a bucket may have before they are merged."""

BUCKET = 2**32
"""More enterprises than a bucket has."""


@dataclass(frozen=True, slots=True, eq=False)
class HotStore:
    """An open store. `places` says where an enterprise stands: bucket times `BUCKET`, plus place.

    `begun` is the first moment at which any row of a contract is seen. `spells` say by enterprise
    when it was one with others; of these `lake` answers.
    """

    root: Path
    manifest: Manifest
    needs: Mapping[str, Need]
    buckets: tuple[Bucket, ...]
    places: Mapping[str, int]
    begun: Mapping[str, int]
    nobody: Block
    spells: Mapping[str, Sequence[Spell]] = field(default_factory=dict)
    lake: Lake | None = None


def open_store(root: Path, lake: Lake, features: Sequence[Feature] = PLAIN) -> HotStore:
    """The store in a folder as the lake now stands: grown by what is new, or made anew.

    A new or empty folder becomes a store. InputProblem without numba, if a sum overflows, if the
    folder holds something else, for features that read personal values, as erasing a person in
    the lake would not reach them here, or for features of partners, whose names it does not keep.
    """
    require_compiler()
    _require_plain(features)
    _require_own(root)
    with only_writer(root):
        manifest = read_manifest(root)
        needs = needs_for(features)
        if manifest is None or not _serves(root, manifest, lake, needs):
            manifest = _unwritten(tuple(needs.values()))
        if manifest.entry < len(lake.entries) or not manifest.generation:
            manifest = _grown(root, manifest, lake)
        return replace(read_store(root, manifest), spells=_spells(lake), lake=lake)


def _spells(lake: Lake) -> dict[str, list[Spell]]:
    """By enterprise of which links ever said same, when it was one with others; maybe never."""
    sayings = read_sayings(lake)
    found: dict[str, list[Spell]] = {
        enterprise: []
        for saying in sayings
        if saying.relation == "same"
        for enterprise in saying.pair
    }
    for spell in spells(sayings):
        found[spell.enterprise].append(spell)
    return found


def verify_store(root: Path) -> bool:
    """Whether the store is what its manifest says, by the hash of every file."""
    manifest = read_manifest(root)
    return manifest is not None and all(is_whole(root, s, True) for s in manifest.segments)


def _require_plain(features: Sequence[Feature]) -> None:
    for feature in features:
        if reads_persons(feature):
            raise problem(
                "personal-feature",
                feature.name,
                "It reads personal values, which a hot store does not keep.",
                "Leave it out, and compute it from the lake.",
            )
    require_no_partners(features)


def _require_own(root: Path) -> None:
    if not root.exists() or read_manifest(root) or not any(root.iterdir()):
        return
    strangers = [p.name for p in root.iterdir() if not _is_ours(p)]
    if strangers:
        raise problem(
            "folder-not-empty",
            str(root),
            f"A hot store needs a folder of its own; this one holds {min(strangers)}.",
            "Name another folder.",
        )


def _is_ours(path: Path) -> bool:
    if path.is_dir():
        return path.name.partition("-")[0].isdigit()
    return path.name in ("lock", "manifest.json", "manifest.json.new")


def _serves(root: Path, manifest: Manifest, lake: Lake, needs: Mapping[str, Need]) -> bool:
    """Whether a store is whole, of this lake, by this engine, and has what is needed."""
    held = {need.contract: need for need in manifest.needs}
    return (
        manifest.engine == duckdb.__version__
        and all(name in held and held[name].covers(need) for name, need in needs.items())
        and manifest.entry <= len(lake.entries)
        and manifest.lake == lake_hash(lake, manifest.entry)
        and all(is_whole(root, segment) for segment in manifest.segments)
    )


def lake_hash(lake: Lake, entry: int) -> str:
    """The hash of a lake's entry, or of its birth certificate for 0."""
    return lake.entries[entry - 1].hash if entry else birth_hash(lake.root)


def _unwritten(needs: tuple[Need, ...]) -> Manifest:
    return Manifest(needs, duckdb.__version__, "", 0, 0, ())


def _grown(root: Path, manifest: Manifest, lake: Lake) -> Manifest:
    needs = {need.contract: need for need in manifest.needs}
    blocks = lake_blocks(lake, needs, manifest.entry)
    entry = len(lake.entries)
    return add_blocks(root, manifest, blocks, lake_hash(lake, entry), entry)


def add_blocks(
    root: Path,
    manifest: Manifest,
    blocks: Iterable[tuple[str, Block]],
    lake: str,
    entry: int,
) -> Manifest:
    """A store with new rows, each bucket's as a segment, written and counting from now on."""
    generation = max(manifest.generation, last_generation(root)) + 1
    segments = list(manifest.segments)
    needs = {need.contract: need for need in manifest.needs}
    for bucket, block in blocks:
        earlier = read_bucket(root, [s for s in segments if s.bucket == bucket], needs)
        patches = revise(block, earlier)
        name = f"{generation:08d}-{bucket}"
        segments.append(write_segment(root, name, bucket, block, patches))
    grown = replace(
        manifest, lake=lake, entry=entry, generation=generation, segments=tuple(segments)
    )
    grown = merged_buckets(root, grown, MOST_SEGMENTS)
    replace_manifest(root, grown)
    return grown


def read_store(root: Path, manifest: Manifest) -> HotStore:
    """The store that a manifest tells of, its columns mapped into memory."""
    needs = {need.contract: need for need in manifest.needs}
    names = sorted({segment.bucket for segment in manifest.segments})
    buckets = tuple(
        read_bucket(root, [s for s in manifest.segments if s.bucket == name], needs)
        for name in names
    )
    places = {
        enterprise: number * BUCKET + place
        for number, bucket in enumerate(buckets)
        for place, enterprise in enumerate(bucket.enterprises)
    }
    begun = {
        name: min(
            (s.block.rows[name].begun for bucket in buckets for s in bucket.segments),
            default=NEVER,
        )
        for name in needs
    }
    nobody = Block((), {name: empty_rows(need) for name, need in needs.items()})
    return HotStore(root, manifest, needs, buckets, places, begun, nobody)
