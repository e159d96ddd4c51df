"""Timeliness: how long after it occurred a record was told, and how new the newest one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from tradeline.creditfile.quality.terms import QualityTerms
from tradeline.creditfile.quality.told import view
from tradeline.lake.contracts import Contract
from tradeline.lake.reading import parsed
from tradeline.lake.records import is_dated
from tradeline.lake.sql_text import literal

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Timeliness:
    """How timely one source tells of a firm in one dataset; moments are naive UTC, times seconds.

    `rows` are keys as first told, `corrections` what the source told of them later. The median and
    the 95th percentile of the lag are lags of real rows, never between two; `late_rows` came later
    than the promise. All three are None where the source has one clock for all firms, so that no
    lag is known. `age_s` is how long before the date the firm's newest record occurred, and
    `source_age_s` the newest of anybody; `promise_s` is what that is held against.
    """

    contract: str
    source: str
    rows: int
    corrections: int
    first: datetime
    last: datetime
    lag_median_s: int | None
    lag_p95_s: int | None
    late_rows: int | None
    age_s: int
    source_age_s: int
    promise_s: int
    promised: bool

    @property
    def fresh(self) -> bool:
        """Whether the source kept its promise as of the date."""
        return self.source_age_s <= self.promise_s

    @property
    def late_share(self) -> float | None:
        """The share of rows told later than promised; None where no lag is known."""
        return None if self.late_rows is None or not self.rows else self.late_rows / self.rows


def read_timeliness(
    connection: duckdb.DuckDBPyConnection,
    contracts: Sequence[Contract],
    as_of: datetime,
    terms: QualityTerms,
) -> dict[str, list[Timeliness]]:
    """By firm, a record for each dataset and source, in that order. Needs the views of `told`."""
    found: dict[str, list[Timeliness]] = {}
    for contract in filter(is_dated, contracts):
        for firm, source, *measured in connection.execute(parsed(_sql(contract, terms))).fetchall():
            rows, corrections, first, last, lags, late, newest, one_clock = measured
            median, p95 = lags or (None, None)
            record = Timeliness(
                contract=contract.name,
                source=source,
                rows=rows,
                corrections=corrections,
                first=first,
                last=last,
                lag_median_s=None if one_clock else median,
                lag_p95_s=None if one_clock else p95,
                late_rows=None if one_clock else late,
                age_s=(as_of - last) // SECOND,
                source_age_s=(as_of - newest) // SECOND,
                promise_s=terms.promise_seconds(source),
                promised=source in terms.promises,
            )
            found.setdefault(firm, []).append(record)
    return found


def _sql(contract: Contract, terms: QualityTerms) -> str:
    return (
        "SELECT enterprise, source, count(*) FILTER (first_told), "
        "count(*) FILTER (NOT first_told), min(occurred_at), max(occurred_at), "
        "quantile_disc(lag_s, [0.5, 0.95]) FILTER (first_told), "
        f"count(*) FILTER ({late_sql(terms)}), "
        "max(max(occurred_at)) OVER (PARTITION BY source), "
        "bool_and(bool_and(recorded_at = occurred_at)) OVER (PARTITION BY source) "
        f"FROM {view(contract)} GROUP BY enterprise, source ORDER BY enterprise, source"
    )


def late_sql(terms: QualityTerms) -> str:
    """Whether a row was first told later than its source promised."""
    stated = " ".join(
        f"WHEN {literal(source)} THEN {terms.promise_seconds(source)}" for source in terms.promises
    )
    default = terms.promise_days * 86_400
    promise = f"CASE source {stated} ELSE {default} END" if stated else f"{default}"
    return f"first_told AND lag_s > {promise}"
