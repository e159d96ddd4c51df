"""What is wrong with a mapping, in words: everything is reported together."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import PurePath
from typing import Any

import duckdb

from tradeline.kernel.money import CURRENCIES
from tradeline.lake.contracts import BY_NAME, Contract
from tradeline.lake.record_checks import given_fields, kind_problems, shape_problems

TOP_KEYS = {"currency", "sources"}
SOURCE_KEYS = {
    "file", "contract", "columns", "constants", "values", "only", "amounts", "numbered", "group",
    "lookup", "unpivot", "recorded_at", "encoding", "dates", "time_zone", "thousands", "decimal",
}  # fmt: skip


def mapping_problems(content: object) -> Iterator[str]:
    """What is wrong with a parsed mapping, a sentence each; nothing if it can be used."""
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
    shape = [*_table_problems(name, item), *shape_problems(name, item)]
    yield from shape or _field_problems(name, item, contract)


def _file_problems(name: str, item: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the file's name and how it is said to be written."""
    file, encoding, dates = (item.get(key) for key in ("file", "encoding", "dates"))
    zone = item.get("time_zone")
    yield from _name_problems(name, file)
    if isinstance(item.get("lookup"), dict):
        yield from _name_problems(f"{name}: `lookup`", item["lookup"].get("file"))
    if encoding is not None and not _is_encoding(encoding):
        yield f"{name}: `encoding` is {encoding!r}, which is none; write utf-8, gb18030 or big5."
    if dates is not None and not _is_date_format(dates):
        yield f"{name}: `dates` is {dates!r}, which is no date format; write it like %Y-%m-%d."
    if zone is not None and not (isinstance(zone, str) and zone in time_zones()):
        yield f"{name}: `time_zone` is {zone!r}, which is none; write it like Asia/Shanghai."
    thousands, decimal = item.get("thousands", ","), item.get("decimal", ".")
    for key, sign, longest in (("thousands", thousands, (0, 1)), ("decimal", decimal, (1,))):
        if not isinstance(sign, str) or len(sign) not in longest or sign.isdigit():
            yield f"{name}: `{key}` is {sign!r}; it must be one sign in quotation marks."
    if thousands == decimal:
        yield f"{name}: `thousands` and `decimal` are both {decimal!r}; state two different signs."


def _name_problems(name: str, file: object) -> Iterator[str]:
    if not isinstance(file, str):
        yield f"{name} names no `file`."
    elif PurePath(file).is_absolute() or ".." in PurePath(file).parts:
        yield f"{name}: the file {file!r} does not lie in the folder."


@cache
def time_zones() -> frozenset[str]:
    """The time zones that can be stated: UTC, and places such as Europe/London.

    Abbreviations are left out: BST is Britain's summer and Bangladesh's standard time.
    """
    rows = duckdb.connect().execute("SELECT name FROM pg_timezone_names()").fetchall()
    return frozenset(name for (name,) in rows if "/" in name or name == "UTC")


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
    given += given_fields(item)
    yield from kind_problems(name, item, contract)
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
