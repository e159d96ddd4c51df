"""Sales come out of the credit file as they were known, refunds on the day they were given."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.creditfile.file.tellings import subject_of, told
from tradeline.creditfile.file.subject import Subject
from tradeline.kernel.findings import InputProblem
from tradeline.lake.contracts import BY_NAME
from tradeline.lending.revenue_share.collection import Sale
from tradeline.lending.revenue_share.platform_sales import platform_sales

MARCH = datetime.fromisoformat("2026-03-31T23:59:59")


def order(number: int, status: str = "delivered", **other: Any) -> dict[str, Any]:
    at = datetime(2026, 3, number, 20)  # noqa: DTZ001
    row = {
        "enterprise": "E1", "order_no": str(number), "counterparty": "b", "currency": "CNY",
        "gross_minor": 1_000 * number, "status": status, "occurred_at": at, "recorded_at": at,
    }  # fmt: skip
    return row | other


def refund(day: int, of: int) -> dict[str, Any]:
    at = datetime(2026, 3, day, 9)  # noqa: DTZ001
    return {
        "enterprise": "E1", "refund_no": f"r{day}", "order_no": str(of), "amount_minor": 700,
        "currency": "CNY", "occurred_at": at, "recorded_at": at,
    }  # fmt: skip


def subject(orders: list[dict[str, Any]], refunds: list[dict[str, Any]]) -> Subject:
    tables = {
        "orders": told(BY_NAME["orders"], orders),
        "refunds": told(BY_NAME["refunds"], refunds),
    }
    return subject_of(tables, MARCH, MARCH)


def test_orders_and_refunds_are_sales_by_their_days() -> None:
    found = platform_sales(
        subject([order(2), order(1), order(3, "cancelled")], [refund(9, 1)]), "CNY"
    )
    assert found == (
        Sale(date(2026, 3, 1), 1_000),
        Sale(date(2026, 3, 2), 2_000),
        Sale(date(2026, 3, 9), 700, refund=True),
    )


def test_what_was_not_known_by_then_is_not_seen() -> None:
    late = order(4, recorded_at=datetime.fromisoformat("2026-04-02T00:00:00"))
    assert platform_sales(subject([order(1), late], []), "CNY") == (Sale(date(2026, 3, 1), 1_000),)


def test_sales_in_another_currency_are_refused() -> None:
    with pytest.raises(InputProblem) as refusal:
        platform_sales(subject([order(1), order(2, currency="USD")], []), "CNY")
    assert str(refusal.value).endswith(
        "There are sales in USD, and the loan is in CNY. Agree on a loan in the currency of the "
        "sales, or on how they are converted."
    )


def test_an_enterprise_without_sales_has_none() -> None:
    assert platform_sales(subject([], []), "CNY") == ()
