"""Reading a folder under its mapping: typed tables, refused rows with reasons, counts that add up.

No row is dropped silently. Each row of each file is accepted into its contract's table or stands
in the table `refused` with its file, row and reason.
"""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from tradeline.kernel.findings import Finding, InputProblem, Severity, counted
from tradeline.lake.contracts import CONTRACTS, Contract
from tradeline.lake.files import BROKEN, ROW, RawTable, load
from tradeline.lake.lookups import OTHER
from tradeline.lake.mapping import FolderMapping, Source
from tradeline.lake.shape import Misfit, Shapes, joined
from tradeline.lake.source_rows import RAW
from tradeline.lake.source_scan import SourceScan, scan_source
from tradeline.lake.table_checks import (
    check_table,
    odd_sums,
    refuse_repeated_keys,
    strangers,
)

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
    """A folder in the engine: one table for each contract, `refused`, counts and findings.

    `shapes` is how each contract was told, `misfits` which fields held something else.
    """

    connection: duckdb.DuckDBPyConnection
    mapping: FolderMapping
    counts: tuple[SourceCount, ...]
    findings: tuple[Finding, ...]
    shapes: Shapes = field(default_factory=dict)
    misfits: tuple[Misfit, ...] = ()


def land(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    mapping: FolderMapping,
    progress: Callable[[str], None],
) -> Landing:
    """Read every source of the mapping; InputProblem lists all files that cannot be read."""
    create_tables(connection)
    blocking: list[Finding] = []
    findings: list[Finding] = []
    scans: list[tuple[Source, int, SourceScan]] = []
    for order, source in enumerate(mapping.sources):
        progress(f"reading {source.file} as {source.contract}")
        try:
            rows, odd = _load(connection, folder, source)
        except InputProblem as refusal:
            blocking += refusal.findings
            continue
        scan = _land_source(connection, order, source, mapping.currency)
        scans.append((source, rows, scan))
        findings += [*odd, *scan.findings]
        if source.recorded_at:
            findings.append(_one_clock(source))
    if blocking:
        raise InputProblem(blocking)
    doubts = _check_tables(connection, {source.contract for source in mapping.sources})
    for contract in CONTRACTS:
        _publish(connection, contract)
    findings += _refusal_findings(connection) + doubts
    shapes = joined({source.contract: scan.shape} for source, _, scan in scans)
    misfits = tuple(misfit for *_, scan in scans for misfit in scan.misfits)
    counts = _counts(connection, scans)
    return Landing(connection, mapping, counts, tuple(findings), shapes, misfits)


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """The tables of a landed folder, still empty."""
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
    """Load the file, and the one that is looked up; how many rows it has, and what is odd."""
    raw = load(connection, folder / source.file, RAW, source.encoding)
    _require_columns(raw, source.file, source.read_columns)
    if source.lookup is None:
        return raw.rows, list(raw.findings)
    file = source.lookup.file
    other = load(connection, folder / file, OTHER, source.encoding)
    _require_columns(other, file, source.lookup.read_columns)
    row = connection.execute(f"SELECT count(*) FROM {OTHER} WHERE {BROKEN} <> ''").fetchone()
    broken = int(row[0]) if row else 0
    torn = [_not_looked_up(source, file, broken)] if broken else []
    return raw.rows, [*raw.findings, *other.findings, *torn]


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
) -> SourceScan:
    """Read a loaded file in one scan, and put each row where it belongs."""
    contract = source.schema
    scan = scan_source(connection, source, currency)
    columns = ", ".join(contract.columns)
    connection.execute(
        f"INSERT INTO landed_{contract.name} SELECT {columns}, ?, {ROW}, ? FROM parsed "
        f"WHERE refusal IS NULL ORDER BY {ROW}, rowid",
        [source.file, order],
    )
    if scan.refused:
        firm = "enterprise" if "enterprise" in contract.columns else "NULL"
        connection.execute(
            f"INSERT INTO refused SELECT ?, ?, ?, {ROW}, refusal.code, refusal.reason, content, "
            f"{firm} FROM parsed WHERE refusal IS NOT NULL ORDER BY {ROW}, rowid",
            [order, source.file, contract.name],
        )
    return scan


def _one_clock(source: Source) -> Finding:
    return Finding(
        "one-clock",
        Severity.NOTE,
        source.file,
        f"{source.contract} has one clock: each row counts as known when it occurred.",
        "Map `recorded_at` to a column if the source has one.",
    )


def _publish(connection: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    gone = ["false AS erased"] if contract.personal_columns else []
    columns = ", ".join([*contract.columns, *PROVENANCE, *gone])
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


def _check_tables(connection: duckdb.DuckDBPyConnection, told: Container[str]) -> list[Finding]:
    """Refuse rows of keys that stand twice; what was accepted and still looks odd."""
    checks = {}
    for contract in CONTRACTS:
        if contract.name not in told:
            continue
        check = check_table(connection, contract)
        if check.repeated:
            refuse_repeated_keys(connection, contract)
            check = check_table(connection, contract)
        checks[contract] = check
    findings = [odd for item in checks.items() for odd in odd_sums(*item)]
    return findings + [stranger for item in checks.items() for stranger in strangers(*item)]


def _counts(
    connection: duckdb.DuckDBPyConnection, scans: Sequence[tuple[Source, int, SourceScan]]
) -> tuple[SourceCount, ...]:
    accepted: Counter[int] = Counter()
    for contract in CONTRACTS:
        query = f"SELECT source, count(*) FROM landed_{contract.name} GROUP BY source"
        accepted.update(dict(connection.execute(query).fetchall()))
    query = "SELECT source, count(*) FROM refused GROUP BY source"
    refused = dict(connection.execute(query).fetchall())
    return tuple(
        SourceCount(
            source.file,
            source.contract,
            rows,
            scan.left_out,
            scan.read,
            accepted[order],
            refused.get(order, 0),
        )
        for order, (source, rows, scan) in enumerate(scans)
    )


def write_refused(landing: Landing, path: Path) -> None:
    """Write the refused rows with file, row, code and reason as CSV."""
    landing.connection.execute(
        "COPY (SELECT file, file_row AS row, contract, code, reason, content FROM refused "
        "ORDER BY source, file_row, code, content) TO ? (HEADER, DELIMITER ',')",
        [str(path)],
    )
