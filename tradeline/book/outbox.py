"""The event log and outbox: what happened is written with it, and given its place after commit.

An event is written in the transaction of what it tells, so that both stand or fall together. Ids
are drawn while transactions run, and these commit in any order; a reader that goes by ids would
miss what commits late. So a publisher gives each committed event the next position: gapless, and
never before a position that a reader has seen. Bodies are read as text, as Django's connections do.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from psycopg import Connection, Cursor
from psycopg.types.json import Jsonb

from tradeline.kernel.findings import problem
from tradeline.kernel.hashing import canonical_json

PUBLISHING = 7_003
BATCH = 5_000


@dataclass(frozen=True, slots=True)
class Event:
    """What happened, in the past tense (`lending.loan.disbursed`), with ids and plain values.

    The `key` is the command's, where it has one: it takes effect once. `asked` is the command as
    it came, by which a key that is used again for something else is told.
    """

    name: str
    body: Mapping[str, Any]
    recorded_at: datetime
    key: str | None = None
    asked: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """An event at its place."""

    position: int
    name: str
    body: Mapping[str, Any]
    recorded_at: datetime


def input_hash(asked: object) -> bytes:
    """The SHA-256 of what was asked, as canonical JSON."""
    return sha256(canonical_json(asked).encode()).digest()


def key_used(key: str) -> Exception:
    """What to say of a key that stands for something else already (HTTP: 409)."""
    return problem(
        "key-used",
        f"key {key}",
        "The key was used before, for something else.",
        "Send what was sent first, to have its answer again; or take a new key.",
    )


def answered(connection: Connection, key: str, asked: Mapping[str, Any]) -> dict[str, Any] | None:
    """The body of the event that a command with this key wrote before, or none.

    `InputProblem` (`key-used`) if the key stands for another command.
    """
    row = (
        Cursor(connection)
        .execute("SELECT input_hash, body::text FROM book_event WHERE key = %s", [key])
        .fetchone()
    )
    if row is None:
        return None
    if bytes(row[0]) != input_hash(asked):
        raise key_used(key)
    body: dict[str, Any] = json.loads(row[1])
    return body


def is_used(connection: Connection, key: str) -> bool:
    """Whether a command with this key was done, whatever it was."""
    row = Cursor(connection).execute("SELECT FROM book_event WHERE key = %s", [key]).fetchone()
    return row is not None


def record(connection: Connection, event: Event) -> Mapping[str, Any]:
    """Write an event into the transaction; its body, or that of the first event with its key.

    A command that runs twice at once waits here for the other to commit. `InputProblem`
    (`key-used`) if the key stands for another command.
    """
    hashed = None if event.asked is None else input_hash(event.asked)
    written = Cursor(connection).execute(
        "INSERT INTO book_event (name, key, input_hash, body, recorded_at) "
        "VALUES (%s, %s, %s, %s, %s) "
        "ON CONFLICT (tenant, key) WHERE key IS NOT NULL DO NOTHING",
        [event.name, event.key, hashed, Jsonb(event.body), event.recorded_at],
    )
    if written.rowcount:
        return event.body
    assert event.key is not None
    first = answered(connection, event.key, event.asked or {})
    assert first is not None
    return first


def publish(connection: Connection, limit: int = BATCH) -> int:
    """Give committed events of the transaction's tenant their positions; how many there were.

    Publishers of one tenant go one after the other. A tenant that has a ledger is published by its
    sealer, so that what is published is sealed.
    """
    cursor = Cursor(connection)
    lock_publishing(cursor)
    cursor.execute(
        """
        WITH taken AS (
            DELETE FROM book_pending WHERE event_id IN (
                SELECT event_id FROM book_pending ORDER BY event_id LIMIT %s)
            RETURNING event_id
        )
        INSERT INTO book_published (position, event_id)
        SELECT coalesce((SELECT max(position) FROM book_published), 0)
            + row_number() OVER (ORDER BY event_id), event_id FROM taken
        """,
        [limit],
    )
    return cursor.rowcount


def lock_publishing(cursor: Cursor[Any]) -> None:
    """Wait until no other transaction gives numbers to this tenant's rows, and keep others out."""
    cursor.execute(
        "SELECT pg_advisory_xact_lock(%s, hashtext(current_setting('tradeline.tenant')))",
        [PUBLISHING],
    )


def events_after(connection: Connection, position: int, limit: int = BATCH) -> Iterator[Published]:
    """The published events of the transaction's tenant after a position, in order."""
    rows = Cursor(connection).execute(
        "SELECT p.position, e.name, e.body::text, e.recorded_at "
        "FROM book_published p JOIN book_event e ON e.id = p.event_id "
        "WHERE p.position > %s ORDER BY p.position LIMIT %s",
        [position, limit],
    )
    return (Published(place, name, json.loads(body), at) for place, name, body, at in rows)
