"""The greatest buyers and suppliers of a subject, and what public registers say of them.

Only what anybody may read: how they stand in the registry and which court cases are against them.
What they owe and how they pay is their own, and enters features as sums alone.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import duckdb

from tradeline.creditfile.features.events import Compare, Window
from tradeline.creditfile.file.declaration import Rows
from tradeline.creditfile.file.of_conduct import TAKEN_BACK
from tradeline.creditfile.file.reckoning import Reckoned, Value
from tradeline.creditfile.file.row_sql import ORDER, rows_sql
from tradeline.creditfile.file.subject import Subject, file_sql
from tradeline.lake.contracts import BY_NAME
from tradeline.lake.reading import parsed

Side = Literal["buyer", "supplier"]
RANKED: Mapping[str, Side] = {
    "largest_buyers": "buyer",
    "largest_order_buyers": "buyer",
    "largest_suppliers": "supplier",
}
"""The figures that say who the greatest are."""

PUBLIC = ("registrations", "court_cases")
REGISTERED = Rows("registrations")
SUED = Rows("court_cases", (TAKEN_BACK, Compare("role", "=", "defendant")), Window(24))
SAYS = {
    "registrations": "concat_ws(' · ', registration_no, legal_form, status)",
    "court_cases": "concat_ws(' · ', case_no, case_kind, status)",
}
"""What is shown of a record: nothing personal."""


@dataclass(frozen=True, slots=True)
class PublicRecord:
    """A record of a public register; moments are naive UTC."""

    record: str
    contract: str
    says: str
    occurred_at: datetime | None
    recorded_at: datetime | None
    source: str
    assurance: str


@dataclass(frozen=True, slots=True)
class PartnerSeen:
    """A partner of which registers tell: its part in the trade, where it stands, who sues it.

    `figure` is the one that ranks it, `value` as there. `status` is that of its last registration,
    empty where none is told; `cases` are those of 24 months in which it is the defendant. `records`
    are the registration and these cases.
    """

    name: str
    side: Side
    figure: str
    value: Value
    status: str
    founded: datetime | None
    cases: int
    records: tuple[PublicRecord, ...]


def read_partners(
    subject: Subject, reckoned: Mapping[str, Reckoned]
) -> tuple[tuple[PartnerSeen, ...], int]:
    """The greatest partners of which public registers tell, and how many others there are."""
    ranked = [
        (name, partner.name, partner.value)
        for name in RANKED
        if name in reckoned
        for partner in reckoned[name].partners
    ]
    named = {partner for _, partner, _ in ranked} - set(subject.members.same)
    if not named or subject.others is None:
        return (), len(named)
    connection, told = subject.others(sorted(named), PUBLIC)
    registered = _last_registrations(connection, subject) if REGISTERED.contract in told else {}
    sued = _rows(connection, subject, SUED) if SUED.contract in told else {}
    found = tuple(
        _seen(name, partner, value, registered.get(partner, ()), sued.get(partner, ()))
        for name, partner, value in ranked
        if partner in registered or partner in sued
    )
    return found, len(named - {each.name for each in found})


def _seen(
    figure: str,
    partner: str,
    value: Value,
    registered: Sequence[dict[str, Any]],
    sued: Sequence[dict[str, Any]],
) -> PartnerSeen:
    last = registered[0] if registered else {}
    records = tuple(
        PublicRecord(**{name: row[name] for name in PublicRecord.__dataclass_fields__})
        for row in (*registered, *sued)
    )
    status, founded = str(last.get("status") or ""), last.get("incorporated_on")
    return PartnerSeen(partner, RANKED[figure], figure, value, status, founded, len(sued), records)


def _last_registrations(
    connection: duckdb.DuckDBPyConnection, subject: Subject
) -> dict[str, list[dict[str, Any]]]:
    return {firm: rows[:1] for firm, rows in _rows(connection, subject, REGISTERED).items()}


def _rows(
    connection: duckdb.DuckDBPyConnection, subject: Subject, asked: Rows
) -> dict[str, list[dict[str, Any]]]:
    """By enterprise the rows that count, the newest first."""
    name = asked.contract
    held = file_sql(BY_NAME[name], subject.moment, (), revised=True, several=False)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE file_{name} AS {held}")
    founded = "incorporated_on" if "incorporated_on" in BY_NAME[name].columns else "NULL"
    read = connection.execute(
        parsed(
            f"SELECT enterprise, record_id AS record, '{name}' AS contract, {SAYS[name]} AS says, "
            f"occurred_at, recorded_at, source, assurance, status, {founded} AS incorporated_on "
            f"FROM file_{name} WHERE {rows_sql(asked)} ORDER BY {ORDER}"
        )
    )
    names = [column[0] for column in read.description or ()]
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in read.fetchall():
        found[row[0]].append(dict(zip(names, row, strict=True)))
    return dict(found)
