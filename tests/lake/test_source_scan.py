"""A file is read by one statement in one scan, and its clocks are looked at closely."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.lake.samples import write_row
from tests.lake.shops import LINES, PAYMENTS
from tests.lake.shops import read as read_shop
from tradeline.lake.contracts import CONTRACTS, Contract
from tradeline.lake.files import load
from tradeline.lake.landing import Landing, land
from tradeline.lake.mapping import Source, parse_mapping
from tradeline.lake.recognition import propose
from tradeline.lake.source_scan import scan_sql
from tradeline.lake.table_checks import check_sql

HEADER = "enterprise,payment_no,order_no,amount,occurred_at,recorded_at"


def scans(connection: duckdb.DuckDBPyConnection, statement: str, table: str) -> int:
    """How often the plan of a statement reads a table."""
    row = connection.execute(f"EXPLAIN (FORMAT json) {statement}").fetchone()
    assert row
    return str(row[1]).count(f'"Table": "{table}"') or str(row[1]).count(f'.{table}"')


class Recorder:
    """A connection that remembers what it was asked."""

    def __init__(self) -> None:
        self.connection = duckdb.connect()
        self.asked: list[str] = []

    def execute(self, statement: str, *values: Any) -> Any:
        self.asked.append(statement)
        return self.connection.execute(statement, *values)


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """A folder with a row of every contract, in the engine; the first file is loaded as `raw`."""
    folder = tmp_path_factory.mktemp("folder")
    for contract in CONTRACTS:
        write_row(folder / f"{contract.name}.csv", contract)
    mapping = propose(folder, "CNY", lambda _: None).mapping
    return land(duckdb.connect(), folder, mapping, lambda _: None).connection


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_every_contract_is_read_in_one_scan_of_the_file_and_checked_in_one_of_the_dataset(
    landed: duckdb.DuckDBPyConnection, contract: Contract, tmp_path: Path
) -> None:
    write_row(tmp_path / "a.csv", contract)
    source = Source("a.csv", contract.name, {field.name: field.name for field in contract.fields})
    load(landed, tmp_path / "a.csv", "raw")
    assert scans(landed, scan_sql(source, "CNY"), "raw") == 1
    assert scans(landed, check_sql(contract), f"landed_{contract.name}") == 1


def test_a_wide_table_is_read_in_one_scan_too(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("rate,churn_A,churn_B,churn_C\n0.04,0,0.1,0.2", "utf-8")
    mapping = propose(tmp_path, "CNY", lambda _: None).mapping
    connection = duckdb.connect()
    load(connection, tmp_path / "a.csv", "raw")
    assert scans(connection, scan_sql(mapping.sources[0], "CNY"), "raw") == 1


@pytest.mark.parametrize("mapped", [LINES, PAYMENTS])
def test_records_that_are_not_rows_are_read_in_one_scan_of_their_file(
    tmp_path: Path, mapped: dict[str, object]
) -> None:
    connection = read_shop(tmp_path, mapped).connection
    source = parse_mapping({"currency": "EUR", "sources": [mapped]}, "m").sources[0]
    assert scans(connection, scan_sql(source, "EUR"), "raw") == 1


def test_a_folder_s_file_is_asked_for_once_whatever_is_wrong_with_it(tmp_path: Path) -> None:
    rows = ["E1,1,A,5,2024-01-31,2024-02-01", "E1,2,A,x,2024-01-31,2024-02-01", "E1,1"]
    (tmp_path / "payments.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    mapping = propose(tmp_path, "CNY", lambda _: None).mapping
    recorder = Recorder()
    landing = land(recorder, tmp_path, mapping, lambda _: None)  # type: ignore[arg-type]
    assert [(count.accepted, count.refused) for count in landing.counts] == [(1, 2)]
    read = [asked for asked in recorder.asked if "FROM raw" in asked or "JOIN raw" in asked]
    assert [asked.count("FROM raw") for asked in read if "count(*)" not in asked[:20]] == [1]


def read(folder: Path, *rows: str, **more: object) -> Landing:
    (folder / "payments.csv").write_text("\n".join([HEADER, *rows]), encoding="utf-8")
    columns = {name: name for name in HEADER.split(",")}
    source = {"file": "payments.csv", "contract": "payments", "columns": columns, **more}
    mapping = parse_mapping({"sources": [source]}, "m")
    return land(duckdb.connect(), folder, mapping, lambda _: None)


def outcome(landing: Landing) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    kept = landing.connection.execute("SELECT recorded_at::VARCHAR FROM payments").fetchall()
    return kept, landing.connection.execute("SELECT code, reason FROM refused").fetchall()


def lines(landing: Landing, code: str) -> list[str]:
    return [finding.line() for finding in landing.findings if finding.code == code]


def test_a_row_without_any_clock_says_so(tmp_path: Path) -> None:
    assert outcome(read(tmp_path, "E1,1,A,5,,"))[1] == [
        (
            "missing-clocks",
            "Both clocks are missing: nothing says when it occurred or was recorded.",
        )
    ]


@pytest.mark.parametrize(
    ("occurred", "recorded", "kept"),
    [
        ("2024-01-31", "2024-01-30 10:00:00", "2024-01-31 00:00:00"),  # a day of local time
        ("2024-01-31", "2024-01-30 09:59:59", None),
        ("2024-01-31 12:00:00", "2024-01-31 11:55:00", "2024-01-31 12:00:00"),  # clocks differ
        ("2024-01-31 12:00:00", "2024-01-31 11:54:59", None),
    ],
)
def test_a_row_recorded_a_little_early_is_known_when_it_occurred(
    tmp_path: Path, occurred: str, recorded: str, kept: str | None
) -> None:
    landing = read(tmp_path, f"E1,1,A,5,{occurred},{recorded}")
    if kept is None:
        refusal = [("clocks-turned", "It was recorded before it occurred.")]
        assert outcome(landing) == ([], refusal)
        return
    assert outcome(landing) == ([(kept,)], [])
    assert lines(landing, "recorded-early") == [
        "note: payments.csv: 1 row recorded a little before it occurred, as where days are local "
        "or clocks differ: it counts as known when it occurred."
    ]


def test_times_with_and_without_a_zone_are_doubted(tmp_path: Path) -> None:
    rows = [f"E1,{n},A,5,2024-01-31T0{n}:00:00{'Z' * (n % 2)},2024-02-03" for n in range(1, 4)]
    landing = read(tmp_path, *rows)
    assert lines(landing, "mixed-zones") == [
        "warning: payments.csv: Of its occurred_at, 2 name a zone and 1 name none; those count as "
        "UTC. Have the source write every time with its zone, such as +08:00, or state the "
        "`time_zone` of the others in a mapping."
    ]
    assert lines(landing, "no-zone") == []


def test_times_without_a_zone_are_said_and_days_are_not(tmp_path: Path) -> None:
    landing = read(tmp_path, "E1,1,A,5,2024-01-31 10:00:00,2024-02-01")
    assert lines(landing, "no-zone") == [
        "note: payments.csv: Its occurred_at name no zone, so they count as UTC. If they are "
        "local, state their `time_zone` in a mapping, or write them with their zone, such as "
        "+08:00."
    ]
    assert lines(read(tmp_path, "E1,1,A,5,2024-01-31,2024-02-01"), "no-zone") == []


def test_a_mapping_that_states_the_time_zone_needs_no_note_about_times_without_one(
    tmp_path: Path,
) -> None:
    rows = [f"E1,{n},A,5,2024-01-31T0{n}:00:00{'Z' * (n % 2)},2024-02-03" for n in range(1, 4)]
    landing = read(tmp_path, *rows, time_zone="Asia/Shanghai")
    assert lines(landing, "mixed-zones") + lines(landing, "no-zone") == []
    told = landing.connection.execute("SELECT occurred_at::VARCHAR FROM payments").fetchall()
    assert told == [("2024-01-31 01:00:00",), ("2024-01-30 18:00:00",), ("2024-01-31 03:00:00",)]
    # Without it the same times would shift, so a later batch that states none is stopped.
    assert landing.shapes["payments"]["occurred_at"].form == "time with zone"


def test_days_of_a_stated_zone_may_differ_only_as_clocks_do(tmp_path: Path) -> None:
    rows = ["E1,1,A,5,2024-01-31,2024-01-30 23:55:00", "E1,2,A,5,2024-01-31,2024-01-30 23:54:59"]
    landing = read(tmp_path, *rows, time_zone="Asia/Shanghai")
    refusal = [("clocks-turned", "It was recorded before it occurred.")]
    assert outcome(landing) == ([("2024-01-30 16:00:00",)], refusal)
