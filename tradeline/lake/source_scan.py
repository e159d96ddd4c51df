"""One scan of a file: every field typed, every row checked, and the shape of the whole told.

The file is read once, by one statement compiled from contract and mapping; whatever is counted
afterwards is counted on its typed rows.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import duckdb

from tradeline.kernel.findings import Finding, Severity, counted
from tradeline.kernel.money import minor_per_unit
from tradeline.lake.contracts import Field, Kind
from tradeline.lake.files import ROW
from tradeline.lake.lookups import source_rows_sql
from tradeline.lake.mapping import Source
from tradeline.lake.shape import (
    CONSTANT,
    DAY,
    DECIMAL,
    EMPTY,
    TIME,
    WHOLE,
    ZONED,
    FieldShape,
    Misfit,
)
from tradeline.lake.source_rows import RAW, SIGNS, chosen_sql, content_sql
from tradeline.lake.sql_text import quoted
from tradeline.lake.typing_rules import local_sql, reason_sql, text_name, typed_sql, zoned_sql
from tradeline.lake.wall_clocks import doubt_sql

VALUES_KEPT = 3
EARLY = quoted("recorded early")


@dataclass(frozen=True, slots=True)
class SourceScan:
    """A file as it was read: counts, shape, what did not fit, and what is odd with it.

    `left_out` are the rows that the mapping does not choose, `read` the records made of the rest.
    """

    left_out: int
    read: int
    refused: int
    shape: dict[str, FieldShape]
    misfits: tuple[Misfit, ...]
    findings: tuple[Finding, ...]


def scan_sql(source: Source, currency: str) -> str:
    """The statement that reads a loaded file: typed fields, refusal, its content, zones."""
    contract = source.schema
    typed = ", ".join(
        f"{typed_sql(field, source, currency)} AS {field.column}" for field in contract.fields
    )
    clocked = {"occurred_at", "recorded_at"} <= set(contract.columns)
    known = "greatest(recorded_at, occurred_at) AS recorded_at"
    columns = [known if clocked and c == "recorded_at" else c for c in contract.columns]
    early = f"coalesce(recorded_at < occurred_at, false) AS {EARLY}" if clocked else ""
    zones = [f"{zoned_sql(field, source)} AS {_zoned(field)}" for field in _moments(source)]
    doubt = f"{_doubt_sql(source)} AS doubt" if source.time_zone else ""
    kept = ", ".join([ROW, *columns, *zones, *filter(None, (early, doubt))])
    return (
        f"WITH texts AS ({source_rows_sql(source, currency)}), "
        f"typed AS (SELECT *, {typed} FROM texts), "
        f"judged AS (SELECT *, {reason_sql(source, currency)} AS refusal FROM typed) "
        # What was written is kept for the few rows that are refused.
        f"SELECT {kept}, refusal, CASE WHEN refusal IS NOT NULL THEN {content_sql(source)} END "
        "AS content FROM judged"
    )


def scan_source(connection: duckdb.DuckDBPyConnection, source: Source, currency: str) -> SourceScan:
    """Read the loaded file `raw` into the table `parsed`, and count it."""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE parsed AS {scan_sql(source, currency)}")
    fields = [field for field in source.schema.fields if _origin(source, field)]
    zoned = set(_moments(source))
    shown = [part for field in fields for part in _counts(field, currency, field in zoned)]
    early = f"count(*) FILTER ({EARLY} AND refusal IS NULL)" if _clocked(source) else "0"
    row = connection.execute(
        f"SELECT {', '.join(['count(*)', 'count(refusal)', early, *shown])} FROM parsed"
    ).fetchone()
    assert row
    read, refused, recorded_early, *counts = row
    told = dict(zip(fields, zip(*[iter(counts)] * 3, strict=True), strict=True))
    shape = {
        field.name: FieldShape((_origin(source, field),), _form(field, *told[field]))
        for field in fields
    }
    findings = [*_zone_findings(source, told), *_early(source, recorded_early)]
    findings += _turned_clocks(connection, source) if source.time_zone else []
    misfits = _misfits(connection, source, read) if refused else ()
    left_out = _left_out(connection, source)
    return SourceScan(left_out, read, refused, shape, misfits, tuple(findings))


def _left_out(connection: duckdb.DuckDBPyConnection, source: Source) -> int:
    if not source.only:
        return 0
    unchosen = f"SELECT count(*) FROM {RAW} WHERE NOT {chosen_sql(source.only, RAW)}"
    row = connection.execute(unchosen).fetchone()
    return int(row[0]) if row else 0


def _moments(source: Source) -> list[Field]:
    """The moments that columns of their own tell."""
    told = {*source.columns, *(source.lookup.columns if source.lookup else ())}
    moments = [field for field in source.schema.fields if field.kind is Kind.MOMENT]
    return [field for field in moments if field.name in told]


def _clocked(source: Source) -> bool:
    return {"occurred_at", "recorded_at"} <= set(source.schema.columns)


def _zoned(field: Field) -> str:
    return quoted(f"{field.name} zoned")


def _origin(source: Source, field: Field) -> str:
    """The column or columns that a field comes from; empty if nothing gives it."""
    part, name = source.unpivot, field.name
    if part and name == part.value:
        return ", ".join(part.columns.values())
    if name in source.amounts:
        return SIGNS[source.amounts[name].rule].join(source.amounts[name].columns)
    if name in source.numbered:
        return f"rows within {', '.join(source.numbered[name])}"
    if source.lookup and name in source.lookup.columns:
        return source.lookup.columns[name]
    if name in source.constants or (part and name == part.field):
        return CONSTANT
    if name == "recorded_at" and source.recorded_at:
        return _origin(source, source.schema.field("occurred_at"))
    return source.columns.get(name, "")


def _doubt_sql(source: Source) -> str:
    """Whether one of a record's times is one that the clock skipped or showed twice."""
    doubts = [
        doubt_sql(local_sql(text_name(field), source.dates), source.time_zone or "")
        for field in source.schema.fields
        if field.kind is Kind.MOMENT and not (field.name == "recorded_at" and source.recorded_at)
    ]
    return f"coalesce({', '.join([*doubts, 'NULL'])})"


def _counts(field: Field, currency: str, zoned: bool) -> list[str]:
    """Three counts of accepted rows: those with a value, those of a wider form, of the widest."""
    column, wider, widest = field.column, "false", "false"
    if field.kind is Kind.MONEY:
        wider = f"{column} % {minor_per_unit(currency)} <> 0"
    elif field.kind in (Kind.NUMBER, Kind.SHARE):
        wider = f"{column} <> trunc({column})"
    elif field.kind is Kind.MOMENT:
        widest = _zoned(field) if zoned else "false"
        wider = f"{column} <> date_trunc('day', {column}) AND NOT {widest}"
    accepted = "refusal IS NULL"
    return [
        f"count({column}) FILTER ({accepted})",
        f"count(*) FILTER ({accepted} AND {wider})",
        f"count(*) FILTER ({accepted} AND {widest})",
    ]


def _form(field: Field, filled: int, wider: int, widest: int) -> str:
    """How most values of a field are written."""
    if not filled:
        return EMPTY
    if field.kind is Kind.MOMENT:
        if 2 * widest > filled:
            return ZONED
        return TIME if wider or widest else DAY
    if field.kind in (Kind.MONEY, Kind.NUMBER, Kind.SHARE):
        return DECIMAL if wider else WHOLE
    return field.kind.value


def _zone_findings(source: Source, told: dict[Field, tuple[int, ...]]) -> Iterator[Finding]:
    for field in _moments(source):
        _, plain, zoned = told.get(field, (0, 0, 0))
        if plain and zoned:
            yield Finding(
                "mixed-zones",
                Severity.WARNING,
                source.file,
                f"Of its {field.name}, {zoned:,} name a zone and {plain:,} name none; those count "
                "as UTC.",
                "Have the source write every time with its zone, such as +08:00, or state the "
                "`time_zone` of the others in a mapping.",
                plain,
            )
        elif plain and not source.file.lower().endswith(".parquet"):
            yield Finding(
                "no-zone",
                Severity.NOTE,
                source.file,
                f"Its {field.name} name no zone, so they count as UTC.",
                "If they are local, state their `time_zone` in a mapping, or write them with their "
                "zone, such as +08:00.",
                plain,
            )


def _early(source: Source, rows: int) -> Iterator[Finding]:
    if rows:
        yield Finding(
            "recorded-early",
            Severity.NOTE,
            source.file,
            f"{counted(rows, 'row')} recorded a little before it occurred, as where days are "
            "local or clocks differ: it counts as known when it occurred.",
            "",
            rows,
        )


def _turned_clocks(connection: duckdb.DuckDBPyConnection, source: Source) -> list[Finding]:
    rows = connection.execute(
        f"SELECT doubt, count(*), min({ROW}) FROM parsed "
        "WHERE doubt IS NOT NULL AND refusal IS NULL GROUP BY doubt ORDER BY doubt"
    ).fetchall()
    meant = {
        "skipped": "was skipped when the clocks went forward; it is moved on by as much",
        "twice": "was shown twice when the clocks went back; it counts as the first",
    }
    return [
        Finding(
            "turned-clocks",
            Severity.NOTE,
            f"{source.file} row {first}",
            f"{counted(count, 'row')} of {source.contract} with a time that in {source.time_zone} "
            f"{meant[doubt]}.",
            "Send times with an offset, such as 2024-03-31T01:30:00+00:00, if the hour matters.",
            count,
        )
        for doubt, count, first in rows
    ]


def _misfits(
    connection: duckdb.DuckDBPyConnection, source: Source, read: int
) -> tuple[Misfit, ...]:
    """By field, the rows whose text was none of its kind, with what stood there most often."""
    rows = connection.execute(
        "SELECT field, sum(n)::BIGINT, list((value, n) ORDER BY n DESC, value)[:?] FROM ("
        "SELECT refusal.field AS field, refusal.value AS value, count(*) AS n FROM parsed "
        "WHERE refusal.field IS NOT NULL GROUP BY ALL) GROUP BY field ORDER BY field",
        [VALUES_KEPT],
    ).fetchall()
    return tuple(
        Misfit(source.contract, field, count, read, tuple(tuple(pair) for pair in values))
        for field, count, values in rows
    )
