"""The whole ledger held against its invariants; the first bad entry is named.

| code | what must hold |
| --- | --- |
| I1 | an entry sums to zero in each currency |
| I2 | a balance is the sum of its postings |
| I3 | what refuses to change or remove rows is in place |
| I4 | the chain of hashes is whole |
| I5 | one effect for each key, and it is what the key was asked for |
| I6 | no account is beyond its limit, what is held counted |
| I8 | each lender's part of an entry sums to zero, so that all parts are the whole |
| I10 | replaying the journal gives the same holds and limits |
| I12 | what was announced is what was booked |

Checks of what the ledger does not know (loans, payments) are passed in as `further`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from psycopg import Connection, Cursor, errors

from tradeline.kernel.findings import Finding, Severity
from tradeline.lending.ledger.entry import entry_hash, sums_by_currency, sums_by_lender
from tradeline.lending.ledger.sealing import last_seal
from tradeline.lending.ledger.stored import (
    BEGINNING,
    Stored,
    seal_hash,
    sealed_entries,
    unsealed_entries,
)

Check = Callable[[Connection], Iterable[Finding]]
SHOWN = 20
TOLD_EVERY = 100_000
BACKUP = "Bring the book back from a backup; what stands before this entry is sound."
REVERSE = "Reverse it, and book each lender's part whole."
STAY = ("ledger_account", "ledger_limit", "ledger_entry", "ledger_posting", "ledger_seal",
        "book_event", "book_published")  # fmt: skip
KEPT = ("ledger_account", "ledger_limit", "ledger_entry", "ledger_posting")

TRIGGERS = """
SELECT wanted.relation, wanted.name FROM (
    SELECT unnest(%s::text[]) AS relation, 'append_only' AS name
    UNION ALL SELECT unnest(%s::text[]), 'applied'
) AS wanted
WHERE NOT EXISTS (
    SELECT FROM pg_trigger t WHERE t.tgrelid = wanted.relation::regclass
        AND t.tgname = wanted.name AND t.tgenabled = 'A')
ORDER BY 1, 2
"""
LIMITS = """
SELECT a.code, (b.booked_minor + b.held_debit_minor > b.greatest_minor
        OR b.booked_minor + b.held_credit_minor < b.least_minor) IS TRUE,
    (b.least_minor, b.greatest_minor) IS NOT DISTINCT FROM (l.least_minor, l.greatest_minor)
FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
LEFT JOIN LATERAL (
    SELECT least_minor, greatest_minor FROM ledger_limit WHERE account_id = a.id
    ORDER BY id DESC LIMIT 1
) AS l ON true
ORDER BY a.code
"""
REVERSALS = """
SELECT e.key FROM ledger_entry e JOIN ledger_entry o ON o.id = e.reverses_id
WHERE o.pending <> e.pending OR o.reverses_id IS NOT NULL OR EXISTS (
    SELECT FROM ledger_posting p WHERE p.entry_id IN (e.id, o.id)
    GROUP BY p.account_id HAVING sum(p.amount_minor) <> 0)
ORDER BY e.id
"""
ANNOUNCED = """
WITH announced AS (
    SELECT entry.id::bigint AS id, p.position
    FROM book_event v LEFT JOIN book_published p ON p.event_id = v.id
    CROSS JOIN LATERAL jsonb_array_elements_text(v.body -> 'entries') AS entry(id)
    WHERE v.name = 'ledger.posted'
)
SELECT coalesce(e.key, a.id::text), e.id IS NULL, a.id IS NULL
FROM ledger_entry e FULL JOIN announced a ON a.id = e.id
LEFT JOIN ledger_seal s ON s.entry_id = e.id
WHERE e.id IS NULL OR a.id IS NULL OR s.position IS DISTINCT FROM a.position
ORDER BY coalesce(e.id, a.id)
"""


@dataclass(frozen=True, slots=True)
class Verified:
    """What was read, and what was found: the first `SHOWN` findings, and how many there are."""

    sealed_to: int
    head: str
    unsealed: int
    postings: int
    findings: tuple[Finding, ...]
    found: int


@dataclass(slots=True)
class _Replay:
    """What follows from the entries read so far."""

    number: int = 0
    hash: bytes = BEGINNING
    unsealed: int = 0
    postings: int = 0
    booked: Counter[int] = field(default_factory=Counter)
    held_debit: Counter[int] = field(default_factory=Counter)
    held_credit: Counter[int] = field(default_factory=Counter)

    def add(self, stored: Stored) -> None:
        """Follow one entry."""
        self.postings += len(stored.accounts)
        for account, posting in zip(stored.accounts, stored.entry.postings, strict=True):
            amount = posting.amount_minor
            if not stored.entry.pending:
                self.booked[account] += amount
            elif (amount > 0) == (stored.reverses is None):
                self.held_debit[account] += amount
            else:
                self.held_credit[account] += amount


def verify(
    connection: Connection,
    progress: Callable[[str], None] = lambda _: None,
    further: Iterable[Check] = (),
    anchor: tuple[int, str] | None = None,
) -> Verified:
    """Hold all that the transaction's tenant has against the invariants.

    Within one snapshot (`book.connection.snapshot`), so that what is booked meanwhile does not
    count. `anchor` is the number and hash that an earlier verification told, kept elsewhere: a
    ledger whose end was lost, or that was brought back from an old copy, does not have it.
    """
    replay = _Replay()
    found: list[Finding] = []
    count = 0
    for finding in _all(connection, replay, progress, further, anchor):
        count += 1
        if len(found) < SHOWN:
            found.append(finding)
    head = f"sha256:{replay.hash.hex()}"
    return Verified(replay.number, head, replay.unsealed, replay.postings, tuple(found), count)


def _all(
    connection: Connection,
    replay: _Replay,
    progress: Callable[[str], None],
    further: Iterable[Check],
    anchor: tuple[int, str] | None,
) -> Iterator[Finding]:
    try:
        yield from _entries(connection, replay, progress)
        yield from _anchored(connection, anchor)
        yield from _whole(connection, replay)
        yield from _balances(connection, replay)
        for check in (_announced, _reversals, _limits, _triggers, *further):
            yield from check(connection)
    except (errors.DataCorrupted, errors.InternalError_, errors.IoError) as refusal:
        # The server reads no page whose checksum is wrong.
        yield _bad(
            "I4", f"after entry {replay.number}",
            f"The database cannot read on: {refusal.diag.message_primary}.",
        )  # fmt: skip


def _entries(
    connection: Connection, replay: _Replay, progress: Callable[[str], None]
) -> Iterator[Finding]:
    for stored in sealed_entries(connection):
        yield from _sealed(stored, replay)
        yield from _sound(stored)
        replay.add(stored)
        if replay.number % TOLD_EVERY == 0:
            progress(f"{replay.number:,} entries verified")
    for stored in unsealed_entries(connection):
        yield from _sound(stored)
        replay.add(stored)
        replay.unsealed += 1


def _sealed(stored: Stored, replay: _Replay) -> Iterator[Finding]:
    """The chain up to an entry; after a break it is followed from what stands there."""
    assert stored.number is not None
    assert stored.hash is not None
    if stored.number != replay.number + 1:
        yield _bad("I4", f"entry {replay.number + 1}", "It is gone.")
    elif stored.hash != seal_hash(replay.hash, stored.number, stored):
        yield _bad("I4", stored.name, "It was altered: it does not have the hash of its seal.")
    replay.number, replay.hash = stored.number, stored.hash


def _sound(stored: Stored) -> Iterator[Finding]:
    entry = stored.entry
    if len(entry.postings) < 2:
        yield _bad("I1", stored.name, "It has fewer than two postings.")
    for currency, total in sums_by_currency(entry.postings).items():
        if total or not currency:
            what = f"in {currency} sum to {total}, not to 0" if currency else "name no account"
            yield _bad("I1", stored.name, f"Its postings {what}.")
    for (lender, currency), total in sums_by_lender(entry.postings).items():
        if total:
            message = f"The part of {lender} in {currency} sums to {total}, not to 0."
            yield _bad("I8", stored.name, message, REVERSE)
    if stored.input_hash != entry_hash(entry):
        yield _bad("I5", stored.name, f"It is not what the key {entry.key} was asked for.")


def _anchored(connection: Connection, anchor: tuple[int, str] | None) -> Iterator[Finding]:
    if anchor is None:
        return
    number, head = anchor
    row = (
        Cursor(connection)
        .execute("SELECT hash FROM ledger_seal WHERE number = %s", [number])
        .fetchone()
    )
    if row is None:
        last, _, _ = last_seal(connection)
        yield _bad("I4", f"entry {last + 1}", f"The ledger ends before entry {number}.")
    elif f"sha256:{bytes(row[0]).hex()}" != head:
        yield _bad("I4", f"entry {number}", "It does not have the hash that was kept elsewhere.")


def _balances(connection: Connection, replay: _Replay) -> Iterator[Finding]:
    rows = Cursor(connection).execute(
        "SELECT a.id, a.code, b.account_id, b.booked_minor, b.held_debit_minor, "
        "b.held_credit_minor FROM ledger_account a "
        "LEFT JOIN ledger_balance b ON b.account_id = a.id ORDER BY a.code"
    )
    for number, code, kept, booked, debit, credit in rows:
        where = f"account {code}"
        if kept is None:
            yield _bad("I2", where, "Its balance is gone.")
        elif booked != replay.booked[number]:
            yield _bad("I2", where, f"Its balance is {booked}, its postings sum to "
                       f"{replay.booked[number]}.")  # fmt: skip
        elif (debit, credit) != (replay.held_debit[number], replay.held_credit[number]):
            held = f"{replay.held_debit[number]} and {replay.held_credit[number]}"
            yield _bad("I10", where, f"It holds {debit} and {credit}, its entries hold {held}.")


def _whole(connection: Connection, replay: _Replay) -> Iterator[Finding]:
    there = Cursor(connection).execute("SELECT count(*) FROM ledger_posting").fetchone()
    assert there
    if there[0] != replay.postings:
        yield _bad("I2", "postings", f"There are {there[0]}, the entries have {replay.postings}.")


def _announced(connection: Connection) -> Iterator[Finding]:
    for name, is_gone, is_silent in Cursor(connection).execute(ANNOUNCED):
        if is_gone:
            yield _bad("I12", f"entry of id {name}", "It was announced and is gone.")
        elif is_silent:
            yield _bad("I12", f"entry of key {name}", "It was booked and never announced.")
        else:
            yield _bad(
                "I12", f"entry of key {name}", "Its place in the order is not that of its seal."
            )


def _reversals(connection: Connection) -> Iterator[Finding]:
    for (key,) in Cursor(connection).execute(REVERSALS):
        yield _bad("I1", f"entry of key {key}", "It is not the opposite of what it reverses.")


def _limits(connection: Connection) -> Iterator[Finding]:
    for code, is_beyond, is_replayed in Cursor(connection).execute(LIMITS):
        if is_beyond:
            yield _bad("I6", f"account {code}", "Its balance is beyond its limit.")
        if not is_replayed:
            yield _bad("I10", f"account {code}", "Its limits are not those that were last set.")


def _triggers(connection: Connection) -> Iterator[Finding]:
    for table, trigger in Cursor(connection).execute(TRIGGERS, [list(STAY), list(KEPT)]):
        message = f"The trigger '{trigger}' is missing or switched off."
        yield _bad("I3", table, message, "Find out who did that; compare with a new book.")


def _bad(code: str, where: str, message: str, remedy: str = BACKUP) -> Finding:
    return Finding(code, Severity.ERROR, where, message, remedy)
