"""What to compare of two tables, as YAML that people write: see docs/guides/link.md."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tradeline.creditfile.linkage.tables.competition import Once
from tradeline.creditfile.linkage.tables.fields import KINDS
from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.lake.yaml_files import read_yaml

GUIDE = "See docs/guides/link.md."
TOP_KEYS = ("left", "right", "fields", "each", "threshold")
SIDE_KEYS = ("id", "encoding")
FIELD_KEYS = ("left", "right", "kind")
EACH = {"once": Once(True, True), "many": Once(False, False)}
SIDES = ("left", "right")


@dataclass(frozen=True, slots=True)
class Side:
    """What is said of one table: the column that names its records, and how its text is encoded."""

    id: str | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field that is to be compared, by its columns on each side; no kind: to be recognised."""

    name: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class LinkMapping:
    """What a mapping says; what it leaves open is None or empty, and found out from the tables."""

    left: Side = Side()
    right: Side = Side()
    fields: tuple[FieldChoice, ...] = ()
    each: Once | None = None
    threshold: float | None = None


def read_link_mapping(path: Path) -> LinkMapping:
    """The mapping in a YAML file; InputProblem lists everything that is wrong with it."""
    content = read_yaml(
        path, "mapping file", "`tradeline link A B --write-mapping FILE` makes one."
    )
    return parse_link_mapping(content, path.name)


def parse_link_mapping(content: object, where: str) -> LinkMapping:
    """The mapping in a parsed YAML value; InputProblem lists everything that is wrong with it."""
    found = list(_problems(content))
    if found:
        raise InputProblem(
            Finding("bad-mapping", Severity.ERROR, where, message, GUIDE) for message in found
        )
    table: dict[str, Any] = content if isinstance(content, dict) else {}
    listed = table.get("fields") or {}
    if isinstance(listed, list):
        listed = dict.fromkeys(map(str, listed))
    each = table.get("each")
    return LinkMapping(
        _side(table.get("left")),
        _side(table.get("right")),
        tuple(_choice(str(name), how or {}) for name, how in listed.items()),
        _once(each) if each is not None else None,
        table.get("threshold"),
    )


def _side(said: Mapping[str, object] | None) -> Side:
    return Side(**{key: str(value) for key, value in (said or {}).items()})


def _choice(name: str, how: Mapping[str, Any]) -> FieldChoice:
    left, right = (_columns(how.get(side, name)) for side in SIDES)
    return FieldChoice(name, left, right, how.get("kind"))


def _columns(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _once(each: object) -> Once:
    if isinstance(each, dict):
        return Once(*(each.get(side, "once") == "once" for side in SIDES))
    return EACH[str(each)]


def _problems(content: object) -> Iterator[str]:
    if not isinstance(content, dict):
        yield "The mapping needs keys, such as `fields`."
        return
    yield from _unknown("mapping", content, TOP_KEYS)
    for side in SIDES:
        yield from _side_problems(side, content.get(side))
    yield from _fields_problems(content.get("fields"))
    yield from _each_problems(content.get("each"))
    threshold = content.get("threshold")
    if threshold is not None and not is_threshold(threshold):
        yield f"`threshold` is {threshold!r}; it must be a number above 0 and at most 1."


def is_threshold(value: object) -> bool:
    """Whether a value is a probability from which pairs can be linked."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1


def _unknown(name: str, table: Mapping[Any, Any], known: tuple[str, ...]) -> Iterator[str]:
    for key in table:
        if key not in known:
            yield f"{name}: unknown key '{key}'; known are {', '.join(known)}."


def _side_problems(side: str, table: object) -> Iterator[str]:
    if table is None:
        return
    if not isinstance(table, dict):
        yield f"`{side}` must be a table of keys, such as `{side}: {{id: key}}`."
        return
    yield from _unknown(side, table, SIDE_KEYS)
    for key in SIDE_KEYS:
        if key in table and not isinstance(table[key], str | int):
            yield f"{side}: `{key}` must be a text."


def _fields_problems(fields: object) -> Iterator[str]:
    if fields is None:
        return
    if isinstance(fields, list) and all(isinstance(name, str | int) for name in fields):
        return
    if not isinstance(fields, dict):
        yield "`fields` must be a list of columns, or a table of a name and what it is made of."
        return
    for name, how in fields.items():
        if how is not None and not isinstance(how, dict):
            yield f"field '{name}' must be a table of keys, such as `{{left: title, right: name}}`."
            continue
        yield from _field_problems(str(name), how or {})


def _field_problems(name: str, how: Mapping[Any, Any]) -> Iterator[str]:
    yield from _unknown(f"field '{name}'", how, FIELD_KEYS)
    kind = how.get("kind")
    if kind is not None and kind not in KINDS:
        yield f"field '{name}': kind '{kind}' is none of {', '.join(KINDS)}."
    for side in SIDES:
        listed = how.get(side, name)
        listed = listed if isinstance(listed, list) else [listed]
        if not listed or not all(isinstance(column, str | int) for column in listed):
            yield f"field '{name}': `{side}` must be a column, or a list of columns."


def _each_problems(each: object) -> Iterator[str]:
    if each is None or (isinstance(each, str) and each in EACH):
        return
    sound = isinstance(each, dict) and all(
        side in SIDES and value in EACH for side, value in each.items()
    )
    if not sound:
        yield f"`each` is {each!r}; it must be once, many, or such as {{left: many, right: once}}."


def write_link_mapping(mapping: LinkMapping) -> str:
    """The mapping as YAML text that `read_link_mapping` reads back to an equal one."""
    table: dict[str, object] = {}
    for name in SIDES:
        side: Side = getattr(mapping, name)
        said = {key: getattr(side, key) for key in SIDE_KEYS if getattr(side, key) is not None}
        table |= {name: said} if said else {}
    if mapping.fields:
        table["fields"] = {choice.name: _written(choice) for choice in mapping.fields}
    if mapping.each is not None:
        table["each"] = _each_written(mapping.each)
    if mapping.threshold is not None:
        table["threshold"] = mapping.threshold
    return yaml.safe_dump(table, allow_unicode=True, sort_keys=False, width=100)


def _written(choice: FieldChoice) -> dict[str, object]:
    said: dict[str, object] = {}
    for side in SIDES:
        columns: tuple[str, ...] = getattr(choice, side)
        if columns != (choice.name,):
            said[side] = columns[0] if len(columns) == 1 else list(columns)
    return said | ({"kind": choice.kind} if choice.kind else {})


def _each_written(once: Once) -> object:
    for word, meaning in EACH.items():
        if once == meaning:
            return word
    return {side: "once" if getattr(once, side) else "many" for side in SIDES}
