"""Days of saved agreements of every kind: each ends as its fold says, late, twice or killed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import numpy as np
import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.lending.book_days.killing import killed
from tests.lending.book_days.made import booked, days, end, enter_on, entered, open_all, rows
from tests.lending.conftest import opened_lender
from tests.lending.servicing.lives import LIVES, LOAN, ORDER, RECEIVABLE, Life, opened
from tests.lending.servicing.loans import NOW, ask, repaid, taken_back
from tests.lending.servicing.random_lives import RANDOM, Kinds, lives
from tests.lending.servicing.test_day_ends import each_day
from tests.lending.servicing.test_flows import wrong
from tests.lending.servicing.test_random_lives import ENOUGH, SAVED
from tradeline.book.connection import connect, in_tenant, transaction
from tradeline.book.outbox import events_after
from tradeline.kernel.findings import InputProblem
from tradeline.lending.book_days.run import run
from tradeline.lending.ledger.accounts import open_ledger
from tradeline.lending.loan.events import EndOfDay, Event
from tradeline.lending.participation.agreement import Agreement, Sale, Servicing
from tradeline.lending.servicing.declared import kind_of
from tradeline.lending.servicing.differences import right

Worker = psycopg.Connection
FIRST, BEGIN, LAST = date(2026, 1, 1), date(2026, 2, 26), date(2026, 3, 8)
PROVIDED = ("loss allowance", "provision expense")
POISON = (
    "INSERT INTO servicing_event (tenant, agreement, place, kind, body, recorded_at) "
    "VALUES (%s, %s, 99, 'x', '{}', now())"
)


def lived(worker: Worker, until: date, ends: Sequence[date]) -> str:
    """A lender of whose agreements all happens day by day, days ended on some evenings."""
    lender = opened_lender(worker)
    open_all(lender)
    for day in days(FIRST, until):
        enter_on(lender, [day])
        if day in ends:
            end(worker, lender, day)
    return lender


@pytest.fixture(scope="module")
def undisturbed(worker: Worker) -> str:
    """A lender whose days were ended each on its evening."""
    return lived(worker, LAST, days(BEGIN, LAST))


@pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)
def test_days_ended_one_by_one_are_the_fold_with_an_end_of_each(
    worker: Worker, undisturbed: str, life: Life
) -> None:
    kind, events = kind_of(life.contract), entered(life)
    if EndOfDay in kind.events:
        events += each_day(life.contract, events, LAST)
    wanted = right(kind.bookings(kind.fold(life.contract, tuple(events), LAST)), "CNY")
    found = booked(worker, undisturbed)[life.name]
    assert {place: amount for place, amount in found.items()
            if place[1].partition("/")[0] not in PROVIDED} == wanted  # fmt: skip


def test_the_books_of_days_that_ended_hold(worker: Worker, undisturbed: str) -> None:
    assert wrong(worker, undisturbed) == []


def test_three_days_late_come_to_the_same(worker: Worker, undisturbed: str) -> None:
    evenings = [BEGIN, *days(BEGIN, LAST)[3::4], LAST]
    late = lived(worker, LAST, evenings)
    assert booked(worker, late) == booked(worker, undisturbed)
    assert rows(worker, late) == rows(worker, undisturbed)
    assert wrong(worker, late) == []


def test_what_is_entered_late_comes_to_the_same_from_the_next_day_on(
    worker: Worker, lender: str
) -> None:
    on_time, late = lender, opened_lender(worker)
    for each in (on_time, late):
        open_all(each, [LOAN])
        ask(each, "out", LOAN.events[0], LOAN.name)
        if each == on_time:
            end(worker, each, date(2026, 1, 31))
            ask(each, "paid", repaid(106_619, date(2026, 2, 1)), LOAN.name)
        end(worker, each, date(2026, 2, 4))
    paid = repaid(106_619, date(2026, 2, 1), date(2026, 2, 5))
    ask(late, "paid", paid, LOAN.name)
    end(worker, on_time, date(2026, 2, 5))
    end(worker, late, date(2026, 2, 5))
    of_both = [
        {place: amount for place, amount in booked(worker, each, [LOAN])[LOAN.name].items()
         if place[1].partition("/")[0] not in PROVIDED} for each in (on_time, late)
    ]  # fmt: skip
    assert of_both[0] == of_both[1]
    assert rows(worker, on_time)[-1] == rows(worker, late)[-1]
    assert wrong(worker, late) == []


def test_a_day_that_ended_is_not_ended_again(worker: Worker, lender: str) -> None:
    open_all(lender)
    enter_on(lender, days(FIRST, date(2026, 1, 5)))
    [closed] = end(worker, lender, date(2026, 1, 5))
    assert (closed.agreements, closed.late, closed.findings) == (5, 0, ())
    before = booked(worker, lender)
    assert end(worker, lender, date(2026, 1, 5)) == []
    assert end(worker, lender, date(2026, 1, 4)) == []
    assert booked(worker, lender) == before


def test_the_classes_of_age_provide_for_what_is_owed(worker: Worker, undisturbed: str) -> None:
    """The invoice is 13 days late on 28 February, and paid on 1 March; the order is not late."""
    found = {(row[0], row[1]): row for row in rows(worker, undisturbed)}
    for name, on, late, percent in (
        (RECEIVABLE.name, date(2026, 2, 28), 13, 2),
        (RECEIVABLE.name, date(2026, 3, 1), 0, 0),
        (ORDER.name, date(2026, 2, 28), 0, 1),
    ):
        _, _, _, _, owed, allowance, days_late, *_ = found[name, on]
        assert days_late == late
        assert allowance == round(Fraction(int(str(owed)) * percent, 100))


def test_what_is_over_is_left_alone(worker: Worker, undisturbed: str) -> None:
    last = {row[0]: row for row in rows(worker, undisturbed)}
    assert {name: row[1] for name, row in last.items() if row[-1]} == {
        "receivable_1": date(2026, 3, 1)
    }
    assert {row[1] for row in last.values() if not row[-1]} == {LAST}


def test_what_is_over_is_looked_at_once_something_is_entered(worker: Worker, lender: str) -> None:
    paid_back = replace(RECEIVABLE, events=entered(RECEIVABLE)[:4])
    open_all(lender, [paid_back])
    enter_on(lender, days(FIRST, date(2026, 3, 1)), [paid_back])
    end(worker, lender, date(2026, 3, 1))
    end(worker, lender, date(2026, 3, 3))
    ask(lender, "bounced", taken_back(3, date(2026, 3, 4)), RECEIVABLE.name)
    end(worker, lender, date(2026, 3, 5))
    found = [(row[1], row[6]) for row in rows(worker, lender)]
    assert found == [(date(2026, 3, 1), 0), (date(2026, 3, 4), 17), (date(2026, 3, 5), 18)]
    assert wrong(worker, lender) == []


def test_the_end_of_a_day_is_told_with_what_it_booked(worker: Worker, lender: str) -> None:
    open_all(lender, [RECEIVABLE])
    enter_on(lender, [FIRST], [RECEIVABLE])
    end(worker, lender, date(2026, 1, 2))
    assert wrong(worker, lender) == []
    with in_tenant(worker, lender):
        told = {event.name: event.body for event in events_after(worker, 0)}
    body = told["lending.receivable.day_ended"]
    assert len(body["entries"]) == 1  # a day's interest, and the provision
    assert (body["day"], body["interest_minor"]) == ("2026-01-02", 2_667)
    assert told["lending.day_closed"] == {
        "day": "2026-01-02", "agreements": 1, "late": 0, "findings": [],
        "allowance_minor": body["allowance_minor"],
    }  # fmt: skip


def test_one_that_cannot_be_worked_out_is_told_of_and_the_rest_is_done(
    worker: Worker, served: Path, lender: str
) -> None:
    open_all(lender)
    enter_on(lender, days(FIRST, date(2026, 1, 20)))
    with transaction("web", lender, served) as connection:
        connection.execute(POISON, [lender, "line_1"])
    [closed] = end(worker, lender, date(2026, 1, 20))
    assert [finding.line() for finding in closed.findings] == [
        "error: agreement line_1: 'x' is no kind of event. Bring the book back from a backup."
    ]
    assert {row[0] for row in rows(worker, lender)} == {
        "advance_1", "loan_1", "order_1", "receivable_1",
    }  # fmt: skip
    again = end(worker, lender, date(2026, 1, 21))
    assert [len(each.findings) for each in again] == [1]


def test_two_runs_do_not_end_days_of_one_lender_at_once(
    worker: Worker, served: Path, lender: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tradeline.lending.book_days.run.LOCK_TIMEOUT", "50ms")
    open_all(lender, [LOAN])

    def meanwhile(*_: object) -> None:
        with connect("worker", served) as other, pytest.raises(InputProblem) as refused:
            run(other, lender, FIRST, NOW)
        assert str(refused.value) == (
            f"error: ledger {lender}: Another run ends the days of this lender. Wait until it "
            "ends; nothing is left to be done by hand."
        )

    run(worker, lender, FIRST, NOW, meanwhile)
    with connect("worker", served) as other:
        assert run(other, lender, FIRST, NOW) == []


def test_lenders_provide_for_their_parts_and_sell_them(worker: Worker, lender: str) -> None:
    from tradeline.lending.servicing.flows import Command, sell

    shared = Agreement((("bank", Fraction(2, 3)), ("fund", Fraction(1, 3))),
                       Servicing("platform", Fraction(1, 20)))  # fmt: skip
    open_all(lender, [LOAN, RECEIVABLE], shared)
    enter_on(lender, days(FIRST, date(2026, 2, 1)), [LOAN, RECEIVABLE])
    end(worker, lender, date(2026, 2, 1))
    sold = Sale(date(2026, 2, 1), "bank", "trust", Fraction(1, 2), 500_000)
    sell(Command(lender, LOAN.name, "sale", NOW), sold)
    end(worker, lender, date(2026, 2, 8))
    assert wrong(worker, lender) == []
    sums: dict[str, int] = {}
    for (_, code), amount in booked(worker, lender, [LOAN])[LOAN.name].items():
        sums[code] = sums.get(code, 0) + amount
    parts = [sums[f"loss allowance/CNY@{name}"] for name in ("bank", "trust", "fund")]
    [whole] = [row[5] for row in rows(worker, lender)
               if row[:2] == (LOAN.name, date(2026, 2, 8))]  # fmt: skip
    assert sum(parts) == -int(str(whole))
    assert max(parts) - min(parts) <= 2


def test_a_lender_without_agreements_closes_its_day(worker: Worker, lender: str) -> None:
    [closed] = end(worker, lender, FIRST)
    assert (closed.agreements, closed.findings) == (0, ())


def test_a_closed_period_that_refuses_late_entries_keeps_one_out(worker: Worker) -> None:
    from tradeline.lending.ledger.accounts import close_through

    lender = f"{opened_lender(worker)}-refuses"
    with in_tenant(worker, lender):
        open_ledger(worker, NOW, "refuse")
    open_all(lender, [RECEIVABLE])
    enter_on(lender, [FIRST], [RECEIVABLE])
    with in_tenant(worker, lender):
        close_through(worker, date(2026, 1, 10))
    [closed] = end(worker, lender, date(2026, 1, 11))
    assert [finding.code for finding in closed.findings] == ["closed-period"]
    assert rows(worker, lender) == []


@pytest.mark.long
def test_runs_that_were_killed_come_to_the_same(
    worker: Worker, served: Path, undisturbed: str
) -> None:
    generator = np.random.default_rng(6)
    lender, kills = opened_lender(worker), 0
    open_all(lender)
    enter_on(lender, days(FIRST, BEGIN))
    end(worker, lender, BEGIN)
    for day in days(BEGIN, LAST)[1:]:
        enter_on(lender, [day])
        if day.day % 3 == 0:
            kills += killed(served, lender, day, generator.random() / 5)
            kills += killed(served, lender, day, generator.random() / 5)
            end(worker, lender, day)
    end(worker, lender, LAST)
    assert kills > 0
    assert booked(worker, lender) == booked(worker, undisturbed)
    assert rows(worker, lender) == rows(worker, undisturbed)
    assert wrong(worker, lender) == []


@pytest.mark.long
@pytest.mark.parametrize(("life", "kinds", "most"), RANDOM, ids=[life.name for life, *_ in RANDOM])
@given(data=st.data())
@settings(ENOUGH, max_examples=SAVED)
def test_a_drawn_life_ended_day_by_day_is_its_fold(
    worker: Worker, life: Life, kinds: Kinds, most: int, data: DataObject
) -> None:
    lender = opened_lender(worker)
    opened(lender, life)
    events = [event for event in data.draw(lives(kinds, most)) if not isinstance(event, EndOfDay)]
    kept: list[Event] = []
    for number, event in enumerate(events):
        if data.draw(st.booleans()):
            end(worker, lender, event.entered_on)
        try:
            ask(lender, f"step {number}", event, life.name)
            kept.append(event)
        except InputProblem:
            continue
    last = date(2026, 7, 1)
    assert [each.findings for each in end(worker, lender, last) if each.findings] == []
    kind = kind_of(life.contract)
    if EndOfDay in kind.events:
        kept += each_day(life.contract, kept, last)
    wanted = right(kind.bookings(kind.fold(life.contract, tuple(kept), last)), "CNY")
    found = booked(worker, lender, [life])[life.name]
    assert {place: amount for place, amount in found.items()
            if place[1].partition("/")[0] not in PROVIDED} == wanted  # fmt: skip
    assert wrong(worker, lender) == []
