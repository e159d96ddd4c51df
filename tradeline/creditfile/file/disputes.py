"""What an enterprise contests in its file, and where each dispute stands."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tradeline.creditfile.file.file_rows import DISPUTES
from tradeline.creditfile.file.links import LINKS, Members
from tradeline.creditfile.file.parts import FIGURES, LISTINGS
from tradeline.creditfile.file.subject import Subject
from tradeline.lake.contracts import BY_NAME

Fate = Literal["counts", "superseded", "figure", "not in this file"]


@dataclass(frozen=True, slots=True)
class Dispute:
    """One dispute as it is known; moments are naive UTC.

    `about` is the id of a record or a figure. `fate` is what became of that record: whether it
    still `counts`, was `superseded` by one that counts in its place, or is `not in this file`.
    """

    number: str
    about: str
    claim: str
    status: str
    answer: str
    raised_at: datetime
    told_at: datetime
    fate: Fate
    record: str


def read_disputes(subject: Subject) -> tuple[Dispute, ...]:
    """The disputes of a subject, open ones first, then the newest first."""
    if DISPUTES not in subject.told:
        return ()
    rows = subject.connection.execute(
        "SELECT dispute_no, about, coalesce(claim, ''), status, coalesce(answer, ''), "
        "occurred_at, recorded_at, record_id FROM file_disputes WHERE stands "
        "ORDER BY status <> 'open', occurred_at DESC, dispute_no"
    ).fetchall()
    return tuple(
        Dispute(number, about, claim, status, answer, raised, told, fate_of(subject, about), record)
        for number, about, claim, status, answer, raised, told, record in rows
    )


def fate_of(subject: Subject, about: str) -> Fate:
    """What became of what a dispute is about; `about` is the id of a record or a figure."""
    if about in FIGURES or about in LISTINGS:
        return "figure"
    contract = about.partition("/")[0]
    if contract == LINKS:
        return _fate_of_link(subject.members, about)
    if contract not in BY_NAME or contract not in subject.told:
        return "not in this file"
    row = subject.connection.execute(
        f"SELECT bool_or(stands) FROM file_{contract} WHERE record_id = ?", [about]
    ).fetchone()
    if row is None or row[0] is None:
        return "not in this file"
    return "counts" if row[0] else "superseded"


def _fate_of_link(members: Members, about: str) -> Fate:
    if about in members.superseded:
        return "superseded"
    return "counts" if about in {link.record for link in members.links} else "not in this file"
