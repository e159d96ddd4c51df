"""What public registers say of those with whom a subject trades.

Only what anybody may read: how they stand in the registry and which court cases are against them.
What they owe and how they pay others is their own, and is not looked up.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from tradeline.creditfile.features.events import Compare, Window
from tradeline.creditfile.file.declaration import PARTNER_STANDINGS, Rows
from tradeline.creditfile.file.file_rows import file_sql
from tradeline.creditfile.file.of_conduct import TAKEN_BACK
from tradeline.creditfile.file.row_sql import ORDER, rows_sql
from tradeline.lake.contracts import BY_NAME
from tradeline.lake.reading import Moment

Told = tuple[duckdb.DuckDBPyConnection, tuple[str, ...]]
"""A connection with tables `told_` of contracts, and which."""

Others = Callable[[Collection[str], Collection[str]], Told]
"""What was told of other enterprises under some contracts, with nothing personal in the clear."""

REGISTERED = Rows("registrations")
SUED = Rows("court_cases", (TAKEN_BACK, Compare("role", "=", "defendant")), Window(24))
PUBLIC = (REGISTERED.contract, SUED.contract)
SAYS = {
    "registrations": "concat_ws(' · ', registration_no, legal_form, status)",
    "court_cases": "concat_ws(' · ', case_no, case_kind, status)",
}
"""What is shown of a record: nothing personal."""

Records = Mapping[str, Sequence[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Registers:
    """By partner its last registration and the court cases of 24 months against it.

    `courts` says whether any court case was told at all, so that none means none.
    """

    registered: Records = field(default_factory=dict)
    sued: Records = field(default_factory=dict)
    courts: bool = False

    def tell(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Make the table `partners_seen`: a row for each registered partner, as it stands."""
        names = sorted(self.registered)
        standings = [self._standing(name) for name in names]
        columns = ", ".join(f"unnest(?::BOOLEAN[]) AS {name}" for name in PARTNER_STANDINGS)
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE partners_seen AS "
            f"SELECT unnest(?::VARCHAR[]) AS partner, {columns}",
            [names, *([row[n] for row in standings] for n in range(len(PARTNER_STANDINGS)))],
        )

    def _standing(self, name: str) -> tuple[bool, ...]:
        """As `PARTNER_STANDINGS`."""
        active = self.registered[name][0]["status"] == "active"
        return True, not active, self.courts, self.courts and name in self.sued


def read_registers(others: Others | None, partners: Collection[str], moment: Moment) -> Registers:
    """What registers told of partners by a moment."""
    if others is None or not partners:
        return Registers()
    connection, told = others(partners, PUBLIC)
    found = {
        asked.contract: _rows(connection, moment, asked) if asked.contract in told else {}
        for asked in (REGISTERED, SUED)
    }
    return Registers(
        {firm: rows[:1] for firm, rows in found[REGISTERED.contract].items()},
        found[SUED.contract],
        SUED.contract in told,
    )


def _rows(
    connection: duckdb.DuckDBPyConnection, moment: Moment, asked: Rows
) -> dict[str, list[dict[str, Any]]]:
    """By enterprise the rows that count, the newest first."""
    name = asked.contract
    held = file_sql(BY_NAME[name], moment, (), revised=True, several=False)
    founded = "incorporated_on" if "incorporated_on" in BY_NAME[name].columns else "NULL"
    read = connection.execute(
        f"SELECT enterprise, record_id AS record, '{name}' AS contract, {SAYS[name]} AS says, "
        f"occurred_at, recorded_at, source, assurance, status, {founded} AS incorporated_on "
        f"FROM ({held}) WHERE {rows_sql(asked)} ORDER BY {ORDER}"
    )
    names = [column[0] for column in read.description or ()]
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in read.fetchall():
        found[row[0]].append(dict(zip(names, row, strict=True)))
    return dict(found)
