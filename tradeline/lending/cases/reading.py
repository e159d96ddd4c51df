"""From a file to a case: every key known, or a problem that names each that is not."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from tradeline.kernel.findings import problem
from tradeline.lending.cases import vocabulary as words
from tradeline.lending.cases.case import Case, Variant
from tradeline.lending.cases.values import REMEDY, Reader


def read_case(path: Path) -> Case:
    """The case in a JSON file; InputProblem if it is none, naming each word outside."""
    reader = Reader()
    case = _case(reader, _parsed(path))
    reader.stop_if_refused()
    return case


def _parsed(path: Path) -> object:
    try:
        text = path.read_text(encoding="utf-8")
        return json.loads(text, parse_float=Decimal, object_pairs_hook=_once, parse_constant=_none)
    except FileNotFoundError:
        raise problem("no-file", str(path), "There is no such case.", REMEDY) from None
    except IsADirectoryError:
        raise problem("no-file", str(path), "A folder is no case.", REMEDY) from None
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        why = str(error).splitlines()[0] if str(error) else "it is nested too deeply"
        raise problem("broken-case", path.name, f"The case is no JSON: {why}.", REMEDY) from None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key '{key}' stands twice")
        found[key] = value
    return found


def _none(word: str) -> object:
    raise ValueError(f"'{word}' is no number")


def _case(reader: Reader, value: object) -> Case:
    table = reader.table("case", value, words.CASE_KEYS)
    _need(reader, "case", table, ("case_id", "variants"))
    variants = reader.rows("case: variants", table.get("variants", []))
    if "variants" in table and not variants:
        reader.refuse("case", "The case has no variant.")
    return Case(
        name=reader.text("case: case_id", table.get("case_id", "")),
        theme=reader.text("case: theme", table.get("theme", "")),
        variants=tuple(_variant(reader, at, variant) for at, variant in enumerate(variants, 1)),
    )


def _variant(reader: Reader, number: int, value: object) -> Variant:
    where = f"variant {number}"
    table = reader.table(where, value, words.VARIANT_KEYS)
    _need(reader, where, table, ("inputs", "events", "checkpoints"))
    name = reader.text(f"{where}: variant", table.get("variant", where))
    where = name or where
    checkpoints = reader.rows(f"{where}: checkpoints", table.get("checkpoints", []))
    if "checkpoints" in table and not checkpoints:
        reader.refuse(where, "The variant has no checkpoint.")
    events = reader.rows(f"{where}: events", table.get("events", []))
    return Variant(
        name,
        reader.table(f"{where}: inputs", table.get("inputs", {}), words.INPUTS),
        tuple(_event(reader, f"{where}: event {at}", item) for at, item in enumerate(events, 1)),
        tuple(
            _checkpoint(reader, f"{where}: checkpoint {at}", item)
            for at, item in enumerate(checkpoints, 1)
        ),
    )


def _need(reader: Reader, where: str, table: Mapping[str, object], keys: Iterable[str]) -> None:
    for key in keys:
        if key not in table:
            reader.refuse(where, f"The word '{key}' is missing.")


def _event(reader: Reader, where: str, value: object) -> dict[str, Any]:
    kind = value.get("type") if isinstance(value, dict) else None
    fields = words.EVENTS.get(kind) if isinstance(kind, str) else None
    if fields is None:
        reader.refuse(where, f"The event '{kind}' is not in the vocabulary.")
        return {}
    table = reader.table(where, value, dict.fromkeys(("type", *fields)))
    optional = ("entered_on", *words.MAY_BE_LEFT_OUT.get(str(kind), ()))
    needed = fields if fields == ("entered_on",) else [key for key in fields if key not in optional]
    _need(reader, where, table, needed)
    return table


def _checkpoint(reader: Reader, where: str, value: object) -> dict[str, Any]:
    table = reader.table(where, value, words.CHECKPOINTS)
    for key in ("journals", "payable", "rows", "transactions"):
        for at, part in enumerate(_list(reader, f"{where}: {key}", table.get(key)), 1):
            _part(reader, f"{where}: {key} {at}", part, words.PARTS[key])
    for key in ("delinquency", "totals"):
        if table.get(key) is not None:
            _part(reader, f"{where}: {key}", table[key], words.PARTS[key])
    for at, row in enumerate(_list(reader, f"{where}: schedule", table.get("schedule")), 1):
        _schedule_row(reader, f"{where}: schedule row {at}", row)
    for at, journal in enumerate(table.get("journals") or [], 1):
        entries = journal.get("entries") if isinstance(journal, dict) else None
        for entry in _list(reader, f"{where}: journals {at}", entries):
            _part(reader, f"{where}: journals {at}", entry, words.PARTS["entries"])
    return table


def _list(reader: Reader, where: str, value: object) -> list[Any]:
    return [] if value is None else reader.rows(where, value)


def _part(reader: Reader, where: str, value: object, keys: tuple[str, ...]) -> None:
    reader.table(where, value, dict.fromkeys(keys))


def _schedule_row(reader: Reader, where: str, row: object) -> None:
    kind = row.get("row") if isinstance(row, dict) else None
    keys = words.SCHEDULE_ROWS.get(kind) if isinstance(kind, str) else None
    if keys is None:
        reader.refuse(where, f"The row '{kind}' is not in the vocabulary.")
    else:
        _part(reader, where, row, keys)
