"""The tables that losses are learned from: defaults, what came back of them, what was drawn before.

Frames of any library that narwhals knows, or files (CSV, Parquet, Excel, JSON Lines), with the
columns of these contracts; money in integer minor units, in columns that end in `_minor`. One loan
defaults once: a cure and a second default within the workout belong to the first.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb

from tradeline.creditfile.features.frames import Frame, connect_frames
from tradeline.kernel.findings import Finding, InputProblem, Severity, counted, problem
from tradeline.kernel.texts import clean
from tradeline.lake.contracts.language import (
    ENTERPRISE,
    Contract,
    Field,
    Kind,
    moment,
    positive_money,
    share,
    text,
)
from tradeline.lake.files import BROKEN, ROW, load
from tradeline.lake.sql_text import quoted

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


WHAT = {Kind.MONEY: "whole number of minor units", Kind.MOMENT: "moment", Kind.SHARE: "number"}


def connect_losses(tables: Tables) -> duckdb.DuckDBPyConnection:
    """A connection with the given tables, checked; a path is that of a file.

    Raises InputProblem that lists what is in the way: a missing column, an empty or mistyped value,
    a negative amount, a repeated key, a loan that is not among the defaults.
    """
    frames = {name: table for name, table in tables.items() if not isinstance(table, Path)}
    connection = connect_frames(frames, CONTRACTS)
    wrong = [
        finding
        for name, path in tables.items()
        if isinstance(path, Path)
        for finding in _read_file(connection, CONTRACTS[name], path)
    ]
    if wrong:
        raise InputProblem(wrong)
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


def _read_file(
    connection: duckdb.DuckDBPyConnection, contract: Contract, path: Path
) -> list[Finding]:
    """Make the table of a contract from a file; what of it cannot be read."""
    if not path.is_file():
        raise problem("no-table", str(path), "There is no such file.", "Check its name.")
    raw = load(connection, path, "raw")
    absent = [f.column for f in contract.fields if f.required and f.column not in raw.columns]
    if absent:
        return [
            Finding(
                "missing-column", Severity.ERROR, path.name,
                f"The table of {contract.name} lacks {', '.join(absent)}; it has "
                f"{clean(', '.join(raw.columns), 200)}.",
                "Name the columns so; money stands in minor units.",
            )
        ]  # fmt: skip
    found = list(_misfits(connection, contract, raw.columns, path.name))
    columns = ", ".join(_cast(field, raw.columns) for field in contract.fields)
    connection.execute(f"CREATE TABLE {contract.name} AS SELECT {columns} FROM raw")
    return found


def _cast(field: Field, there: tuple[str, ...]) -> str:
    value = quoted(field.column) if field.column in there else "NULL"
    return f"TRY_CAST({value} AS {field.sql_type}) AS {field.column}"


def _misfits(
    connection: duckdb.DuckDBPyConnection, contract: Contract, there: tuple[str, ...], where: str
) -> Iterator[Finding]:
    """Rows that are broken, else by column values that are missing or say no such thing."""
    rows = _count(connection, "raw", f"{BROKEN} <> ''")
    if rows:
        message = f"{counted(rows, 'row')} cannot be split into columns."
        yield _finding("broken-rows", where, message, "Mend them.", rows)
        return
    for field in contract.fields:
        if field.column in there:
            yield from _misfits_in(connection, field, where)


def _misfits_in(
    connection: duckdb.DuckDBPyConnection, field: Field, where: str
) -> Iterator[Finding]:
    value = f"nullif({quoted(field.column)}, '')"
    # A cast would round 12.7 to whole minor units.
    whole = f"NOT regexp_full_match({value}, '-?[0-9]+') OR" if field.kind is Kind.MONEY else ""
    other = f"{value} IS NOT NULL AND ({whole} TRY_CAST({value} AS {field.sql_type}) IS NULL)"
    rows = _count(connection, "raw", other)
    if rows:
        ((first,),) = connection.execute(
            f"SELECT arg_min({value}, {ROW}) FROM raw WHERE {other}"
        ).fetchall()
        say = "says" if rows == 1 else "say"
        message = (
            f"{field.column}: {counted(rows, 'value')} {say} no {WHAT[field.kind]}, such as "
            f"'{clean(str(first), 40)}'."
        )
        yield _finding("bad-value", where, message, "Mend the column.", rows)
    rows = _count(connection, "raw", f"{value} IS NULL") if field.required else 0
    if rows:
        message = f"The column {field.column} is empty in {counted(rows, 'row')}."
        yield _finding("missing-value", where, message, "Fill it, or leave them out.", rows)


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
