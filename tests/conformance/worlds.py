"""The worlds outside a lake, one for each kind of source: what is told there, and how it fails.

Each world tells orders, batch by batch, in its own way: as files, rows, requests or dictionaries.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from tests.lake.lakes import HEADER, Order, day, order_line
from tradeline.kernel.findings import InputProblem
from tradeline.lake.mapping import FolderMapping, parse_mapping
from tradeline.lake.records import Assurance
from tradeline.lake.sources.arrivals import Arrivals
from tradeline.lake.sources.bucket import Bucket, _Opened
from tradeline.lake.sources.database import Connect, Database, Session
from tradeline.lake.sources.dlt import Resource
from tradeline.lake.sources.folder import Folder
from tradeline.lake.sources.protocol import Source
from tradeline.lake.sources.pulling import Pulled, Retry, pull_source
from tradeline.lake.sources.push import Push
from tradeline.lake.sources.receiver import Door, Receiver

NOW = datetime(2025, 1, 1, tzinfo=UTC)
COLUMNS = HEADER.split(",")
TOKEN = "a token of the tests, long enough"
ROWS = 2
PATIENT = Retry()


class Stopped(Exception):
    """A program that ended in the midst of a pull."""


def mapping(file: str) -> FolderMapping:
    """How orders are read from files or records of that name."""
    columns = {name: name for name in COLUMNS}
    item = {"file": file, "contract": "orders", "columns": columns}
    return parse_mapping({"sources": [item]}, "sources.yaml")


def as_record(order: Order) -> dict[str, str]:
    """An order as a dictionary."""
    return dict(zip(COLUMNS, order_line(order).split(","), strict=True))


class World(ABC):
    """What a source reads; a `batch` is at most two orders, so that each is a batch of the lake."""

    waits: list[float]

    def __init__(self) -> None:
        self.waits = []

    @abstractmethod
    def source(self) -> Source:
        """A source that reads this world anew, as another program would."""

    @abstractmethod
    def tell(self, batch: Sequence[Order]) -> None:
        """Add a batch."""

    @abstractmethod
    def tell_broken(self) -> None:
        """Add a batch of order 7 of E7 and of a record that is none."""

    def tell_again(self) -> None:
        """Do what sources do that tell the same twice; some have nothing to do for it."""
        return

    @abstractmethod
    def fail(self, times: int) -> None:
        """Be away so many times."""

    @abstractmethod
    def refuse(self) -> str:
        """Fail for good; what is then to be said."""

    @abstractmethod
    def read_ahead(self) -> tuple[int, int]:
        """How many orders were read once the first batch was asked for, and how many may be."""

    def pull(self, root: Path, stop_after: int = 0, retry: Retry = PATIENT) -> Pulled:
        """Pull all there is; Stopped once so many batches were landed."""
        landed = 0

        def progress(line: str) -> None:
            nonlocal landed
            landed += ": batch " in line
            if stop_after and landed == stop_after:
                raise Stopped

        return pull_source(
            root, self.source(), Assurance.PLATFORM_OBSERVED, progress, self.waits.append, retry
        )


class FolderWorld(World):
    """Files in a folder."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.folder, self.monkeypatch = folder, monkeypatch
        self.opened = self.number = 0
        folder.mkdir()
        self._count_opened(Folder)

    def _count_opened(self, place: type) -> None:
        open_file = place.open  # type: ignore[attr-defined]

        def counted(own: Any, name: str) -> Any:
            self.opened += 1
            return open_file(own, name)

        self.monkeypatch.setattr(place, "open", counted)

    def arrivals(self) -> Arrivals:
        return Arrivals("shop", mapping("*.csv"), lambda: NOW, quiet_seconds=0)

    def source(self) -> Source:
        return Folder(self.folder, self.arrivals())

    def write(self, name: str, lines: Sequence[str]) -> None:
        self.number += 1
        path = self.folder / name
        path.write_text("\n".join([HEADER, *lines]), encoding="utf-8")
        os.utime(path, (self.number, self.number))

    def tell(self, batch: Sequence[Order]) -> None:
        # Names against the order of arrival: the order is that of time.
        self.write(f"orders-{99 - self.number}.csv", [order_line(order) for order in batch])

    def tell_broken(self) -> None:
        self.write("broken.csv", [order_line(("E7", "7", 7, 1, 2)), "no record"])

    def tell_again(self) -> None:
        for path in self.folder.iterdir():
            path.write_bytes(path.read_bytes())

    def fail(self, times: int) -> None:
        self._fail(Folder, times, OSError(5, "Input/output error"))

    def _fail(self, place: type, times: int, error: Exception) -> None:
        open_file, left = place.open, [error] * times  # type: ignore[attr-defined]

        def failing(own: Any, name: str) -> Any:
            if left:
                raise left.pop()
            return open_file(own, name)

        self.monkeypatch.setattr(place, "open", failing)

    def refuse(self) -> str:
        shutil.rmtree(self.folder)
        return "The folder does not exist. Check `where` and its name."

    def read_ahead(self) -> tuple[int, int]:
        return self.opened * ROWS, ROWS


class FileBucketWorld(FolderWorld):
    """Files reached by an address."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, monkeypatch)
        self._count_opened(_Opened)

    def source(self) -> Source:
        return Bucket(f"file://{self.folder}", self.arrivals())

    def fail(self, times: int) -> None:
        self._fail(_Opened, times, ConnectionResetError(104, "reset"))

    def refuse(self) -> str:
        shutil.rmtree(self.folder)
        return "There is nothing at this address. Check `where`, and whether you may list it."


class S3World(FileBucketWorld):
    """Objects of a bucket on a server that speaks S3."""

    def __init__(self, client: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(folder, monkeypatch)
        self.client, self.bucket = client, f"shop-{time.time_ns()}"
        client.create_bucket(Bucket=self.bucket)

    def source(self) -> Source:
        return Bucket(f"s3://{self.bucket}/incoming", self.arrivals())

    def write(self, name: str, lines: Sequence[str]) -> None:
        # All objects of a second bear the same time, so here the order is that of names.
        self.number += 1
        body = "\n".join([HEADER, *lines]).encode()
        key = f"incoming/{self.number:02d}-{name}"
        self.client.put_object(Bucket=self.bucket, Key=key, Body=body)

    def tell_again(self) -> None:
        for item in self.client.list_objects(Bucket=self.bucket)["Contents"]:
            body = self.client.get_object(Bucket=self.bucket, Key=item["Key"])["Body"].read()
            self.client.put_object(Bucket=self.bucket, Key=item["Key"], Body=body)

    def refuse(self) -> str:
        self.bucket = "nobody-has-this"
        return "There is nothing at this address. Check `where`, and whether you may list it."


class DatabaseWorld(World):
    """Rows of a table in a PostgreSQL."""

    def __init__(self, connection: Any, connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__()
        self.connection, self.real = connection, connect
        self.failures: list[Exception] = []
        self.fetched = self.number = 0
        self.table = f"orders_{time.time_ns()}"
        columns = ", ".join(f"{name} text" for name in COLUMNS)
        connection.execute(f"CREATE TABLE {self.table} ({columns}, updated_at timestamptz)")
        connection.execute(f"GRANT SELECT ON {self.table} TO web")
        monkeypatch.setattr("tradeline.lake.sources.database.FETCH", 3)

    @contextmanager
    def connect(self, tables: Sequence[str]) -> Iterator[Session]:
        if self.failures:
            raise self.failures.pop()
        with self.real(tables) as session:
            yield Session(lambda: _Counted(session.cursor(), self), session.placeholder)

    def source(self) -> Source:
        return Database(
            "shop",
            mapping(self.table),
            self.connect,
            "updated_at",
            lambda: NOW,
            timedelta(hours=1),
            ROWS,
        )

    def insert(self, records: Sequence[dict[str, str]]) -> None:
        for record in records:
            self.number += 1
            signs = ", ".join(["%s"] * (len(record) + 1))
            names = ", ".join([*record, "updated_at"])
            moment = day(0).replace(tzinfo=UTC) + timedelta(minutes=self.number)
            self.connection.execute(
                f"INSERT INTO {self.table} ({names}) VALUES ({signs})", [*record.values(), moment]
            )

    def tell(self, batch: Sequence[Order]) -> None:
        self.insert([as_record(order) for order in batch])

    def tell_broken(self) -> None:
        self.insert([as_record(("E7", "7", 7, 1, 2)), {"enterprise": "no record"}])

    def fail(self, times: int) -> None:
        import psycopg

        self.failures = [psycopg.OperationalError("server closed the connection")] * times

    def refuse(self) -> str:
        self.connection.execute(f"DROP TABLE {self.table}")
        return f'The database refuses: relation "{self.table}" does not exist'

    def read_ahead(self) -> tuple[int, int]:
        return self.fetched, ROWS + 3


class _Counted:
    """A cursor that counts what is fetched for the orders."""

    def __init__(self, cursor: Any, world: DatabaseWorld) -> None:
        self.cursor, self.world = cursor, world

    def execute(self, query: str, parameters: Sequence[Any], /) -> object:
        return self.cursor.execute(query, parameters)

    def fetchmany(self, size: int, /) -> Sequence[Sequence[Any]]:
        rows: Sequence[Sequence[Any]] = self.cursor.fetchmany(size)
        self.world.fetched += len(rows) if size > 1 else 0
        return rows

    def close(self) -> object:
        return self.cursor.close()


class ResourceWorld(World):
    """Dictionaries from a dlt resource."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[object] = []
        self.failures: list[Exception] = []
        self.given = 0

    def source(self) -> Source:
        import dlt

        @dlt.resource(name="orders")
        def orders() -> Iterator[Any]:
            for record in self.records:
                if self.failures:
                    raise self.failures.pop()
                self.given += 1
                yield record

        return Resource(
            "shop", mapping("orders"), lambda _file, _since: orders, lambda: NOW, rows=ROWS
        )

    def tell(self, batch: Sequence[Order]) -> None:
        self.records += [as_record(order) for order in batch]

    def tell_broken(self) -> None:
        self.records += [as_record(("E7", "7", 7, 1, 2)), "no record"]

    def fail(self, times: int) -> None:
        self.failures = [ConnectionError("away")] * times

    def refuse(self) -> str:
        self.failures = [ValueError("no such page")]
        return "What gives the records ended with ValueError. Run it by itself to see why"

    def read_ahead(self) -> tuple[int, int]:
        return self.given, ROWS + 1


class PushWorld(World):
    """Requests of a sender who repeats what was not answered, to a real receiver."""

    def __init__(self) -> None:
        super().__init__()
        self.bodies: list[str] = []
        self.answered = 0
        self.token, self.full = TOKEN, 0

    def source(self) -> Source:
        return Push("shop", mapping("orders"), lambda: NOW, waiting=1)

    def tell(self, batch: Sequence[Order]) -> None:
        self.bodies.append("\n".join(json.dumps(as_record(order)) for order in batch))

    def tell_broken(self) -> None:
        self.bodies.append(json.dumps(as_record(("E7", "7", 7, 1, 2))) + '\n{"no": record}')

    def tell_again(self) -> None:
        self.answered = 0

    def fail(self, times: int) -> None:
        self.full = times

    def refuse(self) -> str:
        self.token = "another token"
        return "The token is missing or wrong. Send `Authorization: Bearer TOKEN`."

    def read_ahead(self) -> tuple[int, int]:
        return 0, 0

    def pull(self, root: Path, stop_after: int = 0, retry: Retry = PATIENT) -> Pulled:
        """Send all that was not answered; the answer of the last is lost if there is a stop."""
        push = self.source()
        assert isinstance(push, Push)
        pulls: list[Pulled] = []

        def land() -> None:
            pulls.append(
                pull_source(
                    root, push, Assurance.PLATFORM_OBSERVED, lambda _: None, self.waits.append
                )
            )

        with serving(push, land) as address:
            refusal = self._send(address, push, stop_after, retry)
        (pulled,) = pulls
        if refusal:
            pulled.find(*refusal.findings)
            pulled.broken = True
        if stop_after and not refusal:
            raise Stopped
        return pulled

    def _send(self, address: str, push: Push, stop_after: int, retry: Retry) -> InputProblem | None:
        for number, body in list(enumerate(self.bodies))[self.answered :]:
            for attempt in range(1, retry.tries + 1):
                status, told = self._post(address, push, number, body)
                if status == 202:
                    break
                if status != 429 or attempt == retry.tries:
                    return InputProblem(_findings(told))
                self.waits.append(retry.wait_seconds(attempt))
            if stop_after and number + 1 == stop_after:
                return None
            self.answered = number + 1
        return None

    def _post(self, address: str, push: Push, number: int, body: str) -> tuple[int, Any]:
        self.full -= 1
        if self.full < 0:
            return post(f"{address}/shop/orders", body, f"key-{number}", self.token)
        with push.place():  # somebody else's delivery waits
            return post(f"{address}/shop/orders", body, f"key-{number}", self.token)


def _findings(told: Any) -> list[Any]:
    from tradeline.kernel.findings import Finding, Severity

    return [
        Finding(each["code"], Severity.ERROR, each["where"], each["message"], each["remedy"])
        for each in told["errors"]
    ]


@contextmanager
def serving(push: Push, land: Callable[[], None], **options: Any) -> Iterator[str]:
    """The address of a receiver on this machine."""
    doors = {push.name: Door(push, TOKEN.encode())}
    receiver = Receiver(doors, ("127.0.0.1", 0), lambda _: None, **options)
    threads = [Thread(target=receiver.serve_forever, args=(0.01,)), Thread(target=land)]
    for thread in threads:
        thread.start()
    try:
        yield f"http://127.0.0.1:{receiver.server_address[1]}"
    finally:
        receiver.shutdown()
        receiver.server_close()
        push.close()
        for thread in threads:
            thread.join()


def post(
    address: str, body: str | bytes, key: str, token: str = TOKEN, **headers: str
) -> tuple[int, Any]:
    """Send a delivery; the status and the JSON of the answer."""
    request = urllib.request.Request(
        address,
        body.encode() if isinstance(body, str) else body,
        {
            "Authorization": f"Bearer {token}",
            "Idempotency-Key": key,
            "Content-Type": "application/jsonl",
        }
        | headers,
    )
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code, json.load(refusal)


@contextmanager
def s3_server() -> Iterator[str]:
    """The address of a server on this machine that speaks S3."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            _wait_for(port)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the server of the tests does not start")
