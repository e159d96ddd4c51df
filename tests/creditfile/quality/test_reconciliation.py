"""Reconciliation: what matches, what is missing on a side, and the rows behind each number."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.creditfile.features.tables import Row
from tests.creditfile.quality.tellings import AS_OF, TERMS, lake, tellings, told
from tradeline.creditfile.quality.reconciliation import (
    Reconciliation,
    RowBehind,
    Tally,
    read_rows,
)
from tradeline.creditfile.quality.record import read_quality
from tradeline.creditfile.quality.rows import rows_behind
from tradeline.creditfile.quality.rules import RULES, VERDICTS, Verdict
from tradeline.creditfile.quality.told import create_views
from tradeline.lake.reading import Moment

NOW = Moment(AS_OF, AS_OF)
NONE = Tally(0, 0, 0)


def row(contract: str, days_ago: int, amount: int = 0, source: str = "shop", **more: object) -> Row:
    """A row of E1 that occurred so many days ago and was told at once."""
    occurred = AS_OF - timedelta(days=days_ago)
    column = "gross_minor" if contract in ("orders", "sales_invoices") else "amount_minor"
    known: Row = {
        "enterprise": "E1", "source": source, "counterparty": "A", "occurred_at": occurred,
        "recorded_at": occurred, column: amount,
    }  # fmt: skip
    return known | more


def order(number: str, days_ago: int, amount: int, **more: object) -> Row:
    return row("orders", days_ago, amount, order_no=number, status="placed") | more


def payment(number: str, days_ago: int, amount: int, **more: object) -> Row:
    named: Row = {"payment_no": f"P{number}-{days_ago}", "order_no": number}
    return row("payments", days_ago, amount) | named | more


def invoice(days_ago: int, amount: int) -> Row:
    return row("sales_invoices", days_ago, amount, invoice_no=f"{days_ago}", status="valid")


def entry(days_ago: int, amount: int, source: str = "buyers") -> Row:
    number = f"{days_ago}/{amount}"
    return row("bank_transactions", days_ago, amount, source, transaction_no=number)


def reconciled(rule: str, **tables: list[Row]) -> Reconciliation:
    found = {name: told(name, rows) for name, rows in tables.items()}
    with lake(found) as connection:
        quality = read_quality(connection, NOW, TERMS)[0]
    (only,) = (item for item in quality.reconciliations if item.rule == rule)
    return only


BEGIN = [order("0", 100, 500), payment("0", 100, 500)]


def paid(orders: list[Row], payments: list[Row]) -> Reconciliation:
    """The rule of payments after a first order that is paid, long before."""
    return reconciled("orders-payments", orders=[BEGIN[0], *orders], payments=[BEGIN[1], *payments])


def test_an_order_paid_in_two_parts_matches() -> None:
    found = paid([order("1", 50, 900)], [payment("1", 50, 400), payment("1", 20, 500)])
    assert found.matched == Tally(2, 1400, 1400)
    assert found.matched_share == 1.0


@pytest.mark.parametrize(("amount", "verdict"), [(901, "matched"), (902, "differing")])
def test_a_difference_beyond_the_tolerance_is_one(amount: int, verdict: Verdict) -> None:
    found = paid([order("1", 50, 900)], [payment("1", 50, amount)])
    assert found.tally(verdict) == (
        Tally(2, 1400, 1401) if verdict == "matched" else Tally(1, 900, 902)
    )


def test_an_order_is_unpaid_only_after_the_window() -> None:
    found = paid([order("1", 21, 900), order("2", 19, 300)], [])
    assert (found.left_only, found.open) == (Tally(1, 900, 0), Tally(1, 300, 0))
    assert found.matched_share == 0.5


def test_a_payment_without_an_order_is_missing_on_the_left() -> None:
    assert paid([], [payment("7", 50, 900)]).right_only == Tally(1, 0, 900)


def test_a_cancelled_order_need_not_be_paid() -> None:
    assert paid([order("1", 50, 900, status="cancelled")], []).left_only == NONE


def test_what_came_before_both_sides_begin_is_not_missing() -> None:
    early = reconciled(
        "orders-payments",
        orders=[order("1", 300, 900), *BEGIN[:1]],
        payments=BEGIN[1:],
    )
    assert (early.left_only, early.open) == (NONE, Tally(1, 900, 0))


@pytest.mark.parametrize(
    ("source", "confirmed"), [("shop", 0), ("tax", 1), ("copy", 1), ("buyers", 1)]
)
def test_only_another_source_confirms_what_matches(source: str, confirmed: int) -> None:
    found = reconciled(
        "orders-payments",
        orders=[order("1", 50, 900)],
        payments=[payment("1", 50, 900, source=source)],
    )
    assert (found.matched.facts, found.confirmed.facts) == (1, confirmed)


def test_two_sources_that_one_borrower_feeds_confirm_nothing() -> None:
    found = reconciled(
        "orders-payments",
        orders=[order("1", 50, 900, source="erp")],
        payments=[payment("1", 50, 900, source="copy")],
    )
    assert (found.matched, found.confirmed) == (Tally(1, 900, 900), NONE)


def test_more_paid_back_than_paid_differs_and_less_does_not() -> None:
    def refund(number: str, amount: int) -> Row:
        return row("refunds", 40, amount, refund_no=number, order_no=number)

    found = reconciled(
        "refunds-payments",
        payments=[payment("1", 50, 900), payment("2", 50, 900), payment("3", 50, 100)],
        refunds=[refund("1", 200), refund("2", 950)],
    )
    assert (found.matched, found.differing) == (Tally(1, 200, 900), Tally(1, 950, 900))
    assert found.right_only == NONE


def test_an_invoice_is_settled_by_one_entry_of_its_amount_within_the_window() -> None:
    found = reconciled(
        "sales-bank",
        sales_invoices=[invoice(200, 700), invoice(150, 700), invoice(90, 700), invoice(60, 800)],
        bank_transactions=[entry(200, 1), entry(140, 700), entry(80, 700), entry(59, 799)],
    )
    assert found.matched == Tally(2, 1400, 1400)
    assert found.left_only == Tally(1, 800, 0)
    assert found.open == Tally(1, 700, 0)


def test_money_that_goes_out_settles_no_sale() -> None:
    found = reconciled(
        "sales-bank",
        sales_invoices=[invoice(190, 1), invoice(100, 700)],
        bank_transactions=[entry(200, 1), entry(99, -700)],
    )
    assert (found.matched, found.left_only) == (Tally(1, 1, 1), Tally(1, 700, 0))


def test_orders_of_a_quarter_may_not_exceed_its_invoices_by_more_than_stated() -> None:
    def of_quarters(amount: int) -> Reconciliation:
        return reconciled(
            "orders-invoices",
            orders=[order("1", 300, 1), order("2", 150, amount), order("3", 10, 9999)],
            sales_invoices=[invoice(300, 1), invoice(150, 1000), invoice(9, 1)],
        )

    assert of_quarters(1250).matched == Tally(1, 1250, 1000)
    assert of_quarters(1251).differing == Tally(1, 1251, 1000)
    assert of_quarters(1).open.facts == 2


def test_a_firm_with_one_side_only_is_not_reconciled() -> None:
    with lake({"orders": told("orders", [order("1", 50, 900)]), "payments": []}) as connection:
        assert read_quality(connection, NOW, TERMS)[0].reconciliations == ()


def amounts(rows: tuple[RowBehind, ...], side: str) -> int:
    return sum(found.amount_minor for found in rows if found.side == side)


@pytest.mark.long
@settings(max_examples=3, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_rows_behind_each_number_add_up_to_it(seed: int) -> None:
    with lake(tellings(seed, 120)) as connection:
        for quality in read_quality(connection, NOW, TERMS)[:1]:
            contracts = create_views(connection, NOW, TERMS.fed_by)
            for rule in RULES:
                held = [item for item in quality.reconciliations if item.rule == rule.name]
                for verdict in VERDICTS if held else ():
                    tally = held[0].tally(verdict)
                    rows = read_rows(
                        connection, contracts, AS_OF, TERMS, quality.enterprise, rule, verdict
                    )
                    assert len({found.fact for found in rows}) == tally.facts
                    assert amounts(rows, "left") == tally.left_minor
                    assert amounts(rows, "right") == tally.right_minor


def test_a_row_behind_says_where_it_stands() -> None:
    tables = {
        "orders": told("orders", [*BEGIN[:1], order("1", 50, 900)]),
        "payments": told("payments", BEGIN[1:]),
    }
    with lake(tables) as connection:
        (found,) = rows_behind(connection, NOW, TERMS, "E1", "orders-payments:left_only")
    occurred = AS_OF - timedelta(days=50)
    assert found == RowBehind(
        "1", "left", "orders", "1", occurred, occurred, 900, "shop", "platform-observed",
        "orders.csv", 2,
    )  # fmt: skip
