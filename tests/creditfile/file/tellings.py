"""Random tellings of every contract in DuckDB tables: several sources, corrections, currencies."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import duckdb
import numpy as np

from tests.creditfile.quality.tellings import ASSURANCES, TERMS
from tradeline.creditfile.file.links import Members
from tradeline.creditfile.file.registers import PUBLIC
from tradeline.creditfile.file.registers import Told as Registered
from tradeline.creditfile.file.subject import Subject, prepared
from tradeline.lake.contracts import BY_NAME, CONTRACTS, Contract, Field, Kind
from tradeline.lake.reading import Moment
from tradeline.lake.records import key_columns, stored_columns

__all__ = ["AS_OF", "LATER", "TERMS", "subject_of", "tellings", "told"]

Told = dict[str, Any]
AS_OF = datetime(2024, 9, 30, 23, 59, 59, 999999)  # noqa: DTZ001  # naive UTC as in the lake
LATER = datetime(2024, 12, 31, 23, 59, 59, 999999)  # noqa: DTZ001
FIRM = "E1"
PARTNERS = ("X", "Y")
OF_FIRMS = tuple(c for c in CONTRACTS if "enterprise" in c.columns and c.name != "disputes")


def tellings(seed: int, rows: int, firms: Sequence[str] = (FIRM,)) -> dict[str, list[Told]]:
    """Rows of firms in every contract, a third of them told again and otherwise.

    All use the same numbers. Of several firms every other tells a third of the rows of the first
    alike, at another time. Registers tell of two of their partners, too.
    """
    random = np.random.default_rng(seed)
    tables = {}
    for contract in OF_FIRMS:
        made: list[Told] = []
        for firm in firms:
            own = [_row(random, contract, number) for number in range(rows)]
            if firm != firms[0]:
                own = [_alike(random, row, made[n]) for n, row in enumerate(own)]
            again = [_again(random, contract, row) for row in own if random.random() < 0.35]
            made += [row | {"enterprise": firm} for row in (*own, *again)]
        if contract.name in PUBLIC:
            made += [
                _row(random, contract, n) | {"enterprise": partner}
                for partner in PARTNERS
                for n in range(3)
            ]
        tables[contract.name] = told(contract, made)
    return tables


def _alike(random: np.random.Generator, row: Told, first: Told) -> Told:
    if random.random() > 0.3:
        return row
    return first | {"recorded_at": first["recorded_at"] + timedelta(days=int(random.integers(9)))}


def told(contract: Contract, rows: Sequence[Told]) -> list[Told]:
    """Rows as a lake keeps them: entries in order, hashes, and which keys had been told before."""
    seen: set[tuple[Any, ...]] = set()
    kept = []
    for entry, row in enumerate(rows, start=1):
        key = tuple(row[name] for name in key_columns(contract))
        source = str(row.get("source", "shop"))
        stamps = {"source": source, "assurance": ASSURANCES[source], "batch": f"b{entry}",
                  "entry": entry, "revision": key in seen, "source_file": f"{contract.name}.csv",
                  "source_row": entry,
                  "row_hash": hashlib.sha256(repr(row).encode()).digest()}  # fmt: skip
        kept.append(dict.fromkeys(stored_columns(contract.name)) | stamps | row)
        seen.add(key)
    return kept


def subject_of(
    tables: Mapping[str, Sequence[Told]],
    as_of: datetime,
    known_at: datetime,
    firms: tuple[str, ...] = (FIRM,),
) -> Subject:
    """The rows of firms that are one as known by a moment; a personal value is plain here."""
    connection = _told_tables(tables, known_at, firms)

    def others(names: Collection[str], only: Collection[str]) -> Registered:
        there = {name: tables[name] for name in only if name in tables}
        return _told_tables(there, known_at, names), tuple(there)

    moment = Moment(as_of, known_at)
    return prepared(firms[0], Members(firms), moment, connection, tuple(tables), others)


def _told_tables(
    tables: Mapping[str, Sequence[Told]], known_at: datetime, firms: Collection[str]
) -> duckdb.DuckDBPyConnection:
    """A connection with tables `told_` of what was told of firms by a moment."""
    connection = duckdb.connect(config={"threads": 1})
    for name, every in tables.items():
        rows = [r for r in every if r["recorded_at"] <= known_at and r["enterprise"] in firms]
        types = dict(stored_columns(name))
        types |= {f.column: f.sql_type for f in BY_NAME[name].fields}
        if BY_NAME[name].personal_columns:
            types["erased"] = "BOOLEAN"
        listed = ", ".join(f"{column} {kind}" for column, kind in types.items())
        connection.execute(f"CREATE TEMP TABLE told_{name} ({listed})")
        if rows:
            unnested = ", ".join(f"unnest(?::{kind}[])" for kind in types.values())
            values = [[row.get(c, False if c == "erased" else None) for row in rows] for c in types]
            connection.execute(f"INSERT INTO told_{name} SELECT {unnested}", values)
    return connection


def _row(random: np.random.Generator, contract: Contract, number: int) -> Told:
    """A row of a contract; amounts are few, so that equal ones are common."""
    days = int(random.integers(-40, 1100) * random.random())
    occurred = AS_OF - timedelta(days=days, seconds=int(random.integers(86_400)))
    late = timedelta(days=int(random.integers(0, 90)))
    recorded = occurred + late * int(random.random() < 0.3)
    row = {field.column: _value(random, field, occurred, number) for field in contract.fields}
    source = str(random.choice(list(ASSURANCES)))
    clocks = {"occurred_at": occurred, "recorded_at": recorded}
    return row | clocks | {"enterprise": FIRM, "source": source}


def _again(random: np.random.Generator, contract: Contract, row: Told) -> Told:
    """Another telling of a row's key: other values, by anybody, recorded at another time."""
    other = _row(random, contract, 0)
    keys = (*key_columns(contract), "occurred_at")
    later = row["recorded_at"] + timedelta(days=int(random.integers(-3, 120)), seconds=1)
    return other | {name: row[name] for name in keys} | {"recorded_at": later}


def _value(random: np.random.Generator, field: Field, occurred: datetime, number: int) -> Any:
    if field.name == "currency":
        return str(random.choice(["CNY", "EUR"]))
    if field.name.endswith("_no"):
        return str(number if random.random() < 0.7 else number // 3)
    if not field.required and random.random() < 0.3:
        return None
    low = -3 if field.lowest is None else 0
    match field.kind:
        case Kind.MONEY:
            return int(random.integers(low, 9)) * 50
        case Kind.MOMENT:
            return occurred + timedelta(days=int(random.integers(-400, 400)))
        case Kind.NUMBER:
            return float(random.integers(low, 6)) + float(random.choice([0, 0.5, 0.125]))
        case Kind.SHARE:
            return float(random.choice([0, 0.25, 1]))
        case Kind.FLAG:
            return bool(random.integers(2))
        case _:
            return str(random.choice(field.choices or ("X", "Y", "Z")))
