"""New rows for a hot store, bucket by bucket: from the entries of a lake."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import duckdb

from tradeline.creditfile.features.hot.needs import ENTRY_SHIFT, NEVER, Need, select_sql, stamp_sql
from tradeline.creditfile.features.hot.rows import Block, arranged, number_firms, part_of
from tradeline.lake.contracts import BY_NAME
from tradeline.lake.log import DataFile
from tradeline.lake.reading import rows_sql
from tradeline.lake.records import key_columns, strength_sql
from tradeline.lake.store import Lake

HEXADECIMAL = "0123456789abcdef"


def lake_blocks(lake: Lake, needs: Mapping[str, Need], after: int) -> Iterator[tuple[str, Block]]:
    """The rows of entries after `after`, by bucket; of no bucket without any."""
    added = {file.path for entry in lake.entries[after:] for file in entry.adds}
    files: dict[str, dict[str, list[DataFile]]] = defaultdict(lambda: defaultdict(list))
    for file in lake.files:
        if file.path in added and file.dataset in needs:
            files[file.bucket][file.dataset].append(file)
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    for bucket, by_contract in sorted(files.items()):
        rows = {
            # A file that compaction wrote holds rows of earlier entries too.
            name: f"(SELECT * FROM ({rows_sql(lake.root, own)}) WHERE entry > {after:d})"
            for name, own in by_contract.items()
        }
        block = _block(connection, needs, rows)
        if block.enterprises:
            yield bucket, block


def _block(
    connection: duckdb.DuckDBPyConnection, needs: Mapping[str, Need], rows: Mapping[str, str]
) -> Block:
    union = " UNION ".join(f"SELECT enterprise FROM {source}" for source in rows.values())
    found = connection.execute(f"SELECT DISTINCT enterprise FROM ({union})").fetchall()
    enterprises = tuple(sorted(name for (name,) in found))
    number_firms(connection, enterprises)
    made = {}
    for name, need in needs.items():
        stamps = f"{stamp_sql(strength_sql())} AS stamp_0, {_key_sql(name)} AS stamp_1"
        columns = f"{select_sql(need, f'CAST({NEVER} AS BIGINT)')}, {stamps}"
        source = rows.get(name) or _none(need)
        made[name] = arranged(
            need,
            len(enterprises),
            connection.execute(
                f"SELECT {columns} FROM {source} JOIN firms USING (enterprise)"
            ).fetchnumpy(),
        )
    return Block(enterprises, made)


def _key_sql(contract: str) -> str:
    return f"hash({', '.join(key_columns(BY_NAME[contract]))})"


def _none(need: Need) -> str:
    own = {field.column: field.sql_type for field in BY_NAME[need.contract].fields}
    stamps = {"assurance": "VARCHAR", "entry": "BIGINT", "revision": "BOOLEAN"}
    columns = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in (own | stamps).items())
    return f"(SELECT {columns} WHERE false)"


def _slice(
    connection: duckdb.DuckDBPyConnection,
    needs: Mapping[str, Need],
    held: Sequence[str],
    buckets: str,
    entry: int,
) -> Iterator[tuple[str, Block]]:
    named = connection.execute(
        "SELECT enterprise, bucket FROM bucketed WHERE contains(?, bucket) ORDER BY bucket,"
        " enterprise",
        [buckets],
    ).fetchall()
    number_firms(connection, [enterprise for enterprise, _ in named])
    starts: dict[str, list[str]] = defaultdict(list)
    for enterprise, bucket in named:
        starts[bucket].append(enterprise)
    stamp = f"CAST({entry << ENTRY_SHIFT} AS BIGINT) AS stamp_0, CAST(0 AS BIGINT) AS stamp_1"
    read = {}
    for name, need in needs.items():
        columns = f"{select_sql(need, f'CAST({NEVER} AS BIGINT)')}, {stamp}"
        source = name if name in held else _none(need)
        read[name] = arranged(
            need,
            len(named),
            connection.execute(
                f"SELECT {columns} FROM {source} JOIN firms USING (enterprise)"
            ).fetchnumpy(),
        )
    first = 0
    for bucket, enterprises in starts.items():
        last = first + len(enterprises)
        yield (
            bucket,
            Block(
                tuple(enterprises),
                {name: part_of(rows, first, last) for name, rows in read.items()},
            ),
        )
        first = last
