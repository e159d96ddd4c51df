"""Records read along a mark that only rises: a number or a moment that grows with each change.

Records that were committed late stand below the mark. They are looked for in an overlap before it:
if what is there says the same as when it was read, all of it was told; if not, it is told again,
and the lake finds what it has. So the position stays small: the mark and one hash.
"""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from tradeline.kernel.findings import problem
from tradeline.kernel.hashing import hash_bytes
from tradeline.lake.sources.protocol import Position
from tradeline.lake.sources.rows import NoRecord, Record, record_text

Mark = int | date | datetime
Overlap = int | timedelta
# Records from a mark on in its order; all of them where there is no mark yet.
Open = Callable[[Mark | None], Iterator[tuple[Mark | None, Record]]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How records are read: their name, columns, key, the overlap, and how many make a batch."""

    file: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    overlap: Overlap
    rows: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """Records for one batch, as lines, and the position after them."""

    lines: list[str]
    position: Position


def mark_text(mark: Mark) -> str:
    """A mark as it stands in a position."""
    if isinstance(mark, int):
        return f"number {mark}"
    kind = "moment" if isinstance(mark, datetime) else "day"
    return f"{kind} {mark.isoformat()}"


def mark_of(position: Position, file: str) -> Mark | None:
    """The mark of a position; None where nothing was read yet."""
    kind, _, text = position.get(f"{file} mark", "").partition(" ")
    readers: dict[str, Callable[[str], Mark]] = {
        "number": int,
        "moment": datetime.fromisoformat,
        "day": date.fromisoformat,
    }
    return readers[kind](text) if kind else None


def before(mark: Mark, overlap: Overlap) -> Mark:
    """Where the overlap before a mark begins; InputProblem if it is of another kind."""
    if isinstance(mark, int) and isinstance(overlap, int):
        return mark - overlap
    if isinstance(mark, date) and isinstance(overlap, timedelta):
        try:
            return mark - overlap if isinstance(mark, datetime) else mark - _whole_days(overlap)
        except OverflowError:  # it is the first moment of all
            return mark
    if not overlap:
        return mark
    raise problem(
        "bad-overlap",
        mark_text(mark),
        "The overlap and the column that is followed are of different kinds.",
        "For moments write `overlap: 10 minutes`, for numbers `overlap: 1000`.",
    )


def _whole_days(overlap: timedelta) -> timedelta:
    return timedelta(days=-(-overlap // timedelta(days=1)))


def chunks(open_from: Open, position: Position, reading: Reading, now: datetime) -> Iterator[Chunk]:
    """What was not told as of a position, cut into batches; `now` is aware.

    A batch also ends where a key comes again, for one batch tells one version of a key. A mark
    never rises beyond `now`: a date in the future would hide all that comes until then.
    """
    mark, seen = mark_of(position, reading.file), _Seen(reading.overlap)
    since = None if mark is None else before(mark, reading.overlap)
    skip = False
    if mark is not None:
        for at, record in _upto(mark, _from(since, open_from(since))):
            seen.add(at, record_text(reading.columns, record))
        skip = seen.digest(mark) == position.get(f"{reading.file} window")
        if not skip:
            seen = _Seen(reading.overlap)
    begin = mark if skip else since
    records = _from(begin, open_from(begin))
    if skip and mark is not None:
        records = _beyond(mark, records)
    yield from _Cutter(reading, mark, seen, now).cut(records)


def _key_of(mark: Mark) -> Mark:
    """A mark that can be compared: moments without a zone are UTC."""
    is_naive = isinstance(mark, datetime) and mark.tzinfo is None
    return mark.replace(tzinfo=UTC) if is_naive else mark  # type: ignore[union-attr, call-arg]


def _rises(one: Mark, other: Mark) -> bool:
    """Whether the other is larger."""
    return _key_of(one) < _key_of(other)  # type: ignore[operator]


def _from(
    since: Mark | None, records: Iterator[tuple[Mark | None, Record]]
) -> Iterator[tuple[Mark | None, Record]]:
    """Records from a mark on; one without a mark stands where the one before it does."""
    at = since
    for own, record in records:
        if own is not None and at is not None and _rises(own, at):
            if since is not None and _rises(own, since):
                continue
            raise problem(
                "not-in-order",
                mark_text(own),
                f"It comes after {mark_text(at)}, so a stop in between would lose records.",
                "Sort the records by the column that is followed, or follow none.",
            )
        at = at if own is None else own
        yield at, record


def _upto(
    mark: Mark, records: Iterator[tuple[Mark | None, Record]]
) -> Iterator[tuple[Mark | None, Record]]:
    for at, record in records:
        if at is not None and _rises(mark, at):
            return
        yield at, record


def _beyond(
    mark: Mark, records: Iterator[tuple[Mark | None, Record]]
) -> Iterator[tuple[Mark | None, Record]]:
    return ((at, record) for at, record in records if at is not None and _rises(mark, at))


class _Seen:
    """The hashes of the records in the overlap before the last mark."""

    def __init__(self, overlap: Overlap) -> None:
        self._overlap = overlap
        self._hashes: deque[tuple[Mark | None, bytes]] = deque()

    def add(self, at: Mark | None, line: str) -> None:
        self._hashes.append((at, hashlib.sha256(line.encode()).digest()))
        if at is not None:
            first = before(at, self._overlap)
            while self._hashes[0][0] is not None and _rises(self._hashes[0][0], first):
                self._hashes.popleft()

    def digest(self, mark: Mark) -> str:
        first = before(mark, self._overlap)
        inside = sorted(own for at, own in self._hashes if at is None or not _rises(at, first))
        return hash_bytes(b"".join(inside))


class _Cutter:
    """Cuts records into batches and says where each of them leaves the source."""

    def __init__(self, reading: Reading, mark: Mark | None, seen: _Seen, now: datetime) -> None:
        self._reading, self._seen = reading, seen
        self._mark = self._first = mark
        self._now = now
        self._start()

    def _start(self) -> None:
        self._lines: list[str] = []
        self._keys: set[tuple[object, ...]] = set()

    def cut(self, records: Iterator[tuple[Mark | None, Record]]) -> Iterator[Chunk]:
        for at, record in records:
            key = self._key(record)
            if len(self._lines) == self._reading.rows or (key and key in self._keys):
                yield self._chunk(is_last=False)
                self._start()
            if key:
                self._keys.add(key)
            self._take(at, record_text(self._reading.columns, record))
        if self._lines:
            yield self._chunk(is_last=True)

    def _key(self, record: Record) -> tuple[object, ...]:
        if isinstance(record, NoRecord):
            return ()
        return tuple(str(record.get(name)) for name in self._reading.key)

    def _take(self, at: Mark | None, line: str) -> None:
        self._lines.append(line)
        if at is None or _is_ahead(at, self._now):
            return
        self._seen.add(at, line)
        if self._mark is None or _rises(self._mark, at):
            self._mark = at

    def _chunk(self, is_last: bool) -> Chunk:
        moved = self._mark is not None and (
            is_last or self._first is None or _rises(self._first, self._mark)
        )
        if self._mark is None or not moved:
            return Chunk(self._lines, {})
        file = self._reading.file
        position = {
            f"{file} mark": mark_text(self._mark),
            f"{file} window": self._seen.digest(self._mark),
        }
        return Chunk(self._lines, position)


def _is_ahead(at: Mark, now: datetime) -> bool:
    if isinstance(at, int):
        return False
    if isinstance(at, datetime):
        return _rises(now, at)
    return at > now.date()
