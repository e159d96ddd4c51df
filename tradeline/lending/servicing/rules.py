"""What a command on an agreement must not ask for, whatever its kind."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from tradeline.kernel.findings import Finding, Severity, problem
from tradeline.lending.bookings.by_lender import parties
from tradeline.lending.ledger.lenders import MARK
from tradeline.lending.loan.events import Event
from tradeline.lending.participation.agreement import Agreement, Sale, checked
from tradeline.lending.servicing.kinds import Agreed, Kind, Wrong


def wrong_command(
    kind: Kind[Any, Any], agreement: str, contract: Agreed, events: Sequence[Event], new: Event
) -> tuple[Finding, ...]:
    """All that is wrong with a new event of an agreement that was asked for."""
    return findings_of(_wrong(kind, contract, events, new), f"{kind.name} {agreement}")


def findings_of(wrong: Iterable[tuple[str, str, str]], where: str) -> tuple[Finding, ...]:
    """What is wrong, as findings."""
    return tuple(
        Finding(code, Severity.ERROR, where, message, remedy) for code, message, remedy in wrong
    )


def _wrong(
    kind: Kind[Any, Any], contract: Agreed, events: Sequence[Event], new: Event
) -> Iterator[tuple[str, str, str]]:
    if not isinstance(new, kind.events):
        yield (
            "not-of-this-kind",
            f"'{type(new).__name__}' is no event of {kind.called}.",
            "Enter what happens to it.",
        )
        return
    days = list(_wrong_days(kind, contract, events, new))
    yield from days or kind.wrong(contract, tuple(events), new)


def _wrong_days(
    kind: Kind[Any, Any], contract: Agreed, events: Sequence[Event], new: Event
) -> Wrong:
    if isinstance(new, kind.done) and new.value_date > new.entered_on:
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


def check_lenders(agreement: Agreement) -> Agreement:
    """The lenders that share an agreement; InputProblem if they make no whole, or have no names."""
    _check_names(parties(checked(agreement)))
    return agreement


def check_sale(sale: Sale, begin: date, today: date) -> None:
    """InputProblem for a sale before its agreement, after today, or below nothing."""
    _check_names([sale.buyer])
    if sale.price_minor < 0:
        raise problem("bad-price", "sale", f"A price of {sale.price_minor} is none.",
                      "State what the buyer pays, from 0 on.")  # fmt: skip
    if not begin <= sale.on <= today:
        raise problem(
            "bad-date", "sale", f"It would count from {sale.on}, not from {begin} to {today}.",
            "Correct the day; enter a sale when it has happened.",
        )  # fmt: skip


def _check_names(names: Iterable[str]) -> None:
    for name in names:
        if not (name and name.isprintable()) or MARK in name:
            raise problem(
                "bad-lender", "lenders", f"'{name}' names no lender.",
                f"Take a name of printable characters without '{MARK}'.",
            )  # fmt: skip
