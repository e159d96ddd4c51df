"""A platform to try `docs/guides/connect.md` on: a shop's database, and its sellers' statements.

`python examples/connect/shop.py MARKET DAY` brings the shop's tables and the folder `statements`
to what they hold at the end of DAY, from a market of `tradeline world`.
"""

import sys
from pathlib import Path

import duckdb
import psycopg

from tradeline.book.connection import connect

TABLES = """
CREATE TABLE IF NOT EXISTS sellers (
    id text PRIMARY KEY, title text, trade text, country text, changed_at timestamptz NOT NULL);
CREATE TABLE IF NOT EXISTS orders (
    id text PRIMARY KEY, seller_id text, buyer_id text, total numeric(12, 2), state text,
    placed_at timestamptz, changed_at timestamptz NOT NULL);
CREATE INDEX IF NOT EXISTS orders_changed ON orders (changed_at);
GRANT SELECT ON sellers, orders TO worker;
"""
SELLER = "INSERT INTO sellers VALUES (%s, %s, %s, %s, '2024-07-01Z') ON CONFLICT DO NOTHING"
ORDER = """
INSERT INTO orders VALUES (%s, %s, %s, %s, %s, %s, %s)
ON CONFLICT (id) DO UPDATE SET state = excluded.state, changed_at = excluded.changed_at
WHERE orders.state <> excluded.state
"""
# An order that was placed by the day but settled after it is still new.
ORDERS = """
SELECT order_no, enterprise, counterparty, gross,
    CASE WHEN recorded_at > day THEN 'NEW' WHEN status = 'cancelled' THEN 'CANCELLED'
         WHEN status = 'delivered' THEN 'DONE' ELSE 'SENT' END,
    occurred_at, CASE WHEN recorded_at > day THEN occurred_at ELSE recorded_at END
FROM read_parquet(? || '/orders.parquet'), (SELECT ?::DATE + INTERVAL 1 DAY AS day)
WHERE occurred_at < day
"""
STATEMENT = """
COPY (
    SELECT enterprise AS holder, transaction_no AS entry, counterparty AS "other side",
        amount, balance, occurred_at AS moment, recorded_at AS received
    FROM read_parquet('{market}/bank_transactions.parquet')
    WHERE strftime(recorded_at, '%Y-%m') = '{month}' AND recorded_at < DATE '{day}' + INTERVAL 1 DAY
    ORDER BY recorded_at, entry
) TO 'statements/{month}.csv' (HEADER, DELIMITER ';')
"""


def fill_shop(market: Path, day: str, shop: psycopg.Connection) -> None:
    """The sellers and orders of the shop at the end of a day."""
    shop.execute("SET client_min_messages = warning")
    shop.execute(TABLES)
    sellers = duckdb.read_csv(str(market / "enterprises.csv")).fetchall()
    orders = duckdb.execute(ORDERS, [str(market), day]).fetchall()
    with shop.transaction(), shop.cursor() as cursor:
        cursor.executemany(SELLER, sellers)
        cursor.executemany(ORDER, orders)


def write_statements(market: Path, day: str) -> None:
    """One file for each month that has begun by the day."""
    Path("statements").mkdir(exist_ok=True)
    for month in range(7, int(day[5:7]) + 1):
        named = f"2024-{month:02d}"
        duckdb.execute(STATEMENT.format(market=market, month=named, day=day))


if __name__ == "__main__":
    folder, last_day = Path(sys.argv[1]), sys.argv[2]
    with connect("owner") as connection:
        fill_shop(folder, last_day, connection)
    write_statements(folder, last_day)
