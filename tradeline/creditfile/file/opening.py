"""The rows behind a figure or a list: what each says and adds, who told it, where it stands."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradeline.creditfile.file.declaration import Figure, Listing
from tradeline.creditfile.file.reckoning import Number, Reckoned, are_numbers, exact
from tradeline.creditfile.file.row_sql import (
    ABOUT,
    ORDER,
    opened_sql,
    rows_sql,
    says_sql,
    told_sql,
)
from tradeline.creditfile.file.subject import Subject
from tradeline.lake.reading import parsed
from tradeline.lake.sql_text import literal

COLUMNS = (*ABOUT, "contract", "says", "unit", "label", "adds", "of")
NOTHING_ADDED = ("", None, None, None)


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """One row behind a figure; moments are naive UTC.

    `record` is its id, to be quoted; it `counts` unless another does in its place. `adds` is what
    it adds to the figure in `unit`, `of` what it adds to that which a ratio is over; both are None
    in a list. `label` is the month or partner that it belongs to.
    """

    record: str
    contract: str
    says: str
    occurred_at: datetime | None
    recorded_at: datetime | None
    unit: str
    adds: Number | None
    of: Number | None
    label: str | None
    counts: bool
    disputed: bool
    erased: bool
    source: str
    assurance: str
    batch: str
    source_file: str | None
    source_row: int | None


def open_figure(
    subject: Subject, asked: Figure | Listing, most: int | None = None, *, superseded: bool = False
) -> tuple[OpenedRow, ...]:
    """The rows of a figure or list, the newest first; `most` of them, or all.

    With `superseded` those too in whose place another counts: a better version, or what another
    member tells alike; they add nothing.
    """
    if not _contracts(asked) <= set(subject.told):
        return ()
    rows = _read(subject, _standing_sql(asked), most)
    if superseded:
        rows += _read(subject, _superseded_sql(asked), most)
    return _opened(asked, rows)


def open_figures(
    subject: Subject, reckoned: Iterable[Reckoned], most: int
) -> dict[str, tuple[OpenedRow, ...]]:
    """By id, the rows that `open_figure` gives of each figure, of which `most` were named.

    What is told of a row is read once for all figures that it adds to: of few rows DuckDB takes
    longer to plan a statement than to answer it.
    """
    items = tuple(reckoned)
    places: dict[str, set[int]] = defaultdict(set)
    for item in items:
        for row in item.newest:
            places[row.contract].add(row.place)
    told = {
        (contract, place): tuple(row)
        for contract, wanted in places.items()
        for place, *row in subject.connection.execute(
            parsed(_told_sql(contract)), [sorted(wanted)]
        ).fetchall()
    }
    return {
        item.figure.id: _opened(
            item.figure,
            _newest_first(
                (*told[row.contract, row.place], row.unit, row.label, row.adds, row.of)
                for row in item.newest
            )[:most],
        )
        for item in items
    }


def _told_sql(contract: str) -> str:
    return (
        f"SELECT rowid, {told_sql(contract)} FROM file_{contract} "
        "WHERE rowid IN (SELECT unnest(?::BIGINT[]))"
    )


def open_listing(
    subject: Subject, listing: Listing, beside: Iterable[str], most: int
) -> tuple[tuple[OpenedRow, tuple[Any, ...]], ...]:
    """The newest rows of a list, each with what the SQL of `beside` says of it."""
    contract = listing.rows.contract
    sql = (
        f"SELECT {', '.join(beside)}, {told_sql(contract)} FROM file_{contract} "
        f"WHERE {rows_sql(listing.rows)} ORDER BY {ORDER} LIMIT {most:d}"
    )
    found = subject.connection.execute(parsed(sql)).fetchall()
    told = len(ABOUT) + 2
    return tuple(
        zip(
            _opened(listing, ((*row[-told:], *NOTHING_ADDED) for row in found)),
            (row[:-told] for row in found),
            strict=True,
        )
    )


def _contracts(asked: Figure | Listing) -> set[str]:
    return set(asked.contracts) if isinstance(asked, Figure) else {asked.rows.contract}


def _read(subject: Subject, sql: str, most: int | None) -> list[tuple[Any, ...]]:
    """The newest rows first."""
    limit = "" if most is None else f" LIMIT {most:d}"
    ordered = f"SELECT {', '.join(COLUMNS)} FROM ({sql}) ORDER BY {ORDER}, contract{limit}"
    return subject.connection.execute(parsed(ordered)).fetchall()


def _newest_first(rows: Iterable[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Rows in the order in which `_read` gives them."""
    return sorted(sorted(rows, key=_by_name), key=_by_clocks, reverse=True)


def _by_name(row: Sequence[Any]) -> tuple[str, str]:
    return row[COLUMNS.index("record_id")], row[COLUMNS.index("contract")]


def _by_clocks(row: Sequence[Any]) -> tuple[datetime, datetime]:
    """Who has no clock comes last."""
    occurred, recorded = row[COLUMNS.index("occurred_at")], row[COLUMNS.index("recorded_at")]
    return occurred or datetime.min, recorded or datetime.min  # noqa: DTZ901


def _standing_sql(asked: Figure | Listing) -> str:
    if isinstance(asked, Figure):
        return opened_sql(asked)
    return _plain_sql(asked.rows.contract, rows_sql(asked.rows))


def _superseded_sql(asked: Figure | Listing) -> str:
    every = asked.rows if isinstance(asked, Figure) else (asked.rows,)
    by_contract: dict[str, list[str]] = {}
    for rows in every:
        by_contract.setdefault(rows.contract, []).append(f"({rows_sql(rows, 'NOT stands')})")
    return " UNION ALL ".join(
        _plain_sql(contract, f"({' OR '.join(conditions)})")
        for contract, conditions in by_contract.items()
    )


def _plain_sql(contract: str, where: str) -> str:
    """Rows that add nothing."""
    return (
        f"SELECT {', '.join(ABOUT)}, {literal(contract)} AS contract, {says_sql(contract)} AS says,"
        f" '' AS unit, NULL AS label, NULL AS adds, NULL AS of FROM file_{contract} WHERE {where}"
    )


def _opened(asked: Figure | Listing, rows: Iterable[tuple[Any, ...]]) -> tuple[OpenedRow, ...]:
    numbers = are_numbers(asked) if isinstance(asked, Figure) else (False, False)
    return tuple(_opened_row(dict(zip(COLUMNS, row, strict=True)), numbers) for row in rows)


def _opened_row(given: dict[str, Any], numbers: tuple[bool, bool]) -> OpenedRow:
    record, counts = given.pop("record_id"), given.pop("stands")
    for name, number in zip(("adds", "of"), numbers, strict=True):
        given[name] = None if given[name] is None else exact(given[name], number)
    return OpenedRow(record=record, counts=counts, **given)
