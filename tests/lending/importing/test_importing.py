"""A portfolio is taken in only where every loan comes to its stated balances, to the minor unit."""

import csv
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from tests.lending.end_of_day.made import START, loan
from tests.lending.end_of_day.written import landed, money
from tradeline.cli.main import main
from tradeline.lending.end_of_day.folder import Landed, landings
from tradeline.lending.end_of_day.late_days import ends_of_days
from tradeline.lending.end_of_day.run import closed_days
from tradeline.lending.importing import reconciling
from tradeline.lending.importing.reading import Tables
from tradeline.lending.importing.reconciling import reconcile
from tradeline.lending.loan.fold import fold

AS_OF = START + timedelta(days=80)
Rows = Sequence[Mapping[str, str]]


def write(path: Path, rows: Rows) -> None:
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.DictWriter(stream, names)
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture(scope="module")
def made() -> tuple[list[Landed], list[dict[str, str]]]:
    """Loans as they land, with what was entered until `AS_OF`, and their true balances."""
    generator = np.random.default_rng(11)
    loans = [loan(generator, 80) for _ in range(12)]
    rows, balances = [], []
    for place, (one, row) in enumerate(zip(loans, landed(loans), strict=True)):
        known = [event for event in row.events if event["entered_on"] <= AS_OF.isoformat()]
        rows.append(Landed(row.texts, known))
        events = one.known(AS_OF)
        state = fold(one.contract, [*events, *ends_of_days(one.contract, events, AS_OF)], AS_OF)
        balances.append({
            "loan": f"loan {place:04d}", "as_of": AS_OF.isoformat(),
            "principal": money(state.principal_open),
            "overdue": money(state.delinquency.overdue.total),
            "days_past_due": str(state.delinquency.days), "status": str(state.status),
        })  # fmt: skip
    return rows, balances


def folder(root: Path, rows: Sequence[Landed], balances: Rows) -> Path:
    root.mkdir()
    write(root / "loans.csv", [row.texts for row in rows])
    events = [{"loan": row.texts["loan"], **event} for row in rows for event in row.events]
    write(root / "events.csv", events)
    write(root / "balances.csv", balances)
    return root


Made = tuple[list[Landed], list[dict[str, str]]]


def test_a_portfolio_that_agrees_is_accepted_and_its_days_are_ended(
    tmp_path: Path, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    source, into = folder(tmp_path / "moved", *made), tmp_path / "portfolio"
    assert main(["loans", "import", str(source), "--into", str(into)]) == 0
    events = sum(len(row.events) for row in made[0])
    assert capsys.readouterr().out == (
        f"Accepted 12 loans with {events} events as landing 1 of {into}.\n"
    )
    day = AS_OF + timedelta(days=1)
    assert main(["eod", "run", str(into), "--date", day.isoformat()]) == 0
    assert f"{day}: 12 loans" in capsys.readouterr().out
    assert [closed.day for closed in closed_days(into)] == [day]
    again = main(["loans", "import", str(source), "--into", str(into)])
    assert again == 2
    assert (
        "error: loan loan 0003: It is in the portfolio already. Leave it out; to add events, "
        "import a folder with events alone." in capsys.readouterr().err
    )
    assert len(landings(into)) == 1


def test_one_loan_that_differs_keeps_all_of_them_out(
    tmp_path: Path, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, balances = made
    stated = [*balances[:4], balances[4] | {"principal": "1.00"}, *balances[5:]]
    source = folder(tmp_path / "moved", rows, stated)
    into, told = tmp_path / "portfolio", tmp_path / "told.csv"
    words = ["loans", "import", str(source), "--into", str(into), "--differences", str(told)]
    assert main(words) == 1
    right = balances[4]["principal"]
    assert capsys.readouterr().out == (
        "1 loan of 12 differs: nothing was accepted.\n"
        f"loan       what       stated  found\nloan 0004  principal  1.00    {right}\n"
    )
    assert told.read_text() == f"loan,what,stated,found\nloan 0004,principal,1.00,{right}\n"
    assert not into.exists()


# 1,000.00 without interest from 31 December 2025, 250.00 a month; 31 January 2026 is a Saturday.
MOVED = {"loan": "L-1", "product": "term loan", "lender": "north", "currency": "CNY",
         "principal": "1000", "annual_rate_percent": "0", "start": "2025-12-31", "instalments": "4",
         "calendar": "DE-BY", "shift": "following",
         "allocation": "past due, due, in advance: principal, interest, fees, penalties",
         }  # fmt: skip
OF_MOVED = [
    {"loan": "L-1", "event": "disbursement", "value_date": "2025-12-31", "amount": "1000"},
    {"loan": "L-1", "event": "charge", "value_date": "2026-01-15", "kind": "fee", "amount": "20"},
    {"loan": "L-1", "event": "repayment", "value_date": "2026-01-20", "amount": "260"},
    {"loan": "L-1", "event": "repayment", "value_date": "2026-03-05", "amount": "100",
     "entered_on": "2026-01-20"},
]  # fmt: skip
STATED = {"loan": "L-1", "as_of": "2026-02-01", "principal": "750.00", "receivable": "10.00",
          "overdue": "0.00", "days_past_due": "0", "status": "active"}  # fmt: skip
LATE = [("overdue", "0.00", "10.00"), ("days_past_due", "0", "1")]
FEE_FIRST = [("principal", "750.00", "760.00"), ("receivable", "10.00", "0.00")]


@pytest.mark.parametrize(
    ("without", "differs"),
    [
        ((), []),
        (("calendar", "shift"), LATE),
        (("allocation",), FEE_FIRST),
    ],
)
def test_terms_that_few_contracts_have_are_reconciled_too(
    without: Sequence[str], differs: list[tuple[str, str, str]]
) -> None:
    texts = {name: text for name, text in MOVED.items() if name not in without}
    found = reconcile(Tables({"L-1": texts}, {"L-1": OF_MOVED}, {"L-1": STATED}, ()))
    assert found.findings == ()
    assert [(each.what, each.stated, each.found) for each in found.differences] == differs


def test_instalments_agreed_one_by_one_are_reconciled_too() -> None:
    agreed = {name: text for name, text in MOVED.items() if name != "instalments"} | {
        "custom_principal": "2026-01-20: 260; 2026-06-30: 500; 2026-09-30"
    }  # fmt: skip
    stated = STATED | {"principal": "740.00", "receivable": "20.00"}
    stated |= {"overdue": "20.00", "days_past_due": "12"}
    found = reconcile(Tables({"L-1": agreed}, {"L-1": OF_MOVED}, {"L-1": stated}, ()))
    assert (found.findings, found.differences) == ((), ())
    wrong = agreed | {"custom_principal": "2026-01-20: 260; 2026-06-30: 800; 2026-09-30"}
    found = reconcile(Tables({"L-1": wrong}, {"L-1": OF_MOVED}, {"L-1": stated}, ()))
    assert [finding.line() for finding in found.findings] == [
        "error: loan L-1: The instalments pay 106000 of principal back, of 100000. Have them add "
        "up, or leave the last open."
    ]


def test_a_calendar_that_nobody_knows_is_told_of() -> None:
    texts = MOVED | {"calendar": "QQ"}
    found = reconcile(Tables({"L-1": texts}, {"L-1": OF_MOVED}, {"L-1": STATED}, ()))
    assert [finding.line() for finding in found.findings] == [
        "error: loan L-1: No holidays of 'QQ' are known. Write an ISO 3166 code such as CN, or "
        "leave the calendar out."
    ]


def test_what_makes_no_sense_is_told_of_all_together(
    tmp_path: Path, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, balances = made
    bad = [Landed({**rows[0].texts, "day_count": "often"}, rows[0].events), *rows[1:]]
    stray = {**balances[1], "loan": "loan 9999"}
    source = folder(tmp_path / "moved", bad, [*balances[:-1], stray])
    assert main(["loans", "import", str(source), "--into", str(tmp_path / "portfolio")]) == 2
    assert capsys.readouterr().err.splitlines()[-3:] == [
        "error: balances: Loan loan 9999 is not among the loans. Add it there, or take its rows "
        "out.",
        "error: loan loan 0000, day_count: The value 'often' is not known; write one of 30/360, "
        "equal periods, actual/360, actual/364, actual/365, actual/actual. "
        "See docs/guides/end-of-day.md.",
        "error: loan loan 0011: No balance is stated of it. State it: a loan is accepted only "
        "where its balance is confirmed.",
    ]


def test_events_of_a_later_day_join_the_loans_that_are_there(
    tmp_path: Path, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    source, into = folder(tmp_path / "moved", *made), tmp_path / "portfolio"
    main(["loans", "import", str(source), "--into", str(into)])
    day = AS_OF + timedelta(days=1)
    main(["eod", "run", str(into), "--date", day.isoformat()])
    later = tmp_path / "later"
    later.mkdir()
    pays = {"loan": "loan 0002", "event": "repayment", "value_date": day.isoformat(),
            "entered_on": (day + timedelta(days=1)).isoformat(), "amount": "1.00"}  # fmt: skip
    write(later / "events.csv", [pays])
    capsys.readouterr()
    assert main(["loans", "import", str(later), "--into", str(into)]) == 0
    assert capsys.readouterr().out == f"Accepted 1 event as landing 2 of {into}.\n"
    write(later / "events.csv", [pays, {**pays, "loan": "loan 7777"}])
    assert main(["loans", "import", str(later), "--into", str(into)]) == 2
    assert capsys.readouterr().err == (
        "error: events: Loan loan 7777 is not in the portfolio. Import the loan with its history "
        "first.\n"
    )


def test_loans_worked_out_in_several_processes_come_to_the_same(made: Made) -> None:
    rows, balances = made
    stated = [*balances[:4], balances[4] | {"principal": "1.00"}, *balances[5:]]
    bad = [Landed({**rows[0].texts, "day_count": "often"}, rows[0].events), *rows[1:]]
    tables = Tables(
        {row.texts["loan"]: row.texts for row in bad},
        {row.texts["loan"]: row.events for row in bad},
        {each["loan"]: each for each in stated},
        (),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reconciling, "TOGETHER", 5)
        assert reconcile(tables, 2) == reconcile(tables)
    assert len(reconcile(tables).differences) == len(reconcile(tables).findings) == 1


@pytest.mark.parametrize(
    ("gone", "message"),
    [
        ("balances.csv", "error: {source}: It has no balances. Name each table by what it holds, "
                         "such as balances.csv. See docs/guides/end-of-day.md."),
        ("events.csv", "error: {source}: It has no events. Name each table by what it holds, such "
                       "as events.csv. See docs/guides/end-of-day.md."),
    ],
)  # fmt: skip
def test_a_missing_table_is_named(
    tmp_path: Path, made: Made, capsys: pytest.CaptureFixture[str], gone: str, message: str
) -> None:
    source = folder(tmp_path / "moved", *made)
    (source / gone).unlink()
    assert main(["loans", "import", str(source), "--into", str(tmp_path / "into")]) == 2
    assert capsys.readouterr().err.strip() == message.format(source=source)


def test_a_table_that_lacks_a_column_is_named(
    tmp_path: Path, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    rows, balances = made
    without = [{name: text for name, text in row.items() if name != "as_of"} for row in balances]
    source = folder(tmp_path / "moved", rows, without)
    assert main(["loans", "import", str(source), "--into", str(tmp_path / "into")]) == 2
    assert capsys.readouterr().err.strip() == (
        "error: balances.csv: It has no column `as_of`. See docs/guides/end-of-day.md."
    )
    assert date.fromisoformat(balances[0]["as_of"]) == AS_OF


@pytest.mark.long
def test_workers_of_an_import_end_when_it_is_killed(tmp_path: Path, made: Made) -> None:
    rows, balances = made
    # More loans than one process works out at a time.
    many = [
        Landed({**row.texts, "loan": f"{row.texts['loan']} {copy}"}, row.events)
        for copy in range(22) for row in rows
    ]  # fmt: skip
    stated = [row | {"loan": f"{row['loan']} {copy}"} for copy in range(22) for row in balances]
    source, into = folder(tmp_path / "moved", many, stated), tmp_path / "portfolio"
    words = ["loans", "import", str(source), "--into", str(into), "--processes", "2"]
    # Each process tells what it imports: the import itself, and then each of its workers.
    own = os.environ | {"PYTHONPROFILEIMPORTTIME": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "tradeline", *words], env=own, cwd=Path(__file__).parents[3],
        stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        assert process.stderr
        told = 0
        while told < 3:
            line = process.stderr.readline()
            assert line, "It ended before it was killed."
            told += b"importing.reconciling" in line
        try:
            process.send_signal(signal.SIGKILL)
            process.communicate(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    assert process.returncode == -signal.SIGKILL
    assert not into.exists()
