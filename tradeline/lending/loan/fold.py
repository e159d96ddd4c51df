"""The fold: contract and events, in order of the days they count from, to the state on a day.

Preview, schedule, payoff quote, statement and end of day all call `fold`, so that none can differ
from another. An event entered late counts from its own day; a reversed one never was.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tradeline.lending.loan.checks import check_contract, check_events
from tradeline.lending.loan.contract import Arrears, Contract
from tradeline.lending.loan.delinquency import delinquency
from tradeline.lending.loan.events import Disbursement, Event, Payoff, Reversal, counts_from
from tradeline.lending.loan.happening import Happening
from tradeline.lending.loan.state import LoanState, Status, Transaction, TransactionKind
from tradeline.lending.loan.summary import instalments, totals


def fold(contract: Contract, events: Sequence[Event], as_of: date) -> LoanState:
    """The loan on a day, by all events that count until then.

    InputProblem if an event makes no sense: an amount of nothing, a day before the contract, a
    reversal of what is not there.
    """
    return state_of(folded(contract, events, as_of), as_of)


def preview(contract: Contract) -> LoanState:
    """The schedule as agreed: all principal paid out at the start, and nothing paid back."""
    check_contract(contract)
    day = contract.start
    paid_out = Disbursement(value_date=day, entered_on=day, amount_minor=contract.principal_minor)
    return fold(replace(contract, down_payment_kept=False), [paid_out], day)


def payoff_quote(contract: Contract, events: Sequence[Event], on: date) -> Transaction:
    """What would pay the loan off on a day, and what it would go to."""
    quote = Payoff(value_date=on, entered_on=on)
    made = folded(contract, [*events, quote], on).transactions
    return next(each for each in made if each.event == len(events)
                and each.kind is TransactionKind.REPAYMENT)  # fmt: skip


def folded(contract: Contract, events: Sequence[Event], as_of: date) -> Happening:
    """The loan in the making after all events that count until a day."""
    check_events(contract, events)
    reversed_parts = {(event.of, event.part) for event in events if isinstance(event, Reversal)}
    happening = Happening(contract, reversed_parts)
    for place, event in in_order(events):
        if counts_from(event) <= as_of and (place, 0) not in reversed_parts:
            happening.apply(place, event)
    return happening


def in_order(events: Sequence[Event]) -> list[tuple[int, Event]]:
    """Places and events, reversals left out, by the days they count from, then by entry."""
    placed = [(place, event) for place, event in enumerate(events)
              if not isinstance(event, Reversal)]  # fmt: skip
    return sorted(placed, key=lambda pair: (counts_from(pair[1]), pair[0]))


def state_of(happening: Happening, as_of: date) -> LoanState:
    """The state on a day of a loan whose events until then have happened."""
    plan = happening.plan
    found = plan.recalculation
    if found is not None and found.arrears is Arrears.EVERY_PERIOD and plan.scheduled:
        plan.move_to(as_of)
    plan.walk()
    rows = plan.shown_rows()
    shown = instalments(rows, happening.disbursed, plan.owed_anew)
    return LoanState(
        as_of=as_of,
        status=_status(happening, shown_open=sum(row.open.total for row in shown)),
        disbursed=tuple(happening.disbursed),
        instalments=shown,
        transactions=tuple(sorted(happening.transactions, key=lambda made: made.on)),
        totals=totals(shown, happening.disbursed),
        overpaid=happening.overpaid,
        delinquency=delinquency(
            rows, as_of, happening.contract.grace.arrears_days, happening.pauses
        ),
        charged_off_on=happening.charged_off_on,
    )


def _status(happening: Happening, shown_open: int) -> Status:
    if not happening.disbursed:
        return Status.APPROVED
    if happening.written_off:
        return Status.WRITTEN_OFF
    if shown_open > 0:
        return Status.CHARGED_OFF if happening.charged_off_on else Status.ACTIVE
    return Status.OVERPAID if happening.overpaid else Status.CLOSED
