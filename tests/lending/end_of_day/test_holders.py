"""Lenders of a shared loan have its books to the minor unit, over its whole life."""

from collections import Counter
from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from tests.lending.end_of_day.made import START, Loan, loan
from tests.lending.end_of_day.written import landed
from tradeline.kernel.chain import read_chain
from tradeline.lending.bookings.by_lender import by_lender
from tradeline.lending.bookings.chart import Account
from tradeline.lending.bookings.entries import booking
from tradeline.lending.end_of_day.attached import wrong_rows
from tradeline.lending.end_of_day.chunk import Chunk
from tradeline.lending.end_of_day.folder import Landed, land, landings
from tradeline.lending.end_of_day.holders import (
    FEES,
    INCOME_RECEIVABLE,
    INTEREST,
    RECEIVABLE,
    Holders,
    apportioned,
    books_by_holder,
    lines_by_holder,
    principal_by_holder,
)
from tradeline.lending.end_of_day.portfolio import Ints, Portfolio
from tradeline.lending.end_of_day.run import run, state_path
from tradeline.lending.end_of_day.standing import ACCOUNTS
from tradeline.lending.end_of_day.states import read_state
from tradeline.lending.participation import apportionment
from tradeline.lending.participation.agreement import Agreement

SHARES = (
    (("north", "1/3"), ("south", "1/3"), ("east", "1/3")),
    (("south", "0.15"), ("north", "0.85")),
    (("north", "2/7"), ("east", "4/7"), ("west", "1/7")),
)


def participations(place: int) -> list[dict[str, str]]:
    """Who shares a loan; every fourth has one lender."""
    if place % 4 == 3:
        return []
    return [{"lender": name, "share": share} for name, share in SHARES[place % 4]]


def shared_out(loans: list[Loan]) -> list[Landed]:
    return [
        Landed(row.texts, row.events, {"participations": participations(place)})
        for place, row in enumerate(landed(loans))
    ]


def test_many_totals_are_apportioned_as_each_is() -> None:
    generator = np.random.default_rng(2)
    sizes = generator.integers(1, 6, 80)
    group = np.repeat(np.arange(80), sizes)
    part = generator.integers(1, 9, len(group))
    whole = np.bincount(group, weights=part).astype(np.int64)[group]
    totals = generator.integers(-200, 200, (80, 4))
    found = apportioned(totals, group, part, whole)
    for place in range(80):
        own = part[group == place].tolist()
        for figure, total in enumerate(totals[place].tolist()):
            right = apportionment.apportioned(total, own)
            assert tuple(found[group == place, figure].tolist()) == right


def test_each_lender_has_its_part_of_the_books_day_after_day(tmp_path: Path) -> None:
    generator = np.random.default_rng(17)
    loans = [loan(generator, 100) for _ in range(8)]
    land(tmp_path, shared_out(loans))
    booked: Counter[tuple[str, str]] = Counter()
    for after in (40, 42, 52):
        day = START + timedelta(days=after)
        run(tmp_path, day)
        found = read_state(state_path(tmp_path, day, 0))
        chunk = Chunk(tmp_path, 0, landings(tmp_path))
        names = chunk.names()
        holders = chunk.holders(names)
        books = books_by_holder(found, holders)
        assert not books.sum(axis=1).any()
        for place in range(len(found)):
            own = holders.loan == place
            assert books[own].sum(axis=0).tolist() == found.booked[place].tolist()
            out = int(found.loans.disbursed[place])
            stated = participations(place) or [{"lender": names.lender[place], "share": "1"}]
            agreement = Agreement(
                tuple((str(one["lender"]), Fraction(one["share"])) for one in stated)
            )
            right = as_servicing_books(agreement, out, found.booked[place])
            for lender, own_books in zip(holders.lender[own], books[own], strict=True):
                income = -own_books[[INTEREST, FEES]].sum()
                told = (own_books[RECEIVABLE], own_books[INCOME_RECEIVABLE], income)
                assert tuple(map(int, told)) == right[lender]
        lines_add_up(found, holders)
    assert (books[holders.shared, INCOME_RECEIVABLE] != 0).any()
    for path in sorted((tmp_path / "days").glob("*/journal.jsonl")):
        for line in read_chain(path.read_text(), str(path), ""):
            for _, lender, _, _, postings in line["entries"]:
                assert sum(minor for _, minor in postings) == 0
                assert line["kind"] == "loans" or "clearing" not in dict(postings)
                booked.update({(lender, account): minor for account, minor in postings})
    for lender in {*holders.lender.tolist()}:
        for at, account in enumerate(ACCOUNTS):
            assert booked[lender, str(account)] == books[holders.lender == lender, at].sum()


def as_servicing_books(
    agreement: Agreement, out: int, booked: Ints
) -> dict[str, tuple[int, int, int]]:
    """Principal, what is to be received and income of each lender, as `by_lender` has them."""
    principal, receivable = int(booked[RECEIVABLE]), int(booked[INCOME_RECEIVABLE])
    interest, fees = (-int(booked[account]) for account in (INTEREST, FEES))
    paid = interest + fees - receivable
    day, cash = START, Account.CLEARING
    made = [
        booking(day, (Account.LOANS_RECEIVABLE, out), (cash, -out)),
        booking(day, (Account.INCOME_RECEIVABLE, interest), (Account.INTEREST_INCOME, -interest)),
        booking(day, (Account.INCOME_RECEIVABLE, fees), (Account.FEE_INCOME, -fees)),
        booking(day, (cash, out - principal), (Account.LOANS_RECEIVABLE, principal - out)),
        booking(day, (cash, paid), (Account.INCOME_RECEIVABLE, -paid)),
    ]
    sums: Counter[tuple[str, Account]] = Counter()
    for each in by_lender(agreement, made):
        sums[each.lender, each.posting.account] += each.posting.amount_minor
    return {
        lender: (
            sums[lender, Account.LOANS_RECEIVABLE], sums[lender, Account.INCOME_RECEIVABLE],
            -sums[lender, Account.INTEREST_INCOME] - sums[lender, Account.FEE_INCOME],
        )
        for lender, _ in agreement.shares
    }  # fmt: skip


def lines_add_up(found: Portfolio, holders: Holders) -> None:
    """What lines bring each lender is what it holds, and all of it together what they are."""
    held = lines_by_holder(found, holders)
    lines = found.lines
    principal = principal_by_holder(found, holders, found.by_loan(lines.principal))
    by_holder = np.zeros_like(principal)
    np.add.at(by_holder, held.holder, held.principal)
    assert by_holder.tolist() == principal.tolist()
    by_line = np.zeros_like(lines.income)
    np.add.at(by_line, held.line, held.income)
    assert by_line.tolist() == lines.income.tolist()


@pytest.mark.parametrize("column", ["servicer", "servicing_percent", "guarantor", "first_loss",
                                    "sold_on", "buyer", "price"])  # fmt: skip
def test_what_lenders_agree_on_beside_their_shares_is_refused(column: str) -> None:
    row = {"lender": "north", "share": "1/3", column: "5"}
    [refused] = wrong_rows("participations", [row], "CNY", "loan L-1")
    assert refused.line() == (
        f"error: loan L-1, participations 1, {column}: Lenders of a portfolio have shares alone: a "
        "servicer's fee, a first-loss guarantee and a sale are booked of agreements that servicing "
        "saves. Leave it out, or open the loan there. See docs/guides/end-of-day.md."
    )
    assert wrong_rows("participations", [row | {column: ""}], "CNY", "loan L-1") == []
