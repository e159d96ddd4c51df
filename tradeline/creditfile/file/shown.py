"""A credit file as texts, part by part: what its page and its printed form both show."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tradeline.creditfile.file.charts import month_bars, share_bar
from tradeline.creditfile.file.declaration import (
    Concentration,
    Figure,
    Highest,
    Monthly,
    Ranked,
    Sum,
)
from tradeline.creditfile.file.link_words import links_shown
from tradeline.creditfile.file.opening import OpenedRow
from tradeline.creditfile.file.partners import PartnerSeen
from tradeline.creditfile.file.parts import FIGURES
from tradeline.creditfile.file.quality_words import quality_lines, reconciliation_words
from tradeline.creditfile.file.reckoning import Reckoned
from tradeline.creditfile.file.record import LISTED_MOST, FilePart, Listed, SubjectFile
from tradeline.creditfile.file.words import (
    NAMES,
    NBSP,
    NOT_KNOWN,
    adds_words,
    cell_words,
    column_title,
    how_words,
    moment,
    percent,
    says_words,
    shown,
    summary_words,
    value_words,
    values_words,
)

HEADLINES = (
    "sales_12m", "orders_12m", "purchases_12m", "buyers_12m", "bank_in_12m", "loans_outstanding",
    "instalments_paid_12m", "owed_elsewhere", "cases_against_open",
)  # fmt: skip
"""What stands at the top of a file, where it is known."""

STATUS_WORDS = {"open": "open: nobody has decided yet", "upheld": "upheld: the source has to "
                "correct it", "rejected": "rejected: the record stays"}  # fmt: skip
FATES = {
    "counts": "the record still counts",
    "superseded": "another record counts in its place",
    "figure": "a figure, not a record",
    "not in this file": "the record is not in this file",
}


def file_shown(file: SubjectFile) -> dict[str, Any]:
    """All that a reader sees, as texts, numbers of rows, and lists of these."""
    parts = [_part(file, part) for part in file.parts]
    figures = {figure["id"]: figure for part in parts for figure in part["figures"]}
    return {
        "enterprise": shown(file.enterprise),
        "name": shown(file.name) if file.name else "",
        "title": _title(file),
        "as_of": f"{file.as_of:%Y-%m-%d}",
        "known_at": f"{file.known_at:%Y-%m-%d}",
        "as_of_words": end_of_day(file.as_of),
        "known_at_words": end_of_day(file.known_at),
        "country": shown(file.country) if file.country else "",
        "industry": file.industry.name,
        "industry_basis": file.industry.basis,
        "notes": [
            {"severity": note.severity.value, "text": f"{note.message} {note.remedy}".strip()}
            for note in file.notes
        ],
        "headlines": [
            figures[name] for name in HEADLINES if name in figures and figures[name]["rows"]
        ][:6],
        "parts": parts,
        "members": [shown(name) for name in file.members.same],
        "affiliated": [shown(name) for name in file.members.affiliated],
        "undecided": [shown(name) for name in file.members.undecided],
        "links": links_shown(file, LISTED_MOST),
        "links_count": len(file.members.links),
        "partners": [_partner_seen(item) for item in file.partners],
        "partners_unknown": file.partners_unknown,
        "disputes": [_dispute(item) for item in file.disputes],
        "sources": _sources(file),
        "missing": [
            {"part": part["title"], "datasets": part["missing"]}
            for part in parts
            if part["missing"]
        ],
    }


def _title(file: SubjectFile) -> str:
    return shown(file.name) if file.name else shown(file.enterprise)


def end_of_day(value: datetime) -> str:
    """A day in words, such as `31 December 2024`; a moment before its end with its time."""
    day = f"{value.day}{NBSP}{value:%B %Y}"
    at_end = (value.hour, value.minute, value.second) == (23, 59, 59)
    return f"the end of {day}" if at_end else f"{day}, {value:%H:%M:%S}"


def _part(file: SubjectFile, part: FilePart) -> dict[str, Any]:
    return {
        "id": part.part.id,
        "title": part.part.title,
        "about": part.part.about,
        "told": [NAMES[name] for name in part.told],
        "missing": [
            {"name": dataset.name, "bring": dataset.bring, "contract": dataset.contract}
            for dataset in part.part.datasets
            if dataset.contract in part.silent
        ],
        "figures": [figure_shown(item, part.rows.get(item.figure.id, ())) for item in part.figures],
        "lists": [_list(item) for item in part.listings],
        "quality": quality_lines(file.qualities, part.part, part.told),
        "reconciled": reconciliation_words(file.qualities, part.part),
    }


def figure_shown(item: Reckoned, rows: Iterable[OpenedRow]) -> dict[str, Any]:
    """One figure with its values, months or partners, and the rows that stand beside it."""
    figure = item.figure
    return {
        "id": figure.id,
        "label": figure.label,
        "meaning": figure.meaning,
        "how": how_words(figure),
        "values": summary_words(item),
        "without": values_words(item, item.without) if item.without is not None else [],
        "rows": item.rows,
        "counted": not isinstance(figure.adding, Sum | Monthly | Ranked | Highest | Concentration),
        "disputed": item.disputed,
        "contested": item.contested,
        "charts": _charts(item),
        "partners": _partners(item),
        "shown_rows": [row_shown(figure, row) for row in rows],
        "says": "; or ".join(map(says_words, figure.contracts)),
    }


def _charts(item: Reckoned) -> list[dict[str, Any]]:
    """A chart and its numbers for each currency or unit."""
    units = dict.fromkeys(month.value.unit for month in item.months)
    charts = []
    for unit in units:
        mine = [month for month in item.months if month.value.unit == unit]
        charts.append(
            {
                "unit": unit,
                "svg": month_bars(item.figure, mine),
                "months": [
                    (f"{month.month:%Y-%m}", value_words(item.figure, month.value))
                    for month in mine
                ],
            }
        )
    return charts


def _partners(item: Reckoned) -> list[dict[str, Any]]:
    return [
        {
            "name": shown(partner.name),
            "value": value_words(item.figure, partner.value),
            "share": percent(partner.value.adds, partner.value.of or 0),
            "bar": share_bar(float(partner.value.adds) / float(partner.value.of or 1)),
        }
        for partner in item.partners
    ]


def _partner_seen(item: PartnerSeen) -> dict[str, Any]:
    """A partner as public registers have it; where nothing is told of it, a dash."""
    return {
        "name": shown(item.name),
        "side": item.side,
        "value": value_words(FIGURES[item.figure], item.value),
        "share": percent(item.value.adds, item.value.of or 0),
        "status": item.status or NOT_KNOWN,
        "founded": moment(item.founded),
        "cases": item.cases,
        "records": [
            {"record": one.record, "says": shown(one.says), "day": moment(one.occurred_at),
             "known": moment(one.recorded_at), "source": f"{shown(one.source)}, {one.assurance}"}
            for one in item.records
        ],
    }  # fmt: skip


def row_shown(figure: Figure | None, row: OpenedRow) -> dict[str, Any]:
    """One row behind a figure or in a list: what it says, adds, and where it comes from."""
    return {
        "record": row.record,
        "day": moment(row.occurred_at),
        "known": moment(row.recorded_at),
        "says": shown(row.says),
        "adds": "" if figure is None else adds_words(figure, row),
        "source": f"{shown(row.source)}, {row.assurance}",
        "place": _place(row),
        "disputed": row.disputed,
        "erased": row.erased,
        "counts": row.counts,
    }


def _place(row: OpenedRow) -> str:
    if row.source_file is None:
        return f"batch {shown(row.batch)}"
    where = f"{shown(row.source_file)} row {row.source_row}"
    return where if row.batch == row.source else f"{where}, batch {shown(row.batch)}"


def _list(item: Listed) -> dict[str, Any]:
    contract = item.listing.rows.contract
    columns = item.listing.columns
    return {
        "id": item.listing.id,
        "label": item.listing.label,
        "meaning": item.listing.meaning,
        "count": item.count,
        "columns": [column_title(column) for column in columns],
        "money": [column.endswith("_minor") for column in columns],
        "rows": [
            row_shown(None, row)
            | {
                "cells": [
                    cell_words(contract, column, value, currency)
                    for column, value in zip(columns, cells, strict=True)
                ]
            }
            for row, cells, currency in zip(item.rows, item.cells, item.currencies, strict=True)
        ],
    }


def _dispute(item: Any) -> dict[str, Any]:
    return {
        "number": shown(item.number),
        "about": shown(item.about),
        "claim": shown(item.claim),
        "answer": shown(item.answer) if item.answer else "",
        "status": STATUS_WORDS[item.status],
        "raised": moment(item.raised_at),
        "told": moment(item.told_at),
        "fate": FATES[item.fate],
        "record": item.record,
    }


def _sources(file: SubjectFile) -> list[dict[str, Any]]:
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for seen in file.sources:
        item = found.setdefault(
            (seen.source, seen.assurance),
            {"source": shown(seen.source), "assurance": seen.assurance, "told": [], "last": None},
        )
        item["told"].append(f"{NAMES[seen.contract]} ({seen.rows:,})")
        if seen.last_recorded and (item["last"] is None or seen.last_recorded > item["last"]):
            item["last"] = seen.last_recorded
    return [item | {"last": moment(item["last"])} for item in found.values()]
