"""Events of a line that make no sense are refused in words, before anything is folded."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from tradeline.kernel.findings import Finding, InputProblem, Severity
from tradeline.lending.lines.agreement import WHERE, LineAgreement, SeparateDraws
from tradeline.lending.lines.events import (
    Cancellation,
    DrawEvent,
    DrawRequest,
    DrawReturn,
    DrawSettlement,
    Freeze,
    LimitChange,
    Release,
)
from tradeline.lending.loan import events as happened
from tradeline.lending.loan.events import Event, Reversal, counts_from
from tradeline.lending.loan.taken_back import reversal_findings, standing_events

OF_LINES = (
    LimitChange, Freeze, Release, Cancellation, DrawRequest, DrawSettlement, DrawReturn, DrawEvent,
    happened.Repayment, happened.Payoff, happened.Charge, happened.RateChange, happened.EndOfDay,
    happened.CreditBalanceRefund, Reversal,
)  # fmt: skip
OF_DRAWS = (
    happened.Repayment, happened.Payoff, happened.Refund, happened.Chargeback, happened.Charge,
    happened.PercentCharge, happened.InstalmentCharge, happened.InstalmentPayment,
    happened.Reschedule, happened.Reage, happened.Reamortisation, happened.InterestPause,
    happened.DelinquencyPause, happened.ChargeOff, happened.WriteOff,
)  # fmt: skip
Named = TypeVar("Named", DrawRequest, DrawSettlement, DrawReturn)


def check_events(agreement: LineAgreement, events: Sequence[Event]) -> None:
    """InputProblem that tells every event that makes no sense."""
    findings: list[Finding] = []
    for place, event in enumerate(events):
        name = event.reference or f"event {place + 1}"
        findings += _event_findings(agreement, name, event)
    findings += reversal_findings(events, WHERE)
    findings += _draw_findings(dict(standing_events(events)))
    if findings:
        raise InputProblem(findings)


def _event_findings(agreement: LineAgreement, name: str, event: Event) -> Iterator[Finding]:
    if not isinstance(event, OF_LINES):
        yield bad("not-of-a-line", f"{name}: '{type(event).__name__}' does not happen to a line.",
                  "Enter it for a draw.")  # fmt: skip
    amount = getattr(event, "amount_minor", None)
    if amount is not None and amount <= 0:
        yield bad("bad-amount", f"{name}: an amount of {amount} is none.",
                  "State an amount above zero; take a mistake back by a reversal.")  # fmt: skip
    if isinstance(event, LimitChange) and event.limit_minor < 0:
        yield bad("bad-limit", f"{name}: a limit of {event.limit_minor} is none.",
                  "State a limit from 0 on.")  # fmt: skip
    if isinstance(event, happened.RateChange) and event.annual_rate < 0:
        yield bad("negative-rate", f"{name}: the rate is below zero.", "State a rate from 0 on.")
    if event.value_date < agreement.start:
        yield bad("before-line", f"{name} counts from {event.value_date}, before the line of "
                  f"{agreement.start}.", "Correct the day.")  # fmt: skip
    if isinstance(event, DrawEvent):
        yield from _inner_findings(agreement, name, event)


def _inner_findings(agreement: LineAgreement, name: str, event: DrawEvent) -> Iterator[Finding]:
    inner = event.event
    if not isinstance(agreement.repayment, SeparateDraws):
        yield bad("one-balance", f"{name}: the draws of this line are one balance.",
                  "Enter it for the line.")  # fmt: skip
    elif not isinstance(inner, OF_DRAWS):
        yield bad("not-of-a-draw", f"{name}: '{type(inner).__name__}' does not happen to a draw "
                  "alone.", "Enter it for the line.")  # fmt: skip
    if (inner.value_date, inner.entered_on) != (event.value_date, event.entered_on):
        yield bad("two-days", f"{name} and what happens to the draw have different days.",
                  "Give both the same.")  # fmt: skip


def _draw_findings(events: Mapping[int, Event]) -> Iterator[Finding]:
    """A draw is asked for once, then settled or returned once each, not before it was asked for."""
    asked = _by_name(events, DrawRequest)
    settled, returned = _by_name(events, DrawSettlement), _by_name(events, DrawReturn)
    twice = [*_twice(asked), *_twice(settled), *_twice(returned)]
    for name in twice:
        yield bad("draw-twice", f"Draw '{name}' was asked for, settled or returned twice.",
                  "Give each draw a name of its own, and leave the second out.")  # fmt: skip
    days = [(name, each[0].value_date) for name, each in settled.items()]
    days += [(name, each[0].value_date) for name, each in returned.items()]
    for name, day in days:
        if name not in asked or day < asked[name][0].value_date:
            yield bad("no-such-draw", f"Draw '{name}' was not asked for by {day}.",
                      "Enter its request first.")  # fmt: skip
    for name, several in settled.items():
        if name in returned and returned[name][0].value_date < several[0].value_date:
            yield bad("returned-before", f"Draw '{name}' was returned before it was settled.",
                      "Correct the days, or ask for the money under a new name.")  # fmt: skip
    for event in events.values():
        if not isinstance(event, DrawEvent):
            continue
        day = counts_from(event.event)
        if event.draw not in settled or day < settled[event.draw][0].value_date:
            yield bad("no-such-draw", f"Draw '{event.draw}' was not settled by {day}.",
                      "Enter its settlement first.")  # fmt: skip


def _twice(found: Mapping[str, Sequence[Event]]) -> list[str]:
    return [name for name, several in found.items() if len(several) > 1]


def _by_name(events: Mapping[int, Event], kind: type[Named]) -> dict[str, list[Named]]:
    found: dict[str, list[Named]] = {}
    for event in events.values():
        if isinstance(event, kind):
            found.setdefault(event.draw, []).append(event)
    return found


def bad(code: str, message: str, remedy: str) -> Finding:
    """A finding about a line."""
    return Finding(code, Severity.ERROR, WHERE, message, remedy)
