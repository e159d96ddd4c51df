"""A file as columns of texts: CSV (also compressed), Parquet, Excel or JSON Lines, row by row.

Every row of the file keeps its place, a row that cannot be split into columns too: it is `broken`.
"""

import gzip
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity, counted, problem
from tradeline.kernel.hashing import hash_file
from tradeline.kernel.texts import clean
from tradeline.lake.files import BROKEN, FORMATS, ROW, load
from tradeline.lake.sql_text import quoted

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

COMPRESSED = ".gz"
KINDS = tuple(sorted(set(FORMATS) - {".xml"}))
NEAR_NAMES = 3
NAMES_SHOWN = 12


@dataclass(frozen=True, slots=True, eq=False)
class Texts:
    """A column as written: its distinct texts in order, and each row's place among them.

    A broken row stands at the place of the empty text.
    """

    levels: tuple[str, ...]
    codes: Ints

    @property
    def counts(self) -> Ints:
        """How many rows hold each text."""
        return np.bincount(self.codes, minlength=len(self.levels))


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """A file in the engine: its columns by name, how many rows it has, and which are broken."""

    name: str
    names: tuple[str, ...]
    rows: int
    broken: Flags
    content_hash: str
    findings: tuple[Finding, ...]
    connection: duckdb.DuckDBPyConnection

    def texts(self, name: str) -> Texts:
        """One column of the table, in the order of the file."""
        text = f"coalesce({quoted(name)}, '')"
        whole = f"CASE WHEN {BROKEN} = '' THEN {text} ELSE '' END"
        found = self.connection.execute(
            f"SELECT dense_rank() OVER (ORDER BY {whole}) - 1 AS place FROM raw ORDER BY {ROW}"
        ).fetchnumpy()
        levels = self.connection.execute(
            f"SELECT DISTINCT {whole} AS text FROM raw ORDER BY text"
        ).fetchall()
        codes = np.asarray(found["place"], dtype=np.int64)
        return Texts(tuple(text for (text,) in levels), codes)

    def column_called(self, name: str, option: str) -> str:
        """The column of a name, capitals aside; InputProblem with the nearest names if none is."""
        if name in self.names:
            return name
        wanted = name.strip().casefold()
        same = [column for column in self.names if column.casefold() == wanted]
        if same:
            return same[0]
        raise problem(
            "no-column", option, f"{self.name} has no column '{clean(name, 80)}'.",
            self._remedy(wanted),
        )  # fmt: skip

    def near_names(self, name: str) -> tuple[str, ...]:
        """The columns whose names are nearest to a name, none if none is near."""
        by_fold = {column.casefold(): column for column in self.names}
        near = get_close_matches(name.strip().casefold(), list(by_fold), NEAR_NAMES)
        return tuple(by_fold[found] for found in near)

    def _remedy(self, name: str) -> str:
        near = self.near_names(name)
        if near:
            return f"Did you mean {', '.join(near)}?"
        more = ", …" if len(self.names) > NAMES_SHOWN else ""
        return f"It has {', '.join(self.names[:NAMES_SHOWN])}{more}."


def read_table(path: Path, encoding: str | None = None) -> Table:
    """Read a table; InputProblem if the file cannot be read or holds no row."""
    _require_file(path)
    connection = duckdb.connect()
    with _unpacked(path) as plain:
        raw = load(connection, plain, "raw", encoding)
    broken = connection.execute(
        f"SELECT {ROW}, {BROKEN} FROM raw WHERE {BROKEN} <> '' ORDER BY {ROW}"
    ).fetchall()
    if raw.rows == len(broken):
        raise problem(
            "no-rows", path.name, "The table holds no row.", "Send it with a header and rows."
        )
    flags = connection.execute(f"SELECT {BROKEN} <> '' AS broken FROM raw ORDER BY {ROW}")
    return Table(
        path.name,
        raw.columns,
        raw.rows,
        np.asarray(flags.fetchnumpy()["broken"], dtype=bool),
        hash_file(path),
        raw.findings + ((_broken(path, broken),) if broken else ()),
        connection,
    )


def _require_file(path: Path) -> None:
    if path.is_dir():
        raise problem(
            "no-table", str(path), "This is a folder, no table.", "Name one of the files in it."
        )
    if not path.exists():
        raise problem("no-table", str(path), "There is no such file.", "Check its name.")
    if _plain_suffix(path) not in KINDS:
        raise problem(
            "unknown-kind",
            path.name,
            "This kind of file cannot be read as a table.",
            f"Save it as one of {', '.join(KINDS)}, or a text file of these with {COMPRESSED}.",
        )


def _plain_suffix(path: Path) -> str:
    is_packed = path.suffix.lower() == COMPRESSED
    return Path(path.stem).suffix.lower() if is_packed else path.suffix.lower()


@contextmanager
def _unpacked(path: Path) -> Iterator[Path]:
    """The file itself, or its decompressed copy for as long as it is read."""
    if path.suffix.lower() != COMPRESSED:
        yield path
        return
    with TemporaryDirectory() as folder:
        plain = Path(folder) / path.stem
        try:
            with gzip.open(path) as packed, plain.open("wb") as stream:
                shutil.copyfileobj(packed, stream)
        except (gzip.BadGzipFile, EOFError, zlib.error) as error:
            raise _broken_archive(path) from error
        yield plain


def _broken_archive(path: Path) -> InputProblem:
    return problem(
        "broken-gzip",
        path.name,
        "The file is not whole gzip.",
        "Compress it again, or send it plain.",
    )


def _broken(path: Path, rows: list[tuple[int, str]]) -> Finding:
    line, why = rows[0]
    verb = "is" if len(rows) == 1 else "are"
    return Finding(
        "broken-rows",
        Severity.WARNING,
        path.name,
        f"{counted(len(rows), 'row')} cannot be split into columns and {verb} not used; the first "
        f"is row {line}: {why}",
        "Mend them: they are neither learned from nor scored.",
        len(rows),
    )
