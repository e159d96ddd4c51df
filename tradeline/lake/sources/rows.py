"""Records as a file that the lake reads: every value as text, one line for each record."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from tradeline.kernel.findings import problem
from tradeline.lake.mapping import FolderMapping


@dataclass(frozen=True, slots=True)
class NoRecord:
    """Something that stands where a record should: kept as it was written, and refused."""

    written: str


Record = Mapping[str, object] | NoRecord


def record_text(columns: Sequence[str], record: Record) -> str:
    """One record as a line: two records say the same in these columns if their lines are equal."""
    if isinstance(record, NoRecord):
        return json.dumps(_storable(record.written))
    texts = (value_text(record.get(name)) for name in columns)
    return json.dumps([None if text is None else _storable(text) for text in texts])


def _storable(text: str) -> str:
    # Half a surrogate pair is no text, and no file can hold it.
    return text.encode("utf-8", "backslashreplace").decode()


def value_text(value: object) -> str | None:
    """A value as it is written in a file: None for none, dates in ISO 8601, numbers in full."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value).lower() if isinstance(value, bool) else str(value)


def columns_of(mapping: FolderMapping, file: str) -> tuple[str, ...]:
    """The columns that a mapping reads from a file, each once."""
    named: dict[str, None] = {}
    for source in mapping.sources:
        if source.file == file:
            named |= dict.fromkeys(source.read_columns)
    return tuple(named)


def key_columns_of(mapping: FolderMapping, file: str) -> tuple[str, ...]:
    """The columns that tell one row of a file from another, by the keys of its contracts."""
    named: dict[str, None] = {}
    for source in mapping.sources:
        if source.file == file:
            keys = (source.columns.get(key) for key in source.schema.key)
            named |= dict.fromkeys(name for name in keys if name)
    return tuple(named)


def require_columns(source: str, columns: Sequence[str]) -> None:
    """InputProblem where a mapping reads no column at all."""
    if not columns:
        raise problem(
            "no-columns",
            source,
            "The mapping reads no column, so every record would be the same.",
            "Name the columns under `columns`.",
        )
