"""Small markets in DuckDB tables: rows as dictionaries, so that an oracle can walk over them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import duckdb
import numpy as np

from tradeline.lake.contracts import BY_NAME

Row = dict[str, object]
Tables = dict[str, list[Row]]

FIRMS = ("E1", "E2", "E3", "E9")  # E4 has no rows, E9 is not listed
LISTED = ("E3", "E1", "E4", "E2")
PARTIES = ("E1", "E2", "E9", "D")  # with whom they trade; nobody knows D


def connect(tables: Mapping[str, Sequence[Row]], threads: int = 1) -> duckdb.DuckDBPyConnection:
    """A database of the tables, and of the listed firms unless the tables list others.

    If a row says when it was superseded, every table has that column.
    """
    connection = duckdb.connect(config={"threads": threads})
    listed: list[Row] = [{"enterprise": firm, "name": firm} for firm in LISTED]
    versioned = any("superseded_at" in row for rows in tables.values() for row in rows)
    for name, rows in {"enterprises": listed, **tables}.items():
        create(connection, name, rows, versioned)
    return connection


def create(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    rows: Sequence[Row],
    versioned: bool = False,
) -> None:
    """One table with its contract's columns; what a row does not name is NULL."""
    types = {field.column: field.sql_type for field in BY_NAME[name].fields}
    if versioned:
        types["superseded_at"] = "TIMESTAMP"
    columns = ", ".join(f"{column} {sql_type}" for column, sql_type in types.items())
    connection.execute(f"CREATE TABLE {name} ({columns})")
    if rows:
        unnested = ", ".join(f"unnest(?::{sql_type}[])" for sql_type in types.values())
        values = [[row.get(column) for row in rows] for column in types]
        connection.execute(f"INSERT INTO {name} SELECT {unnested}", values)


def market(seed: int, rows: int, as_of: datetime) -> Tables:
    """Random rows of the datasets of trade around `as_of`, some of them later or known later."""
    random = np.random.default_rng(seed)
    return {
        "sales_invoices": [_invoice(random, as_of, number) for number in range(rows)],
        "purchase_invoices": [_invoice(random, as_of, number) for number in range(rows // 2)],
        "orders": [_order(random, as_of, number) for number in range(rows)],
        "order_lines": [_line(random, as_of, number) for number in range(rows // 2)],
        "payments": [_amount(random, as_of, "payment_no", n) for n in range(rows // 3)],
        "refunds": [_amount(random, as_of, "refund_no", n) for n in range(rows // 8)],
        "deliveries": [_delivery(random, as_of, number) for number in range(rows // 2)],
        "reviews": [_review(random, as_of, number) for number in range(rows // 2)],
        "bank_transactions": [_entry(random, as_of, number) for number in range(rows)],
    }


def known_market(seed: int, rows: int, as_of: datetime) -> Tables:
    """The same, and what registers, courts, tax office, lenders and meters told."""
    random = np.random.default_rng([seed, 1])
    told = {
        name: [make(random, as_of, n) for n in range(rows // 3)] for name, make in RECORDS.items()
    }
    return market(seed, rows, as_of) | told


def _pick(random: np.random.Generator, values: Sequence[str]) -> str:
    return values[int(random.integers(len(values)))]


def _clocks(random: np.random.Generator, as_of: datetime) -> Row:
    age = int(random.integers(-40, 1200) * random.random())
    seconds = int(random.integers(0, 86_400)) if random.random() < 0.5 else 0
    occurred = as_of - timedelta(days=age, seconds=seconds)
    delay = int(random.integers(0, 60)) if random.random() < 0.2 else 0
    recorded = occurred + timedelta(days=delay)
    return {
        "enterprise": _pick(random, FIRMS),
        "occurred_at": occurred,
        "recorded_at": recorded,
        "currency": "CNY",
    }


def _money(random: np.random.Generator, negative: float) -> int:
    sign = -1 if random.random() < negative else 1
    rounded = 1_000_00 if random.random() < 0.3 else 1
    return sign * int(random.integers(0, 9)) * rounded * int(random.integers(1, 9))


def _invoice(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    gross = _money(random, 0.2)
    tax = gross // 10
    return _clocks(random, as_of) | {
        "invoice_no": str(number),
        "counterparty": _pick(random, PARTIES),
        "net_minor": gross - tax,
        "tax_minor": tax,
        "gross_minor": gross,
        "status": "void" if random.random() < 0.2 else "valid",
    }


def _order(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    return _clocks(random, as_of) | {
        "order_no": str(number),
        "counterparty": _pick(random, PARTIES),
        "gross_minor": _money(random, 0),
        "status": _pick(random, ("placed", "shipped", "delivered", "cancelled")),
    }


def _line(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    quantity = int(random.integers(-2, 5))
    return _clocks(random, as_of) | {
        "order_no": str(number),
        "line_no": "1",
        "product": _pick(random, "XYZ"),
        "quantity": float(quantity),
        "gross_minor": quantity * 990,
    }


def _amount(random: np.random.Generator, as_of: datetime, key: str, number: int) -> Row:
    return _clocks(random, as_of) | {
        key: str(number),
        "order_no": str(number),
        "amount_minor": _money(random, 0),
    }


def _delivery(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    row = _clocks(random, as_of)
    occurred = row["occurred_at"]
    assert isinstance(occurred, datetime)
    promised = occurred + timedelta(days=int(random.integers(-3, 3)))
    return row | {
        "delivery_no": str(number),
        "order_no": str(number),
        "promised_at": promised if random.random() < 0.7 else None,
        "status": _pick(random, ("delivered", "returned", "lost")),
    }


def _review(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    return _clocks(random, as_of) | {
        "review_no": str(number),
        "order_no": str(number),
        "stars": int(random.integers(2, 11)) / 2,
    }


def _entry(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    return _clocks(random, as_of) | {
        "transaction_no": str(number),
        "counterparty": _pick(random, "ABC") if random.random() < 0.8 else None,
        "amount_minor": _money(random, 0.4),
        "balance_minor": _money(random, 0.4) if random.random() < 0.8 else None,
    }


def _registration(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    founded = as_of - timedelta(days=int(random.integers(0, 4000)))
    return _clocks(random, as_of) | {
        "registration_no": str(number),
        "legal_form": "limited_company",
        "status": _pick(random, ("active", "active", "active", "suspended", "deregistered")),
        "registered_capital_minor": _money(random, 0) if random.random() < 0.8 else None,
        "incorporated_on": founded if random.random() < 0.8 else None,
    }


def _owner(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    return _clocks(random, as_of) | {
        "owner_no": _pick(random, "XYZ"),
        "owner": "Kite Ltd",
        "owner_kind": "company",
        "owned_share": float(random.integers(0, 5)) / 4,
    }


def _return(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    row = _clocks(random, as_of)
    due = _money(random, 0.1)
    return row | {
        "tax_kind": "value_added",
        "period_start": row["occurred_at"],
        "period_end": row["occurred_at"],
        "turnover_minor": 10 * due,
        "tax_due_minor": due,
        "tax_paid_minor": due if random.random() < 0.7 else 0,
        "status": _pick(random, ("filed", "filed", "late")),
    }


def _case(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    return _clocks(random, as_of) | {
        "case_no": str(number),
        "role": _pick(random, ("plaintiff", "defendant", "debtor")),
        "case_kind": _pick(random, ("contract", "debt", "enforcement")),
        "amount_claimed_minor": _money(random, 0) if random.random() < 0.8 else None,
        "status": _pick(random, ("filed", "decided", "settled", "closed")),
    }


def _certificate(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    until = as_of + timedelta(days=int(random.integers(-300, 600)))
    return _clocks(random, as_of) | {
        "certificate_no": str(number),
        "certificate_kind": "ISO 9001",
        "valid_until": until if random.random() < 0.8 else None,
        "status": _pick(random, ("valid", "valid", "expired", "revoked")),
    }


def _loan(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    row = _clocks(random, as_of)
    return row | {
        "loan_no": _pick(random, "123"),
        "principal_minor": 9_000_00,
        "outstanding_minor": _money(random, 0),
        "drawn_at": row["occurred_at"],
        "due_at": row["occurred_at"],
        "days_past_due": float(random.integers(0, 90)) if random.random() < 0.7 else None,
        "status": _pick(random, ("current", "late", "repaid")),
    }


def _instalment(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    due = _money(random, 0)
    return _clocks(random, as_of) | {
        "loan_no": _pick(random, "123"),
        "instalment_no": str(number),
        "amount_due_minor": due,
        "amount_paid_minor": due if random.random() < 0.7 else 0,
    }


def _obligation(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    return _clocks(random, as_of) | {
        "obligation_no": _pick(random, "123"),
        "creditor": _pick(random, "KL"),
        "obligation_kind": "loan",
        "amount_minor": 9_000_00,
        "outstanding_minor": _money(random, 0),
        "status": _pick(random, ("current", "current", "late", "defaulted")),
    }


def _use(random: np.random.Generator, as_of: datetime, number: int) -> Row:
    row = _clocks(random, as_of)
    return row | {
        "meter_no": "1",
        "utility": _pick(random, ("power", "power", "water")),
        "period_start": row["occurred_at"],
        "period_end": row["occurred_at"],
        "used": float(random.integers(0, 9000)) / 8,
    }


RECORDS = {
    "registrations": _registration,
    "owners": _owner,
    "tax_returns": _return,
    "court_cases": _case,
    "certificates": _certificate,
    "loans": _loan,
    "loan_payments": _instalment,
    "obligations": _obligation,
    "utility_use": _use,
}
