"""What may be entered on a line: the one door, which refuses a draw that there is no room for."""

from collections.abc import Sequence
from datetime import date

from tradeline.kernel.findings import Finding, InputProblem
from tradeline.lending.lines.agreement import LineAgreement
from tradeline.lending.lines.checks import bad
from tradeline.lending.lines.events import DrawRequest
from tradeline.lending.lines.fold import fold_line
from tradeline.lending.lines.state import Limits, LineStatus
from tradeline.lending.loan.events import Event

CLOSED = {
    LineStatus.FROZEN: ("line-frozen", "is frozen", "Ask again once it is released."),
    LineStatus.EXPIRED: ("line-expired", "has expired", "Agree on a new line."),
    LineStatus.CANCELLED: ("line-cancelled", "is cancelled", "Agree on a new line."),
}


def accepted(agreement: LineAgreement, events: Sequence[Event], event: Event) -> tuple[Event, ...]:
    """The events with one more, by all that is known when it is entered.

    InputProblem, and nothing entered, for an event that makes no sense, or a draw asked for while
    the line is frozen, expired or cancelled, or above what is available on its day or on any day
    after it.
    """
    longer = (*events, event)
    last = max(each.value_date for each in longer)
    state = fold_line(agreement, longer, last)
    if isinstance(event, DrawRequest):
        findings = _in_the_way(state.course, event)
        if findings:
            raise InputProblem(findings)
    return longer


def _in_the_way(course: Sequence[Limits], event: DrawRequest) -> list[Finding]:
    then = _on(course, event.value_date)
    if then.status in CLOSED:
        code, how, remedy = CLOSED[then.status]
        return [bad(code, f"The line {how} on {then.on}.", remedy)]
    since = [limits for limits in course if limits.on >= then.on]
    least = min(since, key=lambda limits: limits.available_minor)
    if least.available_minor >= 0:
        return []
    room = max(least.available_minor + event.amount_minor, 0)
    return [bad("above-limit", f"A draw of {event.amount_minor} is above what is available on "
                f"{least.on}: {room}.", "Ask for less, or raise the limit first.")]  # fmt: skip


def _on(course: Sequence[Limits], day: date) -> Limits:
    return next(limits for limits in reversed(course) if limits.on <= day)
