"""The tables of a portfolio's folder as rows of texts: loans, events, balances and others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.lending.end_of_day.advance_terms import COLUMNS as ADVANCE_COLUMNS
from tradeline.lending.end_of_day.attached import NAMES, TABLES
from tradeline.lending.end_of_day.columns import (
    EVENT_COLUMNS,
    EVENT_NAMES,
    GUIDE,
    LOAN_COLUMNS,
    LOAN_NAMES,
)
from tradeline.lending.end_of_day.curves import COLUMNS as PD_COLUMNS
from tradeline.lending.end_of_day.curves import PDS
from tradeline.risk.modelling.tables import KINDS, Table, read_table

Row = Mapping[str, str]

BALANCE_NAMES = ("loan", "as_of", "principal", "receivable", "overdue", "days_past_due", "overpaid",
                 "status")  # fmt: skip
KNOWN = {
    "loans": (*LOAN_NAMES, *(column.name for column in LOAN_COLUMNS)),
    "events": (*EVENT_NAMES, *(column.name for column in EVENT_COLUMNS)),
    "balances": BALANCE_NAMES,
    "advances": (*LOAN_NAMES, *(column.name for column in ADVANCE_COLUMNS)),
    PDS: PD_COLUMNS,
    **{
        name: (*NAMES, *(column.name for column in table.columns)) for name, table in TABLES.items()
    },
}
NEEDED = {
    "loans": (*LOAN_NAMES, *(column.name for column in LOAN_COLUMNS if column.required)),
    "events": ("loan", "event", "value_date"),
    "balances": ("loan", "as_of", "principal"),
    "advances": (*LOAN_NAMES, *(column.name for column in ADVANCE_COLUMNS if column.required)),
    PDS: ("grade", "month", "pd"),
    **{
        name: ("loan", *(column.name for column in table.columns if column.required))
        for name, table in TABLES.items()
    },
}
ASKED = ("loans", "events", "balances")


@dataclass(frozen=True, slots=True)
class Tables:
    """What a folder holds: loans by their id, what else there is by the loan, all in file order.

    `notes` say what was not read; `attached` are tables by their names, `pds` rows of no loan.
    """

    loans: Mapping[str, Row]
    events: Mapping[str, Sequence[Row]]
    balances: Mapping[str, Row]
    notes: tuple[Finding, ...]
    advances: Mapping[str, Row] = field(default_factory=dict)
    attached: Mapping[str, Mapping[str, Sequence[Row]]] = field(default_factory=dict)
    pds: Sequence[Row] = ()

    def attached_to(self, loan: str) -> dict[str, Sequence[Row]]:
        """The rows of a loan in each attached table that has any."""
        return {name: of[loan] for name, of in self.attached.items() if loan in of}


def read_folder(folder: Path) -> Tables:
    """Read the folder; InputProblem if a table is missing, ambiguous or lacks a column."""
    if not folder.is_dir():
        raise problem("no-folder", str(folder), "There is no such folder.", "Check its name.")
    tables = {name: find_table(folder, name) for name in KNOWN}
    missing = [name for name in _asked(tables) if tables[name] is None]
    if missing:
        raise problem(
            "no-table",
            str(folder),
            f"It has no {' and no '.join(missing)}.",
            f"Name each table by what it holds, such as {missing[0]}.csv. {GUIDE}",
        )
    rows = {
        name: rows_of(table, KNOWN[name], NEEDED[name]) if table else []
        for name, table in tables.items()
    }
    notes = [finding for table in tables.values() if table for finding in table.findings]
    notes += [note for name, table in tables.items() if table
              for note in unread(table, KNOWN[name])]  # fmt: skip
    return Tables(
        _by_loan(rows["loans"], "loans"), _grouped(rows["events"]),
        _by_loan(rows["balances"], "balances"), tuple(notes),
        _by_loan(rows["advances"], "advances"),
        {name: _grouped(rows[name]) for name in TABLES if rows[name]}, rows[PDS],
    )  # fmt: skip


def _asked(tables: Mapping[str, Table | None]) -> tuple[str, ...]:
    """The tables that a folder must have, by what else it has."""
    if tables["loans"] or not any(tables.values()):
        return ASKED
    if tables["advances"]:
        return ("balances",)
    return ("loans", "events") if tables["balances"] else ()


def _grouped(rows: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["loan"], []).append(row)
    return found


def find_table(folder: Path, name: str) -> Table | None:
    """The table of a name, None if there is none; InputProblem if two files hold it."""
    found = sorted(
        path for path in folder.iterdir()
        if path.name.split(".")[0].lower() == name and _is_table(path)
    )  # fmt: skip
    if len(found) > 1:
        raise problem(
            "two-tables",
            str(folder),
            f"{' and '.join(path.name for path in found)} both hold {name}.",
            "Leave one of them.",
        )
    return read_table(found[0]) if found else None


def _is_table(path: Path) -> bool:
    return any(suffix.lower() in KINDS for suffix in path.suffixes)


def rows_of(table: Table, known: Sequence[str], needed: Sequence[str]) -> list[Row]:
    """The known columns of a table; InputProblem if a needed one is missing or a row is broken."""
    if table.broken.any():
        raise InputProblem(
            Finding(each.code, Severity.ERROR, each.where, each.message, "Mend them: no row of a "
                    "portfolio may be lost.", each.rows)
            for each in table.findings if each.code == "broken-rows"
        )  # fmt: skip
    lacking = [column for column in needed if column not in table.names]
    if lacking:
        raise problem(
            "no-column",
            table.name,
            f"It has no column {', '.join(f'`{column}`' for column in lacking)}.",
            GUIDE,
        )
    columns = [column for column in known if column in table.names]
    return [dict(zip(columns, values, strict=True)) for values in _values(table, columns)]


def _values(table: Table, columns: Sequence[str]) -> Iterator[tuple[str, ...]]:
    texts = [table.texts(column) for column in columns]
    values = [[each.levels[code].strip() for code in each.codes.tolist()] for each in texts]
    return zip(*values, strict=True)


def unread(table: Table, known: Sequence[str]) -> Iterator[Finding]:
    """What of a table is not read."""
    others = [column for column in table.names if column not in known]
    if others:
        yield Finding(
            "unread-columns", Severity.WARNING, table.name,
            f"Not read: {', '.join(others)}.", f"If one of them matters, name it as {GUIDE[4:]}",
        )  # fmt: skip


def _by_loan(rows: Sequence[Row], name: str) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for row in rows:
        if not row["loan"]:
            raise problem("no-id", name, "A row names no loan.", "Give every row its loan.")
        if row["loan"] in found:
            raise problem(
                "twice", name, f"Loan {row['loan']} stands there twice.", "Leave one row of it."
            )
        found[row["loan"]] = row
    return found
