"""What sealing costs: land and read bank entries with and without personal columns.

`python -m benchmarks.personal_columns [ROWS] [FIRMS]` prints CPU seconds of the whole process for
landing ROWS entries with and without a counterparty and a reference, for reading what tells of
nobody, and for opening every counterparty.
"""

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

from tests.lake.lakes import FAR, day
from tradeline.lake.batches import Batch, append
from tradeline.lake.landing import land
from tradeline.lake.mapping import FolderMapping
from tradeline.lake.records import Assurance
from tradeline.lake.store import init_lake, open_lake

ROWS, FIRMS = 1_000_000, 10_000
READS = {
    "read what tells of nobody": (
        "SELECT enterprise, sum(amount_minor) FROM bank_transactions GROUP BY ALL"
    ),
    "open every counterparty": "SELECT count(DISTINCT counterparty) FROM bank_transactions",
}


def measured(name: str, job: Callable[[], object]) -> None:
    """Print the CPU and wall seconds of a job, and the peak memory so far."""
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
    job()
    after, wall = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter() - started
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"{name:<52} {cpu:7.2f} CPU s {wall:7.2f} s  {after.ru_maxrss / 1024:7.0f} MB", flush=True
    )


def filled(folder: Path, rows: int, firms: int, personal: bool) -> duckdb.DuckDBPyConnection:
    """The tables of a landed folder with so many bank entries."""
    connection = duckdb.connect()
    land(connection, folder, FolderMapping(sources=(), currency="CNY"), lambda _: None)
    values = {
        "enterprise": f"'E' || (range % {firms})",
        "transaction_no": "CAST(range AS VARCHAR)",
        "counterparty": f"'Counterparty ' || (range * 7919 % {firms * 20})",
        "reference": "'payment for order ' || range",
        "amount_minor": "range % 100000 - 20000",
        "currency": "'CNY'",
        "occurred_at": f"TIMESTAMP '{day(0)}' + INTERVAL 1 MINUTE * (range % 500000)",
        "recorded_at": f"TIMESTAMP '{day(400)}'",
        "source_file": "'bank.csv'",
        "source_row": "range",
    }
    if not personal:
        del values["counterparty"], values["reference"]
    connection.execute(
        f"INSERT INTO landed_bank_transactions ({', '.join(values)}) "
        f"SELECT {', '.join(values.values())} FROM range({rows})"
    )
    return connection


def measure(rows: int, firms: int, personal: bool) -> None:
    """Measure one lake: its landing, its size, and both ways of reading it."""
    with TemporaryDirectory() as folder:
        root = Path(folder) / "lake"
        init_lake(root)
        connection = filled(Path(folder), rows, firms, personal)
        batch = Batch("a", "bank", Assurance.SELF_DECLARED, "sha256:0")
        words = "with" if personal else "without"
        measured(
            f"land {rows:,} rows {words} personal values",
            lambda: append(root, connection, batch, lambda _: None),
        )
        connection.close()
        lake = open_lake(root)
        print(f"{'stored':<52} {sum(file.bytes for file in lake.files) / 1e6:7.1f} MB")
        reader = lake.connect(FAR, FAR)
        for name, query in READS.items():
            measured(name, lambda asked=query: reader.execute(asked).fetchall())  # type: ignore[misc]
        reader.close()


def main(rows: int, firms: int) -> None:
    """Measure without personal values, then with."""
    for personal in (False, True):
        measure(rows, firms, personal)


if __name__ == "__main__":
    main(*([int(word) for word in sys.argv[1:]] + [ROWS, FIRMS][len(sys.argv) - 1 :]))
