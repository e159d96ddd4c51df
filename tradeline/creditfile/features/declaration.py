"""A feature as a credit officer knows it: arithmetic on measures, and what it means."""

from dataclasses import dataclass
from typing import Literal

from tradeline.creditfile.features.measures import Measure

Direction = Literal[-1, 0, 1]
Source = Literal["invoices", "orders", "bank"]


@dataclass(frozen=True, slots=True)
class Ratio:
    """One expression over another; missing unless the lower one is above zero."""

    upper: "Expression"
    lower: "Expression"


@dataclass(frozen=True, slots=True)
class Difference:
    """One expression less another."""

    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Growth:
    """The recent over the earlier, less one; missing unless the earlier is above zero."""

    recent: "Expression"
    earlier: "Expression"


Expression = Measure | Ratio | Difference | Growth


def measures_of(expression: Expression) -> tuple[Measure, ...]:
    """The measures that an expression stands on, in order, repeats kept."""
    if isinstance(expression, Ratio):
        return measures_of(expression.upper) + measures_of(expression.lower)
    if isinstance(expression, Difference):
        return measures_of(expression.left) + measures_of(expression.right)
    if isinstance(expression, Growth):
        return measures_of(expression.recent) + measures_of(expression.earlier)
    return (expression,)


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as a credit officer knows it.

    `direction`: +1 if higher is riskier, -1 if higher is safer, 0 if undecided, and `why`.
    `verifiable`: independent sources can confirm a change, which takes `change_months`.
    `fraud_signal`: hints at fabricated trade, so never advice. `possible_consequence`: why it may
    follow from a default rather than foretell it; empty if it hardly can.
    """

    name: str
    source: Source
    unit: str
    meaning: str
    expression: Expression
    direction: Direction
    why: str
    verifiable: bool = False
    change_months: int = 0
    fraud_signal: bool = False
    possible_consequence: str = ""

    @property
    def window(self) -> str:
        """The windows that it looks at, the nearest first."""
        windows = {measure.events.window for measure in measures_of(self.expression)}
        ordered = sorted(windows, key=lambda w: (w.offset, w.length is None, w.length or 0))
        return "; ".join(window.label for window in ordered)
