"""The account of a posting names its lender, so that each lender's part is a book of its own."""

import psycopg
import pytest

from tests.lending.ledger.books import (
    DAY,
    NOW,
    book_all,
    booked,
    faults,
    move,
    sealed,
    verified,
)
from tests.lending.ledger.test_rights import ids, insert_raw
from tradeline.book.connection import in_tenant
from tradeline.kernel.findings import InputProblem
from tradeline.lending.ledger.accounts import Account, open_accounts
from tradeline.lending.ledger.entry import Entry, Posting
from tradeline.lending.ledger.lenders import account_of, lender_of

Web = psycopg.Connection


def test_an_account_names_its_lender_and_the_tenants_own_none() -> None:
    assert account_of("loans/CNY", "north") == "loans/CNY@north"
    assert account_of("loans/CNY", "") == "loans/CNY"
    assert Posting("loans/CNY@north", 5, "CNY").lender == "north"
    assert lender_of("loans/CNY") == ""


NAMED = tuple(f"{code}@{lender}" for code in ("loans", "bank") for lender in ("north", "south"))


@pytest.fixture
def lenders(web: Web, tenant: str) -> str:
    """A tenant's ledger with accounts of two lenders."""
    with in_tenant(web, tenant):
        open_accounts(web, [Account(code, "CNY", "asset") for code in NAMED], NOW)
    return tenant


def test_each_lenders_postings_are_booked_on_its_own_accounts(web: Web, lenders: str) -> None:
    amounts = (600, 400, -600, -400)
    postings = tuple(Posting(c, amount, "CNY") for c, amount in zip(NAMED, amounts, strict=True))
    book_all(web, lenders, Entry("out", DAY, "disbursement", postings, "loan_1"))
    there = booked(web, lenders)
    for lender, part in (("north", 600), ("south", 400)):
        own = {code: minor for code, minor in there.items() if lender_of(code) == lender}
        assert own == {f"loans@{lender}": part, f"bank@{lender}": -part}
    assert faults(web, lenders) == []


def test_a_lenders_part_that_is_not_whole_is_refused(web: Web, lenders: str) -> None:
    postings = (Posting("loans@north", 600, "CNY"), Posting("bank@south", -600, "CNY"))
    with pytest.raises(InputProblem) as refused:
        book_all(web, lenders, Entry("out", DAY, "disbursement", postings))
    remedy = "Make each lender's debits and credits equal, over accounts of its own."
    assert str(refused.value).splitlines() == [
        f"error: entry out: The part of north in CNY sums to 600, not to 0. {remedy}",
        f"error: entry out: The part of south in CNY sums to -600, not to 0. {remedy}",
    ]
    assert booked(web, lenders) == {}


def test_the_first_entry_whose_parts_are_not_the_whole_is_named(
    web: Web, worker: Web, lenders: str
) -> None:
    book_all(web, lenders, move("a", 5))
    with in_tenant(web, lenders):
        account = ids(web)
        for key in ("x", "y"):
            insert_raw(web, key, (account["loans@north"], 7), (account["bank@south"], -7))
    sealed(worker, lenders)
    found = [f.line() for f in verified(worker, lenders).findings if f.code == "I8"]
    assert found[0] == (
        "error: entry 2: The part of north in CNY sums to 7, not to 0. "
        "Reverse it, and book each lender's part whole."
    )
    assert len(found) == 4


@pytest.mark.parametrize("code", ["@north", "loans@", "loans@north@south"])
def test_a_mark_without_one_account_and_one_lender_is_refused(
    web: Web, tenant: str, code: str
) -> None:
    with in_tenant(web, tenant), pytest.raises(InputProblem) as refused:
        open_accounts(web, [Account(code, "CNY", "asset")], NOW)
    assert str(refused.value) == (
        f"error: account {code}: Its '@' stands not between an account and one lender. "
        "Write 'cash@north' for the cash of north."
    )
