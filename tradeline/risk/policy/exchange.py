"""Tables as other engines exchange them, on the way to a policy and from it.

A foreign table says neither units nor ranges nor what missing means: inputs are then taken as they
are used, and what is missing is refused. A file that a policy was exported to carries what its
format cannot say, and is read back to an equal policy.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.risk.policy.cells import ANY, KNOWN, Cell, CellProblem, Kind, Value, cell_text
from tradeline.risk.policy.declaration import OUTCOME, REASON, Declaration, Hit
from tradeline.risk.policy.exchange_cells import Dialect, read_cell, read_literal
from tradeline.risk.policy.writing import policy_content

Content = dict[str, Any]

NO_REASON = "imported without a reason"
REMEDY = "Mend the cell in the tool that wrote it, or leave the table out."
WORD = re.compile(r"[a-z0-9]+|[A-Z]+(?![a-z])|[A-Z][a-z0-9]*")
OUTCOMES_AND_REASONS = (OUTCOME, REASON)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a foreign table; kind, levels and range only where the file states them.

    `stated` is its name as the file states it.
    """

    name: str
    stated: str
    kind: Kind | None = None
    levels: tuple[str, ...] = ()
    range: str = ""


@dataclass(frozen=True, slots=True)
class ForeignRow:
    """A row of a foreign table, its cells as they are written."""

    id: str
    tests: tuple[str, ...]
    gives: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class ForeignTable:
    """A foreign table; `aggregation` is min, max, sum, count or nothing."""

    name: str
    hit: Hit
    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    rows: tuple[ForeignRow, ...]
    aggregation: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """What a foreign file does not say of a policy."""

    name: str
    version: str
    valid_from: date | None
    otherwise: str = ""


def snake(name: str) -> str:
    """A foreign name as ours are written: `customer.creditScore` is `customer_credit_score`."""
    return "_".join(word.lower() for word in WORD.findall(name)) or "unnamed"


def as_content(
    tables: Sequence[ForeignTable], dialect: Dialect, header: Header, where: str
) -> Content:
    """What the YAML file of a policy of these tables would hold.

    InputProblem lists every cell that does not fit.
    """
    reading = _Reading(dialect, where)
    read = [reading.table(table, header.otherwise) for table in tables]
    if reading.findings:
        raise InputProblem(reading.findings)
    content: Content = {
        "policy": snake(header.name),
        "version": header.version,
        "inputs": reading.input_contents(),
        "outputs": reading.output_contents(),
        "tables": read,
    }
    if header.valid_from:
        content["valid_from"] = header.valid_from
    return content


class _Reading:
    """Reads cells, and notes what inputs and outputs there are as they are used."""

    def __init__(self, dialect: Dialect, where: str) -> None:
        self._dialect, self._where = dialect, where
        self.findings: list[Finding] = []
        self._inputs: dict[str, _Use] = {}
        self._outputs: dict[str, _Use] = {}
        self._stated: dict[str, str] = {}

    def table(self, table: ForeignTable, otherwise: str) -> Content:
        """The content of a table."""
        self._require_apart(table)
        rows = [self._row(table, row) for row in table.rows]
        free = [output.name for output in table.outputs if output.name not in OUTCOMES_AND_REASONS]
        hit = table.hit
        if hit is Hit.COLLECT and free and not table.aggregation:
            hit = Hit.RULE_ORDER
        content: Content = {"table": table.name, "hit": str(hit), "rows": rows}
        if table.aggregation:
            content["collect"] = dict.fromkeys(free, table.aggregation)
        if otherwise:
            content["otherwise"] = otherwise
        return content

    def _require_apart(self, table: ForeignTable) -> None:
        """That no two columns would be called alike."""
        for columns in (table.inputs, table.outputs):
            names = [column.name for column in columns]
            for column in columns:
                first = self._stated.setdefault(column.name, column.stated)
                if names.count(column.name) > 1 or first != column.stated:
                    self._say(
                        f"table {table.name}, column {column.stated}: as a name it would be "
                        f"`{column.name}`, and so would another."
                    )

    def _row(self, table: ForeignTable, row: ForeignRow) -> Content:
        place = f"table {table.name}, row {row.id}"
        when = {}
        for column, text in zip(table.inputs, row.tests, strict=True):
            cell = self._cell(column, text, f"{place}, column {column.name}")
            if cell != ANY:
                when[column.name] = cell_text(cell)
        then = {}
        for column, text in zip(table.outputs, row.gives, strict=True):
            value = self._value(column, text, f"{place}, column {column.name}")
            if value is not None and table.aggregation != "count":
                then[column.name] = value
        return {"id": row.id, "when": when, "then": then, "why": row.why or NO_REASON}

    def _cell(self, column: Column, text: str, place: str) -> Cell:
        uses = self._outputs if column.name in self._outputs else self._inputs
        use = uses.setdefault(column.name, _Use(column))
        try:
            cell, kind = read_cell(text, self._dialect)
            use.take(column, kind, [v for test in cell.tests for v in test.values])
        except CellProblem as refusal:
            self._say(f"{place}: {refusal}.")
            return Cell((KNOWN,))
        use.may_lack |= (cell.missing and cell != ANY) or cell == Cell((KNOWN,))
        return cell

    def _value(self, column: Column, text: str, place: str) -> Value | None:
        use = self._outputs.setdefault(column.name, _Use(column))
        try:
            value = read_literal(text, self._dialect)
            if value is not None:
                kind = {str: Kind.CATEGORY, bool: Kind.BOOLEAN, float: Kind.NUMBER}.get(
                    type(value), Kind.DATE
                )
                use.take(column, kind, [value])
        except CellProblem as refusal:
            self._say(f"{place}: {refusal}.")
            return None
        if isinstance(value, float) and use.kind is Kind.INTEGER and value.is_integer():
            return int(value)
        return value

    def input_contents(self) -> Content:
        """The inputs as they are used; one that no cell tests is none."""
        return {
            name: use.content() | ({"missing": "case"} if use.may_lack else {})
            for name, use in self._inputs.items()
            if use.kind
        }

    def output_contents(self) -> Content:
        """The outputs but for the outcome."""
        return {
            name: use.content()
            for name, use in self._outputs.items()
            if name != OUTCOME and use.kind
        }

    def _say(self, message: str) -> None:
        self.findings.append(Finding("does-not-fit", Severity.ERROR, self._where, message, REMEDY))


class _Use:
    """What is known of an input or output from its columns and cells."""

    def __init__(self, column: Column) -> None:
        self.kind = column.kind
        self._levels: dict[str, None] = dict.fromkeys(column.levels)
        self._range = column.range
        self.may_lack = False

    def take(self, column: Column, kind: Kind | None, values: Sequence[Value]) -> None:
        """Note a cell of the column; CellProblem if its kind is another than before."""
        self.kind = self.kind or kind
        is_whole = self.kind is Kind.INTEGER and kind is Kind.NUMBER
        is_text = self.kind is Kind.TEXT and kind is Kind.CATEGORY
        if kind and kind is not self.kind and not is_whole and not is_text:
            raise CellProblem(f"its values are of type {kind}, elsewhere of type {self.kind}")
        if not column.levels:
            self._levels |= dict.fromkeys(str(value) for value in values
                                          if isinstance(value, str))  # fmt: skip

    def content(self) -> Content:
        """The declaration as YAML states it."""
        assert self.kind
        content: Content = {"type": str(self.kind)}
        if self.kind in (Kind.NUMBER, Kind.INTEGER):
            content["unit"] = "1"
        if self.kind is Kind.CATEGORY:
            content["levels"] = list(self._levels)
        if self._range:
            content["range"] = self._range
        return content


def without_rows(declaration: Declaration) -> Content:
    """What a policy says beside its rows, for a file whose format cannot say it."""
    content = policy_content(declaration)
    for table in content["tables"]:
        rows = table.pop("rows")
        told = {row["id"]: row["why"] for row in rows if isinstance(row.get("why"), dict)}
        sources = {row["id"]: row["source"] for row in rows if "source" in row}
        table |= {key: found for key, found in (("whys", told), ("sources", sources)) if found}
    return _dates_as_text(content)  # type: ignore[no-any-return]


def with_rows(
    stated: object, tables: Sequence[ForeignTable], dialect: Dialect, where: str
) -> Content:
    """The YAML content of an exported policy: what it says beside its rows, and the rows.

    InputProblem for what is not as it was written, and for every cell that does not fit.
    """
    try:
        return _joined(stated, tables, dialect, where)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise problem(
            "does-not-fit",
            where,
            "What the file says beside its tables is not as it was written.",
            "Export the policy again.",
        ) from error


def _joined(stated: Any, tables: Sequence[ForeignTable], dialect: Dialect, where: str) -> Content:
    content: Content = dict(stated)
    for key in ("valid_from", "valid_to"):
        if key in content:
            content[key] = date.fromisoformat(content[key])
    kinds = _kinds(content)
    reading = _Reading(dialect, where)
    typed = [_typed(table, kinds) for table in tables]
    rows = {table.name: reading.table(table, "")["rows"] for table in typed}
    if reading.findings:
        raise InputProblem(reading.findings)
    if sorted(rows) != sorted(table["table"] for table in content["tables"]):
        raise ValueError(rows)
    content["tables"] = [_with_own_rows(table, rows) for table in content["tables"]]
    return content


def _with_own_rows(table: Content, rows: Mapping[str, list[Content]]) -> Content:
    own = {key: value for key, value in table.items() if key not in ("whys", "sources")}
    whys, sources = table.get("whys", {}), table.get("sources", {})
    own["rows"] = [
        row
        | ({"source": sources[row["id"]]} if row["id"] in sources else {})
        | ({"why": whys[row["id"]]} if _is_told(row, whys) else {})
        for row in rows[table["table"]]
    ]
    return own


def _is_told(row: Content, whys: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether what is told in other languages is of what the row says now."""
    return row["id"] in whys and whys[row["id"]]["en"] == row["why"]


def _kinds(content: Content) -> dict[str, Kind]:
    items = {**content.get("inputs", {}), **content.get("outputs", {})}
    return {name: Kind(item["type"]) for name, item in items.items()}


def _typed(table: ForeignTable, kinds: Mapping[str, Kind]) -> ForeignTable:
    def typed(column: Column) -> Column:
        return Column(column.name, column.stated, kinds.get(column.name, column.kind))

    return ForeignTable(
        table.name,
        table.hit,
        tuple(map(typed, table.inputs)),
        tuple(map(typed, table.outputs)),
        table.rows,
        table.aggregation,
    )


def _dates_as_text(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _dates_as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_dates_as_text(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


def in_order(names: Sequence[str], needs: Mapping[str, set[str]], where: str) -> Iterator[str]:
    """Names so that each stands after those it needs; InputProblem if they need each other."""
    left = list(names)
    done: set[str] = set()
    while left:
        ready = next((name for name in left if needs.get(name, set()) & set(names) <= done), None)
        if ready is None:
            raise InputProblem([Finding(
                "needs-itself", Severity.ERROR, where,
                f"The tables {', '.join(left)} need each other.", "Part them.",
            )])  # fmt: skip
        yield ready
        done.add(ready)
        left.remove(ready)
