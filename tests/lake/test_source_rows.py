"""Rows are chosen, amounts worked out, rows counted and gathered, and each is accounted for."""

from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lake.shops import LINES, ORDERS, counts, read, refusals, rows

GROSS = "SELECT order_no, enterprise, gross_minor FROM {} ORDER BY source_row"


def test_an_amount_is_worked_out_of_two_columns(tmp_path: Path) -> None:
    landing = read(tmp_path, LINES)
    assert rows(landing, GROSS.format("order_lines")) == [
        ("1", "S1", 1000),
        ("1", "S2", 2000),
        ("1", "S1", -250),
        ("2", "S1", 101),
    ]


def test_rows_are_counted_within_their_order(tmp_path: Path) -> None:
    landing = read(tmp_path, LINES)
    query = "SELECT order_no, enterprise, line_no FROM order_lines ORDER BY source_row"
    assert rows(landing, query) == [
        ("1", "S1", "1"),
        ("1", "S2", "1"),
        ("1", "S1", "2"),
        ("2", "S1", "1"),
    ]


def test_rows_of_one_order_and_seller_make_one_record_worth_their_sum(tmp_path: Path) -> None:
    landing = read(tmp_path, ORDERS)
    query = "SELECT order_no, enterprise, gross_minor, day(occurred_at), source_row FROM orders"
    assert rows(landing, f"{query} ORDER BY ALL") == [
        ("1", "S1", 750, 5, 2),
        ("1", "S2", 2000, 6, 3),
        ("2", "S1", 101, 8, 5),
    ]
    assert counts(landing) == [(4, 0, 3, 3, 0)]


@pytest.mark.parametrize(
    ("rule", "row", "currency", "minor"),
    [
        ({"multiply": ["pieces", "price"]}, "1,0.005", "EUR", 1),
        ({"multiply": ["pieces", "price"]}, "-1,0.005", "EUR", -1),
        ({"multiply": ["pieces", "price"]}, "1,0.00499999", "EUR", 0),
        ({"multiply": ["pieces", "price"]}, "80995,1.04", "EUR", 8_423_480),
        ({"multiply": ["pieces", "price"]}, "3,0.5", "JPY", 2),
        ({"multiply": ["pieces", "price"]}, "3,0.3335", "KWD", 1_001),
        ({"add": ["pieces", "price"]}, "0.1,0.2", "EUR", 30),
        ({"add": ["pieces", "price"]}, "0.004,0.001", "EUR", 1),
        ({"add": ["price"]}, "1,58.9", "EUR", 5_890),
        ({"add": ["pieces", "pieces", "price"]}, '"1,000",-1', "EUR", 199_900),
    ],
)
def test_half_a_minor_unit_rounds_away_from_zero(
    tmp_path: Path, rule: dict[str, object], row: str, currency: str, minor: int
) -> None:
    lines = f"seller,order,sku,pieces,price,day\nS1,1,a,{row},2024-01-05"
    source = LINES | {"amounts": {"gross": rule}}
    landing = read(tmp_path, source, lines=lines, currency=currency)
    assert rows(landing, "SELECT gross_minor FROM order_lines") == [(minor,)]


def test_amounts_are_worked_out_under_other_signs(tmp_path: Path) -> None:
    lines = 'seller,order,sku,pieces,price,day\nS1,1,a,3,"1.234,56",2024-01-05'
    signs = {"thousands": ".", "decimal": ","}
    landing = read(tmp_path, LINES | signs, ORDERS | signs, lines=lines)
    assert rows(landing, "SELECT gross_minor FROM order_lines") == [(370_368,)]
    assert rows(landing, "SELECT gross_minor FROM orders") == [(370_368,)]


@pytest.mark.parametrize(
    ("row", "code", "reason"),
    [
        ("many,1.5", "bad-value", "The gross many × 1.5 is not an amount."),
        (",1.5", "bad-value", "The gross ? × 1.5 is not an amount."),
        (",", "missing-value", "The gross is missing."),
        ("1000000000000,1", "bad-value", "The gross 1000000000000 × 1 is not an amount."),
        (
            "99999999,9999999",
            "out-of-range",
            "The gross 999999890000001.00 is too large: the most that can be read is "
            "10,000,000,000,000.",
        ),
    ],
)
def test_what_cannot_be_worked_out_is_refused_with_what_was_written(
    tmp_path: Path, row: str, code: str, reason: str
) -> None:
    lines = f"seller,order,sku,pieces,price,day\nS1,1,a,1,1,2024-01-05\nS1,1,a,{row},2024-01-05"
    columns = {"quantity": "order"} | {k: v for k, v in LINES["columns"].items() if k != "quantity"}
    landing = read(tmp_path, LINES | {"columns": columns}, lines=lines)
    assert refusals(landing) == [(3, code, reason)]
    grouped = read(tmp_path, ORDERS, lines=lines)
    if code == "bad-value":
        assert refusals(grouped) == [(2, code, reason)], "a record lacks one of its amounts"
    assert counts(grouped)[0][2:] == (1, 0, 1) or code == "missing-value"


def test_a_broken_row_and_one_without_a_key_stay_by_themselves(tmp_path: Path) -> None:
    lines = "seller,order,sku,pieces,price,day\nS1,1,a,1,5,2024-01-05\nS1,1\nS1,,a,1,5,2024-01-05\n"
    landing = read(tmp_path, ORDERS, lines=f"{lines}S1,,b,1,5,2024-01-05")
    assert [(row, code) for row, code, _ in refusals(landing)] == [
        (3, "broken-row"),
        (4, "missing-value"),
        (5, "missing-value"),
    ]
    assert counts(landing) == [(4, 0, 4, 1, 3)]


def test_a_whole_file_makes_one_record(tmp_path: Path) -> None:
    shop = {
        "file": "lines.csv",
        "contract": "enterprises",
        "group": [],
        "constants": {"enterprise": "E1", "name": "The shop"},
    }
    landing = read(tmp_path, shop)
    assert rows(landing, "SELECT enterprise, name FROM enterprises") == [("E1", "The shop")]
    assert counts(landing) == [(4, 0, 1, 1, 0)]


def test_rows_of_other_values_are_left_out_and_counted(tmp_path: Path) -> None:
    lines = f"{LINES_WITH_GAPS}torn,row\n"
    landing = read(tmp_path, LINES | {"only": {"sku": ["a", ""], "seller": ["S1"]}}, lines=lines)
    assert rows(landing, "SELECT source_row, line_no FROM order_lines") == [(2, "1"), (4, "2")]
    assert [(row, code) for row, code, _ in refusals(landing)] == [
        (5, "missing-value"),
        (6, "broken-row"),
    ]
    assert counts(landing) == [(5, 1, 4, 2, 2)]


LINES_WITH_GAPS = """seller,order,sku,pieces,price,day
S1,1,a,1,10,2024-01-05
S2,1,a,2,10,2024-01-06
S1,1,a,1,10,2024-01-07
S1,2,,3,10,2024-01-08
"""


def test_an_empty_value_can_mean_something(tmp_path: Path) -> None:
    landing = read(
        tmp_path, LINES | {"values": {"product": {"": "unnamed"}}}, lines=LINES_WITH_GAPS
    )
    query = "SELECT product FROM order_lines ORDER BY source_row"
    assert [name for (name,) in rows(landing, query)] == ["a", "a", "a", "unnamed"]


cents = st.decimals(-99, 99, places=3).map(str)
lines_ = st.lists(
    st.tuples(st.sampled_from("AB"), st.sampled_from("123"), st.integers(-9, 9), cents), max_size=12
)


@settings(max_examples=20, deadline=None)
@given(lines_)
def test_orders_are_worth_the_sum_of_their_lines(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, str, int, str]]
) -> None:
    written = [f"{s},{o},x,{pieces},{price},2024-01-05" for s, o, pieces, price in drawn]
    lines = "\n".join(["seller,order,sku,pieces,price,day", *written])
    landing = read(tmp_path_factory.mktemp("shop"), LINES, ORDERS, lines=lines)
    expected: dict[tuple[str, str], int] = {}
    for seller, order, pieces, price in drawn:
        worth = (pieces * Decimal(price) * 100).quantize(Decimal(1), ROUND_HALF_UP)
        expected[seller, order] = expected.get((seller, order), 0) + int(worth)
    kept = {key: worth for key, worth in expected.items() if worth >= 0}
    query = "SELECT enterprise, order_no, {} FROM {} GROUP BY ALL"
    found = rows(landing, query.format("sum(gross_minor)::BIGINT", "order_lines"))
    assert {(s, o): worth for s, o, worth in found} == expected
    found = rows(landing, query.format("sum(gross_minor)::BIGINT", "orders"))
    assert {(s, o): worth for s, o, worth in found} == kept
    of_lines, of_orders = landing.counts
    assert (of_lines.read, of_lines.refused) == (len(drawn), 0)
    assert (of_orders.read, of_orders.accepted) == (len(expected), len(kept))
    assert of_orders.read == of_orders.accepted + of_orders.refused
