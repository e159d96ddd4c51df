"""Landing a folder in a lake: read under its mapping, then appended as one batch."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb

from tradeline.kernel.findings import problem
from tradeline.kernel.hashing import canonical_json, hash_bytes, hash_file
from tradeline.lake.batches import Batch, Landed, append, check_name, landed_before
from tradeline.lake.landing import land
from tradeline.lake.mapping import FolderMapping, write_mapping
from tradeline.lake.records import Assurance
from tradeline.lake.store import open_lake


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


def land_folder(
    root: Path,
    folder: Path,
    mapping: FolderMapping,
    source: str,
    assurance: Assurance,
    progress: Callable[[str], None],
    batch_id: str | None = None,
    learned_at: datetime | None = None,
) -> Landed:
    """Land a folder as one batch; its id is the source and the content's hash unless one is given.

    `learned_at` (naive UTC) dates rows whose contract has no clocks; None dates them by the last
    record of the folder. Findings are those of reading and of landing. InputProblem as `append`,
    and for files that cannot be read.
    """
    check_name("source", source)
    content = content_hash(folder, mapping, source, learned_at)
    if batch_id is None:
        batch_id = f"{source}-{content.removeprefix('sha256:')[:16]}"
    else:
        check_name("batch", batch_id)
    batch = Batch(batch_id, source, assurance, content, learned_at)
    before = landed_before(open_lake(root), batch)
    if before:
        return before
    try:
        landing = land(duckdb.connect(), folder, mapping, progress)
    except OSError as error:
        raise problem(
            "folder-not-read",
            str(folder),
            f"The folder could not be read, nothing was landed: {error}.",
            "Make room for temporary files or mend the disk, then run the command again.",
        ) from error
    landed = append(root, landing.connection, batch, progress)
    return Landed(landed.entry, landed.record, landing.findings + landed.findings, landed.again)
