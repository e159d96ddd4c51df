"""All reports of a day as one record: a page, JSON and CSV show the same of it."""

import csv
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from io import StringIO
from typing import Any

from tradeline.kernel.findings import Finding
from tradeline.lending.reports import tables
from tradeline.lending.reports.figures import Read
from tradeline.lending.reports.tables import (
    AtRisk,
    Balance,
    Expected,
    InStage,
    Roll,
    StageMove,
    Vintage,
)

FORMAT = "tradeline-portfolio-report/1"


@dataclass(frozen=True, slots=True)
class Report:
    """How a portfolio stands at the end of `day`; rolls are since `rolled_from`, a month end."""

    day: str
    loans: int
    findings: tuple[Finding, ...]
    at_risk: tuple[AtRisk, ...]
    stages: tuple[InStage, ...]
    stage_moves: tuple[StageMove, ...]
    vintages: tuple[Vintage, ...]
    rolled_from: str | None
    roll_rates: tuple[Roll, ...]
    cash_forecast: tuple[Expected, ...]
    trial_balance: tuple[Balance, ...]


TABLES = {
    "at_risk": AtRisk,
    "stages": InStage,
    "stage_moves": StageMove,
    "vintages": Vintage,
    "roll_rates": Roll,
    "cash_forecast": Expected,
    "trial_balance": Balance,
}
WIDE = {
    "late_90": [f"late_90_within_{age}_months" for age in tables.MONTHS_ON_BOOK],
    "now": [f"now {name}" for name in tables.ROLLED_TO],
    "moved_to": [f"now {name}" for name in tables.STAGED_TO],
}


def report_of(read: Read) -> Report:
    """All reports of the last closed day."""
    found, held = read.figures, read.held
    return Report(
        day=found.day.isoformat(),
        loans=len(found.active),
        findings=read.findings,
        at_risk=tuple(tables.at_risk(found, held)),
        stages=tuple(tables.stages(found, held)),
        stage_moves=tuple(tables.stage_moves(found)),
        vintages=tuple(tables.vintages(found)),
        rolled_from=found.before.isoformat() if found.before else None,
        roll_rates=tuple(tables.roll_rates(found)),
        cash_forecast=tuple(tables.cash_forecast(held, read.flows)),
        trial_balance=tuple(tables.trial_balance(held)),
    )


def report_json(report: Report) -> str:
    """The report as JSON text; amounts in minor units."""
    return json.dumps({"format": FORMAT, **asdict(report)}, indent=1, ensure_ascii=False) + "\n"


def report_csv(report: Report, name: str) -> str:
    """One of its tables as CSV; amounts in minor units, what is not known yet is empty."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    names = [field.name for field in fields(TABLES[name])]
    writer.writerow([column for each in names for column in WIDE.get(each, [each])])
    for row in getattr(report, name):
        writer.writerow([value for each in names for value in _flat(getattr(row, each))])
    return stream.getvalue()


def _flat(value: Any) -> Sequence[Any]:
    values = value if isinstance(value, tuple) else (value,)
    return ["" if one is None else one for one in values]
