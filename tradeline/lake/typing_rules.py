"""Text to typed values: the SQL that parses a field, and the one that says why a row is refused."""

import re
from collections.abc import Iterable

from tradeline.kernel.money import minor_per_unit
from tradeline.lake.contracts import YEARS, Field, Kind
from tradeline.lake.files import BROKEN
from tradeline.lake.mapping import Source
from tradeline.lake.sql_text import literal, quoted
from tradeline.lake.wall_clocks import in_utc_sql

ISO_TIMES = (" %H:%M:%S", "T%H:%M:%S", "", " %H:%M", "T%H:%M", " %H:%M:%S.%f", "T%H:%M:%S.%f")
ISO_UTC = ("T%H:%M:%SZ", "T%H:%M:%S.%fZ")
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
UNFIT = "_unfit"
FLAGS = {"true": "true", "false": "false", "1": "true", "0": "false", "yes": "true", "no": "false"}


def text_name(field: Field) -> str:
    """The column that holds a field as it was written."""
    return quoted(f"{field.name}?")


def typed_sql(field: Field, source: Source, currency: str) -> str:
    """The field's typed value, NULL where the text is none; it may use fields before it."""
    text = text_name(field)
    if field.kind is Kind.MONEY:
        scale = minor_per_unit(currency)
        # Decimals, so that cents are exact; half a minor unit rounds away from zero.
        return f"TRY_CAST(round({decimal_sql(text, source)} * {scale}, 0) AS BIGINT)"
    if field.kind in (Kind.NUMBER, Kind.SHARE):
        return f"CAST({decimal_sql(text, source)} AS DOUBLE)"
    if field.name == "recorded_at" and source.recorded_at:
        return "occurred_at"
    if field.kind is Kind.MOMENT:
        return moment_sql(text, source.dates, source.time_zone)
    if field.kind is Kind.FLAG:
        cases = " ".join(f"WHEN {literal(k)} THEN {v}" for k, v in FLAGS.items())
        return f"CASE lower({text}) {cases} END"
    if field.kind is Kind.CHOICE:
        allowed = ", ".join(literal(choice) for choice in field.choices)
        return f"CASE WHEN {text} IN ({allowed}) THEN {text} END"
    return f"nullif({text}, '')"


def moment_sql(text: str, form: str | None, zone: str | None = None) -> str:
    """An SQL text as a moment in UTC, by a strptime format or, without one, as ISO 8601.

    Without an offset it is a time of the zone, without a zone one of UTC.
    """
    local = local_sql(text, form)
    naive = in_utc_sql(local, zone) if zone else local
    if form:
        return _moment(text, [form]) if "%z" in form else naive
    utc, zoned = (_moment(text, _days(times)) for times in (ISO_UTC, ISO_ZONED))
    return f"coalesce({naive}, {utc}, {zoned})"


def local_sql(text: str, form: str | None) -> str:
    """A text's time as the clock on the wall showed it; NULL where it states an offset."""
    if form and "%z" in form:
        return "CAST(NULL AS TIMESTAMP)"
    return _moment(text, [form] if form else _days(ISO_TIMES))


def _days(times: Iterable[str]) -> list[str]:
    return [f"%Y-%m-%d{time}" for time in times]


def _moment(text: str, formats: list[str]) -> str:
    # The cast brings a moment with an offset to UTC, the zone of the connection.
    return f"CAST(try_strptime({text}, [{', '.join(map(literal, formats))}]) AS TIMESTAMP)"


def decimal_sql(text: str, source: Source, kind: str = "DECIMAL(30, 8)") -> str:
    """A text as a decimal number of some kind, by the source's signs; NULL where it is none."""
    plain = f"replace({text}, {literal(source.thousands)}, '')"
    if source.decimal != ".":
        plain = f"replace({plain}, {literal(source.decimal)}, '.')"
    return f"TRY_CAST(CASE WHEN {_is_number(text, source)} THEN {plain} END AS {kind})"


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
    cases = [f"WHEN {BROKEN} <> '' THEN {refusal_sql('broken-row', BROKEN)}"]
    cases.append(f"WHEN {UNFIT} IS NOT NULL THEN {UNFIT}")
    names = {field.name for field in source.schema.fields}
    if {"occurred_at", "recorded_at"} <= names and source.recorded_at is None:
        words = literal("Both clocks are missing: nothing says when it occurred or was recorded.")
        test = "coalesce(\"occurred_at?\", '') = '' AND coalesce(\"recorded_at?\", '') = ''"
        cases.append(f"WHEN {test} THEN {refusal_sql('missing-clocks', words)}")
    for field in source.schema.fields:
        cases += _field_cases(field, source, currency)
    if "currency" in names:
        quote = f"'The currency ' || currency || ' is not the {currency} of the folder.'"
        test = f"currency <> {literal(currency)}"
        cases.append(f"WHEN {test} THEN {refusal_sql('other-currency', quote)}")
    if {"occurred_at", "recorded_at"} <= names:
        words = literal("It was recorded before it occurred.")
        test = f"recorded_at < occurred_at - {_tolerance(source)}"
        cases.append(f"WHEN {test} THEN {refusal_sql('clocks-turned', words)}")
    return f"CASE {' '.join(cases)} END"


def _tolerance(source: Source) -> str:
    """How much earlier than it occurred a row may be recorded; less where days have a zone."""
    if source.time_zone:
        return SKEW
    midnight = "occurred_at = date_trunc('day', occurred_at)"
    return f"CASE WHEN {midnight} THEN {LOCAL_DAY} ELSE {SKEW} END"


def zoned_sql(field: Field, source: Source) -> str:
    """Whether the zone of a moment is known: it was written with one, or the mapping states it."""
    if source.time_zone:
        return "true"
    return f"coalesce(regexp_matches({text_name(field)}, {literal(ZONE)}), false)"


def _field_cases(field: Field, source: Source, currency: str) -> list[str]:
    text, missing = text_name(field), f"coalesce({text_name(field)}, '') = ''"
    cases = []
    if field.required:
        words = literal(f"The {field.name} is missing.")
        cases.append(f"WHEN {missing} THEN {refusal_sql('missing-value', words)}")
    cases += _bound_cases(field, source, currency)
    wanted = f"one of {', '.join(field.choices)}" if field.choices else _a(field.kind)
    bad = f"{field.column} IS NULL AND NOT ({missing})"
    if field.kind is Kind.MOMENT:
        hint = " is not a date; it looks like Excel''s number of one, so format the column as dates"
        quote = f"'The {field.name} ' || {text} || '{hint}.'"
        test = f"{bad} AND regexp_full_match({text}, {literal(EXCEL_DAY)})"
        cases.append(f"WHEN {test} THEN {refusal_sql('bad-value', quote, field)}")
    quote = f"'The {field.name} ' || coalesce({text}, '') || ' is not {wanted}.'"
    cases.append(f"WHEN {bad} THEN {refusal_sql('bad-value', quote, field)}")
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
    return [
        f"WHEN {test} THEN {refusal_sql('out-of-range', value + words)}" for test, words in tests
    ]


def _a(kind: Kind) -> str:
    words = {
        Kind.MOMENT: "a date",
        Kind.MONEY: "an amount",
        Kind.FLAG: "true or false",
        Kind.SHARE: "a share such as 0.04",
    }
    return words.get(kind, f"a {kind.value}")


def refusal_sql(code: str, words_sql: str, misfit: Field | None = None) -> str:
    """A refusal; `misfit` is the field whose text is of another kind than the field's."""
    none = "CAST(NULL AS VARCHAR)"
    field, value = (literal(misfit.name), text_name(misfit)) if misfit else (none, none)
    parts = {"code": literal(code), "reason": words_sql, "field": field, "value": value}
    return f"{{{', '.join(f'{literal(name)}: {sql}' for name, sql in parts.items())}}}"
