"""Advances in a portfolio: swept, earned and booked as the rules for one advance say."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tradeline.kernel.findings import InputProblem
from tradeline.lending.end_of_day.advance_terms import advance_of
from tradeline.lending.end_of_day.advances import days_late
from tradeline.lending.end_of_day.folder import Landed, Later, land
from tradeline.lending.end_of_day.run import run, state_path
from tradeline.lending.end_of_day.standing import ACCOUNTS
from tradeline.lending.end_of_day.states import read_swept
from tradeline.lending.reports.figures import read_figures
from tradeline.lending.reports.record import report_of
from tradeline.lending.reports.statement import read_statement
from tradeline.lending.revenue_share.collection import Payment, Sale, collections
from tradeline.lending.revenue_share.transactions import Receipt, lines, transactions

START = date(2026, 1, 5)
NAMES = {"deferred fee": "deferred fees", "overpayment": "overpayments",
         "fee income": "fee and penalty income"}  # fmt: skip
TERMS = {
    "loan": "A-1", "product": "share of sales", "lender": "north", "currency": "CNY",
    "advance": "9000.00", "fee": "900.00", "share_percent": "15", "disbursed_on": "2026-01-05",
    "annual_sales": "120000.00", "milestones": "3", "milestone_days": "20", "term_days": "60",
}  # fmt: skip
Rows = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Made:
    """An advance with all its sales and payments."""

    texts: dict[str, str]
    sales: Rows
    payments: Rows

    @property
    def landed(self) -> Landed:
        return Landed(self.texts, (), {"sales": self.sales, "payments": self.payments})


def made(place: int, generator: np.random.Generator, days: int) -> Made:
    begin = START + timedelta(days=int(generator.integers(0, 6)))
    texts = TERMS | {
        "loan": f"A-{place}", "lender": f"bank {place % 2}", "disbursed_on": begin.isoformat(),
        "advance": f"{int(generator.integers(500, 9000))}.00",
        "fee": f"{int(generator.integers(0, 90000)) / 100:.2f}",
        "share_percent": str(int(generator.integers(5, 40))),
        "base": "net of refunds" if generator.random() < 0.5 else "gross",
        "milestones": str(place % 3 * 2), "milestone_days": "9" if place % 3 else "",
        "term_days": "30" if place % 2 else "",
    }  # fmt: skip
    sales, payments = Rows(), Rows()
    for after in range(1, days):
        on = begin + timedelta(days=after)
        if generator.random() < 0.6:
            sales.append({"sold_on": on.isoformat(),
                          "amount": f"{int(generator.integers(0, 90000)) / 100:.2f}"})  # fmt: skip
        if generator.random() < 0.1:
            sales.append({"sold_on": on.isoformat(), "refund": "yes",
                          "amount": f"{int(generator.integers(0, 40000)) / 100:.2f}"})  # fmt: skip
        if generator.random() < 0.04:
            amount = f"{int(generator.integers(1, 300000)) / 100:.2f}"
            payments.append({"paid_on": on.isoformat(), "amount": amount})
    return Made(texts, sales, payments)


def minor(text: str) -> int:
    return round(float(text) * 100)


def right(each: Made, day: date) -> Counter[str]:
    """What the rules for one advance book of it until the end of a day."""
    terms, plan = advance_of(each.texts, "advance")
    sales = [Sale(date.fromisoformat(row["sold_on"]), minor(row["amount"]),
                  refund=row.get("refund") == "yes") for row in each.sales]  # fmt: skip
    payments = [Payment(date.fromisoformat(row["paid_on"]), minor(row["amount"]))
                for row in each.payments]  # fmt: skip
    came = [Receipt(one.on, one.amount_minor) for one in payments if one.on <= day]
    came += [Receipt(one.on, one.amount_minor)
             for one in collections(terms, sales, day, payments=payments)]  # fmt: skip
    found: Counter[str] = Counter()
    if terms.disbursed_on <= day:
        for one in transactions(plan, terms.disbursed_on, came):
            for line in lines(one):
                found[NAMES.get(line.account, line.account)] += line.amount_minor
    return Counter({name: amount for name, amount in found.items() if amount})


def booked(root: Path, day: date) -> list[Counter[str]]:
    found = read_swept(state_path(root, day, 0))
    kept = [at for at, name in enumerate(ACCOUNTS)
            if name not in ("loss allowance", "provision expense")]  # fmt: skip
    return [
        Counter({str(ACCOUNTS[at]): int(row[at]) for at in kept if row[at]}) for row in found.booked
    ]


@pytest.mark.parametrize("first", [0, 17])
def test_each_day_books_what_the_rules_for_one_advance_say(tmp_path: Path, first: int) -> None:
    generator = np.random.default_rng(9)
    advances = [made(place, generator, 36) for place in range(9)]
    land(tmp_path, [], advances=[each.landed for each in advances])
    for after in range(first, 30 if first == 0 else 22):
        day = START + timedelta(days=after)
        run(tmp_path, day)
        if after % 4 == 1:
            assert booked(tmp_path, day) == [right(each, day) for each in advances]
    if first == 0:
        assert any(found["overpayments"] for found in booked(tmp_path, day))


def test_a_sale_that_is_told_late_is_swept_by_the_next_run(tmp_path: Path) -> None:
    land(tmp_path, [], advances=[Landed(TERMS, ())])
    run(tmp_path, START + timedelta(days=4))
    late = {"sold_on": "2026-01-07", "entered_on": "2026-01-10", "amount": "1000.00"}
    early = {"sold_on": "2026-01-05", "entered_on": "2026-01-10", "amount": "500.00"}
    land(tmp_path, [], [Later(0, 0, "CNY", (), {"sales": [late, early]})])
    [closed] = run(tmp_path, START + timedelta(days=5))
    assert (closed.paid, closed.due) == (1, 0)
    assert booked(tmp_path, START + timedelta(days=5))[0]["loans receivable"] == 990_000 - 15_000


def test_a_debit_that_comes_back_makes_an_advance_late_until_enough_has_come(
    tmp_path: Path,
) -> None:
    back = {"paid_on": "2026-01-27", "amount": "-3300.00"}
    paid = {"paid_on": "2026-02-08", "amount": "3300.00"}
    land(tmp_path, [], advances=[Landed(TERMS, (), {"payments": [back, paid]})])
    told = {}
    for number in (20, 21, 22, 33, 34, 35):
        day = START + timedelta(days=number)
        run(tmp_path, day)
        found = read_swept(state_path(tmp_path, day, 0))
        told[number] = int(days_late(found)[0]), booked(tmp_path, day)[0]["clearing"]
    assert told[20] == told[21] == (0, -900_000 + 330_000)
    assert told[22] == (2, -900_000)
    assert told[33] == (13, -900_000)
    assert told[34] == told[35] == (0, -900_000 + 330_000)
    earned = booked(tmp_path, START + timedelta(days=35))[0]["fee and penalty income"]
    terms, plan = advance_of(TERMS, "advance")
    assert -earned == round(Fraction(plan.earned_fine(330_000), 10**20))
    assert terms.total_minor == 990_000


def test_reports_hold_advances_by_lender(tmp_path: Path) -> None:
    shares = [{"lender": "north", "share": "2/3"}, {"lender": "south", "share": "1/3"}]
    sale = {"sold_on": "2026-01-07", "amount": "1000.00"}
    advance = Landed(TERMS, (), {"participations": shares, "sales": [sale]})
    land(tmp_path, [], advances=[advance])
    run(tmp_path, date(2026, 1, 31))
    run(tmp_path, date(2026, 2, 2))
    report = report_of(read_figures(tmp_path))
    rows = {row.lender: row for row in report.at_risk}
    assert (rows["north"].loans, rows["south"].loans, rows["all"].loans) == (1, 1, 1)
    owed = 990_000 - 330_000  # the first milestone asked for what the share did not bring
    deferred = -next(row.amount for row in report.trial_balance
                     if row.account == "deferred fees" and row.lender == "north")  # fmt: skip
    assert rows["all"].principal == rows["north"].principal + rows["south"].principal
    assert abs(rows["north"].principal - (owed * 2 // 3 - deferred)) <= 2
    assert rows["all"].provided > 0
    forecast = report.cash_forecast
    assert sum(row.principal + row.interest + row.charges for row in forecast) == owed
    assert {row.lender for row in forecast} == {"north", "south"}
    sums: Counter[str] = Counter()
    for row in report.trial_balance:
        sums[row.lender] += row.amount
    assert set(sums.values()) == {0}
    of = read_statement(tmp_path, "A-1").account
    assert of.moved[-1].balance == owed == dict(of.facts)["Advance and fee still owed"]
    assert [each.what for each in of.moved[:2]] == ["disbursement", "fee"]
    assert sum(due.total for due in of.ahead) == owed
    [vintage] = report.vintages
    assert (vintage.month, vintage.disbursed) == ("2026-01", 900_000)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"share_percent": "0"},
         "error: A-1: The share of sales must be above zero and at most 100 %. State a share such "
         "as 10 %. See docs/guides/end-of-day.md."),
        ({"milestone_days": ""},
         "error: A-1, milestones: State their number and their days, or neither. "
         "See docs/guides/end-of-day.md."),
        ({"annual_sales": "0"},
         "error: A-1: Sales, share and days of a year must be above zero, and the share at most "
         "100 %. State sales of a year, a share such as 18 %, and 360 or 365 days. "
         "See docs/guides/end-of-day.md."),
        ({"base": "net"},
         "error: A-1, base: The value 'net' is not known; write one of gross, net of refunds. "
         "See docs/guides/end-of-day.md."),
    ],
)  # fmt: skip
def test_an_advance_that_states_nonsense_is_refused(changed: dict[str, str], message: str) -> None:
    with pytest.raises(InputProblem) as refusal:
        advance_of(TERMS | changed, "A-1")
    assert str(refusal.value).splitlines() == [message]
