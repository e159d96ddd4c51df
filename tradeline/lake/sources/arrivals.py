"""Files that arrive somewhere, each a batch: new ones, and known names with other content.

A file is landed once it is quiet. What was landed of it (its hash, and the stamp by which the place
tells that it changed) is the position, so a file that has not changed is not even opened.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO, Protocol

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.kernel.moments import naive_utc
from tradeline.lake.mapping import FolderMapping
from tradeline.lake.sources.archives import check_workbook, is_archive, unpack
from tradeline.lake.sources.copying import Bounds, copy_bounded, unsafe_name
from tradeline.lake.sources.protocol import Delivery, Position, batch_id

QUIET_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Listed:
    """A file of a place: its name there, a stamp that changes with it, and when it changed.

    `changed_at` is aware; None where files appear whole.
    """

    name: str
    stamp: str
    changed_at: datetime | None


class Place(Protocol):
    """Where files arrive."""

    def listed(self) -> list[Listed]:
        """All files, in any order."""

    def look(self, name: str) -> Listed:
        """One file as it is now."""

    def open(self, name: str) -> IO[bytes]:
        """The bytes of a file."""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """How the files of a place are read.

    `mapping` names files by patterns: one with `/` is matched with the whole name, another with
    its last part. `learned_at` dates rows without clocks; None dates them by `clock`.
    """

    source: str
    mapping: FolderMapping
    clock: Callable[[], datetime]
    quiet_seconds: float = QUIET_SECONDS
    bounds: Bounds = field(default_factory=Bounds)
    learned_at: datetime | None = None

    def deliveries(self, place: Place, position: Position) -> Iterator[Delivery | Finding]:
        """What arrived and was not landed as of a position, oldest first."""
        now = self.clock()
        oldest = [(item.changed_at or now, item.name, item) for item in place.listed()]
        for _, name, item in sorted(oldest, key=lambda each: each[:2]):
            if position.get(name, "").partition(" ")[2] == item.stamp:
                continue
            odd = self._odd(item, now)
            if odd:
                yield odd
                continue
            with TemporaryDirectory() as folder:
                try:
                    yield from self._arrived(place, item, position, Path(folder))
                except FileNotFoundError:
                    continue  # gone since it was listed
                except InputProblem as refusal:
                    yield from refusal.findings

    def _odd(self, item: Listed, now: datetime) -> Finding | None:
        """Why a file is left where it is, if it is."""
        why = unsafe_name(item.name)
        if why:
            return Finding("unsafe-name", Severity.ERROR, repr(item.name),
                           f"The name {why}, so the file is not read.", "Rename it.")  # fmt: skip
        if not is_archive(item.name) and not self.mapping_of(item.name):
            return Finding("unmapped-file", Severity.WARNING, item.name,
                           "No `file` of the mapping fits it, so it is not read.",
                           "Map it, or take it out of there.")  # fmt: skip
        if item.changed_at and abs((now - item.changed_at).total_seconds()) < self.quiet_seconds:
            return _in_writing(item.name)
        return None

    def mapping_of(self, name: str) -> FolderMapping | None:
        """How a file of that name is read; None if nothing says so."""
        last = PurePosixPath(name).name
        sources = tuple(
            replace(source, file=name)
            for source in self.mapping.sources
            if fnmatchcase(name if "/" in source.file else last, source.file)
        )
        return replace(self.mapping, sources=sources) if sources else None

    def _arrived(
        self, place: Place, item: Listed, position: Position, folder: Path
    ) -> Iterator[Delivery | Finding]:
        landing = folder / "landing"
        target = landing / item.name
        # A listing may tell less of a file than a look at it does.
        before = place.look(item.name)
        with place.open(item.name) as stream:
            sha256 = copy_bounded(stream, target, item.name, self.bounds)
        if before.changed_at != item.changed_at or place.look(item.name) != before:
            yield _in_writing(item.name)
        elif position.get(item.name, "").partition(" ")[0] == sha256:
            return
        elif is_archive(item.name):
            yield from self._unpacked(item, target, sha256, position, folder)
        else:
            if item.name.lower().endswith(".xlsx"):
                check_workbook(target, item.name, self.bounds)
            after = {item.name: f"{sha256} {item.stamp}"}
            yield from self._delivery(item.name, sha256, position, after, landing)

    def _unpacked(
        self, item: Listed, archive: Path, sha256: str, position: Position, folder: Path
    ) -> Iterator[Delivery | Finding]:
        """The files of an archive, each a batch; with the last one the archive itself is told."""
        fresh = []
        for member in unpack(archive, item.name, folder / "members", self.bounds):
            name = f"{item.name}/{member.name}"
            if self.mapping_of(name) is None:
                yield Finding("unmapped-file", Severity.WARNING, name,
                              "No `file` of the mapping fits it, so it is not read.",
                              "Map it, or take it out of the archive.")  # fmt: skip
            elif position.get(name) != member.sha256:
                fresh.append((name, member))
        for number, (name, member) in enumerate(fresh):
            landing = folder / f"landing-{number}"
            (landing / name).parent.mkdir(parents=True)
            member.path.rename(landing / name)
            if name.lower().endswith(".xlsx"):
                check_workbook(landing / name, name, self.bounds)
            after = {name: member.sha256}
            if number == len(fresh) - 1:
                after[item.name] = f"{sha256} {item.stamp}"
            yield from self._delivery(name, member.sha256, position, after, landing)

    def _delivery(
        self, name: str, sha256: str, position: Position, after: Position, folder: Path
    ) -> Iterator[Delivery]:
        mapping = self.mapping_of(name)
        if mapping:
            before = position.get(name, "").partition(" ")[0]
            learned_at = self.learned_at or naive_utc(self.clock())
            identity = batch_id(self.source, name, sha256, before)
            yield Delivery(identity, folder, mapping, after, learned_at)


def _in_writing(name: str) -> Finding:
    return Finding("in-writing", Severity.NOTE, name,
                   "The file has just changed, so it may not be whole; it is left for now.",
                   "The next pull takes it once it is quiet.")  # fmt: skip
