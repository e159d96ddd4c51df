"""A policy back to YAML, and the hash that names what it says."""

from collections.abc import Mapping
from typing import Any

import yaml

from tradeline.kernel.hashing import canonical_json, hash_bytes
from tradeline.risk.policy.cells import ANY, Value, cell_text, interval_text
from tradeline.risk.policy.declaration import (
    CURRENCY,
    Declaration,
    Input,
    Output,
    Row,
    Table,
    Treatment,
)

Content = dict[str, Any]


def write_policy(declaration: Declaration) -> str:
    """The YAML text that `read_policy` reads back to an equal declaration."""
    content = policy_content(declaration)
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=100)


def declaration_hash(declaration: Declaration) -> str:
    """The hash of all that a policy says; order of lines and comments do not matter."""
    return hash_bytes(canonical_json(_as_text(policy_content(declaration))).encode())


def policy_content(declaration: Declaration) -> Content:
    """What the YAML file of a policy holds; what says nothing is left out."""
    explore = declaration.explore
    return _stated({
        "policy": declaration.name,
        "version": declaration.version,
        "about": declaration.about,
        "currency": declaration.currency,
        "valid_from": declaration.valid_from,
        "valid_to": declaration.valid_to,
        "persons_to_go_live": declaration.persons_to_go_live,
        "explore": {
            "near": {explore.input: interval_text(explore.band)},
            "share": explore.share,
            "stop_loss_minor": explore.stop_loss_minor,
        } if explore else None,
        "inputs": {
            read.name: _input(read) for read in declaration.inputs if read.name != CURRENCY
        },
        "outputs": {output.name: _output(output) for output in declaration.outputs},
        "tables": [_table(table) for table in declaration.tables],
    })  # fmt: skip


def _input(read: Input) -> Content:
    ages = read.max_age_days is not None
    return _stated({
        "type": str(read.kind),
        "unit": read.unit,
        "meaning": read.meaning,
        "range": interval_text(read.range) if read.range else None,
        "levels": list(read.levels),
        "missing": _treatment(read.missing),
        "max_age_days": read.max_age_days,
        "stale": _treatment(read.stale) if ages else None,
    })  # fmt: skip


def _treatment(treatment: Treatment) -> str | None:
    return None if treatment is Treatment.REFUSE else str(treatment)


def _output(output: Output) -> Content:
    return _stated({
        "type": str(output.kind),
        "unit": output.unit,
        "meaning": output.meaning,
        "levels": list(output.levels),
    })  # fmt: skip


def _table(table: Table) -> Content:
    return _stated({
        "table": table.name,
        "about": table.about,
        "hit": str(table.hit),
        "collect": {name: str(how) for name, how in table.collect.items()},
        "otherwise": str(table.otherwise) if table.otherwise else None,
        "rows": [_row(table, row) for row in table.rows],
    })  # fmt: skip


def _row(table: Table, row: Row) -> Content:
    tested = zip(table.columns, row.cells, strict=True)
    when = {column: cell_text(cell) for column, cell in tested if cell != ANY}
    then = {name: _plain(value) for name, value in row.gives.items()}
    return {"id": row.id, "when": when, "then": then} | _stated(
        {"why": {"en": row.why, **row.why_in} if row.why_in else row.why, "source": row.source}
    )


def _plain(value: Value) -> Value:
    return str(value) if isinstance(value, str) else value


def _stated(content: Mapping[str, Any]) -> Content:
    return {key: value for key, value in content.items() if value not in (None, "", [], {})}


def _as_text(value: Any) -> Any:
    """A value that JSON can hold: dates as text."""
    if isinstance(value, dict):
        return {key: _as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return value.isoformat() if hasattr(value, "isoformat") else value
