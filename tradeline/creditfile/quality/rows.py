"""The rows behind a number of quality: what was counted, and where each row came from."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from tradeline.creditfile.quality.accuracy import checked_sql
from tradeline.creditfile.quality.consistency import Conflict, compared, read_conflicts
from tradeline.creditfile.quality.reconciliation import RowBehind, read_rows
from tradeline.creditfile.quality.rules import RULES, VERDICTS
from tradeline.creditfile.quality.terms import QualityTerms
from tradeline.creditfile.quality.timeliness import late_sql
from tradeline.creditfile.quality.told import create_views, view
from tradeline.kernel.findings import InputProblem, problem
from tradeline.lake.contracts import BY_NAME, Contract
from tradeline.lake.reading import Moment
from tradeline.lake.sealing import plainly


@dataclass(frozen=True, slots=True)
class LateRow:
    """A row that was told later than its source promised."""

    contract: str
    key: str
    occurred_at: datetime
    recorded_at: datetime
    lag_s: int
    source: str
    source_file: str | None
    source_row: int | None


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A fact of a source that could be held against truth, and whose truth that is."""

    contract: str
    key: str
    source: str
    truth_source: str
    source_file: str | None
    source_row: int | None
    truth_file: str | None
    truth_row: int | None


Row = RowBehind | LateRow | CheckedRow | Conflict
KINDS = ("late", "conflicts", "checked")


@plainly()
def rows_behind(
    connection: duckdb.DuckDBPyConnection,
    moment: Moment,
    terms: QualityTerms,
    enterprise: str,
    number: str,
) -> tuple[Row, ...]:
    """The rows behind one number of a firm, in a fixed order.

    Numbers are called `RULE:VERDICT` (such as `orders-payments:differing`), `late:CONTRACT`,
    `conflicts:CONTRACT` and `checked:CONTRACT`. The amounts of a reconciliation's rows add up to
    its tally by side. InputProblem if no number has that name.
    """
    kind, _, detail = number.partition(":")
    rules = {rule.name: rule for rule in RULES}
    verdicts = {str(verdict): verdict for verdict in VERDICTS}
    if not (detail in verdicts if kind in rules else kind in KINDS and detail in BY_NAME):
        raise _no_such_number(number)
    contracts = create_views(connection, moment, terms.fed_by)
    if kind in rules:
        return read_rows(
            connection, contracts, moment.as_of, terms, enterprise, rules[kind], verdicts[detail]
        )
    wanted = [contract for contract in contracts if contract.name == detail]
    if kind == "conflicts":
        several = compared(connection, wanted)
        return tuple(read_conflicts(connection, several, enterprise).get(enterprise, ()))
    return tuple(
        row for contract in wanted for row in _read(connection, kind, contract, terms, enterprise)
    )


def _read(
    connection: duckdb.DuckDBPyConnection,
    kind: str,
    contract: Contract,
    terms: QualityTerms,
    enterprise: str,
) -> Sequence[Row]:
    if kind == "late":
        rows = connection.execute(
            "SELECT key, occurred_at, recorded_at, lag_s, source, source_file, source_row "
            f"FROM {view(contract)} WHERE enterprise = ? AND {late_sql(terms)} ORDER BY ALL",
            [enterprise],
        ).fetchall()
        return [LateRow(contract.name, *row) for row in rows]
    rows = connection.execute(
        f"WITH {checked_sql(contract)} SELECT told.key, told.source, truth.source, "
        "told.source_file, told.source_row, truth.source_file, truth.source_row FROM checked "
        "WHERE told.enterprise = ? ORDER BY ALL",
        [enterprise],
    ).fetchall()
    return [CheckedRow(contract.name, *row) for row in rows]


def _no_such_number(number: str) -> InputProblem:
    rules = ", ".join(rule.name for rule in RULES)
    return problem(
        "no-such-number",
        number,
        "No number of quality is called that.",
        f"Write RULE:VERDICT with a rule of {rules} and a verdict of {', '.join(VERDICTS)}; or "
        f"{', '.join(f'{kind}:CONTRACT' for kind in KINDS)}, such as late:orders.",
    )
