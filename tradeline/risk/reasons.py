"""Why a firm has its score: the points lost by each factor, in words with the firm's own figures.

The points of a scorecard add up to the score exactly, so the reasons are the score itself and no
estimate of it. What would change the answer names only figures that independent sources can verify,
never a sign of fabricated trade, and promises nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tradeline.creditfile.feature_spec import Feature
from tradeline.risk.card import Card, Factor, bin_of, pd_of_score
from tradeline.risk.report.data import Change, Reason
from tradeline.risk.report.formatting import count, money, number, percent

REASONS_MAX = 4
CHANGES_MAX = 3
VERIFIED_BY = {
    "invoices": "tax invoices",
    "orders": "the platform's records",
    "bank": "bank statements",
}
AS_MONEY = {"minor units": "", "minor units per month": " per month"}
AS_PERCENT = ("share", "change", "change in share")
AS_NUMBER = ("ratio", "index 0 to 1")


@dataclass(frozen=True, slots=True)
class Explained:
    """One firm's score with its PD, the factors that cost most and what would change them."""

    score: int
    pd: float
    reasons: tuple[Reason, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Words:
    """What can be said of a factor before any firm is seen; `best` names its safest group."""

    factor: Factor
    feature: Feature
    title: str
    best: str


@dataclass(frozen=True, slots=True)
class Explainer:
    """Scores firms one at a time with their reasons; made once for a card."""

    card: Card
    currency: str
    words: tuple[_Words, ...]

    def explain(self, values: Mapping[str, float | None]) -> Explained:
        """Score, PD, at most four reasons and at most three changes of one firm.

        `values` has each feature of the card; None or NaN is missing. Raises InputProblem if one
        is absent or no number.
        """
        bins = [bin_of(factor, values) for factor in self.card.factors]
        score = self.card.constant + sum(
            factor.points[place] for factor, place in zip(self.card.factors, bins, strict=True)
        )
        lost = sorted(
            (points, number)
            for number, (factor, place) in enumerate(zip(self.card.factors, bins, strict=True))
            if (points := factor.points[place] - factor.best) < 0
        )
        return Explained(
            score,
            pd_of_score(self.card.scale, score),
            tuple(
                self._reason(self.words[number], values, points)
                for points, number in lost[:REASONS_MAX]
            ),
            self._changes(bins, values),
        )

    def _reason(self, words: _Words, values: Mapping[str, float | None], points: int) -> Reason:
        shown = figure(words.feature.unit, values[words.feature.name], self.currency)
        if not shown:
            text = f"Not on record, so it counts as the riskiest group; the best has {words.best}."
        else:
            text = f"{shown}; the best group has {words.best}. {words.feature.why}"
        return Reason(words.title, text, points)

    def _changes(
        self, bins: Sequence[int], values: Mapping[str, float | None]
    ) -> tuple[Change, ...]:
        steps = (
            _step(words.factor, place)
            if words.feature.verifiable and not words.feature.fraud_signal
            else None
            for words, place in zip(self.words, bins, strict=True)
        )
        ranked = sorted(
            (-step[0], number, step[1]) for number, step in enumerate(steps) if step is not None
        )
        return tuple(
            self._change(self.words[number], values, bound, -gain)
            for gain, number, bound in ranked[:CHANGES_MAX]
        )

    def _change(
        self, words: _Words, values: Mapping[str, float | None], bound: float, gain: int
    ) -> Change:
        feature, side = words.feature, _side(words.factor)
        now = figure(feature.unit, values[feature.name], self.currency)
        bar = figure(feature.unit, bound, self.currency)
        return Change(
            f"{words.title} {side} {bar} (now {now}): {count(gain, 'point')} more, "
            "all else being equal.",
            f"about {count(feature.change_months, 'month')}",
            VERIFIED_BY[feature.source],
        )


def make_explainer(card: Card, features: Sequence[Feature], currency: str) -> Explainer:
    """The explainer of a card whose factors are among `features`."""
    by_name = {feature.name: feature for feature in features}
    words = tuple(_words(factor, by_name[factor.name], currency) for factor in card.factors)
    return Explainer(card, currency, words)


def _words(factor: Factor, feature: Feature, currency: str) -> _Words:
    title = f"{feature.meaning[0].upper()}{feature.meaning[1:]} ({feature.window})"
    return _Words(factor, feature, title, _best_group(factor, feature.unit, currency))


def _side(factor: Factor) -> str:
    return "at most" if factor.binning.direction > 0 else "above"


def _best_group(factor: Factor, unit: str, currency: str) -> str:
    """The safest end of the bins, which rise or fall throughout."""
    places = [place for place, points in enumerate(factor.points[:-1]) if points == factor.best]
    edges = factor.binning.edges
    if not edges:
        return "any value"
    bound = edges[places[-1]] if factor.binning.direction > 0 else edges[places[0] - 1]
    return f"{_side(factor)} {figure(unit, bound, currency)}"


def _step(factor: Factor, place: int) -> tuple[int, float] | None:
    """Points gained in the next better bin, and the edge that leads there; None at the top.

    A missing value has no edge to cross, so it gives None too.
    """
    if place == factor.binning.missing:
        return None
    rising = factor.binning.direction < 0
    better = range(place + 1, len(factor.points) - 1) if rising else range(place - 1, -1, -1)
    for other in better:
        gain = factor.points[other] - factor.points[place]
        if gain > 0:
            return gain, factor.binning.edges[other - 1 if rising else other]
    return None


def figure(unit: str, value: float | None, currency: str) -> str:
    """A feature's value as a reader writes it; empty if it is missing."""
    if value is None or value != value:
        return ""
    if unit in AS_MONEY:
        return money(value, currency) + AS_MONEY[unit]
    if unit in AS_PERCENT:
        return percent(value)
    if unit in AS_NUMBER:
        return number(value)
    return f"{number(value, 4 if unit.startswith('log') else None)} {unit}"
