"""The tables of a policy from parsed YAML: rows, cells, and what rows give."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tradeline.lake.yaml_fields import Content, Fields, brief
from tradeline.risk.policy.cells import ANY, Cell, CellProblem, Kind, Value, parse_cell
from tradeline.risk.policy.declaration import (
    OUTCOME,
    REASON,
    Collect,
    Hit,
    Input,
    Otherwise,
    Outcome,
    Output,
    Row,
    Table,
)
from tradeline.risk.policy.fields import NAME, fits

ROWS_MAX = 1_000
COLUMNS_MAX = 32
TABLE = ("table", "about", "hit", "collect", "otherwise", "rows")
ROW = ("id", "when", "then", "why", "source")
ENGLISH = "en"
LANGUAGES = (ENGLISH, "zh")


@dataclass(frozen=True, slots=True)
class _Header:
    """What the rows of a table are read by: what there is to test, and what is to be given."""

    where: str
    hit: Hit
    columns: Mapping[str, Input | Output]
    outputs: Mapping[str, Output]
    collect: Mapping[str, Collect]
    tested: tuple[str, ...]
    given: tuple[str, ...]


def read_tables(
    fields: Fields, items: object, inputs: Mapping[str, Input], outputs: Mapping[str, Output]
) -> tuple[Table, ...]:
    """The tables in a parsed value, each of which may test inputs and outputs of earlier ones."""
    if not isinstance(items, list) or not items:
        fields.say("The policy needs `tables`, a list with at least one table.")
        return ()
    columns: dict[str, Input | Output] = dict(inputs)
    tables: list[Table] = []
    for number, item in enumerate(items, start=1):
        table = _table(fields, item, f"table {number}", columns, outputs)
        if table:
            tables.append(table)
            columns |= {name: outputs[name] for name in table.outputs if _is_single(table, name)}
    _across(fields, tables, outputs)
    return tuple(tables)


def _is_single(table: Table, name: str) -> bool:
    """Whether an output is one value, which later tables can test."""
    return name not in (OUTCOME, REASON) and (table.hit.takes_one or name in table.collect)


def _across(fields: Fields, tables: list[Table], outputs: Mapping[str, Output]) -> None:
    """What must hold among tables: names tell apart, each output comes from one of them."""
    fields.repeated([table.name for table in tables], "The table")
    fields.repeated([row.id for table in tables for row in table.rows], "The row")
    given = Counter(name for table in tables for name in table.outputs)
    for name, times in given.items():
        if times > 1 and name not in (OUTCOME, REASON):
            fields.say(
                f"`{name}` is given by {times} tables; each output comes from one table, only "
                "outcome and reason from several."
            )
    for name in outputs:
        if name not in given:
            fields.say(f"output {name}: no table gives it.")


def _table(
    fields: Fields,
    item: object,
    where: str,
    columns: Mapping[str, Input | Output],
    outputs: Mapping[str, Output],
) -> Table | None:
    content = fields.keys(item, where, TABLE)
    if content is None:
        return None
    name = fields.text(content, "table", where, needed=True)
    if name and not NAME.fullmatch(name):
        fields.say(f"{where}: {name!r} is no name; write small letters, digits and _.")
    where = f"table {name}" if name else where
    hit: Hit | None = fields.word(content, "hit", where, Hit)
    otherwise = fields.word(content, "otherwise", where, Otherwise, needed=False)
    rows = _rows(fields, content, where)
    if hit is None or not rows:
        return None
    header = _header(fields, content, rows, where, hit, columns, outputs)
    read = [_row(fields, row, number, header) for number, row in enumerate(rows, start=1)]
    about = fields.text(content, "about", where)
    return Table(name, hit, header.tested, header.given, tuple(filter(None, read)),
                 header.collect, otherwise, about)  # fmt: skip


def _rows(fields: Fields, content: Content, where: str) -> list[object]:
    rows = content.get("rows")
    if not isinstance(rows, list) or not rows:
        fields.say(f"{where}: it needs `rows`, a list with at least one row.")
        return []
    if len(rows) > ROWS_MAX:
        fields.say(f"{where}: it has {len(rows):,} rows, more than {ROWS_MAX:,}; split it.")
        return []
    return rows


def _header(
    fields: Fields,
    content: Content,
    rows: Iterable[object],
    where: str,
    hit: Hit,
    columns: Mapping[str, Input | Output],
    outputs: Mapping[str, Output],
) -> _Header:
    """What the rows test and give, in the order in which it first stands."""
    whole = [row for row in rows if isinstance(row, dict)]
    named = _in_order(row.get("when") for row in whole)
    for column in named:
        if column not in columns:
            fields.say(
                f"{where}: column `{column}` is no input and no output of an earlier table; known "
                f"are {', '.join(columns)}. A cell with a comma stands in quotes."
            )
    tested = [column for column in named if column in columns]
    if len(tested) > COLUMNS_MAX:
        fields.say(f"{where}: it tests {len(tested)} columns, more than {COLUMNS_MAX}; split it.")
    collect = _collect(fields, content, where, hit, outputs)
    names = [*_in_order(row.get("then") for row in whole), *collect]
    given = dict.fromkeys(name for name in names if name in outputs or name == OUTCOME)
    header = _Header(where, hit, columns, outputs, collect, tuple(tested), tuple(given))
    _require_fit(fields, header)
    return header


def _in_order(tables: Iterable[object]) -> list[str]:
    """The keys of some tables in the order in which they first stand."""
    keys = (str(key) for table in tables if isinstance(table, dict) for key in table)
    return list(dict.fromkeys(keys))


def _collect(
    fields: Fields, content: Content, where: str, hit: Hit, outputs: Mapping[str, Output]
) -> dict[str, Collect]:
    items = content.get("collect", {})
    if not isinstance(items, dict) or (items and hit is not Hit.COLLECT):
        fields.say(f"{where}: `collect` is a table of outputs, and stands only with COLLECT.")
        return {}
    found = {}
    for name in items:
        how: Collect | None = fields.word(items, name, f"{where}: `collect`", Collect)
        kind = outputs[name].kind if name in outputs else None
        if kind is None:
            fields.say(f"{where}: `collect`: `{name}` is no output.")
        elif kind not in (Kind.NUMBER, Kind.INTEGER):
            fields.say(f"{where}: `collect`: `{name}` is of type {kind}, no number.")
        elif how is Collect.COUNT and kind is not Kind.INTEGER:
            fields.say(f"{where}: `collect`: a count is an integer, `{name}` is a number.")
        elif how:
            found[name] = how
    return found


def _require_fit(fields: Fields, header: _Header) -> None:
    """That the hit policy knows what to do with each output."""
    first = header.given[0] if header.given else OUTCOME
    if header.hit.is_ordered and first != OUTCOME and not header.outputs[first].levels:
        fields.say(
            f"{header.where}: {header.hit} goes by the levels of the first output, and `{first}` "
            "has none."
        )
    for name in header.given:
        if header.hit is Hit.COLLECT and name not in (OUTCOME, REASON, *header.collect):
            fields.say(
                f"{header.where}: `collect` must say how values of `{name}` come to one: "
                f"{', '.join(Collect)}; RULE ORDER gives them as a list."
            )


def _row(fields: Fields, item: object, number: int, header: _Header) -> Row | None:
    where = f"{header.where}, row {number}"
    content = fields.keys(item, where, ROW)
    if content is None:
        return None
    name = fields.text(content, "id", where, needed=True)
    where = f"{header.where}, row {name}" if name else where
    why, why_in = _why(fields, content, where)
    when, then = content.get("when"), content.get("then")
    if not isinstance(when, dict) or not isinstance(then, dict):
        fields.say(f"{where}: `when` and `then` must be tables; `when: {{}}` takes everything.")
        return None
    cells = tuple(_cell(fields, when, column, where, header) for column in header.tested)
    gives = _gives(fields, then, where, header)
    return Row(name, cells, gives, why, fields.text(content, "source", where), why_in)


def _why(fields: Fields, content: Content, where: str) -> tuple[str, dict[str, str]]:
    """Why a row is there: a text in English, or a table of languages; the others apart."""
    if not isinstance(content.get("why"), dict):
        return fields.text(content, "why", where, needed=True), {}
    where = f"{where}: `why`"
    told = fields.keys(content["why"], where, LANGUAGES) or {}
    said = {key: fields.text(told, key, where, needed=key == ENGLISH) for key in LANGUAGES}
    return said[ENGLISH], {key: text for key, text in said.items() if text and key != ENGLISH}


def _cell(fields: Fields, when: Content, name: str, where: str, header: _Header) -> Cell:
    where, column = f"{where}, column {name}", header.columns[name]
    text = when.get(name, "any")
    if not isinstance(text, str):
        shown = str(text).lower() if isinstance(text, bool) else text
        fields.say(f'{where}: a cell is a text, such as "= {shown}".')
        return ANY
    try:
        cell = parse_cell(text, column.kind)
    except CellProblem as refusal:
        fields.say(f"{where}: {refusal}.")
        return ANY
    for value in (value for test in cell.tests for value in test.values):
        if column.levels and value not in column.levels:
            fields.say(f"{where}: the level '{value}' is none of {', '.join(column.levels)}.")
    return cell


def _gives(fields: Fields, then: Content, where: str, header: _Header) -> dict[str, Value]:
    gives = {}
    for name, value in then.items():
        wrong = _wrong_value(name, value, header)
        if wrong:
            fields.say(f"{where}: {wrong}.")
        else:
            gives[name] = _typed(value, name, header)
    first = header.given[:1] if header.hit.is_ordered else ()
    # After a row that declines or refuses nobody asks for the rest.
    ends = gives.get(OUTCOME) in (Outcome.DECLINE, Outcome.REFUSE)
    must = () if ends or header.hit is Hit.COLLECT else header.given
    for name in dict.fromkeys((*must, *first)):
        if name not in (OUTCOME, REASON) and name not in then:
            fields.say(f"{where}: `then` does not give `{name}`, which other rows give.")
    return gives


def _wrong_value(name: object, value: object, header: _Header) -> str:
    """What is wrong with a value that a row gives, in words that follow its place."""
    if name == OUTCOME:
        fits_outcome = isinstance(value, str) and value in list(Outcome)
        return "" if fits_outcome else f"outcome is {brief(value)}; write {', '.join(Outcome)}"
    output = header.outputs.get(str(name))
    if output is None:
        return f"`{name}` is no output; known are {', '.join((OUTCOME, *header.outputs))}"
    if header.collect.get(output.name) is Collect.COUNT:
        return f"`{name}` counts rows, so no row gives it"
    if not fits(value, output.kind):
        return f"`{name}` is {brief(value)}, which is no {output.kind}"
    if output.kind is Kind.CATEGORY and value not in output.levels:
        return f"`{name}` is {brief(value)}, none of {', '.join(output.levels)}"
    return ""


def _typed(value: Any, name: str, header: _Header) -> Value:
    if name == OUTCOME:
        return Outcome(value)
    found: Value = float(value) if header.outputs[name].kind is Kind.NUMBER else value
    return found
