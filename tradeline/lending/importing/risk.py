"""What provisions by stage of saved agreements rest on, as a folder of tables states it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from tradeline.kernel.findings import Finding, InputProblem, problem
from tradeline.lending.end_of_day.attached import NAMES, TABLES, read_row
from tradeline.lending.end_of_day.columns import DAY, PERCENT, Column, values
from tradeline.lending.end_of_day.curves import COLUMNS as PD_COLUMNS
from tradeline.lending.end_of_day.curves import PDS, Curve, read_curves
from tradeline.lending.importing.reading import Row, find_table, rows_of, unread
from tradeline.lending.servicing.risk import ByStage, Fact, Rating, Valuation
from tradeline.lending.value_reader import ValueReader

GUIDE = "See docs/guides/servicing.md."
BY_STAGE = (
    Column("entered_on", DAY, "from when it is provided for by stage", required=True),
    Column("lgd_percent", PERCENT, "what a default loses where nothing secures it", required=True),
    Column("effective_rate_percent", PERCENT, "of a year (that of the schedule)"),
)
ENTERED_ON = "entered_on"
KNOWN = {
    "by_stage": ("loan", *(column.name for column in BY_STAGE)),
    PDS: (*PD_COLUMNS, ENTERED_ON),
    **{
        name: (*NAMES, *(column.name for column in TABLES[name].columns))
        for name in ("ratings", "collateral")
    },
}
NEEDED = {
    "by_stage": ("loan", "entered_on", "lgd_percent"),
    PDS: ("grade", "month", "pd"),
    **{
        name: ("loan", *(column.name for column in TABLES[name].columns if column.required))
        for name in ("ratings", "collateral")
    },
}


@dataclass(frozen=True, slots=True)
class Stated:
    """What a folder states: curves by the day on which they are known, rows by their table.

    `notes` say what was not read.
    """

    curves: Mapping[date, Sequence[Curve]]
    rows: Mapping[str, Sequence[Row]]
    notes: tuple[Finding, ...]


def read_stated(folder: Path) -> Stated:
    """Read the folder; InputProblem if it has none of the tables, or they make no sense."""
    if not folder.is_dir():
        raise problem("no-folder", str(folder), "There is no such folder.", "Check its name.")
    tables = {name: table for name in KNOWN if (table := find_table(folder, name)) is not None}
    if not tables:
        raise problem("no-table", str(folder), f"It has none of {', '.join(KNOWN)}.",
                      f"Name a table by what it holds, such as ratings.csv. {GUIDE}")  # fmt: skip
    rows = {name: rows_of(table, KNOWN[name], NEEDED[name]) for name, table in tables.items()}
    notes = [note for name, table in tables.items() for note in unread(table, KNOWN[name])]
    return Stated(_curves(rows.pop(PDS, [])), rows, tuple(notes))


def _curves(rows: Sequence[Row]) -> dict[date, Sequence[Curve]]:
    """Curves by the day of entry: as stated, else the day from which they hold."""
    reader, by_day = ValueReader(GUIDE), dict[date, list[Row]]()
    for number, row in enumerate(rows, start=1):
        text = row.get(ENTERED_ON) or row.get("from") or date.min.isoformat()
        by_day.setdefault(reader.date(f"pds, row {number}, {ENTERED_ON}", text), []).append(row)
    reader.stop_if_refused()
    return {day: read_curves(by_day[day]) for day in sorted(by_day)}


def facts_of(stated: Stated, currency_of: Callable[[str], str]) -> list[tuple[str, Fact]]:
    """The facts of agreements, in the order of their tables; InputProblem with all that is wrong.

    `currency_of` gives the currency of an agreement, or raises InputProblem.
    """
    findings, found = list[Finding](), list[tuple[str, Fact]]()
    for name, rows in stated.rows.items():
        for row in rows:
            agreement = row["loan"]
            try:
                where = f"agreement {agreement}, {name}"
                found.append((agreement, _fact(name, row, currency_of(agreement), where)))
            except InputProblem as refusal:
                findings += refusal.findings
    if findings:
        raise InputProblem(findings)
    return found


def _fact(name: str, row: Row, currency: str, where: str) -> Fact:
    if name == "by_stage":
        return _by_stage(row, where)
    read = read_row(name, row, currency, where)
    entered: dict[str, Any] = {ENTERED_ON: read.pop(ENTERED_ON, read[TABLES[name].known_on])}
    if name == "ratings":
        return Rating(**entered, **read)
    return Valuation(
        **entered, valued_on=read["valued_on"], item=read["item"], kind=read["kind"],
        value_minor=read["value"], rank=read["rank"], prior_minor=read["prior"],
    )  # fmt: skip


def _by_stage(row: Row, where: str) -> ByStage:
    reader = ValueReader(GUIDE)
    found = values(reader, row, BY_STAGE, where)
    reader.stop_if_refused()
    rate = found.get("effective_rate_percent")
    return ByStage(found[ENTERED_ON], found["lgd_percent"], rate)
