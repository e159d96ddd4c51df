"""A program that pulls a folder and a database into a lake, and may kill itself on the way.

`python -m tests.lake.killed_puller WORLD CALL` kills itself with SIGKILL before its CALL-th call
that touches the disk (0: never). WORLD holds `incoming`, `shop.sqlite` and `lake`.
"""

import sqlite3
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from tests.lake.killed_writer import kill_before
from tests.lake.lakes import HEADER, Order, order_line
from tradeline.lake.mapping import FolderMapping, parse_mapping
from tradeline.lake.records import Assurance
from tradeline.lake.sources.arrivals import Arrivals
from tradeline.lake.sources.database import Database, Session
from tradeline.lake.sources.folder import Folder
from tradeline.lake.sources.protocol import Source
from tradeline.lake.sources.pulling import pull_source
from tradeline.lake.store import init_lake

NOW = datetime(2025, 1, 1, tzinfo=UTC)
COLUMNS = HEADER.split(",")
FILES, ROWS = 6, 24


def bank_orders() -> list[Order]:
    """What the files tell, in their order: a new order each, and a correction of the one before."""
    told = []
    for number in range(FILES):
        told.append(("E1", f"bank-{number}", 10 + number, number, number))
        if number:
            told.append(("E1", f"bank-{number - 1}", 99, number - 1, number))
    return told


def shop_orders() -> list[Order]:
    """What the table tells, in the order of its mark."""
    return [(f"E{number % 5}", f"shop-{number}", number, number, number) for number in range(ROWS)]


def make_world(world: Path) -> None:
    """The folder, the database and an empty lake; the last two files lie in an archive."""
    folder = world / "incoming"
    folder.mkdir()
    contents = {}
    for number in range(FILES):
        own = [order for order in bank_orders() if order[4] == number]
        contents[f"{number}.csv"] = "\n".join([HEADER, *map(order_line, own)])
    for name, text in list(contents.items())[:-2]:
        (folder / name).write_text(text, encoding="utf-8")
    with zipfile.ZipFile(folder / "last.zip", "w") as archive:
        for name, text in list(contents.items())[-2:]:
            archive.writestr(name, text)
    with closing(sqlite3.connect(world / "shop.sqlite")) as shop, shop:
        shop.execute(f"CREATE TABLE orders (changed INTEGER, {', '.join(COLUMNS)})")
        signs = ", ".join("?" * (len(COLUMNS) + 1))
        for number, order in enumerate(shop_orders()):
            row = [number, *order_line(order).split(",")]
            shop.execute(f"INSERT INTO orders VALUES ({signs})", row)
    init_lake(world / "lake")


def sources(world: Path) -> tuple[Source, Source]:
    """The folder and the database, as a program would read them anew."""

    @contextmanager
    def connect(_: Sequence[str]) -> Iterator[Session]:
        with closing(sqlite3.connect(world / "shop.sqlite")) as shop:
            yield Session(shop.cursor, "?")

    arrivals = Arrivals("bank", _mapping("*.csv"), lambda: NOW, quiet_seconds=0)
    shop = Database("shop", _mapping("orders"), connect, "changed", lambda: NOW, overlap=3, rows=5)
    return Folder(world / "incoming", arrivals), shop


def _mapping(file: str) -> FolderMapping:
    columns = {name: name for name in COLUMNS}
    item = {"file": file, "contract": "orders", "columns": columns}
    return parse_mapping({"sources": [item]}, "sources.yaml")


def pull(world: Path) -> None:
    """Pull both sources."""
    for source in sources(world):
        pulled = pull_source(
            world / "lake", source, Assurance.PLATFORM_OBSERVED, lambda _: None, lambda _: None
        )
        if pulled.broken or pulled.findings:
            raise AssertionError(pulled.findings)


if __name__ == "__main__":
    if int(sys.argv[2]):
        kill_before(int(sys.argv[2]))
    print("ready", flush=True)
    pull(Path(sys.argv[1]))
