"""The greatest buyers and suppliers of a subject, and what public registers say of them.

Only what anybody may read: how they stand in the registry and which court cases are against them.
What they owe and how they pay is their own, and enters features as sums alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from tradeline.creditfile.file.reckoning import Reckoned, Value
from tradeline.creditfile.file.subject import Subject

Side = Literal["buyer", "supplier"]
RANKED: Mapping[str, Side] = {
    "largest_buyers": "buyer",
    "largest_order_buyers": "buyer",
    "largest_suppliers": "supplier",
}
"""The figures that say who the greatest are."""


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
    registered, sued = subject.registers.registered, subject.registers.sued
    found = tuple(
        _seen(name, partner, value, registered.get(partner, ()), sued.get(partner, ()))
        for name, partner, value in ranked
        if partner in named and (partner in registered or partner in sued)
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
