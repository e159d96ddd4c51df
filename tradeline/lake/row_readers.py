"""CSV, Excel and JSON Lines as rows of text, the header first, each with its place in the file.

A row that cannot be split into columns is kept as it was written, with the reason beside it.
"""

import csv
import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lake.encodings import UTF_8, encoding_of

Row = tuple[int, list[str], str]

LONGEST_FIELD = 100_000_000
NO_OBJECT = "The line is not a JSON object that names each key once."
NO_RECORD = "The record is not an object that names each field once."
# A formula whose value Excel has not stored; a stored text may be empty.
UNSTORED = re.compile(
    rb'<c r="([A-Z]+\d+)"(?![^>]*t="str")[^>]*><f[^>]*?(?:/>|>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>'
)


def csv_rows(path: Path, encoding: str | None) -> Iterator[Row]:
    """The rows of a CSV file whose columns are set apart by a comma, semicolon, tab or bar.

    Raises InputProblem for a quotation mark that is never closed, or NUL bytes.
    """
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding=encoding or encoding_of(path), newline="") as stream:
        head = stream.readline()
        stream.seek(0)
        separator = max(",;\t|", key=head.count)
        reader = csv.reader(stream, delimiter=separator, strict=True)
        end, width = 0, 0
        while True:
            try:
                for values in reader:
                    start, end = end + 1, reader.line_num
                    width = width or len(values)
                    if end > start and _swallowed(values, separator, width):
                        yield start, [separator.join(values)], _unpaired(start, end)
                    elif any(value.strip() for value in values):
                        yield end, values, ""
                return
            except csv.Error as error:
                start, end = end + 1, reader.line_num
                if _endless(error):
                    raise _unclosed(path, start) from error
                yield start, [_written(path, stream.encoding, start, end)], _unpaired(start, end)


def _swallowed(values: Sequence[str], separator: str, width: int) -> bool:
    """Whether a value spans lines that look like rows of their own."""
    inner = (line for value in values for line in value.splitlines()[1:])
    return width > 1 and any(line.count(separator) >= width - 1 for line in inner)


def _unpaired(start: int, end: int) -> str:
    lines = f"lines {start} to {end}" if end > start else f"line {start}"
    return f"The quotation marks of {lines} do not pair."


def _endless(error: csv.Error) -> bool:
    return str(error) == "unexpected end of data" or str(error).startswith("field larger than")


def _unclosed(path: Path, line: int) -> InputProblem:
    return problem(
        "unclosed-quote",
        path.name,
        f"A quotation mark that opens in line {line} is never closed, so all rows after it are "
        "one value.",
        "Close it, or double it if it belongs to the value.",
    )


def _written(path: Path, encoding: str, start: int, end: int) -> str:
    with path.open(encoding=encoding, newline="") as stream:
        return "".join(islice(stream, start - 1, end)).rstrip("\r\n")


def excel_rows(path: Path, _encoding: str | None) -> Iterator[Row]:
    """The rows of a workbook's only sheet; InputProblem for several, or for unsaved formulas."""
    try:
        yield from _sheet_rows(path)
    except InputProblem:
        raise
    except Exception as error:  # openpyxl raises zipfile, XML, key and type errors alike
        raise problem(
            "broken-excel", path.name, "The file is not a whole Excel workbook.", "Save it again."
        ) from error


def _sheet_rows(path: Path) -> Iterator[Row]:
    # Takes long to import, and few folders hold sheets.
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        first, *others = book.worksheets
        filled = [sheet.title for sheet in others if _has_values(sheet)]
        if filled:
            raise _several_sheets(path, [first.title, *filled])
        _require_stored_values(path)
        for number, values in enumerate(first.iter_rows(values_only=True), start=1):
            if any(value is not None for value in values):
                yield number, ["" if value is None else str(value) for value in values], ""
    finally:
        book.close()


def _several_sheets(path: Path, titles: Sequence[str]) -> InputProblem:
    return problem(
        "several-sheets",
        path.name,
        f"The workbook has more than one sheet with values: {', '.join(titles)}.",
        "Save each sheet that is needed as a file of its own.",
    )


def _has_values(sheet: Any) -> bool:
    return any(value is not None for row in sheet.iter_rows(values_only=True) for value in row)


def _require_stored_values(path: Path) -> None:
    with ZipFile(path) as archive:
        for name in archive.namelist():
            if name.startswith("xl/worksheets/") and (found := UNSTORED.search(archive.read(name))):
                raise problem(
                    "unstored-formula",
                    path.name,
                    f"The cell {found[1].decode()} holds a formula without its value.",
                    "Open the workbook in Excel and save it, or save it as CSV.",
                )


def json_rows(path: Path, encoding: str | None) -> Iterator[Row]:
    """The objects of a JSON Lines file, one row each, under all names that any of them uses."""
    names: dict[str, None] = {}
    any_line = False
    # Read twice, for a file may be larger than the memory.
    for _, line in _json_lines(path, encoding):
        any_line = True
        names |= dict.fromkeys(json_object(line) or {})
    if any_line and not names:
        raise problem(
            "not-json-lines",
            path.name,
            "No line of the file is a JSON object.",
            "Write one object in each line.",
        )
    yield 0, list(names), ""
    for number, line in _json_lines(path, encoding):
        item = json_object(line)
        if item is None:
            yield number, [line.strip()], NO_OBJECT
        else:
            yield number, [_json_text(item.get(name)) for name in names], ""


def _json_lines(path: Path, encoding: str | None) -> Iterator[tuple[int, str]]:
    with path.open(encoding=encoding or UTF_8) as stream:
        yield from ((number, line) for number, line in enumerate(stream, start=1) if line.strip())


def json_object(line: str) -> dict[str, object] | None:
    """A line as a JSON object, numbers as written; None if it is none, or names a key twice."""
    try:
        # Numbers stay as they were written: a float would lose cents.
        value = json.loads(
            line, parse_float=str, parse_int=str, object_pairs_hook=_with_each_key_once
        )
        if "\\u" in line:
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _with_each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError
    return found


def _json_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def listed_rows(path: Path, _encoding: str | None) -> Iterator[Row]:
    """The rows of a file that a source wrote: lists of texts in JSON, the names first.

    A text in place of a list is a record that was none, as it was written.
    """
    with path.open(encoding="utf-8") as stream:
        for number, line in enumerate(stream):
            item = json.loads(line)
            if isinstance(item, str):
                yield number, [item], NO_RECORD
            else:
                yield number, ["" if value is None else value for value in item], ""
