"""A statement: every transaction there ever was, reversed ones with what they were."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from tradeline.lending.loan.contract import Contract
from tradeline.lending.loan.events import Event, Reversal
from tradeline.lending.loan.fold import fold
from tradeline.lending.loan.state import Transaction, TransactionKind


def transactions(
    contract: Contract, events: Sequence[Event], as_of: date
) -> tuple[Transaction, ...]:
    """All transactions until a day, by day and order of entry.

    A reversed one stands with the figures it had when it was reversed.
    """
    found = list(fold(contract, events, as_of).transactions)
    for place, event in enumerate(events):
        if isinstance(event, Reversal):
            found += _taken_back(contract, events[:place], event, as_of)
    order = {id(made): at for at, made in enumerate(found)}
    return tuple(sorted(found, key=lambda made: (made.on, made.event, order[id(made)])))


def _taken_back(
    contract: Contract, before: Sequence[Event], reversal: Reversal, as_of: date
) -> list[Transaction]:
    day = min(as_of, reversal.entered_on)
    return [
        replace(made, reversed=True)
        for made in fold(contract, before, day).transactions
        if made.event == reversal.of
        and made.kind is not TransactionKind.ACCRUAL
        and reversal.part in (0, made.part)
    ]
