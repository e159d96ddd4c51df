"""A pushed source: who may send, what is answered, what is bounded, and how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from tests.conformance.worlds import (
    COLUMNS,
    NOW,
    ROWS,
    TOKEN,
    as_record,
    mapping,
    post,
    serving,
)
from tests.lake.lakes import HEADER, Order, answers, new_lake, order_line
from tradeline.lake.records import Assurance
from tradeline.lake.sources.pulling import pull_source
from tradeline.lake.sources.push import Push
from tradeline.lake.sources.receiver import Limits
from tradeline.lake.store import open_lake

ORDER: Order = ("E1", "1", 10, 1, 1)
BODY = json.dumps(as_record(ORDER))


class Tills:
    """A receiver and its lake; `said` is what it logs."""

    def __init__(self, root: Path, address: str, push: Push) -> None:
        self.root, self.address, self.push = root, address, push

    def post(
        self, body: str | bytes = BODY, key: str = "k1", path: str = "shop/orders",
        token: str = TOKEN, **headers: str,
    ) -> tuple[int, Any]:  # fmt: skip
        return post(f"{self.address}/{path}", body, key, token, **headers)

    def said(self, *words: Any, **named: str) -> tuple[int, str]:
        """The status and the words of the first error."""
        status, told = self.post(*words, **named)
        error = told["errors"][0]
        return status, f"{error['message']} {error['remedy']}"


@contextmanager
def tills(root: Path, **options: Any) -> Iterator[Tills]:
    push = Push("shop", mapping("orders"), lambda: NOW, waiting=ROWS)

    def land() -> None:
        while not push.is_closed:
            pull_source(root, push, Assurance.PLATFORM_OBSERVED, lambda _: None, lambda _: None)

    with serving(push, land, **options) as address:
        yield Tills(root, address, push)


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Tills]:
    with tills(new_lake(tmp_path), limits=Limits(body_bytes=2_000)) as made:
        yield made


def test_the_answer_comes_once_the_batch_stands_in_the_lake(till: Tills) -> None:
    status, told = till.post()
    assert (status, told["new"], told["again"], told["batch"]) == (202, 1, False, "shop-k1")
    assert answers(till.root) == [("E1", "1", 10)]
    assert till.post() == (202, told | {"again": True})
    assert len(open_lake(till.root).entries) == 1


def test_csv_is_read_too(till: Tills) -> None:
    body = f"{HEADER}\n{order_line(ORDER)}\n"
    assert till.post(body, **{"Content-Type": "text/csv; charset=utf-8"})[0] == 202
    assert answers(till.root) == [("E1", "1", 10)]


def test_fields_that_a_record_lacks_are_empty_and_others_are_not_read(till: Tills) -> None:
    record = as_record(ORDER) | {"more": "x"}
    body = "\n".join([json.dumps(record), json.dumps({"order_no": "2"}), "no json", '"text"'])
    status, told = till.post(body)
    assert (status, told["new"], told["refused"]) == (202, 1, 3)


def test_a_body_of_nothing_but_broken_records_is_kept(till: Tills) -> None:
    status, told = till.post("no json\nnone either")
    assert (status, told["new"], told["refused"]) == (202, 0, 2)


def test_who_has_no_token_is_turned_away(till: Tills) -> None:
    message = "The token is missing or wrong. Send `Authorization: Bearer TOKEN`."
    assert till.said(token="x") == (401, message)
    assert till.said(token="") == (401, message)
    assert till.said(Authorization=TOKEN) == (401, message)
    assert open_lake(till.root).entries == ()


def test_what_is_no_delivery_is_answered_with_what_to_do(till: Tills) -> None:
    assert till.said(path="shopping/orders") == (
        404, "Nothing is received here. POST to /SOURCE/FILE as the file of sources names them.",
    )  # fmt: skip
    assert till.said(path="shop/order") == (
        404, "The mapping has no file of this name. POST to /shop/orders.",
    )  # fmt: skip
    assert till.said(key="") == (
        400,
        "There is no Idempotency-Key. Send one for each delivery, the same if you send it again.",
    )
    assert till.said(key="a key") == (
        400,
        "The key 'a key' cannot name a batch. Send 1 to 100 visible ASCII characters, such as a "
        "UUID, the same each time you send the same.",
    )
    assert till.said(**{"Content-Type": "application/xml"}) == (
        415,
        "A body of application/xml (identity) is not read. Send application/jsonl or "
        "application/x-ndjson or text/csv, not packed.",
    )
    assert till.said(**{"Content-Encoding": "gzip"})[0] == 415
    assert till.said(b"x" * 2_001) == (
        413,
        "The body is longer than 2,000 bytes. Send it in parts, each with a key of its own.",
    )
    assert open_lake(till.root).entries == ()


def raw(till: Tills, header: str, body: bytes = b"") -> bytes:
    """What is answered to a request that stands there word for word."""
    host, port = till.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as line:
        head = (
            f"POST /shop/orders HTTP/1.1\r\nAuthorization: Bearer {TOKEN}\r\n"
            f"Idempotency-Key: k\r\nContent-Type: application/jsonl\r\n{header}\r\n\r\n"
        )
        line.sendall(head.encode() + body)
        line.shutdown(socket.SHUT_WR)
        with line.makefile("rb") as answer:
            return answer.read()


def test_a_body_without_a_length_is_refused(till: Tills) -> None:
    answer = raw(till, "Transfer-Encoding: chunked")
    assert answer.startswith(b"HTTP/1.1 411 ")
    assert b"The length of the body is not stated." in answer


def test_a_body_that_is_cut_off_is_not_landed(till: Tills) -> None:
    answer = raw(till, "Content-Length: 999", BODY.encode())
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"The body is shorter than its stated length." in answer
    assert open_lake(till.root).entries == ()


def test_other_content_under_a_key_is_refused(till: Tills) -> None:
    till.post()
    status, said = till.said(json.dumps(as_record(("E1", "2", 20, 1, 1))))
    assert status == 409
    assert said.startswith("This batch was landed as entry 1 with content sha256:")
    assert said.endswith(
        "Give new content a batch id of its own; corrections come as later batches."
    )


def test_a_body_that_cannot_be_read_is_refused_and_the_next_is_landed(till: Tills) -> None:
    status, said = till.said("a,b\n1,2\n", **{"Content-Type": "text/csv"})
    assert status == 422
    assert "The mapping needs the column 'enterprise', the file has 'a', 'b'." in said
    assert till.post()[0] == 202


def test_a_full_queue_makes_who_sends_wait(till: Tills) -> None:
    with till.push.place(), till.push.place():
        request = urllib.request.Request(
            f"{till.address}/shop/orders", BODY.encode(),
            {"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": "k"},
        )  # fmt: skip
        with pytest.raises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(request)
    with refusal.value as answer:
        assert (answer.code, answer.headers["Retry-After"]) == (429, "2")
        message = json.load(answer)["errors"][0]
    assert message["message"] == "Too much waits to be landed."
    assert message["remedy"] == "Send it again in 2 seconds."
    assert till.post()[0] == 202


def test_what_does_not_land_in_time_is_to_be_sent_again(tmp_path: Path) -> None:
    push = Push("shop", mapping("orders"), lambda: NOW)
    with serving(push, lambda: None, limits=Limits(landing_seconds=0.05)) as address:
        till = Tills(tmp_path, address, push)
        assert till.said() == (
            503, "It could not be landed in time. Send it again with the same key.",
        )  # fmt: skip


def test_a_sender_who_trickles_is_ended(tmp_path: Path) -> None:
    with tills(new_lake(tmp_path), limits=Limits(sending_seconds=0)) as till:
        answer = raw(till, f"Content-Length: {len(BODY) + 9}", BODY.encode())
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"The body took too long to come." in answer


def test_too_many_connections_are_turned_away_at_once(tmp_path: Path) -> None:
    with tills(new_lake(tmp_path), limits=Limits(connections=1, silent_seconds=5)) as till:
        host, port = till.address.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as silent:
            silent.sendall(b"POST ")
            with socket.create_connection((host, int(port))) as second:
                assert second.recv(1_000).startswith(b"HTTP/1.1 503 ")


def test_many_at_once_are_each_landed_once(tmp_path: Path) -> None:
    with tills(new_lake(tmp_path)) as till:
        statuses: list[int] = []

        def send(number: int) -> None:
            body = json.dumps(as_record(("E1", str(number), number, 1, 1)))
            while True:
                status, _ = till.post(body, key=f"k{number}")
                if status == 202:
                    statuses.append(status)
                    return

        senders = [Thread(target=send, args=(number % 4,)) for number in range(8)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
        assert statuses == [202] * 8
    assert len(answers(till.root)) == 4
    assert len(open_lake(till.root).entries) == 4


@contextmanager
def served(folder: Path, *words: str, token: str = TOKEN) -> Iterator[tuple[Any, str]]:
    """`tradeline lake serve` as a program of its own, and its address."""
    item = {"file": "orders", "contract": "orders", "columns": {name: name for name in COLUMNS}}
    source = {
        "kind": "push", "token": "$TILLS", "assurance": "platform-observed", "every": "1 day",
        "mapping": [item],
    }  # fmt: skip
    (folder / "sources.yaml").write_text(yaml.safe_dump({"sources": {"shop": source}}), "utf-8")
    command = ["-m", "tradeline", "lake", "serve", str(folder / "lake"), "sources.yaml"]
    with subprocess.Popen(
        [sys.executable, *command, "--port", "0", *words],
        cwd=folder,
        env=os.environ | {"TILLS": token, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout
        line = program.stdout.readline()
        try:
            yield program, line.split()[-1] if line else ""
        finally:
            program.kill()


def test_what_was_answered_survives_a_kill_and_an_end_is_clean(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    with served(tmp_path) as (program, address):
        assert Tills(root, address, None).post()[0] == 202  # type: ignore[arg-type]
        program.kill()
        program.wait()
    assert answers(root) == [("E1", "1", 10)]
    with served(tmp_path) as (program, address):
        assert Tills(root, address, None).post()[1]["again"]  # type: ignore[arg-type]
        program.send_signal(signal.SIGTERM)
        out, err = program.communicate(timeout=20)
    assert (program.returncode, out) == (0, "All that was received is landed.\n")
    assert "shop: answered 202" in err
    assert TOKEN not in out + err


def test_a_host_that_others_reach_must_be_asked_for(tmp_path: Path) -> None:
    new_lake(tmp_path)
    with served(tmp_path, "--host", "0.0.0.0") as (program, _):
        _, err = program.communicate(timeout=20)
    assert program.returncode == 2
    assert err == (
        "error: --host: 0.0.0.0 can be reached from other machines, and what is sent is not "
        "encrypted. Put a server with TLS before it on this machine, or say "
        "--beyond-this-machine.\n"
    )
