"""Small lakes of every dataset, told batch by batch, with corrections and late records."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np

from tests.creditfile.features.tables import LISTED, Row, Tables, market
from tradeline.kernel.hashing import hash_bytes
from tradeline.lake.batches import Batch, append
from tradeline.lake.contracts import BY_NAME, CONTRACTS
from tradeline.lake.records import Assurance, is_dated, key_columns, strength_sql
from tradeline.lake.store import Lake, open_lake

SOURCES = {
    "firm": Assurance.SELF_DECLARED,
    "shop": Assurance.PLATFORM_OBSERVED,
    "tax": Assurance.AUTHORITY_VERIFIED,
}


def tell(root: Path, tables: Mapping[str, Sequence[Row]], batch: str, source: str) -> None:
    """Land rows as one batch."""
    with duckdb.connect() as connection:
        for contract in CONTRACTS:
            columns = {field.column: field.sql_type for field in contract.fields}
            listed = ", ".join(f"{name} {kind}" for name, kind in columns.items())
            table = f"landed_{contract.name}"
            connection.execute(
                f"CREATE TABLE {table} ({listed}, source_file VARCHAR, source_row BIGINT)"
            )
            rows = list(tables.get(contract.name, ()))
            if rows:
                values = [[row.get(name) for row in rows] for name in columns]
                unnested = ", ".join(f"unnest(?::{kind}[])" for kind in columns.values())
                insert = f"INSERT INTO {table} SELECT {unnested}, 'f', 1"
                connection.execute(insert, values)
        connection.execute(
            "CREATE TABLE refused (source INTEGER, file VARCHAR, contract VARCHAR, file_row BIGINT,"
            " code VARCHAR, reason VARCHAR, content VARCHAR, enterprise VARCHAR)"
        )
        content = hash_bytes(repr(tables).encode())
        told = Batch(batch, source, SOURCES[source], content, datetime(2020, 1, 1))  # noqa: DTZ001
        append(root, connection, told, lambda _: None)


def tellings(seed: int, rows: int, as_of: datetime, batches: int) -> list[tuple[str, Tables]]:
    """Rows of a market in batches by sources; some are told again later with other amounts."""
    random = np.random.default_rng(seed)
    every = market(seed, rows, as_of)
    every["enterprises"] = [{"enterprise": firm, "name": firm} for firm in LISTED]
    told: list[tuple[str, Tables]] = [
        (str(random.choice(list(SOURCES))), {name: [] for name in every}) for _ in range(batches)
    ]
    for name, own in every.items():
        for row in own:
            first = int(random.integers(batches))
            told[first][1][name].append(row)
            if name != "enterprises" and random.random() < 0.3:
                again = int(random.integers(first, batches))
                if again > first:
                    told[again][1][name].append(corrected(random, name, row))
    return told


def corrected(random: np.random.Generator, name: str, row: Row) -> Row:
    """A later version of a row's key: another amount or status, recorded later, or earlier."""
    recorded = row["recorded_at"]
    assert isinstance(recorded, datetime)
    late = timedelta(days=int(random.integers(-5, 90)), seconds=1)
    changed = dict(row) | {"recorded_at": recorded + late}
    key = key_columns(BY_NAME[name])
    for column, value in row.items():
        if column.endswith("_minor") and column not in key and isinstance(value, int):
            changed[column] = value + int(random.integers(1, 5)) * 100
    if "status" in row and random.random() < 0.5:
        changed["status"] = "cancelled" if name == "orders" else row["status"]
    return changed


def as_told(root: Path | Lake) -> duckdb.DuckDBPyConnection:
    """Every version in a lake as tables of a connection, with the moment it was superseded."""
    lake = open_lake(root) if isinstance(root, Path) else root
    far = datetime(2100, 1, 1)  # noqa: DTZ001
    connection = lake.connect(far, far)
    for contract in CONTRACTS:
        if not is_dated(contract):
            continue
        keys = ", ".join(key_columns(contract))
        superseded = (
            f"MIN(recorded_at) OVER (PARTITION BY {keys} ORDER BY {strength_sql()} DESC,"
            " recorded_at DESC, entry DESC ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
        )
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE kept_{contract.name} AS"
            f" SELECT *, {superseded} AS superseded_at FROM told_{contract.name}"
        )
        connection.execute(f"DROP VIEW {contract.name}")
        connection.execute(f"ALTER TABLE kept_{contract.name} RENAME TO {contract.name}")
    return connection
