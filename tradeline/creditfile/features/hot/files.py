"""The files of a hot store: plain columns in segments, and a manifest that says which count.

A segment is written aside and moved into place; then the manifest is replaced in one step. What no
manifest names is not part of the store.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.events import After, Compare, Condition, MultipleOf, Present
from tradeline.creditfile.features.hot.needs import Need
from tradeline.creditfile.features.hot.rows import Block, Rows, empty_rows
from tradeline.kernel.hashing import canonical_json, hash_bytes, hash_file

Array = NDArray[Any]

MANIFEST = "manifest.json"
NAMES = "enterprises.json"
FORMAT = {"format": "tradeline-hot", "version": 1}
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
)
CONDITIONS: dict[str, type[Condition]] = {
    kind.__name__: kind for kind in (Compare, After, Present, MultipleOf)
}


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """What the manifest says of a segment: its folder and bucket, its files by name, its bounds.

    A file has its bytes and hash, a contract the numbers of `Rows` beside the columns.
    """

    path: str
    bucket: str
    files: Mapping[str, tuple[int, str]]
    bounds: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a store is: made for these needs, from this lake up to this entry, by this engine.

    `lake` is the hash of the lake's last entry by then, or empty if the rows came from tables.
    `generation` counts how often the manifest was written, so that no folder is named twice.
    """

    needs: tuple[Need, ...]
    engine: str
    lake: str
    entry: int
    generation: int
    segments: tuple[SegmentRecord, ...]

    def text(self) -> str:
        """The manifest as it is written: one line of canonical JSON with its own hash."""
        told = FORMAT | {
            "needs": [_need_told(need) for need in self.needs],
            "engine": self.engine,
            "lake": self.lake,
            "entry": self.entry,
            "generation": self.generation,
            "segments": [asdict(segment) for segment in self.segments],
        }
        return canonical_json(told | {"hash": hash_bytes(canonical_json(told).encode())}) + "\n"


def read_manifest(root: Path) -> Manifest | None:
    """The manifest of a store; None if it is missing, torn, altered or of another kind."""
    try:
        told = json.loads((root / MANIFEST).read_text("utf-8"))
        stated = told.pop("hash")
        if (
            hash_bytes(canonical_json(told).encode()) != stated
            or not FORMAT.items() <= told.items()
        ):
            return None
        segments = [SegmentRecord(**segment) for segment in told["segments"]]
        needs = tuple(_need(need) for need in told["needs"])
        numbers = (told["entry"], told["generation"])
        return Manifest(needs, told["engine"], told["lake"], *numbers, tuple(segments))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _need_told(need: Need) -> dict[str, Any]:
    wheres = [[[type(c).__name__, asdict(c)] for c in where] for where in need.wheres]
    return asdict(need) | {"wheres": wheres}


def _need(told: dict[str, Any]) -> Need:
    wheres = [tuple(CONDITIONS[kind](**parts) for kind, parts in where) for where in told["wheres"]]
    grains = tuple(tuple(grain) for grain in told["grains"])
    amounts, numbers = tuple(told["amounts"]), tuple(told["numbers"])
    return Need(told["contract"], amounts, numbers, grains, tuple(wheres))


def replace_manifest(root: Path, manifest: Manifest) -> None:
    """Let the manifest count from now on, and remove what it does not name."""
    aside = root / f"{MANIFEST}.new"
    aside.write_text(manifest.text(), encoding="utf-8")
    _force(aside)
    aside.replace(root / MANIFEST)
    _force(root)
    kept = {segment.path for segment in manifest.segments}
    for folder in root.iterdir():
        if folder.is_dir() and folder.name not in kept:
            shutil.rmtree(folder, ignore_errors=True)


def last_generation(root: Path) -> int:
    """The highest generation that a folder of the store is named after."""
    names = (path.name.partition("-")[0] for path in root.iterdir() if path.is_dir())
    return max((int(name) for name in names if name.isdigit()), default=0)


@contextmanager
def only_writer(root: Path) -> Iterator[None]:
    """Hold the store's lock, waiting for a writer who has it; a killed writer's lock is free."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def write_segment(
    root: Path, name: str, bucket: str, block: Block, patches: Mapping[tuple[str, str], Array]
) -> SegmentRecord:
    """Write a block, and rows of earlier segments that it superseded, as a segment of a bucket.

    `patches` are by segment and contract: a line of rows and one of moments.
    """
    folder = root / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / NAMES).write_text(canonical_json(block.enterprises), encoding="utf-8")
    held = {contract: rows for contract, rows in block.rows.items() if rows.occurred.size}
    for contract, rows in held.items():
        for column in COLUMNS:
            np.save(folder / f"{contract}.{column}.npy", getattr(rows, column), allow_pickle=False)
    for (earlier, contract), patch in patches.items():
        np.save(folder / f"{earlier}.{contract}.patch.npy", patch, allow_pickle=False)
    files = {}
    for path in sorted(folder.iterdir()):
        _force(path)
        files[path.name] = (path.stat().st_size, hash_file(path))
    _force(folder)
    bounds = {contract: _bounds(rows) for contract, rows in held.items()}
    return SegmentRecord(folder.name, bucket, files, bounds)


def _bounds(rows: Rows) -> dict[str, Any]:
    skipped = {"need", *COLUMNS}
    return {f.name: getattr(rows, f.name) for f in fields(rows) if f.name not in skipped}


def is_whole(root: Path, segment: SegmentRecord, by_hash: bool = False) -> bool:
    """Whether every file of a segment is there at its size; `by_hash` also with its content."""
    for name, (size, stated) in segment.files.items():
        path = root / segment.path / name
        try:
            if path.stat().st_size != size or (by_hash and hash_file(path) != stated):
                return False
        except OSError:
            return False
    return True


def read_segment(root: Path, segment: SegmentRecord, needs: Mapping[str, Need]) -> Block:
    """A segment's rows, its columns mapped into memory; what is changed there stays there."""
    folder = root / segment.path
    names = tuple(json.loads((folder / NAMES).read_text("utf-8")))
    rows = {}
    for name, need in needs.items():
        bounds = segment.bounds.get(name)
        if bounds is None:
            rows[name] = _nobodys(need, len(names))
            continue
        columns: dict[str, Any] = {
            column: _mapped(folder / f"{name}.{column}.npy") for column in COLUMNS
        }
        told = dict(bounds) | {"heaviest": tuple(bounds["heaviest"])}
        rows[name] = Rows(need=need, **columns, **told)
    return Block(names, rows)


def read_patches(root: Path, segment: SegmentRecord) -> dict[tuple[str, str], Array]:
    """The rows of earlier segments that a segment superseded, by segment and contract."""
    found = {}
    for name in segment.files:
        if name.endswith(".patch.npy"):
            path, contract, *_ = name.split(".")
            found[path, contract] = np.load(root / segment.path / name, allow_pickle=False)
    return found


def _nobodys(need: Need, firms: int) -> Rows:
    return replace(empty_rows(need, 2), offsets=np.zeros(firms + 1, np.int64))


def _mapped(path: Path) -> Array:
    """A column as an ordinary array over mapped memory, so that loops take it for one."""
    try:
        return np.asarray(np.load(path, mmap_mode="c", allow_pickle=False))
    except ValueError:
        return np.asarray(np.load(path, allow_pickle=False))


def _force(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
