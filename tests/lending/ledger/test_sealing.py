"""Numbers come after commit, without gaps, in an order that every account agrees with."""

from itertools import pairwise
from pathlib import Path

import psycopg

from tests.lending.ledger.books import NOW, book_all, faults, move, sealed, verified
from tradeline.book.connection import connect, in_tenant, transaction
from tradeline.book.outbox import events_after
from tradeline.lending.ledger.posting import post

Web = psycopg.Connection


def keys(worker: Web, tenant: str) -> list[tuple[int, str]]:
    """Each sealed entry's number and key."""
    with in_tenant(worker, tenant):
        return worker.execute(
            "SELECT s.number, e.key FROM ledger_seal s JOIN ledger_entry e ON e.id = s.entry_id "
            "ORDER BY s.number"
        ).fetchall()


def test_what_was_rolled_back_leaves_no_gap(web: Web, worker: Web, tenant: str) -> None:
    book_all(web, tenant, move("a", 1))
    try:
        with in_tenant(web, tenant):
            post(web, [move("lost", 1)], NOW)
            raise RuntimeError
    except RuntimeError:
        pass
    book_all(web, tenant, move("b", 1), move("c", 1))
    assert sealed(worker, tenant) == 3
    assert sealed(worker, tenant) == 0
    assert keys(worker, tenant) == [(1, "a"), (2, "b"), (3, "c")]


def test_what_commits_late_comes_after_what_was_sealed(
    book: Path, web: Web, worker: Web, tenant: str
) -> None:
    with transaction("web", tenant, book) as slow:
        post(slow, [move("slow", 1, "loans", "income")], NOW)
        book_all(web, tenant, move("quick", 1))
        assert sealed(worker, tenant) == 1
    assert sealed(worker, tenant) == 1
    assert keys(worker, tenant) == [(1, "quick"), (2, "slow")]
    assert faults(worker, tenant) == []


def test_entries_of_a_batch_are_numbered_in_the_order_asked(
    web: Web, worker: Web, tenant: str
) -> None:
    book_all(web, tenant, move("z", 1), move("b", 1), move("a", 1))
    sealed(worker, tenant)
    assert keys(worker, tenant) == [(1, "z"), (2, "b"), (3, "a")]


def test_verification_says_how_far_it_is_sealed(web: Web, worker: Web, tenant: str) -> None:
    book_all(web, tenant, move("a", 1))
    sealed(worker, tenant)
    first = verified(worker, tenant)
    book_all(web, tenant, move("b", 1))
    second = verified(worker, tenant)
    assert (first.sealed_to, first.unsealed, first.postings, first.found) == (1, 0, 2, 0)
    assert (second.sealed_to, second.unsealed, second.postings, second.found) == (1, 1, 4, 0)
    assert first.head == second.head != "sha256:" + "0" * 64


def test_a_reader_of_events_misses_none_and_sees_them_in_order(
    web: Web, worker: Web, tenant: str
) -> None:
    for number in range(5):
        book_all(web, tenant, move(f"k{number}", 1), move(f"l{number}", 1))
        sealed(worker, tenant)
    with in_tenant(worker, tenant):
        events = list(events_after(worker, 0))
        later = list(events_after(worker, 3))
    assert [event.position for event in events] == [1, 2, 3, 4, 5]
    assert later == events[3:]
    assert {event.name for event in events} == {"ledger.posted"}
    entries = [entry for event in events for entry in event.body["entries"]]
    assert len(entries) == len(set(entries)) == 10


def test_a_great_batch_is_sealed_too(book: Path, worker: Web, tenant: str) -> None:
    with connect("worker", book) as connection:
        book_all(connection, tenant, *(move(f"k{number:05}", 1) for number in range(3_000)))
    assert sealed(worker, tenant) == 3_000
    numbers = [number for number, _ in keys(worker, tenant)]
    assert all(after == before + 1 for before, after in pairwise(numbers))
    assert faults(worker, tenant) == []
