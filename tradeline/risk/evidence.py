"""How fresh and how whole the records are on which a decision would rest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.quality.terms import QualityTerms
from tradeline.lake.contracts import CONTRACTS
from tradeline.risk.parameters import read_parameters

if TYPE_CHECKING:
    from tradeline.creditfile.credit_file import CreditFile

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

INVOICES = ("sales_invoices", "purchase_invoices")
BANK = "bank_transactions"
ORDERS = "orders"
WINDOW = "window_days_"
DATED = tuple(c.name for c in CONTRACTS if {"enterprise", "recorded_at"} <= set(c.columns))
# Rows that may say something else of a firm; a copy says nothing new.
REFUSED = "FROM refused WHERE code <> 'copied-row' AND contract = $1"
# Rows of which nobody can say whose they are.
NOBODYS = "enterprise IS NULL OR (code = 'broken-row' AND enterprise NOT IN (FROM firms))"


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """One entry for each firm.

    `age_days` is how long before the date the records end on which its cash flow rests (of several
    sources the one that ends first), NaN without such records. `doubtful_share` is the greatest
    share, over datasets, of rows that were refused, or of the amount of invoices whose net and tax
    differ from gross; rows of which nobody can say whose they are count against every firm.
    """

    age_days: Floats
    doubtful_share: Floats

    def of(self, rows: Ints) -> "Evidence":
        """That of the firms at `rows`."""
        return Evidence(self.age_days[rows], self.doubtful_share[rows])


def read_quality_terms(on: date) -> QualityTerms:
    """The terms of `parameters/quality.yaml` on a date; sources have promised nothing yet."""
    values = {name: found.value for name, found in read_parameters("quality", on).items()}
    windows = {
        name.removeprefix(WINDOW).replace("_", "-"): values.pop(name)
        for name in list(values)
        if name.startswith(WINDOW)
    }
    return QualityTerms(**values, window_days=windows)


def read_evidence(
    connection: duckdb.DuckDBPyConnection, files: "Sequence[CreditFile]", moment: datetime
) -> Evidence:
    """The evidence on each firm of `files` at a moment (naive UTC).

    Refused rows count whenever they were written: their dates cannot be relied on.
    """
    firms = [file.enterprise for file in files]
    connection.execute("CREATE OR REPLACE TEMP TABLE firms AS SELECT enterprise FROM enterprises")
    doubtful = dict.fromkeys(firms, 0.0)
    for contract in DATED:
        for firm, share in _doubtful(connection, contract, moment).items():
            doubtful[firm] = max(doubtful.get(firm, 0.0), share)
    return Evidence(
        np.array([_age_days(file) for file in files], dtype=np.float64),
        np.array([doubtful[firm] for firm in firms], dtype=np.float64),
    )


def _age_days(file: "CreditFile") -> float:
    last = {dataset.contract: dataset.last for dataset in file.datasets if dataset.last}
    sources = [name for name in INVOICES if last.keys() >= set(INVOICES)]
    sources += [BANK] if BANK in last else []
    if not sources and ORDERS in last:
        sources = [ORDERS]
    ends = [last[name] for name in sources]
    return float((file.as_of.date() - min(ends).date()).days) if ends else float("nan")


def _doubtful(
    connection: duckdb.DuckDBPyConnection, contract: str, moment: datetime
) -> dict[str, float]:
    """The doubtful share of one dataset by firm; a firm without doubt may be left out."""
    known = f"FROM {contract} WHERE occurred_at <= $2 AND recorded_at <= $2"
    amount, odd = "0", "0"
    if contract in INVOICES:
        amount = "sum(abs(gross_minor::HUGEINT))"
        odd = f"{amount} FILTER (abs(net_minor::HUGEINT + tax_minor - gross_minor) > 1)"
    rows = connection.execute(
        f"WITH lost AS (SELECT *, {NOBODYS} AS nobodys {REFUSED}), "
        "refusals AS (SELECT enterprise, count(*) AS refused FROM lost WHERE NOT nobodys "
        "GROUP BY enterprise), "
        "strays AS (SELECT count(*) FILTER (nobodys) AS stray, count(*) AS refused FROM lost), "
        f"held AS (SELECT enterprise, count(*) AS rows, {amount} AS amount, {odd} AS odd {known} "
        "GROUP BY enterprise), "
        "all_held AS (SELECT coalesce(sum(rows), 0) AS rows FROM held) "
        "SELECT enterprise, coalesce(r.refused / (r.refused + coalesce(h.rows, 0)), 0), "
        "coalesce(h.odd / nullif(h.amount, 0), 0), "
        "coalesce(stray / nullif(all_held.rows + strays.refused, 0), 0) "
        "FROM firms LEFT JOIN refusals r USING (enterprise) LEFT JOIN held h USING (enterprise), "
        "strays, all_held",
        [contract, moment],
    ).fetchall()
    return {firm: max(shares) for firm, *shares in rows}
