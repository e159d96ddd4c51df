"""Reading a folder under its mapping: typed tables, refused rows with reasons, counts that add up.

No row is dropped silently. Each row of each file is accepted into its contract's table or stands
in the table `refused` with its file, row and reason.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from tradeline.kernel.findings import Finding, InputProblem, Severity, counted
from tradeline.lake.contracts import CONTRACTS, Contract, Kind
from tradeline.lake.files import BROKEN, ROW, RawTable, load
from tradeline.lake.lookups import OTHER, source_rows_sql
from tradeline.lake.mapping import FolderMapping, Source
from tradeline.lake.source_rows import RAW, chosen_sql, content_sql
from tradeline.lake.typing_rules import local_sql, reason_sql, text_name, typed_sql
from tradeline.lake.wall_clocks import doubt_sql

PROVENANCE = ("source_file", "source_row")
REFUSED_HEADER = "file,row,contract,code,reason,content"


@dataclass(frozen=True, slots=True)
class SourceCount:
    """How one source was read: `read` records are `accepted` or `refused`, none else.

    They are made of the file's `rows`, one of each unless the mapping says otherwise, but for
    those that it has `left_out`.
    """

    file: str
    contract: str
    rows: int
    left_out: int
    read: int
    accepted: int
    refused: int


@dataclass(frozen=True, slots=True)
class Landing:
    """A folder in the engine: one table for each contract, `refused`, counts and findings."""

    connection: duckdb.DuckDBPyConnection
    mapping: FolderMapping
    counts: tuple[SourceCount, ...]
    findings: tuple[Finding, ...]


def land(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    mapping: FolderMapping,
    progress: Callable[[str], None],
) -> Landing:
    """Read every source of the mapping; InputProblem lists all files that cannot be read."""
    _create_tables(connection)
    blocking: list[Finding] = []
    findings: list[Finding] = []
    made: list[tuple[int, int, int]] = []
    for order, source in enumerate(mapping.sources):
        progress(f"reading {source.file} as {source.contract}")
        try:
            rows, torn = _load(connection, folder, source)
        except InputProblem as refusal:
            blocking += refusal.findings
            continue
        findings += torn
        made.append((rows, *_land_source(connection, order, source, mapping.currency)))
        if source.recorded_at:
            findings.append(_one_clock(source))
        if source.time_zone:
            findings += _turned_clocks(connection, source)
    if blocking:
        raise InputProblem(blocking)
    for contract in CONTRACTS:
        _refuse_repeated_keys(connection, contract)
        _publish(connection, contract)
    findings += _refusal_findings(connection) + _doubts(connection)
    return Landing(connection, mapping, _counts(connection, mapping, made), tuple(findings))


def _create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(
        "CREATE TABLE refused (source INTEGER, file VARCHAR, contract VARCHAR, file_row BIGINT, "
        "code VARCHAR, reason VARCHAR, content VARCHAR, enterprise VARCHAR)"
    )
    for contract in CONTRACTS:
        columns = ", ".join(f"{field.column} {field.sql_type}" for field in contract.fields)
        connection.execute(
            f"CREATE TABLE landed_{contract.name} "
            f"({columns}, source_file VARCHAR, source_row BIGINT, source INTEGER)"
        )


def _load(
    connection: duckdb.DuckDBPyConnection, folder: Path, source: Source
) -> tuple[int, list[Finding]]:
    """Load the file, and the one that is looked up; how many rows it has, and what is torn."""
    raw = load(connection, folder / source.file, RAW, source.encoding)
    _require_columns(raw, source.file, source.read_columns)
    if source.lookup is None:
        return raw.rows, []
    file = source.lookup.file
    other = load(connection, folder / file, OTHER, source.encoding)
    _require_columns(other, file, source.lookup.read_columns)
    broken = _count(connection, f"{OTHER} WHERE {BROKEN} <> ''")
    return raw.rows, [_not_looked_up(source, file, broken)] if broken else []


def _not_looked_up(source: Source, file: str, rows: int) -> Finding:
    return Finding(
        "broken-lookup",
        Severity.ERROR,
        file,
        f"{counted(rows, 'row')} cannot be split into columns, so nothing is found there for "
        f"{source.file}.",
        "Mend these rows; `tradeline inspect` names them where the file is a source too.",
        rows,
    )


def _require_columns(raw: RawTable, file: str, named: Iterable[str]) -> None:
    missing = [name for name in named if name not in raw.columns]
    if missing:
        raise InputProblem(
            [
                Finding(
                    "missing-column",
                    Severity.ERROR,
                    file,
                    f"The mapping needs the column {name!r}, the file has "
                    f"{', '.join(map(repr, raw.columns))}.",
                    "Mend the mapping or send the column.",
                )
                for name in missing
            ]
        )


def _land_source(
    connection: duckdb.DuckDBPyConnection, order: int, source: Source, currency: str
) -> tuple[int, int]:
    """Land the records of the loaded file; how many rows are left out, and records made."""
    contract = source.schema
    typed = ", ".join(
        f"{typed_sql(field, source, currency)} AS {field.column}" for field in contract.fields
    )
    texts = source_rows_sql(source, currency)
    columns = ", ".join(contract.columns)
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE parsed AS "
        f"WITH texts AS ({texts}), typed AS (SELECT *, {typed} FROM texts) "
        f"SELECT {ROW}, {columns}, {reason_sql(source, currency)} AS refusal, "
        f"{_doubt_sql(source)} AS doubt FROM typed"
    )
    connection.execute(
        f"INSERT INTO landed_{contract.name} SELECT {columns}, ?, {ROW}, ? FROM parsed "
        f"WHERE refusal IS NULL ORDER BY {ROW}, rowid",
        [source.file, order],
    )
    firm = "parsed.enterprise" if "enterprise" in contract.columns else "NULL"
    # Few rows are refused: what was written in them is looked up rather than kept for every row.
    connection.execute(
        f"INSERT INTO refused SELECT ?, ?, ?, {ROW}, parsed.refusal.code, "
        f"parsed.refusal.reason, {content_sql(source)}, {firm} FROM parsed JOIN raw USING ({ROW}) "
        f"WHERE parsed.refusal IS NOT NULL ORDER BY {ROW}, parsed.rowid",
        [order, source.file, contract.name],
    )
    return _count(connection, f"{RAW} WHERE NOT {chosen_sql(source.only, RAW)}"), _count(
        connection, "parsed"
    )


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _doubt_sql(source: Source) -> str:
    """Whether one of a record's times is one that the clock skipped or showed twice."""
    if source.time_zone is None:
        return "NULL"
    doubts = [
        doubt_sql(local_sql(text_name(field), source.dates), source.time_zone)
        for field in source.schema.fields
        if field.kind is Kind.MOMENT and not (field.name == "recorded_at" and source.recorded_at)
    ]
    return f"coalesce({', '.join([*doubts, 'NULL'])})"


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


def _one_clock(source: Source) -> Finding:
    return Finding(
        "one-clock",
        Severity.NOTE,
        source.file,
        f"{source.contract} has one clock: each row counts as known when it occurred.",
        "Map `recorded_at` to a column if the source has one.",
    )


def _refuse_repeated_keys(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """Keep the first row of each key; the copy is refused, and so is one that differs."""
    key = ", ".join(contract.field(name).column for name in contract.key)
    same = " AND ".join(f"r.{c} IS NOT DISTINCT FROM f.{c}" for c in contract.columns)
    shown = ", ".join(f"{c} := r.{c}" for c in contract.columns)
    firm = "r.enterprise" if "enterprise" in contract.columns else "NULL"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE repeated AS SELECT * FROM ("
        f"SELECT rowid AS place, min(rowid) OVER (PARTITION BY {key}) AS first_place "
        f"FROM landed_{contract.name}) WHERE place > first_place"
    )
    connection.execute(
        "INSERT INTO refused SELECT r.source, r.source_file, ?, r.source_row, "
        f"CASE WHEN {same} THEN 'copied-row' ELSE 'repeated-key' END, "
        f"CASE WHEN {same} THEN 'The same row stands earlier.' "
        "ELSE 'Another row with this key stands earlier and says otherwise.' END, "
        f"CAST(struct_pack({shown}) AS VARCHAR), {firm} FROM repeated "
        f"JOIN landed_{contract.name} r ON r.rowid = place "
        f"JOIN landed_{contract.name} f ON f.rowid = first_place ORDER BY place",
        [contract.name],
    )
    connection.execute(
        f"DELETE FROM landed_{contract.name} WHERE rowid IN (SELECT place FROM repeated)"
    )


def _publish(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    columns = ", ".join([*contract.columns, *PROVENANCE])
    connection.execute(
        f"CREATE VIEW {contract.name} AS SELECT {columns} FROM landed_{contract.name}"
    )


def _refusal_findings(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    rows = connection.execute(
        "SELECT file, contract, code, count(*), min(file_row), arg_min(reason, file_row) "
        "FROM refused GROUP BY file, contract, code ORDER BY file, contract, code"
    ).fetchall()
    return [
        Finding(
            code,
            Severity.WARNING if code == "copied-row" else Severity.ERROR,
            f"{file} row {first}",
            f"{counted(count, 'row')} refused for {contract}{_the_first(count)}: {reason}",
            "Mend the rows or the mapping; refused rows can be written to a file.",
            count,
        )
        for file, contract, code, count, first, reason in rows
    ]


def _the_first(count: int) -> str:
    return "" if count == 1 else ", the first because"


def _doubts(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    """What was accepted and still looks odd."""
    findings = []
    for name in ("sales_invoices", "purchase_invoices"):
        row = connection.execute(
            f"SELECT count(*), arg_min(source_file, rowid), arg_min(source_row, rowid) "
            f"FROM landed_{name} WHERE abs(net_minor::HUGEINT + tax_minor - gross_minor) > 1"
        ).fetchone()
        if row and row[0]:
            findings.append(
                Finding(
                    "invoice-does-not-add-up",
                    Severity.WARNING,
                    f"{row[1]} row {row[2]}",
                    f"{counted(row[0], 'row')} of {name}: net and tax differ from gross.",
                    "Mend what is wrong; until then gross is what counts.",
                    row[0],
                )
            )
    return findings + _strangers(connection)


def _strangers(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    findings = []
    for contract in CONTRACTS:
        if contract.name == "enterprises" or contract.fields[0].name != "enterprise":
            continue
        row = connection.execute(
            f"SELECT count(*), min(enterprise) FROM landed_{contract.name} "
            "WHERE enterprise NOT IN (SELECT enterprise FROM landed_enterprises)"
        ).fetchone()
        if row and row[0]:
            findings.append(
                Finding(
                    "unknown-enterprise",
                    Severity.WARNING,
                    contract.name,
                    f"No enterprises file names the firms of {counted(row[0], 'row')}, "
                    f"such as {row[1]!r}.",
                    "These firms are not assessed; add them to an enterprises file if they should.",
                    row[0],
                )
            )
    return findings


def _counts(
    connection: duckdb.DuckDBPyConnection,
    mapping: FolderMapping,
    made: Sequence[tuple[int, int, int]],
) -> tuple[SourceCount, ...]:
    accepted: Counter[int] = Counter()
    for contract in CONTRACTS:
        query = f"SELECT source, count(*) FROM landed_{contract.name} GROUP BY source"
        accepted.update(dict(connection.execute(query).fetchall()))
    query = "SELECT source, count(*) FROM refused GROUP BY source"
    refused = dict(connection.execute(query).fetchall())
    return tuple(
        SourceCount(
            source.file, source.contract, *made[order], accepted[order], refused.get(order, 0)
        )
        for order, source in enumerate(mapping.sources)
    )


def write_refused(landing: Landing, path: Path) -> None:
    """Write the refused rows with file, row, code and reason as CSV."""
    landing.connection.execute(
        "COPY (SELECT file, file_row AS row, contract, code, reason, content FROM refused "
        "ORDER BY source, file_row, code, content) TO ? (HEADER, DELIMITER ',')",
        [str(path)],
    )
