"""Whether a lake is whole: the chain of its log, the hash of each file, the count of its rows."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.kernel.hashing import hash_file
from tradeline.lake.erasure import forged_act
from tradeline.lake.key_files import leftovers, ring_path
from tradeline.lake.log import DataFile, Entry
from tradeline.lake.store import Lake, open_lake
from tradeline.lake.traces import rows_before, rows_by_entry

REMEDY = "Bring the file back from a copy."


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked, up to the first thing that is wrong; `bad` is None if all is whole.

    `erased` counts the subjects whose keys were destroyed; `notes` say what was not checked or is
    not finished.
    """

    entries: int
    files: int
    rows: int
    bad: Finding | None = None
    erased: int = 0
    notes: tuple[Finding, ...] = ()


def verify(root: Path, progress: Callable[[str], None], key_file: Path | None = None) -> Verified:
    """Check the log, every file that counts and the keys; InputProblem if the folder is no lake.

    A log that was cut at its end looks whole: keep the number of the last entry elsewhere.
    """
    try:
        lake = open_lake(root)
    except InputProblem as refusal:
        (finding,) = refusal.findings
        if finding.code != "bad-log":
            raise
        return Verified(0, 0, 0, finding)
    bad = _first_bad_entry(lake)
    rows = 0
    for number, file in enumerate(() if bad else lake.files):
        if number % 100 == 0:
            progress(f"checking files: {number} of {len(lake.files)}")
        bad = _wrong_with(root, file)
        if bad:
            return Verified(len(lake.entries), number, rows, bad)
        rows += file.rows
    bad = bad or forged_act(lake) or _wrong_claim(lake)
    notes: tuple[Finding, ...] = ()
    if not bad:
        bad, notes = _wrong_keys(lake, key_file)
    return Verified(len(lake.entries), len(lake.files), rows, bad, len(lake.erased), notes)


def _wrong_claim(lake: Lake) -> Finding | None:
    """The first erasure that claims other rows than the lake keeps of its subjects."""
    rows = rows_by_entry(lake, lake.erased)
    for entry in lake.entries:
        claims = entry.act.rows if entry.kind == "erasure" and entry.act else {}
        if claims != rows_before(rows, entry):
            return Finding(
                "wrong-count",
                Severity.ERROR,
                f"log/{entry.number:08d}.json",
                "The erasure claims other rows than the lake keeps of its subjects.",
                "Bring the lake back from a copy.",
            )
    return None


def _wrong_keys(lake: Lake, key_file: Path | None) -> tuple[Finding | None, tuple[Finding, ...]]:
    """What is wrong with the keys, and what is only to be noted of them."""
    try:
        keys = lake.keys(key_file)
    except InputProblem as refusal:
        (finding,) = refusal.findings
        if finding.code not in ("no-key-file", "no-ciphers"):
            return finding, ()
        return None, (replace(finding, severity=Severity.NOTE),)
    path = ring_path(keys.key.path)
    if not (keys.pending or leftovers(path)):
        return None, ()
    note = Finding(
        "unfinished-erasure",
        Severity.NOTE,
        str(path),
        "A process was killed while it wrote the keys; what it began is not finished.",
        "The next landing or erasure finishes it.",
    )
    return None, (note,)


def _first_bad_entry(lake: Lake) -> Finding | None:
    """The first entry whose files do not add up to what it says it landed or merged."""
    added: dict[str, DataFile] = {}
    for entry in lake.entries:
        rows, said = sum(file.rows for file in entry.adds), _said(entry, added)
        if rows != said:
            return Finding(
                "wrong-count",
                Severity.ERROR,
                f"log/{entry.number:08d}.json",
                f"The entry adds {rows} rows and says it tells {said}.",
                "Bring the lake back from a copy.",
            )
        added |= {file.path: file for file in entry.adds}
    return None


def _said(entry: Entry, added: dict[str, DataFile]) -> int:
    merged = sum(added[path].rows for path in entry.replaces if path in added)
    if entry.batch is None:
        return merged
    told = sum(told.new + told.revisions for told in entry.batch.told.values())
    return merged + told + entry.batch.refused


def _wrong_with(root: Path, file: DataFile) -> Finding | None:
    path = root / file.path
    if not path.is_file():
        return Finding("missing-file", Severity.ERROR, file.path, "The file is missing.", REMEDY)
    found = hash_file(path)
    if found != file.sha256:
        message = f"The file was altered: its hash is {found}, the log says {file.sha256}."
        return Finding("altered-file", Severity.ERROR, file.path, message, REMEDY)
    query = "SELECT sum(num_rows) FROM parquet_file_metadata(?)"
    row = duckdb.connect().execute(query, [str(path)]).fetchone()
    if row is None or row[0] != file.rows:
        message = f"The file holds {row and row[0]} rows, the log says {file.rows}."
        return Finding("wrong-count", Severity.ERROR, file.path, message, REMEDY)
    return None
