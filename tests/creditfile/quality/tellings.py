"""Small lakes in DuckDB tables: who told what in which entry, for an oracle to walk over."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import duckdb
import numpy as np

from tests.creditfile.features.tables import Row, Tables, create
from tradeline.creditfile.quality.terms import QualityTerms
from tradeline.lake.contracts import BY_NAME, Field, Kind
from tradeline.lake.records import is_dated, key_columns, stored_columns

AS_OF = datetime(2024, 9, 30, 23, 59, 59, 999999)  # noqa: DTZ001  # naive UTC as in the lake
FIRMS = ("E1", "E2", "E3")
LISTED = (*FIRMS, "E4")
ASSURANCES = {
    "erp": "self-declared",
    "copy": "counterparty-confirmed",
    "shop": "platform-observed",
    "buyers": "counterparty-confirmed",
    "tax": "authority-verified",
}
RULES = (
    "orders-payments", "refunds-payments", "orders-deliveries", "orders-invoices",
    "payments-bank", "sales-bank", "purchases-bank",
)  # fmt: skip
TERMS = QualityTerms(
    promise_days=31,
    rhythm_steps_min=3,
    tolerance_minor=1,
    total_tolerance_percent=25,
    window_days=dict.fromkeys(RULES, 20),
    promises={"shop": timedelta(days=2)},
    fed_by={"copy": "erp"},
)
"""The copy has all that it tells from the firm's own books."""


def lake(tables: Mapping[str, Sequence[Row]], threads: int = 1) -> duckdb.DuckDBPyConnection:
    """A connection as a lake gives it: `told_` tables of every contract named, and the firms."""
    connection = duckdb.connect(config={"threads": threads})
    create(connection, "enterprises", [{"enterprise": firm, "name": firm} for firm in LISTED])
    for name, rows in {"enterprises": [], **tables}.items():
        columns = stored_columns(name)
        listed = ", ".join(f"{column} {kind}" for column, kind in columns.items())
        connection.execute(f"CREATE TABLE told_{name} ({listed})")
        if rows:
            unnested = ", ".join(f"unnest(?::{kind}[])" for kind in columns.values())
            values = [[row.get(column) for row in rows] for column in columns]
            connection.execute(f"INSERT INTO told_{name} SELECT {unnested}", values)
    return connection


def told(contract: str, rows: Sequence[Row]) -> list[Row]:
    """Rows as a lake keeps them: entries in order, and which keys had been told before."""
    seen: set[tuple[object, ...]] = set()
    kept: list[Row] = []
    for number, row in enumerate(rows, start=1):
        key = tuple(row[name] for name in key_columns(BY_NAME[contract]))
        source = str(row.get("source", "shop"))
        kept.append(
            {"source": source, "assurance": ASSURANCES[source], "entry": number,
             "source_file": f"{contract}.csv", "source_row": number}
            | row | {"revision": key in seen}
        )  # fmt: skip
        seen.add(key)
    return kept


def tellings(seed: int, rows: int) -> Tables:
    """Random tellings of every contract that is reconciled, many of one key by several sources."""
    random = np.random.default_rng(seed)
    firms = [_firm(random) for _ in range(min(rows, 6))]
    return {"enterprises": told("enterprises", firms)} | {
        name: told(name, [_row(random, name, rows) for _ in range(rows)])
        for name in (
            "sales_invoices", "purchase_invoices", "orders", "payments", "refunds", "deliveries",
            "bank_transactions",
        )
    }  # fmt: skip


def _row(random: np.random.Generator, name: str, rows: int) -> Row:
    contract = BY_NAME[name]
    assert is_dated(contract)
    number = str(int(random.integers(0, max(rows // 2, 1))))
    occurred = AS_OF - timedelta(
        days=int(random.integers(-20, 300)), seconds=int(random.integers(0, 3)) * 40_000
    )
    lag = timedelta(days=int(random.integers(0, 70)), seconds=int(random.integers(0, 9)))
    if random.random() < 0.4:
        lag = timedelta(0)
    row: Row = {field.column: _value(random, field, number, occurred) for field in contract.fields}
    return row | {
        "enterprise": FIRMS[int(number) % 3],
        "source": _pick(random, tuple(ASSURANCES)),
        "occurred_at": occurred,
        "recorded_at": occurred + lag,
    }


def _value(
    random: np.random.Generator, field: Field, number: str, occurred: datetime
) -> str | int | datetime | None:
    """A value of the field's kind: the number where it is one, else one of few."""
    if field.name.endswith("_no"):
        return number
    if not field.required and random.random() < 0.3:
        return None
    match field.kind:
        case Kind.MONEY:
            return int(random.integers(-2 if field.lowest is None else 0, 5)) * 100
        case Kind.MOMENT:
            return occurred + timedelta(days=int(random.integers(0, 3)))
        case Kind.CHOICE:
            return _pick(random, field.choices)
        case Kind.TEXT:
            return _pick(random, "XY")
        case _:
            return int(random.integers(0, 2))


def _firm(random: np.random.Generator) -> Row:
    """What a list of firms says of one, dated by its batch."""
    moment = AS_OF + timedelta(days=int(random.integers(-200, 30)))
    return {
        "enterprise": _pick(random, FIRMS),
        "name": _pick(random, ("Cedar Works", "Alder Works")),
        "country": _pick(random, ("CN", "DE")) if random.random() < 0.8 else None,
        "source": _pick(random, tuple(ASSURANCES)),
        "occurred_at": moment,
        "recorded_at": moment,
    }


def _pick(random: np.random.Generator, values: Sequence[str]) -> str:
    return values[int(random.integers(len(values)))]
