"""The log of decisions: batches of records that are only added, each naming the one before.

A log is a folder. `batches/` holds the records as Parquet; `engines/` the files that decided, by
the hash of their engine, so that any decision can be made again; `log/` an entry for each batch,
which names its file, its engine and the hash of the entry before. A batch without an entry is no
part of the log, so that a batch is there whole or not at all. `signatures/` vouches for entries by
their hash, where somebody signs.
"""

import fcntl
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tradeline.kernel.chain import BEGINNING, chained_line, read_chain
from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.kernel.hashing import hash_file
from tradeline.kernel.moments import naive_utc
from tradeline.lake.columns import Columns, rows_of, write_columns
from tradeline.lake.commit import force, write_new
from tradeline.lake.revocations import Revocation, require_not_revoked
from tradeline.lake.signatures import read_signature, require_signed, signature_path
from tradeline.risk.decisions.record import CHAMPION
from tradeline.risk.decisions.versions import NOT_RECORDED, Versions, hash_of

LOG, BATCHES, ENGINES, LOCK = "log", "batches", "engines", "lock"
SIGNATURES = "signatures"
FORMAT = "tradeline-decisions/2"
REMEDY = "Bring the log back from a copy; what stands before this entry is sound."
NAME = re.compile(r"\d{8}\.json")


@dataclass(frozen=True, slots=True)
class Entry:
    """One batch: its file of `rows` records, the engine that decided, and its own hash.

    `at` is the moment of the decisions, naive UTC as ISO text; `measures` were in force. `role`,
    `propensity` and `spent_minor` say how the batch was dealt (see `batch.Dealing`). `versions` are
    the parts of the engine; entries without a format do not name them.
    """

    number: int
    engine: str
    file: str
    sha256: str
    rows: int
    at: str
    measures: tuple[Mapping[str, object], ...]
    role: str
    propensity: float
    spent_minor: int
    hash: str
    versions: Versions = NOT_RECORDED


def append(
    root: Path,
    records: Columns,
    engine: str,
    files: Mapping[str, str],
    at: datetime,
    measures: tuple[Mapping[str, object], ...] = (),
    role: str = CHAMPION,
    propensity: float = 1.0,
    spent_minor: int = 0,
    sign: Callable[[str], str] | None = None,
    versions: Versions = NOT_RECORDED,
) -> Entry:
    """Add a batch that an engine decided on at a moment; its `files` are kept by its hash.

    `sign` gives the signature of what vouches for an entry. InputProblem if the folder is something
    else or an entry was altered; nothing is added then.
    """
    _require_log(root)
    with _only_writer(root):
        entries = read_log(root)
        _keep_engine(root, engine, files)
        number = len(entries) + 1
        with TemporaryDirectory(dir=root, prefix="aside-") as aside:
            file = _write_batch(root, Path(aside), number, records)
            content = {
                "engine": engine,
                "file": str(file.relative_to(root)),
                "sha256": hash_file(file),
                "rows": rows_of(records),
                "at": naive_utc(at).isoformat(),
                "measures": list(measures),
                "role": role,
                "propensity": propensity,
                "spent_minor": spent_minor,
            }
            if versions != NOT_RECORDED:
                content |= {"format": FORMAT, "versions": versions.content}
            line = chained_line(entries[-1].hash if entries else BEGINNING, number, content)
            if sign is not None:
                _keep_signature(root, json.loads(line)["hash"], sign)
            write_new(Path(aside), line, root / LOG / f"{number:08d}.json")
    return read_log(root)[-1]


def read_log(root: Path) -> tuple[Entry, ...]:
    """All entries in order; InputProblem names the first that is missing, altered or torn."""
    paths = sorted(path for path in (root / LOG).glob("*.json") if NAME.fullmatch(path.name))
    text = "".join(path.read_text(encoding="utf-8", errors="replace") for path in paths)
    return tuple(_entry(line) for line in read_chain(text, LOG, REMEDY))


def _entry(line: dict[str, Any]) -> Entry:
    if line.get("format", FORMAT) != FORMAT:
        raise problem(
            "newer-log", f"{LOG} line {line['number']}",
            f"The entry has the format {line['format']}, which this version does not know.",
            "Read the log by the version that wrote it, or a later one.",
        )  # fmt: skip
    return Entry(
        line["number"],
        line["engine"],
        line["file"],
        line["sha256"],
        line["rows"],
        line["at"],
        tuple(line["measures"]),
        line["role"],
        line["propensity"],
        line["spent_minor"],
        line["hash"],
        Versions(**line["versions"]) if "versions" in line else NOT_RECORDED,
    )


def require_entries(root: Path) -> tuple[Entry, ...]:
    """The entries of a log that has some; InputProblem if there is none."""
    if not (root / LOG).is_dir():
        raise problem(
            "no-log", str(root), "This is no log of decisions.", "Name the folder given as --log."
        )
    entries = read_log(root)
    if not entries:
        raise problem("empty-log", str(root), "The log holds no decision.", "Decide first.")
    return entries


def verify(root: Path, signer: str = "", revoked: Sequence[Revocation] = ()) -> tuple[Finding, ...]:
    """What is wrong with the files that the entries name; the entries must be sound.

    With a `signer`, a public key, every entry must be signed by its holder, and of a day on which
    the key was not `revoked`.
    """
    entries = require_entries(root)
    found = [finding for entry in entries for finding in _file_findings(root, entry)]
    for entry in entries if signer else ():
        try:
            signature = read_signature(_signed_path(root, entry.hash))
            require_signed(subject_of(entry.hash), signature, signer, f"batch {entry.number}")
            day = datetime.fromisoformat(entry.at).date()
            require_not_revoked(revoked, signer, day, f"batch {entry.number}")
        except InputProblem as unsigned:
            found += unsigned.findings
    return tuple(found)


def subject_of(entry_hash: str) -> str:
    """What a signature of an entry signs: what it is, and its hash."""
    return f"decisions {entry_hash}"


def _signed_path(root: Path, entry_hash: str) -> Path:
    return root / SIGNATURES / _folder_of(entry_hash)


def _keep_signature(root: Path, entry_hash: str, sign: Callable[[str], str]) -> None:
    path = signature_path(_signed_path(root, entry_hash))
    path.parent.mkdir(exist_ok=True)
    path.write_text(sign(subject_of(entry_hash)), encoding="utf-8")
    force(path)


def engine_folder(root: Path, entry: Entry) -> Path:
    """Where the files of the engine of a batch stand; InputProblem if they are not as they were."""
    findings = tuple(_engine_findings(root, entry))
    if findings:
        raise InputProblem(findings)
    return root / ENGINES / _folder_of(entry.engine)


def _folder_of(engine: str) -> str:
    return engine.removeprefix("sha256:")


def _file_findings(root: Path, entry: Entry) -> Iterator[Finding]:
    file = root / entry.file
    remedy = "Bring the file back from a copy."
    if not file.is_file():
        yield Finding("batch-missing", Severity.ERROR, entry.file, "The batch is gone.", remedy)
    elif hash_file(file) != entry.sha256:
        yield Finding("batch-changed", Severity.ERROR, entry.file,
                      "The batch was changed since it was written.", remedy)  # fmt: skip
    yield from _engine_findings(root, entry)


def _engine_findings(root: Path, entry: Entry) -> Iterator[Finding]:
    folder, remedy = root / ENGINES / _folder_of(entry.engine), "Bring it back from a copy."
    if not folder.is_dir():
        yield Finding("engine-missing", Severity.ERROR, entry.file,
                      "The engine that decided is gone, so the batch cannot be replayed.",
                      remedy)  # fmt: skip
        return
    files = {path.name: path.read_text("utf-8", "replace") for path in folder.iterdir()}
    if hash_of(files) != entry.engine:
        yield Finding("engine-changed", Severity.ERROR, entry.file,
                      "The engine that decided was changed since, so the batch cannot be replayed.",
                      remedy)  # fmt: skip


def _require_log(root: Path) -> None:
    """Make the folders of a log in a place that is new or empty, or see that it is one."""
    if root.is_dir() and any(root.iterdir()) and not (root / LOG).is_dir():
        raise problem(
            "not-a-log",
            str(root),
            "The folder holds something else than a log of decisions.",
            "Name a new folder.",
        )
    for part in (LOG, BATCHES, ENGINES):
        (root / part).mkdir(parents=True, exist_ok=True)


@contextmanager
def _only_writer(root: Path) -> Iterator[None]:
    """Hold the log's lock; a killed writer's lock is free."""
    with (root / LOCK).open("ab") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _keep_engine(root: Path, engine: str, files: Mapping[str, str]) -> None:
    """Keep the files of an engine, once, whole or not at all."""
    folder = root / ENGINES / _folder_of(engine)
    if folder.is_dir():
        return
    with TemporaryDirectory(dir=root, prefix="aside-") as aside:
        new = Path(aside) / "engine"
        new.mkdir()
        for name, text in files.items():
            (new / name).write_text(text, encoding="utf-8")
            force(new / name)
        force(new)
        new.rename(folder)
    force(folder.parent)


def _write_batch(root: Path, aside: Path, number: int, records: Columns) -> Path:
    new = aside / "batch.parquet"
    write_columns(records, new)
    force(new)
    sha256 = hash_file(new).removeprefix("sha256:")
    # The hash in the name keeps what a killed writer left apart from what is written now.
    target = root / BATCHES / f"{number:08d}-{sha256[:8]}.parquet"
    new.rename(target)
    force(target.parent)
    return target
