"""Term loans, as they are saved and booked."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from tradeline.lending.bookings.chart import OF_LOANS
from tradeline.lending.bookings.entries import Booking, bookings
from tradeline.lending.end_of_day.staging import effective_rate
from tradeline.lending.forbearance.standing import forborne
from tradeline.lending.forbearance.terms import read_cure_terms
from tradeline.lending.loan import events as happened
from tradeline.lending.loan.adding_up import not_adding_up
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Disbursement, Event, Reversal
from tradeline.lending.loan.fold import fold, preview
from tradeline.lending.loan.state import LoanState, TransactionKind
from tradeline.lending.servicing.day_ends import ends_of_loan
from tradeline.lending.servicing.kinds import Events, Expected, Kind, Late, Wrong
from tradeline.lending.servicing.written import classes_of

# What has happened when it is entered: money moved, or a loss taken.
DONE = (
    happened.Disbursement, happened.Repayment, happened.Payoff, happened.Refund,
    happened.CreditBalanceRefund, happened.Chargeback, happened.InstalmentPayment,
    happened.ChargeOff, happened.WriteOff,
)  # fmt: skip
LOSSES = {TransactionKind.CHARGE_OFF, TransactionKind.WRITE_OFF}


def _wrong(contract: Contract, events: Sequence[Event], new: Event) -> Wrong:
    if isinstance(new, Disbursement):
        drawn = disbursed(events) + new.amount_minor
        if drawn > contract.principal_minor:
            yield (
                "beyond-principal",
                f"{drawn} minor units would be paid out of {contract.principal_minor} approved.",
                "Pay out less, or agree on a new contract.",
            )
    elif not any(isinstance(event, Disbursement) for event in events):
        yield ("not-paid-out", "Nothing was paid out yet.", "Enter the disbursement first.")


def disbursed(events: Sequence[Event]) -> int:
    """What was paid out and not taken back."""
    taken_back = {event.of for event in events if isinstance(event, Reversal) and event.part == 0}
    return sum(
        event.amount_minor
        for place, event in enumerate(events)
        if isinstance(event, Disbursement) and place not in taken_back
    )


def _bookings(state: LoanState) -> Sequence[Booking]:
    return bookings(state.transactions)


def principal(state: LoanState) -> int | None:
    """What the books hold of the principal that a loan owes, unless it was taken as lost."""
    return None if taken_as_lost(state) else state.principal_open


def taken_as_lost(state: LoanState) -> bool:
    """Whether the books took what was owed as lost."""
    return any(each.kind in LOSSES and not each.reversed for each in state.transactions)


def _late(contract: Contract, events: Events, state: LoanState, on: date) -> Late:
    """By the terms as they are or as they were agreed, whichever is more while it is forborne."""
    found = forborne(contract, events, on, read_cure_terms(on))
    if found is None:
        return Late(state.delinquency.days)
    return Late(found.days_past_due, found.is_at_risk)


def _ahead(_: Contract, state: LoanState, on: date) -> Iterator[tuple[date, int]]:
    return ((row.due, row.open.principal) for row in state.instalments if row.due > on)


def _standing(state: LoanState) -> Mapping[str, Any]:
    return {
        "status": state.status.value,
        "principal_open_minor": state.principal_open,
        "overpaid_minor": state.overpaid,
        "days_late": state.delinquency.days,
    }


LOANS = Kind(
    name="loan",
    contract=Contract,
    events=classes_of(happened),
    done=DONE,
    accounts=OF_LOANS,
    check=preview,
    wrong=_wrong,
    fold=fold,
    bookings=_bookings,
    principal=principal,
    standing=_standing,
    told={
        "Disbursement": "disbursed",
        "Repayment": "repaid",
        "Payoff": "paid_off",
        "Reversal": "event_reversed",
        "ChargeOff": "charged_off",
        "WriteOff": "written_off",
    },
    late=_late,
    ends=ends_of_loan,
    not_adding_up=not_adding_up,
    expected=Expected(_ahead, effective_rate),
)
