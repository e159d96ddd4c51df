"""Small lakes for tests: folders of orders, landed batch by batch."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from tradeline.kernel.hashing import hash_bytes
from tradeline.lake.batches import Batch, Landed, append
from tradeline.lake.folders import land_folder
from tradeline.lake.mapping import FolderMapping, parse_mapping
from tradeline.lake.records import Assurance
from tradeline.lake.store import Lake, init_lake, open_lake

FIRST_DAY = datetime(2024, 1, 1)  # noqa: DTZ001  # the lake keeps moments in naive UTC
FAR = datetime(2100, 1, 1)  # noqa: DTZ001
HEADER = "enterprise,order_no,counterparty,gross,status,occurred_at,recorded_at"
ORDERS = {
    "file": "orders.csv",
    "contract": "orders",
    "columns": {name: name for name in HEADER.split(",")},
}
Order = tuple[str, str, int, int, int]


def day(number: int) -> datetime:
    """A moment, so many days after the first."""
    return FIRST_DAY + timedelta(days=number)


def order_line(order: Order) -> str:
    """An order of firm, number, gross, day of occurrence and day of record as a line of CSV."""
    firm, number, gross, occurred, recorded = order
    return f"{firm},{number},B1,{gross},placed,{day(occurred):%Y-%m-%d},{day(recorded):%Y-%m-%d}"


def orders_mapping() -> FolderMapping:
    """How a folder of orders is read."""
    return parse_mapping({"sources": [ORDERS]}, "tradeline.yaml")


def write_orders(folder: Path, orders: Iterable[Order]) -> Path:
    """A folder with one file of orders."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [HEADER, *map(order_line, orders)]
    (folder / "orders.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder


def new_lake(folder: Path) -> Path:
    """An empty lake."""
    root = folder / "lake"
    init_lake(root)
    return root


def land_orders(
    root: Path,
    orders: Iterable[Order],
    batch: str | None = None,
    source: str = "shop",
    assurance: Assurance = Assurance.PLATFORM_OBSERVED,
) -> Landed:
    """Land orders as one batch."""
    folder = write_orders(root.parent / "incoming", orders)
    return land_folder(
        root, folder, orders_mapping(), source, assurance, lambda _: None, batch_id=batch
    )


def tell_orders(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    orders: Iterable[Order],
    batch: str,
    source: str,
    assurance: Assurance,
) -> Landed:
    """Land orders as one batch by the tables of a landed folder: quick, no file is read."""
    rows = list(orders)
    connection.execute("DELETE FROM landed_orders")
    for firm, number, gross, occurred, recorded in rows:
        connection.execute(
            "INSERT INTO landed_orders VALUES (?, ?, 'B1', ?, 'CNY', 'placed', ?, ?, 'f', 1, 0)",
            [firm, number, gross * 100, day(occurred), day(recorded)],
        )
    content = hash_bytes(f"{source} {rows}".encode())
    return append(root, connection, Batch(batch, source, assurance, content), lambda _: None)


def answers(
    root: Path | Lake, as_of: datetime = FAR, known_at: datetime = FAR, entry: int | None = None
) -> list[tuple[str, str, int]]:
    """Firm, number and gross (currency units) of the orders that a read gives, sorted."""
    lake = open_lake(root) if isinstance(root, Path) else root
    query = "SELECT enterprise, order_no, gross_minor // 100 FROM orders ORDER BY ALL"
    return lake.connect(as_of, known_at, entry).execute(query).fetchall()
