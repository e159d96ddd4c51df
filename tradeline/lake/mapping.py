"""Mappings: how the columns and values of real files become those of the contracts.

A mapping is a YAML file, `tradeline.yaml`; docs/guides/mapping.md describes it. Everything that
is wrong with one is reported together.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.lake.contracts import BY_NAME, Contract
from tradeline.lake.mapping_checks import mapping_problems
from tradeline.lake.yaml_files import read_yaml

FILE_NAME = "tradeline.yaml"


@dataclass(frozen=True, slots=True)
class Unpivot:
    """Turns one column for each value of a field into rows: `rating` from `churn_A`, `churn_B`."""

    field: str
    value: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount of money worked out of a row's columns: `rule` is add, or multiply (of two)."""

    rule: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Lookup:
    """What another file of the folder says of a row, found by equal texts.

    `match` is the row's own column to that file's; `columns` contract field to that file's column;
    `only` that file's column to the values of the rows that are looked at.
    The first row that matches counts; with `each`, the first for each value of that column, and
    the row becomes a record for each of them. `split` is contract field to what the field is then
    parted by. A row that finds nothing is refused, unless `optional`.
    """

    file: str
    match: Mapping[str, str]
    columns: Mapping[str, str]
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    each: str | None = None
    split: Mapping[str, Amount] = field(default_factory=dict)
    optional: bool = False

    @property
    def read_columns(self) -> tuple[str, ...]:
        """The columns of the other file that are read."""
        parted = (column for amount in self.split.values() for column in amount.columns)
        each = (self.each,) if self.each else ()
        listed = [*self.match.values(), *self.columns.values(), *self.only, *each, *parted]
        return tuple(dict.fromkeys(listed))


@dataclass(frozen=True, slots=True)
class Source:
    """One file read under one contract.

    `columns` is contract field to file column; `constants` contract field to a value for all
    rows; `values` contract field to {written: meant}; `recorded_at` is "occurred_at" where the
    source has one clock. `dates` is a strptime format, None for ISO 8601; `time_zone` is that of
    times without an offset, None for UTC.

    `only` is column to the values of the rows that are read; `amounts` contract field to how it
    is worked out; `numbered` contract field to the columns within which rows are counted from 1.
    `group` are the columns whose equal values make rows one record, `()` for the whole file.
    """

    file: str
    contract: str
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    only: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    amounts: Mapping[str, Amount] = field(default_factory=dict)
    numbered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    group: tuple[str, ...] | None = None
    lookup: Lookup | None = None
    unpivot: Unpivot | None = None
    recorded_at: str | None = None
    encoding: str | None = None
    dates: str | None = None
    time_zone: str | None = None
    thousands: str = ","
    decimal: str = "."

    @property
    def schema(self) -> Contract:
        """The contract that the file is read under."""
        return BY_NAME[self.contract]

    @property
    def files(self) -> tuple[str, ...]:
        """The file, and the one that is looked up."""
        return (self.file, self.lookup.file) if self.lookup else (self.file,)

    @property
    def read_columns(self) -> tuple[str, ...]:
        """The columns of the file that are read, each once."""
        listed = [*self.columns.values(), *self.only, *(self.group or ())]
        listed += [column for amount in self.amounts.values() for column in amount.columns]
        listed += [column for within in self.numbered.values() for column in within]
        listed += self.lookup.match if self.lookup else []
        listed += self.unpivot.columns.values() if self.unpivot else []
        return tuple(dict.fromkeys(listed))


@dataclass(frozen=True, slots=True)
class FolderMapping:
    """How a whole folder is read: its currency and its sources, in order."""

    currency: str
    sources: tuple[Source, ...]


def read_mapping(path: Path) -> FolderMapping:
    """The mapping in a YAML file; InputProblem lists everything that is wrong with it."""
    content = read_yaml(path, "mapping file", "`tradeline inspect FOLDER` proposes one.")
    return parse_mapping(content, path.name)


def parse_mapping(content: object, where: str) -> FolderMapping:
    """The mapping in a parsed YAML value; InputProblem lists everything that is wrong with it."""
    found = list(mapping_problems(content))
    if found:
        raise InputProblem(
            Finding("bad-mapping", Severity.ERROR, where, message, "See docs/guides/mapping.md.")
            for message in found
        )
    assert isinstance(content, dict)
    sources = tuple(_source(item) for item in content["sources"])
    return FolderMapping(content.get("currency", "CNY"), sources)


def _source(item: dict[str, Any]) -> Source:
    plain = dict(item)
    for key in ("columns", "constants"):
        plain[key] = _texts(item.get(key, {}))
    plain["values"] = {key: _texts(value) for key, value in item.get("values", {}).items()}
    for key in ("only", "numbered"):
        plain[key] = _lists(item.get(key, {}))
    plain["amounts"] = _amounts(item.get("amounts", {}))
    if item.get("group") is not None:
        plain["group"] = _listed(item["group"])
    if part := item.get("lookup"):
        plain["lookup"] = _lookup(part)
    if part := item.get("unpivot"):
        plain["unpivot"] = Unpivot(part["field"], part["value"], _texts(part["columns"]))
    return Source(**plain)


def _lookup(part: dict[str, Any]) -> Lookup:
    return Lookup(
        part["file"],
        _texts(part["match"]),
        _texts(part.get("columns", {})),
        _lists(part.get("only", {})),
        part.get("each"),
        _amounts(part.get("split", {})),
        part.get("optional", False),
    )


def _amounts(table: Mapping[Any, Mapping[str, Any]]) -> dict[str, Amount]:
    return {
        str(name): Amount(rule, _listed(columns))
        for name, how in table.items()
        for rule, columns in how.items()
    }


def _lists(table: Mapping[Any, list[object]]) -> dict[str, tuple[str, ...]]:
    return {str(key): _listed(values) for key, values in table.items()}


def _listed(values: list[object]) -> tuple[str, ...]:
    return tuple(map(_text, values))


def _texts(table: Mapping[Any, object]) -> dict[str, str]:
    return {str(key): _text(value) for key, value in table.items()}


def _text(value: object) -> str:
    # YAML reads unquoted true and 2020-02-21 as a flag and a date.
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def write_mapping(mapping: FolderMapping) -> str:
    """The mapping as YAML text that `read_mapping` reads back to an equal one."""
    sources = [_as_table(source) for source in mapping.sources]
    table = {"currency": mapping.currency, "sources": sources}
    return yaml.safe_dump(table, allow_unicode=True, sort_keys=False, width=100)


def _as_table(source: Source) -> dict[str, object]:
    plain: dict[str, object] = {"file": source.file, "contract": source.contract}
    unset = Source("", "", {})
    for key in ("encoding", "dates", "time_zone", "thousands", "decimal", "recorded_at"):
        if getattr(source, key) != getattr(unset, key):
            plain[key] = getattr(source, key)
    if source.group is not None:
        plain["group"] = list(source.group)
    plain |= _filled(only=_lists_table(source.only))
    plain["columns"] = dict(source.columns)
    if source.lookup:
        plain["lookup"] = _lookup_table(source.lookup)
    if source.unpivot:
        plain["unpivot"] = asdict(source.unpivot)
    values = {key: dict(value) for key, value in source.values.items()}
    return plain | _filled(
        amounts=_amounts_table(source.amounts),
        numbered=_lists_table(source.numbered),
        constants=dict(source.constants),
        values=values,
    )


def _lookup_table(part: Lookup) -> dict[str, object]:
    plain: dict[str, object] = {"file": part.file, "match": dict(part.match)}
    if part.each:
        plain["each"] = part.each
    if part.optional:
        plain["optional"] = True
    return plain | _filled(
        only=_lists_table(part.only),
        columns=dict(part.columns),
        split=_amounts_table(part.split),
    )


def _filled(**tables: dict[str, Any]) -> dict[str, object]:
    return {key: table for key, table in tables.items() if table}


def _lists_table(table: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    return {key: list(values) for key, values in table.items()}


def _amounts_table(amounts: Mapping[str, Amount]) -> dict[str, Any]:
    return {name: {amount.rule: list(amount.columns)} for name, amount in amounts.items()}
