"""Reports of the book say what ledger and folds say; statements of any kind have one shape."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import psycopg
import pytest

from tests.lending.book_days.made import days, end, enter_on, entered, open_all
from tests.lending.conftest import opened_lender
from tests.lending.servicing.lives import ADVANCE, LINE, LIVES, LOAN, ORDER, RECEIVABLE, Life
from tests.lending.servicing.loans import ask, open_one, paid_out
from tradeline.book.connection import in_tenant, snapshot
from tradeline.cli.main import main
from tradeline.lending.ledger.reading import balances_on
from tradeline.lending.participation.agreement import Agreement, Servicing
from tradeline.lending.reports.account import account
from tradeline.lending.reports.of_book import read_book, read_book_statement
from tradeline.lending.reports.record import TABLES, Report, report_of
from tradeline.lending.reports.statement import shown
from tradeline.lending.servicing.declared import kind_of

Worker = psycopg.Connection
UNTIL, BEGIN, LAST = date(2026, 2, 10), date(2026, 2, 28), date(2026, 3, 19)
SHARED = Agreement((("bank", Fraction(2, 3)), ("fund", Fraction(1, 3))),
                   Servicing("platform", Fraction(1, 20)))  # fmt: skip


@pytest.fixture(scope="module")
def lender(worker: Worker) -> str:
    """A lender whose agreements nobody paid since 10 February, days ended from 28 February on."""
    name = opened_lender(worker)
    open_all(name, LIVES, SHARED)
    enter_on(name, days(date(2026, 1, 1), UNTIL))
    end(worker, name, BEGIN)
    end(worker, name, LAST)
    return name


@pytest.fixture(scope="module")
def report(worker: Worker, lender: str) -> Report:
    with snapshot(worker, lender):
        return report_of(read_book(worker, lender))


def test_the_trial_balance_is_that_of_the_ledger(
    worker: Worker, lender: str, report: Report
) -> None:
    sums = Counter[str]()
    for row in report.trial_balance:
        of = "" if row.lender == lender else f"@{row.lender}"
        sums[f"{row.account}/{row.currency}{of}"] += row.amount
    with in_tenant(worker, lender):
        wanted = balances_on(worker, LAST)
    assert dict(sums) == {code: amount for code, amount in wanted.items() if amount}
    assert {row.product for row in report.trial_balance} == {kind_of(each.contract).name
                                                             for each in LIVES}  # fmt: skip
    by_lender = Counter[str]()
    for row in report.trial_balance:
        by_lender[row.lender] += row.amount
    assert set(by_lender.values()) == {0}


def test_each_product_and_lender_stands_with_its_part_at_risk(report: Report) -> None:
    rows = {(row.product, row.lender): row for row in report.at_risk}
    whole = rows["all", "all"]
    assert (whole.loans, whole.over_60) == (5, 0)
    for name in ("principal", "over_30", "provided"):
        parts = [row for key, row in rows.items() if key != ("all", "all")]
        assert sum(getattr(row, name) for row in parts) == getattr(whole, name)
    bank, fund = rows["receivable", "bank"], rows["receivable", "fund"]
    assert bank.over_30 == bank.principal  # 32 days
    assert abs(bank.principal - 2 * fund.principal) <= 2
    assert rows["loan", "bank"].over_30 == 0  # 18 days


def test_rolls_are_by_days_late_of_every_kind(report: Report) -> None:
    assert report.rolled_from == "2026-02-28"
    rolls = {row.bucket: row for row in report.roll_rates}
    [receivable] = [row for row in report.at_risk if row.lender == "all"]
    assert rolls["1 to 30"].now[2] == receivable.over_30
    assert sum(row.loans for row in report.roll_rates) == 5


def test_the_forecast_of_a_lender_is_what_it_is_owed(report: Report) -> None:
    for product in ("loan", "line", "receivable", "order"):
        for lender in ("bank", "fund"):
            [row] = [row for row in report.at_risk
                     if (row.product, row.lender) == (product, lender)]  # fmt: skip
            ahead = [each.principal for each in report.cash_forecast
                     if (each.product, each.lender) == (product, lender)]  # fmt: skip
            assert sum(ahead) == row.principal > 0


def test_an_agreement_stands_under_the_product_that_it_names(worker: Worker) -> None:
    lender = opened_lender(worker)
    open_one(lender, product="working capital")
    ask(lender, "out", paid_out())
    end(worker, lender, BEGIN)
    with snapshot(worker, lender):
        told = report_of(read_book(worker, lender))
        found = read_book_statement(worker, lender, "loan_0001")
    assert [row.product for row in told.at_risk] == ["working capital", "all"]
    assert {row.product for row in told.trial_balance} == {"working capital"}
    assert found.product == "working capital"


def test_vintages_are_by_the_month_of_the_first_money(report: Report) -> None:
    assert [(row.month, row.loans) for row in report.vintages] == [("2026-01", 5)]


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_a_statement_says_what_moved_and_what_is_to_be_paid(life: Life) -> None:
    contract, kind = life.contract, kind_of(life.contract)
    for on in (date(2026, 1, 10), UNTIL, date(2026, 4, 2)):
        events = [event for event in entered(life) if event.value_date <= on]
        state = kind.fold(contract, tuple(events), on)
        found = account(contract, events, on)
        assert (found.kind, found.currency, found.day) == (kind.name, "CNY", on)
        assert found.moved[-1].balance == kind.principal(state)
        assert sum(due.principal for due in found.ahead) == kind.principal(state)
        assert dict(found.facts)["Status"] == kind.standing(state)["status"]
        assert dict(found.facts)["Days late"] == str(kind.standing(state)["days_late"])


def moved(life: Life, until: date = UNTIL) -> Sequence[tuple[str, int, int]]:
    events = [event for event in entered(life) if event.value_date <= until]
    found = account(life.contract, events, until).moved
    return [(each.what, each.amount, each.balance) for each in found]


def test_the_movements_of_each_kind() -> None:
    assert moved(LOAN) == [("disbursement", 1_200_000, 1_200_000),
                           ("repayment", 106_619, 1_105_381)]  # fmt: skip
    assert moved(LINE) == [("disbursement", 600_000, 600_000)]
    assert moved(ADVANCE) == [("disbursement", 900_000, 900_000),
                              ("discount fee", 100_000, 1_000_000),
                              ("repayment", 40_000, 960_000)]  # fmt: skip
    assert moved(RECEIVABLE)[:2] == [("advance", 8_000_000, 8_000_000),
                                     ("dilution", 500_000, 8_000_000)]  # fmt: skip
    assert moved(ORDER)[0] == ("draw", 3_600_000, 3_600_000)


def test_what_is_due_of_a_line_names_its_draw() -> None:
    events = [event for event in entered(LINE) if event.value_date <= UNTIL]
    found = account(LINE.contract, events, UNTIL).ahead
    assert {due.of for due in found} >= {"draw A"}


def test_a_statement_of_the_book_is_of_its_last_day(worker: Worker, lender: str) -> None:
    with snapshot(worker, lender):
        found = shown(read_book_statement(worker, lender, RECEIVABLE.name))
    assert found["heading"] == "Statement of receivable receivable_1"
    assert found["facts"][:3] == [["Product", "receivable"], ["Lender", "bank, fund"],
                                  ["Status", "overdue"]]  # fmt: skip
    [due] = found["ahead"]
    assert due[0] == "2026-02-15"
    assert due[-1] == "overdue"


@pytest.fixture
def _book(monkeypatch: pytest.MonkeyPatch, served: Path) -> None:
    monkeypatch.setenv("TRADELINE_BOOK", str(served))


@pytest.mark.usefixtures("_book")
def test_reports_and_statements_by_the_command(
    lender: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    book, out = ["--book", "--ledger", lender], tmp_path / "reports"
    assert main(["eod", "report", *book, "--out", str(out)]) == 0
    assert capsys.readouterr().out == (
        f"The portfolio at the end of {LAST}: open {out / 'report.html'}.\n"
    )
    assert {path.name for path in out.iterdir()} == {
        "report.html", "report.json", *(f"{name}.csv" for name in TABLES)
    }  # fmt: skip
    for life in LIVES:
        words = ["eod", "statement", *book, "--loan", life.name, "--out"]
        assert main([*words, str(tmp_path / f"{life.name}.html")]) == 0
        page = (tmp_path / f"{life.name}.html").read_text("utf-8")
        assert f"Statement of {kind_of(life.contract).name} <bdi>{life.name}</bdi>" in page
    assert main([*words, str(tmp_path / "one.pdf")]) == 0
    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.usefixtures("_book")
@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["statement", "--loan", "loan_9", "--ledger", "{lender}"],
         "error: agreement loan_9: There is no such agreement. Check its id."),
        (["statement", "--loan", "loan_1", "--ledger", "{new}"],
         "error: ledger {new}: No day of its agreements was ended yet. End one: tradeline eod run "
         "--book --date DATE."),
        (["report", "--ledger", "{new}"],
         "error: ledger {new}: No day of its agreements was ended yet. End one: tradeline eod run "
         "--book --date DATE."),
        (["report"], "error: --ledger: The book has {count} ledgers. Name the one that is meant."),
    ],
)  # fmt: skip
def test_wrong_options_are_told_of(
    worker: Worker, lender: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    words: list[str], message: str,
) -> None:  # fmt: skip
    from tradeline.lending.ledger.accounts import ledgers

    new = opened_lender(worker)
    open_all(new, [replace(LOAN, events=())])
    names = {"lender": lender, "new": new, "count": str(len(ledgers(worker)))}
    asked = [word.format(**names) for word in words]
    assert main(["eod", asked[0], "--book", *asked[1:], "--out", str(tmp_path / "x.html")]) == 2
    assert capsys.readouterr().err.strip() == message.format(**names)
