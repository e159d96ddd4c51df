"""The scorecard itself: integer points per bin, a score that is their sum, a PD of the score."""

import math
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from tradeline.kernel.findings import Finding, InputProblem, Severity, problem
from tradeline.risk.scoring.binning import Binning, bins_of_columns
from tradeline.risk.scoring.crosses import Side
from tradeline.risk.scoring.overrides import Override, pinned_points

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
# Rows that are scored together.
BLOCK_ROWS = 8192
# What plain Python scores: a number, or the text of a category.
Value = float | str | None


class CardKind(StrEnum):
    """Whether weights were learned from outcomes or stated by an expert."""

    FITTED = "fitted"
    EXPERT = "expert"


@dataclass(frozen=True, slots=True)
class Scale:
    """`base_points` mean odds of `base_odds` goods to one bad; `pdo` points double the odds."""

    base_points: float = 600.0
    base_odds: float = 20.0
    pdo: float = 50.0

    @property
    def factor(self) -> float:
        """Points per unit of natural log-odds."""
        return self.pdo / math.log(2)

    @property
    def offset(self) -> float:
        """The score at even odds."""
        return self.base_points - self.factor * math.log(self.base_odds)


USUAL = Scale()
# Coarser points would move a PD by rounding alone; finer ones say no more.
PDO_RANGE = (5.0, 1_000.0)
BASE_POINTS_RANGE = (-100_000.0, 100_000.0)
BASE_ODDS_RANGE = (0.001, 1_000_000.0)


def check_scale(scale: Scale) -> None:
    """Raise InputProblem for a scale on which no points can be given."""
    findings = [
        Finding("bad-scale", Severity.ERROR, option, f"{value:g} is out of range.",
                f"Take a number from {low:,g} to {high:,g}.")
        for option, value, (low, high) in (
            ("--pdo", scale.pdo, PDO_RANGE),
            ("--base-points", scale.base_points, BASE_POINTS_RANGE),
            ("--base-odds", scale.base_odds, BASE_ODDS_RANGE),
        )
        if not low <= value <= high
    ]  # fmt: skip
    if findings:
        raise InputProblem(findings)


@dataclass(frozen=True, slots=True)
class Factor:
    """One feature of a card, or two: its bins, the weight of its evidence and each bin's points.

    Points count from the feature's worst bin, which has 0 unless points are pinned. An unknown
    category has the fewest.
    """

    name: str
    binning: Binning
    weight: float
    points: tuple[int, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the one or two features that it reads."""
        return tuple(name for name, _ in self.sides)

    @property
    def sides(self) -> tuple[tuple[str, Binning | Side], ...]:
        """Each feature that it reads, with how its values become bins, or places of a cross."""
        cross = self.binning.cross
        if cross is None:
            return ((self.name, self.binning),)
        return tuple((side.name, side) for side in cross.sides)

    @property
    def best(self) -> int:
        """The most points that a firm can have here; a missing value does not count."""
        return max(self.points[:-1])

    @property
    def points_by_place(self) -> Ints:
        """The points of each bin, and past them those of an unknown category."""
        return np.array([*self.points, min(self.points)], dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Card:
    """A scorecard: every firm starts from `constant` points and gains points per factor.

    `base_rate` is the stated default rate of the portfolio to which PDs are calibrated,
    `sample_rate` the rate among the firms it was learned from (None for an expert card);
    `overrides` are what an analyst decided over the data. Factors of two features come last.
    """

    kind: CardKind
    scale: Scale
    constant: int
    factors: tuple[Factor, ...]
    base_rate: float
    sample_rate: float | None
    overrides: tuple[Override, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its factors, in order."""
        return tuple(factor.name for factor in self.factors)

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the features it needs, each once."""
        names = (name for factor in self.factors for name in factor.columns)
        return tuple(dict.fromkeys(names))

    @property
    def size(self) -> int:
        """How many numbers make it up: the points of its bins."""
        return sum(len(factor.points) for factor in self.factors)

    @property
    def scores(self) -> range:
        """Every score that it can give, and those between."""
        lowest = self.constant + sum(min(factor.points) for factor in self.factors)
        highest = self.constant + sum(max(factor.points) for factor in self.factors)
        return range(lowest, highest + 1)


def make_card(
    kind: CardKind,
    scale: Scale,
    intercept: float,
    parts: Sequence[tuple[str, Binning, float]],
    base_rate: float,
    sample_rate: float | None,
    overrides: Sequence[Override] = (),
) -> Card:
    """Points from log-odds `intercept + sum(weight * woe)`, rounded to the nearest integer.

    A part without effect on any score is left out; pinned points stand as they are pinned.
    """
    factors, start = [], scale.offset - scale.factor * intercept
    for name, binning, weight in parts:
        raw = [-scale.factor * weight * woe for woe in binning.woe]
        own = [override for override in overrides if override.feature == name]
        points = pinned_points(binning, tuple(round(value - min(raw)) for value in raw), own)
        start += min(raw)
        if any(points):
            factors.append(Factor(name, binning, weight, points))
    return Card(kind, scale, round(start), tuple(factors), base_rate, sample_rate, tuple(overrides))


def pd_of_score(scale: Scale, score: int) -> float:
    """Probability of default at a score: a pure function of the score's log-odds."""
    return 1 / (1 + math.exp((score - scale.offset) / scale.factor))


def points_of_rows(card: Card, X: Floats, names: Sequence[str]) -> Ints:
    """Points of each row and factor (rows x factors) of a matrix with the named columns.

    A category is the place of its level among the factor's levels; one that is unknown has the
    fewest points (`unknown_in_rows` tells which they are).
    """
    points = np.empty((len(X), len(card.factors)), dtype=np.int64)
    tables = [factor.points_by_place for factor in card.factors]
    for block, place, bins in _bins_by_block(card, X, names):
        points[block, place] = tables[place][bins]
    return points


def unknown_in_rows(card: Card, X: Floats, names: Sequence[str]) -> NDArray[np.bool_]:
    """Which values (rows x factors) are categories that the card does not know."""
    unknown = np.empty((len(X), len(card.factors)), dtype=bool)
    for block, place, bins in _bins_by_block(card, X, names):
        unknown[block, place] = bins == card.factors[place].binning.unknown
    return unknown


def _bins_by_block(
    card: Card, X: Floats, names: Sequence[str]
) -> Iterator[tuple[slice, int, Ints]]:
    """Bins of a block of rows by one factor after the other; a block stays near the processor."""
    missing = set(card.columns) - set(names)
    if missing:
        raise _absent(sorted(missing))
    columns = [[list(names).index(name) for name in factor.columns] for factor in card.factors]
    for at in range(0, len(X), BLOCK_ROWS):
        block = slice(at, at + BLOCK_ROWS)
        values = np.ascontiguousarray(X[block].T)
        for place, (factor, own) in enumerate(zip(card.factors, columns, strict=True)):
            yield block, place, bins_of_columns(factor.binning, [values[c] for c in own])


def scores_of_points(card: Card, points: Ints) -> Ints:
    """Scores of rows of points."""
    scores: Ints = card.constant + points.sum(axis=1)
    return scores


def pds_of_scores(scale: Scale, scores: Ints) -> Floats:
    """PD of each score, to the bit what `pd_of_score` gives."""
    if not len(scores):
        return np.empty(0)
    low, high = int(scores.min()), int(scores.max())
    pds = np.array([pd_of_score(scale, score) for score in range(low, high + 1)])
    found: Floats = pds[scores - low]
    return found


def scores_of_pds(scale: Scale, pds: Floats) -> Ints:
    """The score at which each PD stands; NaN gives 0."""
    log_odds = np.log(pds / (1 - pds))
    return np.rint(np.nan_to_num(scale.offset - scale.factor * log_odds)).astype(np.int64)


def points_of_row(card: Card, values: Mapping[str, Value]) -> tuple[int, ...]:
    """Points of one firm per factor in plain Python; a category is its text, None is missing.

    Raises InputProblem if a feature is absent, of another type or an unknown category: nothing
    mistyped is scored.
    """
    return points_of_bins(card, [bin_of(factor, values) for factor in card.factors])


def points_of_bins(card: Card, bins: Sequence[int]) -> tuple[int, ...]:
    """Points of one firm per factor, by the bin of each."""
    return tuple([factor.points[place] for factor, place in zip(card.factors, bins, strict=True)])


def bin_of(factor: Factor, values: Mapping[str, Value]) -> int:
    """The bin of one firm's value; None and NaN are missing. Raises as `points_of_row` does."""
    cross = factor.binning.cross
    if cross is None:
        return _place_of(factor.name, factor.binning, values)
    first, second = (_place_of(side.name, side, values) for side in cross.sides)
    return cross.bins[first][second]


def _place_of(name: str, places: Binning | Side, values: Mapping[str, Value]) -> int:
    if name not in values:
        raise _absent([name])
    value = values[name]
    if value is None or value != value:
        return places.missing
    if places.levels:
        return _place_of_level(name, places, value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise problem(
            "not-a-number",
            name,
            f"{value!r} is no number.",
            "Give a number, or nothing if it is not known.",
        )
    return bisect_left(places.edges, value)


def _place_of_level(name: str, places: Binning | Side, value: Value) -> int:
    if not isinstance(value, str):
        raise problem(
            "not-a-category",
            name,
            f"{value!r} is no text.",
            "Give the text of the category, or nothing if it is not known.",
        )
    for place, group in enumerate(places.groups):
        if value in group:
            return place
    raise problem(
        "unknown-category",
        name,
        f"{value!r} is a category that the scorecard has never seen.",
        "Check its spelling; if it is right, a person must decide, or the card be trained again.",
    )


def _absent(names: Sequence[str]) -> InputProblem:
    return problem(
        "absent-feature",
        "features",
        f"The scorecard needs {', '.join(names)}, which is absent.",
        "Compute the features again, or name a missing value as empty.",
    )
