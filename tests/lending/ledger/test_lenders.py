"""The account of a posting names its lender, so that each lender's part is a book of its own."""

import psycopg
import pytest

from tests.lending.ledger.books import DAY, NOW, book_all, booked, faults
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


def test_each_lenders_postings_are_booked_on_its_own_accounts(web: Web, tenant: str) -> None:
    named = [(f"{code}@{lender}") for code in ("loans", "bank") for lender in ("north", "south")]
    with in_tenant(web, tenant):
        open_accounts(web, [Account(code, "CNY", "asset") for code in named], NOW)
    amounts = (600, 400, -600, -400)
    postings = tuple(Posting(c, amount, "CNY") for c, amount in zip(named, amounts, strict=True))
    book_all(web, tenant, Entry("out", DAY, "disbursement", postings, "loan_1"))
    there = booked(web, tenant)
    for lender, part in (("north", 600), ("south", 400)):
        own = {code: minor for code, minor in there.items() if lender_of(code) == lender}
        assert own == {f"loans@{lender}": part, f"bank@{lender}": -part}
    assert faults(web, tenant) == []


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
