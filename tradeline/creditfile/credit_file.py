"""The credit file of each enterprise as of a moment: who it is, its trade, how well it is known.

Everything stands on rows that had occurred and were recorded by then. Money is integer minor
units with tax; void invoices and cancelled orders do not count, reversals do. Where no sales
invoice of anybody was known by then, sales are orders.
"""

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb

from tradeline.creditfile.features.applications import apply_all
from tradeline.creditfile.features.compute import erased_firms
from tradeline.creditfile.features.firms import present_tables, read_enterprises
from tradeline.creditfile.features.statement import begun, checked, known
from tradeline.creditfile.file.declaration import MONTHS_SHOWN, PARTNERS_SHOWN
from tradeline.creditfile.file.of_trade import BOUGHT, ORDERED, SOLD, YEAR
from tradeline.creditfile.file.row_sql import meets_sql
from tradeline.creditfile.industry import OTHER, Industry, industry_of
from tradeline.creditfile.quality.record import Quality, quality_table, read_quality
from tradeline.creditfile.quality.terms import QualityTerms
from tradeline.kernel.findings import Finding, Severity
from tradeline.kernel.hashing import canonical_json
from tradeline.kernel.moments import naive_utc
from tradeline.lake.contracts import BY_NAME, CONTRACTS
from tradeline.lake.reading import Moment
from tradeline.lake.sealing import plainly

ERASED = "erased"
SECOND_NAMES = "contract = 'enterprises' AND code = 'repeated-key'"
MICROSECONDS_PER_DAY = 86_400_000_000
CLOCKED = tuple(c.name for c in CONTRACTS if {"enterprise", "recorded_at"} <= set(c.columns))
# Which rows count as trade: as in the file that its subject reads, declared once.
COUNTS = {
    rows.contract: " AND ".join(map(meets_sql, rows.where)) for rows in (SOLD, BOUGHT, ORDERED)
}
# What others say of the firm is no record of what it does.
NOT_TRADE = {"outcomes", "registrations", "owners", "court_cases", "certificates", "patents",
             "loans", "loan_payments", "guarantors", "obligations", "disputes",
             "trade_disputes"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MonthOfTrade:
    """Sales and purchases of one calendar month; `month` is its first day."""

    month: date
    sales_minor: int
    purchases_minor: int


@dataclass(frozen=True, slots=True)
class Counterparty:
    """One buyer or supplier: its amount, and its share of all those with a positive amount."""

    name: str
    amount_minor: int
    share: float


@dataclass(frozen=True, slots=True)
class DatasetCoverage:
    """How complete and timely one dataset is for the firm.

    `first` and `last` are moments of occurrence (naive UTC) and `lag_days_median` how many days
    later rows were recorded; all three are None without rows.
    """

    contract: str
    rows: int
    first: datetime | None
    last: datetime | None
    lag_days_median: float | None


@dataclass(frozen=True, slots=True)
class CreditFile:
    """One enterprise as of a moment (naive UTC).

    `months` are calendar months without gaps, from the first to the last with trade, of the 36
    that end with that of `as_of`. `buyers` and `suppliers` are the five largest of the twelve
    months before the day after `as_of`, largest first. `datasets` are those of which anybody's
    row was known by then; `quality` measures them.
    """

    enterprise: str
    name: str
    country: str
    industry: Industry
    months: tuple[MonthOfTrade, ...]
    buyers: tuple[Counterparty, ...]
    suppliers: tuple[Counterparty, ...]
    datasets: tuple[DatasetCoverage, ...]
    quality: Quality
    flags: tuple[Finding, ...]
    as_of: datetime


@dataclass(frozen=True, slots=True)
class _Identity:
    """What one row of an enterprises file says of a firm."""

    name: str
    industry: str
    country: str
    where: str
    erased: bool = False


def read_credit_files(
    connection: duckdb.DuckDBPyConnection, as_of: datetime, terms: QualityTerms
) -> tuple[CreditFile, ...]:
    """The credit file of every firm in `enterprises`, sorted by enterprise.

    A naive `as_of` is UTC; `terms` are what the quality of the data is held against. Raises
    `InputProblem` without a table of enterprises, and where a personal value is erased; from a
    connection that shows what is erased, the file says so in place of the name.
    """
    enterprises = read_enterprises(connection)
    moment = naive_utc(as_of)
    apply_all(connection, moment)
    qualities = read_quality(connection, Moment(moment, moment), terms)
    with plainly():
        identities = _identities(connection)
    unknown_names = erased_firms(connection, "refused", SECOND_NAMES)
    coverage = _coverage(connection, moment)
    sides = _sides(coverage)
    months = _months(connection, moment, sides)
    partners = _partners(connection, sides)
    files = []
    for firm, quality in zip(enterprises, qualities, strict=True):
        first, *others = identities[firm]
        datasets = tuple(
            rows.get(firm, DatasetCoverage(name, 0, None, None, None))
            for name, rows in coverage.items()
        )
        files.append(
            CreditFile(
                enterprise=firm,
                name=first.name,
                country=first.country,
                industry=_industry(first),
                months=without_gaps(months[firm]),
                buyers=tuple(partners["sales", firm]),
                suppliers=tuple(partners["purchases", firm]),
                datasets=datasets,
                quality=quality,
                flags=(
                    *_second_names(firm, first, others),
                    *_erased(firm, first.erased or firm in unknown_names),
                    *_no_records(firm, datasets, moment),
                ),
                as_of=moment,
            )
        )
    return tuple(files)


def _identities(connection: duckdb.DuckDBPyConnection) -> dict[str, list[_Identity]]:
    """What rows of enterprises say of each firm, the first row first.

    Landing keeps a firm's first row and refuses the others; they still tell of another name.
    """
    fields = "enterprise, name, coalesce(industry, ''), coalesce(country, '')"
    gone = erased_firms(connection, "enterprises")
    query = f"SELECT {fields}, 'enterprises' FROM enterprises"
    found = connection.execute(query).fetchall()
    if "refused" in present_tables(connection):
        struct = ", ".join(f"{name} VARCHAR" for name in BY_NAME["enterprises"].columns)
        found += connection.execute(
            f"WITH said AS (SELECT CAST(content AS STRUCT({struct})) AS row, source, file_row, "
            "file || ' row ' || file_row AS place FROM refused "
            f"WHERE {SECOND_NAMES} AND content IS NOT NULL) "
            f"SELECT {fields}, place FROM (SELECT unnest(row), source, file_row, place FROM said) "
            "ORDER BY source, file_row"
        ).fetchall()
    identities: dict[str, list[_Identity]] = defaultdict(list)
    for firm, name, industry, country, where in found:
        shown = ERASED if firm in gone else name
        identities[firm].append(_Identity(shown, industry, country, where, firm in gone))
    return identities


def _industry(identity: _Identity) -> Industry:
    """The industry; of an erased name nobody knows what trade it told."""
    if identity.erased and not identity.industry.strip():
        return Industry(OTHER, "erased")
    return industry_of(identity.name, identity.industry)


def _erased(firm: str, erased: bool) -> Iterator[Finding]:
    if erased:
        yield Finding(
            ERASED,
            Severity.NOTE,
            firm,
            "Names were erased: what they told, this file does not know.",
            "",
        )


def _coverage(
    connection: duckdb.DuckDBPyConnection, moment: datetime
) -> dict[str, dict[str, DatasetCoverage]]:
    """By contract and firm, what was known to its application; no entry for what had not begun."""
    tables = present_tables(connection)
    had_begun = [name for name in CLOCKED if name in tables and _begun(connection, name, moment)]
    if not had_begun:
        return {}
    parts = [
        f"SELECT '{name}' AS contract, enterprise, COUNT(*) AS n, MIN(occurred_at) AS first, "
        "MAX(occurred_at) AS last, "
        "MEDIAN(DATE_DIFF('microsecond', occurred_at, recorded_at)) AS lag "
        f"FROM known_{name} GROUP BY enterprise"
        for name in had_begun
    ]
    coverage: dict[str, dict[str, DatasetCoverage]] = {name: {} for name in had_begun}
    rows = _rows(connection, had_begun, " UNION ALL ".join(parts), {})
    for contract, firm, count, first, last, lag in rows:
        days = lag / MICROSECONDS_PER_DAY
        coverage[contract][firm] = DatasetCoverage(contract, count, first, last, days)
    return coverage


def _begun(connection: duckdb.DuckDBPyConnection, contract: str, moment: datetime) -> bool:
    """Whether anybody's row of a contract was known by the moment."""
    row = connection.execute(begun(contract)).fetchone()
    return row is not None and row[0] is not None and row[0] <= moment


def _sides(held: Container[str]) -> dict[str, str]:
    """Which contract tells of sales and which of purchases, where one does."""
    sales = "sales_invoices" if "sales_invoices" in held else "orders"
    wanted = {"sales": sales, "purchases": "purchase_invoices"}
    return {side: contract for side, contract in wanted.items() if contract in held}


def _months(
    connection: duckdb.DuckDBPyConnection, moment: datetime, sides: Mapping[str, str]
) -> dict[str, list[MonthOfTrade]]:
    """By firm, the months with trade, in order."""
    months: dict[str, list[MonthOfTrade]] = defaultdict(list)
    if not sides:
        return months
    parts = [
        f"SELECT enterprise, CAST(DATE_TRUNC('month', day) AS DATE) AS month, "
        f"{'gross_minor' if side == 'sales' else '0'} AS sales, "
        f"{'gross_minor' if side == 'purchases' else '0'} AS purchases "
        f"FROM known_{contract} WHERE {COUNTS[contract]} AND day >= :since"
        for side, contract in sides.items()
    ]
    select = (
        "SELECT enterprise, month, SUM(sales), SUM(purchases) "
        f"FROM ({' UNION ALL '.join(parts)}) AS trade GROUP BY enterprise, month ORDER BY month"
    )
    parameters = {"since": months_before(moment.date(), MONTHS_SHOWN - 1)}
    for firm, *month in _rows(connection, sides.values(), select, parameters):
        months[firm].append(MonthOfTrade(*month))
    return months


def _partners(
    connection: duckdb.DuckDBPyConnection, sides: Mapping[str, str]
) -> dict[tuple[str, str], list[Counterparty]]:
    """By side and firm, the largest counterparties, largest first, then by name."""
    partners: dict[tuple[str, str], list[Counterparty]] = defaultdict(list)
    if not sides:
        return partners
    parts = [
        f"SELECT '{side}' AS side, enterprise, counterparty, SUM(gross_minor) AS amount "
        f"FROM known_{contract} WHERE {COUNTS[contract]} AND counterparty IS NOT NULL "
        f"AND age_months < {YEAR.months} "
        "GROUP BY enterprise, counterparty HAVING SUM(gross_minor) > 0"
        for side, contract in sides.items()
    ]
    firm = "PARTITION BY side, enterprise"
    select = (
        "SELECT side, enterprise, counterparty, amount, total FROM (SELECT *, "
        f"SUM(amount) OVER ({firm}) AS total, "
        f"ROW_NUMBER() OVER ({firm} ORDER BY amount DESC, counterparty) AS place "
        f"FROM ({' UNION ALL '.join(parts)}) AS summed) AS ranked "
        f"WHERE place <= {PARTNERS_SHOWN} ORDER BY place"
    )
    rows = _rows(connection, sides.values(), select, {})
    for side, enterprise, name, amount, total in rows:
        partners[side, enterprise].append(Counterparty(name, amount, amount / total))
    return partners


def _rows(
    connection: duckdb.DuckDBPyConnection,
    contracts: Iterable[str],
    select: str,
    parameters: Mapping[str, object],
) -> list[tuple[Any, ...]]:
    """The rows of a select over `known_` tables of contracts."""
    text = f"WITH {', '.join(map(known, contracts))} {select}"
    found: list[tuple[Any, ...]] = connection.execute(
        checked(text).sql(dialect="duckdb"), parameters
    ).fetchall()
    return found


def months_before(day: date, months: int) -> date:
    """The first day of the month that lies `months` before that of `day`."""
    number = day.year * 12 + day.month - 1 - months
    return date(number // 12, number % 12 + 1, 1)


def without_gaps(months: Iterable[MonthOfTrade]) -> tuple[MonthOfTrade, ...]:
    """Months in order with those of no trade between them, as zeros."""
    filled: list[MonthOfTrade] = []
    for month in months:
        while filled and (following := months_before(filled[-1].month, -1)) < month.month:
            filled.append(MonthOfTrade(following, 0, 0))
        filled.append(month)
    return tuple(filled)


def _second_names(firm: str, first: _Identity, others: Sequence[_Identity]) -> list[Finding]:
    return [
        Finding(
            "second-name",
            Severity.WARNING,
            other.where,
            f"{firm} is called {other.name!r} here and {first.name!r} before; the first counts.",
            "Say which name is right and mend the file.",
        )
        for other in others
        if other.name != first.name
    ]


def _no_records(
    firm: str, datasets: Sequence[DatasetCoverage], moment: datetime
) -> tuple[Finding, ...]:
    if any(dataset.rows for dataset in datasets if dataset.contract not in NOT_TRADE):
        return ()
    return (
        Finding(
            "no-records",
            Severity.WARNING,
            firm,
            f"No record of what the firm does was known on {moment:%Y-%m-%d}.",
            "Bring its invoices, orders or bank entries.",
            rows=0,
        ),
    )


def as_json(credit_file: CreditFile) -> str:
    """The credit file as one line of canonical JSON; moments are ISO 8601 in UTC."""
    record = {
        "as_of": _moment_text(credit_file.as_of),
        "enterprise": credit_file.enterprise,
        "name": credit_file.name,
        "country": credit_file.country,
        "industry": asdict(credit_file.industry),
        "months": [
            {
                "month": month.month.isoformat(),
                "sales_minor": month.sales_minor,
                "purchases_minor": month.purchases_minor,
            }
            for month in credit_file.months
        ],
        "buyers": [asdict(buyer) for buyer in credit_file.buyers],
        "suppliers": [asdict(supplier) for supplier in credit_file.suppliers],
        "datasets": [
            asdict(dataset)
            | {"first": _moment_text(dataset.first), "last": _moment_text(dataset.last)}
            for dataset in credit_file.datasets
        ],
        "quality": quality_table(credit_file.quality),
        "flags": [asdict(flag) for flag in credit_file.flags],
    }
    return canonical_json(record)


def _moment_text(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.isoformat()}Z"


def write_credit_files(files: Iterable[CreditFile], path: Path) -> None:
    """Write credit files as JSON Lines, one firm each line, in the order given."""
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.writelines(f"{as_json(file)}\n" for file in files)
