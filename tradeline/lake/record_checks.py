"""What is wrong with how a mapping makes records of rows: `only` to `lookup`, in words."""

from collections.abc import Iterator, Mapping
from typing import Any

from tradeline.lake.contracts import Contract, Kind

LOOKUP_KEYS = {"file", "match", "columns", "only", "each", "split", "optional"}
# How an amount may be worked out, and of how few and how many columns.
RULES = {"add": (1, 99), "multiply": (2, 2)}


def shape_problems(name: str, item: Mapping[str, Any]) -> Iterator[str]:
    """Where a list or a table of lists is expected and something else stands."""
    for key in ("only", "numbered"):
        yield from _lists_problems(name, key, item.get(key, {}))
    yield from _amounts_problems(name, "amounts", item.get("amounts", {}))
    if item.get("group") is not None and not _is_list(item["group"]):
        yield f"{name}: `group` must be a list of columns; [] makes one record of the file."
    if item.get("lookup") is not None:
        yield from _lookup_problems(name, item["lookup"])
        yield from _split_problems(name, item)
    if item.get("unpivot") and (item.get("lookup") or item.get("group") is not None):
        yield f"{name}: `unpivot` cannot stand beside `group` or `lookup`."


def _lists_problems(name: str, key: str, table: object) -> Iterator[str]:
    if not isinstance(table, dict):
        yield f"{name}: `{key}` must be a table of keys."
        return
    for entry, values in table.items():
        if not values or not _is_list(values):
            yield f"{name}: `{key}: {entry}` must be a list such as [a, b]."


def _is_list(values: object) -> bool:
    if not isinstance(values, list):
        return False
    return not any(value is None or isinstance(value, dict | list) for value in values)


def _amounts_problems(name: str, key: str, table: object) -> Iterator[str]:
    if not isinstance(table, dict):
        yield f"{name}: `{key}` must be a table of keys."
        return
    for entry, how in table.items():
        rule, columns = next(iter(how.items())) if _is_one_rule(how) else (None, [])
        least, most = RULES.get(rule, (0, -1))
        if not (_is_list(columns) and least <= len(columns) <= most):
            yield (
                f"{name}: `{key}: {entry}` must be `add` with a list of columns, or `multiply` "
                "with two, such as {multiply: [quantity, price]}."
            )


def _is_one_rule(how: object) -> bool:
    return isinstance(how, dict) and len(how) == 1 and set(how) <= set(RULES)


def _lookup_problems(name: str, part: object) -> Iterator[str]:
    if not isinstance(part, dict):
        yield f"{name}: `lookup` must be a table of file, match and columns."
        return
    for key in part.keys() - LOOKUP_KEYS:
        yield f"{name}: unknown key `lookup: {key}`; known are {', '.join(sorted(LOOKUP_KEYS))}."
    yield from _lists_problems(name, "lookup: only", part.get("only", {}))
    if not part.get("match") or not _is_plain_table(part["match"]):
        yield f"{name}: `lookup: match` must give each column the one of the other file it equals."
    if not _is_plain_table(part.get("columns", {})):
        yield f"{name}: `lookup: columns` must give one text for each key."
    if not (part.get("columns") or part.get("split")):
        yield f"{name}: `lookup` gives nothing; state its `columns`."
    if not isinstance(part.get("each", ""), str):
        yield f"{name}: `lookup: each` must be a column of the other file."
    if not isinstance(part.get("optional", False), bool):
        yield f"{name}: `lookup: optional` must be true or false."


def _is_plain_table(table: object) -> bool:
    return isinstance(table, dict) and _is_list([*table.values()])


def _split_problems(name: str, item: Mapping[str, Any]) -> Iterator[str]:
    part = item["lookup"] if isinstance(item["lookup"], dict) else {}
    split = part.get("split", {})
    yield from _amounts_problems(name, "lookup: split", split)
    if split and not part.get("each"):
        yield f"{name}: `lookup: split` needs `each`, the column among whose values it parts."
    for field in split if isinstance(split, dict) else ():
        if field not in {**_table(item, "columns"), **_table(item, "amounts")}:
            yield f"{name}: `lookup: split` parts {field!r}; give it under `columns` or `amounts`."


def _table(item: Mapping[str, Any], key: str) -> dict[str, Any]:
    table = item.get(key, {})
    return table if isinstance(table, dict) else {}


def given_fields(item: Mapping[str, Any]) -> list[str]:
    """The contract's fields that `amounts`, `numbered` and `lookup` give."""
    looked_up = (item.get("lookup") or {}).get("columns", {})
    tables = (item.get("amounts", {}), item.get("numbered", {}), looked_up)
    return [str(key) for table in tables for key in table]


def kind_problems(name: str, item: Mapping[str, Any], contract: Contract) -> Iterator[str]:
    """Where an amount is worked out, or a number given, for a field of another kind."""
    kinds = {field.name: field.kind for field in contract.fields}
    given = (
        ("amounts", Kind.MONEY, item.get("amounts", {})),
        ("lookup: split", Kind.MONEY, (item.get("lookup") or {}).get("split", {})),
        ("numbered", Kind.TEXT, item.get("numbered", {})),
    )
    for key, kind, table in given:
        for field in table:
            if kinds.get(field, kind) is not kind:
                yield f"{name}: `{key}` gives {kind}, but {field!r} is a {kinds[field]}."
