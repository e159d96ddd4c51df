"""Landing a batch in a lake: whole or not at all, once, and only what was not told before."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import duckdb

from tradeline.kernel.findings import Finding, Severity, counted, problem
from tradeline.lake.commit import Staged, commit, only_writer, stage, staging
from tradeline.lake.contracts import CONTRACTS, Contract
from tradeline.lake.erasure import settle
from tradeline.lake.landing import PROVENANCE
from tradeline.lake.log import BatchRecord, Entry, Told
from tradeline.lake.reading import told_sql
from tradeline.lake.records import (
    ONE_BUCKET,
    REFUSED,
    REFUSED_COLUMNS,
    Assurance,
    bucket_sql,
    is_dated,
    key_columns,
    order_sql,
    row_hash_sql,
    stored_columns,
)
from tradeline.lake.sealing import Sealer, erased_sql, left_sql
from tradeline.lake.shape import Shapes
from tradeline.lake.sql_text import literal
from tradeline.lake.store import Lake, clear_leftovers, next_entry, open_lake
from tradeline.lake.subjects import SEALED

LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Batch:
    """What is landed at once: its id, who told it, who stands behind it, the hash of its content.

    `learned_at` (naive UTC) dates rows without clocks; None dates them by the batch's last record.
    `shape` is how it tells its contracts.
    `position` is kept in the log with the batch: what its source goes on from after it.
    """

    id: str
    source: str
    assurance: Assurance
    content_hash: str
    learned_at: datetime | None = None
    shape: Shapes = field(default_factory=dict)
    position: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Landed:
    """A batch in the lake: its entry, what it told, and what is odd; `again` if it was there."""

    entry: int
    record: BatchRecord
    findings: tuple[Finding, ...] = ()
    again: bool = False


def check_name(what: str, name: str) -> None:
    """InputProblem if a batch or source has a name that people could not tell from another."""
    if not (name and name == name.strip() and name.isprintable() and len(name) < LONGEST_NAME):
        raise problem(
            "bad-name",
            f"--{what}",
            f"{name!r} is no name for a {what}.",
            f"Use fewer than {LONGEST_NAME} printable characters, no blanks at the ends.",
        )


def landed_before(lake: Lake, batch: Batch) -> Landed | None:
    """The batch as it was landed; None if it was not. InputProblem if that was other content.

    So is a source whose assurance is not the one it had before.
    """
    entry = lake.landing_of(batch.id)
    if entry and entry.batch:
        if entry.batch.content_hash != batch.content_hash:
            raise problem(
                "other-content",
                batch.id,
                f"This batch was landed as entry {entry.number} with content "
                f"{entry.batch.content_hash}; now its content is {batch.content_hash}.",
                "Give new content a batch id of its own; corrections come as later batches.",
            )
        return Landed(entry.number, entry.batch, again=True)
    for earlier in (entry.batch for entry in lake.entries if entry.batch):
        if earlier.source == batch.source and earlier.assurance != batch.assurance:
            raise problem(
                "other-assurance",
                batch.source,
                f"The source is {earlier.assurance} in batch {earlier.id}, "
                f"and {batch.assurance} is stated now.",
                "Give what is assured otherwise a source name of its own.",
            )
    return None


def append(
    root: Path,
    connection: duckdb.DuckDBPyConnection,
    batch: Batch,
    progress: Callable[[str], None],
    key_file: Path | None = None,
) -> Landed:
    """Land the tables of a landed folder as one batch.

    InputProblem if the disk refuses, if nothing dates rows without clocks, if personal values come
    and the keys cannot be had, and as `landed_before`.
    """
    with only_writer(root, progress):
        lake = open_lake(root)
        before = landed_before(lake, batch)
        if before:
            return before
        clear_leftovers(lake)
        if _tells_of_persons(connection):
            lake = settle(root, lake.keys(key_file))
        sealer = Sealer(connection, lambda: lake.keys(key_file))
        with staging(root) as folder, closing(sealer):
            return _append(lake, connection, batch, folder, sealer, progress)


def _append(
    lake: Lake,
    connection: duckdb.DuckDBPyConnection,
    batch: Batch,
    folder: Path,
    sealer: Sealer,
    progress: Callable[[str], None],
) -> Landed:
    number, previous = next_entry(lake)
    learned_at = batch.learned_at or _last_recorded(connection)
    staged: list[Staged] = []
    told: dict[str, Told] = {}
    findings: list[Finding] = []
    for contract in CONTRACTS:
        if not _count(connection, f"landed_{contract.name}"):
            continue
        progress(f"writing {contract.name}")
        dated = _dated(learned_at, contract.name)
        _stamp(connection, contract, batch, number, dated, sealer)
        told[contract.name], odd = _compare(connection, lake, contract, batch.source)
        findings += odd + _erased_before(connection, lake, contract)
        staged += _stage(connection, contract, folder, number)
    refused = _count(connection, REFUSED)
    if refused:
        rows = _refused_sql(batch, number, _dated(learned_at, REFUSED))
        select = f"{sealer.rows(REFUSED, rows)} ORDER BY {', '.join(REFUSED_COLUMNS)}"
        staged.append(stage(connection, folder, number, (REFUSED, ONE_BUCKET), select))
    record = BatchRecord(
        batch.id,
        batch.source,
        batch.assurance,
        batch.content_hash,
        told,
        refused,
        batch.shape,
        batch.position,
    )
    adds = tuple(file for file, _ in staged)
    commit(lake.root, folder, Entry(number, previous, "landing", adds, batch=record), staged)
    return Landed(number, record, tuple(findings))


def _tells_of_persons(connection: duckdb.DuckDBPyConnection) -> bool:
    return any(_count(connection, name if name == REFUSED else f"landed_{name}") for name in SEALED)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    return int(row[0]) if row else 0


def _last_recorded(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    parts = " UNION ALL ".join(
        f"SELECT max(recorded_at) AS last FROM landed_{contract.name}"
        for contract in CONTRACTS
        if is_dated(contract)
    )
    row = connection.execute(f"SELECT max(last) FROM ({parts})").fetchone()
    return row[0] if row else None


def _dated(learned_at: datetime | None, dataset: str) -> datetime:
    if learned_at is None:
        raise problem(
            "no-clock",
            dataset,
            "Nothing says when these rows were learned: neither they nor others carry a clock.",
            "State it: --learned-at 2024-12-31.",
        )
    return learned_at


def _stamp(
    connection: duckdb.DuckDBPyConnection,
    contract: Contract,
    batch: Batch,
    number: int,
    learned_at: datetime,
    sealer: Sealer,
) -> None:
    """The table `incoming`: the batch's rows of a contract with all that the lake keeps of them."""
    rows = sealer.rows(contract.name, f"SELECT * FROM landed_{contract.name}")
    own = [*contract.columns, *(["subject"] if contract.personal_columns else [])]
    if not is_dated(contract):
        own += [f"{_moment(learned_at)} AS {clock}" for clock in ("occurred_at", "recorded_at")]
    columns = ", ".join([*own, *_stamps(batch, number), *PROVENANCE])
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE incoming AS SELECT {columns}, "
        f"{row_hash_sql(contract)} AS row_hash, {bucket_sql(contract)} AS bucket FROM ({rows})"
    )


def _moment(moment: datetime) -> str:
    return f"TIMESTAMP {literal(moment.isoformat(sep=' '))}"


def _stamps(batch: Batch, number: int) -> tuple[str, ...]:
    return (
        f"{literal(batch.source)} AS source",
        f"{literal(batch.assurance)} AS assurance",
        f"{literal(batch.id)} AS batch",
        f"CAST({number} AS BIGINT) AS entry",
    )


def _compare(
    connection: duckdb.DuckDBPyConnection, lake: Lake, contract: Contract, source: str
) -> tuple[Told, list[Finding]]:
    """The table `verdicts`: of each incoming row whose key was told before, what it is now.

    A row is `repeated` if its source told the same before, recorded at the same moment, or last
    told the same by the moment at which this one was recorded. It is `late` if its source told
    otherwise and it is not recorded after that.
    """
    key = ", ".join(key_columns(contract))
    buckets = {
        row[0] for row in connection.execute("SELECT DISTINCT bucket FROM incoming").fetchall()
    }
    files = (file for file in lake.files_of(contract.name) if file.bucket in buckets)
    before = left_sql(contract, told_sql(lake.root, contract.name, files), lake.erased)
    mine = f"e.source = {literal(source)}"
    by_then = f"FILTER ({mine} AND e.recorded_at <= i.recorded_at)"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE verdicts AS SELECT place, "
        "coalesce(same_moment OR last_told = row_hash, false) AS repeated, "
        "NOT repeated AND recorded_at <= last_recorded AS late FROM ("
        f"SELECT i.rowid AS place, any_value(i.row_hash) AS row_hash, "
        "any_value(i.recorded_at) AS recorded_at, "
        f"bool_or({mine} AND e.row_hash = i.row_hash AND e.recorded_at = i.recorded_at) "
        f"AS same_moment, arg_max(e.row_hash, (e.recorded_at, e.entry)) {by_then} AS last_told, "
        f"max(e.recorded_at) FILTER ({mine}) AS last_recorded "
        f"FROM incoming i JOIN ({before}) e USING ({key}) "
        "GROUP BY i.rowid)"
    )
    row = connection.execute(
        "SELECT count(*) FILTER (NOT repeated), count(*) FILTER (repeated), count(*) FILTER (late) "
        "FROM verdicts"
    ).fetchone()
    revisions, repeated, late = row or (0, 0, 0)
    new = _count(connection, "incoming") - revisions - repeated
    return Told(new, revisions, repeated), [_late(contract, late)] if late else []


def _erased_before(
    connection: duckdb.DuckDBPyConnection, lake: Lake, contract: Contract
) -> list[Finding]:
    """What is said of rows that tell of erased subjects again."""
    if not (lake.erased and contract.personal_columns):
        return []
    rows = _count(connection, f"incoming WHERE {erased_sql(lake.erased)}")
    if not rows:
        return []
    return [
        Finding(
            "erased-subject",
            Severity.WARNING,
            contract.name,
            f"{counted(rows, 'row')} tell of subjects that were erased.",
            "Their personal values are not kept; ask the source to leave them out.",
            rows,
        )
    ]


def _late(contract: Contract, rows: int) -> Finding:
    return Finding(
        "late-correction",
        Severity.WARNING,
        contract.name,
        f"{rows} rows correct earlier ones but are not recorded after them.",
        "They are kept and count from the moment they state; a read up to an earlier entry of the "
        "log still gives the old ones.",
        rows,
    )


def _stage(
    connection: duckdb.DuckDBPyConnection, contract: Contract, folder: Path, number: int
) -> Iterator[Staged]:
    columns = ", ".join(
        "v.place IS NOT NULL AS revision" if name == "revision" else name
        for name in stored_columns(contract.name)
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE fresh AS SELECT bucket, {columns} FROM incoming i "
        "LEFT JOIN verdicts v ON v.place = i.rowid WHERE v.repeated IS NOT TRUE "
        f"ORDER BY bucket, {order_sql(contract)}"
    )
    buckets = connection.execute("SELECT DISTINCT bucket FROM fresh ORDER BY bucket").fetchall()
    for (bucket,) in buckets:
        select = (
            f"SELECT * EXCLUDE bucket FROM fresh WHERE bucket = {literal(bucket)} "
            f"ORDER BY {order_sql(contract)}"
        )
        yield stage(connection, folder, number, (contract.name, bucket), select)


def _refused_sql(batch: Batch, number: int, learned_at: datetime) -> str:
    clocks = [f"{_moment(learned_at)} AS {clock}" for clock in ("occurred_at", "recorded_at")]
    columns = ", ".join([*REFUSED_COLUMNS, *clocks, *_stamps(batch, number), "false AS revision"])
    return f"SELECT {columns} FROM {REFUSED}"
