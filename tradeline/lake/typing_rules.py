"""Text to typed values: the SQL that parses a field, and the one that says why a row is refused."""

from tradeline.kernel.money import minor_per_unit
from tradeline.lake.contracts import Field, Kind
from tradeline.lake.files import BROKEN, ROW, quoted
from tradeline.lake.mapping import Source

ISO_MOMENTS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%d")
FLAGS = {"true": "true", "false": "false", "1": "true", "0": "false", "yes": "true", "no": "false"}


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def text_name(field: Field) -> str:
    """The column that holds a field as it was written."""
    return quoted(f"{field.name}?")


def source_rows_sql(source: Source, currency: str) -> str:
    """One row for each row of the contract, as text: `_row`, `_broken`, `field?`."""
    if source.unpivot is None:
        return f"SELECT {_selected(source, currency)} FROM raw"
    part = source.unpivot
    return " UNION ALL ".join(
        f"SELECT {_selected(source, currency, {part.field: value, part.value: column})} FROM raw"
        for value, column in part.columns.items()
    )


def content_sql(source: Source) -> str:
    """A row of `raw` as one text: what was written in each column that the mapping reads."""
    written = dict.fromkeys(source.columns.values())
    shown = ", ".join(f"{literal(name)}: raw.{quoted(name)}" for name in written)
    return f"CAST(MAP {{{shown}}} AS VARCHAR)" if shown else "''"


def _selected(source: Source, currency: str, unpivoted: dict[str, str] | None = None) -> str:
    fields = [
        f"{_written(field, source, currency, unpivoted or {})} AS {text_name(field)}"
        for field in source.schema.fields
    ]
    return ", ".join([ROW, BROKEN, *fields])


def _written(field: Field, source: Source, currency: str, unpivoted: dict[str, str]) -> str:
    if field.name in unpivoted:
        assert source.unpivot is not None
        value = unpivoted[field.name]
        return literal(value) if field.name == source.unpivot.field else quoted(value)
    if field.name in source.columns:
        return _translated(quoted(source.columns[field.name]), source.values.get(field.name, {}))
    if field.name in source.constants:
        return literal(source.constants[field.name])
    if field.name == "recorded_at" and source.recorded_at:
        return _written(source.schema.field("occurred_at"), source, currency, unpivoted)
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
        formats = [source.dates] if source.dates else list(ISO_MOMENTS)
        listed = ", ".join(literal(item) for item in formats)
        return f"try_strptime({text}, [{listed}])"
    if field.kind is Kind.FLAG:
        cases = " ".join(f"WHEN {literal(k)} THEN {v}" for k, v in FLAGS.items())
        return f"CASE lower({text}) {cases} END"
    if field.kind is Kind.CHOICE:
        allowed = ", ".join(literal(choice) for choice in field.choices)
        return f"CASE WHEN {text} IN ({allowed}) THEN {text} END"
    return f"nullif({text}, '')"


def _decimal(text: str, source: Source) -> str:
    plain = f"replace({text}, {literal(source.thousands)}, '')"
    if source.decimal != ".":
        plain = f"replace({plain}, {literal(source.decimal)}, '.')"
    return f"TRY_CAST({plain} AS DECIMAL(30, 8))"


def reason_sql(source: Source, currency: str) -> str:
    """Why a row is refused, as a struct of code and reason; NULL where it is accepted.

    A row in another currency than the folder's is refused: its amounts could not be added.
    """
    cases = [f"WHEN {BROKEN} <> '' THEN {_refusal('broken-row', BROKEN)}"]
    for field in source.schema.fields:
        cases += _field_cases(field)
    names = {field.name for field in source.schema.fields}
    if "currency" in names:
        quote = f"'The currency ' || currency || ' is not the {currency} of the folder.'"
        test = f"currency <> {literal(currency)}"
        cases.append(f"WHEN {test} THEN {_refusal('other-currency', quote)}")
    if {"occurred_at", "recorded_at"} <= names:
        words = literal("It was recorded before it occurred.")
        cases.append(f"WHEN recorded_at < occurred_at THEN {_refusal('clocks-turned', words)}")
    return f"CASE {' '.join(cases)} END"


def _field_cases(field: Field) -> list[str]:
    text, missing = text_name(field), f"coalesce({text_name(field)}, '') = ''"
    cases = []
    if field.required:
        words = literal(f"The {field.name} is missing.")
        cases.append(f"WHEN {missing} THEN {_refusal('missing-value', words)}")
    wanted = f"one of {', '.join(field.choices)}" if field.choices else _a(field.kind)
    quote = f"'The {field.name} ' || coalesce({text}, '') || ' is not {wanted}.'"
    bad = f"{field.column} IS NULL AND NOT ({missing})"
    cases.append(f"WHEN {bad} THEN {_refusal('bad-value', quote)}")
    for bound, sign, words in ((field.lowest, "<", "below"), (field.highest, ">", "above")):
        if bound is not None:
            quote = f"'The {field.name} ' || {text} || ' is {words} {bound:g}.'"
            test = f"{field.column} {sign} {bound:g}"
            cases.append(f"WHEN {test} THEN {_refusal('out-of-range', quote)}")
    return cases


def _a(kind: Kind) -> str:
    return {Kind.MOMENT: "a date", Kind.MONEY: "an amount", Kind.FLAG: "true or false"}.get(
        kind, f"a {kind.value}"
    )


def _refusal(code: str, words_sql: str) -> str:
    return f"{{'code': {literal(code)}, 'reason': {words_sql}}}"
