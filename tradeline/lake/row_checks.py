"""Whether rows that were typed before still keep their contract: all checks in one scan.

Used on a lake, whose rows may have been landed under an older contract; a landed file is checked
while it is typed (`source_scan`).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from tradeline.kernel.findings import Finding, Severity, counted
from tradeline.kernel.money import CURRENCIES
from tradeline.lake.contracts import BY_NAME, YEARS, Contract, Field, Kind
from tradeline.lake.reading import rows_sql
from tradeline.lake.records import is_dated, key_columns
from tradeline.lake.sql_text import literal
from tradeline.lake.store import Lake
from tradeline.lake.typing_rules import MINOR_MAX, NUMBER_MAX

WORDS = {
    "missing": "a required field is empty",
    "blank": "a required text is blank",
    "bounds": "a number lies outside its bounds",
    "choices": "a choice is none of those allowed",
    "years": f"a moment lies outside the years {YEARS[0]} to {YEARS[1]}",
    "clocks": "it was recorded before it occurred",
    "currency": "the currency is none of ISO 4217",
    "keys": "the key stands twice in one batch",
}


@dataclass(frozen=True, slots=True)
class RowChecks:
    """How many rows fail each check, by its name in `WORDS`; and how late rows are known.

    `lag_days_p95` is the 95th percentile of whole days from occurrence to record; None without
    clocks or rows.
    """

    rows: int
    failing: Mapping[str, int]
    lag_days_p95: int | None


def check_rows(
    connection: duckdb.DuckDBPyConnection, contract: Contract, relation: str, key: Sequence[str]
) -> RowChecks:
    """Check every row of a relation (SQL) with a contract's columns, in one scan.

    `key` are the columns that no two rows may share. They are told apart by a hash of 64 bits,
    so among 20 million rows a repetition goes unseen once in a hundred thousand times.
    """
    tests = _tests(contract)
    counts = ", ".join(f"count(*) FILTER ({test})" for test in tests.values())
    lag = "histogram(CAST(date_sub('day', occurred_at, recorded_at) AS INTEGER))"
    # A list of all currencies would be searched for each row; there are few in one dataset.
    currencies = "histogram(currency)" if "currency" in contract.columns else "NULL"
    row = connection.execute(
        f"SELECT count(*), count(DISTINCT hash({', '.join(key)})), {currencies}, "
        f"{lag if is_dated(contract) else 'NULL'}, {counts} FROM ({relation})"
    ).fetchone()
    assert row
    rows, keys, paid_in, lags, *failing = row
    found = dict(zip(tests, failing, strict=True)) | {"keys": rows - keys}
    if "currency" in contract.columns:
        strange = (paid_in or {}).keys() - CURRENCIES
        found["currency"] = sum(paid_in[code] for code in strange)
    return RowChecks(rows, found, _p95(lags))


def _tests(contract: Contract) -> dict[str, str]:
    """For each check that the contract needs, the SQL of a row that fails it."""
    # A personal field is empty once its subject was forgotten.
    required = [field for field in contract.fields if field.required and not field.personal]
    tests = {
        "missing": [f"{field.column} IS NULL" for field in required],
        "blank": [f"{field.column} = ''" for field in required if field.sql_type == "VARCHAR"],
        "bounds": [test for field in contract.fields for test in _bounds(field)],
        "choices": [
            f"{field.column} NOT IN ({', '.join(map(literal, field.choices))})"
            for field in contract.fields
            if field.choices
        ],
        "years": [
            f"{field.column} NOT BETWEEN TIMESTAMP '{YEARS[0]}-01-01' AND "
            f"TIMESTAMP '{YEARS[1]}-12-31 23:59:59.999999'"
            for field in contract.fields
            if field.kind is Kind.MOMENT
        ],
        "clocks": ["recorded_at < occurred_at"] if is_dated(contract) else [],
    }
    return {name: " OR ".join(parts) for name, parts in tests.items() if parts}


def _bounds(field: Field) -> list[str]:
    if field.kind not in (Kind.MONEY, Kind.NUMBER, Kind.SHARE):
        return []
    most = MINOR_MAX if field.kind is Kind.MONEY else NUMBER_MAX
    lowest = -most if field.lowest is None else field.lowest
    highest = most if field.highest is None else field.highest
    return [f"{field.column} NOT BETWEEN {lowest:.15g} AND {highest:.15g}"]


def _p95(lags: Mapping[int, int] | None) -> int | None:
    """The smallest lag that 95 % of rows do not exceed."""
    if not lags:
        return None
    wanted, seen = 0.95 * sum(lags.values()), 0
    for lag, rows in sorted(lags.items()):
        seen += rows
        if seen >= wanted:
            return lag
    return max(lags)


def check_lake(lake: Lake, progress: Callable[[str], None]) -> list[Finding]:
    """What rows of a lake fail, dataset by dataset; erased fields are no failure."""
    found = []
    connection = duckdb.connect()
    for contract in BY_NAME.values():
        files = lake.files_of(contract.name)
        if files:
            progress(f"checking rows: {contract.name}")
            key = (*key_columns(contract), "entry")
            checks = check_rows(connection, contract, rows_sql(lake.root, files), key)
            found += _failures(contract, checks)
    return found


def _failures(contract: Contract, checks: RowChecks) -> list[Finding]:
    return [
        Finding(
            f"rows-{name}",
            Severity.ERROR,
            contract.name,
            f"In {counted(rows, 'row')} of {checks.rows:,} {WORDS[name]}.",
            "They were landed under another contract, or written by other means: land corrections.",
            rows,
        )
        for name, rows in checks.failing.items()
        if rows
    ]
