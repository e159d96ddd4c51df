"""Provisions by stage over arrays are those that the rules for one loan give, day after day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.lending.end_of_day.made import START, Loan, loan
from tests.lending.end_of_day.written import landed
from tradeline.lending.collateral.security import (
    Collateral,
    CollateralKind,
    read_collateral_terms,
    secured,
)
from tradeline.lending.dates.due_dates import plus_months
from tradeline.lending.end_of_day.curves import Curve, curves_of
from tradeline.lending.end_of_day.expected import months_between
from tradeline.lending.end_of_day.folder import Landed, Later, land
from tradeline.lending.end_of_day.forbearance import forbearance
from tradeline.lending.end_of_day.late_days import ends_of_days
from tradeline.lending.end_of_day.run import run, state_path
from tradeline.lending.end_of_day.standing import ACCOUNTS
from tradeline.lending.end_of_day.states import read_state
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import LoanState, Status
from tradeline.lending.provisions.expected_loss import (
    Loans,
    expected_loss,
    exposures,
    interest_revenue,
)
from tradeline.lending.provisions.stages import Seen, read_stage_rules, remaining_pd, staged

FIRST = START + timedelta(days=55)
MONTHS = 30
GRADES = {"A": 0.001, "B": 0.004, "C": 0.02}
Texts = dict[str, str]


def curve(grade: str, since: date = date(2020, 1, 1), times: float = 1.0) -> Curve:
    hazard = GRADES[grade] * times
    pds = (1 - (1 - hazard) ** month for month in range(1, MONTHS + 1))
    return Curve(grade, since, tuple(pds))


CURVES = [*map(curve, GRADES), curve("B", FIRST + timedelta(days=30), 6.0)]


@dataclass(frozen=True, slots=True)
class ByStage:
    """A loan with its ratings, its collateral, its LGD and its effective rate."""

    made: Loan
    ratings: Sequence[tuple[date, str, bool]]
    items: Sequence[Collateral]
    lgd: float
    rate: float


def by_stage(place: int, generator: np.random.Generator) -> ByStage:
    made = loan(generator, 100)
    begin = made.contract.start
    ratings = [(begin, "ABC"[int(generator.integers(3))], False)]
    if generator.random() < 0.5:
        on = begin + timedelta(days=int(generator.integers(20, 80)))
        ratings.append((on, "ABC"[int(generator.integers(3))], bool(generator.random() < 0.5)))
        ratings.append((on + timedelta(days=8), ratings[-1][1], False))
    kinds: tuple[CollateralKind, ...] = ("deposit", "real_estate", "inventory", "guarantee")
    items = [
        Collateral(
            f"item {number}", kinds[int(generator.integers(4))],
            int(generator.integers(10_000, 3_000_000)), "CNY",
            begin + timedelta(days=int(generator.integers(0, 70))), int(generator.integers(1, 3)),
            int(generator.choice([0, 20_000])),
        )
        for number in range(int(generator.integers(0, 3)))
    ]  # fmt: skip
    return ByStage(made, ratings, items, 0.2 + place % 7 / 10, 0.05 + place / 100)


def money(minor: int) -> str:
    return f"{minor / 100:.2f}"


def rows(each: ByStage, row: Landed) -> Landed:
    """The loan as it lands."""
    texts = {**row.texts, "provisions": "by stage", "lgd_percent": f"{each.lgd * 100:.4f}",
             "effective_rate_percent": f"{each.rate * 100:.4f}"}  # fmt: skip
    attached = {
        "ratings": [
            {"rated_on": on.isoformat(), "grade": grade, "unlikely_to_pay": "yes" if bad else ""}
            for on, grade, bad in each.ratings
        ],
        "collateral": [
            {"item": item.id, "kind": item.kind, "value": money(item.value_minor),
             "valued_on": item.valued_on.isoformat(), "rank": str(item.rank),
             "prior": money(item.prior_minor)}
            for item in each.items
        ],
    }  # fmt: skip
    return Landed(texts, row.events, attached)


def state(each: Loan, day: date) -> LoanState:
    events = each.known(day)
    return fold(each.contract, [*events, *ends_of_days(each.contract, events, day)], day)


def rating(each: ByStage, day: date) -> tuple[str, bool]:
    return next((grade, bad) for on, grade, bad in reversed(each.ratings) if on <= day)


def pds(grade: str, day: date) -> tuple[float, ...]:
    own = sorted((one for one in CURVES if one.grade == grade), key=lambda one: one.since)
    return [one for one in own if one.since <= day][-1].cumulative


def owed_by_month(found: LoanState, owed: int, day: date) -> list[int]:
    """What is owed in each month if all is paid when due: first what the books hold."""
    ahead = [(row.due, row.open.principal) for row in found.instalments if row.due > day]
    months, number = [owed], 1
    while left := sum(part for due, part in ahead if due > plus_months(day, number)):
        months.append(left)
        number += 1
    return months


def seen(each: ByStage, found: LoanState, day: date, months: int) -> Seen:
    made = each.made
    eased = forbearance(made.contract, made.known(day), day)
    agreed = day.toordinal() - eased.late_since if eased.late_since else 0
    late = max(found.delinquency.days, agreed if eased.at_risk else 0)
    begun = found.disbursed[0].on
    passed = max(number for number in range(60) if plus_months(begun, number) <= day)
    at_start = pds(each.ratings[0][1], begun)[: passed + months]
    grade, bad = rating(each, day)
    return Seen(day, late, pds(grade, day)[months - 1], remaining_pd(at_start, passed),
                bool(eased.at_risk), bad)  # fmt: skip


def portfolio(root: Path, count: int, seed: int) -> list[ByStage]:
    generator = np.random.default_rng(seed)
    loans = [by_stage(place, generator) for place in range(count)]
    made = landed([one.made for one in loans])
    land(root, [rows(*pair) for pair in zip(loans, made, strict=True)], curves=CURVES)
    return loans


def booked(root: Path, day: date) -> tuple[dict[str, list[int]], list[int]]:
    found = read_state(state_path(root, day, 0))
    columns = {str(name): found.booked[:, at].tolist() for at, name in enumerate(ACCOUNTS)}
    return columns, found.staging.stage.tolist()


def test_arrays_provide_what_the_rules_for_one_loan_say(tmp_path: Path) -> None:
    compare(tmp_path, portfolio(tmp_path, 3, seed=0), FIRST + timedelta(days=17), 7)


@pytest.mark.long
def test_they_do_so_for_more_loans_and_days(tmp_path: Path) -> None:
    compare(tmp_path, portfolio(tmp_path, 12, seed=40), FIRST, 55)


def compare(root: Path, loans: list[ByStage], first: date, days: int) -> None:
    """Hold each day of each loan to the rules; all three stages come, and interest is withheld."""
    rules = read_stage_rules(FIRST)
    looks: list[list[Seen]] = [[] for _ in loans]
    allowance, suspense, was = [0] * len(loans), [0] * len(loans), [0] * len(loans)
    before: dict[str, list[int]] = {}
    owed_before: list[int] = []
    reached = set()
    for after in range(days):
        day = first + timedelta(days=after)
        [closed] = run(root, day)
        assert closed.findings == ()
        told, stages = booked(root, day)
        owed = [
            sum(pair)
            for pair in zip(
                told["loans receivable"], told["interest and fees receivable"], strict=True
            )
        ]
        for place, each in enumerate(loans):
            if was[place] == 3:
                earned = before["interest income"][place] - told["interest income"][place]
                whole = owed_before[place]
                parts = Fraction(earned, whole), Fraction(1)
                revenue = [interest_revenue(at, whole, allowance[place], *parts) for at in (1, 3)]
                suspense[place] += round(revenue[0] - revenue[1])
            found = state(each.made, day)
            if found.status is not Status.ACTIVE:
                allowance[place] = 0
            else:
                months = owed_by_month(found, owed[place], day)
                looks[place].append(seen(each, found, day, len(months)))
                stage = staged(rules, looks[place])[-1].stage
                allowance[place] = expected(each, stage, months, day)
                was[place] = stage
                reached.add(stage)
                assert stages[place] == stage, (place, day)
            assert -told["loss allowance"][place] == allowance[place], (place, day)
            assert told["interest in suspense"][place] == suspense[place], (place, day)
            assert told["provision expense"][place] == allowance[place] - suspense[place]
        before, owed_before = told, owed
    assert reached == {1, 2, 3}
    assert sum(suspense) > 0


def expected(each: ByStage, stage: int, months: list[int], day: date) -> int:
    grade, _ = rating(each, day)
    items = [item for item in each.items if item.valued_on <= day]
    lgd = each.lgd
    if items:
        lgd = secured(
            months[0], "CNY", items, read_collateral_terms(day), unsecured_lgd=each.lgd,
            rate_annual=each.rate, on=day,
        ).lgd  # fmt: skip
    found = expected_loss(
        Loans(
            np.array([stage]), np.array([pds(grade, day)]), exposures([months], MONTHS),
            np.array([float(months[0])]), np.array([lgd]), np.array([each.rate]),
        )
    )  # fmt: skip
    return int(found[0])


def test_a_loan_whose_risk_is_not_known_is_told_of_and_keeps_its_provision(tmp_path: Path) -> None:
    generator = np.random.default_rng(40)
    each = by_stage(0, generator)
    [row] = landed([each.made])
    right = rows(each, row)
    root = tmp_path / "portfolio"
    land(root, [Landed(right.texts, right.events)])
    [closed] = run(root, FIRST)
    assert [finding.line() for finding in closed.findings] == [
        "error: loan loan 0000: It is provided for by stage, and no rating of it is known, or no "
        "PDs of its grade. Import its rating, and the PDs of that grade; what is provided for it "
        "stays until then."
    ]
    short = [Curve(one.grade, one.since, one.cumulative[:1]) for one in CURVES]
    more = Later(0, 0, "CNY", [], right.attached)
    land(root, [], [more], short)
    [closed] = run(root, FIRST + timedelta(days=1))
    assert [finding.line() for finding in closed.findings] == [
        "error: loan loan 0000: It runs for more months than the PDs of its grade speak of. Import "
        "PDs of more months; what is provided for it stays until then."
    ]
    assert booked(root, FIRST + timedelta(days=1))[0]["loss allowance"] == [0]
    land(root, [], [], CURVES)
    [closed] = run(root, FIRST + timedelta(days=2))
    assert closed.findings == ()
    assert booked(root, FIRST + timedelta(days=2))[0]["loss allowance"][0] < 0


def test_months_are_counted_as_due_dates_are() -> None:
    days = [date(2023, 11, 20) + timedelta(days=at) for at in range(140)]
    for begin in days[::7]:
        later = np.array([day.toordinal() for day in days if day > begin])
        found = months_between(np.full(len(later), begin.toordinal()), later)
        for day, month in zip(later.tolist(), found.tolist(), strict=True):
            on = date.fromordinal(day)
            assert plus_months(begin, month - 1) < on <= plus_months(begin, month)


def test_the_newest_curve_in_force_counts_and_before_all_of_them_the_first() -> None:
    found = curves_of([curve("B", date(2021, 1, 1), 2.0), *CURVES])
    days = [date(2019, 1, 1), date(2020, 6, 1), date(2022, 1, 1)]
    rows = found.at(["B"] * 3, np.array([day.toordinal() for day in days]))
    since = [date.fromordinal(int(found.since[row])) for row in rows]
    assert since == [date(2020, 1, 1), date(2020, 1, 1), date(2021, 1, 1)]
    assert found.at(["D"], np.array([days[0].toordinal()])).tolist() == [-1]
