"""What a command on a loan must not ask for, as the loan stands."""

from collections.abc import Iterator, Sequence

from tradeline.kernel.findings import Finding, Severity
from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import (
    Chargeback,
    ChargeOff,
    CreditBalanceRefund,
    Disbursement,
    Event,
    InstalmentPayment,
    Payoff,
    Refund,
    Repayment,
    Reversal,
    WriteOff,
)

# What has happened when it is entered: money moved, or a loss taken.
DONE = (Disbursement, Repayment, Payoff, Refund, CreditBalanceRefund, Chargeback, InstalmentPayment,
        ChargeOff, WriteOff)  # fmt: skip


def wrong_command(
    loan: str, contract: Contract, events: Sequence[Event], new: Event
) -> tuple[Finding, ...]:
    """All that is wrong with a new event of a loan that was asked for."""
    return tuple(
        Finding(code, Severity.ERROR, f"loan {loan}", message, remedy)
        for code, message, remedy in _wrong(contract, events, new)
    )


def _wrong(
    contract: Contract, events: Sequence[Event], new: Event
) -> Iterator[tuple[str, str, str]]:
    if isinstance(new, DONE) and new.value_date > new.entered_on:
        yield (
            "not-yet",
            f"It would count from {new.value_date}, after the day it is entered on, "
            f"{new.entered_on}.",
            "Enter it when it has happened.",
        )
    last = max((event.entered_on for event in events), default=contract.start)
    if events and new.entered_on < last:
        yield (
            "entered-before",
            f"It is entered on {new.entered_on}, but something was entered on {last} already.",
            "State the day of entry as it is; the value date may lie before.",
        )
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
