"""Lenders of a shared loan have its books to the minor unit, over its whole life."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from pathlib import Path
from typing import get_args

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lending.bookings.test_by_lender import agreements
from tests.lending.end_of_day.made import START, Loan, loan
from tests.lending.end_of_day.written import landed, money, percent
from tests.lending.loan.made_loans import contracts
from tests.lending.loan.plain_loan import on, paid_out
from tests.lending.loan.test_adding_up import lives
from tradeline.kernel.chain import read_chain
from tradeline.kernel.findings import InputProblem
from tradeline.lending.bookings.by_lender import by_lender, parties
from tradeline.lending.bookings.chart import Account
from tradeline.lending.bookings.entries import booking, bookings
from tradeline.lending.end_of_day.attached import arrays_of, wrong_rows
from tradeline.lending.end_of_day.chunk import Chunk
from tradeline.lending.end_of_day.folder import Landed, land, landings
from tradeline.lending.end_of_day.holders import (
    FEES,
    HELD_ACCOUNTS,
    INCOME_RECEIVABLE,
    INTEREST,
    RECEIVABLE,
    Holders,
    apportioned,
    books_by_holder,
    holders_of,
    lines_by_holder,
    principal_by_holder,
)
from tradeline.lending.end_of_day.portfolio import Ints, Names, Portfolio, empty, replaced, terms_of
from tradeline.lending.end_of_day.run import run, state_path
from tradeline.lending.end_of_day.standing import standing
from tradeline.lending.end_of_day.states import read_state
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import (
    Chargeback,
    ChargeOff,
    Event,
    Refund,
    Repayment,
    WriteOff,
)
from tradeline.lending.loan.fold import fold
from tradeline.lending.participation import apportionment
from tradeline.lending.participation.agreement import Agreement, FirstLoss, RecoveryOrder

SHARES = (
    (("north", "1/3"), ("south", "1/3"), ("east", "1/3")),
    (("south", "0.15"), ("north", "0.85")),
    (("north", "2/7"), ("east", "4/7"), ("west", "1/7")),
)


SERVED = {"servicer": "platform", "servicing_percent": "7.5"}
GUARANTEED = {"guarantor": "fund", "first_loss": "1200.00", "recoveries": "guarantor first"}


def participations(place: int) -> list[dict[str, str]]:
    """Who shares a loan; every fourth has one lender."""
    if place % 4 == 3:
        return []
    first, *others = [{"lender": name, "share": share} for name, share in SHARES[place % 4]]
    return [first | (SERVED if place % 2 else {"servicer": "north", "servicing_percent": "5"})
            | (GUARANTEED if place % 3 else {}), *others]  # fmt: skip


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
            assert books[own].sum(axis=0).tolist() == [*found.booked[place].tolist(), 0, 0]
            out = int(found.loans.disbursed[place])
            stated = participations(place) or [{"lender": names.lender[place], "share": "1"}]
            agreement = Agreement(
                tuple((str(one["lender"]), Fraction(one["share"])) for one in stated)
            )
            right = as_servicing_books(agreement, out, found.booked[place])
            for lender, own_books in zip(holders.lender[own], books[own], strict=True):
                if lender not in right:
                    assert not own_books[[RECEIVABLE, INCOME_RECEIVABLE]].any()
                    continue
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
        for at, account in enumerate(HELD_ACCOUNTS):
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


def test_participations_that_landed_before_servicers_could_be_stated_are_read(
    tmp_path: Path,
) -> None:
    loans = landed([loan(np.random.default_rng(3), 40) for _ in range(2)])
    shares = [{"lender": "north", "share": "1/3"}, {"lender": "south", "share": "2/3"}]
    land(tmp_path, [Landed(row.texts, row.events, {"participations": shares}) for row in loans])
    chunk = Chunk(tmp_path, 0, landings(tmp_path))
    before = chunk.holders(chunk.names())
    [path] = (tmp_path / "chunks").rglob("participations-*")
    older = path.with_suffix(".older")
    columns = "place, entered_on, lender, share_part, share_per"
    duckdb.sql(f"COPY (SELECT {columns} FROM '{path}') TO '{older}' (FORMAT parquet)")
    older.rename(path)
    after = chunk.holders(chunk.names())
    assert after.lender.tolist() == before.lender.tolist() == ["north", "south"] * 2
    assert after.part.tolist() == before.part.tolist()
    assert not after.services.any()
    assert not after.guarantees.any()


def stated(agreement: Agreement) -> list[dict[str, str]]:
    """An agreement as rows of participations, the last of which says what holds for all."""
    rows = [{"lender": name, "share": str(share)} for name, share in agreement.shares]
    servicing, first_loss = agreement.servicing, agreement.first_loss
    if servicing is not None:
        rows[-1] |= {"servicer": servicing.servicer,
                     "servicing_percent": percent(servicing.share_of_interest)}  # fmt: skip
    if first_loss is not None:
        rows[-1] |= {"guarantor": first_loss.guarantor, "first_loss": money(first_loss.limit_minor),
                     "recoveries": first_loss.recoveries}  # fmt: skip
    return rows


@st.composite
def lost_lives(draw: st.DrawFn, contract: Contract) -> list[Event]:
    """Money comes, the loan is lost, more comes."""
    most = contract.principal_minor

    def moved(kinds: Sequence[type[Event]], first: int) -> list[Event]:
        days = sorted(draw(st.lists(st.integers(first, first + 200), min_size=1, max_size=3)))
        return [on(draw(st.sampled_from(kinds)), contract.start + timedelta(days=day),
                   amount_minor=draw(st.integers(1, most))) for day in days]  # fmt: skip

    lost = on(draw(st.sampled_from([ChargeOff, WriteOff])), contract.start + timedelta(days=300))
    before, after = moved([Repayment], 0), moved([Repayment, Repayment, Refund, Chargeback], 301)
    return [paid_out(contract), *before, lost, *after]


AMONG = (Account.SERVICING_FEES, Account.GUARANTEES, Account.RECOVERIES)


@settings(deadline=None)
@given(st.data())
def test_what_parties_are_to_each_other_is_as_booked_one_by_one(data: st.DataObject) -> None:
    contract = data.draw(contracts())
    events = data.draw(lives(contract) | lost_lives(contract))
    agreement = data.draw(agreements())
    if any(isinstance(event, ChargeOff | WriteOff) for event in events):
        limit = data.draw(st.integers(1, contract.principal_minor))
        order = data.draw(st.sampled_from(get_args(RecoveryOrder)))
        agreement = replace(agreement, first_loss=FirstLoss("G", limit, order))
    day = contract.start + timedelta(days=700)
    try:
        state, stands = fold(contract, events, day), standing(contract, events, day)
    except InputProblem:
        return  # events that make no sense
    found = replaced(empty(terms_of([contract]), day.toordinal()), np.array([0]), [stands])
    found = replace(found, booked=np.array([stands.booked]))
    lead = np.array(["bank"])
    rows = [(0, "CNY", row) for row in stated(agreement)]
    holders = holders_of(Names(lead, lead, lead, lead), arrays_of("participations", rows))
    books = books_by_holder(found, holders)
    assert not books.sum(axis=1).any()
    assert books.sum(axis=0).tolist() == [*stands.booked, 0, 0]
    right: Counter[tuple[str, Account]] = Counter()
    for each in by_lender(agreement, bookings(state.transactions)):
        right[each.lender, each.posting.account] += each.posting.amount_minor
    assert holders.lender.tolist() == list(parties(agreement))
    for lender, own in zip(holders.lender.tolist(), books.tolist(), strict=True):
        for account in AMONG:
            assert own[HELD_ACCOUNTS.index(account)] == right[lender, account]


@pytest.mark.parametrize("column", ["sold_on", "buyer", "price"])
def test_a_sale_of_shares_is_refused(column: str) -> None:
    row = {"lender": "north", "share": "1/3", column: "5"}
    [refused] = wrong_rows("participations", [row], "CNY", "loan L-1")
    assert refused.line() == (
        f"error: loan L-1, participations 1, {column}: Lenders of a portfolio do not change: a "
        "sale of shares is booked of agreements that servicing saves. Leave it out, or open the "
        "loan there. See docs/guides/end-of-day.md."
    )
    assert wrong_rows("participations", [row | {column: ""}], "CNY", "loan L-1") == []
