"""Many clients at once: no money is drawn twice, one key has one effect, nobody waits for ever."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier

import psycopg
import pytest

from tests.lending.ledger.books import NOW, book_all, booked, faults, move, sealed
from tradeline.book.connection import connect, in_tenant
from tradeline.kernel.findings import InputProblem
from tradeline.lending.ledger.accounts import Account, open_accounts
from tradeline.lending.ledger.entry import Entry
from tradeline.lending.ledger.posting import Posted

Web = psycopg.Connection
CLIENTS = 64
ROUNDS = int(os.environ.get("TRADELINE_ROUNDS", "3"))
Answer = Posted | str


@pytest.fixture(scope="module")
def clients(book: Path) -> Iterator[list[Web]]:
    """The connections of all clients."""
    with ExitStack() as stack:
        yield [stack.enter_context(connect("web", book)) for _ in range(CLIENTS)]


def all_at_once(
    clients: list[Web], tenant: str, entry_of: Callable[[int], list[list[Entry]]]
) -> list[list[Answer]]:
    """What each client is answered to each of its batches, all of them starting together."""
    barrier = Barrier(CLIENTS)

    def client(number: int) -> list[Answer]:
        barrier.wait()
        return [answered(clients[number], tenant, batch) for batch in entry_of(number)]

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(client, range(CLIENTS)))


def answered(connection: Web, tenant: str, batch: list[Entry]) -> Answer:
    """The first answer, or the code of the refusal."""
    try:
        return book_all(connection, tenant, *batch)[0]
    except InputProblem as refused:
        return refused.findings[0].code


def test_of_many_that_draw_as_many_succeed_as_there_is_money_for(
    clients: list[Web], web: Web, worker: Web, tenant: str
) -> None:
    enough = 20
    for turn in range(ROUNDS):
        code = f"till-{turn}"
        with in_tenant(web, tenant):
            open_accounts(web, [Account(code, "CNY", "asset", least_minor=0)], NOW)
        book_all(web, tenant, move(f"in-{turn}", enough * 7, code))

    def draws(client: int) -> list[list[Entry]]:
        return [
            [move(f"out-{turn}-{client}", 7, "loans", f"till-{turn}")] for turn in range(ROUNDS)
        ]

    answers = all_at_once(clients, tenant, draws)
    for turn in range(ROUNDS):
        assert Counter(type(mine[turn]) for mine in answers) == {
            Posted: enough,
            str: CLIENTS - enough,
        }
        assert {mine[turn] for mine in answers if isinstance(mine[turn], str)} == {"beyond-limit"}
    assert booked(web, tenant) == {
        "capital": -7 * enough * ROUNDS, "loans": 7 * enough * ROUNDS,
    }  # fmt: skip
    sealed(worker, tenant)
    assert faults(worker, tenant) == []


def test_holds_are_counted_against_each_other_too(
    clients: list[Web], web: Web, worker: Web, tenant: str
) -> None:
    book_all(web, tenant, move("in", 70))
    answers = all_at_once(
        clients, tenant, lambda n: [[move(f"h{n}", 7, "loans", "cash", pending=True)]]
    )
    assert Counter(type(mine[0]) for mine in answers) == {Posted: 10, str: CLIENTS - 10}
    assert faults(worker, tenant) == []


def test_one_key_from_many_has_one_effect_and_one_answer(
    clients: list[Web], web: Web, worker: Web, tenant: str
) -> None:
    answers = all_at_once(clients, tenant, lambda _: [[move("once", 7)]])
    assert len({mine[0] for mine in answers}) == 1
    assert isinstance(answers[0][0], Posted)
    assert booked(web, tenant) == {"cash": 7, "capital": -7}
    sealed(worker, tenant)
    assert faults(worker, tenant) == []


def test_one_key_for_many_things_is_answered_to_the_first_alone(
    clients: list[Web], web: Web, tenant: str
) -> None:
    answers = all_at_once(clients, tenant, lambda n: [[move("once", n + 1)]])
    assert Counter(type(mine[0]) for mine in answers) == {Posted: 1, str: CLIENTS - 1}
    assert {mine[0] for mine in answers if isinstance(mine[0], str)} == {"key-used"}


def test_batches_that_cross_do_not_stand_in_each_others_way(
    clients: list[Web], web: Web, worker: Web, tenant: str
) -> None:
    def crossing(client: int) -> list[list[Entry]]:
        pairs = [("loans", "income"), ("income", "loans"), ("loans", "deposits")]
        order = pairs if client % 2 else pairs[::-1]
        own = [move(f"{client}-{n}", 1, *pair) for n, pair in enumerate(order[:2])]
        shared = [move(f"shared-{n}", 1) for n in range(5)]
        return [[*own, *(shared if client % 2 else shared[::-1])]]

    answers = all_at_once(clients, tenant, crossing)
    assert {type(mine[0]) for mine in answers} == {Posted}
    assert booked(web, tenant)["cash"] == 5
    sealed(worker, tenant)
    assert faults(worker, tenant) == []


@pytest.mark.parametrize("sizes", [(1, 150), (150, 1)])
def test_balances_are_locked_in_the_order_of_accounts(
    book: Path, worker: Web, tenant: str, sizes: tuple[int, int]
) -> None:
    """A plan is made once in a connection, for batches of any size: the first is of another."""
    with in_tenant(worker, tenant):
        open_accounts(worker, [Account(f"a{n}", "CNY", "asset") for n in range(300)], NOW)
        rows = worker.execute("SELECT id, code FROM ledger_account WHERE code ~ '^a[0-9]'")
        codes: dict[int, str] = dict(rows.fetchall())
    with connect("web", book) as web:
        book_all(web, tenant, *crossed(codes, sizes[0], "first"))
        batch = crossed(codes, sizes[1], "then")
        ids = {code: number for number, code in codes.items()}
        touched = sorted({ids[p.account] for entry in batch for p in entry.postings})
        middle = touched[len(touched) // 2]
        assert held_back(book, web, tenant, batch, middle) == {n for n in codes if n > middle} | {
            n for n in codes if n not in touched
        }


def crossed(codes: dict[int, str], size: int, name: str) -> list[Entry]:
    """Entries between accounts of low and high numbers, from the inner to the outer ones."""
    order = [codes[number] for number in sorted(codes)]
    middle = len(order) // 2
    return [
        move(f"{name}-{n}", 1, order[middle + n], order[middle - 1 - n]) for n in range(size)
    ]  # fmt: skip


def held_back(book: Path, web: Web, tenant: str, batch: list[Entry], account: int) -> set[int]:
    """Which balances nobody has locked while a batch waits for one."""
    lock = "SELECT account_id FROM ledger_balance WHERE {} FOR UPDATE SKIP LOCKED"
    named = "account_id = ANY (SELECT id FROM ledger_account WHERE code ~ '^a[0-9]')"
    with ThreadPoolExecutor(1) as pool, connect("owner", book) as other:
        with connect("owner", book) as holder, in_tenant(holder, tenant):
            holder.execute(lock.format(f"account_id = {account}").encode())
            waiting = pool.submit(book_all, web, tenant, *batch)
            while not is_blocked(other, web):
                assert not waiting.done()
            with in_tenant(other, tenant):
                free = {number for (number,) in other.execute(lock.format(named).encode())}
        assert len(waiting.result()) == len(batch)
    return free


def is_blocked(other: Web, web: Web) -> bool:
    found = other.execute("SELECT pg_blocking_pids(%s)", [web.info.backend_pid]).fetchone()
    assert found
    return bool(found[0])


def test_sealers_take_turns(book: Path, web: Web, worker: Web, tenant: str) -> None:
    for number in range(60):
        book_all(web, tenant, move(f"k{number}", 1))
    with ThreadPoolExecutor(4) as pool:
        counts = list(pool.map(lambda _: seal_apart(book, tenant), range(4)))
    assert sum(counts) == 60
    assert faults(worker, tenant) == []


def seal_apart(book: Path, tenant: str) -> int:
    with connect("worker", book) as connection:
        return sealed(connection, tenant)
