"""How a forborne loan stands: by the eased terms, by those agreed at first, and until when marked.

A loan that was non-performing when its terms were eased must be cured for a year, then prove itself
in a probation of two; one that was performing begins with the probation. Each ends on the first day
on which its time has passed and what must be paid is paid. A relapse, or another measure, begins it
anew. Until the probation has ended the loan belongs to the portfolio at risk.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from tradeline.lending.dates.due_dates import plus_months
from tradeline.lending.forbearance.late import (
    is_later_than,
    is_past_due,
    newly_later_than,
    next_later_than,
)
from tradeline.lending.forbearance.measures import Grant, Measure, measures, without
from tradeline.lending.forbearance.terms import CureTerms
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import Delinquency, LoanState, Status, TransactionKind

ENDED = (Status.CLOSED, Status.OVERPAID, Status.WRITTEN_OFF)
PAID = (TransactionKind.REPAYMENT, TransactionKind.REFUND)
DAY = timedelta(days=1)


class Stage(StrEnum):
    """Where a forborne loan is on its way back."""

    CURE = "cure"
    PROBATION = "probation"
    CURED = "cured"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Forborne:
    """A loan whose terms were eased, on a day.

    `stage` holds since `since`, and the loan leaves the portfolio at risk on `leaves_on` at the
    earliest. `changes_on` is the first day to come on which the stage may change, or the loan be
    late by its contract, although nothing happens: until then it need not be looked at.
    `contractual` is how late it is as if no measure had been granted, `under_plan` by the eased
    terms. After a loan was cured, the terms it was cured under are the agreed ones.
    """

    measures: tuple[Measure, ...]
    stage: Stage
    since: date
    leaves_on: date
    changes_on: date | None
    relapses: tuple[date, ...]
    contractual: Delinquency
    under_plan: Delinquency

    @property
    def is_at_risk(self) -> bool:
        """Whether it belongs to the portfolio at risk, however late it is."""
        return self.stage in (Stage.CURE, Stage.PROBATION)

    @property
    def is_non_performing(self) -> bool:
        """Whether it must still be cured."""
        return self.stage is Stage.CURE

    @property
    def days_past_due(self) -> int:
        """The days that reports and provisions count: the contractual ones while it is at risk."""
        days = self.under_plan.days
        return max(self.contractual.days, days) if self.is_at_risk else days


@dataclass(frozen=True, slots=True)
class _Way:
    """How far a loan is on its way; `to_catch_up` was overdue when the last measure was granted."""

    stage: Stage
    since: date
    was_non_performing: bool
    granted_on: date
    to_catch_up: int
    relapses: tuple[date, ...] = ()


def forborne(
    contract: Contract,
    events: Sequence[Event],
    on: date,
    terms: CureTerms,
    grants: Iterable[Grant] = (),
) -> Forborne | None:
    """How a loan stands whose terms were eased; None for one whose terms never were."""
    found = measures(contract, events, on, terms, grants)
    if not found:
        return None
    way, current = None, list[Measure]()
    for measure in found:
        before = measure.granted_on - DAY
        if way is not None and before > way.since:
            way = _advanced(way, fold(contract, events, before), contract, terms)
        if way is not None and way.stage is Stage.CURED:
            way, current = None, []
        current.append(measure)
        way = _granted(way, contract, events, current, terms)
    assert way is not None
    state = fold(contract, events, on)
    way = _advanced(way, state, contract, terms)
    if state.status in ENDED:
        way = replace(way, stage=Stage.ENDED)
    agreed = without(contract, events, on, {measure.place for measure in current})
    return Forborne(
        measures=found,
        stage=way.stage,
        since=way.since,
        leaves_on=_leaves_on(way, terms),
        changes_on=_changes_on(way, state, agreed, contract, terms),
        relapses=way.relapses,
        contractual=agreed.delinquency,
        under_plan=state.delinquency,
    )


def _granted(
    way: _Way | None,
    contract: Contract,
    events: Sequence[Event],
    current: Sequence[Measure],
    terms: CureTerms,
) -> _Way:
    """A measure begins the way, or begins it anew, by how late the loan was on the day before."""
    day = current[-1].granted_on
    places = {measure.place for measure in current}
    late = without(contract, events, day - DAY, places).delinquency
    is_late = late.days > terms.non_performing_after_days
    non_performing = is_late or (way is not None and way.was_non_performing)
    stage = Stage.CURE if non_performing else Stage.PROBATION
    relapses = way.relapses if way else ()
    return _Way(stage, day, non_performing, day, late.overdue.total, relapses)


def _advanced(way: _Way, state: LoanState, contract: Contract, terms: CureTerms) -> _Way:
    """The way up to the day of a state: relapses begin a stage anew, its end begins the next."""
    while way.stage in (Stage.CURE, Stage.PROBATION):
        done = _done_on(way, state, contract, terms)
        relapse = newly_later_than(terms.relapse_after_days, state, contract, way.since)
        lost = newly_later_than(terms.non_performing_after_days, state, contract, way.since)
        days = [day for day in (relapse, lost) if day is not None]
        if days and (done is None or min(days) < done):
            way = _relapsed(way, min(days), is_lost=min(days) == lost)
        elif done is None:
            break
        else:
            after = Stage.PROBATION if way.stage is Stage.CURE else Stage.CURED
            way = replace(way, stage=after, since=done)
    return way


def _relapsed(way: _Way, day: date, *, is_lost: bool) -> _Way:
    non_performing = way.was_non_performing or is_lost
    return replace(
        way,
        stage=Stage.CURE if non_performing else Stage.PROBATION,
        since=day,
        was_non_performing=non_performing,
        relapses=(*way.relapses, day),
    )


def _done_on(way: _Way, state: LoanState, contract: Contract, terms: CureTerms) -> date | None:
    """The first day on which a stage is done."""
    earliest = _earliest(way, terms)
    days = sorted({earliest, *(day for day in _days_of_payment(state) if day > earliest)})
    for day in days:
        if day > state.as_of:
            return None
        if way.stage is Stage.CURE and _is_cured(way, state, day):
            return day
        if way.stage is Stage.PROBATION and _is_proven(way, state, contract, terms, day):
            return day
    return None


def _earliest(way: _Way, terms: CureTerms) -> date:
    """The first day on which a stage may be done."""
    months = terms.cure_months if way.stage is Stage.CURE else terms.probation_months
    return plus_months(way.since, months)


def _is_cured(way: _Way, state: LoanState, day: date) -> bool:
    """Nothing is past due, and as much was paid as was overdue when the measure was granted."""
    paid = sum(made.amount for made in state.transactions
               if made.kind in PAID and way.granted_on <= made.on <= day)  # fmt: skip
    return not is_past_due(state, day) and paid >= way.to_catch_up


def _is_proven(
    way: _Way, state: LoanState, contract: Contract, terms: CureTerms, day: date
) -> bool:
    """Nothing is late, and instalments were paid for so much of the probation."""
    if is_later_than(terms.relapse_after_days, state, contract, day):
        return False
    length = (plus_months(way.since, terms.probation_months) - way.since).days
    covered = sum(
        max((min(row.due, day) - max(row.begin, way.since)).days, 0)
        for row in state.instalments
        if row.owed.principal + row.owed.interest > 0 and row.settled_on and row.settled_on <= day
    )
    return covered >= terms.paid_share * length


def _days_of_payment(state: LoanState) -> Iterator[date]:
    yield from (made.on for made in state.transactions)
    yield from (row.settled_on for row in state.instalments if row.settled_on)


def _leaves_on(way: _Way, terms: CureTerms) -> date:
    if way.stage is Stage.CURE:
        return plus_months(_earliest(way, terms), terms.probation_months)
    return _earliest(way, terms) if way.stage is Stage.PROBATION else way.since


def _changes_on(
    way: _Way, state: LoanState, agreed: LoanState, contract: Contract, terms: CureTerms
) -> date | None:
    if way.stage not in (Stage.CURE, Stage.PROBATION):
        return None
    days = [
        next_later_than(terms.relapse_after_days, state, contract),
        next_later_than(terms.non_performing_after_days, state, contract),
        next_later_than(0, agreed, contract),
        _earliest(way, terms),
    ]
    return min((day for day in days if day is not None and day > state.as_of), default=None)
