"""What the ledger answers: balances now, or as valued on a day as known at an entry."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from psycopg import Connection, Cursor

NOW = """
SELECT a.code, a.currency, a.kind, b.booked_minor, b.held_debit_minor, b.held_credit_minor
FROM ledger_account a JOIN ledger_balance b ON b.account_id = a.id
WHERE %(codes)s::text[] IS NULL OR a.code = ANY(%(codes)s) ORDER BY a.code
"""
# Entries without a seal count only where nothing is said of what was known.
PAST = """
SELECT a.code, coalesce(sum(p.amount_minor), 0)::bigint
FROM ledger_account a
JOIN ledger_posting p ON p.account_id = a.id
JOIN ledger_entry e ON e.id = p.entry_id AND NOT e.pending AND e.{day} <= %(day)s
LEFT JOIN ledger_seal s ON s.entry_id = e.id
WHERE (%(codes)s::text[] IS NULL OR a.code = ANY(%(codes)s))
    AND (%(number)s::bigint IS NULL OR s.number <= %(number)s)
GROUP BY a.code ORDER BY a.code
"""
ABOUT = """
SELECT e.value_date, a.code, sum(p.amount_minor)::bigint
FROM ledger_entry e JOIN ledger_posting p ON p.entry_id = e.id
JOIN ledger_account a ON a.id = p.account_id
WHERE e.about = %s AND NOT e.pending
GROUP BY e.value_date, a.code HAVING sum(p.amount_minor) <> 0 ORDER BY e.value_date, a.code
"""
VALUED = PAST.format(day="value_date")
BOOKED = PAST.format(day="booking_date")


@dataclass(frozen=True, slots=True)
class Balance:
    """An account as it stands: booked, and held for debits and credits (the latter below zero)."""

    account: str
    currency: str
    kind: str
    booked_minor: int
    held_debit_minor: int
    held_credit_minor: int


def balances(connection: Connection, accounts: Sequence[str] | None = None) -> list[Balance]:
    """The accounts as they stand now, by code; all of them if none is named."""
    codes = None if accounts is None else list(accounts)
    return [Balance(*row) for row in Cursor(connection).execute(NOW, {"codes": codes})]


def balances_on(
    connection: Connection,
    day: date,
    known_at: int | None = None,
    accounts: Sequence[str] | None = None,
) -> dict[str, int]:
    """What was booked on each account, as valued on a day, as known at an entry's number.

    Without a number, as known now. An account without an entry is left out.
    """
    return _past(connection, VALUED, day, known_at, accounts)


def trial_balance(connection: Connection, day: date, known_at: int | None = None) -> dict[str, int]:
    """The balance of each account by the periods that entries were booked in, through a day.

    That of a closed period never changes; the balances of each currency sum to zero.
    """
    return _past(connection, BOOKED, day, known_at, None)


def booked_about(connection: Connection, about: str) -> dict[tuple[date, str], int]:
    """What was booked about one thing, such as a loan, by value date and account."""
    rows = Cursor(connection).execute(ABOUT, [about])
    return {(day, code): minor for day, code, minor in rows}


def _past(
    connection: Connection,
    query: str,
    day: date,
    known_at: int | None,
    accounts: Sequence[str] | None,
) -> dict[str, int]:
    codes = None if accounts is None else list(accounts)
    rows = Cursor(connection).execute(query, {"codes": codes, "day": day, "number": known_at})
    return dict(rows.fetchall())
