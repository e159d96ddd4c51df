"""Landing a folder in a lake: read under its mapping, then appended as one batch."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import duckdb

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.kernel.hashing import canonical_json, hash_bytes, hash_file
from tradeline.lake.batches import Batch, Landed, append, check_name, landed_before
from tradeline.lake.landing import Landing, land
from tradeline.lake.mapping import FolderMapping, write_mapping
from tradeline.lake.records import Assurance
from tradeline.lake.shape import Shapes, changes, joined
from tradeline.lake.store import Lake, open_lake


def content_hash(
    folder: Path, mapping: FolderMapping, source: str, learned_at: datetime | None
) -> str:
    """The hash of what a batch is: its source, the mapping, the bytes of each file, its date."""
    files = sorted({name for item in mapping.sources for name in item.files})
    present = [name for name in files if (folder / name).is_file()]
    content = {
        "source": source,
        "mapping": write_mapping(mapping),
        "files": {name: hash_file(folder / name) for name in present},
        "learned_at": learned_at.isoformat() if learned_at else None,
    }
    return hash_bytes(canonical_json(content).encode())


def known_shapes(lake: Lake, source: str) -> Shapes:
    """How a source told its contracts in all batches of a lake."""
    records = (entry.batch for entry in lake.entries if entry.batch)
    return joined(record.shape for record in records if record.source == source)


def shape_changes(known: Shapes, landing: Landing) -> list[Finding]:
    """What a batch changes about the shape of its source; InputProblem for what must not change."""
    changed = changes(known, landing.shapes, landing.misfits)
    stopping = [change for change in changed if change.severity is Severity.ERROR]
    if stopping:
        raise InputProblem(stopping)
    return changed


def land_folder(
    root: Path,
    folder: Path,
    mapping: FolderMapping,
    source: str,
    assurance: Assurance,
    progress: Callable[[str], None],
    batch_id: str | None = None,
    learned_at: datetime | None = None,
    key_file: Path | None = None,
) -> Landed:
    """Land a folder as one batch; its id is the source and the content's hash unless one is given.

    `learned_at` (naive UTC) dates rows whose contract has no clocks; None dates them by the last
    record of the folder. Findings are those of reading and of landing, and what the batch changes
    about the shape of its source. InputProblem as `append`, for files that cannot be read, and for
    a shape that cannot be compared with the one before.
    """
    check_name("source", source)
    content = content_hash(folder, mapping, source, learned_at)
    if batch_id is None:
        batch_id = f"{source}-{content.removeprefix('sha256:')[:16]}"
    else:
        check_name("batch", batch_id)
    batch = Batch(batch_id, source, assurance, content, learned_at)
    lake = open_lake(root)
    before = landed_before(lake, batch)
    if before:
        return before
    known = known_shapes(lake, source)
    try:
        landing = land(duckdb.connect(), folder, mapping, progress)
    except OSError as error:
        raise problem(
            "folder-not-read",
            str(folder),
            f"The folder could not be read, nothing was landed: {error}.",
            "Make room for temporary files or mend the disk, then run the command again.",
        ) from error
    changed = shape_changes(known, landing)
    shaped = replace(batch, shape=landing.shapes)
    landed = append(root, landing.connection, shaped, progress, key_file)
    findings = (*landing.findings, *changed, *landed.findings)
    return Landed(landed.entry, landed.record, findings, landed.again)
