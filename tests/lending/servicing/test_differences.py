"""Whatever the order of entry, the books end where they would have with all entered on time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lending.servicing.loans import CONTRACT, START, paid_out, repaid, taken_back
from tradeline.lending.ledger.entry import wrong_entries
from tradeline.lending.loan.events import EndOfDay, Event
from tradeline.lending.servicing.differences import missing_entries, principal_booked
from tradeline.lending.servicing.of_loans import LOANS
from tradeline.lending.servicing.saved import Saved
from tradeline.lending.servicing.written import event_kind

Days = st.integers(1, 200).map(lambda n: START + timedelta(n))
PAYMENTS = st.lists(st.tuples(st.integers(1, 400_000), Days), min_size=1, max_size=5)
LAST = START + timedelta(210)
Books = Counter[tuple[date, str]]


def entered(events: Sequence[Event]) -> tuple[Books, list[int]]:
    """The books after each event was entered in turn, and how many entries each brought."""
    books: Books = Counter()
    counts = []
    for place, event in enumerate(events):
        saved = Saved("loan_1", LOANS, CONTRACT, tuple(events[: place + 1]))
        state = saved.state()
        cause = (event.value_date, event_kind(event))
        entries = missing_entries("loan_1", f"k{place}", cause, saved.right(state), books, "CNY")
        assert wrong_entries(entries) == ()
        for entry in entries:
            for line in entry.postings:
                books[entry.value_date, line.account] += line.amount_minor
        books = Counter({place: amount for place, amount in books.items() if amount})
        assert books == saved.right(state)
        assert principal_booked(books, "CNY") == LOANS.principal(state)
        counts.append(len(entries))
    return books, counts


def in_time(payments: Sequence[tuple[int, date]]) -> list[Event]:
    return [repaid(amount, day) for amount, day in payments]


def all_late(events: Sequence[Event]) -> list[Event]:
    """Events entered on one day at the end, in this order."""
    ended = EndOfDay(value_date=LAST, entered_on=LAST)
    return [paid_out(), *(replace(event, entered_on=LAST) for event in events), ended]


@given(PAYMENTS, st.randoms())
@settings(max_examples=30, deadline=None)
def test_the_order_of_entry_leaves_no_trace(
    payments: list[tuple[int, date]], random: object
) -> None:
    days = {day: amount for amount, day in payments}  # of one day the order of entry counts
    in_order = in_time([(amount, day) for day, amount in sorted(days.items())])
    ended = EndOfDay(value_date=LAST, entered_on=LAST)
    expected, _ = entered([paid_out(), *in_order, ended])
    shuffled = list(in_order)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert entered(all_late(shuffled))[0] == expected


@given(PAYMENTS, st.integers(0, 4))
@settings(max_examples=30, deadline=None)
def test_what_is_taken_back_leaves_no_trace(payments: list[tuple[int, date]], which: int) -> None:
    events = all_late(in_time(payments))
    place = 1 + which % len(payments)
    without = [event for at, event in enumerate(events) if at != place]
    assert entered([*events, taken_back(place, LAST)])[0] == entered(without)[0]


@given(PAYMENTS)
@settings(max_examples=15, deadline=None)
def test_what_agrees_already_is_not_booked_again(payments: list[tuple[int, date]]) -> None:
    events = all_late(in_time(payments))
    books, _ = entered(events)
    saved = Saved("loan_1", LOANS, CONTRACT, tuple(events))
    wanted = saved.right(saved.state())
    assert missing_entries("loan_1", "again", (LAST, "EndOfDay"), wanted, books, "CNY") == ()
