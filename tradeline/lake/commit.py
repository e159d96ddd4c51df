"""How a lake is written: one writer, files first, and one entry that makes all of them count.

Files are written aside, forced to disk and moved into place; then the entry is linked into the log,
which either happens or does not. What a killed writer leaves is named by no entry: readers never
see it and the next writer removes it.
"""

import fcntl
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb

from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.hashing import hash_file
from tradeline.lake.log import DataFile, Entry, entry_path, entry_text
from tradeline.lake.sql_text import literal

DATA = "data"
STAGING = "staging"
LOCK = "lock"
ROWS_IN_GROUP = 122_880
Staged = tuple[DataFile, Path]


@contextmanager
def only_writer(root: Path, progress: Callable[[str], None]) -> Iterator[None]:
    """Hold the lake's lock, waiting for a writer who has it; a killed writer's lock is free.

    InputProblem where the disk refuses what is done meanwhile; the lake is then as before.
    """
    try:
        with (root / LOCK).open("ab") as stream:
            try:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                progress("waiting for another writer of this lake")
                fcntl.flock(stream, fcntl.LOCK_EX)
            yield
    except (OSError, duckdb.IOException) as error:
        raise _not_written(root, error) from error


@contextmanager
def staging(root: Path) -> Iterator[Path]:
    """A folder to write aside in, removed at the end."""
    folder = Path(mkdtemp(dir=root / STAGING))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _not_written(root: Path, error: Exception) -> InputProblem:
    return problem(
        "lake-not-written",
        str(root),
        f"The lake could not be written and stands as before: {error}.",
        "Make room on the disk or mend it, then run the command again.",
    )


def stage(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    number: int,
    place: tuple[str, str],
    select: str,
) -> Staged:
    """Write rows aside as the file of a dataset and bucket that entry `number` will add."""
    dataset, bucket = place
    aside = folder / f"{dataset}-{bucket}.parquet"
    connection.execute(
        f"COPY ({select}) TO {literal(str(aside))} "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROWS_IN_GROUP})"
    )
    rows, revisions, *clocks = _counted(connection, aside)
    sha256 = hash_file(aside)
    # The hash in the name keeps two files apart that were meant for the same entry.
    name = f"{number:08d}-{sha256.removeprefix('sha256:')[:8]}.parquet"
    file = DataFile(
        path=f"{DATA}/{dataset}/{bucket}/{name}",
        dataset=dataset,
        bucket=bucket,
        rows=rows,
        revisions=revisions,
        bytes=aside.stat().st_size,
        sha256=sha256,
        occurred=(clocks[0], clocks[1]),
        recorded=(clocks[2], clocks[3]),
    )
    return file, aside


def _counted(connection: duckdb.DuckDBPyConnection, path: Path) -> tuple[Any, ...]:
    row = connection.execute(
        "SELECT count(*), count(*) FILTER (revision), min(occurred_at), max(occurred_at), "
        "min(recorded_at), max(recorded_at) FROM read_parquet(?)",
        [str(path)],
    ).fetchone()
    assert row
    return tuple(row)


def commit(root: Path, folder: Path, entry: Entry, staged: Sequence[Staged]) -> None:
    """Move the files into place and make the entry; InputProblem if another writer came first."""
    for file, aside in staged:
        force(aside)
        target = root / file.path
        if not target.parent.exists():
            target.parent.mkdir(parents=True)
            force(target.parent.parent)
            force(root / DATA)
        aside.rename(target)
    for parent in sorted({(root / file.path).parent for file, _ in staged}):
        force(parent)
    _link(root, folder, entry)


def write_new(folder: Path, text: str, target: Path) -> None:
    """Make a file that appears whole or not at all; FileExistsError if it is there already."""
    aside = folder / f"{target.name}.new"
    aside.write_text(text, encoding="utf-8")
    force(aside)
    os.link(aside, target)
    aside.unlink()
    force(target.parent)


def _link(root: Path, folder: Path, entry: Entry) -> None:
    target = entry_path(root, entry.number)
    try:
        write_new(folder, entry_text(entry), target)
    except FileExistsError as error:
        raise problem(
            "lake-moved-on",
            target.name,
            "Another writer came first; nothing of this was written.",
            "Run the command again.",
        ) from error


def force(path: Path) -> None:
    """Have the disk hold what was written to a file or folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear(root: Path, keep: Iterable[str]) -> tuple[int, int]:
    """Remove what was written aside and all data files but those to keep: files and bytes gone."""
    kept = {root / path for path in keep}
    found = [*(root / STAGING).rglob("*"), *(root / DATA).rglob("*.parquet")]
    gone = [path for path in found if path.is_file() and path not in kept]
    size = sum(path.stat().st_size for path in gone)
    for path in gone:
        path.unlink()
    for folder in (root / STAGING).iterdir():
        shutil.rmtree(folder, ignore_errors=True)
    return len(gone), size
