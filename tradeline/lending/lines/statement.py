"""A statement of a line: what was drawn, paid and billed from one day to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tradeline.lending.lines.agreement import LineAgreement
from tradeline.lending.lines.fold import fold_line
from tradeline.lending.lines.state import Limits, LineTransaction
from tradeline.lending.loan.events import Event
from tradeline.lending.loan.state import Instalment


@dataclass(frozen=True, slots=True)
class LineStatement:
    """How a line stood before the first day and after the last, and what happened between.

    `due` has what falls due on these days, of a draw by its name or of the line itself ("").
    """

    opening: Limits | None
    closing: Limits
    transactions: tuple[LineTransaction, ...]
    due: tuple[tuple[str, Instalment], ...]


def statement(
    agreement: LineAgreement, events: Sequence[Event], begin: date, end: date
) -> LineStatement:
    """The statement of the days from `begin` to `end`, both included."""
    state = fold_line(agreement, events, end)
    before = [limits for limits in state.course if limits.on < begin]
    rows = [("", row) for row in state.bills]
    rows += [(draw.name, row) for draw in state.draws if draw.loan for row in draw.loan.instalments]
    return LineStatement(
        opening=before[-1] if before else None,
        closing=state.now,
        transactions=tuple(made for made in state.transactions if begin <= made.on <= end),
        due=tuple(sorted(((name, row) for name, row in rows if begin <= row.due <= end),
                         key=lambda pair: (pair[1].due, pair[0]))),
    )  # fmt: skip
