"""Every kind of agreement is opened, entered and booked in the same way."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from tests.lending.conftest import opened_lender
from tests.lending.servicing.lives import LIVES, Life, opened
from tests.lending.servicing.loans import ask
from tests.lending.servicing.test_flows import booked, refusal, wrong
from tradeline.book.connection import in_tenant
from tradeline.book.outbox import events_after
from tradeline.kernel.findings import InputProblem
from tradeline.lending.loan.events import Event

Worker = psycopg.Connection
KINDS = pytest.mark.parametrize("life", LIVES, ids=lambda life: life.name)


def lived(lender: str, life: Life, *events: Event) -> dict[str, Any]:
    """Open it, and enter events (its own if none are given); the last answer."""
    opened(lender, life)
    answer: dict[str, Any] = {}
    for number, event in enumerate(events or life.events):
        answer = ask(lender, f"step {number}", event, life.name)
    return answer


@KINDS
def test_it_is_opened_and_lived_and_the_books_agree(
    worker: Worker, lender: str, life: Life
) -> None:
    last = lived(lender, life)
    assert last.items() >= life.ends.items()
    assert last["place"] == len(life.events) - 1
    found = booked(worker, lender, life.name)
    assert found
    assert sum(found.values()) == 0
    assert wrong(worker, lender) == []


@KINDS
def test_what_happened_is_told_by_its_name(worker: Worker, lender: str, life: Life) -> None:
    lived(lender, life)
    assert wrong(worker, lender) == []
    kind = life.name.partition("_")[0]
    with in_tenant(worker, lender):
        told = [event.name for event in events_after(worker, 0) if event.name != "ledger.posted"]
    assert told[0] == f"lending.{kind}.opened"
    assert len(told) == 1 + len(life.events)
    assert all(name.startswith(f"lending.{kind}.") for name in told)


@KINDS
def test_a_key_takes_effect_once(worker: Worker, lender: str, life: Life) -> None:
    assert opened(lender, life) == opened(lender, life)
    first = ask(lender, "once", life.events[0], life.name)
    assert ask(lender, "once", life.events[0], life.name) == first
    before = booked(worker, lender, life.name)
    other = replace(life.events[0], reference="other")
    used = "error: key once: The key was used before, for something else."
    assert refusal(lender, "once", other, life.name).startswith(used)
    with pytest.raises(InputProblem, match="The key was used before"):
        opened(lender, life, "once")
    assert booked(worker, lender, life.name) == before
    assert wrong(worker, lender) == []


@KINDS
def test_what_is_entered_late_is_booked_as_if_on_time(worker: Worker, life: Life) -> None:
    on_time, later = opened_lender(worker), opened_lender(worker)
    lived(on_time, life)
    last = life.events[-1].entered_on
    late = replace(life.events[life.late], entered_on=last)
    others = [event for place, event in enumerate(life.events) if place != life.late]
    answer = lived(later, life, *others, late)
    assert booked(worker, later, life.name) == booked(worker, on_time, life.name)
    with in_tenant(worker, later):
        days = worker.execute(
            "SELECT min(value_date) FROM ledger_entry WHERE id = ANY(%s)", [answer["entries"]]
        ).fetchone()
    assert days == (late.value_date,)
    assert wrong(worker, later) == []


def refusals() -> list[Any]:
    return [
        pytest.param(life, event, line, id=f"{life.name}-{number}")
        for life in LIVES
        for number, (event, line) in enumerate(life.wrong)
    ]


@pytest.mark.parametrize(("life", "event", "line"), refusals())
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    worker: Worker, lender: str, life: Life, event: Event, line: str
) -> None:
    lived(lender, life)
    before = booked(worker, lender, life.name)
    assert refusal(lender, "wrong", event, life.name) == line
    assert booked(worker, lender, life.name) == before
    assert wrong(worker, lender) == []


@KINDS
def test_what_is_not_yet_or_entered_out_of_turn_is_refused(lender: str, life: Life) -> None:
    lived(lender, life)
    last = max(event.entered_on for event in life.events)
    first = life.events[0]
    ahead = replace(first, entered_on=last, value_date=last + timedelta(1))
    assert f"It would count from {ahead.value_date}, after the day" in refusal(
        lender, "ahead", ahead, life.name
    )
    early = replace(first, entered_on=date(2026, 1, 5))
    assert "but something was entered on" in refusal(lender, "early", early, life.name)
