"""How a text file is written: its encoding, where nobody states it."""

from pathlib import Path

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
        content = path.read_bytes()
    except OSError as error:
        raise unreadable(path, error) from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return UTF_16
    if b"\0" in content:
        raise not_text(path, content.count(b"\n", 0, content.index(b"\0")) + 1)
    try:
        content.decode(UTF_8)
    except UnicodeDecodeError:
        guess = from_bytes(content[:SAMPLE_BYTES], cp_isolation=list(ENCODINGS)).best()
        if guess is None:
            known = "UTF-8, GB18030, Big5 nor Windows-1252"
            message = f"The file is no text in {known}."
            raise problem("unknown-encoding", path.name, message, STATE_IT) from None
        return guess.encoding
    return UTF_8


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
