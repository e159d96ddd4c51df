"""Why a firm has its score: the points lost by each factor, in words with the firm's own figures.

The points of a scorecard add up to the score exactly, so the reasons are the score itself and no
estimate of it. What would change the answer names only figures that independent sources can verify,
never a sign of fabricated trade, and promises nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import expm1, floor

from tradeline.creditfile.features.declaration import Feature
from tradeline.risk.report.data import Change, Reason
from tradeline.risk.report.formatting import count, money, number, percent
from tradeline.risk.scoring.card import Card, Factor, Value, bin_of, pd_of_score
from tradeline.risk.scoring.overrides import is_monotone

REASONS_MAX = 4
CHANGES_MAX = 3
VERIFIED_BY = {
    "invoices": "tax invoices",
    "orders": "the platform's records",
    "bank": "bank statements",
}
AS_MONEY = {"minor units": "", "minor units per month": " a month"}
AS_PERCENT = ("share", "change", "change in share")
AS_GROWTH = "log points per month"
AS_NUMBER = ("ratio", "index 0 to 1")
# Units of features that take whole numbers only.
WHOLE = ("invoices", "orders", "buyers", "suppliers", "products", "months")
# What the catalogue says exactly, in words of the trade.
PLAIN_WORDS = (
    ("slope of log monthly", "trend of monthly"),
    (" from 24 months on", ""),
    ("coefficient of variation of", "unevenness of"),
    (", idle months included", ""),
    (" (Herfindahl-Hirschman)", ", 0 to 1"),
    (
        "by how many days the average yuan bought precedes the average yuan sold",
        "days by which buying precedes selling, in the mean",
    ),
)
SAYS_WHEN = re.compile(r"(three|six|twelve) months|the year")
# So many levels of a category are named where it loses no points.
LEVELS_SHOWN = 3
# Digits that may be added until two figures can be told apart.
MORE_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Explained:
    """One firm's score with its PD, the factors that cost most and what would change them."""

    score: int
    pd: float
    reasons: tuple[Reason, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class _Words:
    """What can be said of a factor before any firm is seen.

    `bound` is where its safest group begins, None if it has one group; `best` says so in words.
    """

    factor: Factor
    feature: Feature
    title: str
    bound: float | None
    best: str


@dataclass(frozen=True, slots=True)
class Explainer:
    """Scores firms one at a time with their reasons; made once for a card."""

    card: Card
    currency: str
    words: tuple[_Words, ...]

    def explain(self, values: Mapping[str, Value]) -> Explained:
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

    def _reason(self, words: _Words, values: Mapping[str, Value], points: int) -> Reason:
        value, feature, best = values[words.feature.name], words.feature, words.best
        shown = figure(feature.unit, value, self.currency)
        if not shown:
            text = f"Not on record, which counts as the riskiest; no points are lost {best}."
            return Reason(words.title, text, points)
        if words.bound is not None and isinstance(value, int | float) and shown in best:
            best, shown = apart(words.factor, feature.unit, words.bound, value, self.currency)
        # Where nobody can say beforehand which side is safer, the outcomes did.
        learned = "" if feature.direction else ", as earlier loans suggest"
        text = f"{shown}; no points are lost {best}{learned}. {feature.why}"
        return Reason(words.title, text, points)

    def _changes(self, bins: Sequence[int], values: Mapping[str, Value]) -> tuple[Change, ...]:
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
        self, words: _Words, values: Mapping[str, Value], bound: float, gain: int
    ) -> Change:
        feature, value = words.feature, values[words.feature.name]
        assert isinstance(value, int | float), "only a number has a step to take"
        bar, now = apart(words.factor, feature.unit, bound, value, self.currency)
        return Change(
            f"{words.title}: {bar.removeprefix('with ')}, now {now}. "
            f"{count(gain, 'point')} more, all else being equal.",
            f"about {count(feature.change_months, 'month')}",
            VERIFIED_BY[feature.source],
        )


def make_explainer(card: Card, features: Sequence[Feature], currency: str) -> Explainer:
    """The explainer of a card whose factors are among `features`."""
    by_name = {feature.name: feature for feature in features}
    words = tuple(_words(factor, by_name[factor.name], currency) for factor in card.factors)
    return Explainer(card, currency, words)


def _words(factor: Factor, feature: Feature, currency: str) -> _Words:
    bound = _safest_bound(factor)
    best = "wherever it is known" if bound is None else _bar(factor, feature.unit, bound, currency)
    if len(factor.binning.groups) > 1:
        best = f"with {_any_of(_safest_levels(factor))}"
    elif not is_monotone(factor.binning, factor.points):
        best, bound = _stretch(factor, feature.unit, currency), None
    return _Words(factor, feature, title_of(feature), bound, best)


def title_of(feature: Feature) -> str:
    """What a feature is called to its subject, with its window where the words do not say it."""
    text = feature.meaning
    for exact, plain in PLAIN_WORDS:
        text = text.replace(exact, plain)
    said = ";" in feature.window or feature.window == "all history" or SAYS_WHEN.search(text)
    return f"{text[0].upper()}{text[1:]}{'' if said else f' ({feature.window})'}"


def _safest_bound(factor: Factor) -> float | None:
    """Where the safest group begins; the bins rise or fall throughout."""
    edges = factor.binning.edges
    if not edges:
        return None
    places = [place for place, points in enumerate(factor.points[:-1]) if points == factor.best]
    return edges[places[-1]] if factor.binning.direction > 0 else edges[places[0] - 1]


def _stretch(factor: Factor, unit: str, currency: str) -> str:
    """The first of the safest bins in words, where points do not only rise or fall."""
    place, edges = factor.points.index(factor.best), factor.binning.edges
    over = f"more than {figure(unit, edges[place - 1], currency)}" if place else ""
    under = f"at most {figure(unit, edges[place], currency)}" if place < len(edges) else ""
    return f"with {' and '.join(filter(None, (over, under)))}"


def _safest_levels(factor: Factor) -> list[str]:
    return [
        level
        for points, group in zip(factor.points, factor.binning.groups, strict=False)
        for level in group
        if points == factor.best
    ]


def _any_of(levels: Sequence[str]) -> str:
    """Levels in words, the first few where they are many."""
    shown = levels[:LEVELS_SHOWN]
    more = len(levels) - len(shown)
    if more:
        return f"{', '.join(shown)} or {count(more, 'other')}"
    return " or ".join([*filter(None, [", ".join(shown[:-1])]), shown[-1]])


def _bar(factor: Factor, unit: str, bound: float, currency: str, more: int = 0) -> str:
    """The values on the safer side of a bound, in words."""
    low_is_safe = factor.binning.direction > 0
    if unit in WHOLE:
        side, bound = ("at most", floor(bound)) if low_is_safe else ("at least", floor(bound) + 1)
    else:
        side = "at most" if low_is_safe else "more than"
    return f"with {side} {figure(unit, bound, currency, more)}"


def apart(factor: Factor, unit: str, bound: float, value: float, currency: str) -> tuple[str, str]:
    """The safer side of a bound and a firm's value, with as many digits as tell them apart."""
    for more in range(MORE_DIGITS + 1):
        bar, now = _bar(factor, unit, bound, currency, more), figure(unit, value, currency, more)
        if not bar.endswith(f" {now}"):
            break
    return bar, now


def _step(factor: Factor, place: int) -> tuple[int, float] | None:
    """Points gained in the next better bin, and the edge that leads there; None at the top.

    A missing value has no edge to cross, nor has a category, so they give None too; so does a
    factor whose points are pinned out of order.
    """
    if place == factor.binning.missing or factor.binning.levels:
        return None
    if not is_monotone(factor.binning, factor.points):
        return None
    rising = factor.binning.direction < 0
    better = range(place + 1, len(factor.points) - 1) if rising else range(place - 1, -1, -1)
    for other in better:
        gain = factor.points[other] - factor.points[place]
        if gain > 0:
            return gain, factor.binning.edges[other - 1 if rising else other]
    return None


def figure(unit: str, value: Value, currency: str, more: int = 0) -> str:
    """A feature's value as a reader writes it, with `more` digits than usual; empty if missing.

    A category is its own text.
    """
    if value is None or value != value:
        return ""
    if isinstance(value, str):
        return value
    if unit in AS_MONEY:
        return money(value, currency) + AS_MONEY[unit]
    if unit in AS_PERCENT:
        return percent(value, 1 + more)
    if unit == AS_GROWTH:
        return f"{percent(expm1(value), 1 + more)} a month"
    text = number(value, 2 + more if more else None)
    if unit in AS_NUMBER:
        return text
    return f"{text} {unit.removesuffix('s') if text == '1' else unit}"
