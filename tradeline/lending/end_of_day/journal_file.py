"""A journal of one day as a file of chained lines: only added to, each batch once."""

import json
import os
from pathlib import Path

from tradeline.kernel.chain import BEGINNING, chained_line, read_chain
from tradeline.kernel.findings import problem
from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.lending.end_of_day.journals import Batch, content_of

REMEDY = "Bring the journal back from a copy; what stands before this line is sound."


class JournalFile:
    """The journal of one day; a line that was not written to its end was never booked."""

    def __init__(self, path: Path) -> None:
        self.path = path
        whole = _whole_lines(path)
        lines = read_chain(whole, str(path), REMEDY)
        self.last = lines[-1]["hash"] if lines else BEGINNING
        self.booked = {line["key"]: line["content_hash"] for line in lines}

    def post(self, batch: Batch) -> None:
        """Book a batch durably; nothing if the same was booked under its key already.

        InputProblem if something else was.
        """
        content = content_of(batch)
        content_hash = hash_bytes(canonical_json(content).encode())
        if batch.key in self.booked:
            self._require_same(batch.key, content_hash)
            return
        number = len(self.booked) + 1
        line = chained_line(self.last, number, content | {"content_hash": content_hash})
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(line)
            stream.flush()
            os.fsync(stream.fileno())
        self.booked[batch.key] = content_hash
        self.last = json.loads(line)["hash"]

    def _require_same(self, key: str, content_hash: str) -> None:
        if self.booked[key] != content_hash:
            raise problem(
                "key-used",
                key,
                "Something else was booked under this key.",
                "Find out what changed the loans of this day; nothing was booked.",
            )


def _whole_lines(path: Path) -> str:
    """The lines of the file; what a kill left of a last one is cut off."""
    if not path.exists():
        return ""
    content = path.read_bytes()
    whole = content[: content.rfind(b"\n") + 1]
    if len(whole) < len(content):
        with path.open("r+b") as stream:
            stream.truncate(len(whole))
            os.fsync(stream.fileno())
    return whole.decode()
