"""Many loans at the end of a day as arrays: a row for each loan, and one for each open instalment.

Everything is a whole number in 64 bits: minor units, ordinals of days, numerators and denominators.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import InputProblem, problem
from tradeline.lending.end_of_day.standing import ACCOUNTS, Standing
from tradeline.lending.loan.contract import ChargeBase, Contract
from tradeline.lending.loan.rounding import RoundingMode
from tradeline.lending.loan.state import Status

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Texts = NDArray[np.str_]

STATUSES = tuple(Status)
MODES = tuple(RoundingMode)
MOST_SUM = 2.0**62


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Equally long columns of whole numbers."""

    @classmethod
    def of(cls, rows: Sequence[Sequence[int]]) -> Self:
        """From rows whose values stand in the order of the columns."""
        table = np.array(rows, dtype=np.int64).reshape(len(rows), len(fields(cls)))
        return cls(*np.ascontiguousarray(table.T))

    @classmethod
    def joined(cls, parts: "Sequence[Self]") -> Self:
        """One after another."""
        return cls(*(np.concatenate(each) for each in zip(*map(cls.columns, parts), strict=True)))

    def columns(self) -> list[Ints]:
        """The columns in their order."""
        return [getattr(self, field.name) for field in fields(self)]

    def taken(self, rows: Ints | Flags) -> Self:
        """Some of the rows, or all in another order."""
        return type(self)(*(column[rows] for column in self.columns()))


OfColumns = TypeVar("OfColumns", bound=Columns)


@dataclass(frozen=True, slots=True, eq=False)
class Terms(Columns):
    """What of a contract the end of day works with, for each loan."""

    mode: Ints  # the place of its rounding among `MODES`
    step: Ints  # interest is rounded to so many minor units
    grace_days: Ints
    recalculates: Ints
    penalty_part: Ints  # of what is overdue, over `penalty_per`
    penalty_per: Ints
    penalty_on_interest: Ints
    penalty_each_day: Ints
    penalty_after_days: Ints
    when_due: Ints  # interest is income when it is due, not daily


@dataclass(frozen=True, slots=True, eq=False)
class Loans(Columns):
    """Where each loan stands (see `Standing`)."""

    status: Ints
    wake: Ints
    pours: Ints
    earned_before: Ints
    running_due: Ints
    added: Ints
    begun: Ints
    overpaid: Ints
    paused_days: Ints
    disbursed_on: Ints
    disbursed: Ints
    interest_received: Ints
    reached_30: Ints
    reached_60: Ints
    reached_90: Ints
    forborne: Ints
    late_since_as_agreed: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Lines(Columns):
    """What is open of each instalment (see `Line`)."""

    since: Ints
    due: Ints
    interest: Ints
    slope: Ints
    per: Ints
    principal: Ints
    income: Ints
    fees: Ints
    penalties: Ints
    penalised_until: Ints
    penalty_parts: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Staging(Columns):
    """How each loan is provided for, and what its stage follows from (see `provisions.stages`).

    Rates are in millionths, days ordinals (0: none); a stage of 0: not looked at yet.
    """

    by_stage: Ints
    lgd: Ints
    rate_annual: Ints
    stage: Ints
    default_seen: Ints
    increase_seen: Ints
    forborne_in_default: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Portfolio:
    """Loans at the end of `day`; the lines of loan `i` lie from `starts[i]` until `starts[i + 1]`.

    `booked` is what was posted for each loan on each of `ACCOUNTS` so far, `failed` marks loans
    that could not be folded and stand as they were.
    """

    day: int
    terms: Terms
    loans: Loans
    lines: Lines
    staging: Staging
    starts: Ints
    booked: Ints
    failed: Flags

    def __len__(self) -> int:
        return len(self.failed)

    @property
    def paid_out(self) -> Ints:
        """The principal that was paid out of each loan."""
        return self.loans.disbursed

    @property
    def interest_received(self) -> Ints:
        """The interest that came of each loan until it was lost."""
        return self.loans.interest_received

    @property
    def owners(self) -> Ints:
        """The loan of each line."""
        return np.repeat(np.arange(len(self)), np.diff(self.starts))

    def by_loan(self, of_lines: Ints) -> Ints:
        """What a figure of lines adds up to for each loan."""
        sums = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(roomy(of_lines))])
        return np.asarray(sums[self.starts[1:]] - sums[self.starts[:-1]], dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Names:
    """Who each loan is, whose it is and of which product, in the order of the portfolio."""

    loan: Texts
    product: Texts
    lender: Texts
    currency: Texts

    def taken(self, rows: Ints) -> "Names":
        """Some of them, or all in another order."""
        return Names(self.loan[rows], self.product[rows], self.lender[rows], self.currency[rows])


def roomy(figures: Ints) -> Ints:
    """Figures whose sum has room in 64 bits; InputProblem if it may not have."""
    if np.abs(figures.astype(np.float64)).sum() >= MOST_SUM:
        raise _too_large()
    return figures


def product(figures: Ints, by: Ints) -> Ints:
    """Products that have room in 64 bits; InputProblem if one may not have."""
    if np.abs(figures.astype(np.float64) * by).max(initial=0) >= MOST_SUM:
        raise _too_large()
    return figures * by


def _too_large() -> InputProblem:
    return problem(
        "amounts-too-large",
        "end of day",
        "The amounts of these loans are too large to be worked out together.",
        "Split the loans.",
    )


def terms_of(contracts: Sequence[Contract], when_due: Sequence[bool] | None = None) -> Terms:
    """The terms of contracts, one after another, and which earn interest only when it is due."""
    flags = when_due or [False] * len(contracts)
    return Terms.of(
        [[*_terms(contract), due] for contract, due in zip(contracts, flags, strict=True)]
    )


def _terms(contract: Contract) -> list[int]:
    rounding, penalty = contract.interest_rounding, contract.overdue_penalty
    rule = [0, 1, 0, 0, 0]
    if penalty is not None:
        rule = [
            penalty.rate.numerator,
            penalty.rate.denominator,
            penalty.base is ChargeBase.PRINCIPAL_AND_INTEREST,
            penalty.per_day,
            penalty.after_grace_days,
        ]
    return [
        MODES.index(rounding.mode),
        rounding.step_minor,
        contract.grace.arrears_days,
        contract.recalculation is not None,
        *rule,
    ]


def loans_of(standings: Sequence[Standing]) -> Loans:
    """Where loans stand, one after another."""
    return Loans.of(
        [
            [
                STATUSES.index(each.status), each.wake, each.pours, each.earned_before,
                each.running_due, each.added, each.begun, each.overpaid, each.paused_days,
                each.disbursed_on, each.disbursed, each.interest_received, *each.reached,
                each.forbearance.at_risk, each.forbearance.late_since,
            ]
            for each in standings
        ]
    )  # fmt: skip


def lines_of(standings: Sequence[Standing]) -> Lines:
    """The lines of loans, one loan after another."""
    return Lines.of(
        [
            [
                line.since, line.due, line.interest, line.slope, line.per, line.principal,
                line.income, line.fees, line.penalties, line.penalised_until, line.penalty_parts,
            ]
            for each in standings
            for line in each.lines
        ]
    )  # fmt: skip


def starts_of(counts: Ints) -> Ints:
    """Where the lines of each loan begin, from how many each has; at last where all end."""
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])


def not_booked(count: int) -> Ints:
    """What is booked of loans before anything is."""
    return np.zeros((count, len(ACCOUNTS)), dtype=np.int64)


def empty(terms: Terms, day: int, staging: Staging | None = None) -> Portfolio:
    """Loans of which nothing is known yet: each is to be folded on the first day.

    Without a staging they are provided for by age.
    """
    count = len(terms.mode)
    return Portfolio(
        day, terms, _zeros(Loans, count), Lines.of([]), staging or _zeros(Staging, count),
        np.zeros(count + 1, dtype=np.int64), not_booked(count), np.zeros(count, dtype=bool),
    )  # fmt: skip


def _zeros(kind: type[OfColumns], count: int) -> OfColumns:
    return kind(*np.zeros((len(fields(kind)), count), dtype=np.int64))


def replaced(before: Portfolio, which: Ints, standings: Sequence[Standing]) -> Portfolio:
    """The portfolio with some loans (rising places) standing anew; what is booked stays."""
    loans = loans_of(standings)
    columns = [column.copy() for column in before.loans.columns()]
    for column, new in zip(columns, loans.columns(), strict=True):
        column[which] = new
    counts = np.diff(before.starts)
    is_new = np.zeros(len(before), dtype=bool)
    is_new[which] = True
    kept = ~is_new[before.owners]
    counts[which] = [len(each.lines) for each in standings]
    owners = np.concatenate([before.owners[kept], np.repeat(which, counts[which])])
    order = np.argsort(owners, kind="stable")
    lines = Lines.joined([before.lines.taken(kept), lines_of(standings)]).taken(order)
    failed = before.failed & ~is_new
    starts = starts_of(counts)
    return replace(before, loans=Loans(*columns), lines=lines, starts=starts, failed=failed)
