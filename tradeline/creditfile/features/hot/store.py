"""The hot store: the kernel's layout kept on disk, made from a lake and grown with it.

Rows stand in segments: bases, and small ones for new entries of the lake. Many small ones are
merged into one, and into the bases once they weigh. The lake alone is believed: a store that is
torn, or made from another lake, by another engine or for other features, is made anew.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.hot.compiling import require_compiler
from tradeline.creditfile.features.hot.files import (
    MANIFEST,
    Manifest,
    SegmentRecord,
    is_of_store,
    is_whole,
    last_generation,
    only_writer,
    read_manifest,
    replace_manifest,
)
from tradeline.creditfile.features.hot.needs import NEVER, Need
from tradeline.creditfile.features.hot.prepared import needs_for, require_no_partners
from tradeline.creditfile.features.hot.rows import Block, empty_rows
from tradeline.creditfile.features.hot.segments import (
    Part,
    Segment,
    merged,
    parts_of,
    patches_of,
    read_segments,
    revise,
    write_segment,
)
from tradeline.creditfile.features.hot.source import NewRows, names_sql
from tradeline.creditfile.features.persons import reads_persons
from tradeline.kernel.findings import problem
from tradeline.lake.store import Lake, birth_hash

if TYPE_CHECKING:
    from tradeline.creditfile.linkage.entities import Spell

Array = NDArray[Any]

PLAIN = tuple(feature for feature in CATALOGUE if not reads_persons(feature))
"""The features of the catalogue that a store can serve: those that read no personal value."""

MOST_SEGMENTS = 8
"""How many small segments a store may have before they are merged."""

HEAVY = 0.25
"""From which share of the rows of bases on small segments are merged into them."""

STANDING = "standing.npz"


@dataclass(frozen=True, eq=False)
class HotStore:
    """An open store. `begun` is the first moment at which any row of a contract is seen.

    `spells` say by enterprise when it was one with others; of these `lake` answers.
    """

    root: Path
    manifest: Manifest
    needs: Mapping[str, Need]
    segments: tuple[Segment, ...]
    begun: Mapping[str, int]
    nobody: Block
    spells: Mapping[str, "Sequence[Spell]"] = field(default_factory=dict)
    lake: Lake | None = None

    @cached_property
    def places(self) -> Mapping[str, int]:
        """The number of each enterprise by name."""
        if not self.manifest.names:
            return {}
        with duckdb.connect() as connection:
            query = f"SELECT enterprise, firm FROM {names_sql(self.root, self.manifest)}"
            return dict(connection.execute(query).fetchall())

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """All enterprises in parts, one for each base."""
        return parts_of(self.segments, self.manifest.firms)

    @cached_property
    def small(self) -> tuple[Segment, ...]:
        """The segments beside the bases."""
        return tuple(segment for segment in self.segments if not segment.record.is_base)

    @cached_property
    def spread(self) -> Array:
        """Whether each enterprise has rows outside of its base, by number."""
        spread = np.zeros(self.manifest.firms, np.bool_)
        for segment in self.small:
            spread[segment.members] = True
        return spread


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
            made = (duckdb.__version__, "", 0, 0, 0, (), ())
            manifest = Manifest(tuple(needs.values()), *made, _revises(lake, needs))
        if manifest.entry < len(lake.entries) or not manifest.generation:
            store = _grown(root, manifest, lake)
        else:
            store = read_store(root, manifest)
        return replace(store, spells=_spells(lake), lake=lake)


def _spells(lake: Lake) -> "dict[str, list[Spell]]":
    """By enterprise of which links ever said same, when it was one with others; maybe never."""
    if not lake.files_of("links"):
        return {}
    # What reads links takes longer to import than most stores to open.
    from tradeline.creditfile.linkage.entities import spells
    from tradeline.creditfile.linkage.links import read_sayings

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
    return manifest is not None and all(is_whole(root, file, True) for file in manifest.files)


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
    return is_of_store(path) or path.name in (
        "lock", MANIFEST, f"{MANIFEST}.new", STANDING, f"{STANDING}.new"
    )  # fmt: skip


def _serves(root: Path, manifest: Manifest, lake: Lake, needs: Mapping[str, Need]) -> bool:
    """Whether a store is whole, of this lake, by this engine, and has what is needed."""
    held = {need.contract: need for need in manifest.needs}
    return (
        manifest.engine == duckdb.__version__
        and all(name in held and held[name].covers(need) for name, need in needs.items())
        and manifest.entry <= len(lake.entries)
        and manifest.lake == lake_hash(lake, manifest.entry)
        and (manifest.identified or not _revises(lake, held))
        and all(is_whole(root, file) for file in manifest.files)
    )


def _revises(lake: Lake, needs: Mapping[str, Need]) -> bool:
    """Whether any row revises another, so that keys have to be known."""
    return any(file.revisions for file in lake.files if file.dataset in needs)


def lake_hash(lake: Lake, entry: int) -> str:
    """The hash of a lake's entry, or of its birth certificate for 0."""
    return lake.entries[entry - 1].hash if entry else birth_hash(lake.root)


def _grown(root: Path, manifest: Manifest, lake: Lake) -> HotStore:
    """A store with the new rows of a lake as segments, written and counting from now on."""
    entry, generation = len(lake.entries), max(manifest.generation, last_generation(root)) + 1
    if not manifest.generation:
        (root / STANDING).unlink(missing_ok=True)
    store = _merged(read_store(root, manifest), generation)
    known = store.manifest
    records = list(known.segments)
    with NewRows(lake, root, known, store.needs) as rows:
        for number, (members, block) in enumerate(rows.blocks()):
            block, patches = revise(members, block, store.segments)
            path = root / f"{generation:08d}-{number}.rows"
            is_base = not known.entry
            records.append(write_segment(path, members, block, is_base, entry, patches))
        names = rows.write_names(root / f"{generation:08d}-names.parquet")
        grown = replace(
            known,
            lake=lake_hash(lake, entry),
            entry=entry,
            generation=generation,
            firms=rows.firms,
            names=(*known.names, *names),
            segments=tuple(records),
        )
    replace_manifest(root, grown)
    return read_store(root, grown)


def _merged(store: HotStore, generation: int) -> HotStore:
    """A store whose small segments are one if they were many, and in the bases if they weigh."""
    bases = [segment for segment in store.segments if segment.record.is_base]
    small = store.small
    if len(small) < MOST_SEGMENTS:
        return store
    weighs = sum(map(_size, small)) >= HEAVY * sum(map(_size, bases))
    made = (
        _into_bases(store, small, generation)
        if weighs
        else [_into_one(store, bases, small, generation)]
    )
    kept = () if weighs else tuple(segment.record for segment in bases)
    manifest = replace(store.manifest, segments=(*kept, *made))
    return read_store(store.root, manifest)


def _size(segment: Segment) -> int:
    return sum(rows.occurred.size for rows in segment.block.rows.values())


def _into_one(
    store: HotStore, bases: Sequence[Segment], small: Sequence[Segment], generation: int
) -> SegmentRecord:
    firms = np.unique(np.concatenate([segment.members for segment in small]))
    path = store.root / f"{generation:08d}-merged.rows"
    patches = patches_of(small, bases)
    return write_segment(path, firms, merged(small, firms), False, store.manifest.entry, patches)


def _into_bases(
    store: HotStore, small: Sequence[Segment], generation: int
) -> Iterator[SegmentRecord]:
    for number, part in enumerate(store.parts):
        block = merged([part.base, *small] if part.base else small, part.firms)
        path = store.root / f"{generation:08d}-merged-{number}.rows"
        yield write_segment(path, part.firms, block, True, store.manifest.entry, {})


def read_store(root: Path, manifest: Manifest) -> HotStore:
    """The store that a manifest tells of, its columns mapped into memory."""
    needs = {need.contract: need for need in manifest.needs}
    segments = read_segments(root, manifest.segments, needs)
    begun = {
        name: min((segment.block.rows[name].begun for segment in segments), default=NEVER)
        for name in needs
    }
    nobody = Block({name: empty_rows(need) for name, need in needs.items()})
    return HotStore(root, manifest, needs, segments, begun, nobody)
