"""Records of text from the rows of a file in the table `raw`: chosen, worked out, gathered."""

from collections.abc import Iterable, Mapping, Sequence

from tradeline.kernel.money import minor_digits
from tradeline.lake.contracts import Field
from tradeline.lake.files import BROKEN, ROW
from tradeline.lake.mapping import Amount, Source
from tradeline.lake.sql_text import literal, quoted
from tradeline.lake.typing_rules import decimal_sql, text_name

RAW = "raw"
SIGNS = {"add": " + ", "multiply": " × "}
# A product of two such factors is exact in the 38 digits that there are.
FACTOR = "DECIMAL(19, 8)"
PART = quoted("unpivoted?")


def own_rows_sql(source: Source, currency: str) -> str:
    """One row for each record that the file makes, as text: `_row`, `_broken`, `field?`, `column!`.

    The last are the columns that the mapping reads, as they stand in `raw`, which is read once but
    where rows are gathered. `match N` are the values by which another file is looked up.
    """
    written = _derived(source, currency)
    fields = [
        f"{_written(field, source, currency, written)} AS {text_name(field)}"
        for field in source.schema.fields
    ]
    keys = source.lookup.match if source.lookup else ()
    matched = [f"{_raw(column)} AS {match_name(number)}" for number, column in enumerate(keys)]
    kept = [f"{_raw(name)} AS {kept_name(name)}" for name in source.read_columns]
    if source.group is None:
        columns = ", ".join([ROW, BROKEN, *fields, *matched, *kept])
        return f"SELECT {columns} FROM {_unpivoted(source)} WHERE {chosen_sql(source.only, RAW)}"
    columns = ", ".join([f"gathered.{ROW}", f"gathered.{BROKEN}", *fields, *matched, *kept])
    return (
        f"WITH gathered AS ({_gathered_sql(source, source.group, currency)}) "
        f"SELECT {columns} FROM gathered JOIN {RAW} ON {RAW}.{ROW} = gathered.{ROW}"
    )


def _unpivoted(source: Source) -> str:
    if source.unpivot is None:
        return RAW
    parts = ", ".join(
        f"{{'field': {literal(value)}, 'value': {quoted(column)}}}"
        for value, column in source.unpivot.columns.items()
    )
    return f"(SELECT *, unnest([{parts}]) AS {PART} FROM {RAW}) AS {RAW}"


def kept_name(column: str) -> str:
    """The column that holds a column of the file as it was written."""
    return quoted(f"{column}!")


def chosen_sql(only: Mapping[str, Sequence[str]], table: str) -> str:
    """Whether a row of a table is read: what `only` says, and every row that is broken."""
    tests = [
        f"coalesce({table}.{quoted(column)}, '') IN ({', '.join(map(literal, values))})"
        for column, values in only.items()
    ]
    return f"({BROKEN} <> '' OR ({' AND '.join(tests)}))" if tests else "true"


def content_sql(source: Source) -> str:
    """A record as one text: what was written in each column that the mapping reads."""
    shown = ", ".join(f"{literal(name)}: {kept_name(name)}" for name in source.read_columns)
    return f"CAST(MAP {{{shown}}} AS VARCHAR)" if shown else "''"


def _raw(column: str) -> str:
    return f"{RAW}.{quoted(column)}"


def match_name(number: int) -> str:
    """The column that holds the value of the numbered match of a lookup."""
    return quoted(f"match {number}")


def _derived(source: Source, currency: str) -> dict[str, str]:
    """Contract field to the SQL that works it out of a row, or of what was gathered."""
    numbered = {
        name: f"CAST(row_number() OVER (PARTITION BY {', '.join(map(_raw, within))} "
        f"ORDER BY {RAW}.{ROW}) AS VARCHAR)"
        for name, within in source.numbered.items()
    }
    if source.group is not None:
        return numbered | {name: f"gathered.{quoted(name)}" for name in source.amounts}
    return numbered | {
        name: f"coalesce({as_text_sql(amount_sql(amount, RAW, source, currency), source)}, "
        f"{_as_written(amount)})"
        for name, amount in source.amounts.items()
    }


def _written(field: Field, source: Source, currency: str, written: Mapping[str, str]) -> str:
    if source.unpivot and field.name in (source.unpivot.field, source.unpivot.value):
        return f"{PART}.{'field' if field.name == source.unpivot.field else 'value'}"
    if field.name in written:
        return written[field.name]
    if field.name in source.columns:
        column = _raw(source.columns[field.name])
        return translated_sql(column, source.values.get(field.name, {}))
    if field.name in source.constants:
        return literal(source.constants[field.name])
    if field.name == "recorded_at" and source.recorded_at:
        return _written(source.schema.field("occurred_at"), source, currency, written)
    return literal(currency) if field.name == "currency" else "CAST(NULL AS VARCHAR)"


def translated_sql(column: str, values: Mapping[str, str]) -> str:
    """What the text of a column means; an empty text can mean something too."""
    if not values:
        return column
    cases = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in values.items())
    return f"CASE coalesce({column}, '') {cases} ELSE {column} END"


def _gathered_sql(source: Source, group: Iterable[str], currency: str) -> str:
    """The rows of each record as one: the place of the first, and the sums of its amounts.

    Broken rows and rows without a key stay by themselves, for nobody knows where they belong.
    """
    keys = [_raw(column) for column in group]
    apart = " OR ".join([f"{BROKEN} <> ''", *(f"coalesce({key}, '') = ''" for key in keys)])
    sums = [
        f"{_summed(amount, source, currency)} AS {quoted(name)}"
        for name, amount in source.amounts.items()
    ]
    columns = ", ".join([f"min({ROW}) AS {ROW}", f"min({BROKEN}) AS {BROKEN}", *sums])
    by = ", ".join([*keys, f"CASE WHEN {apart} THEN {ROW} END"])
    return f"SELECT {columns} FROM {RAW} WHERE {chosen_sql(source.only, RAW)} GROUP BY {by}"


def _summed(amount: Amount, source: Source, currency: str) -> str:
    """The amounts of the rows added up, or what is written in the first row that has none."""
    each = amount_sql(amount, RAW, source, currency)
    total = f"CASE WHEN count({each}) = count(*) THEN {as_text_sql(f'sum({each})', source)} END"
    return f"coalesce({total}, arg_min({_as_written(amount)}, {ROW}) FILTER ({each} IS NULL))"


def amount_sql(amount: Amount, table: str, source: Source, currency: str) -> str:
    """A row's amount as a decimal, rounded half away from zero to minor units; NULL for none."""
    kind = FACTOR if amount.rule == "multiply" else "DECIMAL(30, 8)"
    numbers = [decimal_sql(f"{table}.{quoted(c)}", source, kind) for c in amount.columns]
    worked_out = (" * " if amount.rule == "multiply" else " + ").join(numbers)
    return f"round({worked_out}, {minor_digits(currency)})"


def as_text_sql(decimal: str, source: Source) -> str:
    """A decimal as the source would write it."""
    text = f"CAST({decimal} AS VARCHAR)"
    return text if source.decimal == "." else f"replace({text}, '.', {literal(source.decimal)})"


def _as_written(amount: Amount) -> str:
    """The columns of an amount as they were written, NULL where nothing was."""
    columns = [_raw(column) for column in amount.columns]
    shown = ", ".join(f"coalesce({column}, '?')" for column in columns)
    empty = " AND ".join(f"coalesce({column}, '') = ''" for column in columns)
    sign = literal(SIGNS[amount.rule])
    return f"CASE WHEN NOT ({empty}) THEN concat_ws({sign}, {shown}) END"
