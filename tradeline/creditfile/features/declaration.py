"""A feature as a credit officer knows it: arithmetic on measures, and what it means."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from tradeline.creditfile.features.events import Window
from tradeline.creditfile.features.measures import Measure, contracts_of
from tradeline.creditfile.features.partners import Bound, Dependence, Partners
from tradeline.kernel.findings import problem

Direction = Literal[-1, 0, 1]
Source = Literal["invoices", "orders", "bank", "conduct", "partners"]
Who = Literal["anybody", "known"]
How = Literal["amount", "number", "mean", "largest", "smallest"]


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


@dataclass(frozen=True, slots=True)
class OfPartners:
    """What is true of a firm's partners, each an enterprise of its own, at the same moment.

    `of` is asked of every partner that is known: any expression, or `Dependence`. Of one that is
    not known it is missing, never good or bad. `of` may also be `"known"`, every partner that is
    known, or `"anybody"`, every partner.

    `how`: the `amount` of trade with, or the `number` of, partners that have a value, or whose
    value meets the `bound`; the `mean` of values, weighted by amounts, the `largest` or the
    `smallest` value. Where a firm has partners and not one of them has a value, nothing can be said
    of bounds: that is missing, not 0.
    """

    partners: Partners
    of: "Expression | Dependence | Who"
    how: How
    bound: Bound | None = None

    def __post_init__(self) -> None:
        counts = self.how in ("amount", "number")
        if isinstance(self.of, str) and (self.bound or not counts):
            raise problem(
                "feature-partners-valueless",
                f"of {self.of}",
                "Partners as such have no value to compare or to take the mean of.",
                "Say what is asked of them, or take their amount or number without a bound.",
            )
        if self.bound and not counts:
            raise problem(
                "feature-partners-bound",
                self.how,
                "A bound chooses the partners to be counted.",
                "Take the amount or number of partners, or leave the bound out.",
            )


Expression = Measure | Ratio | Difference | Growth | OfPartners
Leaf = Measure | OfPartners


def leaves_of(expression: Expression) -> tuple[Leaf, ...]:
    """What an expression's arithmetic stands on, in order, repeats kept."""
    if isinstance(expression, Ratio):
        return leaves_of(expression.upper) + leaves_of(expression.lower)
    if isinstance(expression, Difference):
        return leaves_of(expression.left) + leaves_of(expression.right)
    if isinstance(expression, Growth):
        return leaves_of(expression.recent) + leaves_of(expression.earlier)
    return (expression,)


def measures_of(expression: Expression) -> tuple[Measure, ...]:
    """The measures of the firm itself that an expression stands on, in order, repeats kept."""
    return tuple(leaf for leaf in leaves_of(expression) if not isinstance(leaf, OfPartners))


def partners_of(expression: Expression) -> tuple[OfPartners, ...]:
    """What an expression asks of the firm's partners, in order, repeats kept."""
    return tuple(leaf for leaf in leaves_of(expression) if isinstance(leaf, OfPartners))


def datasets_of(expression: Expression) -> Iterator[str]:
    """The datasets that an expression reads, those of partners among them, repeats kept."""
    for leaf in leaves_of(expression):
        if not isinstance(leaf, OfPartners):
            yield from contracts_of(leaf)
            continue
        yield from (leaf.partners.events.contract, *leaf.partners.known_in)
        if isinstance(leaf.of, Dependence):
            yield leaf.of.partners.events.contract
        elif not isinstance(leaf.of, str):
            yield from datasets_of(leaf.of)


def windows_of(expression: Expression) -> Iterator[Window]:
    """The windows that an expression looks at, those of partners among them, repeats kept."""
    for leaf in leaves_of(expression):
        if not isinstance(leaf, OfPartners):
            yield leaf.events.window
            continue
        yield leaf.partners.events.window
        if isinstance(leaf.of, Dependence):
            yield leaf.of.partners.events.window
        elif not isinstance(leaf.of, str):
            yield from windows_of(leaf.of)


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
        windows = set(windows_of(self.expression))
        ordered = sorted(windows, key=lambda w: (w.offset, w.length is None, w.length or 0))
        return "; ".join(window.label for window in ordered)


def ask_partners(features: Iterable[Feature]) -> bool:
    """Whether any feature asks of partners."""
    return any(partners_of(feature.expression) for feature in features)
