"""Reports say what folds and journals say, and all forms of one say the same."""

import csv
import json
from collections import Counter
from dataclasses import fields, replace
from datetime import date
from fractions import Fraction
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from tests.lending.end_of_day.made import Loan, loan
from tests.lending.end_of_day.written import landed
from tradeline.cli.main import main
from tradeline.kernel.chain import read_chain
from tradeline.kernel.findings import InputProblem
from tradeline.lending.bookings.chart import Account
from tradeline.lending.end_of_day import folder
from tradeline.lending.end_of_day.folder import Landed, land
from tradeline.lending.end_of_day.late_days import ends_of_days
from tradeline.lending.end_of_day.provisions import class_of
from tradeline.lending.end_of_day.run import run
from tradeline.lending.end_of_day.standing import ACCOUNTS
from tradeline.lending.loan.events import DelinquencyPause, Reage
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import LoanState, Status
from tradeline.lending.provisions.by_age import read_age_classes
from tradeline.lending.reports.figures import Figures, read_figures
from tradeline.lending.reports.page import amount, report_page
from tradeline.lending.reports.record import TABLES, report_csv, report_json, report_of
from tradeline.lending.reports.tables import (
    at_risk,
    roll_rates,
    stage_moves,
    stages,
    trial_balance,
    vintages,
)

FIRST = date(2026, 1, 30)
LAST = date(2026, 2, 2)
Made = tuple[Path, list[Loan]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A portfolio in two chunks whose days were ended over the end of a month."""
    generator = np.random.default_rng(8)
    loans = [loan(generator, 90) for _ in range(18)]
    root = tmp_path_factory.mktemp("reports") / "portfolio"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder, "LOANS_OF_CHUNK", 10)
        land(root, landed(loans))
    run(root, FIRST)
    run(root, LAST)
    return root, loans


def state(each: Loan, day: date) -> LoanState:
    events = each.known(day)
    return fold(each.contract, [*events, *ends_of_days(each.contract, events, day)], day)


def test_the_portfolio_at_risk_is_that_of_the_folds(made: Made) -> None:
    root, loans = made
    expected: Counter[tuple[str, int]] = Counter()
    for place, each in enumerate(loans):
        found = state(each, LAST)
        eased = any(isinstance(event, Reage | DelinquencyPause) for event in each.known(LAST))
        if found.status is not Status.ACTIVE or eased:
            continue
        lender = f"bank {place % 3}"
        expected[lender, 0] += found.principal_open
        for days in (30, 60):
            expected[lender, days] += found.principal_open * (found.delinquency.days > days)
    figures = read_figures(root).figures
    calm = replace(figures, active=figures.active & ~figures.forborne)
    told: Counter[tuple[str, int]] = Counter()
    for row in at_risk(calm, calm):
        if row.product != "all":
            told += Counter({(row.lender, 0): row.principal, (row.lender, 30): row.over_30,
                             (row.lender, 60): row.over_60})  # fmt: skip
    assert told == +expected
    assert told["bank 0", 30] > 0


def test_the_trial_balance_is_the_sum_of_all_journals(made: Made) -> None:
    root, _ = made
    booked: Counter[tuple[str, str, str]] = Counter()
    for path in sorted((root / "days").glob("*/journal.jsonl")):
        for line in read_chain(path.read_text(), str(path), ""):
            for product, lender, _, _, postings in line["entries"]:
                assert sum(minor for _, minor in postings) == 0
                for account, minor in postings:
                    booked[product, lender, account] += minor
    told = {(row.product, row.lender, row.account): row.amount
            for row in trial_balance(read_figures(root).held)}  # fmt: skip
    assert told == {key: minor for key, minor in booked.items() if minor}
    assert sum(told.values()) == 0


def test_provisions_are_shares_of_what_is_owed_by_days_late(made: Made) -> None:
    figures = read_figures(made[0]).figures
    classes = read_age_classes(LAST)
    names = [each.name for each in classes]
    assert names == ["normal", "special mention", "substandard", "doubtful", "loss"]
    days = np.array([0, 1, 90, 91, 270, 271, 360, 361])
    assert class_of(days, classes).tolist() == [0, 1, 1, 2, 2, 3, 3, 4]
    account = {str(name): figures.booked[:, ACCOUNTS.index(name)] for name in ACCOUNTS}
    for place in np.flatnonzero(figures.active).tolist():
        owed = int(
            account["loans receivable"][place] + account["interest and fees receivable"][place]
        )
        share = classes[int(class_of(figures.late[place : place + 1], classes)[0])].share
        provided = -int(account["loss allowance"][place])
        assert abs(provided - owed * share) <= Fraction(1, 2)


def test_what_is_forecast_is_what_active_loans_have_open(made: Made) -> None:
    root, loans = made
    report = report_of(read_figures(root))
    told = sum(row.principal + row.interest + row.charges for row in report.cash_forecast)
    found = [state(each, LAST) for each in loans]
    active = [each for each in found if each.status is Status.ACTIVE]
    assert told == sum(row.open.total for each in active for row in each.instalments)
    overdue = sum(row.principal + row.interest + row.charges
                  for row in report.cash_forecast if row.month == "overdue")  # fmt: skip
    due = [row for each in active for row in each.instalments if row.due <= LAST]
    assert overdue == sum(row.open.total for row in due)


def some(**columns: object) -> Figures:
    """Four loans of 100 each, whatever else is stated of them."""
    plain = {
        "day": LAST, "before": FIRST, "product": np.array(["flat"] * 4),
        "lender": np.array(["bank"] * 4), "currency": np.array(["CNY"] * 4),
        "active": np.ones(4, dtype=bool), "lost": np.zeros(4, dtype=bool),
        "principal": np.full(4, 100), "late": np.zeros(4, dtype=np.int64),
        "forborne": np.zeros(4, dtype=bool), "disbursed": np.full(4, 100),
        "disbursed_on": np.full(4, date(2025, 6, 15).toordinal()),
        "reached": np.zeros((4, 3), dtype=np.int64), "late_before": np.zeros(4, dtype=np.int64),
        "principal_before": np.full(4, 100), "owed_before": np.full(4, 110),
        "stage": np.zeros(4, dtype=np.int64), "stage_before": np.zeros(4, dtype=np.int64),
        "booked": np.zeros((4, len(ACCOUNTS)), dtype=np.int64),
    }  # fmt: skip
    assert set(plain) == {field.name for field in fields(Figures)}
    return Figures(**(plain | columns))  # type: ignore[arg-type]


def test_a_loan_whose_terms_were_eased_stays_at_risk_until_it_is_cured() -> None:
    eased = some(forborne=np.array([True, False, False, False]), late=np.array([0, 31, 30, 0]))
    [row, _] = at_risk(eased, eased)
    assert (row.over_30, row.over_60, row.forborne) == (200, 0, 100)


def test_a_vintage_says_what_was_late_within_so_many_months() -> None:
    days = [date(2025, 9, 20), date(2026, 1, 2), None, None]
    reached = np.array([[0, 0, day.toordinal() if day else 0] for day in days])
    [row] = vintages(some(reached=reached))
    assert (row.month, row.loans, row.disbursed) == ("2025-06", 4, 400)
    assert row.late_90 == (100, 100, None, None, None, None, None)


def test_rolls_follow_each_loan_from_its_bucket_at_the_month_end() -> None:
    found = some(
        late_before=np.array([0, 5, 5, -1]), late=np.array([3, 0, 33, 0]),
        active=np.array([True, True, True, True]),
    )  # fmt: skip
    rows = {row.bucket: row for row in roll_rates(found)}
    assert rows["not late"].now == (0, 100, 0, 0, 0, 0, 0)
    assert rows["1 to 30"].now == (100, 0, 100, 0, 0, 0, 0)
    assert rows["1 to 30"].loans == 2
    gone = some(active=np.zeros(4, dtype=bool), lost=np.array([True, False, False, False]))
    assert {row.bucket: row for row in roll_rates(gone)}["not late"].now[-2:] == (300, 100)


def test_stages_are_told_with_what_is_owed_and_provided_for() -> None:
    booked = np.zeros((4, len(ACCOUNTS)), dtype=np.int64)
    for name, amounts in (("loans receivable", [100, 100, 300, 50]),
                          ("interest and fees receivable", [5, 5, 0, 0]),
                          ("loss allowance", [-1, -2, -100, 0])):  # fmt: skip
        booked[:, ACCOUNTS.index(Account(name))] = amounts
    found = some(booked=booked, stage=np.array([1, 1, 3, 0]))
    rows = stages(found, found)
    assert [(row.product, row.stage, row.loans, row.exposure, row.allowance,
             row.coverage_percent) for row in rows] == [
        ("flat", 1, 2, 210, 3, "1.43"), ("flat", 3, 1, 300, 100, "33.33"),
        ("all", 1, 2, 210, 3, "1.43"), ("all", 3, 1, 300, 100, "33.33"),
    ]  # fmt: skip


def test_moves_between_stages_follow_each_loan_from_the_month_end() -> None:
    booked = np.zeros((4, len(ACCOUNTS)), dtype=np.int64)
    booked[:, ACCOUNTS.index(Account.LOANS_RECEIVABLE)] = [90, 80, 0, 70]
    found = some(
        booked=booked, stage=np.array([1, 3, 0, 2]), stage_before=np.array([1, 1, 2, 0]),
        lost=np.array([False, False, True, False]),
    )  # fmt: skip
    assert [(row.stage, row.loans, row.exposure, row.moved_to)
            for row in stage_moves(found)] == [
        ("1", 2, 220, (110, 0, 110, 0, 0)), ("2", 1, 110, (0, 0, 0, 0, 110)),
        ("new", 1, 70, (0, 70, 0, 0, 0)),
    ]  # fmt: skip
    assert stage_moves(some()) == []


def test_a_shared_loan_stands_under_each_of_its_lenders_and_once_among_all(
    tmp_path: Path,
) -> None:
    generator = np.random.default_rng(8)
    loans = [loan(generator, 90) for _ in range(3)]
    shares = [{"lender": "bank 0", "share": "2/3"}, {"lender": "fund", "share": "1/3"}]
    rows = [Landed(row.texts, row.events, {"participations": shares if at == 0 else []})
            for at, row in enumerate(landed(loans))]  # fmt: skip
    land(tmp_path, rows)
    run(tmp_path, FIRST)
    read = read_figures(tmp_path)
    told = report_of(read)
    [total] = [row for row in told.at_risk if row.product == "all"]
    lenders = [row for row in told.at_risk if row.product != "all"]
    assert total.loans == 3
    assert sum(row.loans for row in lenders) == 4
    for name in ("principal", "over_30", "provided"):
        assert sum(getattr(row, name) for row in lenders) == getattr(total, name)
    assert "fund" in {row.lender for row in told.trial_balance}
    forecast = [row for row in told.cash_forecast if row.lender == "fund"]
    [fund] = [row for row in lenders if row.lender == "fund"]
    assert sum(row.principal for row in forecast) == fund.principal > 0


def test_rolls_begin_at_the_last_month_end(made: Made) -> None:
    read = read_figures(made[0])
    assert read.figures.before == date(2026, 1, 31)
    before = [state(each, date(2026, 1, 31)) for each in made[1]]
    active = [each for each in before if each.status is Status.ACTIVE]
    rolls = report_of(read).roll_rates
    assert sum(row.loans for row in rolls) == len(active)
    assert sum(row.principal for row in rolls) == sum(each.principal_open for each in active)


def test_page_json_and_csv_tell_the_same(made: Made) -> None:
    report = report_of(read_figures(made[0]))
    content = json.loads(report_json(report))
    assert content["format"] == "tradeline-portfolio-report/1"
    for name, kind in TABLES.items():
        rows = list(csv.DictReader(StringIO(report_csv(report, name))))
        assert len(rows) == len(content[name])
        for row, told in zip(rows, content[name], strict=True):
            for field in fields(kind):
                if not isinstance(told[field.name], list):
                    assert row[field.name] == str(told[field.name])
    page = report_page(report)
    assert "http:" not in page.replace("http://www.w3.org", "")
    assert all(amount(row.principal, "CNY") in page for row in report.at_risk)
    assert page == report_page(report_of(read_figures(made[0])))


def test_amounts_are_shown_to_the_minor_unit() -> None:
    assert amount(123_456_789, "CNY") == "1,234,567.89"
    assert amount(-5, "CNY") == "\N{MINUS SIGN}0.05"
    assert amount(1_234, "JPY") == "1,234"


def test_reports_and_statements_by_the_command(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root, loans = made
    out = tmp_path / "reports"
    assert main(["eod", "report", str(root), "--out", str(out)]) == 0
    assert capsys.readouterr().out == (
        f"The portfolio at the end of {LAST}: open {out / 'report.html'}.\n"
    )
    assert {path.name for path in out.iterdir()} == {
        "report.html", "report.json", *(f"{name}.csv" for name in TABLES)
    }  # fmt: skip
    words = ["eod", "statement", str(root), "--loan", "loan 0004", "--out"]
    assert main([*words, str(tmp_path / "one.html")]) == 0
    assert main([*words, str(tmp_path / "one.pdf")]) == 0
    assert main([*words, str(tmp_path / "same.pdf")]) == 0
    page = (tmp_path / "one.html").read_text()
    found = state(loans[4], LAST)
    for made_ in found.transactions:
        assert amount(made_.amount, "CNY") in page
    assert (tmp_path / "one.pdf").read_bytes().startswith(b"%PDF-")
    assert (tmp_path / "one.pdf").read_bytes() == (tmp_path / "same.pdf").read_bytes()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["report", "{root}", "--out", "{root}"],
         "error: --out: {root} is there. Name a new folder."),
        (["report", "{new}", "--out", "{new}/x"],
         "error: {new}: This is no portfolio. Import one: tradeline loans import FOLDER --into "
         "DIR."),
        (["statement", "{root}", "--loan", "X", "--out", "{new}.pdf"],
         "error: --loan: The portfolio has no loan 'X'. Check its id."),
        (["statement", "{root}", "--loan", "X", "--out", "{new}.txt"],
         "error: --out: It ends in neither .html nor .pdf. Name it so."),
        (["run", "{root}", "--date", "yesterday"],
         "error: --date: 'yesterday' is no date. Write it like 2026-03-31."),
        (["run", "{root}", "--date", "2026-02-03", "--processes", "0"],
         "error: --processes: 0 is none. Take 1."),
        (["run", "{new}", "--date", "2026-02-03"],
         "error: {new}: This is no portfolio. Import one: tradeline loans import FOLDER --into "
         "DIR."),
    ],
)  # fmt: skip
def test_wrong_options_are_told_of(
    made: Made, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
) -> None:
    places = {"root": made[0], "new": tmp_path / "new"}
    assert main(["eod", *(word.format(**places) for word in words)]) == 2
    assert capsys.readouterr().err.strip() == message.format(**places)


def test_a_day_that_is_ended_is_not_ended_again(
    made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["eod", "run", str(made[0]), "--date", FIRST.isoformat()]) == 0
    assert capsys.readouterr().out == (f"{FIRST} is ended already; the last day ended is {LAST}.\n")


def test_without_a_day_ended_there_is_nothing_to_report(tmp_path: Path) -> None:
    land(tmp_path / "portfolio", landed([loan(np.random.default_rng(1), 30)]))
    with pytest.raises(InputProblem, match=r"No day of this portfolio was ended yet\."):
        read_figures(tmp_path / "portfolio")
