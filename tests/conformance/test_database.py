"""A PostgreSQL as a source: late commits, odd values and names, rights, and lines that break."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.conformance.worlds import COLUMNS, NOW, as_record
from tests.lake.lakes import FAR, Order, answers, day, new_lake
from tradeline.cli.databases import postgres
from tradeline.kernel.findings import InputProblem
from tradeline.lake.mapping import FolderMapping, parse_mapping
from tradeline.lake.records import Assurance
from tradeline.lake.sources.database import Database
from tradeline.lake.sources.pulling import Pulled, pull_source
from tradeline.lake.store import open_lake


class Shop:
    """A table of orders in a database, and a lake."""

    def __init__(self, owner: Any, urls: dict[str, str], outer: Path) -> None:
        self.owner, self.root = owner, new_lake(outer)
        self.environ = {"SHOP": urls["web"], "OWNER": urls["owner"]}
        self.table = "shop_orders"
        self.waits: list[float] = []
        columns = ", ".join(f"{name} text" for name in COLUMNS)
        owner.execute("DROP TABLE IF EXISTS shop_orders CASCADE")
        owner.execute(f"CREATE TABLE shop_orders ({columns}, changed timestamptz)")
        owner.execute("GRANT SELECT ON shop_orders TO web")

    def insert(self, order: Order, changed: object = None, connection: Any = None) -> None:
        record = as_record(order)
        signs = ", ".join(["%s"] * (len(record) + 1))
        (connection or self.owner).execute(
            f"INSERT INTO shop_orders VALUES ({signs})",
            [*record.values(), changed or day(order[4]).replace(tzinfo=UTC)],
        )

    def pull(
        self,
        where: str = "$SHOP",
        mapping: FolderMapping | None = None,
        follow: str = "changed",
        after_batch: Any = None,
        rows: int = 100,
    ) -> Pulled:
        def progress(line: str) -> None:
            if ": batch" in line and after_batch:
                after_batch()

        source = Database(
            "shop", mapping or mapping_of(self.table), postgres(where, self.environ), follow,
            lambda: NOW, timedelta(hours=1), rows,
        )  # fmt: skip
        return pull_source(
            self.root, source, Assurance.PLATFORM_OBSERVED, progress, self.waits.append
        )


def mapping_of(table: str, columns: Sequence[str] = COLUMNS) -> FolderMapping:
    names = dict(zip(COLUMNS, columns, strict=True))
    item = {"file": table, "contract": "orders", "columns": names}
    return parse_mapping({"sources": [item]}, "sources.yaml")


@pytest.fixture
def shop(owner: Any, postgres_url: dict[str, str], tmp_path: Path) -> Shop:
    return Shop(owner, postgres_url, tmp_path)


ORDER = ("E1", "1", 10, 1, 1)
NEXT = ("E1", "2", 20, 2, 2)


def test_a_row_that_is_committed_late_is_found(shop: Shop, postgres_url: dict[str, str]) -> None:
    import psycopg

    with psycopg.connect(postgres_url["owner"]) as slow:
        moment = day(2).replace(tzinfo=UTC) - timedelta(minutes=30)
        shop.insert(ORDER, moment, slow)
        shop.insert(NEXT)
        assert shop.pull().counts["new"] == 1
        slow.commit()
    pulled = shop.pull()
    assert (pulled.counts["new"], pulled.counts["repeated"]) == (1, 1)
    assert answers(shop.root) == [("E1", "1", 10), ("E1", "2", 20)]
    assert shop.pull().counts == {}


def test_values_that_no_program_can_hold_are_refused_and_stop_nothing(shop: Shop) -> None:
    shop.owner.execute("ALTER TABLE shop_orders ALTER gross TYPE float USING 1")
    shop.owner.execute(
        "ALTER TABLE shop_orders ALTER occurred_at TYPE timestamptz USING occurred_at::timestamptz"
    )
    shop.insert(ORDER)
    shop.insert(NEXT)
    shop.owner.execute("UPDATE shop_orders SET occurred_at = 'infinity' WHERE order_no = '1'")
    shop.insert(("E1", "3", 30, 3, 3))
    shop.owner.execute("UPDATE shop_orders SET gross = 'NaN' WHERE order_no = '3'")
    pulled = shop.pull()
    assert answers(shop.root) == [("E1", "2", 20)]
    assert pulled.counts["refused"] == 2
    query = "SELECT content FROM refused ORDER BY ALL"
    contents = open_lake(shop.root).connect(FAR, FAR).execute(query).fetchall()
    assert "infinity" in contents[0][0]
    assert "NaN" in contents[1][0]


@pytest.mark.parametrize("moment", ["infinity", "9000-01-01"])
def test_a_mark_in_the_future_hides_nothing(shop: Shop, moment: str) -> None:
    shop.insert(ORDER)
    shop.insert(NEXT, moment)
    assert shop.pull().counts["new"] == 2
    assert shop.pull().counts["new"] == 0
    assert shop.pull().counts["batches"] == 0
    shop.insert(("E1", "3", 30, 3, 3))
    assert shop.pull().counts["new"] == 1


def test_rows_without_a_mark_are_counted(shop: Shop) -> None:
    shop.insert(ORDER)
    shop.owner.execute("UPDATE shop_orders SET changed = NULL")
    (finding,) = shop.pull().findings
    assert finding.line() == (
        "warning: shop, shop_orders: 1 row without a value in 'changed': nothing tells when they "
        "changed, so they are not read. Fill the column, and forbid NULL in it."
    )


def test_names_are_names_whatever_stands_in_them(shop: Shop) -> None:
    odd = 'gross"; DROP TABLE shop_orders; -- %s %'
    quoted = odd.replace('"', '""').replace("%", "%%")
    shop.insert(ORDER)
    shop.owner.execute('CREATE VIEW "Order %% ""list" AS SELECT * FROM shop_orders', ())
    shop.owner.execute(f'ALTER VIEW "Order %% ""list" RENAME COLUMN gross TO "{quoted}"', ())
    shop.owner.execute('GRANT SELECT ON "Order %% ""list" TO web', ())
    columns = [odd if name == "gross" else name for name in COLUMNS]
    assert shop.pull(mapping=mapping_of('Order % "list', columns)).counts["new"] == 1
    assert shop.pull(mapping=mapping_of("public.shop_orders")).counts["repeated"] == 1


def test_a_role_that_may_write_is_warned_of_and_cannot(shop: Shop) -> None:
    import psycopg

    shop.insert(ORDER)
    (finding,) = shop.pull(where="$OWNER").findings
    assert finding.line() == (
        "warning: $OWNER: The role may change the tables that it should only read. Nothing is "
        "changed, for the transaction only reads; give it a role that may only SELECT."
    )
    with postgres("$OWNER", shop.environ)(["shop_orders"]) as session:
        cursor = session.cursor()
        with pytest.raises(psycopg.errors.Error):
            cursor.execute("DELETE FROM shop_orders RETURNING 1", ())
        cursor.close()
    with postgres("$OWNER", shop.environ)(["shop_orders"]) as session:
        cursor = session.cursor()
        cursor.execute("SELECT current_setting('transaction_read_only')", ())
        assert cursor.fetchmany(1)[0][0] == "on"
        cursor.close()


def test_a_query_that_takes_too_long_is_ended(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradeline.cli.databases.OPTIONS", "-c statement_timeout=100")
    shop.owner.execute(
        "CREATE VIEW slow AS SELECT *, pg_sleep(1)::text FROM shop_orders, generate_series(1, 3)"
    )
    shop.owner.execute("GRANT SELECT ON slow TO web")
    shop.insert(ORDER)
    pulled = shop.pull(mapping=mapping_of("slow", [*COLUMNS[:1], "pg_sleep", *COLUMNS[2:]]))
    assert pulled.findings[0].line() == (
        "error: shop: The database stopped a query that took too long. "
        "Make an index on the column that is followed, then run the command again."
    )
    assert shop.waits == []


def test_a_line_that_breaks_in_the_midst_is_taken_up_again(shop: Shop) -> None:
    import psycopg

    for number in range(6):
        shop.insert(("E1", str(number), number, number, number))
    broken: list[bool] = []

    def break_line() -> None:
        if not broken:
            broken.append(True)
            with psycopg.connect(shop.environ["SHOP"]) as same:
                same.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'tradeline lake pull'"
                )

    pulled = shop.pull(after_batch=break_line, rows=2)
    assert (pulled.broken, shop.waits) == (False, [1.0])
    assert (pulled.counts["batches"], pulled.counts["new"]) == (3, 6)
    assert len(answers(shop.root)) == 6


def test_a_column_that_tells_no_order_is_refused(shop: Shop) -> None:
    shop.insert(ORDER)
    pulled = shop.pull(follow="status")
    assert pulled.findings[0].line() == (
        "error: shop_orders.status: The column holds str values, which do not tell what came "
        "later. Follow a column of whole numbers, days or moments."
    )


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (
            "",
            "error: $SHOP: The variable SHOP is not set. Set it to the address, like "
            "postgresql://reader:PASSWORD@db.example/shop.",
        ),
        (
            "my secret words",
            "error: $SHOP: What it holds is no address of a PostgreSQL. Write it like "
            "postgresql://reader:PASSWORD@db.example/shop.",
        ),
    ],
)
def test_an_address_that_is_none_is_said_without_it(shop: Shop, address: str, said: str) -> None:
    shop.environ["SHOP"] = address
    pulled = shop.pull()
    assert pulled.findings[0].line() == said
    assert "secret" not in str(pulled.findings)


def test_a_wrong_password_is_said_and_not_tried_again(
    shop: Shop, postgres_url: dict[str, str]
) -> None:
    before, _, after = postgres_url["web"].partition("web:")
    shop.environ["SHOP"] = f"{before}web:a-secret@{after.partition('@')[2]}"
    pulled = shop.pull()
    assert "The database refuses" in pulled.findings[0].line()
    assert "password authentication failed" in pulled.findings[0].line()
    assert "a-secret" not in str(pulled.findings)
    assert shop.waits == []


def test_a_column_that_may_not_be_read_is_said(shop: Shop) -> None:
    shop.owner.execute("REVOKE SELECT ON shop_orders FROM web")
    line = shop.pull().findings[0].line()
    assert line == (
        "error: shop: The database refuses: permission denied for table shop_orders. Check the "
        "address, the names of tables and columns in the mapping, and the right to read."
    )


def test_the_book_must_run_to_be_read(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADELINE_BOOK", str(shop.root.parent / "no book"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(InputProblem, match="No server runs"), postgres("book")([]):
        pass


def test_days_and_numbers_are_followed_too(shop: Shop) -> None:
    shop.owner.execute("ALTER TABLE shop_orders ALTER changed TYPE date")
    shop.insert(ORDER, datetime(2024, 1, 2, tzinfo=UTC).date())
    assert shop.pull().counts["new"] == 1
    shop.insert(NEXT, datetime(2024, 1, 2, tzinfo=UTC).date())
    assert shop.pull().counts["new"] == 1
    assert shop.pull().counts == {}
