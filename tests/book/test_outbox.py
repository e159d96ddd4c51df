"""Events stand or fall with what they tell, and are read in an order that misses none."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from tests.book.migrating import migrate_apart
from tradeline.book.connection import connect, in_tenant
from tradeline.book.outbox import Event, answered, events_after, publish, record
from tradeline.kernel.findings import InputProblem

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)
USED = (
    "error: key k: The key was used before, for something else. Send what was sent first, to have "
    "its answer again; or take a new key."
)


@pytest.fixture(scope="module")
def worker(book: Path) -> Iterator[psycopg.Connection]:
    migrate_apart(book)
    with connect("worker", book) as connection:
        yield connection


def event(number: int, key: str | None = None, **asked: int) -> Event:
    return Event("test.happened", {"number": number}, NOW, key, asked or None)


def positions(worker: psycopg.Connection, tenant: str, after: int = 0) -> list[tuple[int, int]]:
    with in_tenant(worker, tenant):
        publish(worker)
        return [(e.position, e.body["number"]) for e in events_after(worker, after)]


def test_an_event_goes_with_the_transaction_that_told_it(worker: psycopg.Connection) -> None:
    with worker.transaction(force_rollback=True), in_tenant(worker, "falls"):
        record(worker, event(1))
    assert positions(worker, "falls") == []


def test_what_commits_late_is_published_late_and_is_not_missed(
    book: Path, worker: psycopg.Connection
) -> None:
    with connect("web", book) as slow, in_tenant(slow, "late"):
        record(slow, event(1))
        with in_tenant(worker, "late"):
            record(worker, event(2))
        assert positions(worker, "late") == [(1, 2)]
    assert positions(worker, "late") == [(1, 2), (2, 1)]
    assert positions(worker, "late", after=1) == [(2, 1)]


def test_a_command_with_a_key_is_answered_once(worker: psycopg.Connection) -> None:
    with in_tenant(worker, "keyed"):
        assert answered(worker, "k", {"amount": 5}) is None
        first = record(worker, event(1, "k", amount=5))
        assert record(worker, event(2, "k", amount=5)) == first == {"number": 1}
        assert answered(worker, "k", {"amount": 5}) == {"number": 1}
        for again in (
            lambda: record(worker, event(3, "k", amount=6)),
            lambda: answered(worker, "k", {"amount": 6}),
        ):
            with pytest.raises(InputProblem) as refused:
                again()
            assert str(refused.value) == USED
    assert positions(worker, "keyed") == [(1, 1)]


def test_a_tenant_reads_its_own_events_alone(worker: psycopg.Connection) -> None:
    for tenant, number in (("north", 1), ("south", 2)):
        with in_tenant(worker, tenant):
            record(worker, event(number))
    assert positions(worker, "north") == [(1, 1)]
    assert positions(worker, "south") == [(1, 2)]


def test_publishing_goes_on_where_it_stopped(worker: psycopg.Connection) -> None:
    with in_tenant(worker, "many"):
        for number in range(7):
            record(worker, event(number))
        assert [publish(worker, limit=3) for _ in range(4)] == [3, 3, 1, 0]
    assert positions(worker, "many") == [(n + 1, n) for n in range(7)]
