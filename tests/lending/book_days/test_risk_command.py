"""`tradeline eod risk` from its command line, and what it refuses."""

import subprocess
from datetime import date
from fractions import Fraction
from pathlib import Path

import psycopg
import pytest

from tests.lending.book_days.made import end
from tests.lending.book_days.staged import stage_rows
from tests.lending.clerk import Clerk
from tests.lending.servicing.loans import LOAN, ask, open_one, paid_out
from tradeline.book.connection import in_tenant
from tradeline.lending.servicing.risk import ByStage, Rating, Valuation
from tradeline.lending.servicing.risk_saved import read_book_curves, read_facts

DAY = date(2026, 1, 1)
TABLES = {
    "by_stage": "loan,entered_on,lgd_percent\nloan_0001,2026-01-01,45\n",
    "ratings": "loan,rated_on,grade,unlikely_to_pay,entered_on\n"
    "loan_0001,2026-01-01,B,,\nloan_0001,2026-01-05,C,yes,2026-01-09\n",
    "collateral": "loan,item,kind,value,valued_on\nloan_0001,till,inventory,500.00,2026-01-02\n",
    "pds": "grade,month,pd\n" + "".join(f"B,{m},{m / 100}\nC,{m},{m / 50}\n" for m in range(1, 13)),
}


@pytest.fixture
def clerk(speaking: "subprocess.Popen[str]", lender: str, tmp_path: Path) -> Clerk:
    """Who types the commands of a lender, in a process whose Django is the worker's."""
    return Clerk(speaking, ["eod"], ["--ledger", lender], tmp_path)


def write(clerk: Clerk, **tables: str) -> None:
    for name, text in tables.items():
        (clerk.folder / f"{name}.csv").write_text(text, encoding="utf-8")


def test_a_folder_states_what_stages_rest_on_once(worker: psycopg.Connection, clerk: Clerk) -> None:
    lender = clerk.tenant
    open_one(lender)
    ask(lender, "out", paid_out())
    write(clerk, **TABLES)
    told = f"{lender}: 4 facts of 1 agreement stated, and the PDs of 2 grades.\n"
    assert [clerk.told("risk", ".") for _ in range(2)] == [told, told]
    with in_tenant(worker, lender):
        stated, curves = read_facts(worker, LOAN), read_book_curves(worker, DAY)
    assert stated == (
        ByStage(DAY, Fraction(9, 20)),
        Rating(DAY, DAY, "B"),
        Rating(date(2026, 1, 9), date(2026, 1, 5), "C", unlikely_to_pay=True),
        Valuation(date(2026, 1, 2), date(2026, 1, 2), "till", "inventory", 50_000),
    )
    assert [(each.grade, each.cumulative[1]) for each in curves] == [("B", 0.02), ("C", 0.04)]
    end(worker, lender, date(2026, 1, 8))
    end(worker, lender, date(2026, 1, 9))
    rows = stage_rows(worker, lender)
    assert [rows[LOAN, date(2026, 1, day)][0] for day in (8, 9)] == [1, 3]


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({}, "error: .: It has none of by_stage, pds, ratings, collateral. Name a table by "
         "what it holds, such as ratings.csv. See docs/guides/servicing.md."),
        ({"ratings": "loan,rated_on,grade\nloan_0001,2026-01-01,D\nloan_0001,2026-01-02,E\n"},
         "error: loan loan_0001: It is rated 'D', a grade without PDs. State the PDs of that grade "
         "first.\nerror: loan loan_0001: It is rated 'E', a grade without PDs. State the PDs of "
         "that grade first."),
        ({"ratings": "loan,rated_on,grade\nloan_9,2026-01-01,A\n"},
         "error: agreement loan_9: There is no such agreement. Check its id."),
        ({"by_stage": "loan,entered_on,lgd_percent\nloan_0001,today,45\n"},
         "error: agreement loan_0001, by_stage, entered_on: 'today' is no date. See "
         "docs/guides/servicing.md."),
        ({"by_stage": "loan,lgd_percent\nloan_0001,45\n"},
         "error: by_stage.csv: It has no column `entered_on`. See docs/guides/end-of-day.md."),
        ({"pds": "grade,month,pd\nA,1,0.2\nA,2,0.1\n"},
         "error: pds, grade A from 0001-01-01: Its PDs fall; they are those by the end of each "
         "month, all before it in. Correct them."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_told_of_and_nothing_is_stated(
    worker: psycopg.Connection, clerk: Clerk, tables: dict[str, str], message: str
) -> None:
    open_one(clerk.tenant)
    write(clerk, **tables)
    assert clerk.refused("risk", ".").strip() == message
    with in_tenant(worker, clerk.tenant):
        assert read_facts(worker, LOAN) == ()


def test_a_folder_that_is_not_there_is_told_of(clerk: Clerk) -> None:
    assert clerk.refused("risk", "none") == (
        "error: none: There is no such folder. Check its name.\n"
    )


def test_a_column_that_is_not_read_is_told_of(clerk: Clerk) -> None:
    write(clerk, pds="grade,month,pd,colour\nA,1,0.2,red\n")
    code, out, err = clerk.say("risk", ".")
    assert (code, err) == (
        0, "warning: pds.csv: Not read: colour. If one of them matters, name it as "
        "docs/guides/end-of-day.md.\n",
    )  # fmt: skip
    assert out == f"{clerk.tenant}: 0 facts of 0 agreements stated, and the PDs of 1 grade.\n"
