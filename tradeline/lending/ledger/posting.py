"""Booking entries, one or thousands, in the caller's transaction.

A batch is booked whole or not at all, in two statements whatever its size; the database keeps
balances, holds and limits in the same transaction (its triggers, in `migrations`). A key takes
effect once: asked again the same, it gives the first answer.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from psycopg import Connection, Cursor, DatabaseError

from tradeline.kernel.findings import Finding, InputProblem
from tradeline.lending.ledger.accounts import no_ledger
from tradeline.lending.ledger.entry import Entry, entry_hash, refusal, wrong_entries
from tradeline.lending.ledger.refusals import closed_period, refused

# As one text, and so are codes below (none has a line break): to make an array of texts for each
# column takes longer than to book them.
ENTRIES = """
INSERT INTO ledger_entry (key, input_hash, kind, about, value_date, booking_date, recorded_at,
                          pending, reverses_id)
SELECT f.key, decode(f.input_hash, 'hex'), f.kind, f.about, f.value_date, f.booking_date, %s,
       f.pending, f.reverses
FROM json_to_recordset(%s::json)
    AS f(key text, input_hash text, kind text, about text, value_date date, booking_date date,
         pending bool, reverses bigint)
ORDER BY f.key
ON CONFLICT (tenant, key) DO NOTHING RETURNING key, id, booking_date
"""
KNOWN = """
SELECT l.closed_through, l.late, a.code, a.id, a.currency
FROM ledger l LEFT JOIN ledger_account a ON a.code = ANY(string_to_array(%s, E'\n'))
WHERE l.tenant = current_setting('tradeline.tenant', true)
"""
POSTINGS = """
INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor)
SELECT * FROM unnest(%s::bigint[], %s::smallint[], %s::bigint[], %s::bigint[])
"""


@dataclass(frozen=True, slots=True)
class Posted:
    """The answer to an entry: its id in the ledger, and the day in whose period it is booked."""

    key: str
    entry: int
    booking_date: date


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known before anything is written."""

    closed_through: date | None
    adjusts: bool
    accounts: Mapping[str, tuple[int, str]]
    originals: Mapping[str, int]


def post(connection: Connection, entries: Sequence[Entry], now: datetime) -> tuple[Posted, ...]:
    """Book entries for the transaction's tenant, all or none; the answer to each, in order.

    The connection is in a transaction that is bound to a tenant (`in_tenant`, `unit_of_work`).
    `InputProblem` if an entry is wrong, an account is unknown or of another currency, a key stands
    for something else (`key-used`), a balance would go beyond its limit, or the period is closed;
    the transaction goes on as if nothing had been asked.
    """
    distinct, findings = _distinct(entries)
    findings += wrong_entries(distinct)
    if findings:
        raise InputProblem(findings)
    try:
        with connection.transaction():
            answers = _post(connection, distinct, now)
    except DatabaseError as refusal_:
        raise refused(refusal_, _where(distinct)) from refusal_
    return tuple(answers[entry.key] for entry in entries)


def _post(connection: Connection, entries: Sequence[Entry], now: datetime) -> dict[str, Posted]:
    cursor = Cursor(connection)
    known = _known(cursor, entries)
    wrong = {entry.key: _unknown(entry, known) for entry in entries}
    # What was booked before is not judged by how things stand today.
    earlier = _answered(cursor, entries) if any(wrong.values()) else {}
    waiting = [entry for entry in entries if entry.key not in earlier]
    findings = [finding for entry in waiting for finding in wrong[entry.key]]
    if findings:
        raise InputProblem(findings)
    new = _insert_entries(cursor, waiting, known, now)
    _insert_postings(cursor, [entry for entry in waiting if entry.key in new], new, known)
    # What was booked under these keys before, or by somebody else at the same moment.
    repeated = [entry for entry in waiting if entry.key not in new]
    return earlier | new | (_answered(cursor, repeated) if repeated else {})


def _distinct(entries: Sequence[Entry]) -> tuple[list[Entry], tuple[Finding, ...]]:
    """Each key once, and those that stand for two entries at once."""
    first: dict[str, Entry] = {}
    for entry in entries:
        first.setdefault(entry.key, entry)
    used = tuple(_key_used(entry.key) for entry in entries if first[entry.key] != entry)
    return list(first.values()), used


def _answered(cursor: Cursor, entries: Sequence[Entry]) -> dict[str, Posted]:
    rows = cursor.execute(
        "SELECT key, id, booking_date, input_hash FROM ledger_entry WHERE key = ANY(%s)",
        [[entry.key for entry in entries]],
    ).fetchall()
    hashes = {key: bytes(hashed) for key, _, _, hashed in rows}
    used = [e.key for e in entries if e.key in hashes and hashes[e.key] != entry_hash(e)]
    if used:
        raise InputProblem(map(_key_used, used))
    return {key: Posted(key, entry, booked) for key, entry, booked, _ in rows}


def _key_used(key: str) -> Finding:
    return refusal(
        "key-used", key, "The key was used before, for something else.",
        "Send what was sent first, to have its answer again; or take a new key.",
    )  # fmt: skip


def _known(cursor: Cursor, entries: Sequence[Entry]) -> _Known:
    codes = {posting.account for entry in entries for posting in entry.postings}
    rows = cursor.execute(KNOWN, ["\n".join(codes)]).fetchall()
    if not rows:
        raise no_ledger()
    reversed_keys = [entry.reverses for entry in entries if entry.reverses]
    originals = dict[str, int]()
    if reversed_keys:
        found = cursor.execute(
            "SELECT key, id FROM ledger_entry WHERE key = ANY(%s)", [reversed_keys]
        )
        originals = dict(found.fetchall())
    closed_through, late = rows[0][:2]
    accounts = {code: (number, currency) for _, _, code, number, currency in rows}
    return _Known(closed_through, late == "adjust", accounts, originals)


def _unknown(entry: Entry, known: _Known) -> list[Finding]:
    """What is wrong with an entry as things stand in the ledger."""
    found = []
    for posting in entry.postings:
        _, currency = known.accounts.get(posting.account, (0, None))
        if currency is None:
            message = f"There is no account {posting.account}."
            found.append(refusal("unknown-account", entry.key, message, "Open it first."))
        elif currency != posting.currency:
            message = f"The account {posting.account} is in {currency}, not {posting.currency}."
            remedy = "Book in its currency, or exchange first (kind 'conversion')."
            found.append(refusal("currency-mismatch", entry.key, message, remedy))
    if entry.reverses is not None and entry.reverses not in known.originals:
        message = f"There is no entry {entry.reverses} to reverse."
        found.append(refusal("unknown-entry", entry.key, message, "Look up its key."))
    if _is_late(entry, known) and not known.adjusts:
        found += closed_period(f"entry {entry.key}", str(known.closed_through)).findings
    return found


def _is_late(entry: Entry, known: _Known) -> bool:
    return known.closed_through is not None and entry.value_date <= known.closed_through


def _booking_date(entry: Entry, known: _Known) -> date:
    """The value date, or the first open day after it."""
    if known.closed_through is None or not _is_late(entry, known):
        return entry.value_date
    return known.closed_through + timedelta(days=1)


def _insert_entries(
    cursor: Cursor, entries: Sequence[Entry], known: _Known, now: datetime
) -> dict[str, Posted]:
    rows = cursor.execute(ENTRIES, [now, json.dumps([_row(entry, known) for entry in entries])])
    return {key: Posted(key, number, booked) for key, number, booked in rows}


def _row(entry: Entry, known: _Known) -> dict[str, object]:
    return {
        "key": entry.key,
        "input_hash": entry_hash(entry).hex(),
        "kind": entry.kind,
        "about": entry.about,
        "value_date": entry.value_date.isoformat(),
        "booking_date": _booking_date(entry, known).isoformat(),
        "pending": entry.pending,
        "reverses": known.originals.get(entry.reverses or ""),
    }


def _insert_postings(
    cursor: Cursor, entries: Sequence[Entry], new: Mapping[str, Posted], known: _Known
) -> None:
    entry_ids, lines, accounts, amounts = [], [], [], []
    for entry in entries:
        for line, posting in enumerate(entry.postings, start=1):
            entry_ids.append(new[entry.key].entry)
            lines.append(line)
            accounts.append(known.accounts[posting.account][0])
            amounts.append(posting.amount_minor)
    if lines:
        cursor.execute(POSTINGS, [_array(c) for c in (entry_ids, lines, accounts, amounts)])


def _array(numbers: Iterable[int]) -> str:
    """Integers as PostgreSQL writes an array: a third of the time of a list as parameter."""
    return "{" + ",".join(map(str, numbers)) + "}"


def _where(entries: Sequence[Entry]) -> str:
    return f"entry {entries[0].key}" if len(entries) == 1 else f"{len(entries)} entries"
