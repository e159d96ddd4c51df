"""The credit file of one enterprise as one frozen record, for a page, a document or a program."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradeline.creditfile.file.declaration import Listing, Part
from tradeline.creditfile.file.disputes import Dispute, read_disputes
from tradeline.creditfile.file.links import Members
from tradeline.creditfile.file.opening import OpenedRow, open_figures, open_listing
from tradeline.creditfile.file.partners import PartnerSeen, read_partners
from tradeline.creditfile.file.parts import FIGURES, PARTS
from tradeline.creditfile.file.reckoning import Reckoned, reckon
from tradeline.creditfile.file.row_sql import ORDER
from tradeline.creditfile.file.subject import Subject
from tradeline.creditfile.file.told_twice import told_twice
from tradeline.creditfile.industry import OTHER, Industry, industry_of
from tradeline.creditfile.quality.record import Quality, read_quality
from tradeline.creditfile.quality.terms import QualityTerms
from tradeline.kernel.findings import Finding, Severity, counted
from tradeline.lake.contracts import BY_NAME
from tradeline.lake.reading import parsed
from tradeline.lake.sql_text import literal

ROWS_INLINE = 40
"""How many rows of a figure stand on a page; all can be asked for."""

LISTED_MOST = 100
"""How many rows of a list stand in the file itself; all can be asked for."""

ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of a subject: how many rows there are, and the first of them.

    `cells` has for each of `rows` the values of the list's columns, in order.
    """

    listing: Listing
    count: int
    rows: tuple[OpenedRow, ...]
    cells: tuple[tuple[Any, ...], ...]
    currencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FilePart:
    """One part of a file: its figures and lists of which anything is known.

    `told` are the contracts of the part of which anything is known, `silent` the others. `rows`
    has by figure the first rows that it opens to.
    """

    part: Part
    told: tuple[str, ...]
    silent: tuple[str, ...]
    figures: tuple[Reckoned, ...]
    listings: tuple[Listed, ...]
    rows: dict[str, tuple[OpenedRow, ...]]


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """One source of a file: who stands behind it, and how much it told of what."""

    source: str
    assurance: str
    contract: str
    rows: int
    last_recorded: datetime | None


@dataclass(frozen=True, slots=True)
class SubjectFile:
    """All that is known of one enterprise: occurred by `as_of`, recorded by `known_at` (naive UTC).

    `partners` are the greatest of which public registers tell, `partners_unknown` how many others
    there are. `name` is empty where no list names it. `qualities` are those of its members. `notes`
    say what a reader must know before all else.
    """

    enterprise: str
    as_of: datetime
    known_at: datetime
    name: str
    country: str
    industry: Industry
    erased: bool
    members: Members
    parts: tuple[FilePart, ...]
    partners: tuple[PartnerSeen, ...]
    partners_unknown: int
    disputes: tuple[Dispute, ...]
    sources: tuple[SourceSeen, ...]
    qualities: tuple[Quality, ...]
    notes: tuple[Finding, ...]

    @property
    def contested(self) -> frozenset[str]:
        """What open disputes are about: ids of records and figures."""
        return frozenset(each.about for each in self.disputes if each.status == "open")


def read_file(subject: Subject, terms: QualityTerms, rows_inline: int = 0) -> SubjectFile:
    """The credit file of a subject, with the first `rows_inline` rows of every figure.

    `terms` are what the quality of its data is held against. InputProblem where a personal value
    cannot be opened.
    """
    reckoned = reckon(subject, tuple(FIGURES.values()), rows_inline)
    with_rows = (item for item in reckoned.values() if item.newest)
    opened = open_figures(subject, with_rows, rows_inline)
    name, industry, country, erased = _identity(subject)
    disputes = read_disputes(subject)
    partners, unknown = read_partners(subject, reckoned)
    return SubjectFile(
        enterprise=subject.enterprise,
        as_of=subject.moment.as_of,
        known_at=subject.moment.known_at,
        name=name,
        country=country,
        industry=industry,
        erased=erased,
        members=subject.members,
        parts=tuple(_part(subject, part, reckoned, opened) for part in PARTS),
        partners=partners,
        partners_unknown=unknown,
        disputes=disputes,
        sources=_sources(subject),
        qualities=read_quality(
            subject.connection, subject.moment, terms, [f"told_{name}" for name in subject.told]
        ),
        notes=(*_notes(subject, erased, disputes), *told_twice(subject)),
    )


def _identity(subject: Subject) -> tuple[str, Industry, str, bool]:
    """Name, industry, country, and whether the name was erased."""
    if "enterprises" not in subject.told:
        return "", Industry(OTHER, "unknown"), "", False
    sql = (
        "SELECT coalesce(name, ''), coalesce(industry, ''), coalesce(country, ''), erased "
        f"FROM file_enterprises WHERE stands ORDER BY enterprise <> ?, {ORDER} LIMIT 1"
    )
    row = subject.connection.execute(parsed(sql), [subject.enterprise]).fetchone()
    assert row
    name, industry, country, erased = row
    if erased and not industry.strip():
        return ERASED, Industry(OTHER, "erased"), country, True
    return ERASED if erased else name, industry_of(name, industry), country, erased


def _part(
    subject: Subject,
    part: Part,
    reckoned: Mapping[str, Reckoned],
    opened: Mapping[str, tuple[OpenedRow, ...]],
) -> FilePart:
    told = tuple(name for name in part.contracts if name in subject.told)
    figures = tuple(reckoned[f.id] for f in part.figures if f.id in reckoned)
    return FilePart(
        part=part,
        told=told,
        silent=tuple(name for name in part.contracts if name not in told),
        figures=figures,
        listings=tuple(
            _listed(subject, listing) for listing in part.listings if listing.rows.contract in told
        ),
        rows={
            item.figure.id: opened[item.figure.id] for item in figures if item.figure.id in opened
        },
    )


def _listed(subject: Subject, listing: Listing) -> Listed:
    contract = listing.rows.contract
    currency = "coalesce(currency, '')" if _has_currency(contract) else "''"
    beside = ("count(*) OVER ()", currency, *listing.columns)
    found = open_listing(subject, listing, beside, LISTED_MOST)
    return Listed(
        listing,
        found[0][1][0] if found else 0,
        tuple(row for row, _ in found),
        tuple(tuple(cells) for _, (_, _, *cells) in found),
        tuple(currency for _, (_, currency, *_) in found),
    )


def _has_currency(contract: str) -> bool:
    return "currency" in BY_NAME[contract].columns


def _sources(subject: Subject) -> tuple[SourceSeen, ...]:
    if not subject.told:
        return ()
    parts = [
        f"SELECT source, assurance, {literal(name)} AS contract, {place} AS place, "
        f"count(*) AS rows, max(recorded_at) AS last FROM told_{name} GROUP BY source, assurance"
        for place, name in enumerate(subject.told)
    ]
    sql = (
        f"SELECT source, assurance, contract, rows, last FROM ({' UNION ALL '.join(parts)}) "
        "ORDER BY source, assurance, place"
    )
    rows = subject.connection.execute(parsed(sql)).fetchall()
    return tuple(SourceSeen(*row) for row in rows)


def _notes(subject: Subject, erased: bool, disputes: tuple[Dispute, ...]) -> list[Finding]:
    """What a reader must know first."""
    firm, notes = subject.enterprise, []
    if erased:
        notes.append(
            Finding(
                ERASED,
                Severity.NOTE,
                firm,
                "What was personal of this enterprise was erased: names, and the other side of "
                "bank entries. Amounts and dates are left.",
                "",
            )
        )
    if not set(subject.told) - {"enterprises", "disputes"}:
        notes.append(
            Finding(
                "no-records",
                Severity.WARNING,
                firm,
                "No record of what the enterprise does was known by then.",
                "Bring its invoices, orders or bank entries.",
                rows=0,
            )
        )
    waiting = [dispute for dispute in disputes if dispute.status == "open"]
    gone = sum(dispute.fate == "not in this file" for dispute in waiting)
    contested = len(waiting) - gone
    if contested:
        notes.append(
            Finding(
                "disputed",
                Severity.NOTE,
                firm,
                f"The enterprise contests {contested} "
                f"{'record or figure' if contested == 1 else 'records or figures'} in this file.",
                "Each is marked; what the figures would be without it stands beside them.",
                contested,
            )
        )
    if gone:
        notes.append(
            Finding(
                "disputed-elsewhere",
                Severity.NOTE,
                firm,
                f"{counted(gone, 'open dispute')} {'is' if gone == 1 else 'are'} about what is not "
                "in this file, or is no more.",
                "Nothing is marked for it; it still waits for an answer.",
                gone,
            )
        )
    return notes
