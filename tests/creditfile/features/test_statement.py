"""Statements read rows only as they were known, and only through the base table."""

from datetime import date, datetime, time, timedelta

import duckdb
import pytest
import sqlglot

from tests.creditfile.features.tables import Row, connect
from tradeline.creditfile.features.applications import apply_all
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.declaration import measures_of
from tradeline.creditfile.features.events import Compare, Events, Window
from tradeline.creditfile.features.fragments import condition_sql
from tradeline.creditfile.features.measures import (
    Count,
    Gained,
    Measure,
    Sum,
    Volatility,
    contracts_of,
)
from tradeline.creditfile.features.statement import checked, horizon_of, known, opened, statement
from tradeline.kernel.findings import InputProblem

AS_OF = datetime(2020, 2, 29)  # noqa: DTZ001

READ = "FROM applications JOIN orders USING (enterprise) WHERE"
LEAKS = {
    "no clock": "SELECT sum(gross_minor) FROM orders",
    "one clock": f"SELECT sum(gross_minor) {READ} occurred_at <= as_of",
    "either clock": f"SELECT 1 {READ} occurred_at <= as_of OR recorded_at <= as_of",
    "beside the base table": f"WITH {known('orders')} SELECT 1 FROM known_orders, orders",
    "looking ahead": (
        f"SELECT 1 {READ} occurred_at <= as_of + INTERVAL '1' DAY AND recorded_at <= as_of"
    ),
    "another moment": "SELECT 1 FROM orders WHERE occurred_at <= as_of AND recorded_at <= as_of",
}


def by_contract() -> dict[str, tuple[Measure, ...]]:
    measures = dict.fromkeys(m for f in CATALOGUE for m in measures_of(f.expression))
    contracts = dict.fromkeys(m.events.contract for m in measures)
    return {c: tuple(m for m in measures if m.events.contract == c) for c in contracts}


@pytest.mark.parametrize("text", LEAKS.values(), ids=LEAKS.keys())
def test_a_statement_that_could_leak_is_refused(text: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        checked(text)
    assert str(refusal.value) == (
        "error: orders: The statement reads rows without asking when they occurred and when they"
        " were known. Read known_orders instead."
    )


def test_the_base_table_passes() -> None:
    assert checked(f"WITH {known('orders')} SELECT 1 FROM known_orders")


@pytest.mark.parametrize("contract", by_contract())
def test_one_statement_serves_a_dataset(contract: str) -> None:
    measures = by_contract()[contract]
    with connect({"purchase_invoices": [], contract: []}) as connection:
        names = [column[0] for column in measured(connection, measures).description]
    assert names == ["application", *(f"m{number}" for number in range(len(measures)))]


def measured(
    connection: duckdb.DuckDBPyConnection, measures: tuple[Measure, ...]
) -> duckdb.DuckDBPyConnection:
    apply_all(connection, AS_OF)
    for contract in {name for measure in measures for name in contracts_of(measure)}:
        connection.execute(f"CREATE TEMP TABLE opened_{contract} AS {opened(contract)}")
    return connection.execute(statement(measures))


@pytest.mark.parametrize("contract", by_contract())
def test_statements_translate_to_spark(contract: str) -> None:
    assert sqlglot.parse_one(statement(by_contract()[contract], "spark"), read="spark")


def test_constants_are_quoted() -> None:
    assert condition_sql(Compare("status", "=", "it's")) == "status = 'it''s'"
    events = Events("orders", (Compare("status", "=", "x'); DROP TABLE orders; --"),))
    with connect({"orders": []}) as connection:
        assert measured(connection, (Sum(events, "gross_minor"),)).fetchall() == []
        assert connection.execute("SELECT count(*) FROM orders").fetchall() == [(0,)]


DAYS = Events("orders", (), Window(days=90))
LAST_YEAR = Events("orders", (), Window(12))


@pytest.mark.parametrize(
    ("measures", "days"),
    [
        ((Count(DAYS),), 90),
        ((Count(DAYS), Gained(LAST_YEAR, "counterparty")), 24 * 31),
        ((Count(DAYS), Count(Events("orders"))), None),
        ((Volatility(LAST_YEAR, "gross_minor"),), None),
    ],
)
def test_rows_that_no_window_reaches_are_left_out(
    measures: tuple[Measure, ...], days: int | None
) -> None:
    assert horizon_of(measures) == days


@pytest.mark.parametrize(
    ("window", "first"),
    [
        (Window(days=1), date(2020, 2, 29)),
        (Window(days=90), date(2019, 12, 2)),
        (Window(days=30, offset=60), date(2019, 12, 2)),
        (Window(1), date(2020, 2, 1)),
        (Window(12), date(2019, 3, 1)),
    ],
)
def test_the_first_day_of_a_window_counts_and_the_day_before_does_not(
    window: Window, first: date
) -> None:
    begins = datetime.combine(first, time.min)
    moments = (begins, begins - timedelta(microseconds=1))
    rows: list[Row] = [
        {"enterprise": firm, "occurred_at": moment, "recorded_at": moment}
        for firm, moment in zip(("E1", "E2"), moments, strict=True)
    ]
    with connect({"orders": rows}) as connection:
        found = dict(measured(connection, (Count(Events("orders", (), window)),)).fetchall())
    assert found == {0: 1.0, 1: 0.0}
