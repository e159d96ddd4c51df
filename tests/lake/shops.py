"""A small shop in CSV files, and the landing of it under changed mappings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from tradeline.lake.landing import Landing, land
from tradeline.lake.mapping import parse_mapping

LINES: dict[str, Any] = {
    "file": "lines.csv",
    "contract": "order_lines",
    "recorded_at": "occurred_at",
    "columns": {
        "enterprise": "seller",
        "order_no": "order",
        "product": "sku",
        "quantity": "pieces",
        "occurred_at": "day",
    },
    "numbered": {"line_no": ["order", "seller"]},
    "amounts": {"gross": {"multiply": ["pieces", "price"]}},
}
ORDERS: dict[str, Any] = {
    "file": "lines.csv",
    "contract": "orders",
    "recorded_at": "occurred_at",
    "group": ["order", "seller"],
    "columns": {
        "enterprise": "seller",
        "order_no": "order",
        "counterparty": "order",
        "occurred_at": "day",
    },
    "constants": {"status": "placed"},
    "amounts": {"gross": {"multiply": ["pieces", "price"]}},
}
PAYMENTS: dict[str, Any] = {
    "file": "payments.csv",
    "contract": "payments",
    "recorded_at": "occurred_at",
    "columns": {"payment_no": "no", "order_no": "order", "amount": "paid"},
    "lookup": {
        "file": "lines.csv",
        "match": {"order": "order"},
        "each": "seller",
        "columns": {"enterprise": "seller", "occurred_at": "day"},
        "split": {"amount": {"multiply": ["pieces", "price"]}},
    },
}
LINES_CSV = """seller,order,sku,pieces,price,day
S1,1,a,1,10.00,2024-01-05
S2,1,b,2,10.00,2024-01-06
S1,1,a,-1,2.50,2024-01-07
S1,2,c,3,0.335,2024-01-08
"""
PAYMENTS_CSV = "no,order,paid\n1,1,27.50\n2,2,1.01\n"


def read(
    folder: Path,
    *sources: Mapping[str, object],
    lines: str = LINES_CSV,
    payments: str = PAYMENTS_CSV,
    currency: str = "EUR",
) -> Landing:
    """The shop landed under these sources."""
    (folder / "lines.csv").write_text(lines, encoding="utf-8")
    (folder / "payments.csv").write_text(payments, encoding="utf-8")
    mapping = parse_mapping({"currency": currency, "sources": list(sources)}, "tradeline.yaml")
    return land(duckdb.connect(), folder, mapping, lambda _: None)


def rows(landing: Landing, query: str) -> list[tuple[object, ...]]:
    return landing.connection.execute(query).fetchall()


def refusals(landing: Landing) -> list[tuple[object, ...]]:
    return rows(landing, "SELECT file_row, code, reason FROM refused ORDER BY ALL")


def counts(landing: Landing) -> list[tuple[int, ...]]:
    """Of each source: rows, left out, read, accepted, refused."""
    return [(c.rows, c.left_out, c.read, c.accepted, c.refused) for c in landing.counts]
