"""Policies evaluated slowly, row by row and cell by cell, as the reference describes them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import isfinite
from typing import Any

from tradeline.risk.policy.cells import ANY, Cell, Kind
from tradeline.risk.policy.declaration import (
    RANK,
    Collect,
    Declaration,
    Hit,
    Input,
    Otherwise,
    Outcome,
    Row,
    Table,
    Treatment,
)

MISSING, STALE = object(), object()
TYPES: dict[Kind, Any] = {Kind.BOOLEAN: bool, Kind.CATEGORY: str, Kind.TEXT: str, Kind.DATE: date}


@dataclass
class Answer:
    outcome: Outcome
    outputs: dict[str, Any]
    reasons: tuple[str, ...]
    fired: list[tuple[str, ...]]


def read_value(read: Input, values: dict[str, Any], ages: dict[str, Any]) -> object:
    """The value, MISSING, STALE, or None for what is refused whatever the policy says."""
    value = values.get(read.name)
    if value is None or (type(value) is float and value != value):
        return MISSING
    if not is_of_kind(read.kind, value):
        return None
    if (read.range and not read.range.holds(value)) or (read.levels and value not in read.levels):
        return None
    if read.max_age_days is None:
        return value
    age = ages.get(read.name)
    if age is None or age != age or age > read.max_age_days:
        return STALE
    return value if age >= 0 else None


def is_of_kind(kind: Kind, value: Any) -> bool:
    if kind not in (Kind.NUMBER, Kind.INTEGER):
        return type(value) is TYPES[kind]
    if type(value) not in (int, float) or not isfinite(value) or abs(value) > 2**53:
        return False
    return kind is Kind.NUMBER or value == int(value)


def takes(cell: Cell, value: object) -> bool:
    if cell == ANY:
        return True
    if value is MISSING:
        return cell.missing
    if value is STALE:
        return cell.stale
    return cell.takes(value)  # type: ignore[arg-type]


def answer(policy: Declaration, values: dict[str, Any], ages: dict[str, Any]) -> Answer:
    known = {read.name: read_value(read, values, ages) for read in policy.inputs}
    stops = [stop for read in policy.inputs if (stop := stopped(read, known[read.name]))]
    if stops:
        return Answer(max(stops, key=RANK.__getitem__), {}, (), [])
    result = Answer(Outcome.REFUSE, {}, (), [])
    said: list[Outcome] = []
    named: set[str] = set()
    for table in policy.tables:
        hits = [row for row in table.rows
                if all(takes(cell, known[column])
                       for column, cell in zip(table.columns, row.cells, strict=True))]  # fmt: skip
        fired = firing(policy, table, hits)
        result.fired.append(tuple(row.id for row in sorted(fired, key=table.rows.index)))
        for row in fired:
            said += [Outcome(str(row.gives["outcome"]))] if "outcome" in row.gives else []
            reason = row.gives.get("reason")
            result.reasons += (str(reason),) if reason and reason not in result.reasons else ()
            named |= {column for column, cell in zip(table.columns, row.cells, strict=True)
                      if cell != ANY and ((cell.missing and known[column] is MISSING)
                                          or (cell.stale and known[column] is STALE))}  # fmt: skip
        if not fired and table.otherwise is not Otherwise.PASS:
            said.append(Outcome(table.otherwise or Otherwise.REFUSE))
        given = values_of(table, fired) if fired else {}
        result.outputs |= given
        known |= {name: given.get(name, MISSING) for name in table.outputs}
        if said and max(said, key=RANK.__getitem__) in (Outcome.DECLINE, Outcome.REFUSE):
            break
    lacking = {read.name for read in policy.inputs if known[read.name] in (MISSING, STALE)}
    if said and not (max(said, key=RANK.__getitem__) is Outcome.APPROVE and lacking - named):
        result.outcome = max(said, key=RANK.__getitem__)
    return result


def stopped(read: Input, value: object) -> Outcome | None:
    if value is None:
        return Outcome.REFUSE
    treatment = {MISSING: read.missing, STALE: read.stale}.get(value)
    return Outcome(treatment) if treatment and treatment is not Treatment.CASE else None


def firing(policy: Declaration, table: Table, hits: list[Row]) -> list[Row]:
    if table.hit is Hit.UNIQUE:
        return hits if len(hits) == 1 else []
    if table.hit.is_ordered:
        levels = next(o.levels for o in policy.outputs if o.name == table.outputs[0])
        hits = sorted(hits, key=lambda row: levels.index(str(row.gives[table.outputs[0]])))
    return hits[:1] if table.hit in (Hit.FIRST, Hit.PRIORITY) else hits


def values_of(table: Table, fired: list[Row]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in table.outputs:
        if name in ("outcome", "reason"):
            continue
        given = [row.gives[name] for row in fired if name in row.gives]
        if table.hit.takes_one:
            found |= {name: given[0]} if given else {}
        elif table.hit in (Hit.RULE_ORDER, Hit.OUTPUT_ORDER):
            found[name] = tuple(given)
        elif table.collect[name] is Collect.COUNT:
            found[name] = len(fired)
        elif given:
            found[name] = COLLECTED[table.collect[name]](given)
    return found


def added_up(values: list[Any]) -> Any:
    total = values[0]
    for value in values[1:]:
        total = total + value
    return total


COLLECTED: dict[Collect, Callable[[list[Any]], Any]] = {
    Collect.MIN: min,
    Collect.MAX: max,
    Collect.SUM: added_up,
}
