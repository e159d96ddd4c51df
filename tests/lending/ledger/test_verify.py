"""Whatever is altered, lost or brought back is found, and the first bad entry is named."""

import os
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import psycopg
import pytest

from tests.lending.ledger.books import (
    DAY,
    book_all,
    faults,
    move,
    open_books,
    sealed,
    verified,
)
from tests.lending.ledger.flips import flips, undone, verdict
from tradeline.book.connection import snapshot
from tradeline.book.roles import Role
from tradeline.book.server import running
from tradeline.kernel.findings import Finding, Severity
from tradeline.lending.ledger.entry import reversal
from tradeline.lending.ledger.verify import verify

Web = psycopg.Connection
FLIPS = int(os.environ.get("TRADELINE_FLIPS", "100"))
BACKUP = "Bring the book back from a backup; what stands before this entry is sound."


@pytest.fixture(scope="module")
def superuser(book: Path) -> Iterator[Web]:
    server = running(book)
    assert server
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def filled(roles: dict[Role, Web]) -> str:
    """A ledger with every kind of entry, sealed."""
    worker = roles["worker"]
    open_books(worker, "filled")
    hold = move("hold", 40, "loans", "cash", pending=True)
    for number in range(12):
        book_all(worker, "filled", *(move(f"k{number}-{n}", 100 + n) for n in range(2)))
    book_all(worker, "filled", hold)
    book_all(worker, "filled", reversal(hold, "let go", DAY))
    book_all(worker, "filled", reversal(move("k3-1", 101), "undo", DAY))
    sealed(worker, "filled")
    return "filled"


def test_an_untouched_ledger_holds(worker: Web, filled: str) -> None:
    found = verified(worker, filled)
    assert (found.sealed_to, found.unsealed, found.findings) == (27, 0, ())


def test_every_bit_that_flips_in_the_journal_is_found(superuser: Web, filled: str) -> None:
    generator = np.random.default_rng(1)
    made = missed = 0
    for flip in islice(flips(superuser, generator), 10 * FLIPS):
        said = verdict(superuser, filled, flip)
        if said is None:
            continue
        made += 1
        missed += not said.found
        assert said.found, flip
        if made == FLIPS:
            break
    assert (made, missed) == (FLIPS, 0)


def altered(superuser: Web, tenant: str, *statements: str) -> list[str]:
    """What is found after statements of a superuser, triggers off; all is undone."""
    with undone(superuser):
        superuser.execute("SET LOCAL session_replication_role = replica")
        for table in ("ledger_entry", "ledger_posting", "ledger_seal", "book_event"):
            superuser.execute(f"ALTER TABLE {table} DISABLE TRIGGER append_only".encode())
        superuser.execute("SELECT set_config('tradeline.tenant', %s, true)", [tenant])
        for statement in statements:
            superuser.execute(statement.encode())
        for table in ("ledger_entry", "ledger_posting", "ledger_seal", "book_event"):
            superuser.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only".encode())
        superuser.execute("SET LOCAL ROLE worker")
        return [finding.line() for finding in verify(superuser).findings]


OF_5 = "(SELECT entry_id FROM ledger_seal WHERE number = 5 AND tenant = 'filled')"


@pytest.mark.parametrize(
    ("statement", "first"),
    [
        (f"UPDATE ledger_entry SET kind = 'gift' WHERE id = {OF_5}",
         "error: entry 5: It was altered: it does not have the hash of its seal."),
        (f"UPDATE ledger_posting SET amount_minor = amount_minor * 2 WHERE entry_id = {OF_5}",
         "error: entry 5: It was altered: it does not have the hash of its seal."),
        (f"DELETE FROM ledger_entry WHERE id = {OF_5}", "error: entry 5: It is gone."),
        ("DELETE FROM ledger_seal WHERE number = 5 AND tenant = 'filled'",
         "error: entry 5: It is gone."),
        (f"DELETE FROM ledger_posting WHERE line = 2 AND entry_id = {OF_5}",
         "error: entry 5: It was altered: it does not have the hash of its seal."),
        ("UPDATE ledger_balance SET booked_minor = booked_minor + 1 WHERE account_id = (SELECT id "
         "FROM ledger_account WHERE tenant = 'filled' AND code = 'cash')",
         "error: account cash: Its balance is 2312, its postings sum to 2311."),
        ("UPDATE ledger_balance SET held_debit_minor = 1 WHERE account_id = (SELECT id "
         "FROM ledger_account WHERE tenant = 'filled' AND code = 'cash')",
         "error: account cash: It holds 1 and 0, its entries hold 0 and 0."),
        ("UPDATE ledger_balance SET greatest_minor = 5 WHERE account_id = (SELECT id "
         "FROM ledger_account WHERE tenant = 'filled' AND code = 'cash')",
         "error: account cash: Its balance is beyond its limit."),
        ("UPDATE book_event SET body = '{\"entries\": []}' WHERE id = (SELECT min(id) FROM "
         "book_event WHERE tenant = 'filled')",
         "error: entry of key k0-0: It was booked and never announced."),
        ("DROP TRIGGER applied ON ledger_posting",
         "error: ledger_posting: The trigger 'applied' is missing or switched off."),
    ],
)  # fmt: skip
def test_the_first_bad_entry_is_named(
    superuser: Web, filled: str, statement: str, first: str
) -> None:
    assert altered(superuser, filled, statement)[0].startswith(first)


def test_an_entry_that_is_not_sealed_yet_is_looked_at_too(
    superuser: Web, web: Web, tenant: str
) -> None:
    book_all(web, tenant, move("a", 5))
    change = f"UPDATE ledger_entry SET about = 'x' WHERE key = 'a' AND tenant = '{tenant}'"
    assert altered(superuser, tenant, change) == [
        "error: unsealed entry a: It is not what the key a was asked for. " + BACKUP
    ]


def test_an_entry_whose_postings_do_not_sum_to_zero_is_named(
    superuser: Web, web: Web, tenant: str
) -> None:
    book_all(web, tenant, move("a", 5))
    change = f"UPDATE ledger_posting SET amount_minor = 6 WHERE line = 1 AND tenant = '{tenant}'"
    assert altered(superuser, tenant, change)[:3] == [
        f"error: unsealed entry a: Its postings in CNY sum to 1, not to 0. {BACKUP}",
        f"error: unsealed entry a: It is not what the key a was asked for. {BACKUP}",
        f"error: account cash: Its balance is 5, its postings sum to 6. {BACKUP}",
    ]


def test_only_the_first_findings_are_told_and_all_are_counted(superuser: Web, filled: str) -> None:
    with undone(superuser):
        superuser.execute("ALTER TABLE ledger_entry DISABLE TRIGGER ALL")
        superuser.execute("UPDATE ledger_entry SET kind = 'x' WHERE tenant = 'filled'")
        superuser.execute("SELECT set_config('tradeline.tenant', %s, true)", [filled])
        superuser.execute("SET LOCAL ROLE worker")
        found = verify(superuser)
    assert len(found.findings) == 20
    assert found.found > 50
    assert found.findings[0].where == "entry 1"


def test_a_lost_end_is_found_by_what_was_kept_elsewhere(worker: Web, filled: str) -> None:
    kept = verified(worker, filled)
    for number, head, message in (
        (27, kept.head, None),
        (28, kept.head, "error: entry 28: The ledger ends before entry 28. "),
        (26, kept.head, "error: entry 26: It does not have the hash that was kept elsewhere. "),
    ):
        with snapshot(worker, filled):
            found = verify(worker, anchor=(number, head)).findings
        assert [f.line() for f in found] == ([message + BACKUP] if message else [])


def test_checks_of_what_the_ledger_does_not_know_are_added(worker: Web, filled: str) -> None:
    missing = Finding("I7", Severity.ERROR, "loan 1", "It has no receivable.", "Look.")

    def of_loans(_: psycopg.Connection) -> list[Finding]:
        return [missing]

    with snapshot(worker, filled):
        assert verify(worker, further=[of_loans]).findings == (missing,)


def test_progress_is_told(worker: Web, filled: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradeline.lending.ledger.verify.TOLD_EVERY", 10)
    told: list[str] = []
    tell: Callable[[str], None] = told.append
    with snapshot(worker, filled):
        verify(worker, tell)
    assert told == ["10 entries verified", "20 entries verified"]


def test_two_ledgers_are_verified_apart(
    superuser: Web, worker: Web, filled: str, tenant: str
) -> None:
    with undone(superuser):
        superuser.execute("ALTER TABLE ledger_entry DISABLE TRIGGER ALL")
        superuser.execute("UPDATE ledger_entry SET kind = 'x' WHERE tenant = 'filled'")
        superuser.execute("SELECT set_config('tradeline.tenant', %s, true)", [tenant])
        superuser.execute("SET LOCAL ROLE worker")
        assert [f.code for f in verify(superuser).findings] == ["I3", "I3"]
    assert faults(worker, filled) == []
