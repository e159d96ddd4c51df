"""Who holds loans: each lender's part of a shared loan's books, by largest remainder over its life.

As `bookings.by_lender` does it, a lender has its part of running totals: of what was paid out, of
the principal that came back, of what was lost, of the interest and charges that were earned, and of
those that were paid. What it is to receive, its interest income and its money follow from these, so
that its accounts balance, no money moves where only time passes, and nothing is left when all is
paid. What lenders leave a servicer of the interest that came, and what a guarantor gives them of
what was lost and has back of what was recovered, follow from totals in the same way.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import lcm
from typing import Any

import numpy as np

from tradeline.lending.bookings.chart import Account
from tradeline.lending.end_of_day.advances import Swept
from tradeline.lending.end_of_day.portfolio import Flags, Ints, Names, Portfolio, Texts, product
from tradeline.lending.end_of_day.rounded import HALF_EVEN, rounded
from tradeline.lending.end_of_day.standing import ACCOUNTS

RECEIVABLE, INCOME_RECEIVABLE, CLEARING, DEFERRED, INTEREST, FEES = (
    ACCOUNTS.index(account)
    for account in (
        Account.LOANS_RECEIVABLE,
        Account.INCOME_RECEIVABLE,
        Account.CLEARING,
        Account.DEFERRED_FEES,
        Account.INTEREST_INCOME,
        Account.FEE_INCOME,
    )
)
LOSS, INTEREST_LOST, FEES_LOST, ALLOWANCE, EXPENSE, SUSPENSE = (
    ACCOUNTS.index(account)
    for account in (
        Account.CREDIT_LOSS,
        Account.INTEREST_CHARGED_OFF,
        Account.FEES_CHARGED_OFF,
        Account.LOSS_ALLOWANCE,
        Account.PROVISION_EXPENSE,
        Account.INTEREST_IN_SUSPENSE,
    )
)
RECOVERIES = ACCOUNTS.index(Account.RECOVERIES)
# What is booked of a holder: beside the accounts of loans those of lenders among themselves.
HELD_ACCOUNTS = (*ACCOUNTS, Account.SERVICING_FEES, Account.GUARANTEES)
SERVICING, GUARANTEES = (
    HELD_ACCOUNTS.index(account) for account in (Account.SERVICING_FEES, Account.GUARANTEES)
)
EARNED = [INTEREST, FEES, INTEREST_LOST, FEES_LOST]
OF_INCOME = [INCOME_RECEIVABLE, *EARNED]


@dataclass(frozen=True, slots=True, eq=False)
class Beside:
    """What lenders of each loan agree on beside their shares (see `participation.agreement`).

    A servicer keeps `fee_part` of `fee_per` of the interest; without a guarantor the limit is 0.
    """

    fee_part: Ints
    fee_per: Ints
    limit: Ints
    guarantor_first: Flags


@dataclass(frozen=True, slots=True, eq=False)
class Holders:
    """A row for each party of each loan (by its place, rising): `part` of `whole` is its share.

    A servicer or guarantor that is no lender has a part of 0.
    """

    loan: Ints
    lender: Texts
    part: Ints
    whole: Ints
    services: Flags
    guarantees: Flags
    beside: Beside

    @property
    def shared(self) -> Flags:
        """Rows of loans that have several parties."""
        return np.asarray(np.bincount(self.loan)[self.loan] > 1)

    def names(self, of: Names) -> Names:
        """Who each row is: the loan's names, with the lender that holds it."""
        return replace(of.taken(self.loan), lender=self.lender)


def holders_of(names: Names, participations: Mapping[str, Any]) -> Holders:
    """Who holds loans: their lenders, and of a loan with participations those that it states."""
    count = len(names.loan)
    ones, no = np.ones(count, dtype=np.int64), np.zeros(count, dtype=bool)
    if not participations:
        beside = Beside(0 * ones, ones, 0 * ones, no)
        return Holders(np.arange(count), names.lender, ones, ones, no, no, beside)
    place, lender = participations["place"], participations["lender"].astype(np.str_)
    servicers, guarantors = (_by_place(participations, name) for name in ("servicer", "guarantor"))
    others = _others(zip(place.tolist(), lender.tolist(), strict=True), servicers, guarantors)
    at = np.array([place for place, _ in others], dtype=np.int64)
    alone = np.setdiff1d(np.arange(count), place)
    part, whole = _weights(
        np.concatenate([place, at]),
        np.concatenate([participations["share_part"], 0 * at]),
        np.concatenate([participations["share_per"], 0 * at + 1]),
    )
    loan = np.concatenate([alone, place, at])
    order = np.argsort(loan, kind="stable")
    named = [names.lender[alone], lender, np.array([name for _, name in others], dtype=np.str_)]
    parties = list(zip(loan[order].tolist(), np.concatenate(named)[order].tolist(), strict=True))
    return Holders(
        loan[order],
        np.array([name for _, name in parties], dtype=np.str_),
        np.concatenate([ones[alone], part])[order],
        np.concatenate([ones[alone], whole])[order],
        np.array([servicers.get(place) == name for place, name in parties], dtype=bool),
        np.array([guarantors.get(place) == name for place, name in parties], dtype=bool),
        _beside(participations, count),
    )


def _by_place(participations: Mapping[str, Any], name: str) -> dict[int, str]:
    """Who is stated by a column for some loans."""
    texts = np.ma.filled(participations[name], "").tolist()
    stated = zip(participations["place"].tolist(), texts, strict=True)
    return {place: text for place, text in stated if text}


def _others(
    lenders: Iterable[tuple[int, str]], *stated: Mapping[int, str]
) -> list[tuple[int, str]]:
    """Who is a party of a loan and none of its lenders, by the loan's place."""
    parties = [item for each in stated for item in each.items()]
    known = set(lenders)
    return [item for item in dict.fromkeys(parties) if item not in known]


def _beside(participations: Mapping[str, Any], count: int) -> Beside:
    """What some lender of a loan states holds for all of them."""

    def stated(name: str) -> Ints:
        found = np.zeros(count, dtype=np.int64)
        np.maximum.at(found, participations["place"], np.ma.filled(participations[name], 0))
        return found

    # A lender that states no fee states 0 of 1.
    return Beside(
        stated("servicing_percent_part"),
        np.maximum(stated("servicing_percent_per"), 1),
        stated("first_loss"),
        stated("recoveries") == 1,
    )


def _weights(place: Ints, part: Ints, per: Ints) -> tuple[Ints, Ints]:
    """Shares of a loan over one denominator."""
    common: dict[int, int] = {}
    for loan, own in zip(place.tolist(), per.tolist(), strict=True):
        common[loan] = lcm(common.get(loan, 1), own)
    whole = np.array([common[loan] for loan in place.tolist()], dtype=np.int64)
    return part * (whole // per), whole


def apportioned(totals: Ints, group: Ints, part: Ints, whole: Ints) -> Ints:
    """Totals of groups (groups x figures) in whole parts by largest remainder, a row for each part.

    The parts of a group lie together; of equal remainders the one named first has the unit that is
    left, as `participation.apportionment` says.
    """
    exact = totals[group]
    shares = product(np.abs(exact), part[:, None])
    parts, rest = np.divmod(shares, whole[:, None])
    first = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    sizes = np.diff(np.append(first, len(group)))
    left = np.abs(totals[group[first]]) - np.add.reduceat(parts, first)
    begins, units = np.repeat(first, sizes), np.repeat(left, sizes, axis=0)
    for figure in range(totals.shape[1]):
        order = np.lexsort((-rest[:, figure], group))
        parts[order, figure] += np.arange(len(group)) - begins < units[order, figure]
    return np.asarray(np.where(exact < 0, -parts, parts))


def books_by_holder(found: Portfolio | Swept, holders: Holders) -> Ints:
    """What is booked of loans or advances on each of `HELD_ACCOUNTS`, a row for each holder."""
    booked = np.zeros((len(holders.loan), len(HELD_ACCOUNTS)), dtype=np.int64)
    booked[:, : len(ACCOUNTS)] = found.booked[holders.loan]
    rows = np.flatnonzero(holders.shared)
    if not len(rows):
        return booked
    place, part, whole = (each[rows] for each in (holders.loan, holders.part, holders.whole))
    loans, group = np.unique(place, return_inverse=True)
    total, among = found.booked[loans], _among_parties(found, holders.beside, loans)
    back = found.paid_out[loans] - total[:, RECEIVABLE]
    beside = (
        found.paid_out[loans], back, back - total[:, LOSS], -total[:, EARNED].sum(axis=1),
        -total[:, OF_INCOME].sum(axis=1), total[:, DEFERRED] + total[:, FEES],
        among.fee, among.given, among.recovered - among.given_back,
    )  # fmt: skip
    parts = apportioned(np.column_stack([total, *beside]), group, part, whole)
    own = np.zeros((len(rows), len(HELD_ACCOUNTS)), dtype=np.int64)
    own[:, : len(ACCOUNTS)] = parts[:, : len(ACCOUNTS)]
    out, gone, repaid, earned, paid, fee, kept, given, recovered = parts[:, len(ACCOUNTS) :].T
    own[:, RECEIVABLE], own[:, LOSS] = out - gone, gone - repaid
    own[:, DEFERRED] = fee - own[:, FEES]
    own[:, INCOME_RECEIVABLE] = earned - paid
    own[:, INTEREST] = 0
    own[:, INTEREST] = -own[:, OF_INCOME].sum(axis=1) - paid
    own[:, EXPENSE] = -own[:, ALLOWANCE] - own[:, SUSPENSE]
    services, guarantees = holders.services[rows], holders.guarantees[rows]
    own[:, SERVICING] = kept - services * among.fee[group]
    own[:, GUARANTEES] = guarantees * among.given[group] - given
    own[:, RECOVERIES] = -recovered - guarantees * among.given_back[group]
    own[:, CLEARING] = 0
    own[:, CLEARING] = -own.sum(axis=1)
    booked[rows] = own
    return booked


@dataclass(frozen=True, slots=True, eq=False)
class _Among:
    """What moves among the parties of loans: the fee, what a guarantor gives and has back."""

    fee: Ints
    given: Ints
    given_back: Ints
    recovered: Ints


def _among_parties(found: Portfolio | Swept, beside: Beside, loans: Ints) -> _Among:
    """As `participation.sharing` says it of one loan (`servicer_fee` and what is beside it)."""
    part, per, limit = (each[loans] for each in (beside.fee_part, beside.fee_per, beside.limit))
    interest = product(found.interest_received[loans], part)
    fee = rounded(interest, per, np.full_like(per, HALF_EVEN), np.ones_like(per))
    lost, recovered = found.booked[loans, LOSS], -found.booked[loans, RECOVERIES]
    given = np.where(limit > 0, np.minimum(lost, limit), 0)
    first = np.where(beside.guarantor_first[loans], 0, lost - given)
    back = np.minimum(np.maximum(recovered - first, 0), given)
    return _Among(fee, given, back, recovered)


def principal_by_holder(found: Portfolio | Swept, holders: Holders, principal: Ints) -> Ints:
    """The principal of loans that each holder holds."""
    held = principal[holders.loan]
    rows = np.flatnonzero(holders.shared)
    if len(rows):
        place, part, whole = (each[rows] for each in (holders.loan, holders.part, holders.whole))
        held[rows] = _principal(found, principal, place, part, whole)
    return held


def _principal(
    found: Portfolio | Swept, principal: Ints, place: Ints, part: Ints, whole: Ints
) -> Ints:
    """Of what was paid out its part, less its part of what came back."""
    loans, group = np.unique(place, return_inverse=True)
    out = found.paid_out[loans]
    totals = np.stack([out, out - principal[loans]], axis=1)
    parts = apportioned(totals, group, part, whole)
    return np.asarray(parts[:, 0] - parts[:, 1])


@dataclass(frozen=True, slots=True, eq=False)
class HeldLines:
    """Lines by holder: of which line and which row of holders each is, and its components."""

    line: Ints
    holder: Ints
    principal: Ints
    income: Ints
    charges: Ints


def lines_by_holder(found: Portfolio, holders: Holders) -> HeldLines:
    """What is open of each line by holder: differences of running totals, so that lines add up."""
    lines = found.lines
    figures = np.stack([lines.principal, lines.income, lines.fees + lines.penalties], axis=1)
    back = found.paid_out - found.by_loan(lines.principal)
    base = np.stack([back, np.zeros_like(back), np.zeros_like(back)], axis=1)
    line, holder, parts = flows_by_holder(holders, found.owners, figures, base)
    return HeldLines(line, holder, *parts.T)


def flows_by_holder(
    holders: Holders, owners: Ints, figures: Ints, base: Ints | None = None
) -> tuple[Ints, Ints, Ints]:
    """Figures of lines (lines x figures), whose owners rise, in parts: of which line, which holder.

    A part is the difference of two running totals, which begin at `base` (loans x figures).
    """
    first = np.searchsorted(holders.loan, np.arange(holders.loan.max(initial=-1) + 2))
    counts = np.diff(first)[owners]
    line = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(line)) - np.repeat(np.cumsum(counts) - counts, counts)
    holder = first[owners[line]] + within
    parts = figures[line]
    rows = np.flatnonzero(holders.shared[holder])
    if len(rows):
        own = holder[rows]
        after = np.stack([_running(owners, each) for each in figures.T], axis=1)
        after = after if base is None else after + base[owners]
        shared, group = np.unique(line[rows], return_inverse=True)
        before, weights = after - figures, (holders.part[own], holders.whole[own])
        parts[rows] = apportioned(after[shared], group, *weights)
        parts[rows] -= apportioned(before[shared], group, *weights)
    return line, holder, parts


def _running(owners: Ints, figures: Ints) -> Ints:
    """The running total of a figure of lines, loan by loan."""
    total = np.cumsum(figures)
    first = np.searchsorted(owners, owners)
    return np.asarray(total - total[first] + figures[first])
