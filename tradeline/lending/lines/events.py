"""What happens to a line, beside what happens to any loan: its limit changes, draws come and go.

Of the events of a loan a line takes repayments, payoffs, charges, rate changes, refunds of what was
paid too much, ends of day and reversals.
"""

from dataclasses import dataclass

from tradeline.lending.loan.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitChange(Event):
    """Another limit from the value date on; what is drawn beyond it stays drawn."""

    limit_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze(Event):
    """No draw may be asked for from the value date on, until the line is released."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release(Event):
    """Draws may be asked for again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation(Event):
    """No draw may be asked for ever again; what is drawn is repaid as agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawRequest(Event):
    """Money is asked for and held within the limit; `draw` names it."""

    draw: str
    amount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawSettlement(Event):
    """The money of a draw arrived on the value date: from then on it is drawn."""

    draw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawReturn(Event):
    """The money of a draw did not arrive, settled or not: it was held until now, never drawn."""

    draw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawEvent(Event):
    """An event of the loan that a draw is: a charge, new terms, a loss, a payment for it alone."""

    draw: str
    event: Event
