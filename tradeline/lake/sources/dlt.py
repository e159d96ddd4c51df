"""A dlt resource, or anything else that gives dictionaries, as a source.

dlt is never imported here: a resource gives its items when it is gone through, as a list does. Its
own state is not used, for where we stand is kept in the lake.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from tradeline.kernel.findings import Finding, InputProblem, problem
from tradeline.kernel.hashing import hash_bytes
from tradeline.kernel.moments import naive_utc
from tradeline.lake.mapping import FolderMapping
from tradeline.lake.sources.delivering import ROWS, Records, files_of
from tradeline.lake.sources.high_water import Chunk, Mark, Overlap, Reading, chunks
from tradeline.lake.sources.protocol import Delivery, Position, Transient
from tradeline.lake.sources.rows import NoRecord, Record

# Gives the records of one name from a mark on; it may ignore the mark and give all of them.
Make = Callable[[str, Mark | None], Iterable[object]]
MAY_PASS = ("Timeout", "ConnectionError", "ConnectError", "TransportError", "ProtocolError")


@dataclass(frozen=True, slots=True)
class Resource:
    """Records that `make` gives, as a source.

    With `mark`, a field that rises in the order of the records, only what is new is told. Without
    it all are read each time, and batches that say what they said before are passed over.
    """

    name: str
    mapping: FolderMapping
    make: Make
    clock: Callable[[], datetime]
    mark: str | None = None
    overlap: Overlap = timedelta(0)
    rows: int = ROWS
    learned_at: datetime | None = None

    def deliveries(self, position: Position) -> Iterator[Delivery | Finding]:
        """What was not told as of a position, in the order of the records."""
        now = self.clock().astimezone(UTC)
        learned_at = self.learned_at or naive_utc(now)
        for file in files_of(self.mapping):
            records = Records(
                self.name, file, self.mapping, self.overlap, self.rows, learned_at, now
            )
            if self.mark:
                yield from records.deliveries(partial(self._open, file), position)
            else:
                yield from self._changed(records, position, now)

    def _changed(self, records: Records, position: Position, now: datetime) -> Iterator[Delivery]:
        """The batches that say otherwise than the one that was last told in their place."""
        file = records.file
        reading = Reading(file, records.columns, records.key, 0, self.rows)
        for number, chunk in enumerate(chunks(partial(self._open, file), {}, reading, now)):
            place = f"{file} {number}"
            content = hash_bytes("\n".join(chunk.lines).encode())
            if position.get(place) != content:
                told = Chunk(chunk.lines, {place: content})
                yield from records.delivery(told, {place: position.get(place, "")})

    def _open(self, file: str, since: Mark | None) -> Iterator[tuple[Mark | None, Record]]:
        try:
            for item in _flat(self.make(file, since)):
                yield self._marked(item)
        except InputProblem:
            raise
        except Exception as error:  # whatever the records come from
            raise _told(self.name, error) from error

    def _marked(self, item: object) -> tuple[Mark | None, Record]:
        if not isinstance(item, Mapping):
            return None, NoRecord(item if isinstance(item, str) else repr(item))
        record = {str(key): value for key, value in item.items()}
        return (_mark(record.get(self.mark)) if self.mark else None), record


def _flat(items: Iterable[object]) -> Iterator[object]:
    """Records one by one: some resources give them by lists or by tables."""
    for item in items:
        if isinstance(item, list):
            yield from item
        elif hasattr(item, "to_pylist"):
            yield from item.to_pylist()
        else:
            yield item


def _mark(value: object) -> Mark | None:
    """A value by which records are followed; None if it is none, as in a broken record."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, int | date) and not isinstance(value, bool) else None


def _told(name: str, error: Exception) -> Exception:
    """An error of foreign code as one that may pass, or as one that says what to do."""
    reason = _reason(error)
    kinds = {kind.__name__ for kind in type(reason).__mro__}
    lasting = isinstance(reason, FileNotFoundError | PermissionError)
    if not lasting and (
        isinstance(reason, OSError) or any(kind.endswith(MAY_PASS) for kind in kinds)
    ):
        return Transient(f"The records do not come ({type(reason).__name__}).")
    return problem(
        "resource-failed",
        name,
        f"What gives the records ended with {type(reason).__name__}.",
        "Run it by itself to see why; what came before is landed.",
    )


def _reason(error: BaseException) -> Any:
    """What an error began with: dlt wraps those of a resource."""
    return _reason(error.__cause__) if error.__cause__ else error
