"""Bits flipped in rows of a journal, past all rights and triggers, and what verification says."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import psycopg

from tradeline.lending.ledger.verify import Verified, verify

TABLES = ("ledger_entry", "ledger_posting", "ledger_seal")
FLIPS = {
    "bigint": "{0} # (1::bigint << {1})",
    "smallint": "{0} # (1::smallint << ({1} %% 15))::smallint",
    "text": "overlay({0} placing chr(ascii(substr({0}, 1, 1)) # (1 << ({1} %% 4))) from 1 for 1)",
    "bytea": "set_bit({0}, {1}, 1 - get_bit({0}, {1}))",
    "date": "{0} + (1 << ({1} %% 12))",
    "timestamp with time zone": "{0} + interval '1 microsecond' * (1::bigint << ({1} %% 50))",
    "boolean": "NOT {0}",
    "xid8": "(({0}::text::bigint # (1::bigint << ({1} %% 40)))::text)::xid8",
}
COLUMNS = """
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_name = ANY(%s) ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Flip:
    """One bit of one column of one row."""

    table: str
    column: str
    kind: str
    bit: int
    row: int


def flips(superuser: psycopg.Connection, generator: np.random.Generator) -> Iterator[Flip]:
    """Flips without end, of any column of any row of the journal."""
    columns = superuser.execute(COLUMNS, [list(TABLES)]).fetchall()
    while True:
        table, column, kind = columns[int(generator.integers(len(columns)))]
        bit, row = (int(generator.integers(end)) for end in (63, 10**9))
        yield Flip(table, column, kind, bit, row)


def verdict(superuser: psycopg.Connection, tenant: str, flip: Flip) -> Verified | None:
    """What verification says of a ledger with a flip, which is undone; none if it cannot be.

    A flip that a constraint of the table does not admit, or of what is null, is none.
    """
    with undone(superuser):
        if not _flipped(superuser, tenant, flip):
            return None
        superuser.execute("SELECT set_config('tradeline.tenant', %s, true)", [tenant])
        superuser.execute("SET LOCAL ROLE worker")
        return verify(superuser)


@contextmanager
def undone(connection: psycopg.Connection) -> Iterator[None]:
    """A transaction that is rolled back."""
    with connection.transaction(force_rollback=True):
        yield


def _flipped(superuser: psycopg.Connection, tenant: str, flip: Flip) -> bool:
    changed = FLIPS[flip.kind].format(flip.column, flip.bit)
    table: Any = flip.table
    find = f"SELECT ctid FROM {table} WHERE tenant = %s ORDER BY ctid OFFSET %s LIMIT 1"
    count = superuser.execute(
        f"SELECT count(*) FROM {table} WHERE tenant = %s".encode(), [tenant]
    ).fetchone()
    assert count
    try:
        superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
        before = superuser.execute(
            f"UPDATE {table} SET {flip.column} = {changed} WHERE ctid = ({find}) "
            f"RETURNING OLD.{flip.column} IS DISTINCT FROM NEW.{flip.column}".encode(),
            [tenant, flip.row % count[0]],
        ).fetchone()
        superuser.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL".encode())
        for trigger in ("append_only", *(["applied"] if table != "ledger_seal" else [])):
            superuser.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}".encode())
    except (psycopg.IntegrityError, psycopg.DataError):
        return False
    return before == (True,)
