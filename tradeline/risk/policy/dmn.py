"""DMN 1.x XML: decision tables with S-FEEL cells read as a policy, and a policy written as such.

Each table is a decision. What a policy says beside its rows (units, what missing means, validity)
stands in an extension element, which other readers pass over.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.kernel.strict_json import strict_json
from tradeline.lake.xml_stream import Element, stream
from tradeline.risk.policy.cells import CellProblem, Kind, interval_text
from tradeline.risk.policy.declaration import (
    OUTCOME,
    REASON,
    Collect,
    Declaration,
    Hit,
    Outcome,
    Row,
    Table,
)
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
from tradeline.risk.policy.exchange_cells import (
    Dialect,
    read_cell,
    write_cell,
    write_literal,
)

MODEL = "https://www.omg.org/spec/DMN/20191111/MODEL/"
"""The namespace that is written, that of DMN 1.3; whatever has `/DMN/` in it is read."""

OWN = "urn:tradeline:policy:1"
XML_ID = re.compile(r"[^\W\d][\w.-]*")
TYPES = {
    "string": None,  # categories and texts: their levels say which
    "number": Kind.NUMBER,
    "double": Kind.NUMBER,
    "integer": Kind.INTEGER,
    "long": Kind.INTEGER,
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "": None,
    "Any": None,
}
TYPE_NAMES = {
    Kind.NUMBER: "number",
    Kind.INTEGER: "number",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.CATEGORY: "string",
    Kind.TEXT: "string",
}


def read_dmn(path: Path, header: Header) -> Content:
    """The YAML content of a policy of the decision tables in a DMN file.

    InputProblem names every decision and cell that does not fit.
    """
    root = list(stream(path, 1, "decision model"))[-1]
    if root.name != "definitions":
        raise problem("not-dmn", path.name, f"The file is no DMN model but `{root.name}`.",
                      "Name a .dmn file.")  # fmt: skip
    reading = _Reading(path.name)
    tables = reading.tables(root)
    if reading.findings:
        raise InputProblem(reading.findings)
    stated = root.first("extensionElements/policy")
    if stated:
        return with_rows(_parsed(stated), tables, Dialect.FEEL, path.name)
    return as_content(tables, Dialect.FEEL, header, path.name)


def _parsed(stated: str) -> object:
    """What stands in the extension, None if it is no JSON."""
    try:
        return json.loads(stated)
    except (ValueError, RecursionError):
        return None


class _Reading:
    """Reads decisions; what does not fit is noted."""

    def __init__(self, where: str) -> None:
        self._where = where
        self.findings: list[Finding] = []
        self._variables: dict[str, Column] = {}

    def tables(self, root: Element) -> list[ForeignTable]:
        decisions = {each.attributes.get("id", ""): each for each in root.all("decision")}
        if not decisions:
            raise problem("no-table", self._where, "The model has no decision.",
                          "Name another file.")  # fmt: skip
        needs = {name: _needed(each) for name, each in decisions.items()}
        ordered = [decisions[name] for name in in_order(list(decisions), needs, self._where)]
        return [table for each in ordered if (table := self._table(each))]

    def _table(self, decision: Element) -> ForeignTable | None:
        name = decision.attributes.get("name") or decision.attributes.get("id", "")
        found = decision.all("decisionTable")
        if not found:
            self._say(f"decision {name}: it is no decision table.")
            return None
        (table,) = found[:1]
        hit = self._hit(table, name)
        inputs = tuple(self._input(each, name) for each in table.all("input"))
        outputs = tuple(self._output(each, decision) for each in table.all("output"))
        rows = tuple(
            self._row(each, f"{snake(name)}_{number}", len(inputs), len(outputs), name)
            for number, each in enumerate(table.all("rule"), start=1)
        )
        self._remember(decision, name, outputs)
        aggregation = table.attributes.get("aggregation", "").lower()
        if hit is None or any(row is None for row in rows):
            return None
        return ForeignTable(snake(name), hit, inputs, outputs,
                            tuple(row for row in rows if row), aggregation)  # fmt: skip

    def _hit(self, table: Element, name: str) -> Hit | None:
        stated = table.attributes.get("hitPolicy", "UNIQUE")
        if stated not in list(Hit):
            self._say(f"decision {name}: the hit policy '{stated}' is none of {', '.join(Hit)}.")
            return None
        if table.attributes.get("aggregation", "MIN").lower() not in list(Collect):
            self._say(f"decision {name}: the aggregation '{table.attributes['aggregation']}' is "
                      f"none of {', '.join(how.upper() for how in Collect)}.")  # fmt: skip
            return None
        return Hit(stated)

    def _remember(self, decision: Element, name: str, outputs: Sequence[Column]) -> None:
        """By which names later decisions call the outputs of this one."""
        variables = {name, *(each.attributes.get("name", "") for each in decision.all("variable"))}
        for variable in variables - {""}:
            if len(outputs) == 1:
                self._variables[variable] = outputs[0]
            for output in outputs:
                self._variables[f"{variable}.{output.stated}"] = output

    def _input(self, each: Element, decision: str) -> Column:
        text = each.first("inputExpression/text")
        known = self._variables.get(text)
        if not text or not all(part.isidentifier() for part in text.replace(" ", ".").split(".")):
            self._say(f"decision {decision}: the input `{text}` is an expression, no name.")
        expressions = each.all("inputExpression")
        type_name = expressions[0].attributes.get("typeRef", "") if expressions else ""
        if known:
            return known
        return self._column(text, type_name, each.first("inputValues/text"), decision)

    def _output(self, each: Element, decision: Element) -> Column:
        own = decision.attributes.get("name", "")
        name = each.attributes.get("name") or each.attributes.get("label") or own
        if each.all("defaultOutputEntry"):
            self._say(f"decision {own}: the output {name} has a default, which would hide what is "
                      "missing.")  # fmt: skip
        return self._column(name, each.attributes.get("typeRef", ""),
                            each.first("outputValues/text"), own)  # fmt: skip

    def _column(self, stated: str, type_name: str, allowed: str, decision: str) -> Column:
        name = snake(stated)
        local = type_name.rpartition(":")[2]
        if local not in TYPES:
            self._say(f"decision {decision}, column {name}: the type {type_name} is none of "
                      f"{', '.join(sorted(filter(None, TYPES)))}.")  # fmt: skip
            return Column(name, stated)
        kind = TYPES[local]
        try:
            cell, _ = read_cell(allowed, Dialect.FEEL)
        except CellProblem as refusal:
            self._say(f"decision {decision}, column {name}: allowed values: {refusal}.")
            return Column(name, stated, kind)
        if not allowed or len(cell.tests) != 1:
            return Column(name, stated, kind)
        (test,) = cell.tests
        if test.interval:
            return Column(name, stated, kind, range=interval_text(test.interval))
        levels = tuple(value for value in test.values if isinstance(value, str))
        return Column(name, stated, Kind.CATEGORY if levels else kind, levels)

    def _row(
        self, each: Element, spare: str, inputs: int, outputs: int, decision: str
    ) -> ForeignRow | None:
        name = each.attributes.get("id", spare)
        tests = tuple(entry.first("text") for entry in each.all("inputEntry"))
        gives = tuple(entry.first("text") for entry in each.all("outputEntry"))
        if (len(tests), len(gives)) != (inputs, outputs):
            self._say(f"decision {decision}, row {name}: it has {len(tests)} + {len(gives)} cells, "
                      f"the table {inputs} + {outputs} columns.")  # fmt: skip
            return None
        why = each.first("annotationEntry/text", "description")
        return ForeignRow(name, tests, gives, why)

    def _say(self, message: str) -> None:
        self.findings.append(
            Finding("does-not-fit", Severity.ERROR, self._where, message,
                    "Only decision tables with S-FEEL cells fit.")
        )  # fmt: skip


def _needed(decision: Element) -> set[str]:
    needed = decision.all("informationRequirement/requiredDecision")
    return {each.attributes.get("href", "").removeprefix("#") for each in needed}


def write_dmn(declaration: Declaration) -> str:
    """A policy as DMN 1.3 XML; InputProblem names every table and cell that does not fit."""
    writing = _Writing(declaration)
    decisions = [writing.decision(table) for table in declaration.tables]
    if writing.findings:
        raise InputProblem(writing.findings)
    stated = strict_json(without_rows(declaration), indent=None)
    return "\n".join([
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<definitions xmlns="{MODEL}" id="policy" name={quoteattr(declaration.name)}'
        ' namespace="urn:tradeline:policies">',
        " <extensionElements>",
        f'  <policy xmlns="{OWN}">{escape(stated)}</policy>',
        " </extensionElements>",
        *decisions,
        "</definitions>",
        "",
    ])  # fmt: skip


class _Writing:
    """Writes decisions; what cannot be said is noted."""

    def __init__(self, declaration: Declaration) -> None:
        self._where = declaration.name
        self.findings: list[Finding] = []
        kinds = {read.name: read.kind for read in declaration.inputs}
        kinds |= {output.name: output.kind for output in declaration.outputs}
        self._kinds: Mapping[str, Kind] = kinds | {OUTCOME: Kind.CATEGORY}
        self._levels = {item.name: item.levels for item in declaration.outputs}
        self._levels |= {OUTCOME: tuple(str(outcome) for outcome in reversed(Outcome))}
        self._from = {name: table for table in declaration.tables for name in table.outputs
                      if name not in (OUTCOME, REASON)}  # fmt: skip

    def decision(self, table: Table) -> str:
        aggregation = self._aggregation(table)
        needed = dict.fromkeys(self._from[name].name for name in table.columns
                               if name in self._from)  # fmt: skip
        requirements = [
            f'  <informationRequirement id="needs_{table.name}_{name}">'
            f'<requiredDecision href="#decision_{name}"/></informationRequirement>'
            for name in needed
        ]
        return "\n".join([
            f' <decision id="decision_{table.name}" name={quoteattr(table.name)}>',
            f"  <variable name={quoteattr(table.name)}/>",
            *requirements,
            f'  <decisionTable id="table_{table.name}" hitPolicy="{table.hit}"{aggregation}>',
            *(self._input(table, name) for name in table.columns),
            *(self._output(table, name) for name in table.outputs),
            '   <annotation name="why"/>',
            *(self._row(table, row) for row in table.rows),
            "  </decisionTable>",
            " </decision>",
        ])  # fmt: skip

    def _aggregation(self, table: Table) -> str:
        if not table.collect:
            return ""
        if len(table.outputs) > 1:
            self._say(f"table {table.name}: DMN aggregates one output only, this table gives "
                      f"{', '.join(table.outputs)}.")  # fmt: skip
            return ""
        (how,) = table.collect.values()
        return f' aggregation="{how.upper()}"'

    def _input(self, table: Table, name: str) -> str:
        source = self._from.get(name)
        text = name
        if source:
            text = source.name if len(source.outputs) == 1 else f"{source.name}.{name}"
        return (
            f'   <input id="{table.name}_{name}"><inputExpression typeRef="'
            f'{TYPE_NAMES[self._kinds[name]]}"><text>{escape(text)}</text></inputExpression></input>'
        )

    def _output(self, table: Table, name: str) -> str:
        levels = ", ".join(write_literal(level, Dialect.FEEL)
                           for level in self._levels.get(name, ()))  # fmt: skip
        values = f"<outputValues><text>{escape(levels)}</text></outputValues>" if levels else ""
        return (f'   <output id="{table.name}_gives_{name}" name={quoteattr(name)} typeRef="'
                f'{TYPE_NAMES[self._kinds[name]]}">{values}</output>')  # fmt: skip

    def _row(self, table: Table, row: Row) -> str:
        if not XML_ID.fullmatch(row.id):
            self._say(
                f"table {table.name}, row {row.id}: an id in XML begins with a letter and has "
                "letters, digits, _, - and . only."
            )
        try:
            tests = [write_cell(cell, Dialect.FEEL) for cell in row.cells]
        except CellProblem as refusal:
            self._say(f"table {table.name}, row {row.id}: {refusal}.")
            return ""
        gives = ["null" if (given := row.gives.get(name)) is None
                 else write_literal(given, Dialect.FEEL) for name in table.outputs]  # fmt: skip
        return "\n".join([
            f"   <rule id={quoteattr(row.id)}>",
            *(f"    <inputEntry><text>{escape(test)}</text></inputEntry>" for test in tests),
            *(f"    <outputEntry><text>{escape(give)}</text></outputEntry>" for give in gives),
            f"    <annotationEntry><text>{escape(row.why)}</text></annotationEntry>",
            "   </rule>",
        ])  # fmt: skip

    def _say(self, message: str) -> None:
        self.findings.append(
            Finding(
                "does-not-fit", Severity.ERROR, self._where, message, "Keep the policy in YAML."
            )
        )
