"""What was acknowledged stays, once, whatever is killed, whenever."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest

from tests.book.migrating import migrate_apart
from tests.book.servers import server_folder
from tests.lending.ledger.books import NOW, book_all, booked, faults, move, open_books, sealed
from tests.lending.ledger.clients import SIZE
from tests.lending.ledger.kills import kill_all
from tradeline.book.connection import connect, in_tenant
from tradeline.book.server import start
from tradeline.lending.ledger.posting import post

CLIENTS = int(os.environ.get("TRADELINE_KILLS", "70"))
SERVERS = CLIENTS * 3 // 7
Web = psycopg.Connection


@pytest.fixture(scope="module")
def own() -> Iterator[Path]:
    """A server that may be killed."""
    with server_folder() as folder:
        start(folder)
        migrate_apart(folder)
        yield folder


def test_nothing_acknowledged_is_lost_or_doubled_when_clients_and_servers_are_killed(
    own: Path,
) -> None:
    with connect("worker", own) as connection:
        open_books(connection, "killed")
    count = kill_all(own, "killed", CLIENTS, SERVERS, np.random.default_rng(1))
    acknowledged = len(count.acknowledged)
    print(f"\n{count.clients} clients and {count.servers} servers killed, "
          f"{acknowledged} entries acknowledged, {count.entries} there")  # fmt: skip
    assert (count.lost, count.changed) == (0, 0)
    assert count.servers == SERVERS
    assert acknowledged > CLIENTS
    # The last batch may be there without its answer having arrived.
    assert 0 <= count.entries - acknowledged <= SIZE


class Cut:
    """Cuts the connection of a client before its statement of a number."""

    def __init__(self, connection: Web, before: int) -> None:
        self.connection, self.left = connection, before

    def execute(self, plain: Any) -> Any:
        def counted(cursor: Any, *arguments: Any, **options: Any) -> Any:
            if cursor.connection is self.connection:
                self.left -= 1
                if self.left < 0:
                    self.connection.close()
            return plain(cursor, *arguments, **options)

        return counted


def test_whichever_step_is_the_last_all_or_nothing_is_there(
    book: Path, web: Web, worker: Web, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = [move("a", 5), move("b", 6)]
    plain = psycopg.Cursor.execute
    steps = 0
    for steps in range(20):
        with connect("web", book) as client, monkeypatch.context() as patch:
            patch.setattr(psycopg.Cursor, "execute", Cut(client, steps).execute(plain))
            try:
                with in_tenant(client, tenant):
                    post(client, batch, NOW)
            except psycopg.OperationalError:
                assert booked(web, tenant) == {}
            else:
                break
    assert steps == 4  # to name the tenant, to look, to write entries, to write their lines
    first = book_all(web, tenant, *batch)
    assert book_all(web, tenant, *batch) == first
    assert booked(web, tenant) == {"cash": 11, "capital": -11}
    sealed(worker, tenant)
    assert faults(worker, tenant) == []
