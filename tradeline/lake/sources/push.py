"""Deliveries that others send: each waits in a short queue until it stands in the lake."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from tempfile import TemporaryDirectory
from threading import BoundedSemaphore, Event
from typing import Literal

from tradeline.kernel.findings import Finding, problem
from tradeline.kernel.moments import naive_utc
from tradeline.lake.mapping import FolderMapping
from tradeline.lake.row_readers import json_object
from tradeline.lake.sources.delivering import ENDING, files_of, mapping_of
from tradeline.lake.sources.protocol import Delivery, Outcome, Position
from tradeline.lake.sources.rows import NoRecord, Record, columns_of, record_text

WAITING = 8
POLL_SECONDS = 0.1
LONGEST_KEY = 100
BodyKind = Literal["json lines", "csv"]


@dataclass(frozen=True, slots=True)
class Pushed:
    """What somebody sent: under which name of the mapping, its key, and the text of its rows."""

    file: str
    key: str
    kind: BodyKind
    body: bytes


class Push:
    """A source to which others send; `send` gives what became of a delivery once it is known."""

    def __init__(
        self,
        name: str,
        mapping: FolderMapping,
        clock: Callable[[], datetime],
        waiting: int = WAITING,
        learned_at: datetime | None = None,
    ) -> None:
        self._name, self.mapping, self._clock = name, mapping, clock
        self._learned_at = learned_at
        self._places = BoundedSemaphore(waiting)
        self._sent: SimpleQueue[Delivery] = SimpleQueue()
        self._closed = Event()

    @property
    def name(self) -> str:
        """Who tells."""
        return self._name

    @property
    def files(self) -> tuple[str, ...]:
        """The names under which records can be sent."""
        return files_of(self.mapping)

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is received."""
        return self._closed.is_set()

    def close(self) -> None:
        """End `deliveries` once all that waits is landed."""
        self._closed.set()

    def deliveries(self, position: Position) -> Iterator[Delivery | Finding]:
        """What is sent, in the order in which it came, until the source is closed."""
        del position  # who sends goes on from where they were answered
        while True:
            try:
                yield self._sent.get(timeout=POLL_SECONDS)
            except Empty:
                if self._closed.is_set():
                    return

    @contextmanager
    def place(self) -> Iterator[bool]:
        """A place in the queue, or False if it is full: who sends must wait."""
        got = self._places.acquire(blocking=False)
        try:
            yield got
        finally:
            if got:
                self._places.release()

    def send(self, pushed: Pushed, seconds: float) -> Outcome | None:
        """Land what was sent and say what became of it; None if that takes longer than `seconds`.

        InputProblem for a key that is none.
        """
        _check_key(pushed.key)
        answered, outcomes = Event(), list[Outcome]()

        def answer(outcome: Outcome) -> None:
            outcomes.append(outcome)
            answered.set()

        with TemporaryDirectory() as folder:
            self._sent.put(self._delivery(pushed, Path(folder), answer))
            answered.wait(seconds)
        return outcomes[0] if outcomes else None

    def _delivery(
        self, pushed: Pushed, folder: Path, answer: Callable[[Outcome], None]
    ) -> Delivery:
        return Delivery(
            f"{self.name}-{pushed.key}",
            folder,
            _write(self.mapping, pushed, folder),
            {f"{pushed.file} last": pushed.key},
            self._learned_at or naive_utc(self._clock()),
            answer=answer,
        )


def _check_key(key: str) -> None:
    if not (0 < len(key) <= LONGEST_KEY and key.isascii() and key.isprintable() and " " not in key):
        raise problem(
            "bad-key",
            "Idempotency-Key",
            f"The key {key!r} cannot name a batch.",
            f"Send 1 to {LONGEST_KEY} visible ASCII characters, such as a UUID, the same each time "
            "you send the same.",
        )


def _write(mapping: FolderMapping, pushed: Pushed, folder: Path) -> FolderMapping:
    """The body as a file of the folder, and how it is read."""
    if pushed.kind == "csv":
        own = mapping_of(mapping, pushed.file, ".csv")
        (folder / f"{pushed.file}.csv").write_bytes(pushed.body)
        return own
    columns = columns_of(mapping, pushed.file)
    lines = pushed.body.decode("utf-8", "backslashreplace").splitlines()
    records = (_record(line) for line in lines if line.strip())
    text = "\n".join([json.dumps(columns), *(record_text(columns, each) for each in records)])
    (folder / f"{pushed.file}{ENDING}").write_text(text + "\n", encoding="utf-8")
    return mapping_of(mapping, pushed.file)


def _record(line: str) -> Record:
    found = json_object(line)
    return NoRecord(line) if found is None else found
