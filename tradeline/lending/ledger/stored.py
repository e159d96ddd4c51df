"""Entries as they stand in the ledger, read in order, and the hash that seals each.

A seal's hash covers everything that an entry says (its number, key, dates, kind, accounts with
their currencies, amounts, what it reverses) and the hash of the seal before.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from psycopg import Connection, Cursor

from tradeline.kernel.hashing import canonical_json
from tradeline.lending.ledger.entry import Entry, Posting

BEGINNING = bytes(32)
"""What the first seal names as the one before."""

ENTRIES = """
SELECT e.id, e.key, e.input_hash, e.kind, e.about, e.value_date, e.booking_date, e.recorded_at,
    e.pending, e.reverses_id, (SELECT o.key FROM ledger_entry o WHERE o.id = e.reverses_id),
    e.txid::text
FROM ledger_entry e WHERE e.id = ANY(%s) ORDER BY e.id
"""
POSTINGS = """
SELECT entry_id, line, account_id, amount_minor FROM ledger_posting WHERE entry_id = ANY(%s)
ORDER BY entry_id, line
"""
ACCOUNTS = "SELECT id, code, currency FROM ledger_account WHERE id = ANY(%s)"
SEALS = """
SELECT number, entry_id, position, hash FROM ledger_seal WHERE number > %s ORDER BY number LIMIT %s
"""
UNSEALED = """
SELECT e.id FROM ledger_entry e LEFT JOIN ledger_seal s ON s.entry_id = e.id
WHERE s.number IS NULL ORDER BY e.id
"""
ROWS_AT_ONCE = 5_000


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry of the ledger; `number`, `position` and `hash` are its seal's, if it has one."""

    id: int
    entry: Entry
    input_hash: bytes
    booking_date: date
    recorded_at: datetime
    reverses: int | None
    txid: str
    lines: tuple[int, ...]
    accounts: tuple[int, ...]
    number: int | None = None
    position: int | None = None
    hash: bytes | None = None

    @property
    def name(self) -> str:
        """What to call it: by its number, or by its key as long as it has none."""
        return f"entry {self.number}" if self.number else f"unsealed entry {self.entry.key}"


def sealed_entries(connection: Connection) -> Iterator[Stored]:
    """The sealed entries in order, however many; one that is gone is left out."""
    last = 0
    while True:
        seals = Cursor(connection).execute(SEALS, [last, ROWS_AT_ONCE]).fetchall()
        if not seals:
            return
        there = {one.id: one for one in entries_named(connection, [row[1] for row in seals])}
        for number, id_, position, hashed in seals:
            if id_ in there:
                seal = {"number": number, "position": position, "hash": bytes(hashed)}
                yield replace(there[id_], **seal)
        last = seals[-1][0]


def unsealed_entries(connection: Connection) -> Iterator[Stored]:
    """The entries that have no seal yet, by id."""
    waiting = [id_ for (id_,) in Cursor(connection).execute(UNSEALED)]
    for first in range(0, len(waiting), ROWS_AT_ONCE):
        yield from entries_named(connection, waiting[first : first + ROWS_AT_ONCE])


def entries_named(connection: Connection, ids: Sequence[int]) -> list[Stored]:
    """Entries by their ids, in the order of ids; what is not there is left out."""
    cursor = Cursor(connection)
    lines: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for entry, line, account, amount in cursor.execute(POSTINGS, [list(ids)]):
        lines[entry].append((line, account, amount))
    numbers = list({account for rows in lines.values() for _, account, _ in rows})
    accounts = {row[0]: row[1:] for row in cursor.execute(ACCOUNTS, [numbers])}
    return [_stored(row, lines[row[0]], accounts) for row in cursor.execute(ENTRIES, [list(ids)])]


def entry_of_key(connection: Connection, key: str) -> Stored | None:
    """The entry that was booked under a key, or none."""
    row = Cursor(connection).execute("SELECT id FROM ledger_entry WHERE key = %s", [key]).fetchone()
    return entries_named(connection, [row[0]])[0] if row else None


def seal_hash(previous: bytes, number: int, stored: Stored) -> bytes:
    """The hash of an entry at a number, after the seal before."""
    entry = stored.entry
    said = [
        number,
        stored.id,
        entry.key,
        entry.kind,
        entry.about,
        entry.value_date.isoformat(),
        stored.booking_date.isoformat(),
        stored.recorded_at.astimezone(UTC).isoformat(),
        entry.pending,
        stored.reverses,
        stored.input_hash.hex(),
        stored.txid,
        [
            [line, account, p.account, p.amount_minor, p.currency]
            for line, account, p in zip(stored.lines, stored.accounts, entry.postings, strict=True)
        ],
    ]
    return sha256(previous + canonical_json(said).encode()).digest()


def _stored(
    row: tuple[Any, ...],
    lines: Sequence[tuple[int, int, int]],
    accounts: Mapping[int, tuple[str, str]],
) -> Stored:
    id_, key, hashed, kind, about, value_date, booking_date, recorded_at, *rest = row
    pending, reverses, reversed_key, txid = rest
    postings = []
    for _, account, amount in lines:
        # An account that is not there is shown as none; verification says so.
        code, currency = accounts.get(account, ("", ""))
        postings.append(Posting(code, amount, currency))
    return Stored(
        id_,
        Entry(key, value_date, kind, tuple(postings), about, pending, reversed_key),
        bytes(hashed),
        booking_date,
        recorded_at,
        reverses,
        txid,
        tuple(line for line, _, _ in lines),
        tuple(account for _, account, _ in lines),
    )
