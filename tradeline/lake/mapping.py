"""Mappings: how the columns and values of real files become those of the contracts.

A mapping is a YAML file, `tradeline.yaml`; docs/guides/mapping.md describes it. Everything that
is wrong with one is reported together.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path, PurePath
from typing import Any

import yaml

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.kernel.money import CURRENCIES
from tradeline.lake.contracts import BY_NAME, Contract
from tradeline.lake.yaml_files import read_yaml

FILE_NAME = "tradeline.yaml"


@dataclass(frozen=True, slots=True)
class Unpivot:
    """Turns one column for each value of a field into rows: `rating` from `churn_A`, `churn_B`."""

    field: str
    value: str
    columns: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """One file read under one contract.

    `columns` is contract field to file column; `constants` contract field to a value for all
    rows; `values` contract field to {written: meant}; `recorded_at` is "occurred_at" where the
    source has one clock. `dates` is a strptime format, None for ISO 8601.
    """

    file: str
    contract: str
    columns: Mapping[str, str]
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    unpivot: Unpivot | None = None
    recorded_at: str | None = None
    encoding: str | None = None
    dates: str | None = None
    thousands: str = ","
    decimal: str = "."

    @property
    def schema(self) -> Contract:
        """The contract that the file is read under."""
        return BY_NAME[self.contract]


@dataclass(frozen=True, slots=True)
class FolderMapping:
    """How a whole folder is read: its currency and its sources, in order."""

    currency: str
    sources: tuple[Source, ...]


SOURCE_KEYS = {name for name in Source.__slots__ if name != "__weakref__"}
TOP_KEYS = {"currency", "sources"}


def read_mapping(path: Path) -> FolderMapping:
    """The mapping in a YAML file; InputProblem lists everything that is wrong with it."""
    content = read_yaml(path, "mapping file", "`tradeline inspect FOLDER` proposes one.")
    return parse_mapping(content, path.name)


def parse_mapping(content: object, where: str) -> FolderMapping:
    """The mapping in a parsed YAML value; InputProblem lists everything that is wrong with it."""
    found = list(_problems(content))
    if found:
        raise InputProblem(
            Finding("bad-mapping", Severity.ERROR, where, message, "See docs/guides/mapping.md.")
            for message in found
        )
    assert isinstance(content, dict)
    sources = tuple(_source(item) for item in content["sources"])
    return FolderMapping(content.get("currency", "CNY"), sources)


def _problems(content: object) -> Iterator[str]:
    if not isinstance(content, dict) or not isinstance(content.get("sources"), list):
        yield "The mapping needs a list `sources`."
        return
    yield from _unknown("mapping", content, TOP_KEYS)
    currency = content.get("currency", "CNY")
    if not is_currency(currency):
        yield f"`currency` is {currency!r}; it must be an ISO 4217 code such as CNY."
    if not content["sources"]:
        yield "The list `sources` is empty, so no file would be read."
    for number, item in enumerate(content["sources"], start=1):
        yield from _source_problems(f"source {number}", item)


def is_currency(code: object) -> bool:
    """Whether a value is the ISO 4217 code of a currency."""
    return isinstance(code, str) and code in CURRENCIES


def _source_problems(name: str, item: object) -> Iterator[str]:
    if not isinstance(item, dict):
        yield f"{name} must be a table of keys."
        return
    yield from _unknown(name, item, SOURCE_KEYS)
    yield from _file_problems(name, item)
    contract = BY_NAME.get(str(item.get("contract")))
    if contract is None:
        yield f"{name}: contract {item.get('contract')!r} is none of {', '.join(BY_NAME)}."
        return
    if item.get("recorded_at") not in (None, "occurred_at"):
        yield f"{name}: `recorded_at` may only be occurred_at; name a column under `columns`."
    shape = list(_table_problems(name, item))
    yield from shape or _field_problems(name, item, contract)


def _file_problems(name: str, item: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the file's name and how it is said to be written."""
    file, encoding, dates = (item.get(key) for key in ("file", "encoding", "dates"))
    if not isinstance(file, str):
        yield f"{name} names no `file`."
    elif PurePath(file).is_absolute() or ".." in PurePath(file).parts:
        yield f"{name}: the file {file!r} does not lie in the folder."
    if encoding is not None and not _is_encoding(encoding):
        yield f"{name}: `encoding` is {encoding!r}, which is none; write utf-8, gb18030 or big5."
    if dates is not None and not _is_date_format(dates):
        yield f"{name}: `dates` is {dates!r}, which is no date format; write it like %Y-%m-%d."
    thousands, decimal = item.get("thousands", ","), item.get("decimal", ".")
    for key, sign, longest in (("thousands", thousands, (0, 1)), ("decimal", decimal, (1,))):
        if not isinstance(sign, str) or len(sign) not in longest or sign.isdigit():
            yield f"{name}: `{key}` is {sign!r}; it must be one sign in quotation marks."
    if thousands == decimal:
        yield f"{name}: `thousands` and `decimal` are both {decimal!r}; state two different signs."


def _is_encoding(name: object) -> bool:
    try:
        return isinstance(name, str) and bool("a".encode(name))
    except (LookupError, ValueError):
        return False


def _is_date_format(text: object) -> bool:
    """Whether a text is a strptime format of whole days: known directives, a year among them."""
    if not isinstance(text, str) or not re.search(r"%-?[yYcxG]", text):
        return False
    return "%" not in re.sub(r"%(-?[dmyHIMSj]|[aAwbBYpfgnzZUWVuxXcG%])", "", text)


def _table_problems(name: str, item: Mapping[str, Any]) -> Iterator[str]:
    """Where a table of keys is expected and something else stands, or a name is empty."""
    unpivot = item.get("unpivot")
    tables = {key: item[key] for key in ("columns", "constants", "values") if key in item}
    if isinstance(tables.get("values"), dict):
        tables |= {f"values: {key}": table for key, table in tables["values"].items()}
    if unpivot is not None:
        parts = unpivot if isinstance(unpivot, dict) else {}
        if set(parts) != {"field", "value", "columns"}:
            yield f"{name}: `unpivot` must be a table of field, value and columns."
            return
        tables["unpivot: columns"] = parts["columns"]
    for key, table in tables.items():
        if not isinstance(table, dict):
            yield f"{name}: `{key}` must be a table of keys."
            continue
        nested = key != "values" and any(isinstance(v, dict | list) for v in table.values())
        if nested or any(value is None for value in table.values()):
            yield f"{name}: `{key}` must give one text for each key."


def _field_problems(name: str, item: dict[str, Any], contract: Contract) -> Iterator[str]:
    known = {field.name for field in contract.fields}
    given = [str(key) for part in ("columns", "constants") for key in item.get(part, {})]
    if isinstance(item.get("unpivot"), dict):
        given += [str(item["unpivot"].get("field")), str(item["unpivot"].get("value"))]
    if item.get("recorded_at"):
        given.append("recorded_at")
    for key in [*given, *map(str, item.get("values", {}))]:
        if key not in known:
            have = ", ".join(sorted(known))
            yield f"{name}: {contract.name} has no field {key!r}; it has {have}."
    for field_ in contract.fields:
        if field_.required and field_.name not in given:
            yield f"{name}: {contract.name} needs {field_.name!r} ({field_.meaning})."
    for key in sorted({key for key in given if given.count(key) > 1}):
        yield f"{name}: {key!r} is given twice."


def _unknown(name: str, item: Mapping[Any, object], known: Iterable[str]) -> Iterator[str]:
    for key in item:
        if key not in known:
            yield f"{name}: unknown key {key!r}; known are {', '.join(sorted(known))}."


def _source(item: dict[str, Any]) -> Source:
    unpivot = item.get("unpivot")
    plain = {key: item[key] for key in SOURCE_KEYS & item.keys() if key != "unpivot"}
    plain["columns"] = _texts(item.get("columns", {}))
    plain["constants"] = _texts(item.get("constants", {}))
    plain["values"] = {key: _texts(value) for key, value in item.get("values", {}).items()}
    if unpivot:
        columns = _texts(unpivot["columns"])
        plain["unpivot"] = Unpivot(unpivot["field"], unpivot["value"], columns)
    return Source(**plain)


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
    for key in ("encoding", "dates", "thousands", "decimal", "recorded_at"):
        if getattr(source, key) != getattr(unset, key):
            plain[key] = getattr(source, key)
    plain["columns"] = dict(source.columns)
    if source.unpivot:
        part = source.unpivot
        plain["unpivot"] = {
            "field": part.field,
            "value": part.value,
            "columns": dict(part.columns),
        }
    if source.constants:
        plain["constants"] = dict(source.constants)
    if source.values:
        plain["values"] = {key: dict(value) for key, value in source.values.items()}
    return plain
