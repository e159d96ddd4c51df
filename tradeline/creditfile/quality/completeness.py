"""Completeness in itself: months without records, and optional fields that are filled."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import duckdb

from tradeline.creditfile.quality.terms import QualityTerms
from tradeline.creditfile.quality.told import view
from tradeline.lake.contracts import Contract
from tradeline.lake.reading import parsed

# What a firm at work has month after month; refunds, reviews or lawsuits may well be absent.
STEADY = frozenset((
    "sales_invoices", "purchase_invoices", "orders", "order_lines", "payments", "deliveries",
    "shipments", "bank_transactions", "tax_returns", "utility_use", "production_output",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Months without records in one steady dataset of a firm, all sources taken together.

    `rows_by_month` counts the records that stand in each calendar month from `first_month` to the
    last that is over as of the date. `step_months` is the firm's usual step from a month with
    records to the next; silent months beyond it are `months_missing`. Both are None where too few
    steps are known to speak of a rhythm.
    """

    contract: str
    first_month: date
    rows_by_month: tuple[int, ...]
    step_months: int | None
    months_missing: int | None

    @property
    def missing(self) -> tuple[bool, ...]:
        """For each month whether it is silent beyond the rhythm."""
        silent, marks = 0, []
        for rows in self.rows_by_month:
            silent = 0 if rows else silent + 1
            marks.append(self.step_months is not None and silent >= self.step_months)
        return tuple(marks)


@dataclass(frozen=True, slots=True)
class Filled:
    """How many rows that a source last told of a firm fill an optional field."""

    contract: str
    source: str
    field: str
    rows: int
    filled: int

    @property
    def share(self) -> float:
        """The share of rows that fill it."""
        return self.filled / self.rows


def read_rhythms(
    connection: duckdb.DuckDBPyConnection,
    contracts: Sequence[Contract],
    as_of: datetime,
    terms: QualityTerms,
) -> dict[str, list[Rhythm]]:
    """By firm, the rhythms of each steady dataset; none where no month with records is over yet."""
    end = month_number(as_of.date() + timedelta(days=1))
    found: dict[str, list[Rhythm]] = {}
    for contract in contracts:
        if contract.name not in STEADY:
            continue
        sql = _rhythms_sql(contract, end, terms.rhythm_steps_min)
        for firm, numbers, counts, rhythm, missing in connection.execute(parsed(sql)).fetchall():
            by_month = dict(zip(numbers, counts, strict=True))
            months = tuple(by_month.get(number, 0) for number in range(numbers[0], end))
            first = date(numbers[0] // 12, numbers[0] % 12 + 1, 1)
            record = Rhythm(contract.name, first, months, rhythm, missing)
            found.setdefault(firm, []).append(record)
    return found


def month_number(day: date) -> int:
    """Calendar months counted on from the year 0."""
    return day.year * 12 + day.month - 1


def _rhythms_sql(contract: Contract, end: int, steps_min: int) -> str:
    """Silent months of a step are its length less the rhythm; the step under way counts too."""
    return (
        "WITH months AS (SELECT enterprise, number, count(*) AS rows FROM (SELECT enterprise, "
        "year(occurred_at) * 12 + month(occurred_at) - 1 AS number "
        f"FROM {view(contract)} WHERE stands) WHERE number < {end} GROUP BY enterprise, number), "
        "steps AS (SELECT *, number - lag(number) OVER (PARTITION BY enterprise ORDER BY number) "
        "AS step FROM months), "
        "usual AS (SELECT enterprise, list(number ORDER BY number) AS numbers, "
        "list(rows ORDER BY number) AS counts, list(step) AS steps, "
        f"CASE WHEN count(step) >= {steps_min} THEN quantile_disc(step, 0.5) END AS rhythm "
        "FROM steps GROUP BY enterprise) "
        "SELECT enterprise, numbers, counts, rhythm, CAST(list_sum(list_transform("
        f"list_append(steps, {end} - numbers[-1]), "
        "lambda step: CASE WHEN step > rhythm THEN step - rhythm WHEN rhythm IS NOT NULL THEN 0 END"
        ")) AS BIGINT) FROM usual ORDER BY enterprise"
    )


def read_filled(
    connection: duckdb.DuckDBPyConnection, contracts: Sequence[Contract]
) -> dict[str, list[Filled]]:
    """By firm, a record for each dataset, source and optional field, in that order."""
    found: dict[str, list[Filled]] = {}
    for contract in contracts:
        fields = [field.column for field in contract.fields if not field.required]
        counts = ", ".join(["count(*)", *(f"count({name})" for name in fields)])
        sql = (
            f"SELECT enterprise, source, {counts} FROM {view(contract)} WHERE last_told "
            "GROUP BY enterprise, source ORDER BY enterprise, source"
        )
        for firm, source, rows, *filled in (
            connection.execute(parsed(sql)).fetchall() if fields else ()
        ):
            records = found.setdefault(firm, [])
            for field, count in zip(fields, filled, strict=True):
                records.append(Filled(contract.name, source, field, rows, count))
    return found
