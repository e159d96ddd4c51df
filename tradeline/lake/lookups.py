"""Records of text with what another file says of them, and amounts parted among several.

The other file stands in the table `other`, as text.
"""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

from tradeline.kernel.money import minor_digits, minor_per_unit
from tradeline.lake.contracts import Field
from tradeline.lake.files import BROKEN, ROW
from tradeline.lake.mapping import Lookup, Source
from tradeline.lake.source_rows import (
    amount_sql,
    as_text_sql,
    chosen_sql,
    kept_name,
    match_name,
    own_rows_sql,
    translated_sql,
)
from tradeline.lake.sql_text import literal, quoted
from tradeline.lake.typing_rules import (
    MINOR_MAX,
    UNFIT,
    decimal_sql,
    refusal_sql,
    text_name,
)

OTHER = "other"
# No refusal, of the type that refusals have.
FIT = f"CASE WHEN false THEN {refusal_sql('', BROKEN)} END"


def source_rows_sql(source: Source, currency: str) -> str:
    """One row for each record of the contract, as text: `_row`, `_broken`, `_unfit`, `field?`.

    `_unfit` is a refusal where what was looked up makes the record unfit; `column!` are the
    columns of its file that the mapping reads.
    """
    own, part = own_rows_sql(source, currency), source.lookup
    if part is None:
        return f"SELECT {FIT} AS {UNFIT}, * FROM ({own})"
    on = " AND ".join(f"own.{name} = found.{name}" for name in _match_names(part))
    fields = [_final(field, source, part, currency) for field in source.schema.fields]
    columns = ", ".join([*fields, *map(kept_name, source.read_columns)])
    return (
        f"WITH own AS ({own}), found AS ({_found_sql(source, part, currency)}), "
        f"joined AS (SELECT own.*, found.* EXCLUDE ({', '.join(_match_names(part))}) "
        f"FROM own LEFT JOIN found ON {on}), {_parted_sql(source, part, currency)} "
        f"SELECT {_unfit_sql(part)} AS {UNFIT}, {ROW}, {BROKEN}, {columns} FROM parted "
        f"ORDER BY {ROW}, place"
    )


def _match_names(part: Lookup) -> list[str]:
    return [match_name(number) for number in range(len(part.match))]


def _other(column: str) -> str:
    return f"{OTHER}.{quoted(column)}"


def _found_sql(source: Source, part: Lookup, currency: str) -> str:
    """One row for each match, and each value of `each`: the first row's columns, and weights."""
    keys = [_other(column) for column in part.match.values()]
    each = [_other(part.each)] if part.each else []
    weights = [
        f"{_weight_sql(amount_sql(amount, OTHER, source, currency), currency)} "
        f"AS {_of('weight', name)}"
        for name, amount in part.split.items()
    ]
    groups = (
        f"SELECT {', '.join([f'min({ROW}) AS {ROW}', *weights])} FROM {OTHER} "
        f"WHERE {BROKEN} = '' AND {chosen_sql(part.only, OTHER)} GROUP BY {', '.join(keys + each)}"
    )
    matched = [f"{key} AS {name}" for key, name in zip(keys, _match_names(part), strict=True)]
    told = [f"{_other(column)} AS {_of('found', name)}" for name, column in part.columns.items()]
    place = f"coalesce({each[0]}, '')" if each else "''"
    columns = [*matched, *told, f"{place} AS place", *(_of("weight", name) for name in part.split)]
    return f"SELECT {', '.join(columns)} FROM ({groups}) JOIN {OTHER} USING ({ROW})"


def _weight_sql(amount: str, currency: str) -> str:
    """What a group's rows are worth in minor units; NULL if one of them has no amount."""
    total = f"CAST(sum({amount}) * {minor_per_unit(currency)} AS HUGEINT)"
    return f"CASE WHEN count({amount}) = count(*) THEN {total} END"


def _of(what: str, field: str) -> str:
    return quoted(f"{what} {field}")


def _final(field: Field, source: Source, part: Lookup, currency: str) -> str:
    """A field's text: looked up, parted, or what the file itself says."""
    told = "occurred_at" if field.name == "recorded_at" and source.recorded_at else field.name
    text = text_name(source.schema.field(told))
    if told in part.columns:
        text = translated_sql(_of("found", told), source.values.get(told, {}))
    if field.name in part.split:
        text = _share_sql(field.name, source, currency)
    return f"{text} AS {text_name(field)}"


def _parted_sql(source: Source, part: Lookup, currency: str) -> str:
    """Tables that end in `parted`: how much of each amount each record of a row has.

    Largest remainder: each has the whole minor units of its exact share, and what is left over
    goes to the largest remainders, the least value of `each` first where they are equal.
    """
    windows = f"WINDOW row_ AS (PARTITION BY {ROW})"
    weighed = _each_of(part.split, lambda f: _weighed(f, source, currency))
    based = _each_of(part.split, _based)
    ranked = _each_of(part.split, _ranked)
    return (
        f"weighed AS (SELECT *, count(*) OVER row_ AS parts{weighed} FROM joined {windows}), "
        f"based AS (SELECT *{based} FROM weighed), "
        f"parted AS (SELECT *{ranked} FROM based {windows})"
    )


def _each_of(fields: Iterable[str], columns: Callable[[str], Sequence[str]]) -> str:
    return "".join(f", {column}" for field in fields for column in columns(field))


def _weighed(field: str, source: Source, currency: str) -> list[str]:
    text, weight = text_name(source.schema.field(field)), _of("weight", field)
    whole = f"round({decimal_sql(text, source)} * {minor_per_unit(currency)}, 0)"
    return [
        f"CASE WHEN abs({whole}) <= {MINOR_MAX} THEN CAST({whole} AS HUGEINT) END "
        f"AS {_of('whole', field)}",
        f"sum({weight}) OVER row_ AS {_of('total', field)}",
        f"min({weight}) OVER row_ AS {_of('least', field)}",
        f"count({weight}) OVER row_ AS {_of('weighed', field)}",
    ]


def _based(field: str) -> list[str]:
    whole, weight, total = (_of(what, field) for what in ("whole", "weight", "total"))
    fair = (
        f"parts = 1 OR ({_of('weighed', field)} = parts AND {_of('least', field)} >= 0 "
        f"AND {total} BETWEEN 1 AND {MINOR_MAX})"
    )
    shared = f"CASE WHEN parts > 1 AND ({fair}) THEN abs({whole}) * {weight}"
    return [
        f"({fair}) AS {_of('fair', field)}",
        f"{shared} // {total} END AS {_of('base', field)}",
        f"{shared} % {total} END AS {_of('rest', field)}",
    ]


def _ranked(field: str) -> list[str]:
    whole, base, rest = (_of(what, field) for what in ("whole", "base", "rest"))
    return [
        f"abs({whole}) - sum({base}) OVER row_ AS {_of('left', field)}",
        f"row_number() OVER (row_ ORDER BY {rest} DESC, place) AS {_of('rank', field)}",
    ]


def _share_sql(field: str, source: Source, currency: str) -> str:
    """The part of an amount as text; the amount itself where it is not parted or is none."""
    text = text_name(source.schema.field(field))
    whole, base = _of("whole", field), _of("base", field)
    digits = minor_digits(currency)
    one = f"CAST('{Decimal(1).scaleb(-digits)}' AS DECIMAL(4, {digits}))"
    minor = f"{base} + CASE WHEN {_of('rank', field)} <= {_of('left', field)} THEN 1 ELSE 0 END"
    share = f"CAST(sign({whole}) * ({minor}) AS DECIMAL(20, 0)) * {one}"
    return f"coalesce({as_text_sql(share, source)}, {text})"


def _unfit_sql(part: Lookup) -> str:
    cases = []
    if not part.optional:
        said = " || ' and ' || ".join(
            f"{literal(column)} || ' ' || coalesce({name}, '(empty)')"
            for column, name in zip(part.match.values(), _match_names(part), strict=True)
        )
        words = f"{literal(f'No row of {part.file} has ')} || {said} || '.'"
        cases.append(f"WHEN place IS NULL THEN {refusal_sql('not-found', words)}")
    for field in part.split:
        words = literal(
            f"The rows of {part.file} do not say how to part the {field}: their values are "
            "missing, negative or nothing."
        )
        cases.append(f"WHEN NOT {_of('fair', field)} THEN {refusal_sql('not-parted', words)}")
    return f"CASE {' '.join(cases)} END" if cases else FIT
