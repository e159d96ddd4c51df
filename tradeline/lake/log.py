"""The log of a lake: numbered entries, each naming the one before by its hash.

An entry says which files it adds and, for a compaction, which it replaces. A lake is what its log
says; a file that no entry names is not part of it.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.lake.shape import FieldShape, Shapes

LOG = "log"
NAME = re.compile(r"\d{8}\.json")
Kind = Literal["landing", "compaction", "erasure", "hold", "release"]


@dataclass(frozen=True, slots=True)
class DataFile:
    """One file of rows: its place in the lake, counts, hash, and the ranges of both clocks.

    `revisions` counts the rows whose key had been told before.
    """

    path: str
    dataset: str
    bucket: str
    rows: int
    revisions: int
    bytes: int
    sha256: str
    occurred: tuple[datetime, datetime]
    recorded: tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Told:
    """What a batch told of one contract: rows under new keys, revisions, rows told before."""

    new: int
    revisions: int
    repeated: int


@dataclass(frozen=True, slots=True)
class BatchRecord:
    """What the log says of a batch; `told` is by contract, and so is its shape.

    `position` is what its source goes on from after it, in the source's own words; most have none.
    """

    id: str
    source: str
    assurance: str
    content_hash: str
    told: Mapping[str, Told]
    refused: int
    shape: Shapes = field(default_factory=dict)
    position: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Act:
    """What was decided of subjects: their erasure, a legal hold, its release.

    `rows` counts by the subject's pseudonym and by contract the rows that it concerns; `at` is an
    ISO moment. `signature` is that of the holder of the lake's key.
    """

    rows: Mapping[str, Mapping[str, int]]
    reason: str
    at: str
    signature: str = ""

    @property
    def subjects(self) -> frozenset[str]:
        """The pseudonyms of the subjects."""
        return frozenset(self.rows)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `previous` is the hash of the entry before, or of the lake's birth certificate."""

    number: int
    previous: str
    kind: Kind
    adds: tuple[DataFile, ...]
    replaces: tuple[str, ...] = ()
    batch: BatchRecord | None = None
    act: Act | None = None

    @property
    def hash(self) -> str:
        """The hash of everything that the entry says."""
        return hash_bytes(canonical_json(_as_table(self)).encode())


def entry_path(root: Path, number: int) -> Path:
    """Where the entry of that number stands."""
    return root / LOG / f"{number:08d}.json"


def entry_text(entry: Entry) -> str:
    """The entry as it is written: one line of canonical JSON with its own hash."""
    return canonical_json(entry_table(entry)) + "\n"


def entry_table(entry: Entry) -> dict[str, Any]:
    """All that an entry says, and its own hash."""
    return _as_table(entry) | {"hash": entry.hash}


def unsigned_text(entry: Entry) -> str:
    """What the signature of an act covers: the entry without it, so its place in the chain too."""
    table = _as_table(entry)
    return canonical_json(table | {"act": table["act"] | {"signature": ""}})


def signed(entry: Entry, sign: Callable[[str], str]) -> Entry:
    """The entry with its act signed."""
    assert entry.act
    return replace(entry, act=replace(entry.act, signature=sign(unsigned_text(entry))))


def _as_table(entry: Entry) -> dict[str, Any]:
    table = asdict(entry)
    for file in table["adds"]:
        for clock in ("occurred", "recorded"):
            file[clock] = [moment.isoformat() for moment in file[clock]]
    # Left out where there is none, so that the hashes of entries without it stay.
    for name in ("shape", "position"):
        if table["batch"] and not table["batch"][name]:
            del table["batch"][name]
    return table


def read_log(root: Path, birth: str) -> tuple[Entry, ...]:
    """All entries in order; InputProblem names the first that is missing, altered or torn out.

    `birth` is what the first entry must name as the one before.
    """
    names = sorted(path.name for path in (root / LOG).iterdir() if NAME.fullmatch(path.name))
    entries: list[Entry] = []
    before = birth
    for number, name in enumerate(names, start=1):
        if name != f"{number:08d}.json":
            raise _bad(f"{LOG}/{number:08d}.json", "The entry is missing, later ones are there.")
        entry, own = _read_entry(root, name)
        if entry.number != number or entry.previous != before:
            raise _bad(f"{LOG}/{name}", "The entry does not follow the one before it.")
        entries.append(entry)
        before = own
    return tuple(entries)


def _read_entry(root: Path, name: str) -> tuple[Entry, str]:
    text = (root / LOG / name).read_text(encoding="utf-8", errors="replace")
    try:
        entry, own, is_whole = _parsed(text)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _bad(f"{LOG}/{name}", "The entry is torn: it is no whole entry.") from error
    if not is_whole:
        raise _bad(f"{LOG}/{name}", "The entry was altered: it does not have the hash it states.")
    return entry, own


# Every landing reads the whole log; by its text, an entry need be understood but once.
@lru_cache(maxsize=100_000)
def _parsed(text: str) -> tuple[Entry, str, bool]:
    """An entry, its hash, and whether it says of itself what is true."""
    table = json.loads(text)
    stated = table.pop("hash")
    entry = _from_table(table)
    return entry, entry.hash, entry_text(entry) == text and entry.hash == stated


def _from_table(table: dict[str, Any]) -> Entry:
    adds = tuple(_file(item) for item in table.pop("adds"))
    batch = table.pop("batch")
    if batch:
        told = {name: Told(**counts) for name, counts in batch.pop("told").items()}
        shape = {
            name: {
                field: FieldShape(tuple(item["origins"]), item["form"])
                for field, item in fields.items()
            }
            for name, fields in batch.pop("shape", {}).items()
        }
        batch = BatchRecord(**batch, told=told, shape=shape)
    act = table.pop("act")
    act = Act(**act) if act else None
    return Entry(**table | {"replaces": tuple(table["replaces"])}, adds=adds, batch=batch, act=act)


def _file(item: dict[str, Any]) -> DataFile:
    occurred, recorded = _range(item.pop("occurred")), _range(item.pop("recorded"))
    return DataFile(**item, occurred=occurred, recorded=recorded)


def _range(texts: list[str]) -> tuple[datetime, datetime]:
    first, last = texts
    return datetime.fromisoformat(first), datetime.fromisoformat(last)


def _bad(where: str, message: str) -> InputProblem:
    return problem(
        "bad-log",
        where,
        message,
        "Bring the lake back from a copy; what stands before this entry is sound.",
    )
