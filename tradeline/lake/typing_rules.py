"""Text to typed values: the SQL that parses a field, and the one that says why a row is refused."""

import re

from tradeline.kernel.money import minor_per_unit
from tradeline.lake.contracts import YEARS, Field, Kind
from tradeline.lake.files import BROKEN, ROW, quoted
from tradeline.lake.mapping import Source

ISO_TIMES = (" %H:%M:%S", "T%H:%M:%S", "T%H:%M:%SZ", "", " %H:%M", "T%H:%M", " %H:%M:%S.%f",
             "T%H:%M:%S.%f", "T%H:%M:%S.%fZ")  # fmt: skip
ISO_ZONED = (" %H:%M:%S%z", "T%H:%M:%S%z", " %H:%M:%S.%f%z", "T%H:%M:%S.%f%z")
# Larger amounts and numbers are slips of the pen, and sums of their squares could not be kept.
MINOR_MAX = 10**15
NUMBER_MAX = 10**12
# Excel counts days from 1900; numbers of five digits lie in 1927 to 2173.
EXCEL_DAY = r"\d{5}(\.\d+)?"
# At the end of a time, after its minutes or seconds.
ZONE = r":\d\d(\.\d+)?(Z|[+-]\d\d(:?\d\d)?)$"
# A day is written in local time, which is at most so far ahead of UTC; clocks differ a little.
LOCAL_DAY, SKEW = "INTERVAL 14 HOUR", "INTERVAL 5 MINUTE"
PART = quoted("unpivoted?")
FLAGS = {"true": "true", "false": "false", "1": "true", "0": "false", "yes": "true", "no": "false"}


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def text_name(field: Field) -> str:
    """The column that holds a field as it was written."""
    return quoted(f"{field.name}?")


def source_rows_sql(source: Source, currency: str) -> str:
    """One row for each row of the contract, as text: `_row`, `_broken`, `field?`, `column!`.

    The last are the columns that the mapping reads, as they stand in `raw`, which is read once.
    """
    fields = [
        f"{_written(field, source, currency)} AS {text_name(field)}"
        for field in source.schema.fields
    ]
    kept = [f"{quoted(name)} AS {quoted(name + '!')}" for name in _read(source)]
    return f"SELECT {', '.join([ROW, BROKEN, *fields, *kept])} FROM {_unpivoted(source)}"


def _unpivoted(source: Source) -> str:
    if source.unpivot is None:
        return "raw"
    parts = ", ".join(
        f"{{'field': {literal(value)}, 'value': {quoted(column)}}}"
        for value, column in source.unpivot.columns.items()
    )
    return f"(SELECT *, unnest([{parts}]) AS {PART} FROM raw)"


def _read(source: Source) -> list[str]:
    return list(dict.fromkeys(source.columns.values()))


def content_sql(source: Source) -> str:
    """A row as one text: what was written in each column that the mapping reads."""
    shown = ", ".join(f"{literal(name)}: {quoted(name + '!')}" for name in _read(source))
    return f"CAST(MAP {{{shown}}} AS VARCHAR)" if shown else "''"


def _written(field: Field, source: Source, currency: str) -> str:
    if source.unpivot and field.name in (source.unpivot.field, source.unpivot.value):
        return f"{PART}.{'field' if field.name == source.unpivot.field else 'value'}"
    if field.name in source.columns:
        return _translated(quoted(source.columns[field.name]), source.values.get(field.name, {}))
    if field.name in source.constants:
        return literal(source.constants[field.name])
    if field.name == "recorded_at" and source.recorded_at:
        return _written(source.schema.field("occurred_at"), source, currency)
    return literal(currency) if field.name == "currency" else "CAST(NULL AS VARCHAR)"


def _translated(column: str, values: object) -> str:
    pairs = dict(values) if isinstance(values, dict) else {}
    if not pairs:
        return column
    cases = " ".join(f"WHEN {literal(old)} THEN {literal(new)}" for old, new in pairs.items())
    return f"CASE {column} {cases} ELSE {column} END"


def typed_sql(field: Field, source: Source, currency: str) -> str:
    """The field's typed value, NULL where the text is none."""
    text = text_name(field)
    if field.kind is Kind.MONEY:
        scale = minor_per_unit(currency)
        # Decimals, so that cents are exact; half a minor unit rounds away from zero.
        return f"TRY_CAST(round({_decimal(text, source)} * {scale}, 0) AS BIGINT)"
    if field.kind in (Kind.NUMBER, Kind.SHARE):
        return f"CAST({_decimal(text, source)} AS DOUBLE)"
    if field.kind is Kind.MOMENT:
        return moment_sql(text, source.dates)
    if field.kind is Kind.FLAG:
        cases = " ".join(f"WHEN {literal(k)} THEN {v}" for k, v in FLAGS.items())
        return f"CASE lower({text}) {cases} END"
    if field.kind is Kind.CHOICE:
        allowed = ", ".join(literal(choice) for choice in field.choices)
        return f"CASE WHEN {text} IN ({allowed}) THEN {text} END"
    return f"nullif({text}, '')"


def moment_sql(text: str, form: str | None) -> str:
    """An SQL text as a moment in UTC, by a strptime format or, without one, as ISO 8601."""
    if form:
        return _moment(text, [form])
    plain, zoned = ([f"%Y-%m-%d{time}" for time in times] for times in (ISO_TIMES, ISO_ZONED))
    return f"coalesce({_moment(text, plain)}, {_moment(text, zoned)})"


def _moment(text: str, formats: list[str]) -> str:
    # The cast brings a moment with an offset to UTC, the zone of the connection.
    return f"CAST(try_strptime({text}, [{', '.join(map(literal, formats))}]) AS TIMESTAMP)"


def _decimal(text: str, source: Source) -> str:
    plain = f"replace({text}, {literal(source.thousands)}, '')"
    if source.decimal != ".":
        plain = f"replace({plain}, {literal(source.decimal)}, '.')"
    return f"TRY_CAST(CASE WHEN {_is_number(text, source)} THEN {plain} END AS DECIMAL(30, 8))"


def _is_number(text: str, source: Source) -> str:
    """Whether the signs stand where they should: 1.234,50 is none where a point parts decimals."""
    group, point = re.escape(source.thousands), re.escape(source.decimal)
    whole = rf"(\d*|\d{{1,3}}({group}\d{{2,3}})*{group}\d{{3}})" if group else r"\d*"
    pattern = rf"[+-]?{whole}({point}\d*)?([eE][+-]?\d+)?"
    return f"regexp_full_match({text}, {literal(pattern)})"


def reason_sql(source: Source, currency: str) -> str:
    """Why a row is refused, as a struct of code, reason, misfitting field and its text, else NULL.

    A row in another currency than the folder's is refused: its amounts could not be added.
    """
    cases = [f"WHEN {BROKEN} <> '' THEN {_refusal('broken-row', BROKEN)}"]
    names = {field.name for field in source.schema.fields}
    if {"occurred_at", "recorded_at"} <= names and source.recorded_at is None:
        words = literal("Both clocks are missing: nothing says when it occurred or was recorded.")
        test = "coalesce(\"occurred_at?\", '') = '' AND coalesce(\"recorded_at?\", '') = ''"
        cases.append(f"WHEN {test} THEN {_refusal('missing-clocks', words)}")
    for field in source.schema.fields:
        cases += _field_cases(field, source, currency)
    if "currency" in names:
        quote = f"'The currency ' || currency || ' is not the {currency} of the folder.'"
        test = f"currency <> {literal(currency)}"
        cases.append(f"WHEN {test} THEN {_refusal('other-currency', quote)}")
    if {"occurred_at", "recorded_at"} <= names:
        words = literal("It was recorded before it occurred.")
        test = f"recorded_at < occurred_at - {_tolerance()}"
        cases.append(f"WHEN {test} THEN {_refusal('clocks-turned', words)}")
    return f"CASE {' '.join(cases)} END"


def _tolerance() -> str:
    midnight = "occurred_at = date_trunc('day', occurred_at)"
    return f"CASE WHEN {midnight} THEN {LOCAL_DAY} ELSE {SKEW} END"


def zoned_sql(field: Field) -> str:
    """Whether a moment was written with a zone."""
    return f"coalesce(regexp_matches({text_name(field)}, {literal(ZONE)}), false)"


def _field_cases(field: Field, source: Source, currency: str) -> list[str]:
    text, missing = text_name(field), f"coalesce({text_name(field)}, '') = ''"
    cases = []
    if field.required:
        words = literal(f"The {field.name} is missing.")
        cases.append(f"WHEN {missing} THEN {_refusal('missing-value', words)}")
    cases += _bound_cases(field, source, currency)
    wanted = f"one of {', '.join(field.choices)}" if field.choices else _a(field.kind)
    bad = f"{field.column} IS NULL AND NOT ({missing})"
    if field.kind is Kind.MOMENT:
        hint = " is not a date; it looks like Excel''s number of one, so format the column as dates"
        quote = f"'The {field.name} ' || {text} || '{hint}.'"
        test = f"{bad} AND regexp_full_match({text}, {literal(EXCEL_DAY)})"
        cases.append(f"WHEN {test} THEN {_refusal('bad-value', quote, field)}")
    quote = f"'The {field.name} ' || coalesce({text}, '') || ' is not {wanted}.'"
    cases.append(f"WHEN {bad} THEN {_refusal('bad-value', quote, field)}")
    return cases


def _bound_cases(field: Field, source: Source, currency: str) -> list[str]:
    """What lies outside the field's own bounds, or those of its kind."""
    column, value = field.column, f"'The {field.name} ' || {text_name(field)} || "
    tests = []
    if field.kind is Kind.MOMENT:
        first, last = YEARS
        words = f"' lies outside the years {first} to {last}.'"
        tests.append((f"year({column}) NOT BETWEEN {first} AND {last}", words))
    if field.kind in (Kind.MONEY, Kind.NUMBER):
        most, per_unit = NUMBER_MAX, 1
        if field.kind is Kind.MONEY:
            most, per_unit = MINOR_MAX, minor_per_unit(currency)
        number = f"{_is_number(text_name(field), source)} AND {text_name(field)} ~ '[0-9]'"
        words = f"' is too large: the most that can be read is {most // per_unit:,}.'"
        beyond = f"{column} NOT BETWEEN -{most} AND {most}"
        tests.append((f"{beyond} OR ({column} IS NULL AND {number})", words))
    for bound, sign, side in ((field.lowest, "<", "below"), (field.highest, ">", "above")):
        if bound is not None:
            hint = "; write 0.04 for 4 %" if field.kind is Kind.SHARE else ""
            tests.append((f"{column} {sign} {bound:g}", f"' is {side} {bound:g}{hint}.'"))
    return [f"WHEN {test} THEN {_refusal('out-of-range', value + words)}" for test, words in tests]


def _a(kind: Kind) -> str:
    words = {
        Kind.MOMENT: "a date",
        Kind.MONEY: "an amount",
        Kind.FLAG: "true or false",
        Kind.SHARE: "a share such as 0.04",
    }
    return words.get(kind, f"a {kind.value}")


def _refusal(code: str, words_sql: str, misfit: Field | None = None) -> str:
    """A refusal; `misfit` is the field whose text is of another kind than the field's."""
    field, value = (literal(misfit.name), text_name(misfit)) if misfit else ("NULL", "NULL")
    parts = {"code": literal(code), "reason": words_sql, "field": field, "value": value}
    return f"{{{', '.join(f'{literal(name)}: {sql}' for name, sql in parts.items())}}}"
