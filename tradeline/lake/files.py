"""Files as tables of text: CSV, Parquet, Excel, JSON Lines and camt.053, with each value's row.

Everything arrives as text first, so that one set of rules turns it into typed values and every
refusal can quote what was written.
"""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from tradeline.kernel.findings import Finding, InputProblem, problem
from tradeline.lake.camt053 import camt_rows
from tradeline.lake.encodings import unreadable, wrong_encoding
from tradeline.lake.row_readers import Row, csv_rows, excel_rows, json_rows, listed_rows
from tradeline.lake.sql_text import quoted

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
    ".xml": "camt.053",
}
# What says of itself how its text is encoded.
SELF_DESCRIBING = (".parquet", ".xlsx", ".xml")
# What sources write for themselves (lake/sources/rows.py); people send none.
OWN_FORMATS = {".rows": "rows"}
READERS = {"csv": csv_rows, "excel": excel_rows, "json lines": json_rows, "rows": listed_rows}


@dataclass(frozen=True, slots=True)
class RawTable:
    """A file in the engine: table name, its own columns (all text), and how many rows it has.

    The table also has `_row`, the row's place in the file, and `_broken`, empty or why the row
    could not be split into columns. `findings` tell what is odd with the file as a whole.
    """

    table: str
    columns: tuple[str, ...]
    rows: int
    findings: tuple[Finding, ...] = ()


def data_files(folder: Path) -> list[Path]:
    """The files of a folder that can be read, by name; InputProblem if there are none."""
    if not folder.is_dir():
        why = "This is a file, no folder." if folder.exists() else "There is no such folder."
        raise problem("no-folder", str(folder), why, "Check its name.")
    inside = sorted(path for path in folder.iterdir() if not path.is_dir())
    found = [path for path in inside if path.suffix.lower() in FORMATS]
    if not found:
        kinds = ", ".join(sorted(FORMATS))
        raise problem(
            "empty-folder",
            str(folder),
            "The folder holds no file that can be read.",
            f"Put files of these kinds into it: {kinds}.",
        )
    return found


def load(
    connection: duckdb.DuckDBPyConnection, path: Path, table: str, encoding: str | None = None
) -> RawTable:
    """Load a file into a table of text; InputProblem if it is broken, empty or misencoded.

    OSError if there is no room for a temporary copy.
    """
    kind = (FORMATS | OWN_FORMATS).get(path.suffix.lower())
    if kind is None:
        raise problem(
            "unknown-kind", path.name, "This kind of file cannot be read.", "Save it as CSV."
        )
    _require_readable(path)
    if kind == "parquet":
        return _load_parquet(connection, path, table)
    try:
        if kind == "camt.053":
            return _load_statements(connection, path, table)
        return _load_rows(connection, READERS[kind](path, encoding), path, table)
    except UnicodeError as error:
        raise wrong_encoding(path, error, encoding) from error


def _load_statements(connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> RawTable:
    findings: list[Finding] = []
    raw = _load_rows(connection, camt_rows(path, findings), path, table)
    return replace(raw, findings=tuple(findings))


def _require_readable(path: Path) -> None:
    try:
        path.open("rb").close()
    except FileNotFoundError:
        raise problem(
            "missing-file",
            path.name,
            "The mapping names this file, but the folder does not hold it.",
            "Put it into the folder or take it out of the mapping.",
        ) from None
    except OSError as error:
        raise unreadable(path, error) from error


def _load_parquet(connection: duckdb.DuckDBPyConnection, path: Path, table: str) -> RawTable:
    try:
        relation = connection.execute(
            "SELECT * FROM read_parquet(?, file_row_number = true) LIMIT 0", [str(path)]
        )
        kinds = {item[0]: str(item[1]) for item in relation.description}
        names = [name for name in kinds if name != "file_row_number"]
        _require_names(names, path)
        texts = ", ".join(f"{_text_sql(name, kinds[name])} AS {quoted(name)}" for name in names)
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {table} AS "
            f"SELECT file_row_number + 1 AS {ROW}, '' AS {BROKEN}, {texts} "
            "FROM read_parquet(?, file_row_number = true)",
            [str(path)],
        )
    except duckdb.Error as error:
        raise problem(
            "broken-parquet",
            path.name,
            "The file is not whole Parquet.",
            "Write it again from its source, or send it as CSV.",
        ) from error
    return _counted(connection, table, names)


def _text_sql(name: str, kind: str) -> str:
    text = f"trim(CAST({quoted(name)} AS VARCHAR))"
    # Whole numbers with gaps among them are often kept as floats: 17850.0 is the customer 17850.
    return f"regexp_replace({text}, '[.]0$', '')" if kind in ("DOUBLE", "FLOAT") else text


def _load_rows(
    connection: duckdb.DuckDBPyConnection, rows: Iterator[Row], path: Path, table: str
) -> RawTable:
    line, header, broken = next(rows, (0, [], ""))
    if broken:
        remedy = "Mend the header: one name for each column."
        raise problem("broken-header", f"{path.name} row {line}", broken, remedy)
    names = _header(header, path)
    with TemporaryDirectory() as folder:
        clean = Path(folder) / "clean.csv"
        _write_clean(clean, rows, len(names))
        _read_clean(connection, clean, table, names)
    return _counted(connection, table, names)


def _header(header: Sequence[str], path: Path) -> list[str]:
    """The names of the columns; one without a name is called by its place."""
    written = [name.strip() for name in header]
    if not any(written):
        raise problem(
            "empty-file", path.name, "The file is empty.", "Send it with a header and rows."
        )
    names = [name or f"column {place}" for place, name in enumerate(written, start=1)]
    _require_names(names, path)
    return names


def _require_names(names: Sequence[str], path: Path) -> None:
    """Raise InputProblem for names that are not the engine's: it tells no case apart."""
    lowered = [name.lower() for name in names]
    doubled = sorted({name for name in names if lowered.count(name.lower()) > 1})
    if doubled:
        raise _bad_header(
            path, f"names {', '.join(map(repr, doubled))} more than once, capitals or not"
        )
    for taken in (ROW, BROKEN):
        if taken in lowered:
            raise _bad_header(path, f"names {taken!r}, which Tradeline uses itself")


def _bad_header(path: Path, why: str) -> InputProblem:
    remedy = "Give each column a name of its own."
    return problem("bad-header", path.name, f"The header {why}.", remedy)


def _write_clean(clean: Path, rows: Iterator[Row], width: int) -> None:
    with clean.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for number, values, broken in rows:
            if not broken and len(values) != width:
                broken = f"The row has {len(values)} values, the header names {width} columns."
            if not broken and any("\0" in value for value in values):
                broken = "The row holds a NUL byte."
            *kept, last = (values + [""] * width)[:width]
            beyond = values[width:]
            padded = [*kept, ", ".join([last, *beyond])]
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
        "escape = '\"', new_line = '\\n', max_line_size = 100000000, parallel = false)",
        [str(clean), columns],
    )


def _counted(connection: duckdb.DuckDBPyConnection, table: str, names: list[str]) -> RawTable:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return RawTable(table, tuple(names), int(row[0]) if row else 0)
