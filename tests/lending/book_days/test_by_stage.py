"""The stage and the expected loss of one agreement are those of a portfolio's arrays."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.lending.book_days.made import days
from tests.lending.book_days.staged import facts
from tests.lending.end_of_day.test_expected import CURVES, FIRST, ByStage, by_stage, rows
from tests.lending.end_of_day.written import landed
from tradeline.lending.book_days.by_stage import expected
from tradeline.lending.book_days.looks import Look, ahead, looked
from tradeline.lending.book_days.standing import Standing, known_on, standing
from tradeline.lending.collateral.security import read_collateral_terms
from tradeline.lending.end_of_day.arrears import ACTIVE, exposure
from tradeline.lending.end_of_day.curves import curves_of
from tradeline.lending.end_of_day.expected import Basis
from tradeline.lending.end_of_day.folder import land
from tradeline.lending.end_of_day.portfolio import Portfolio
from tradeline.lending.end_of_day.provisions import ALLOWANCE
from tradeline.lending.end_of_day.run import run, state_path
from tradeline.lending.end_of_day.states import read_state
from tradeline.lending.provisions.stages import read_stage_rules
from tradeline.lending.servicing.of_loans import LOANS
from tradeline.lending.servicing.risk import known_facts
from tradeline.lending.servicing.saved import Saved


def made_loans(count: int, seed: int) -> list[ByStage]:
    generator = np.random.default_rng(seed)
    return [by_stage(place, generator) for place in range(count)]


def basis(day: date) -> Basis:
    curves = curves_of([each for each in CURVES if each.since <= day])
    return Basis(read_stage_rules(day), read_collateral_terms(day), curves)


def in_book(each: ByStage, name: str) -> Saved:
    return Saved(name, LOANS, each.made.contract, each.made.events)


def by_arrays(root: Path, day: date) -> Portfolio:
    [closed] = run(root, day)
    assert closed.findings == ()
    return read_state(state_path(root, day, 0))


def look(each: ByStage, day: date) -> tuple[Saved, Standing, Any, Look]:
    """A loan as the book knows it on a day."""
    known = known_on(in_book(each, "loan_1"), day)
    stood, state = standing(known, day)
    return known, stood, state, looked(known, day, stood, state)


def compared(root: Path, loans: Sequence[ByStage], ended: Sequence[date]) -> set[int]:
    """Hold one agreement after the other to the arrays, of what these say is owed; the stages.

    The books of a day differ by what the next evening books of it.
    """
    made = landed([each.made for each in loans])
    land(root, [rows(*pair) for pair in zip(loans, made, strict=True)], curves=CURVES)
    looks: list[list[Look]] = [[] for _ in loans]
    stages = set[int]()
    for day in ended:
        arrays = by_arrays(root, day)
        owed = exposure(arrays).tolist()
        for place in np.flatnonzero(arrays.loans.status == ACTIVE).tolist():
            known, stood, state, seen = look(loans[place], day)
            looks[place].append(seen)
            stated = known_facts(facts(loans[place]), "CNY", day)
            stood = replace(stood, owed_minor=owed[place])
            dues = ahead(known, state, day)
            found = expected(basis(day), known, stated, looks[place], stood, dues)
            wanted = int(arrays.staging.stage[place]), -int(arrays.booked[place, ALLOWANCE])
            assert found == wanted, (place, day)
            stages.add(found[0])
    return stages


def test_one_agreement_has_the_stage_and_the_loss_that_arrays_give(tmp_path: Path) -> None:
    first = FIRST + timedelta(days=17)
    loans = made_loans(12, seed=0)
    assert compared(tmp_path, loans, days(first, first + timedelta(days=6))) == {1, 2, 3}


@pytest.mark.long
@pytest.mark.parametrize("seed", range(40, 44))
def test_it_does_so_for_more_loans_and_days(tmp_path: Path, seed: int) -> None:
    ended = days(FIRST, FIRST + timedelta(days=80))
    assert compared(tmp_path, made_loans(20, seed), ended) == {1, 2, 3}
