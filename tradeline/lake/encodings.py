"""How a text file is written: its encoding, where nobody states it."""

from codecs import IncrementalDecoder, getincrementaldecoder
from functools import partial
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from charset_normalizer import from_bytes

from tradeline.kernel.findings import InputProblem, problem

ENCODINGS = ("gb18030", "big5", "cp1252")
UTF_8, UTF_16 = "utf-8-sig", "utf-16"
SAMPLE_BYTES = 200_000
STATE_IT = "Save it as UTF-8, or state its encoding in a mapping, such as `encoding: gb18030`."


def encoding_of(path: Path) -> str:
    """The encoding of a text file: UTF-8 if it decodes as such, else the best guess.

    InputProblem if the file is no text at all, or in no encoding that we know.
    """
    try:
        with path.open("rb") as stream:
            return _encoding(path, stream)
    except OSError as error:
        raise unreadable(path, error) from error


def _encoding(path: Path, stream: BinaryIO) -> str:
    """Block by block, for a file may be larger than the memory."""
    sample = stream.read(SAMPLE_BYTES)
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return UTF_16
    decoder, lines = getincrementaldecoder(UTF_8)(), 1
    is_utf_8 = True
    for block in chain([sample], iter(partial(stream.read, SAMPLE_BYTES), b"")):
        if b"\0" in block:
            raise not_text(path, lines + block.count(b"\n", 0, block.index(b"\0")))
        lines += block.count(b"\n")
        is_utf_8 = is_utf_8 and _decodes(decoder, block)
    if is_utf_8 and _decodes(decoder, b"", final=True):
        return UTF_8
    guess = from_bytes(sample, cp_isolation=list(ENCODINGS)).best()
    if guess is None:
        known = "UTF-8, GB18030, Big5 nor Windows-1252"
        message = f"The file is no text in {known}."
        raise problem("unknown-encoding", path.name, message, STATE_IT)
    return guess.encoding


def _decodes(decoder: IncrementalDecoder, block: bytes, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def unreadable(path: Path, error: OSError) -> InputProblem:
    """That the system does not let us read a file, and its reason."""
    return problem(
        "unreadable-file",
        path.name,
        f"The file cannot be read ({error.strerror}).",
        "Ask for the right to read it, or take it out of the folder.",
    )


def not_text(path: Path, line: int) -> InputProblem:
    """That a file holds NUL bytes, which no text has."""
    return problem(
        "not-text",
        path.name,
        f"The file is no plain text: it holds a NUL byte in line {line}.",
        "Export it again as CSV in UTF-8; if it is UTF-16, state `encoding: utf-16` in a mapping.",
    )


def wrong_encoding(path: Path, error: UnicodeError, stated: str | None) -> InputProblem:
    """That a file is not written in the encoding that was stated or guessed."""
    name = getattr(error, "encoding", stated)
    return problem("wrong-encoding", path.name, f"The file is not written in {name}.", STATE_IT)
