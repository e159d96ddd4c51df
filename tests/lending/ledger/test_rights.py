"""What each role may not do in the ledger is refused by the database itself."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from psycopg import errors

from tests.lending.ledger.books import NOW, book_all, booked, faults, move, open_books, sealed
from tradeline.book.connection import in_tenant
from tradeline.book.roles import Role
from tradeline.book.server import running
from tradeline.lending.ledger.accounts import ledgers

Web = psycopg.Connection
Roles = dict[Role, psycopg.Connection]
GROWING = ("ledger_account", "ledger_limit", "ledger_entry", "ledger_posting", "ledger_seal",
           "book_event", "book_published")  # fmt: skip
ROLES: tuple[Role, ...] = ("owner", "web", "worker")
BOUND: tuple[Role, ...] = ("web", "worker")


@pytest.fixture(scope="module")
def filled(roles: Roles) -> str:
    """A tenant with an entry, sealed."""
    open_books(roles["worker"], "rights")
    book_all(roles["web"], "rights", move("a", 500))
    sealed(roles["worker"], "rights")
    return "rights"


@pytest.fixture
def execute(roles: Roles) -> Callable[[Role, str, str], None]:
    """Run a statement as a role, for a tenant."""

    def run(role: Role, tenant: str, statement: str) -> None:
        with in_tenant(roles[role], tenant):
            roles[role].execute(statement.encode())

    return run


Execute = Callable[[Role, str, str], None]


@pytest.mark.parametrize("table", GROWING)
@pytest.mark.parametrize(
    "statement", ["UPDATE {} SET tenant = 'x'", "DELETE FROM {}", "TRUNCATE {} CASCADE"]
)
def test_nobody_changes_or_removes_a_row_not_even_the_owner(
    execute: Execute, filled: str, table: str, statement: str
) -> None:
    with pytest.raises(psycopg.DatabaseError) as refused:
        execute("owner", filled, statement.format(table))
    assert refused.value.diag.message_primary == (f"Rows of {table} are never changed or removed.")
    for role in BOUND:
        with pytest.raises(errors.InsufficientPrivilege, match=f"denied for table {table}"):
            execute(role, filled, statement.format(table))


def test_replicated_changes_are_refused_as_well(book: Path, filled: str) -> None:
    server = running(book)
    assert server
    with psycopg.connect(server.url("postgres")) as connection:
        connection.execute("SET session_replication_role = replica")
        with pytest.raises(psycopg.DatabaseError, match="never changed or removed"):
            connection.execute("DELETE FROM ledger_posting")


@pytest.mark.parametrize("role", BOUND)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_balance SET booked_minor = 0",
        "DELETE FROM ledger_balance",
        "INSERT INTO ledger_balance (account_id, tenant) VALUES (1, 'x')",
        "INSERT INTO ledger_entry (id) VALUES (1)",
        "INSERT INTO ledger_entry (tenant) VALUES ('x')",
        "INSERT INTO ledger_entry (txid) VALUES ('1')",
        "INSERT INTO ledger_posting (tenant) VALUES ('x')",
        "INSERT INTO book_pending (event_id, tenant) VALUES (1, 'x')",
        "INSERT INTO book_event (tenant) VALUES ('x')",
        "UPDATE ledger SET tenant = 'x'",
        "UPDATE ledger SET opened_at = now()",
        "DELETE FROM ledger",
        "DROP TABLE ledger_posting",
        "ALTER TABLE ledger_posting DISABLE TRIGGER append_only",
        "ALTER TABLE ledger_posting DISABLE ROW LEVEL SECURITY",
        "SELECT * FROM django_migrations",
    ],
)
def test_a_bound_role_writes_only_what_it_was_granted(
    execute: Execute, filled: str, role: Role, statement: str
) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        execute(role, filled, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO ledger (late, opened_at) VALUES ('refuse', now())",
        "UPDATE ledger SET closed_through = '2026-01-01'",
        "INSERT INTO ledger_seal (number, entry_id, position, hash) VALUES (1, 1, 1, '')",
        "INSERT INTO book_published (position, event_id) VALUES (9, 9)",
        "SELECT * FROM book_pending",
        "DELETE FROM book_pending",
    ],
)
def test_who_answers_people_neither_opens_closes_nor_seals(
    execute: Execute, filled: str, statement: str
) -> None:
    with pytest.raises(errors.InsufficientPrivilege):
        execute("web", filled, statement)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("table", [*GROWING, "ledger_balance", "ledger"])
def test_no_row_of_another_tenant_is_seen_and_none_without_one(
    roles: Roles, filled: str, role: Role, table: str
) -> None:
    if role == "worker" and table == "ledger":
        return  # it must know which ledgers there are to seal them
    for tenant in ("stranger", None):
        with in_tenant(roles[role], tenant):
            assert roles[role].execute(f"SELECT * FROM {table}".encode()).fetchall() == []


def test_another_tenants_account_cannot_be_booked_on(worker: Web, web: Web, filled: str) -> None:
    with in_tenant(web, filled):
        row = web.execute("SELECT id FROM ledger_account WHERE code = 'cash'").fetchone()
    assert row
    open_books(worker, "thief")
    with in_tenant(web, "thief"):
        own = ids(web)["loans"]
        with pytest.raises(psycopg.DatabaseError, match="an account of it is not there"):
            insert_raw(web, "raw", (row[0], -5), (own, 5))


def insert_raw(web: Web, key: str, *lines: tuple[int, int], reverses: int | None = None) -> int:
    """An entry written past our code, by statements of one's own."""
    row = web.execute(
        "INSERT INTO ledger_entry (key, input_hash, kind, about, value_date, booking_date, "
        "recorded_at, pending, reverses_id) "
        "VALUES (%s, '', 'raw', '', '2026-03-01', '2026-03-01', %s, false, %s) RETURNING id",
        [key, NOW, reverses],
    ).fetchone()
    assert row
    add_lines(web, row[0], *lines)
    return int(row[0])


def add_lines(web: Web, entry: int, *lines: tuple[int, int], first: int = 1) -> None:
    numbers = list(range(first, first + len(lines)))
    web.execute(
        "INSERT INTO ledger_posting (entry_id, line, account_id, amount_minor) "
        "SELECT %s, * FROM unnest(%s::smallint[], %s::bigint[], %s::bigint[])",
        [entry, numbers, [account for account, _ in lines], [amount for _, amount in lines]],
    )


def ids(web: Web) -> dict[str, int]:
    return dict(web.execute("SELECT code, id FROM ledger_account").fetchall())


def test_statements_of_ones_own_keep_balances_too_and_are_announced(
    web: Web, worker: Web, tenant: str
) -> None:
    with in_tenant(web, tenant):
        account = ids(web)
        insert_raw(web, "raw", (account["cash"], 5), (account["capital"], -5))
    assert booked(web, tenant) == {"cash": 5, "capital": -5}
    assert sealed(worker, tenant) == 1
    assert faults(worker, tenant) == ["I5 entry 1"]  # nobody asked for it so


RAW: list[tuple[str, Callable[[Web, dict[str, int]], object]]] = [
    ("does not balance", lambda web, a: insert_raw(web, "r", (a["cash"], 5), (a["loans"], -4))),
    ("does not balance", lambda web, a: insert_raw(web, "r", (a["cash-eur"], 5), (a["loans"], -5))),
    ("beyond its limit", lambda web, a: insert_raw(web, "r", (a["cash"], -9), (a["loans"], 9))),
    ("not there", lambda web, a: insert_raw(web, "r", (-1, -9), (a["loans"], 9))),
    ("not the opposite", lambda web, a: insert_raw(
        web, "r", (a["loans"], -5), (a["cash"], 5),
        reverses=insert_raw(web, "q", (a["loans"], 6), (a["income"], -6)))),
    ("come with it, at once", lambda web, a: add_lines(
        web, insert_raw(web, "r", (a["loans"], 5), (a["income"], -5)),
        (a["loans"], 5), (a["income"], -5), first=3)),
    ("come with it, at once", lambda web, a: add_lines(
        web, 10**9, (a["loans"], 5), (a["income"], -5))),
]  # fmt: skip


@pytest.mark.parametrize(("words", "write"), RAW)
def test_and_are_refused_where_our_code_would_refuse(
    web: Web, tenant: str, words: str, write: Callable[[Web, dict[str, int]], object]
) -> None:
    with pytest.raises(psycopg.DatabaseError, match=words), in_tenant(web, tenant):
        write(web, ids(web))
    assert booked(web, tenant) == {}


def test_lines_are_not_added_to_an_entry_of_an_earlier_transaction(web: Web, tenant: str) -> None:
    (answer,) = book_all(web, tenant, move("a", 5))
    with in_tenant(web, tenant):
        account = ids(web)
    more = ((account["loans"], 5), (account["income"], -5))
    with pytest.raises(psycopg.DatabaseError, match="with it, at once"), in_tenant(web, tenant):
        add_lines(web, answer.entry, *more, first=3)


def test_the_worker_knows_every_ledger_and_the_web_its_own(roles: Roles, filled: str) -> None:
    open_books(roles["worker"], "neighbour")
    with in_tenant(roles["worker"], None):
        assert {filled, "neighbour"} <= set(ledgers(roles["worker"]))
    with in_tenant(roles["web"], filled):
        assert ledgers(roles["web"]) == (filled,)
