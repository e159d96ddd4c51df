"""The files of a hot store: plain columns in segments, and a manifest that says which count.

A segment is one file, written aside and moved into place; then the manifest is replaced in one
step. What no manifest names is not part of the store.
"""

import fcntl
import json
import mmap
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.events import After, Compare, Condition, MultipleOf, Present
from tradeline.creditfile.features.hot.needs import Need
from tradeline.kernel.hashing import canonical_json, hash_bytes, hash_file

Array = NDArray[Any]

MANIFEST = "manifest.json"
FORMAT = {"format": "tradeline-hot", "version": 2}
MARK = b"tradeline-hot 2\n"
ALIGNED = 64
OFTEN_ONE = ".stamps"
"""Columns that often have but one value: it is kept instead."""

CONDITIONS: dict[str, type[Condition]] = {
    kind.__name__: kind for kind in (Compare, After, Present, MultipleOf)
}


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A file of the store: its name, bytes and hash."""

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class SegmentRecord:
    """What the manifest says of a segment: its file, what it is, its columns, its bounds.

    `is_base` says that its enterprises stand in no other base; `entry` is the last entry of the
    lake that it holds rows of. A column is by name its type, shape, and place in the file, or the
    value that all its rows have. A contract has the numbers of `Rows` beside the columns.
    """

    file: FileRecord
    is_base: bool
    entry: int
    columns: Mapping[str, tuple[str, list[int], int | None, int]]
    bounds: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a store is: made for these needs, from this lake up to this entry, by this engine.

    `lake` is the hash of the lake's last entry by then. `generation` counts how often the manifest
    was written, so that no file is named twice. `firms` counts the enterprises, which are numbered
    as they come; `names` are the files that say their names. `identified` says whether rows can be
    told apart by their keys, which takes reading all of them.
    """

    needs: tuple[Need, ...]
    engine: str
    lake: str
    entry: int
    generation: int
    firms: int
    names: tuple[FileRecord, ...]
    segments: tuple[SegmentRecord, ...]
    identified: bool

    @property
    def files(self) -> tuple[FileRecord, ...]:
        """All files of the store."""
        return (*self.names, *(segment.file for segment in self.segments))

    def text(self) -> str:
        """The manifest as it is written: one line of canonical JSON with its own hash."""
        told = FORMAT | _shallow(self)
        told["needs"] = [_need_told(need) for need in self.needs]
        told["names"] = [_shallow(file) for file in self.names]
        told["segments"] = [
            _shallow(segment) | {"file": _shallow(segment.file)} for segment in self.segments
        ]
        return canonical_json(told | {"hash": hash_bytes(canonical_json(told).encode())}) + "\n"


def _shallow(record: Any) -> dict[str, Any]:
    """The fields of a record as they are, not copied."""
    return {field.name: getattr(record, field.name) for field in fields(record)}


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
        needs = tuple(_need(need) for need in told["needs"])
        names = tuple(FileRecord(**file) for file in told["names"])
        segments = tuple(
            SegmentRecord(**segment | {"file": FileRecord(**segment["file"])})
            for segment in told["segments"]
        )
        numbers = (told["entry"], told["generation"], told["firms"])
        places = (told["engine"], told["lake"], *numbers, names, segments)
        return Manifest(needs, *places, told["identified"])
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
    force(aside)
    aside.replace(root / MANIFEST)
    force(root)
    kept = {file.path for file in manifest.files}
    for path in root.iterdir():
        if is_of_store(path) and path.name not in kept:
            path.unlink()


def is_of_store(path: Path) -> bool:
    """Whether a file has the name of a segment or of names of enterprises."""
    return path.is_file() and path.name.partition("-")[0].isdigit()


def last_generation(root: Path) -> int:
    """The highest generation that a file of the store is named after."""
    names = (path.name.partition("-")[0] for path in root.iterdir() if is_of_store(path))
    return max(map(int, names), default=0)


@contextmanager
def only_writer(root: Path) -> Iterator[None]:
    """Hold the store's lock, waiting for a writer who has it; a killed writer's lock is free."""
    root.mkdir(parents=True, exist_ok=True)
    with (root / "lock").open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


Columns = Mapping[str, tuple[str, list[int], int | None, int]]


def write_columns(path: Path, columns: Iterable[tuple[str, Array]]) -> tuple[FileRecord, Columns]:
    """Write columns as one file, forced to the disk; what is to be known of it."""
    placed = {}
    with path.open("wb") as stream:
        stream.write(MARK)
        for name, values in columns:
            placed[name] = (values.dtype.str, list(values.shape), *_written(stream, name, values))
        stream.flush()
        os.fsync(stream.fileno())
    return recorded(path), placed


def _written(stream: BinaryIO, name: str, values: Array) -> tuple[int | None, int]:
    """Where a column was written; or nowhere, and its one value."""
    if name.endswith(OFTEN_ONE) and values.size and (values == values[0]).all():
        return None, int(values[0])
    stream.write(b"\0" * (-stream.tell() % ALIGNED))
    place = stream.tell()
    stream.write(np.ascontiguousarray(values).data)
    return place, 0


def recorded(path: Path) -> FileRecord:
    """What is to be known of a file that was written."""
    return FileRecord(path.name, path.stat().st_size, hash_file(path))


def is_whole(root: Path, file: FileRecord, by_hash: bool = False) -> bool:
    """Whether a file is there at its size; `by_hash` also with its content."""
    path = root / file.path
    try:
        return path.stat().st_size == file.bytes and (not by_hash or hash_file(path) == file.sha256)
    except OSError:
        return False


def read_columns(root: Path, segment: SegmentRecord) -> dict[str, Array]:
    """A segment's columns, mapped into memory; those of equal values take no room."""
    with (root / segment.file.path).open("rb") as stream:
        mapped = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_COPY)
    found = {}
    for name, (kind, shape, place, value) in segment.columns.items():
        if place is None:
            found[name] = np.broadcast_to(np.int64(value), shape)
        else:
            count = int(np.prod(shape))
            found[name] = np.frombuffer(mapped, kind, count, place).reshape(shape)
    return found


def force(path: Path) -> None:
    """Have the disk hold what was written to a file or folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
