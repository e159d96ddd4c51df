"""A policy in words: what a reader who writes no programs is shown, as text or as a page."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from tradeline.kernel.money import minor_digits
from tradeline.kernel.texts import clean
from tradeline.risk.policy.cells import ANY, KNOWN, Cell, Interval, UnaryTest, Value, value_text
from tradeline.risk.policy.declaration import (
    OUTCOME,
    REASON,
    Collect,
    Declaration,
    Hit,
    Input,
    Otherwise,
    Output,
    Row,
    Table,
    Treatment,
)
from tradeline.risk.policy.policy import Policy

WHATEVER = "–"
ONE_HIT = {
    Hit.UNIQUE: "Exactly one row holds.",
    Hit.ANY: "Where several rows hold, they say the same.",
    Hit.FIRST: "The first row that holds counts.",
}
COLLECTED = {
    Collect.MIN: "the lowest",
    Collect.MAX: "the highest",
    Collect.SUM: "the sum",
    Collect.COUNT: "the number of rows",
}
NO_HIT = {
    Otherwise.REFUSE: "Where no row holds, nothing is decided.",
    Otherwise.REFER: "Where no row holds, a person decides.",
    Otherwise.DECLINE: "Where no row holds, the application is declined.",
    Otherwise.PASS: "Where no row holds, the next table is asked.",
    None: "A row holds in every case.",
}
LACKING = {
    Treatment.REFUSE: "nothing is decided",
    Treatment.REFER: "a person decides",
    Treatment.DECLINE: "the application is declined",
    Treatment.CASE: "the tables say",
}
Declared = Input | Output


@dataclass(frozen=True, slots=True)
class ShownInput:
    """An input in words."""

    name: str
    meaning: str
    may_be: str
    lacking: str


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row in words: its cells, what it gives, why."""

    id: str
    cells: tuple[str, ...]
    gives: tuple[str, ...]
    why: str
    source: str


@dataclass(frozen=True, slots=True)
class ShownTable:
    """A table in words."""

    name: str
    about: str
    rule: str
    columns: tuple[str, ...]
    outputs: tuple[str, ...]
    rows: tuple[ShownRow, ...]


@dataclass(frozen=True, slots=True)
class ShownPolicy:
    """A policy in words."""

    title: str
    about: str
    validity: str
    hash: str
    notes: tuple[str, ...]
    inputs: tuple[ShownInput, ...]
    tables: tuple[ShownTable, ...]


def show(policy: Policy) -> ShownPolicy:
    """The policy in words."""
    declaration = policy.declaration
    until = f" up to and without {declaration.valid_to}" if declaration.valid_to else ""
    columns: dict[str, Declared] = {read.name: read for read in declaration.inputs}
    columns |= {output.name: output for output in declaration.outputs}
    return ShownPolicy(
        f"{declaration.name} {declaration.version}",
        declaration.about,
        f"valid from {declaration.valid_from}{until}",
        policy.hash,
        tuple(_notes(declaration)),
        tuple(_input(read, declaration.currency) for read in declaration.inputs),
        tuple(_table(table, columns, declaration) for table in declaration.tables),
    )


def _notes(declaration: Declaration) -> Iterator[str]:
    persons = declaration.persons_to_go_live
    if persons > 1:
        yield f"It goes live once {persons} different persons have said so."
    if explore := declaration.explore:
        read = next(item for item in declaration.inputs if item.name == explore.input)
        band = interval_words(explore.band, read, declaration.currency)
        loss = _money(explore.stop_loss_minor, declaration.currency)
        yield (
            f"A random {_percent(explore.share)} of those whose {explore.input} is {band} may be "
            f"approved to learn from, until that has cost {loss}."
        )


def _input(read: Input, currency: str) -> ShownInput:
    lacking = f"missing: {LACKING[read.missing]}"
    if read.max_age_days is not None:
        lacking += f"; older than {read.max_age_days} days: {LACKING[read.stale]}"
    may_be = ", ".join(read.levels) or str(read.kind)
    if read.range:
        may_be = interval_words(read.range, read, currency)
    return ShownInput(read.name, read.meaning, may_be, lacking)


def _table(table: Table, columns: Mapping[str, Declared], declaration: Declaration) -> ShownTable:
    currency = declaration.currency
    return ShownTable(
        table.name,
        table.about,
        f"{_rule(table, columns)} {NO_HIT[table.otherwise]}",
        table.columns,
        table.outputs,
        tuple(_row(table, row, columns, currency) for row in table.rows),
    )


def _rule(table: Table, columns: Mapping[str, Declared]) -> str:
    if table.hit in ONE_HIT:
        return ONE_HIT[table.hit]
    if table.hit.is_ordered:
        first = table.outputs[0]
        levels = ("refuse", "decline", "refer", "approve")
        order = ", ".join(levels if first == OUTCOME else columns[first].levels)
        which = "the row counts" if table.hit is Hit.PRIORITY else "the rows count in the order"
        return f"Of the rows that hold, {which} whose {first} comes first in {order}."
    parts = [f"{COLLECTED[how]} as {name}" for name, how in table.collect.items()]
    return f"All rows that hold count{': ' if parts else ''}{', '.join(parts)}."


def _row(table: Table, row: Row, columns: Mapping[str, Declared], currency: str) -> ShownRow:
    cells = tuple(
        cell_words(cell, columns[name], currency)
        for name, cell in zip(table.columns, row.cells, strict=True)
    )
    gives = tuple(
        value_words(row.gives[name], columns.get(name), currency) if name in row.gives else WHATEVER
        for name in table.outputs
    )
    return ShownRow(row.id, cells, gives, row.why, row.source)


def cell_words(cell: Cell, column: Declared, currency: str) -> str:
    """A cell in words: `from 2 % to below 5 %`, `not known`; a dash where nothing is asked."""
    if cell == ANY:
        return WHATEVER
    parts = [words for takes, words in ((cell.missing, "missing"), (cell.stale, "stale")) if takes]
    parts += [_test_words(test, column, currency) for test in cell.tests]
    return " or ".join(parts)


def _test_words(test: UnaryTest, column: Declared, currency: str) -> str:
    if test == KNOWN:
        return "known"
    if test.interval:
        words = interval_words(test.interval, column, currency)
    else:
        words = " or ".join(value_words(value, column, currency) for value in test.values)
    return f"not {words}" if test.negated else words


def interval_words(interval: Interval, column: Declared, currency: str) -> str:
    """An interval in words: `below 5 %`, `from 300 to 900 points`."""
    parts = []
    if interval.low is not None:
        word = "from" if interval.low_in else "above"
        if interval.high is None and interval.low_in:
            word = "at least"
        parts.append(f"{word} {value_words(interval.low, column, currency)}")
    if interval.high is not None:
        inside = "to" if interval.low is not None else "at most"
        word = inside if interval.high_in else "to below" if interval.low is not None else "below"
        parts.append(f"{word} {value_words(interval.high, column, currency)}")
    return " ".join(parts)


def value_words(value: Value, column: Declared | None, currency: str) -> str:
    """A value with its unit: money in units of its currency, shares in per cent."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    unit = column.unit if column else ""
    if unit == "minor" and isinstance(value, int | float):
        return _money(int(value), currency)
    if unit.split(" ")[:1] == ["share"] and isinstance(value, int | float):
        return f"{_percent(value)}{unit.removeprefix('share').replace(' per', ' a')}"
    text = str(value) if isinstance(value, str) else value_text(value)
    return text if unit in ("", "1") or isinstance(value, str) else f"{text} {unit}"


def _money(minor: int, currency: str) -> str:
    digits = minor_digits(currency)
    units, rest = divmod(abs(minor), 10**digits)
    cents = f".{rest:0{digits}d}" if rest else ""
    return f"{'-' if minor < 0 else ''}{units:,}{cents} {currency}"


def _percent(share: float) -> str:
    return f"{100 * share:.10g} %"


def policy_text(shown: ShownPolicy) -> str:
    """The policy as text for a terminal."""
    return "\n".join(_lines(shown)) + "\n"


def _lines(shown: ShownPolicy) -> Iterator[str]:
    yield f"{shown.title}, {shown.validity}"
    yield from filter(None, (shown.about, *shown.notes, shown.hash))
    yield from ("", "What is asked:")
    for read in shown.inputs:
        meaning = f": {read.meaning}" if read.meaning else ""
        yield f"  {read.name}{meaning}"
        yield f"    {read.may_be}; {read.lacking}"
    for table in shown.tables:
        yield from ("", f"Table {table.name}: {table.about}".rstrip(": "), f"  {table.rule}")
        for row in table.rows:
            yield from _row_lines(table, row)


def _row_lines(table: ShownTable, row: ShownRow) -> Iterator[str]:
    tests = [f"{name} {words}" for name, words in zip(table.columns, row.cells, strict=True)
             if words != WHATEVER]  # fmt: skip
    gives = [words if name in (OUTCOME, REASON) else f"{name} {words}"
             for name, words in zip(table.outputs, row.gives, strict=True)
             if words != WHATEVER]  # fmt: skip
    yield f"  {row.id}  {' and '.join(tests) or 'whatever the values'}"
    yield f"      then {', '.join(gives) or 'nothing'}"
    yield f"      {row.why}" + (f" ({row.source})" if row.source else "")


def policy_page(shown: ShownPolicy) -> str:
    """The policy as one HTML page that needs no network; encode it as UTF-8."""
    return _environment().get_template("policy.html").render(policy=shown)


def _finalize(value: object) -> object:
    """Every text that reaches the page is clean, whoever forgot to clean it."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return clean(value)


def _spoken(name: str) -> str:
    """A name or code as it is read aloud; money is shown in units of its currency."""
    return name.removesuffix("_minor").replace("_", " ")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("tradeline.risk.policy", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalize,
    )
    environment.filters["spoken"] = _spoken
    return environment
