"""The sealer: gives committed entries their numbers, without gaps, and extends the hash chain.

It works after commit, so that no flow waits for another's number. What it seals in one transaction
is published and sealed in the order of events, which for each account is the order in which its
balance changed.
"""

from psycopg import Connection, Cursor

from tradeline.book.outbox import lock_publishing, publish
from tradeline.lending.ledger.stored import BEGINNING, entries_named, seal_hash

ANNOUNCED = """
SELECT announced.position, entry.id::bigint
FROM (
    SELECT p.position, e.body FROM book_published p JOIN book_event e ON e.id = p.event_id
    WHERE p.position > %s AND e.name = 'ledger.posted' ORDER BY p.position LIMIT %s
) AS announced
CROSS JOIN LATERAL jsonb_array_elements_text(announced.body -> 'entries')
    WITH ORDINALITY AS entry(id, place)
ORDER BY announced.position, entry.place
"""
SEALS = """
INSERT INTO ledger_seal (number, entry_id, position, hash)
SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bytea[])
"""
EVENTS_AT_ONCE = 500


def seal(connection: Connection) -> int:
    """Seal committed entries of the transaction's tenant; how many, 0 if none was waiting.

    As worker. Takes up to some hundred batches at once: call again, in a new transaction, until
    none waits. Two sealers of one tenant go one after the other.
    """
    cursor = Cursor(connection)
    lock_publishing(cursor)
    while True:
        published = publish(connection, EVENTS_AT_ONCE)
        sealed = _seal_published(cursor, connection)
        if sealed or not published:
            return sealed


def last_seal(connection: Connection) -> tuple[int, int, bytes]:
    """The last number, the position of its event, and its hash; 0 if nothing is sealed."""
    row = (
        Cursor(connection)
        .execute("SELECT number, position, hash FROM ledger_seal ORDER BY number DESC LIMIT 1")
        .fetchone()
    )
    return (row[0], row[1], bytes(row[2])) if row else (0, 0, BEGINNING)


def _seal_published(cursor: Cursor, connection: Connection) -> int:
    number, position, previous = last_seal(connection)
    announced = cursor.execute(ANNOUNCED, [position, EVENTS_AT_ONCE]).fetchall()
    entries = {e.id: e for e in entries_named(connection, [id_ for _, id_ in announced])}
    seals = []
    for place, id_ in announced:
        number += 1
        previous = seal_hash(previous, number, entries[id_])
        seals.append((number, id_, place, previous))
    if seals:
        cursor.execute(SEALS, [list(column) for column in zip(*seals, strict=True)])
    return len(seals)
