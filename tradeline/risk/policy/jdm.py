"""GoRules JDM: decision tables of a graph read as a policy, and a policy written as such a graph.

JDM knows two hit policies, `first` and `collect`, and says nothing of types. What a policy says
beside its rows stands under the key `tradeline`, which other readers pass over.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.kernel.strict_json import strict_json
from tradeline.risk.policy.cells import CellProblem
from tradeline.risk.policy.declaration import OUTCOME, REASON, Declaration, Hit, Row, Table
from tradeline.risk.policy.exchange import (
    Column,
    Content,
    ForeignRow,
    ForeignTable,
    Header,
    as_content,
    in_order,
    snake,
    with_rows,
    without_rows,
)
from tradeline.risk.policy.exchange_cells import Dialect, write_cell, write_literal

OWN = "tradeline"
FIRST = (Hit.FIRST, Hit.UNIQUE, Hit.ANY)
"""Proven to give what `first` gives."""

TABLE_NODE, OTHER_NODES = "decisionTableNode", ("inputNode", "outputNode")


def read_jdm(text: str, header: Header, where: str) -> Content:
    """The YAML content of a policy of the tables of a JDM graph.

    InputProblem names every node and cell that does not fit.
    """
    graph = _graph(text, where)
    found = list(_unfit(graph))
    if found:
        raise InputProblem(
            Finding("does-not-fit", Severity.ERROR, where, message,
                    "Only decision tables between an input and an output fit.")
            for message in found
        )  # fmt: skip
    tables = [_table(node) for node in _tables_in_order(graph, where)]
    if OWN in graph:
        return with_rows(graph[OWN], tables, Dialect.ZEN, where)
    return as_content(tables, Dialect.ZEN, header, where)


def _graph(text: str, where: str) -> Content:
    try:
        graph = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _no_graph(where) from error
    nodes = graph.get("nodes") if isinstance(graph, dict) else None
    if not isinstance(nodes, list) or not all(isinstance(node, dict) for node in nodes):
        raise _no_graph(where)
    if not any(node.get("type") == TABLE_NODE for node in nodes):
        raise problem("no-table", where, "The graph has no decision table.", "Name another file.")
    found: Content = graph
    return found


def _no_graph(where: str) -> InputProblem:
    return problem("not-jdm", where, "The file is no JDM graph: JSON with a list `nodes`.",
                   "Export it again.")  # fmt: skip


def _unfit(graph: Content) -> Iterator[str]:
    for node in graph["nodes"]:
        name, kind, content = (
            node.get("name", node.get("id")),
            node.get("type"),
            node.get("content"),
        )
        if kind in OTHER_NODES:
            continue
        if kind != TABLE_NODE:
            yield f"node {name}: a {kind} is no decision table."
        elif not isinstance(content, dict) or not isinstance(node.get("id"), str):
            yield f"node {name}: it has no content, or no id."
        else:
            yield from (f"node {name}{found}" for found in _unfit_table(content))


def _unfit_table(content: Content) -> Iterator[str]:
    """What of a table does not fit, in words that follow the name of its node."""
    if content.get("hitPolicy") not in ("first", "collect"):
        yield f": the hit policy {content.get('hitPolicy')!r} is none of first, collect."
    if content.get("inputField"):
        yield ": it has an inputField."
    if content.get("outputPath") and content.get("hitPolicy") != "collect":
        yield ": it has an outputPath."
    if content.get("executionMode") not in (None, "single"):
        yield ": it is evaluated for each item of a list."
    for side in ("inputs", "outputs"):
        yield from _unfit_columns(content.get(side), side)
    rules = content.get("rules")
    if not isinstance(rules, list) or not all(isinstance(rule, dict) for rule in rules):
        yield ": it has no list of rules."


def _unfit_columns(columns: object, side: str) -> Iterator[str]:
    if not isinstance(columns, list) or not all(isinstance(column, dict) for column in columns):
        yield f": it has no list of {side}."
        return
    for column in columns:
        name = column.get("name")
        if not isinstance(column.get("id"), str):
            yield f", column {name}: it has no id."
        if not isinstance(column.get("field"), str) or not column["field"]:
            yield f", column {name}: without a field its cells are expressions."
        if column.get("defaultValue"):
            yield f", column {name}: a default would hide what is missing."


def _tables_in_order(graph: Content, where: str) -> Iterator[Content]:
    nodes = {node["id"]: node for node in graph["nodes"] if node.get("type") == TABLE_NODE}
    needs: dict[str, set[str]] = {}
    for edge in graph.get("edges") or []:
        needs.setdefault(edge.get("targetId"), set()).add(edge.get("sourceId"))
    for name in in_order(list(nodes), needs, where):
        yield nodes[name]


def _table(node: Content) -> ForeignTable:
    content = node["content"]
    name = snake(node.get("name") or node["id"])
    inputs, outputs = content["inputs"], content["outputs"]
    rows = tuple(
        ForeignRow(
            str(rule.get("_id") or f"{name}_{number}"),
            tuple(_text(rule.get(column["id"])) for column in inputs),
            tuple(_text(rule.get(column["id"])) for column in outputs),
            _text(rule.get("_description")),
        )
        for number, rule in enumerate(content["rules"], start=1)
    )
    hit = Hit.FIRST if content["hitPolicy"] == "first" else Hit.COLLECT
    return ForeignTable(name, hit, _columns(inputs), _columns(outputs), rows)


def _columns(items: Sequence[Content]) -> tuple[Column, ...]:
    return tuple(Column(snake(item["field"]), item["field"]) for item in items)


def _text(cell: object) -> str:
    """A cell as text; some writers put numbers and flags as they are."""
    if cell is None:
        return ""
    return cell if isinstance(cell, str) else strict_json(cell, indent=None)


def write_jdm(declaration: Declaration) -> str:
    """A policy as a JDM graph; InputProblem names every table and cell that does not fit."""
    found: list[Finding] = []
    nodes: list[Content] = [_end("input", "inputNode", 0)]
    for number, table in enumerate(declaration.tables, start=1):
        nodes.append(_node(table, number, found, declaration))
    nodes.append(_end("output", "outputNode", len(declaration.tables) + 1))
    if found:
        raise InputProblem(found)
    ids = [node["id"] for node in nodes]
    edges = [
        {"id": f"edge_{number}", "type": "edge", "sourceId": one, "targetId": other}
        for number, (one, other) in enumerate(pairwise(ids), start=1)
    ]
    graph = {
        "contentType": "application/vnd.gorules.decision",
        "nodes": nodes,
        "edges": edges,
        OWN: without_rows(declaration),
    }
    return strict_json(graph) + "\n"


def _end(name: str, kind: str, place: int) -> Content:
    return {"id": name, "type": kind, "name": name, "position": {"x": 280 * place, "y": 0},
            "content": {"schema": ""}}  # fmt: skip


def _node(table: Table, number: int, found: list[Finding], declaration: Declaration) -> Content:
    def say(message: str) -> None:
        text = f"table {table.name}{message}"
        found.append(Finding("does-not-fit", Severity.ERROR, declaration.name, text,
                             "Keep the policy in YAML."))  # fmt: skip

    if table.hit not in FIRST and not _is_list(table):
        say(f": JDM has no hit policy that does what {table.hit} does.")
    inputs = {name: f"i{n}" for n, name in enumerate(table.columns)}
    outputs = {name: f"o{n}" for n, name in enumerate(table.outputs)}
    rules = []
    for row in table.rows:
        try:
            rules.append(_rule(table, row, inputs, outputs))
        except CellProblem as refusal:
            say(f", row {row.id}: {refusal}.")
    return {
        "id": f"table_{number}",
        "type": TABLE_NODE,
        "name": table.name,
        "position": {"x": 280 * number, "y": 0},
        "content": {
            "hitPolicy": "first" if table.hit in FIRST else "collect",
            "inputs": [{"id": key, "name": name, "field": name} for name, key in inputs.items()],
            "outputs": [{"id": key, "name": name, "field": name} for name, key in outputs.items()],
            "rules": rules,
            "passThrough": True,
            "inputField": None,
            # What `collect` gives is a list; beside it the values must still reach later tables.
            "outputPath": None if table.hit in FIRST else table.name,
            "executionMode": "single",
        },
    }


def _is_list(table: Table) -> bool:
    """Whether a table gives all that hit in the order of rows, as `collect` does."""
    lists = table.hit is Hit.RULE_ORDER
    return lists or (table.hit is Hit.COLLECT and set(table.outputs) <= {OUTCOME, REASON})


def _rule(table: Table, row: Row, inputs: dict[str, str], outputs: dict[str, str]) -> Content:
    rule: dict[str, Any] = {"_id": row.id, "_description": row.why}
    for name, cell in zip(table.columns, row.cells, strict=True):
        rule[inputs[name]] = write_cell(cell, Dialect.ZEN)
    for name, key in outputs.items():
        given = row.gives.get(name)
        rule[key] = "" if given is None else write_literal(given, Dialect.ZEN)
    return rule
