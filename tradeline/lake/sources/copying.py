"""Copying what arrives: bounded in size and in the length of a line, and hashed on the way."""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lake.files import FORMATS

BLOCK_BYTES = 1024 * 1024
LONGEST_PART = 200
IN_LINES = ("csv", "json lines")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most that is read of what others send.

    `file_bytes` of one file; of an archive `unpacked_bytes` in all, `members` files, and `ratio`
    times its own size; `line_bytes` of one line of text.
    """

    file_bytes: int = 4 * 1024**3
    unpacked_bytes: int = 4 * 1024**3
    members: int = 10_000
    ratio: int = 200
    line_bytes: int = 10 * 1024**2


class Readable(Protocol):
    """What can be read block by block."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes; none at the end."""


def copy_bounded(stream: Readable, target: Path, name: str, bounds: Bounds) -> str:
    """Copy a stream to a new file; its SHA-256. InputProblem beyond the bounds, nothing kept."""
    digest, size, line = hashlib.sha256(), 0, 0
    by_lines = FORMATS.get(Path(name).suffix.lower()) in IN_LINES
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("xb") as copy:
            # No block is longer than a line may be, so only lines across blocks need a look.
            while block := stream.read(min(BLOCK_BYTES, bounds.line_bytes)):
                size += len(block)
                _require(size <= bounds.file_bytes, name, bounds)
                if by_lines:
                    first, line = _line_across(line, block)
                    if max(first, line) > bounds.line_bytes:
                        raise _endless(name, bounds)
                digest.update(block)
                copy.write(block)
    except InputProblem:
        target.unlink()
        raise
    return "sha256:" + digest.hexdigest()


def _line_across(before: int, block: bytes) -> tuple[int, int]:
    """How long the line that a block goes on with is, and the one that it ends in."""
    ends = [place for place in (block.find(b"\n"), block.find(b"\r")) if place >= 0]
    if not ends:
        return before + len(block), before + len(block)
    return before + min(ends), len(block) - 1 - max(block.rfind(b"\n"), block.rfind(b"\r"))


def _require(fits: bool, name: str, bounds: Bounds) -> None:
    if not fits:
        raise problem(
            "file-too-large",
            name,
            f"The file holds more than {bounds.file_bytes:,} bytes.",
            "Send it in parts, or raise `file_bytes` under `bounds`.",
        )


def _endless(name: str, bounds: Bounds) -> InputProblem:
    return problem(
        "endless-line",
        name,
        f"A line of the file is longer than {bounds.line_bytes:,} bytes.",
        "Send one record in each line; if the lines are right, raise `line_bytes` under `bounds`.",
    )


def unsafe_name(name: str) -> str | None:
    """Why a file of that name is not written anywhere; None if the name stays in its folder."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or name[1:2] == ":":
        return "leads out of its folder"
    if not name.isprintable():
        return "holds signs that cannot be shown"
    if not path.parts or any(len(part.encode()) > LONGEST_PART for part in path.parts):
        return "is empty or too long"
    return None
