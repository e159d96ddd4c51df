"""A lake of merchants to measure features on: orders and refunds, told by a platform.

`python -m benchmarks.merchants LAKE [--merchants N] [--lines N]` makes it: 200,000 merchants with
20,000,000 order lines over two years, heavy-tailed, each recorded hours to months after it
occurred; 8 of 100 lines are cancelled, 4 of 100 are refunded weeks later. Beside it stands
`applications.parquet`: four moments of each merchant, within the last year.
"""

import argparse
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import duckdb

from benchmarks.measure import module_cost
from tradeline.kernel.hashing import hash_bytes
from tradeline.lake.batches import Batch, append
from tradeline.lake.contracts import CONTRACTS
from tradeline.lake.records import Assurance
from tradeline.lake.store import init_lake

MERCHANTS = 200_000
LINES = 20_000_000
DAYS = 730
APPLICATIONS_EACH = 4
FIRST = "TIMESTAMP '2023-01-01'"
ENTERPRISE = "printf('M%07d', {merchant})"

LINES_SQL = """
CREATE TABLE lines AS
SELECT i, least(floor({merchants} * pow({u1}, 2.5)), {merchants} - 1)::INTEGER AS merchant,
  (hash(i, 2) % 40 * (hash(i, 3) % 40) // 40)::INTEGER AS buyer,
  (500 + floor(exp(3 + 6 * {u4})))::BIGINT AS gross_minor,
  {first} + to_seconds((hash(i, 5) % ({days} * 86400))::BIGINT) AS occurred_at,
  CASE WHEN hash(i, 6) % 50 = 0 THEN hash(i, 7) % (90 * 86400) ELSE hash(i, 7) % (2 * 86400) END
    AS lag_seconds,
  hash(i, 8) % 100 AS fate, hash(i, 9) % (40 * 86400) AS refund_seconds
FROM range({low}, {high}) AS rows(i)
"""
ORDERS_SQL = """
INSERT INTO landed_orders BY NAME
SELECT {enterprise} AS enterprise, 'O' || i AS order_no,
  'B' || (merchant * 37 + buyer) % 400000 AS counterparty, gross_minor, 'CNY' AS currency,
  CASE WHEN fate < 8 THEN 'cancelled' ELSE 'delivered' END AS status,
  occurred_at, occurred_at + to_seconds(lag_seconds::BIGINT) AS recorded_at,
  'lines' AS source_file, i + 1 AS source_row
FROM lines
"""
REFUNDS_SQL = """
INSERT INTO landed_refunds BY NAME
SELECT {enterprise} AS enterprise, 'R' || i AS refund_no, 'O' || i AS order_no,
  gross_minor // 2 AS amount_minor, 'CNY' AS currency,
  occurred_at + to_seconds((86400 + refund_seconds)::BIGINT) AS occurred_at,
  occurred_at + to_seconds((86400 + refund_seconds + lag_seconds)::BIGINT) AS recorded_at,
  'refunds' AS source_file, i + 1 AS source_row
FROM lines WHERE fate >= 96
"""
FIRMS_SQL = """
INSERT INTO landed_enterprises BY NAME
SELECT {enterprise} AS enterprise, 'Merchant ' || merchant AS name,
  'merchants' AS source_file, merchant + 1 AS source_row
FROM range({merchants}) AS rows(merchant)
"""
APPLICATIONS_SQL = """
COPY (
  SELECT {enterprise} AS enterprise,
    {first} + to_seconds(({days} - 365) * 86400 + (hash(merchant, k, 11) % (365 * 86400))::BIGINT)
      AS as_of
  FROM range({merchants}) AS firms(merchant), range({each}) AS times(k)
  ORDER BY hash(merchant, k, 12)
) TO '{path}' (FORMAT parquet)
"""


def make_lake(
    root: Path,
    merchants: int,
    lines: int,
    progress: Callable[[str], None] = print,
    first_line: int = 0,
) -> None:
    """A new lake of merchants in one batch, and the applications beside it."""
    init_lake(root)
    with landed(merchants, first_line, first_line + lines) as connection:
        connection.execute(
            FIRMS_SQL.format(enterprise=ENTERPRISE.format(merchant="merchant"), merchants=merchants)
        )
        tell(root, connection, "history", progress)
    write_applications(root.parent / "applications.parquet", merchants)


def make_lake_apart(root: Path, merchants: int, lines: int) -> None:
    """Make the lake in a process of its own: what that needs stays out of what is measured."""
    words = [str(root), "--merchants", str(merchants), "--lines", str(lines)]
    module_cost("benchmarks.merchants", *words)


def landed(merchants: int, low: int, high: int) -> duckdb.DuckDBPyConnection:
    """Tables of a landed folder with the order lines of these numbers and their refunds."""
    connection = duckdb.connect()
    for contract in CONTRACTS:
        columns = ", ".join(f"{field.column} {field.sql_type}" for field in contract.fields)
        connection.execute(
            f"CREATE TABLE landed_{contract.name} ({columns}, source_file VARCHAR, "
            "source_row BIGINT)"
        )
    connection.execute(
        "CREATE TABLE refused (source INTEGER, file VARCHAR, contract VARCHAR, file_row BIGINT, "
        "code VARCHAR, reason VARCHAR, content VARCHAR, enterprise VARCHAR)"
    )
    uniform = {f"u{k}": f"((hash(i, {k}) % 1000003) / 1000003.0)" for k in (1, 4)}
    connection.execute(
        LINES_SQL.format(merchants=merchants, days=DAYS, first=FIRST, low=low, high=high, **uniform)
    )
    enterprise = ENTERPRISE.format(merchant="merchant")
    connection.execute(ORDERS_SQL.format(enterprise=enterprise))
    connection.execute(REFUNDS_SQL.format(enterprise=enterprise))
    connection.execute("DROP TABLE lines")
    return connection


def tell(
    root: Path, connection: duckdb.DuckDBPyConnection, name: str, progress: Callable[[str], None]
) -> None:
    """Land the tables as one batch of the platform."""
    batch = Batch(
        name,
        "platform",
        Assurance.PLATFORM_OBSERVED,
        hash_bytes(name.encode()),
        datetime(2023, 1, 1),  # noqa: DTZ001  # the lake keeps moments in naive UTC
    )
    append(root, connection, batch, progress)


def write_applications(path: Path, merchants: int) -> None:
    """Four moments of each merchant, in no order."""
    with duckdb.connect() as connection:
        connection.execute(
            APPLICATIONS_SQL.format(
                enterprise=ENTERPRISE.format(merchant="merchant"),
                first=FIRST,
                days=DAYS,
                merchants=merchants,
                each=APPLICATIONS_EACH,
                path=path,
            )
        )


def main(words: Sequence[str] | None = None) -> int:
    """Make the lake."""
    parser = argparse.ArgumentParser(prog="benchmarks.merchants", description=__doc__)
    parser.add_argument("lake", type=Path, help="a new folder")
    parser.add_argument("--merchants", type=int, default=MERCHANTS, help=f"({MERCHANTS})")
    parser.add_argument("--lines", type=int, default=LINES, help=f"({LINES})")
    options = parser.parse_args(words)
    make_lake(options.lake, options.merchants, options.lines)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
