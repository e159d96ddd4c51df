"""Entries are booked whole, once, and within limits; what is refused changes nothing."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest

from tests.lending.ledger.books import (
    DAY,
    NOW,
    book_all,
    booked,
    faults,
    move,
    open_books,
    sealed,
)
from tradeline.book.connection import in_tenant
from tradeline.kernel.findings import InputProblem
from tradeline.lending.ledger.accounts import Account, close_through, open_accounts, set_limits
from tradeline.lending.ledger.entry import Entry, Posting, conversion, reversal, transfer
from tradeline.lending.ledger.posting import post
from tradeline.lending.ledger.reading import balances, balances_on, trial_balance
from tradeline.lending.ledger.sealing import seal

Web = psycopg.Connection


def refusal(web: Web, tenant: str, *entries: Entry) -> list[str]:
    """The lines of a refusal, after a look that nothing changed."""
    before = booked(web, tenant)
    with pytest.raises(InputProblem) as refused:
        book_all(web, tenant, *entries)
    assert booked(web, tenant) == before
    return [finding.line() for finding in refused.value.findings]


def test_an_entry_moves_both_accounts(web: Web, tenant: str) -> None:
    (answer,) = book_all(web, tenant, move("a", 500))
    assert (answer.key, answer.booking_date) == ("a", DAY)
    assert booked(web, tenant) == {"cash": 500, "capital": -500}


def test_the_same_key_gives_the_first_answer_and_no_second_effect(web: Web, tenant: str) -> None:
    first = book_all(web, tenant, move("a", 500))
    later = NOW + timedelta(days=400)
    assert book_all(web, tenant, move("a", 500), now=later) == first
    assert book_all(web, tenant, move("a", 500), move("b", 1), move("a", 500))[::2] == first * 2
    assert booked(web, tenant) == {"cash": 501, "capital": -501}


USED = (
    "error: entry a: The key was used before, for something else. Send what was sent first, to "
    "have its answer again; or take a new key."
)


def test_a_used_key_with_another_body_is_refused(web: Web, tenant: str) -> None:
    book_all(web, tenant, move("a", 500))
    others = (move("a", 501), move("a", 500, day=date(2026, 3, 2)), move("a", 500, "loans"))
    for other in (*others, move("a", 500, pending=True)):
        assert refusal(web, tenant, move("new", 1), other) == [USED]


def test_a_key_for_two_things_in_one_batch_is_refused(web: Web, tenant: str) -> None:
    assert refusal(web, tenant, move("a", 1), move("a", 2)) == [USED]


WRONG = [
    (
        Entry("x", DAY, "test", (Posting("cash", 5, "CNY"), Posting("capital", -4, "CNY"))),
        ["error: entry x: Its postings in CNY sum to 1, not to 0. Make debits and credits equal "
         "in each currency."],
    ),
    (
        Entry("x", DAY, "test", (Posting("cash", 0, "CNY"),)),
        ["error: entry x: It has fewer than two postings. Say where the money comes from and "
         "where it goes.",
         "error: entry x: The amount 0 on cash cannot be booked. State one other than zero, up to "
         "1,000,000,000,000,000 minor units."],
    ),
    (
        move("x", 10**15 + 1),
        [f"error: entry x: The amount {amount} on {account} cannot be booked. State one other "
         "than zero, up to 1,000,000,000,000,000 minor units."
         for amount, account in ((10**15 + 1, "cash"), (-(10**15) - 1, "capital"))],
    ),
    (
        move("x", 5, "gold"),
        ["error: entry x: There is no account gold. Open it first."],
    ),
    (
        move("x", 5, "cash-eur"),
        ["error: entry x: The account cash-eur is in EUR, not CNY. Book in its currency, or "
         "exchange first (kind 'conversion')."],
    ),
    (
        Entry("x", DAY, "test", (Posting("cash", 5, "XXX"), Posting("capital", -5, "XXX"))),
        [f"error: entry x: 'XXX' on {account} is no currency. Write its ISO 4217 code, such as "
         "CNY." for account in ("cash", "capital")],
    ),
    (
        Entry("", DAY, "", move("x", 1).postings),
        ["error: entry : This is no key. Take 1 to 200 printable characters.",
         "error: entry : It does not say what it is. Name its kind."],
    ),
    (
        Entry("x", NOW, "test", move("x", 1).postings),
        ["error: entry x: Its value date is a moment. State a day."],
    ),
    (
        Entry("x", DAY, "test", (Posting("cash", 1.5, "CNY"), Posting("capital", -1.5, "CNY"))),  # type: ignore[arg-type]
        [f"error: entry x: The amount {amount} on {account} is no integer. State minor units, "
         "such as 1250 for 12.50." for amount, account in ((1.5, "cash"), (-1.5, "capital"))],
    ),
    (
        Entry("x", DAY, "test", (*move("x", 1).postings, Posting("cash-eur", 1, "EUR"),
                                 Posting("position/EUR", -1, "EUR"))),
        ["error: entry x: It moves CNY and EUR. Book an exchange as an entry of the kind "
         "'conversion', the rest apart."],
    ),
    (
        reversal(move("gone", 5), "x", DAY),
        ["error: entry x: There is no entry gone to reverse. Look up its key."],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "lines"), WRONG)
def test_a_wrong_entry_is_refused_and_the_rest_of_its_batch_with_it(
    web: Web, tenant: str, entry: Entry, lines: list[str]
) -> None:
    assert refusal(web, tenant, move("right", 5), entry) == lines


@pytest.mark.parametrize("amount", [0, -5])
def test_a_transfer_of_nothing_or_less_is_refused(amount: int) -> None:
    with pytest.raises(InputProblem) as refused:
        move("x", amount)
    assert str(refused.value) == (
        f"error: entry x: The amount is {amount}. State an amount above zero; what goes back is "
        "an entry the other way round."
    )


def test_a_refusal_leaves_the_callers_transaction_as_it_was(web: Web, tenant: str) -> None:
    with in_tenant(web, tenant):
        post(web, [move("a", 500)], NOW)
        with pytest.raises(InputProblem):
            post(web, [move("b", 501, "loans", "cash")], NOW)
        post(web, [move("c", 400, "loans", "cash")], NOW)
    assert booked(web, tenant) == {"cash": 100, "capital": -500, "loans": 400}


def test_no_account_goes_beyond_its_limit(web: Web, tenant: str) -> None:
    book_all(web, tenant, move("a", 500))
    assert refusal(web, tenant, move("b", 501, "loans", "cash")) == [
        "error: account cash: It would be 1 minor unit of CNY below its limit of 0, with 0 held. "
        "Move less, or let go of what is held."
    ]
    assert refusal(web, tenant, move("b", 1_200, "line", "deposits")) == [
        "error: account line: It would be 200 minor units of CNY above its limit of 1,000, with "
        "0 held. Move less, or let go of what is held."
    ]
    book_all(web, tenant, move("b", 500, "loans", "cash"), move("c", 1_000, "line", "deposits"))


def test_what_is_held_counts_until_it_is_let_go(web: Web, tenant: str) -> None:
    hold = move("hold", 400, "loans", "cash", pending=True)
    book_all(web, tenant, move("a", 500), hold)
    assert booked(web, tenant) == {"cash": 500, "capital": -500}
    assert refusal(web, tenant, move("b", 101, "loans", "cash")) == [
        "error: account cash: It would be 1 minor unit of CNY below its limit of 0, with 400 "
        "held. Move less, or let go of what is held."
    ]
    assert "with 801 held" in refusal(web, tenant, move("c", 401, "loans", "cash", pending=True))[0]
    taken = move("taken", 350, "loans", "cash")
    book_all(web, tenant, reversal(hold, "let go", DAY), taken)
    assert booked(web, tenant) == {"cash": 150, "capital": -500, "loans": 350}
    with in_tenant(web, tenant):
        assert {(b.held_debit_minor, b.held_credit_minor) for b in balances(web)} == {(0, 0)}


def test_a_limit_is_set_anew_but_not_below_what_is_drawn(web: Web, tenant: str) -> None:
    book_all(web, tenant, move("a", 1_000, "line", "deposits"))
    with in_tenant(web, tenant):
        set_limits(web, [Account("line", "CNY", "asset", greatest_minor=1_500)], NOW)
    book_all(web, tenant, move("b", 500, "line", "deposits"))
    with (
        pytest.raises(InputProblem, match=r"account line: It would be 1 minor unit of CNY above"),
        in_tenant(web, tenant),
    ):
        set_limits(web, [Account("line", "CNY", "asset", greatest_minor=1_499)], NOW)


def test_an_exchange_goes_over_the_open_positions(web: Web, tenant: str) -> None:
    book_all(web, tenant, move("a", 800))
    exchange = conversion(
        "x", DAY, into=Posting("cash-eur", 100, "EUR"), out_of=Posting("cash", -790, "CNY"),
        position="position",
    )  # fmt: skip
    book_all(web, tenant, exchange)
    assert booked(web, tenant) == {
        "cash": 10, "capital": -800, "cash-eur": 100, "position/EUR": -100, "position/CNY": 790,
    }  # fmt: skip


def test_a_reversal_undoes_an_entry_once(web: Web, tenant: str) -> None:
    entry = move("a", 500)
    book_all(web, tenant, entry)
    book_all(web, tenant, reversal(entry, "undo", DAY))
    assert booked(web, tenant) == {}
    again = "error: {}: What it would reverse is reversed already, or is a reversal itself. Look "
    again += "at the entry; enter what is right anew."
    assert refusal(web, tenant, reversal(entry, "undo 2", DAY)) == [again.format("entry undo 2")]
    of_reversal = reversal(reversal(entry, "undo", DAY), "redo", DAY)
    assert refusal(web, tenant, of_reversal) == [again.format("entry redo")]


def test_a_reversal_that_is_not_the_opposite_is_refused(web: Web, tenant: str) -> None:
    book_all(web, tenant, move("a", 500), move("hold", 10, "loans", "cash", pending=True))
    for amount, pending in ((499, False), (500, True)):
        postings = move("x", amount, "capital", "cash").postings
        wrong = Entry("x", DAY, "test", postings, pending=pending, reverses="a")
        assert "cannot" not in refusal(web, tenant, wrong)[0]


def test_a_late_entry_is_refused_once_its_period_is_closed(
    web: Web, worker: Web, tenant: str
) -> None:
    book_all(web, tenant, move("a", 500, day=date(2026, 1, 31)))
    with in_tenant(worker, tenant):
        close_through(worker, date(2026, 1, 31))
    assert refusal(web, tenant, move("b", 5, day=date(2026, 1, 31))) == [
        "error: entry b: The books are closed through 2026-01-31. Value it on a later day, or "
        "have late entries booked in the open period (--late adjust)."
    ]
    book_all(web, tenant, move("b", 5, day=date(2026, 2, 1)))
    with (
        pytest.raises(InputProblem, match="A later day is closed already"),
        in_tenant(worker, tenant),
    ):
        close_through(worker, date(2026, 1, 30))


def test_or_it_is_booked_in_the_open_period_and_the_closed_one_stays(web: Web, worker: Web) -> None:
    tenant = "adjusting"
    open_books(worker, tenant, late="adjust")
    january = date(2026, 1, 31)
    book_all(web, tenant, move("a", 500, day=january))
    with in_tenant(worker, tenant):
        close_through(worker, january)
        closed = trial_balance(worker, january)
    (answer,) = book_all(web, tenant, move("late", 7, day=date(2026, 1, 10)))
    assert answer.booking_date == date(2026, 2, 1)
    with in_tenant(worker, tenant):
        assert trial_balance(worker, january) == closed == {"capital": -500, "cash": 500}
        assert trial_balance(worker, date(2026, 2, 1))["cash"] == 507
        assert balances_on(worker, date(2026, 1, 10)) == {"capital": -7, "cash": 7}


def test_a_balance_is_told_as_valued_on_a_day_as_known_at_an_entry(
    web: Web, worker: Web, tenant: str
) -> None:
    for key, amount, day in (("a", 100, 1), ("b", 20, 5), ("c", 3, 2)):
        book_all(web, tenant, move(key, amount, day=date(2026, 3, day)))
        sealed(worker, tenant)
    known = {
        (day, number): 100 + (20 if day >= 5 and number >= 2 else 0)
        + (3 if day >= 2 and number >= 3 else 0)
        for day in range(1, 7) for number in (1, 2, 3)
    }  # fmt: skip
    with in_tenant(web, tenant):
        for (day, number), cash in known.items():
            assert balances_on(web, date(2026, 3, day), number)["cash"] == cash
        assert balances_on(web, date(2026, 3, 1), accounts=["cash"]) == {"cash": 100}
        assert balances_on(web, date(2026, 2, 28)) == {}


@pytest.mark.parametrize("jump", [timedelta(days=-365), timedelta(days=-1), timedelta(days=366)])
def test_a_clock_that_jumps_moves_neither_value_dates_nor_numbers(
    web: Web, worker: Web, tenant: str, jump: timedelta
) -> None:
    leap_day = date(2028, 2, 29)
    for key, now in (("a", NOW), ("b", NOW + jump), ("c", datetime(2028, 2, 29, 23, tzinfo=UTC))):
        book_all(web, tenant, move(key, 1, day=leap_day), now=now)
        sealed(worker, tenant)
    with in_tenant(worker, tenant):
        rows = worker.execute(
            "SELECT s.number, e.key, e.value_date FROM ledger_seal s "
            "JOIN ledger_entry e ON e.id = s.entry_id ORDER BY s.number"
        ).fetchall()
    assert rows == [(1, "a", leap_day), (2, "b", leap_day), (3, "c", leap_day)]
    assert faults(worker, tenant) == []


def test_accounts_are_opened_once_and_stay_what_they_are(web: Web, tenant: str) -> None:
    account = Account("fees", "CNY", "income")
    with in_tenant(web, tenant):
        open_accounts(web, [account, account], NOW)
        open_accounts(web, [account], NOW)
    for wrong, line in (
        (Account("fees", "EUR", "income"), "There is another account of this code: CNY, income. "
         "Take another code; an account is never changed."),
        (Account("fees", "XXX", "income"), "'XXX' is no currency. Write its ISO 4217 code, such as "
         "CNY."),
        (Account("fees", "CNY", "gain"), "'gain' is no kind of account. Take one of asset, "  # type: ignore[arg-type]
         "liability, equity, income, expense."),
    ):  # fmt: skip
        with pytest.raises(InputProblem) as refused, in_tenant(web, tenant):
            open_accounts(web, [wrong], NOW)
        assert str(refused.value) == f"error: account fees: {line}"


def test_where_no_ledger_is_open_nothing_is_booked(web: Web) -> None:
    with pytest.raises(InputProblem) as refused, in_tenant(web, "nobody"):
        post(web, [move("a", 1)], NOW)
    assert str(refused.value) == (
        "error: ledger: No ledger is open here. Open it with `tradeline ledger open`."
    )


def test_two_lenders_use_the_same_keys_and_codes(web: Web, worker: Web, tenant: str) -> None:
    open_books(worker, "another")
    book_all(web, tenant, move("a", 1))
    book_all(web, "another", move("a", 2))
    assert booked(web, tenant)["cash"] == 1
    assert booked(web, "another")["cash"] == 2


def test_a_key_of_any_kind_is_a_value_and_never_sql(web: Web, tenant: str) -> None:
    key = "'; DROP TABLE ledger_posting; --"
    entry = transfer(
        key, DAY, "o'brien", debit="cash", credit="capital", amount_minor=1, currency="CNY",
        about=key,
    )  # fmt: skip
    assert book_all(web, tenant, entry)[0].key == key
    assert booked(web, tenant)["cash"] == 1


READ = """
SELECT relname, seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables
WHERE relname LIKE 'ledger%' OR relname LIKE 'book%'
"""


def rows_read(connection: Web) -> Counter[str]:
    """How many rows of each table the transaction has read."""
    return Counter(dict(connection.execute(READ).fetchall()))


def test_what_one_entry_costs_does_not_grow_with_the_ledger(
    web: Web, worker: Web, tenant: str
) -> None:
    entry = move("first", 1)
    book_all(web, tenant, entry)  # plans are made while tables are small
    sealed(worker, tenant)
    batch = [move(f"k{number}", 1) for number in range(2_000)]
    book_all(web, tenant, *batch)
    book_all(web, tenant, *(reversal(one, f"undo {one.key}", DAY) for one in batch[:500]))
    sealed(worker, tenant)
    for connection, step in (
        (web, lambda: post(web, [move("one more", 1)], NOW)),
        (web, lambda: post(web, [reversal(entry, "undo", DAY)], NOW)),
        (web, lambda: post(web, [move("hold", 1, pending=True)], NOW)),
        (worker, lambda: seal(worker)),
    ):
        with in_tenant(connection, tenant):
            before = rows_read(connection)
            step()
            read = rows_read(connection) - before
        assert {name: rows for name, rows in read.items() if rows > 60} == {}
