"""Generated records as tables to be linked, and what was found by the names of records."""

import duckdb

from tradeline.creditfile.linkage.fields import Field
from tradeline.creditfile.linkage.records import Table
from tradeline.world.registers import Registers

KINDS = {
    "name": "company_name",
    "person": "person_name",
    "phone": "phone",
    "address": "address",
    "city": "text",
    "registration": "identifier",
}
FIELDS = tuple(Field(name, kind, name, name) for name, kind in KINDS.items())
Rows = list[tuple[str | None, ...]]


def rows_of(registers: Registers) -> Rows:
    """The records one by one: record, and every field."""
    return list(zip(*(registers.columns[name] for name in ("record", *KINDS)), strict=True))


def crowded(rows: Rows) -> Rows:
    """The same records, of which many have one of few persons, phones and registration numbers."""
    found: Rows = []
    for place, (record, name, person, phone, address, city, number) in enumerate(rows):
        person = rows[place % 5][2] if place % 3 else person
        phone = rows[place % 11][3] if place % 2 else phone
        number = f"9133010{place % 17:05d}" if place % 4 == 0 else number
        found.append((record, name, person, phone, address, city, number))
    return found


def table(connection: duckdb.DuckDBPyConnection, rows: Rows) -> Table:
    """The rows as a table of one source, which takes the place of the one before."""
    names = ("record", *KINDS)
    columns = ", ".join(f"unnest(CAST(? AS VARCHAR[])) AS {name}" for name in names)
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in names]
    connection.execute(f"CREATE OR REPLACE TEMP TABLE told AS SELECT {columns}", values)
    return Table("told", "register", "record", {name: name for name in KINDS})


def clusters(connection: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """By record, the record that its cluster is called by."""
    return dict(
        connection.execute(
            "SELECT one.record, first.record FROM clusters JOIN records AS one USING (n) "
            "JOIN records AS first ON first.n = clusters.cluster"
        ).fetchall()
    )


def judged(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """All compared pairs with all that is said of them, in a fixed order."""
    return connection.execute(
        "SELECT a.record, b.record, told, relation, probability, bits_milli FROM judged "
        "JOIN records AS a ON a.n = l JOIN records AS b ON b.n = r ORDER BY ALL"
    ).fetchall()
