"""The tables that losses are learned from: defaults, what came back of them, what was drawn before.

Frames of any library that narwhals knows, or Parquet files, with the columns of these contracts;
money in integer minor units, in columns that end in `_minor`. One loan defaults once: a cure and a
second default within the workout belong to the first.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from tradeline.creditfile.features.frames import Frame, connect_frames
from tradeline.kernel.findings import Finding, InputProblem, Severity, counted
from tradeline.lake.contracts.language import (
    ENTERPRISE,
    Contract,
    moment,
    positive_money,
    share,
    text,
)

LOAN_NO = text("loan_no", "the loan's number")
SEGMENT = text("segment", "the kind of loan, such as secured or unsecured")

DEFAULTS = Contract(
    "defaults",
    "loans that defaulted",
    (
        ENTERPRISE,
        LOAN_NO,
        SEGMENT,
        moment("defaulted_at", "when it defaulted"),
        positive_money("exposure", "what was owed at default, interest and fees with it"),
        share("rate_annual", "effective annual rate at which recoveries are discounted"),
        moment("closed_at", "when its workout ended, empty while it goes on", required=False),
    ),
    ("loan_no",),
)
RECOVERIES = Contract(
    "recoveries",
    "what came back of defaulted loans",
    (
        LOAN_NO,
        moment("received_at", "when it came"),
        positive_money("amount", "what came, from the firm, collateral or guarantors"),
        positive_money("cost", "what collecting it cost", required=False),
    ),
    (),
)
DRAWS = Contract(
    "draws",
    "how far credit lines were drawn, as seen from time to time",
    (
        LOAN_NO,
        moment("observed_at", "when it was seen"),
        positive_money("limit", "what might be drawn in all"),
        positive_money("drawn", "what was drawn of it"),
    ),
    ("loan_no", "observed_at"),
)
CONTRACTS: Mapping[str, Contract] = {c.name: c for c in (DEFAULTS, RECOVERIES, DRAWS)}
Tables = Mapping[str, Frame | Path]


def connect_losses(tables: Tables) -> duckdb.DuckDBPyConnection:
    """A connection with the given tables, checked; a path is that of a Parquet file.

    Raises InputProblem that lists what is in the way: a missing column, an empty or mistyped value,
    a negative amount, a repeated key, a loan that is not among the defaults.
    """
    frames = {name: _frame(table) for name, table in tables.items()}
    connection = connect_frames(frames, CONTRACTS)
    found = [
        finding
        for name in tables
        for finding in (
            *_out_of_bounds(connection, CONTRACTS[name]),
            *_repeated(connection, CONTRACTS[name]),
        )
    ]
    if "defaults" in tables:
        found += _no_exposure(connection)
    if {"defaults", "recoveries"} <= set(tables):
        found += _without_default(connection)
    if found:
        raise InputProblem(found)
    return connection


def _frame(table: Frame | Path) -> Frame:
    if not isinstance(table, Path):
        return table
    with duckdb.connect() as connection:
        return connection.read_parquet(str(table)).to_arrow_table()


def _out_of_bounds(connection: duckdb.DuckDBPyConnection, contract: Contract) -> list[Finding]:
    bounded = [field for field in contract.fields if field.lowest is not None]
    found = []
    for field in bounded:
        outside = f"{field.column} < {field.lowest}"
        if field.highest is not None:
            outside += f" OR {field.column} > {field.highest} OR isnan({field.column})"
        rows = _count(connection, contract.name, outside)
        within = "0 or more" if field.highest is None else f"0 to {field.highest}"
        if rows:
            message = f"{field.column} is not {within} in {counted(rows, 'row')}."
            found.append(_finding("out-of-bounds", contract.name, message, "Mend them.", rows))
    return found


def _repeated(connection: duckdb.DuckDBPyConnection, contract: Contract) -> list[Finding]:
    if not contract.key:
        return []
    key = ", ".join(contract.key)
    rows = _count(
        connection, f"(SELECT count(*) AS n FROM {contract.name} GROUP BY {key})", "n > 1"
    )
    if not rows:
        return []
    message = f"{key}: {counted(rows, 'value')} in more than one row."
    return [_finding("repeated-key", contract.name, message, "Keep one row of each.", rows)]


def _no_exposure(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    rows = _count(connection, "defaults", "exposure_minor = 0")
    if not rows:
        return []
    message = f"{counted(rows, 'default')} had nothing owed."
    return [_finding("no-exposure", "defaults", message, "Leave them out: nothing is lost.", rows)]


def _without_default(connection: duckdb.DuckDBPyConnection) -> list[Finding]:
    """Recoveries of loans that did not default, or of a time before they did."""
    checks = (
        (
            "recoveries ANTI JOIN defaults USING (loan_no)",
            "true",
            "unknown-loan",
            "the loan is not among the defaults.",
            "Add the defaults, or leave the rows out.",
        ),
        (
            "recoveries JOIN defaults USING (loan_no)",
            "received_at < defaulted_at",
            "early-recovery",
            "it came before the loan's default.",
            "Take it off the exposure at default instead.",
        ),
    )
    found = []
    for rows, condition, code, what, remedy in checks:
        number = _count(connection, rows, condition)
        if number:
            message = f"{counted(number, 'row')}: {what}"
            found.append(_finding(code, "recoveries", message, remedy, number))
    return found


def _count(connection: duckdb.DuckDBPyConnection, rows: str, condition: str) -> int:
    ((number,),) = connection.execute(f"SELECT count(*) FROM {rows} WHERE {condition}").fetchall()
    return int(number)


def _finding(code: str, where: str, message: str, remedy: str, rows: int) -> Finding:
    return Finding(code, Severity.ERROR, where, message, remedy, rows)
