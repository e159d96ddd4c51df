"""XML read element by element in bounded memory: no document types, no entities, no bombs."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from tradeline.kernel.findings import InputProblem, problem

CHUNK = 1 << 16
# Beyond what any statement holds: what is larger is an attack or a slip.
LONGEST_ELEMENT = 1 << 26
LONGEST_TEXT = 1 << 20
MOST_PARTS = 1_000_000
DEEPEST = 64
FOREIGN = ("gb18030", "gbk", "gb2312", "big5", "shift_jis", "euc-jp", "euc-kr")


@dataclass(slots=True)
class Element:
    """An element that has ended: its name without namespace, attributes, text and children."""

    name: str
    attributes: Mapping[str, str]
    text: str = ""
    children: list["Element"] = field(default_factory=list)

    def all(self, path: str) -> list["Element"]:
        """The elements at a path of names, such as `Acct/Id/IBAN`, in order."""
        found = [self]
        for name in path.split("/"):
            found = [child for each in found for child in each.children if child.name == name]
        return found

    def first(self, *paths: str) -> str:
        """The text of the first element with a text to which any of the paths leads, else ""."""
        for path in paths:
            for each in self.all(path):
                if text := each.text.strip():
                    return text
        return ""


def stream(path: Path, depth: int, noun: str = "bank statement") -> Iterator[Element]:
    """The root as it begins, with its namespace as attribute `xmlns`; then elements as they end.

    Given are those at `depth` (the root's is 1) with all that is in them, and those above without
    it. Raises InputProblem for what is no whole XML, has a document type, or holds something too
    large to be meant; it calls the file by the `noun`.
    """
    encoding = _foreign_encoding(path)
    reader = _Reader(path, depth, "utf-8" if encoding else None, noun)
    fed = 0
    for chunk in _chunks(path, encoding):
        fed += len(chunk)
        reader.feed(chunk, last=False)
        yield from reader.taken()
        if fed - reader.settled > LONGEST_ELEMENT:
            raise reader.too_large()
    reader.feed(b"", last=True)
    yield from reader.taken()


def _foreign_encoding(path: Path) -> str | None:
    """The encoding that a file declares, if it is one that the parser does not know."""
    with path.open("rb") as file:
        declared = re.match(rb"<\?xml[^>]*encoding=[\"']([\w.-]+)", file.read(200))
    name = declared[1].decode().lower() if declared else ""
    return name if name in FOREIGN else None


def _chunks(path: Path, encoding: str | None) -> Iterator[bytes]:
    if encoding is None:
        with path.open("rb") as file:
            yield from iter(lambda: file.read(CHUNK), b"")
    else:
        with path.open(encoding=encoding, newline="") as text:
            yield from (part.encode() for part in iter(lambda: text.read(CHUNK), ""))


class _Reader:
    """The parser's state: the elements that are open, and those that ended and wait to be taken.

    `settled` is how many bytes had been read when the last element was given.
    """

    def __init__(self, path: Path, depth: int, encoding: str | None, noun: str) -> None:
        self._path, self._depth, self._noun = path, depth, noun
        self._open: list[Element] = []
        self._ended: list[Element] = []
        self._parts = 0
        self.settled = 0
        self._parser = expat.ParserCreate(encoding, " ")
        self._parser.buffer_text = True
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters

    def feed(self, chunk: bytes, last: bool) -> None:
        """Parse the next bytes."""
        try:
            self._parser.Parse(chunk, last)
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise self._broken(error) from error

    def taken(self) -> list[Element]:
        """The elements that ended since the last time."""
        ended, self._ended = self._ended, []
        return ended

    def _doctype(self, *_: object) -> None:
        raise problem(
            "xml-doctype",
            self._path.name,
            "The file declares a document type, which can fetch other files or fill the memory.",
            f"Nothing of it was read; a {self._noun} needs none. Ask for the file again.",
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if not self._open:
            self._ended.append(Element(local, {"xmlns": namespace}))
        self._open.append(Element(local, attributes))
        self._parts += 1
        if len(self._open) > DEEPEST or self._parts > MOST_PARTS:
            raise self.too_large()

    def _characters(self, text: str) -> None:
        element = self._open[-1]
        if len(self._open) >= self._depth:
            element.text += text
        if len(element.text) > LONGEST_TEXT:
            raise self.too_large()

    def _end(self, _: str) -> None:
        element = self._open.pop()
        if len(self._open) < self._depth:
            self._ended.append(element)
            self._parts, self.settled = 0, self._parser.CurrentByteIndex
        else:
            self._open[-1].children.append(element)

    def too_large(self) -> InputProblem:
        """What is said of an element that is too large to be meant."""
        return problem(
            "xml-too-large",
            self._path.name,
            f"Line {self._parser.CurrentLineNumber} belongs to an element that is too large: more "
            f"than {LONGEST_ELEMENT >> 20} MB, {MOST_PARTS:,} parts, or {DEEPEST} levels.",
            f"Nothing of it was read; no {self._noun} looks so. Ask for the file again.",
        )

    def _broken(self, error: Exception) -> InputProblem:
        return problem(
            "broken-xml",
            self._path.name,
            f"The file is no whole XML: line {self._parser.CurrentLineNumber}, "
            f"{str(error).partition(':')[0]}.",
            "Nothing of it was read. Ask for the file again, or save it as UTF-8.",
        )
