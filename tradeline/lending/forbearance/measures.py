"""Measures: what eased the terms of a loan, who granted it and why, and the loan without them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from tradeline.lending.dates.due_dates import plus_months
from tradeline.lending.forbearance.late import first_later_than
from tradeline.lending.forbearance.terms import CureTerms
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import (
    DelinquencyPause,
    Event,
    InstalmentPayment,
    InterestPause,
    Reage,
    Reamortisation,
    Repayment,
    Reschedule,
    Reversal,
    counts_from,
)
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import LoanState

EASED = {
    Reage: "re-age",
    Reamortisation: "re-amortisation",
    Reschedule: "reschedule",
    InterestPause: "interest pause",
    DelinquencyPause: "delinquency pause",
}


@dataclass(frozen=True, slots=True)
class Grant:
    """What is on record of the event at a place: who granted it and why.

    `is_commercial` says that the borrower was in no difficulty, so that it is no forbearance.
    """

    place: int
    by: str
    why: str
    is_commercial: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """An event that eased terms, with its record; `by` and `why` are empty where there is none."""

    place: int
    kind: str
    granted_on: date
    by: str
    why: str


def measures(
    contract: Contract,
    events: Sequence[Event],
    on: date,
    terms: CureTerms,
    grants: Iterable[Grant] = (),
) -> tuple[Measure, ...]:
    """All measures up to a day, by day. What has no record is one.

    A change on record as commercial is one nevertheless, if the loan was late for longer than a
    relapse in the months before.
    """
    taken_back = {event.of for event in events if isinstance(event, Reversal)}
    recorded = {grant.place: grant for grant in grants}
    found = []
    for place, event in enumerate(events):
        if type(event) not in EASED or place in taken_back or counts_from(event) > on:
            continue
        grant = recorded.get(place, Grant(place, "", ""))
        granted_on = counts_from(event)
        if grant.is_commercial and not _in_difficulty(contract, events, place, terms):
            continue
        kind = EASED[type(event)]
        found.append(Measure(place, kind, granted_on, grant.by, grant.why))
    return tuple(sorted(found, key=lambda measure: (measure.granted_on, measure.place)))


def _in_difficulty(
    contract: Contract, events: Sequence[Event], place: int, terms: CureTerms
) -> bool:
    """Whether the loan, without the change, was late for so long shortly before it."""
    on = counts_from(events[place])
    agreed = without(contract, events, on, {place})
    begin = plus_months(on, -terms.difficulty_months)
    late = first_later_than(terms.relapse_after_days, agreed, contract, begin)
    return late is not None and late <= on


def without(
    contract: Contract, events: Sequence[Event], on: date, places: Collection[int]
) -> LoanState:
    """The loan on a day as if some measures had not been granted, by the same payments.

    A payment towards an instalment that only a measure made counts as any payment.
    """
    plain = [_plain(event) if places else event for event in events]
    never = [Reversal(value_date=on, entered_on=on, of=place) for place in sorted(places)]
    return fold(contract, [*plain, *never], on)


def _plain(event: Event) -> Event:
    if not isinstance(event, InstalmentPayment):
        return event
    return Repayment(
        value_date=event.value_date,
        entered_on=event.entered_on,
        reference=event.reference,
        amount_minor=event.principal_minor + event.interest_minor,
    )
