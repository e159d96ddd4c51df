"""Looks that are made anew only where something was entered late are those of all days anew."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from tests.lending.book_days.made import days
from tests.lending.end_of_day.made import START, Loan, loan
from tradeline.lending.book_days.looks import Look, by_now, looked
from tradeline.lending.book_days.standing import known_on, standing
from tradeline.lending.loan.events import Repayment, Reversal
from tradeline.lending.servicing.of_loans import LOANS
from tradeline.lending.servicing.saved import Saved

FIRST = START + timedelta(days=40)


def seen(known: Saved, day: date) -> Look:
    stood, state = standing(replace(known, ended=day), day)
    return looked(known, day, stood, state)


def back_dated(generator: np.random.Generator, made: Loan) -> Loan:
    """The loan with some payments entered up to twelve days late, and one of them taken back."""
    events = [
        replace(event, entered_on=event.value_date + timedelta(days=int(generator.integers(13))))
        if isinstance(event, Repayment) and generator.random() < 0.6
        else event
        for event in made.events
        if not isinstance(event, Reversal)
    ]
    events.sort(key=lambda event: event.entered_on)
    paid = [place for place, event in enumerate(events) if isinstance(event, Repayment)]
    if paid and generator.random() < 0.5:
        on = events[-1].entered_on + timedelta(days=int(generator.integers(5)))
        events.append(Reversal(value_date=on, entered_on=on, of=paid[-1]))
    return Loan(made.contract, tuple(events))


def compared(seed: int, until: date) -> int:
    """Hold looks that are kept from day to day to all days anew; how many were made anew."""
    generator = np.random.default_rng(seed)
    made = back_dated(generator, loan(generator, 90))
    saved = Saved("loan_1", LOANS, made.contract, made.events)
    kept, again = tuple[Look, ...](), 0
    for day in days(FIRST, until):
        known = known_on(saved, day)
        found = by_now(known, kept)
        again += sum(each not in kept for each in found)
        kept = (*found, seen(known, day))
    known = known_on(saved, until)
    wanted = [seen(known, look.day) for look in kept]
    assert [replace(look, events=0) for look in kept] == [
        replace(look, events=0) for look in wanted
    ]
    return again


def test_what_is_entered_late_is_all_that_is_looked_at_anew() -> None:
    again = [compared(seed, FIRST + timedelta(days=20)) for seed in range(8)]
    assert sum(again) > 0
    assert sum(again) < 20 * len(again)


@pytest.mark.long
def test_it_is_so_for_more_loans_and_days() -> None:
    assert sum(compared(seed, FIRST + timedelta(days=50)) for seed in range(100, 220)) > 0
