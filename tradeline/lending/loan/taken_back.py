"""Events that were taken back, and reversals that take back nothing."""

from collections.abc import Iterator, Sequence

from tradeline.kernel.findings import Finding, Severity
from tradeline.lending.loan.events import Event, Reversal


def standing_events(events: Sequence[Event]) -> list[tuple[int, Event]]:
    """Places and events that were not taken back."""
    taken_back = {event.of for event in events if isinstance(event, Reversal) and not event.part}
    return [(place, event) for place, event in enumerate(events)
            if place not in taken_back and not isinstance(event, Reversal)]  # fmt: skip


def reversal_findings(events: Sequence[Event], where: str) -> Iterator[Finding]:
    """What is wrong with reversals that take back whole events."""
    for place, event in enumerate(events):
        if not isinstance(event, Reversal):
            continue
        name = event.reference or f"event {place + 1}"
        for code, message, remedy in _wrong(events, place, event):
            yield Finding(code, Severity.ERROR, where, f"{name} {message}", remedy)


def _wrong(events: Sequence[Event], place: int, event: Reversal) -> Iterator[tuple[str, str, str]]:
    if not 0 <= event.of < place or event.part:
        yield ("no-such-event", "takes back an event that was not entered before it.",
               "Name an earlier one.")  # fmt: skip
    elif isinstance(events[event.of], Reversal):
        yield ("reversed-reversal", "takes back a reversal.",
               "Enter what was taken back once more.")  # fmt: skip
    elif any(isinstance(other, Reversal) and other.of == event.of for other in events[:place]):
        yield "reversed-twice", "takes back what was taken back before.", "Leave it out."
