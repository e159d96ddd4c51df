"""Records that the platform makes itself, landed as a batch like those of any source."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.lake.batches import Batch, Landed, append
from tradeline.lake.contracts import BY_NAME
from tradeline.lake.landing import create_tables
from tradeline.lake.records import Assurance


def tell(
    root: Path,
    contract: str,
    rows: Sequence[Mapping[str, object]],
    source: str,
    assurance: Assurance,
    key_file: Path | None = None,
) -> Landed:
    """Land rows of one contract, given by its columns; moments are naive UTC.

    The batch is named by its source and content. InputProblem as `append`.
    """
    columns = {field.column: field.sql_type for field in BY_NAME[contract].fields}
    content = hash_bytes(canonical_json([contract, list(map(_as_texts, rows))]).encode())
    batch = Batch(f"{source}-{content.removeprefix('sha256:')[:16]}", source, assurance, content)
    with duckdb.connect() as connection:
        create_tables(connection)
        unnested = ", ".join(f"UNNEST(?::{kind}[])" for kind in columns.values())
        connection.execute(
            f"INSERT INTO landed_{contract} SELECT {unnested}, ?, UNNEST(range(1, ?)), 0",
            [*([row.get(name) for row in rows] for name in columns), source, len(rows) + 1],
        )
        return append(root, connection, batch, lambda _: None, key_file)


def _as_texts(row: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in row.items()}
