"""Whatever happens to an agreement of any kind, the books are what its fold comes to.

In the long run each kind has a tenth of the lives that TRADELINE_LIVES says.
"""

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DataObject

from tests.lending.conftest import opened_lender
from tests.lending.servicing.lives import LOAN, Life, opened
from tests.lending.servicing.loans import ask
from tests.lending.servicing.random_lives import RANDOM, Kinds, lives, loans_of_any_terms
from tests.lending.servicing.test_flows import booked, wrong
from tradeline.kernel.findings import InputProblem
from tradeline.lending.ledger.entry import wrong_entries
from tradeline.lending.ledger.lenders import lender_of
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import EndOfDay, Event
from tradeline.lending.participation.agreement import Agreement, FirstLoss, Sale, Servicing
from tradeline.lending.receivables.financing import Financed
from tradeline.lending.servicing.declared import kind_of
from tradeline.lending.servicing.differences import Sharing, missing_entries, principal_booked
from tradeline.lending.servicing.rules import wrong_command
from tradeline.lending.servicing.saved import Saved
from tradeline.lending.servicing.written import event_kind

Books = Counter[tuple[date, str]]
LIVES = int(os.environ.get("TRADELINE_LIVES", "500"))
SAVED = max(LIVES // 150, 1)  # each takes a second
KINDS = pytest.mark.parametrize(
    ("life", "kinds", "most"), RANDOM, ids=[life.name for life, _, _ in RANDOM]
)
SHARED = Sharing(
    Agreement(
        (("bank", Fraction(5, 9)), ("fund", Fraction(3, 9)), ("trust", Fraction(1, 9))),
        Servicing("platform", Fraction(1, 20)),
        FirstLoss("platform", 70_000),
    ),
    (Sale(date(2026, 2, 20), "bank", "new", Fraction(1, 3), 99_999),),
)
ENOUGH = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)  # fmt: skip


def entered(agreement: Saved, books: Books, event: Event) -> Saved:
    """The agreement with one more event, its books made right; as it was if that is refused."""
    kind, number = agreement.kind, len(agreement.events)
    after = Saved(agreement.name, kind, agreement.contract, (*agreement.events, event),
                  agreement.lenders)  # fmt: skip
    try:
        if wrong_command(kind, agreement.name, agreement.contract, agreement.events, event):
            return agreement
        state = after.state()
    except InputProblem:
        return agreement
    cause = event.value_date, event_kind(event)
    wanted = after.right(state)
    for entry in missing_entries(agreement.name, f"k{number}", cause, wanted, books, "CNY"):
        assert wrong_entries([entry]) == ()
        for line in entry.postings:
            books[entry.value_date, line.account] += line.amount_minor
    holds(after, state, Counter({place: amount for place, amount in books.items() if amount}))
    return after


def holds(agreement: Saved, state: Any, books: Books) -> None:
    """The books are right: as a whole, by component, and each lender's for itself."""
    assert books == agreement.right(state)
    principal = agreement.kind.principal(state)
    assert principal in {None, principal_booked(books, "CNY")}
    assert list(agreement.kind.not_adding_up(state)) == []
    sums, of_lender = Counter[str](), Counter[tuple[date, str]]()
    for (day, code), amount in books.items():
        sums[code.partition("/")[0]] += amount
        of_lender[day, lender_of(code)] += amount
    assert not any(of_lender.values())
    if isinstance(state, Financed):
        earned, owed = sums["interest and fees receivable"], state.interest_minor + state.fee_minor
        assert 0 <= earned <= owed  # what came to be owed since the last event waits for the next
        if isinstance(agreement.events[-1], EndOfDay) and _is_last(agreement):
            assert earned == owed
        assert sums["reserves of sellers"] == -state.payable_minor
        assert sums["overpayments"] == -state.overpaid_minor


def _is_last(agreement: Saved) -> bool:
    return agreement.events[-1].value_date == agreement.booked_through


def live(life: Life, events: Sequence[Event], lenders: Sharing | None) -> None:
    agreement = Saved(life.name, kind_of(life.contract), life.contract, (), lenders)
    books: Books = Counter()
    for event in events:
        agreement = entered(agreement, books, event)


@KINDS
@given(data=st.data(), is_shared=st.booleans())
@ENOUGH
def test_the_books_follow_the_fold(
    life: Life, kinds: Kinds, most: int, data: DataObject, is_shared: bool
) -> None:
    live(life, data.draw(lives(kinds, most)), SHARED if is_shared else None)


@pytest.mark.long
@KINDS
@given(data=st.data(), is_shared=st.booleans())
@settings(ENOUGH, max_examples=max(LIVES // 10, 1))
def test_the_books_follow_the_fold_in_many_lives(
    life: Life, kinds: Kinds, most: int, data: DataObject, is_shared: bool
) -> None:
    live(life, data.draw(lives(kinds, most)), SHARED if is_shared else None)


@given(loans_of_any_terms(), st.booleans())
@ENOUGH
def test_the_books_follow_the_fold_of_loans_of_any_terms(
    loan: tuple[Contract, list[Event]], is_shared: bool
) -> None:
    contract, events = loan
    live(replace(LOAN, contract=contract), events, SHARED if is_shared else None)


@pytest.mark.long
@given(loans_of_any_terms(), st.booleans())
@settings(ENOUGH, max_examples=LIVES)
def test_the_books_follow_the_fold_in_many_lives_of_any_terms(
    loan: tuple[Contract, list[Event]], is_shared: bool
) -> None:
    contract, events = loan
    live(replace(LOAN, contract=contract), events, SHARED if is_shared else None)


@pytest.mark.long
@KINDS
@given(data=st.data(), is_shared=st.booleans())
@settings(ENOUGH, max_examples=SAVED)
def test_the_saved_book_follows_the_fold(
    worker: psycopg.Connection,
    life: Life,
    kinds: Kinds,
    most: int,
    data: DataObject,
    is_shared: bool,
) -> None:
    lender = opened_lender(worker)
    opened(lender, life, lenders=SHARED.agreement if is_shared else None)
    for number, event in enumerate(data.draw(lives(kinds, most))):
        before = booked(worker, lender, life.name)
        try:
            ask(lender, f"step {number}", event, life.name)
        except InputProblem:
            assert booked(worker, lender, life.name) == before
    assert wrong(worker, lender) == []
