"""A file as a table of texts with an identifier for each record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from tradeline.kernel.findings import Finding, InputProblem, Severity, counted, problem
from tradeline.lake.files import BROKEN, FORMATS, ROW, load
from tradeline.lake.sql_text import quoted

IDENTIFIERS = ("id", "_id", "rec_id", "record_id", "row_id", "rowid", "unique_id", "uid",
               "ltable_id", "rtable_id")  # fmt: skip
"""Columns that are taken for the identifier of records, where the mapping names none."""
LONGEST_NUMBER = 18
UNNAMED = "column 1"
"""What a first column without a name is called; with different whole numbers it numbers rows."""


@dataclass(frozen=True, slots=True)
class DataTable:
    """The records of a file.

    `columns` are texts by column, stripped, empty where missing; `ids` names each record: a column
    of the file (`id_column`), or the number of the record, from 1. They are whole numbers if all of
    them are written as such.
    """

    name: str
    columns: Mapping[str, tuple[str, ...]]
    ids: tuple[str, ...] | tuple[int, ...]
    id_column: str | None
    findings: tuple[Finding, ...] = field(default=())

    @property
    def rows(self) -> int:
        """How many records there are."""
        return len(self.ids)


def read_table(path: Path, id_column: str | None = None, encoding: str | None = None) -> DataTable:
    """Read a CSV, Parquet, Excel or JSON Lines file.

    Rows that cannot be split into columns are left out, with a warning. InputProblem if the file
    cannot be read, holds no record, or its identifiers are missing or stand twice.
    """
    _require_file(path)
    connection = duckdb.connect()
    raw = load(connection, path, "raw", encoding)
    chosen = ", ".join(f"coalesce({quoted(name)}, '') AS {quoted(name)}" for name in raw.columns)
    rows = connection.execute(
        f"SELECT {chosen} FROM raw WHERE {BROKEN} = '' ORDER BY {ROW}"
    ).fetchall()
    broken = connection.execute(
        f"SELECT {ROW}, {BROKEN} FROM raw WHERE {BROKEN} <> '' ORDER BY {ROW}"
    ).fetchall()
    if not rows:
        raise problem(
            "no-records", path.name, "The table holds no record.", "Send it with a header and rows."
        )
    columns = dict(zip(raw.columns, map(tuple, zip(*rows, strict=True)), strict=True))
    named = _id_column(path, columns, id_column)
    findings = raw.findings + ((_left_out(path, broken),) if broken else ())
    return DataTable(path.name, columns, _ids(path, columns, named, len(rows)), named, findings)


def _require_file(path: Path) -> None:
    if path.is_dir():
        raise problem(
            "no-table", str(path), "This is a folder, no table.", "Name one of the files in it."
        )
    if not path.exists():
        raise problem("no-table", str(path), "There is no such file.", "Check its name.")
    if path.suffix.lower() not in FORMATS or path.suffix.lower() == ".xml":
        kinds = ", ".join(sorted(set(FORMATS) - {".xml"}))
        raise problem(
            "unknown-kind",
            path.name,
            "This kind of file cannot be read as a table.",
            f"Save it as one of {kinds}.",
        )


def _left_out(path: Path, broken: list[tuple[int, str]]) -> Finding:
    (line, why), count = broken[0], len(broken)
    return Finding(
        "broken-rows",
        Severity.WARNING,
        path.name,
        f"{counted(count, 'row')} cannot be split into columns and {_are(count)} left out; the "
        f"first is row {line}: {why}",
        "Mend them, or their links will be missing.",
        count,
    )


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def column_called(columns: Mapping[str, object], name: str) -> str | None:
    """The column of this name, capitals and blanks around it aside; None if there is none."""
    if name in columns:
        return name
    wanted = name.strip().casefold()
    return next((column for column in columns if column.casefold() == wanted), None)


def no_column(table: str, name: str, columns: Mapping[str, object]) -> str:
    """That a table has no such column, and which it has."""
    return f"{table} has no column '{name}'; it has {', '.join(columns)}."


def _id_column(path: Path, columns: Mapping[str, tuple[str, ...]], asked: str | None) -> str | None:
    if asked is None:
        named = [name for name in columns if name.strip().casefold() in IDENTIFIERS]
        if UNNAMED in columns and all(map(_is_whole, columns[UNNAMED])):
            named.append(UNNAMED)
        # A column called id must name records; others are taken for it only where they do.
        sound = (n for n in named if n.casefold() == "id" or _are_different(columns[n]))
        return next(sound, None)
    found = column_called(columns, asked)
    if found is None:
        raise problem(
            "no-column",
            path.name,
            no_column("The table", asked, columns),
            "Name the column of identifiers under `id`.",
        )
    return found


def _ids(
    path: Path, columns: Mapping[str, tuple[str, ...]], name: str | None, rows: int
) -> tuple[str, ...] | tuple[int, ...]:
    if name is None:
        return tuple(range(1, rows + 1))
    values = columns[name]
    found = list(_id_problems(path, name, values))
    if found:
        raise InputProblem(found)
    return tuple(map(int, values)) if all(map(_is_whole, values)) else values


def _are_different(values: tuple[str, ...]) -> bool:
    return all(values) and len(set(values)) == len(values)


def _is_whole(value: str) -> bool:
    """Whether a text is a whole number as it would be written back."""
    digits = value.isascii() and value.isdigit() and len(value) <= LONGEST_NUMBER
    return digits and str(int(value)) == value


def _id_problems(path: Path, name: str, values: tuple[str, ...]) -> list[Finding]:
    remedy = "Name another column under `id`, or take the column out: rows are then numbered."
    found = []
    missing = sum(not value for value in values)
    if missing:
        have = f"{counted(missing, 'record')} {'has' if missing == 1 else 'have'}"
        message = f"{have} nothing in the column '{name}' that names records."
        found.append(Finding("id-missing", Severity.ERROR, path.name, message, remedy, missing))
    seen: set[str] = set()
    twice = [value for value in values if value and (value in seen or seen.add(value))]  # type: ignore[func-returns-value]
    if twice:
        message = (
            f"The column '{name}' names records, but {counted(len(twice), 'record')} "
            f"{'repeats' if len(twice) == 1 else 'repeat'} an identifier, such as '{twice[0]}'."
        )
        found.append(Finding("id-twice", Severity.ERROR, path.name, message, remedy, len(twice)))
    return found
