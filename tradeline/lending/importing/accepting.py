"""What was reconciled becomes part of a portfolio's folder, and events of later days join it."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.lending.end_of_day.attached import arrays_of
from tradeline.lending.end_of_day.chunk import Chunk, chunks
from tradeline.lending.end_of_day.columns import events_of
from tradeline.lending.end_of_day.curves import read_curves
from tradeline.lending.end_of_day.folder import (
    LOG,
    Landing,
    Later,
    land,
    landings,
)
from tradeline.lending.importing.attaching import known_grades, wrong_attachments
from tradeline.lending.importing.reading import Tables
from tradeline.lending.importing.reconciling import Reconciled, check_payments, in_order


def accept(root: Path, reconciled: Reconciled, tables: Tables) -> Landing:
    """Add loans and PDs to a portfolio.

    InputProblem if a loan is there already, or what is attached to one makes no sense.
    """
    assert reconciled.is_accepted
    curves = read_curves(tables.pds)
    both = (*reconciled.loans, *reconciled.advances)
    currencies = {each.texts["loan"]: each.texts["currency"] for each in both}
    wrong = tuple(
        wrong_attachments(tables, currencies, set(tables.advances), known_grades(root, curves))
    )
    if wrong:
        raise InputProblem(wrong)
    there = _places(root, list(currencies))
    if there:
        raise InputProblem(
            Finding(
                "loan-known", Severity.ERROR, f"loan {loan}", "It is in the portfolio already.",
                "Leave it out; to add events, import a folder with events alone.",
            )
            for loan in sorted(there)
        )  # fmt: skip
    return land(root, reconciled.loans, curves=curves, advances=reconciled.advances)


def accept_more(root: Path, tables: Tables) -> Landing:
    """Add events, what is attached to loans, and PDs to a portfolio, or nothing if one is wrong.

    InputProblem then says which makes no sense, and names loans that are not there.
    """
    known, curves = landings(root), read_curves(tables.pds)
    named = dict.fromkeys(
        [*tables.events, *(loan for of in tables.attached.values() for loan in of)]
    )
    places = _places(root, list(named))
    findings = [
        Finding(
            "unknown-loan", Severity.ERROR, "events", f"Loan {loan} is not in the portfolio.",
            "Import the loan with its history first.",
        )
        for loan in tables.events if loan not in places
    ]  # fmt: skip
    of_advances = [chunk.is_of_advances for chunk in chunks(root, known)]
    findings += wrong_attachments(
        tables, {loan: currency for loan, (_, _, currency) in places.items()},
        {loan for loan, (number, _, _) in places.items() if of_advances[number]},
        known_grades(root, curves),
    )  # fmt: skip
    later: list[Later] = []
    for chunk in chunks(root, known):
        of_chunk = {loan: at for loan, at in places.items() if at[0] == chunk.number}
        if of_chunk:
            found, wrong = _later(chunk, of_chunk, tables)
            later += found
            findings += wrong
    if findings:
        raise InputProblem(findings)
    return land(root, [], later, curves)


def _later(
    chunk: Chunk, places: Mapping[str, tuple[int, int, str]], tables: Tables
) -> tuple[list[Later], list[Finding]]:
    before = chunk.rows([place for _, place, _ in places.values()])
    later: list[Later] = []
    findings: list[Finding] = []
    for loan, (number, place, currency) in places.items():
        rows = in_order(tables.events.get(loan, ()))
        try:
            if chunk.is_of_advances:
                _check_advance(chunk, loan, place, currency, tables)
            events_of([*before[place], *rows], currency, f"loan {loan}")
            later.append(Later(number, place, currency, rows, tables.attached_to(loan)))
        except InputProblem as refusal:
            findings += refusal.findings
    return later, findings


def _check_advance(chunk: Chunk, loan: str, place: int, currency: str, tables: Tables) -> None:
    """InputProblem for events of an advance, or payments from before it was paid out."""
    if loan in tables.events:
        raise problem(
            "misplaced", f"loan {loan}", "It is an advance, which has no `events`.",
            "State what it paid in the table `payments`.",
        )  # fmt: skip
    payments = [(0, currency, row) for row in tables.attached_to(loan).get("payments", ())]
    check_payments(loan, chunk.advance(place), arrays_of("payments", payments))


def _places(root: Path, loans: Sequence[str]) -> dict[str, tuple[int, int, str]]:
    """Chunk, place and currency of those loans that a portfolio has."""
    if not (root / LOG).is_dir():
        return {}
    wanted, found = set(loans), {}
    with duckdb.connect() as connection:
        for chunk in chunks(root, landings(root)):
            rows = connection.execute(
                "SELECT loan, file_row_number, currency "
                "FROM read_parquet(?, file_row_number = true)",
                [str(chunk.path)],
            ).fetchall()
            found.update({loan: (chunk.number, place, currency) for loan, place, currency in rows
                          if loan in wanted})  # fmt: skip
    return found
