"""Records made into deliveries: a file of rows in a folder, gone once the next is asked for."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from tradeline.kernel.hashing import hash_bytes
from tradeline.lake.mapping import FolderMapping
from tradeline.lake.sources.high_water import Chunk, Open, Overlap, Reading, chunks
from tradeline.lake.sources.protocol import Delivery, Position, batch_id
from tradeline.lake.sources.rows import columns_of, key_columns_of, require_columns

ENDING = ".rows"
ROWS = 50_000


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one name (a table, a resource) that a source tells, and how they are read.

    `learned_at` (naive UTC) dates rows without clocks; `now` is aware.
    """

    source: str
    file: str
    mapping: FolderMapping
    overlap: Overlap
    rows: int
    learned_at: datetime
    now: datetime

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the mapping reads; InputProblem if there are none."""
        columns = columns_of(self.mapping, self.file)
        require_columns(f"{self.source}, {self.file}", columns)
        return columns

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell one record from another."""
        return key_columns_of(self.mapping, self.file)

    def deliveries(self, open_from: Open, position: Position) -> Iterator[Delivery]:
        """What was not told as of a position, batch by batch."""
        reading = Reading(self.file, self.columns, self.key, self.overlap, self.rows)
        before = {key: text for key, text in position.items() if key.startswith(f"{self.file} ")}
        for chunk in chunks(open_from, position, reading, self.now):
            yield from self.delivery(chunk, before)
            before |= chunk.position

    def delivery(self, chunk: Chunk, before: Position) -> Iterator[Delivery]:
        """One chunk; its id is what it says and where the source stood before."""
        content = hash_bytes("\n".join(chunk.lines).encode())
        identity = batch_id(self.source, self.file, before, content)
        with TemporaryDirectory() as folder:
            with (Path(folder) / f"{self.file}{ENDING}").open("w", encoding="utf-8") as stream:
                stream.write(json.dumps(self.columns) + "\n")
                stream.writelines(line + "\n" for line in chunk.lines)
            yield Delivery(
                identity,
                Path(folder),
                mapping_of(self.mapping, self.file),
                chunk.position,
                self.learned_at,
                in_order=True,
            )


def files_of(mapping: FolderMapping) -> tuple[str, ...]:
    """The names under which a mapping reads records, each once."""
    return tuple(dict.fromkeys(source.file for source in mapping.sources))


def mapping_of(mapping: FolderMapping, file: str, ending: str = ENDING) -> FolderMapping:
    """How the records of one name are read from a file of that name and ending."""
    sources = (source for source in mapping.sources if source.file == file)
    own = tuple(replace(source, file=f"{file}{ending}") for source in sources)
    return replace(mapping, sources=own)
