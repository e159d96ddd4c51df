"""The HTTP side of pushed sources: who may send what, how much at once, and what is answered.

`POST /SOURCE/FILE` with a bearer token and an Idempotency-Key; the body is JSON Lines or CSV. The
answer is 202 once the batch stands in the lake, and the same however often it is sent.
"""

import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import socket
from threading import BoundedSemaphore
from time import monotonic
from typing import Any

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lake.batches import Landed
from tradeline.lake.sources.push import BodyKind, Push, Pushed

BODY_KINDS: Mapping[str, BodyKind] = {
    "application/jsonl": "json lines",
    "application/x-ndjson": "json lines",
    "text/csv": "csv",
}
RETRY_SECONDS = 2
BLOCK_BYTES = 65_536
BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)


@dataclass(frozen=True, slots=True)
class Limits:
    """The most of a body, of connections at once, of silence, of sending, of waiting to land."""

    body_bytes: int = 16 * 1024**2
    connections: int = 64
    silent_seconds: float = 30.0
    sending_seconds: float = 120.0
    landing_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class Door:
    """A pushed source and the token of those who may send to it; it is never shown."""

    push: Push
    token: bytes

    def __repr__(self) -> str:
        return f"Door({self.push.name})"

    def opens(self, header: str) -> bool:
        """Whether an Authorization header bears the token; takes as long for any other."""
        return hmac.compare_digest(header.encode(), b"Bearer " + self.token)


class Receiver(ThreadingHTTPServer):
    """A server for the doors, by the names of their sources; port 0 takes any that is free."""

    daemon_threads = False  # so that closing waits for answers that are due
    request_queue_size = 128

    def __init__(
        self,
        doors: Mapping[str, Door],
        address: tuple[str, int],
        progress: Callable[[str], None],
        limits: Limits = Limits(),
    ) -> None:
        self.doors, self.progress, self.limits = doors, progress, limits
        self._free = BoundedSemaphore(limits.connections)
        super().__init__(address, _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, or at once if there are too many."""
        if self._free.acquire(blocking=False):
            super().process_request(request, client_address)
        else:
            _turn_away(request)
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, then let the next one in."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._free.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sender that went away or fell silent is no error of ours."""
        del request, client_address
        self.progress("a sender went away")


def _turn_away(request: socket) -> None:
    try:
        request.sendall(BUSY)
    except OSError:
        return


class _Refusal(Exception):
    def __init__(self, status: HTTPStatus, refusal: InputProblem) -> None:
        super().__init__(status)
        self.status, self.refusal = status, refusal


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    server_version, sys_version = "tradeline", ""
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(self.server.limits.silent_seconds)

    def do_POST(self) -> None:
        self.close_connection = True
        self._unread = 0
        try:
            self._answer(*self._landed())
        except _Refusal as refused:
            self._drain()
            self._answer(refused.status, _errors(refused.refusal))
        self.close_connection = True

    def _landed(self) -> tuple[HTTPStatus, dict[str, object]]:
        size = self._size()
        door, file = self._door()
        with door.push.place() as is_free:
            if not is_free:
                raise _refuse(429, "queue-full", "Too much waits to be landed.",
                              f"Send it again in {RETRY_SECONDS} seconds.")  # fmt: skip
            pushed = Pushed(file, self._key(), self._kind(), self._read(size))
            try:
                outcome = door.push.send(pushed, self.server.limits.landing_seconds)
            except InputProblem as refusal:
                raise _Refusal(HTTPStatus.BAD_REQUEST, refusal) from refusal
        if outcome is None:
            raise _refuse(503, "not-landed-yet", "It could not be landed in time.",
                          "Send it again with the same key.")  # fmt: skip
        if isinstance(outcome, InputProblem):
            raise _Refusal(_status(outcome), outcome)
        return HTTPStatus.ACCEPTED, _receipt(outcome)

    def _door(self) -> tuple[Door, str]:
        name, _, file = self.path.strip("/").partition("/")
        door = self.server.doors.get(name)
        if door is None:
            raise _refuse(404, "no-source", "Nothing is received here.",
                          "POST to /SOURCE/FILE as the file of sources names them.")  # fmt: skip
        if not door.opens(self.headers.get("Authorization", "")):
            raise _refuse(401, "no-entry", "The token is missing or wrong.",
                          "Send `Authorization: Bearer TOKEN`.")  # fmt: skip
        if file not in door.push.files:
            known = ", ".join(f"/{name}/{each}" for each in door.push.files)
            raise _refuse(404, "no-file", "The mapping has no file of this name.",
                          f"POST to {known}.")  # fmt: skip
        return door, file

    def _size(self) -> int:
        text = self.headers.get("Content-Length", "")
        if not (text.isascii() and text.isdigit()):
            raise _refuse(411, "no-length", "The length of the body is not stated.",
                          "Send it with a Content-Length, in one piece.")  # fmt: skip
        self._unread = int(text)
        most = self.server.limits.body_bytes
        if self._unread > most:
            raise _refuse(413, "too-large", f"The body is longer than {most:,} bytes.",
                          "Send it in parts, each with a key of its own.")  # fmt: skip
        return self._unread

    def _key(self) -> str:
        key = self.headers.get("Idempotency-Key")
        if not key:
            raise _refuse(400, "no-key", "There is no Idempotency-Key.",
                          "Send one for each delivery, the same if you send it again.")  # fmt: skip
        return str(key)

    def _kind(self) -> BodyKind:
        stated = self.headers.get_content_type()
        packed = self.headers.get("Content-Encoding", "identity")
        if stated not in BODY_KINDS or packed != "identity":
            raise _refuse(415, "unknown-body", f"A body of {stated} ({packed}) is not read.",
                          f"Send {' or '.join(BODY_KINDS)}, not packed.")  # fmt: skip
        return BODY_KINDS[stated]

    def _read(self, size: int) -> bytes:
        end, body = monotonic() + self.server.limits.sending_seconds, bytearray()
        while len(body) < size and (block := self.rfile.read1(min(size - len(body), BLOCK_BYTES))):
            body += block
            self._unread -= len(block)
            if monotonic() > end:
                self._unread = 0
                raise _refuse(408, "too-slow", "The body took too long to come.",
                              "Send it in parts, each with a key of its own.")  # fmt: skip
        if len(body) < size:
            raise _refuse(400, "cut-off", "The body is shorter than its stated length.",
                          "Send it again with the same key.")  # fmt: skip
        return bytes(body)

    def _drain(self) -> None:
        # Who is still sending would not hear the answer.
        left = min(self._unread, self.server.limits.body_bytes)
        while left > 0 and (block := self.rfile.read(min(left, BLOCK_BYTES))):
            left -= len(block)

    def _answer(self, status: HTTPStatus, told: Mapping[str, object]) -> None:
        body = json.dumps(told, ensure_ascii=False).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        if status in (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE):
            self.send_header("Retry-After", str(RETRY_SECONDS))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the line of a request may hold what is secret."""

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Say who was sent to, and how it was answered."""
        del size
        name = getattr(self, "path", "").strip("/").partition("/")[0]
        known = name if name in self.server.doors else "an unknown source"
        self.server.progress(f"{known}: answered {int(code)}")


def _refuse(status: int, code: str, message: str, remedy: str) -> _Refusal:
    return _Refusal(HTTPStatus(status), problem(code, "request", message, remedy))


def _status(refusal: InputProblem) -> HTTPStatus:
    codes = {finding.code for finding in refusal.findings}
    if "other-content" in codes:
        return HTTPStatus.CONFLICT
    if codes & {"lake-not-written", "delivery-not-read", "lake-moved-on"}:
        return HTTPStatus.SERVICE_UNAVAILABLE
    return HTTPStatus.UNPROCESSABLE_ENTITY


def _receipt(landed: Landed) -> dict[str, object]:
    told = landed.record.told.values()
    return {
        "batch": landed.record.id,
        "entry": landed.entry,
        "again": landed.again,
        "new": sum(item.new for item in told),
        "revisions": sum(item.revisions for item in told),
        "repeated": sum(item.repeated for item in told),
        "refused": landed.record.refused,
        "findings": [finding.line() for finding in landed.findings],
    }


def _errors(refusal: InputProblem) -> dict[str, object]:
    return {
        "errors": [
            {"code": each.code, "where": each.where, "message": each.message, "remedy": each.remedy}
            for each in refusal.findings
        ]
    }
