"""Days of agreements by stage: what is written and booked, late, back-dated, repeated or killed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import psycopg
import pytest

from tests.lending.book_days.killing import killed
from tests.lending.book_days.made import booked, days, end
from tests.lending.book_days.staged import Rows, stage_rows, state, state_curves
from tests.lending.book_days.test_by_stage import basis
from tests.lending.conftest import opened_lender
from tests.lending.end_of_day.test_expected import CURVES
from tests.lending.servicing.lives import LINE, LOAN, ORDER, RECEIVABLE, opened
from tests.lending.servicing.loans import CONTRACT as CUMULATIVE
from tests.lending.servicing.loans import LOAN as NAME
from tests.lending.servicing.loans import NOW, START, ask, open_one, paid_out, repaid
from tests.lending.servicing.test_flows import wrong
from tradeline.book.connection import snapshot
from tradeline.kernel.findings import InputProblem
from tradeline.lending.book_days.by_stage import expected
from tradeline.lending.book_days.looks import Look, ahead, looked
from tradeline.lending.book_days.standing import known_on, standing
from tradeline.lending.loan.contract import Family
from tradeline.lending.loan.events import Event, Payoff
from tradeline.lending.participation.agreement import Agreement, Servicing
from tradeline.lending.provisions.expected_loss import interest_revenue
from tradeline.lending.reports.of_book import read_book
from tradeline.lending.reports.record import report_of
from tradeline.lending.servicing.of_loans import LOANS
from tradeline.lending.servicing.risk import ByStage, Fact, Rating, Valuation, known_facts
from tradeline.lending.servicing.saved import Saved

Worker = psycopg.Connection
CONTRACT = replace(CUMULATIVE, family=Family.PROGRESSIVE)  # its interest is income daily
BY_STAGE = ByStage(START, Fraction(2, 5))
GOOD, POOR = Rating(START, START, "A"), Rating(date(2026, 2, 20), date(2026, 2, 20), "C")
STATED: tuple[Fact, ...] = (BY_STAGE, GOOD)
DEPOSIT = Valuation(START, START, "deposit", "deposit", 200_000)
FIRST, LAST = date(2026, 2, 25), date(2026, 5, 12)
# The first instalment is late since 1 February: default from 2 May on.
LATE: tuple[Event, ...] = (paid_out(), repaid(50_000, date(2026, 3, 10)))
SHORT = days(date(2026, 4, 29), date(2026, 5, 5))


def opened_by_stage(lender: str, *stated: Fact, lenders: Agreement | None = None) -> None:
    from tradeline.lending.servicing.flows import Command, open_agreement

    state_curves(lender)
    open_agreement(Command(lender, NAME, "open", NOW), CONTRACT, lenders=lenders)
    state(lender, *stated)


def entered_until(lender: str, events: Sequence[Event], day: date) -> None:
    """Enter what happened until a day; what was entered before has its answer."""
    for number, event in enumerate(events):
        if event.entered_on <= day:
            ask(lender, f"event {number}", event)


def lived(
    worker: Worker, events: Sequence[Event], evenings: Sequence[date], *stated: Fact
) -> tuple[str, Rows]:
    """A lender of one loan whose days were ended on some evenings, and what was written."""
    lender = opened_lender(worker)
    opened_by_stage(lender, *stated)
    for day in evenings:
        entered_until(lender, events, day)
        assert [each.findings for each in end(worker, lender, day) if each.findings] == []
    return lender, stage_rows(worker, lender)


@pytest.fixture(scope="module")
def undisturbed(worker: Worker) -> tuple[str, Rows]:
    return lived(worker, LATE, SHORT, *STATED, POOR, DEPOSIT)


def test_days_are_written_as_the_rules_for_one_loan_say(
    worker: Worker, undisturbed: tuple[str, Rows]
) -> None:
    saved, stated = Saved(NAME, LOANS, CONTRACT, LATE), (*STATED, POOR, DEPOSIT)
    looks, allowance, suspended, stage = list[Look](), 0, 0, 0
    owed = earned = 0
    wanted = {}
    for day in SHORT:
        known = known_on(saved, day)
        stood, folded = standing(known, day)
        if stage == 3:
            part = Fraction(stood.interest_minor - earned, owed)
            revenue = [interest_revenue(at, owed, allowance, part, Fraction(1)) for at in (1, 3)]
            suspended += round(revenue[0] - revenue[1])
        looks.append(looked(known, day, stood, folded))
        stage, allowance = expected(
            basis(day), known, known_facts(stated, "CNY", day), looks, stood,
            ahead(known, folded, day),
        )  # fmt: skip
        owed, earned = stood.owed_minor, stood.interest_minor
        wanted[NAME, day] = stage, allowance, suspended
    assert undisturbed[1] == wanted
    assert {row[0] for row in wanted.values()} == {2, 3}
    assert suspended > 0
    assert wrong(worker, undisturbed[0]) == []


def test_interest_that_was_provided_for_is_no_income(
    worker: Worker, undisturbed: tuple[str, Rows]
) -> None:
    lender, found = undisturbed
    sums: dict[str, int] = {}
    life = replace(LOAN, name=NAME)
    for (_, code), amount in booked(worker, lender, [life])[NAME].items():
        sums[code] = sums.get(code, 0) + amount
    _, allowance, suspended = found[NAME, SHORT[-1]]
    assert sums["loss allowance/CNY"] == -allowance
    assert sums["interest in suspense/CNY"] == suspended
    assert sums["provision expense/CNY"] == allowance - suspended


def test_days_ended_late_are_the_same(worker: Worker, undisturbed: tuple[str, Rows]) -> None:
    lender, found = lived(worker, LATE, [SHORT[0], SHORT[-1]], *STATED, POOR, DEPOSIT)
    assert found == undisturbed[1]
    life = replace(LOAN, name=NAME)
    assert booked(worker, lender, [life]) == booked(worker, undisturbed[0], [life])


PAID_LATE = repaid(106_619, date(2026, 2, 1), date(2026, 3, 6))
PAID = repaid(106_619, date(2026, 2, 1))


def test_a_payment_that_is_entered_late_takes_its_stage_back(worker: Worker) -> None:
    """More than 30 days late from 4 March on, until it is known that it was paid in February."""
    evenings = [date(2026, 2, 27), date(2026, 3, 5), date(2026, 3, 7)]
    lender, late = lived(worker, [paid_out(), PAID_LATE], evenings, *STATED)
    _, on_time = lived(worker, [paid_out(), PAID], evenings, *STATED)
    stages = {day.isoformat(): row[0] for (_, day), row in late.items()}
    assert (stages["2026-03-03"], stages["2026-03-04"], stages["2026-03-05"]) == (1, 2, 2)
    for day in (date(2026, 3, 6), date(2026, 3, 7)):
        assert late[NAME, day] == on_time[NAME, day]
        assert late[NAME, day][0] == 1
    assert wrong(worker, lender) == []


def test_a_rating_that_is_told_late_counts_from_its_own_day(worker: Worker) -> None:
    """Better again when it is told: the probation counts from the last day of the poor grade."""
    better = Rating(date(2026, 2, 28), date(2026, 2, 28), "A")
    told = date(2026, 3, 4)
    evenings = [date(2026, 2, 19), date(2026, 3, 3), date(2026, 3, 5)]
    paid = [paid_out(), PAID, repaid(106_619, date(2026, 3, 1))]
    _, on_time = lived(worker, paid, evenings, *STATED, POOR, better)
    _, late = lived(worker, paid, evenings, *STATED,
                    replace(POOR, entered_on=told), replace(better, entered_on=told))  # fmt: skip
    assert [late[NAME, day][0] for day in (date(2026, 3, 3), told)] == [1, 2]
    assert on_time[NAME, date(2026, 2, 27)][0] == 2
    for day in (told, date(2026, 3, 5)):
        assert late[NAME, day] == on_time[NAME, day]


def test_it_is_by_age_until_it_is_stated_by_stage(worker: Worker) -> None:
    """A hundredth of 12,019.35 is provided for, then the loss of twelve months."""
    on, collateral = date(2026, 1, 8), replace(DEPOSIT, entered_on=date(2026, 1, 9))
    _, found = lived(worker, [paid_out()], [date(2026, 1, 7), date(2026, 1, 9)],
                     replace(BY_STAGE, entered_on=on), GOOD, collateral)  # fmt: skip
    by_age, by_stage, secured = (found[NAME, date(2026, 1, day)] for day in (7, 8, 9))
    assert by_age == (0, 12_019, 0)
    assert by_stage[0] == secured[0] == 1
    assert by_age[1] > by_stage[1] > secured[1] > 0


def test_a_borrower_whose_pd_is_not_known_is_not_taken_for_sound(worker: Worker) -> None:
    lender, day = opened_lender(worker), date(2026, 1, 5)
    opened_by_stage(lender, BY_STAGE)
    ask(lender, "out", paid_out())
    [closed] = end(worker, lender, day)
    assert [finding.line() for finding in closed.findings] == [
        f"error: agreement {NAME}: It is provided for by stage, and no rating of it is known, or "
        "no PDs of its grade. State its rating, and the PDs of that grade; what is provided for it "
        "stays until then."
    ]
    assert stage_rows(worker, lender)[NAME, day] == (0, 0, 0)
    state(lender, replace(GOOD, entered_on=day + timedelta(days=1)))
    [closed] = end(worker, lender, day + timedelta(days=1))
    assert closed.findings == ()
    stage, allowance, _ = stage_rows(worker, lender)[NAME, day + timedelta(days=1)]
    assert stage == 1
    assert allowance > 0


def test_pds_must_speak_of_all_its_months(worker: Worker) -> None:
    lender = opened_lender(worker)
    state_curves(lender, [replace(CURVES[0], cumulative=CURVES[0].cumulative[:11])])
    open_one(lender)
    state(lender, *STATED)
    ask(lender, "out", paid_out())
    [closed] = end(worker, lender, START)
    assert [finding.line() for finding in closed.findings] == [
        f"error: agreement {NAME}: It is provided for by stage, and it runs for more months than "
        "the PDs of its grade speak of. State PDs of more months; what is provided for it stays "
        "until then."
    ]


def test_financings_are_provided_for_by_what_is_due_on_their_day(worker: Worker) -> None:
    """Due in two months and in six; of an order 3,600,000 less 600,000 is owed."""
    lender, day = opened_lender(worker), date(2026, 1, 20)
    state_curves(lender)
    rate = Fraction(1, 5)
    for life in (RECEIVABLE, ORDER):
        opened(lender, life, f"open {life.name}", f"{lender} {life.name}")
        state(lender, replace(BY_STAGE, effective_rate=rate), GOOD, name=life.name)
        for number, event in enumerate(life.events):
            if event.entered_on <= day:
                ask(lender, f"{life.name} {number}", event, life.name)
    [closed] = end(worker, lender, day)
    assert closed.findings == ()
    pds = [0.0, *CURVES[0].cumulative]
    for life, months in ((RECEIVABLE, 1), (ORDER, 6)):
        stood, folded = standing(known_on(saved(life.name, life.contract, life.events), day), day)
        [(_, principal)] = ahead(saved(life.name, life.contract, life.events), folded, day)
        owed = [stood.owed_minor, *[principal] * (months - 1)]
        loss = sum(
            (pds[month] - pds[month - 1]) * amount / 1.2 ** (month / 12) * 0.4
            for month, amount in enumerate(owed, start=1)
        )
        assert stage_rows(worker, lender)[life.name, day] == (1, round(loss), 0)


def saved(name: str, contract: object, events: Sequence[Event]) -> Saved:
    from tradeline.lending.servicing.declared import kind_of

    return Saved(name, kind_of(contract), contract, tuple(events))  # type: ignore[arg-type]


def test_lenders_have_their_parts_of_what_is_withheld(worker: Worker) -> None:
    shared = Agreement((("bank", Fraction(2, 3)), ("fund", Fraction(1, 3))),
                       Servicing("platform", Fraction(1, 20)))  # fmt: skip
    lender = opened_lender(worker)
    opened_by_stage(lender, *STATED, lenders=shared)
    entered_until(lender, LATE, SHORT[0])
    end(worker, lender, date(2026, 5, 1))
    end(worker, lender, SHORT[-1])
    _, _, suspended = stage_rows(worker, lender)[NAME, SHORT[-1]]
    sums: dict[str, int] = {}
    for (_, code), amount in booked(worker, lender, [replace(LOAN, name=NAME)])[NAME].items():
        sums[code] = sums.get(code, 0) + amount
    parts = [sums[f"interest in suspense/CNY@{name}"] for name in ("bank", "fund")]
    assert sum(parts) == suspended > 0
    assert abs(parts[0] - 2 * parts[1]) <= 3
    assert wrong(worker, lender) == []
    with snapshot(worker, lender):
        told = report_of(read_book(worker, lender))
    rows = {row.lender: row for row in told.stages}
    assert {row.stage for row in told.stages} == {3}
    assert rows["bank"].allowance + rows["fund"].allowance == rows["all"].allowance
    assert rows["all"].allowance == stage_rows(worker, lender)[NAME, SHORT[-1]][1]


def test_reports_say_which_stage_moved_where(worker: Worker) -> None:
    lender, _ = lived(worker, LATE, [date(2026, 4, 30), date(2026, 5, 5)], *STATED, POOR)
    with snapshot(worker, lender):
        [moved] = report_of(read_book(worker, lender)).stage_moves
    assert (moved.stage, moved.loans, moved.moved_to[2]) == ("2", 1, moved.exposure)


def test_what_is_paid_back_needs_no_provision(worker: Worker) -> None:
    on = date(2026, 2, 3)
    whole = [paid_out(), Payoff(value_date=on, entered_on=on)]
    _, found = lived(worker, whole, [date(2026, 1, 30), date(2026, 2, 5)], *STATED)
    assert found[NAME, date(2026, 1, 30)][1] > 0
    assert found[NAME, max(day for _, day in found)] == (0, 0, 0)


@pytest.mark.parametrize(
    ("name", "fact", "message"),
    [
        (NAME, replace(BY_STAGE, lgd=Fraction(7, 5)), "error: loan loan_0001: An LGD of 1.4 is "
         "none. State a share from 0 to 1."),
        (NAME, replace(BY_STAGE, effective_rate=Fraction(-1)), "error: loan loan_0001: An "
         "effective rate of -1.0 is none. State one above -1."),
        (NAME, replace(GOOD, grade="D"), "error: loan loan_0001: It is rated 'D', a grade without "
         "PDs. State the PDs of that grade first."),
        (NAME, Valuation(START, START, "deposit", "ship", 1),  # type: ignore[arg-type]
         "error: loan loan_0001: 'deposit' of the kind 'ship' "
         "is no collateral. Name the item, and one of deposit, receivables, real_estate, "
         "equipment, inventory, guarantee."),
        (NAME, replace(DEPOSIT, prior_minor=-1), "error: loan loan_0001: 'deposit' is valued below "
         "zero, or what ranks before it is. State amounts from 0 on."),
        (LINE.name, BY_STAGE, "error: line line_1: A line is provided for by age: what will be "
         "drawn of it before a default, and when that is paid back, is not agreed. State it of "
         "loans, financed invoices and financed orders."),
        ("advance_1", GOOD, "error: advance advance_1: An advance is provided for by age: what it "
         "pays and when follows from sales that nobody knows yet. State it of loans, financed "
         "invoices and financed orders."),
        (RECEIVABLE.name, BY_STAGE, "error: receivable receivable_1: The terms of a receivable say "
         "no effective rate. State the effective rate, fees counted."),
        ("loan_9", BY_STAGE, "error: agreement loan_9: There is no such agreement. Check its id."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(several: str, name: str, fact: Fact, message: str) -> None:
    with pytest.raises(InputProblem) as refused:
        state(several, fact, name=name)
    assert str(refused.value) == message


@pytest.fixture(scope="module")
def several(worker: Worker) -> str:
    from tests.lending.servicing.lives import ADVANCE

    lender = opened_lender(worker)
    state_curves(lender)
    open_one(lender)
    for life in (LINE, ADVANCE, RECEIVABLE):
        opened(lender, life, f"open {life.name}", f"{lender} {life.name}")
    return lender


def test_a_fact_is_stated_once_for_each_key(worker: Worker, several: str) -> None:
    from tradeline.lending.servicing.flows import Command, state_risk

    command = Command(several, NAME, "one key", NOW)
    first = state_risk(command, BY_STAGE)
    assert state_risk(command, BY_STAGE) == first
    with pytest.raises(InputProblem, match="The key was used before, for something else"):
        state_risk(command, GOOD)
    assert wrong(worker, several) == []


@pytest.mark.long
def test_runs_that_were_killed_come_to_the_same(worker: Worker, served: Path) -> None:
    generator = np.random.default_rng(7)
    late = [*LATE, repaid(60_000, date(2026, 2, 3), date(2026, 5, 4))]
    stated = (*STATED, POOR, DEPOSIT)
    calm, wanted = lived(worker, late, days(FIRST, LAST), *stated)
    lender, kills = opened_lender(worker), 0
    opened_by_stage(lender, *stated)
    for day in [*days(FIRST, LAST)[::5], LAST]:
        entered_until(lender, late, day)
        kills += killed(served, lender, day, generator.random() / 4)
        end(worker, lender, day)
    assert kills > 0
    assert stage_rows(worker, lender) == wanted
    life = replace(LOAN, name=NAME)
    assert booked(worker, lender, [life]) == booked(worker, calm, [life])
    assert wrong(worker, lender) == []
