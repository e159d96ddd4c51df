"""Which identifiers are written most like one that nobody knows: what may be meant by a slip."""

import duckdb

from tradeline.lake.reading import rows_sql
from tradeline.lake.store import BUCKETED, Lake

NEAR = 0.7
SUGGESTIONS = 3


def near_in_lake(lake: Lake, name: str) -> str:
    """What may be meant, of all the identifiers of a lake, as a question; empty if none is near."""
    told = [files for dataset in sorted(BUCKETED) if (files := lake.files_of(dataset))]
    every = [f"SELECT enterprise FROM ({rows_sql(lake.root, files)})" for files in told]
    with duckdb.connect() as connection:
        return near(connection, every, name)


def near(connection: duckdb.DuckDBPyConnection, every: list[str], name: str) -> str:
    """As `near_in_lake`, of what the statements `every` select as `enterprise`."""
    if not every:
        return ""
    alike = f"jaro_winkler_similarity({_plain_sql('enterprise')}, {_plain_sql('$1')})"
    rows = connection.execute(
        f"SELECT enterprise, {alike} AS near "
        f"FROM ({' UNION '.join(every)}) WHERE near > {NEAR} AND enterprise <> $1 "
        f"ORDER BY near DESC, enterprise LIMIT {SUGGESTIONS}",
        [name],
    ).fetchall()
    return f"Did you mean {' or '.join(repr(found) for found, _ in rows)}? " if rows else ""


def _plain_sql(text: str) -> str:
    """A text without capitals, signs and blanks: they are what is most often left out."""
    return f"regexp_replace(lower({text}), '[[:punct:][:space:]]', '', 'g')"
