"""Files as tables of text: CSV, Parquet, Excel and JSON Lines, with the row each value stood in.

Everything arrives as text first, so that one set of rules turns it into typed values and every
refusal can quote what was written.
"""

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
from charset_normalizer import from_bytes
from openpyxl import load_workbook

from tradeline.kernel.findings import problem

ROW = "_row"
BROKEN = "_broken"
FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".parquet": "parquet",
    ".xlsx": "excel",
    ".jsonl": "json lines",
    ".ndjson": "json lines",
}
ENCODINGS = ("gb18030", "big5", "cp1252")
SAMPLE_BYTES = 200_000
Row = tuple[int, list[str], str]


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file in the engine: table name, its own columns (all text), and how many rows it has.

    The table also has `_row`, the row's place in the file, and `_broken`, empty or why the row
    could not be split into columns.
    """

    table: str
    columns: tuple[str, ...]
    rows: int


def data_files(folder: Path) -> list[Path]:
    """The files of a folder that can be read, by name; InputProblem if there are none."""
    if not folder.is_dir():
        why = "This is a file, no folder." if folder.exists() else "There is no such folder."
        raise problem("no-folder", str(folder), why, "Check its name.")
    found = sorted(path for path in folder.iterdir() if path.suffix.lower() in FORMATS)
    if not found:
        kinds = ", ".join(sorted(FORMATS))
        raise problem(
            "empty-folder",
            str(folder),
            "The folder holds no file that can be read.",
            f"Put files of these kinds into it: {kinds}.",
        )
    return found


def encoding_of(path: Path) -> str:
    """The encoding of a text file: UTF-8 if it decodes as such, else the best guess."""
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        guess = from_bytes(content[:SAMPLE_BYTES], cp_isolation=list(ENCODINGS)).best()
        return guess.encoding if guess else "gb18030"
    return "utf-8-sig"


def load(
    connection: duckdb.DuckDBPyConnection, path: Path, table: str, encoding: str | None = None
) -> RawTable:
    """Load a file into a table of text; InputProblem if it is broken, empty or misencoded."""
    if not path.exists():
        raise problem(
            "missing-file",
            path.name,
            "The mapping names this file, but the folder does not hold it.",
            "Put it into the folder or take it out of the mapping.",
        )
    kind = FORMATS.get(path.suffix.lower())
    if kind == "parquet":
        return _load_parquet(connection, path, table)
    readers = {"csv": _csv_rows, "excel": _excel_rows, "json lines": _json_rows}
    if kind is None:
        raise problem(
            "unknown-kind", path.name, "This kind of file cannot be read.", "Save it as CSV."
        )
    return _load_rows(connection, readers[kind](path, encoding), path, table)


def _load_parquet(connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> RawTable:
    try:
        relation = connection.execute(
            "SELECT * FROM read_parquet(?, file_row_number = true) LIMIT 0", [str(path)]
        )
    except duckdb.Error as error:
        raise problem(
            "broken-parquet",
            path.name,
            "The file is not whole Parquet.",
            "Write it again from its source, or send it as CSV.",
        ) from error
    names = [item[0] for item in relation.description if item[0] != "file_row_number"]
    texts = ", ".join(f"trim(CAST({quoted(name)} AS VARCHAR)) AS {quoted(name)}" for name in names)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS "
        f"SELECT file_row_number + 1 AS {ROW}, '' AS {BROKEN}, {texts} "
        "FROM read_parquet(?, file_row_number = true)",
        [str(path)],
    )
    return _counted(connection, table, names)


def _load_rows(
    connection: duckdb.DuckDBPyConnection, rows: Iterator[Row], path: Path, table: str
) -> RawTable:
    try:
        _, header, _ = next(rows, (0, [], ""))
        names = _header(header, path)
        with TemporaryDirectory() as folder:
            clean = Path(folder) / "clean.csv"
            _write_clean(clean, rows, len(names))
            _read_clean(connection, clean, table, names)
    except UnicodeError as error:
        raise problem(
            "wrong-encoding",
            path.name,
            f"The file is not written in {encoding_name(error)}.",
            "State its encoding in the mapping, for example `encoding: gb18030`.",
        ) from error
    return _counted(connection, table, names)


def encoding_name(error: UnicodeError) -> str:
    """The encoding that failed, by the name a person would write."""
    return getattr(error, "encoding", "the stated encoding")


def _header(header: list[str], path: Path) -> list[str]:
    names = [name.strip() for name in header]
    if not any(names):
        raise problem(
            "empty-file", path.name, "The file is empty.", "Send it with a header and rows."
        )
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise problem(
            "doubled-column",
            path.name,
            f"The header names {', '.join(map(repr, doubled))} more than once.",
            "Give each column a name of its own.",
        )
    return names


def _write_clean(clean: Path, rows: Iterator[Row], width: int) -> None:
    with clean.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        for number, values, broken in rows:
            if not broken and len(values) != width:
                broken = f"The row has {len(values)} values, the header names {width} columns."
            padded = (values + [""] * width)[:width]
            writer.writerow([number, broken, *(value.strip() for value in padded)])


def _read_clean(
    connection: duckdb.DuckDBPyConnection, clean: Path, table: str, names: list[str]
) -> None:
    columns = {ROW: "BIGINT", BROKEN: "VARCHAR"} | dict.fromkeys(names, "VARCHAR")
    texts = ", ".join(f"nullif({quoted(name)}, '') AS {quoted(name)}" for name in names)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {table} AS "
        f"SELECT {ROW}, coalesce({BROKEN}, '') AS {BROKEN}, {texts} FROM "
        "read_csv(?, columns = ?, header = false, auto_detect = false, delim = ',', quote = '\"', "
        "escape = '\"', max_line_size = 100000000, parallel = false)",
        [str(clean), columns],
    )


def _csv_rows(path: Path, encoding: str | None) -> Iterator[Row]:
    csv.field_size_limit(100_000_000)
    with path.open(encoding=encoding or encoding_of(path), newline="") as stream:
        head = stream.readline()
        stream.seek(0)
        separator = max(",;\t|", key=head.count)
        reader = csv.reader(stream, delimiter=separator)
        for values in reader:
            if any(value.strip() for value in values):
                yield reader.line_num, values, ""


def _excel_rows(path: Path, _encoding: str | None) -> Iterator[Row]:
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception as error:  # openpyxl raises zipfile, key and type errors alike
        raise problem(
            "broken-excel", path.name, "The file is not a whole Excel workbook.", "Save it again."
        ) from error
    for number, values in enumerate(book.worksheets[0].iter_rows(values_only=True), start=1):
        if any(value is not None for value in values):
            yield number, ["" if value is None else str(value) for value in values], ""
    book.close()


def _json_rows(path: Path, encoding: str | None) -> Iterator[Row]:
    with path.open(encoding=encoding or "utf-8-sig") as stream:
        lines = [(number, line) for number, line in enumerate(stream, start=1) if line.strip()]
    parsed = [(number, _json_object(line)) for number, line in lines]
    names = list(dict.fromkeys(name for _, item in parsed if item for name in item))
    yield 0, names, ""
    for number, item in parsed:
        broken = "" if item is not None else "The line is not a JSON object."
        yield number, [_json_text((item or {}).get(name)) for name in names], broken


def _json_object(line: str) -> dict[str, object] | None:
    try:
        # Numbers stay as they were written: a float would lose cents.
        value = json.loads(line, parse_float=str, parse_int=str)
    except json.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _json_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def quoted(name: str) -> str:
    """A column's name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def _counted(connection: duckdb.DuckDBPyConnection, table: str, names: list[str]) -> RawTable:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return RawTable(table, tuple(names), int(row[0]) if row else 0)
