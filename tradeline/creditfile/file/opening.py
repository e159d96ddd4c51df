"""The rows behind a figure or a list: what each says and adds, who told it, where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tradeline.creditfile.file.declaration import Figure, Listing
from tradeline.creditfile.file.reckoning import Number, are_numbers, exact
from tradeline.creditfile.file.row_sql import ABOUT, ORDER, opened_sql, rows_sql, says_sql
from tradeline.creditfile.file.subject import Subject
from tradeline.lake.typing_rules import literal

COLUMNS = (*ABOUT, "contract", "says", "unit", "label", "adds", "of")


@dataclass(frozen=True, slots=True)
class OpenedRow:
    """One row behind a figure; moments are naive UTC.

    `record` is its id, to be quoted; it `counts` unless a better version superseded it. `adds` is
    what it adds to the figure in `unit`, `of` what it adds to that which a ratio is over; both are
    None in a list. `label` is the month or partner that it belongs to.
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

    With `superseded` those too that counted until a better version was told; they count no more
    and add nothing.
    """
    if not _contracts(asked) <= set(subject.told):
        return ()
    rows = _read(subject, _standing_sql(asked), most)
    if superseded:
        rows += _read(subject, _superseded_sql(asked), most)
    numbers = are_numbers(asked) if isinstance(asked, Figure) else (False, False)
    return tuple(_opened(row, numbers) for row in rows)


def _contracts(asked: Figure | Listing) -> set[str]:
    return set(asked.contracts) if isinstance(asked, Figure) else {asked.rows.contract}


def _read(subject: Subject, sql: str, most: int | None) -> list[Mapping[str, Any]]:
    """The newest rows first; where they are few they are sorted here, which takes less time."""
    asked = f"SELECT {', '.join(COLUMNS)} FROM ({sql})"
    ordered = f"{asked} ORDER BY {ORDER}, contract"
    if most is None:
        found = subject.connection.execute(ordered).fetchall()
    else:
        found = subject.connection.execute(f"{asked} LIMIT {most + 1:d}").fetchall()
        if len(found) > most:
            found = subject.connection.execute(f"{ordered} LIMIT {most:d}").fetchall()
        else:
            found.sort(key=_by_name)
            found.sort(key=_by_clocks, reverse=True)
    return [dict(zip(COLUMNS, row, strict=True)) for row in found]


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


def _opened(row: Mapping[str, Any], numbers: tuple[bool, bool]) -> OpenedRow:
    given = dict(row)
    record, counts = given.pop("record_id"), given.pop("stands")
    for name, number in zip(("adds", "of"), numbers, strict=True):
        given[name] = None if given[name] is None else exact(given[name], number)
    return OpenedRow(record=record, counts=counts, **given)
