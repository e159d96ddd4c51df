"""A credit file as plain tables: one line of canonical JSON, the same for the same records.

Money is whole minor units. Numbers that need not be whole are texts, so that they stay exact.
Moments are ISO 8601 in UTC.
"""

from dataclasses import asdict
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tradeline.creditfile.file.link_words import contest_command
from tradeline.creditfile.file.links import LinkRecord
from tradeline.creditfile.file.opening import OpenedRow
from tradeline.creditfile.file.reckoning import Reckoned, Value
from tradeline.creditfile.file.record import FilePart, Listed, SubjectFile
from tradeline.creditfile.file.words import how_words
from tradeline.creditfile.quality.record import quality_table
from tradeline.kernel.hashing import canonical_json

FORMAT = "tradeline-credit-file/1"
ROW_COLUMNS = tuple(OpenedRow.__dataclass_fields__)
"""What is told of each row behind a figure, in order."""


def file_json(file: SubjectFile) -> str:
    """The whole file as one line."""
    return canonical_json(file_table(file))


def file_table(file: SubjectFile) -> dict[str, Any]:
    """The file as tables, texts and whole numbers; `links` and `partners` where there are any."""
    linked = {"links": [_link(file, link) for link in file.members.links]}
    seen = {"partners": [_plain(asdict(partner)) for partner in file.partners]}
    return (
        (linked if file.members.links else {})
        | (seen if file.partners else {})
        | {
            "format": FORMAT,
            "enterprise": file.enterprise,
            "as_of": _plain(file.as_of),
            "known_at": _plain(file.known_at),
            "name": file.name,
            "country": file.country,
            "industry": asdict(file.industry),
            "erased": file.erased,
            "members": list(file.members.same),
            "affiliated": list(file.members.affiliated),
            "undecided": list(file.members.undecided),
            "notes": [asdict(note) for note in file.notes],
            "parts": [_part(part) for part in file.parts],
            "disputes": [_plain(asdict(dispute)) for dispute in file.disputes],
            "sources": [_plain(asdict(seen)) for seen in file.sources],
            "quality": [{"enterprise": q.enterprise} | quality_table(q) for q in file.qualities],
        }
    )


def _link(file: SubjectFile, link: LinkRecord) -> dict[str, Any]:
    told: dict[str, Any] = _plain(asdict(link))
    return told | {
        "in_file": file.members.joins(link),
        "disputed": link.record in file.contested,
        "contest": contest_command(file.enterprise, link.record),
    }


def _part(part: FilePart) -> dict[str, Any]:
    return {
        "id": part.part.id,
        "title": part.part.title,
        "known": list(part.told),
        "not_known": list(part.silent),
        "figures": [_figure(item) for item in part.figures],
        "lists": [_list(item) for item in part.listings],
    }


def _figure(item: Reckoned) -> dict[str, Any]:
    return {
        "id": item.figure.id,
        "label": item.figure.label,
        "how": how_words(item.figure),
        "contracts": list(item.figure.contracts),
        "rows": item.rows,
        "values": _values(item.values),
        "months": [
            {"month": month.month.isoformat(), "unit": month.value.unit,
             "adds": _plain(month.value.adds)}
            for month in item.months
        ],
        "partners": [
            {"name": partner.name, **_values((partner.value,))[0]} for partner in item.partners
        ],
        "contested": item.contested,
        "disputed_rows": item.disputed,
        "without_disputed": None if item.without is None else _values(item.without),
    }  # fmt: skip


def _values(values: tuple[Value, ...]) -> list[dict[str, Any]]:
    return [
        {"unit": value.unit, "adds": _plain(value.adds), "of": _plain(value.of)} for value in values
    ]


def _list(item: Listed) -> dict[str, Any]:
    columns = item.listing.columns
    return {
        "id": item.listing.id,
        "label": item.listing.label,
        "rows": item.count,
        "records": [
            row_table(row) | {"currency": currency, "values": dict(zip(columns, said, strict=True))}
            for row, said, currency in zip(item.rows, map(_plain, item.cells), item.currencies,
                                           strict=True)
        ],
    }  # fmt: skip


def row_table(row: OpenedRow) -> dict[str, Any]:
    """One row behind a figure or in a list."""
    table: dict[str, Any] = _plain(asdict(row))
    return table


def _plain(value: Any) -> Any:
    """A value as JSON has it: moments and numbers that need not be whole are texts."""
    match value:
        case datetime():
            return f"{value.isoformat()}Z"
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value.normalize() + 0:f}"
        case float():
            return f"{value:.6f}".rstrip("0").rstrip(".")
        case dict():
            return {name: _plain(item) for name, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            return value
