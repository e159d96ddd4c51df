"""Statements read rows only as they were known, and only through the base table."""

from datetime import datetime

import pytest
import sqlglot

from tests.creditfile.feature_tables import connect
from tradeline.creditfile.feature_catalogue import CATALOGUE
from tradeline.creditfile.feature_fragments import condition_sql
from tradeline.creditfile.feature_spec import Compare, Events, Measure, Sum, measures_of
from tradeline.creditfile.feature_sql import checked, known, statement
from tradeline.kernel.findings import InputProblem

AS_OF = datetime(2020, 2, 29)  # noqa: DTZ001

LEAKS = {
    "no clock": "SELECT sum(gross_minor) FROM orders",
    "one clock": "SELECT sum(gross_minor) FROM orders WHERE occurred_at <= :as_of",
    "either clock": ("SELECT 1 FROM orders WHERE occurred_at <= :as_of OR recorded_at <= :as_of"),
    "beside the base table": f"WITH {known('orders')} SELECT 1 FROM known_orders, orders",
    "looking ahead": (
        "SELECT 1 FROM orders"
        " WHERE occurred_at <= :as_of + INTERVAL '1' DAY AND recorded_at <= :as_of"
    ),
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
        result = connection.execute(statement(measures), {"as_of": AS_OF})
        names = [column[0] for column in result.description]
    assert names == ["enterprise", *(f"m{number}" for number in range(len(measures)))]


@pytest.mark.parametrize("contract", by_contract())
def test_statements_translate_to_spark(contract: str) -> None:
    text = statement(by_contract()[contract], "spark")
    assert sqlglot.parse_one(text, read="spark")
    assert ":as_of" in text


def test_constants_are_quoted() -> None:
    assert condition_sql(Compare("status", "=", "it's")) == "status = 'it''s'"
    events = Events("orders", (Compare("status", "=", "x'); DROP TABLE orders; --"),))
    with connect({"orders": []}) as connection:
        sql = statement((Sum(events, "gross_minor"),))
        assert connection.execute(sql, {"as_of": AS_OF}).fetchall() == []
        assert connection.execute("SELECT count(*) FROM orders").fetchall() == [(0,)]
