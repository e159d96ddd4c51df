"""Pairs of columns as further factors of a card, if rows that it did not learn from bear them out.

A pair is learned on what the card of single columns leaves unexplained. Inner folds say how many
pairs make outcomes likelier by more than chance, mostly none. Its cells are then grouped by what
they add, as levels of a category are by their risk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from tradeline.risk.scoring.binning import (
    PRIOR_FIRMS,
    BinLimits,
    Binning,
    Buckets,
    Tally,
    binning_of,
    bins_of_levels,
)
from tradeline.risk.scoring.crosses import Cross, Side
from tradeline.risk.scoring.curves import recut
from tradeline.risk.scoring.fitting import (
    CURVE_DEFAULTS,
    CURVE_ROWS,
    SLOPE_PRECISION,
    Fit,
    fit_tuned,
    some_rows,
)
from tradeline.risk.scoring.folds import stratified_folds
from tradeline.risk.scoring.informative import FitOptions, Part, log_odds_by, rows_of
from tradeline.risk.scoring.logistic import fit_logistic, intercept_for_rate, log_losses
from tradeline.risk.scoring.pair_search import MISSING, PLACES, Places, learn_pairs

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]

# Of the most informative columns so many may stand in a pair: their pairs grow with the square.
COLUMNS_MOST = 64
# With fewer defaults, or fewer others, chance alone bears a pair out too often.
OUTCOMES_LEAST = 100
FOLDS = 3
# Standard errors by which a gain out of fold must stand out, several numbers of pairs being tried.
SURE = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class _Axis:
    """A column that may stand in a pair: its side of a cross, and the place of each bucket."""

    column: int
    side: Side
    place: Places

    def places(self, buckets: Sequence[Buckets]) -> Places:
        """The place of each row."""
        found: Places = self.place[buckets[self.column].codes]
        return found


def with_pairs(
    plain: Fit,
    buckets: Sequence[Buckets],
    bad: Flags,
    names: Sequence[str],
    options: FitOptions,
    most: int,
    generator: np.random.Generator,
    groups: ArrayLike | None = None,
) -> Fit:
    """The fit with at most so many pairs; the same where they gain no more than chance may.

    Fewer than 100 defaults, or others, say too little. A column with a direction, or over whose
    bins an analyst decides, stands in none.
    """
    if min(bad.sum(), (~bad).sum()) < OUTCOMES_LEAST:
        return plain
    rows = some_rows(bad, CURVE_ROWS, CURVE_DEFAULTS)
    some, some_bad = rows_of(buckets, rows), bad[rows]
    some_groups = None if groups is None else np.asarray(groups)[rows]
    told = _out_of_fold(plain, some, some_bad, options, most, generator, some_groups)
    number, weight, share = _count(told, some_bad)
    if not number:
        return plain
    weighed = replace(plain, weights=tuple((weight * np.array(plain.weights)).tolist()))
    axes, log_odds = _axes(plain, some, names, options), _log_odds(plain, some)
    tables = learn_pairs([axis.places(some) for axis in axes], some_bad, log_odds, number)
    whole, spread, pairs = _log_odds(weighed, buckets), _spread(log_odds), []
    for table in tables:
        first, second = (axes[place] for place in table.columns)
        inside, cells = _sums(_cells(first, second, some), spread), _cells(first, second, buckets)
        group, woe = _grouped(share * table.adds.ravel(), _sums(cells), inside, options.limits)
        cross = _cross(first.side, second.side, group.reshape(PLACES, PLACES))
        if cross.name not in names:
            pair = _binning(cross, group[cells], woe, bad)
            pairs.append((cross.name, pair))
            whole += np.array(pair.woe)[group[cells]]
    more = intercept_for_rate(whole, float(bad.mean()))
    return replace(weighed, intercept=plain.intercept + more, pairs=tuple(pairs))


def _spread(log_odds: Floats) -> Floats:
    chance = expit(log_odds)
    spread: Floats = chance * (1 - chance)
    return spread


def _cells(first: _Axis, second: _Axis, buckets: Sequence[Buckets]) -> Places:
    """The cell of each row."""
    return PLACES * first.places(buckets) + second.places(buckets)


def _sums(cells: Places, weights: Floats | None = None) -> Any:
    return np.bincount(cells, weights, PLACES * PLACES)


def _out_of_fold(
    plain: Fit,
    buckets: Sequence[Buckets],
    bad: Flags,
    options: FitOptions,
    most: int,
    generator: np.random.Generator,
    groups: ArrayLike | None,
) -> Floats:
    """Log-odds of each row by fits that did not see it: without pairs, then what k of them add.

    (1 + most, rows); NaN where only one class could be learned from.
    """
    names = [str(column) for column in range(len(buckets))]
    told = np.full((1 + most, len(bad)), np.nan)
    fold = stratified_folds(bad, FOLDS, generator, groups)
    for number in range(FOLDS):
        outside = fold == number
        inside_bad = bad[~outside]
        if not inside_bad.any() or inside_bad.all():
            continue
        inside, unseen = rows_of(buckets, ~outside), rows_of(buckets, outside)
        fit = fit_tuned(inside, inside_bad, options, plain.tuned)
        axes = _axes(fit, inside, names, options)
        tables = learn_pairs(
            [axis.places(inside) for axis in axes], inside_bad, _log_odds(fit, inside), most
        )
        places = [axis.places(unseen) for axis in axes]
        said = [table.said(places) for table in tables]
        said += [np.zeros(int(outside.sum()))] * (most - len(said))
        told[0, outside] = _log_odds(fit, unseen)
        told[1:, outside] = np.cumsum(said, axis=0)
    return told


def _log_odds(fit: Fit, buckets: Sequence[Buckets]) -> Floats:
    return fit.intercept + log_odds_by(buckets, fit.parts, np.array(fit.weights))


def _count(told: Floats, bad: Flags) -> tuple[int, float, float]:
    """How many pairs are borne out, and the factors that calibrate the rest and them."""
    judged = ~np.isnan(told[0])
    if not judged.any():
        return 0, 1.0, 1.0
    plain, bad = told[0, judged][:, None], bad[judged]
    alone = log_losses(fit_logistic(plain, bad, 1.0, SLOPE_PRECISION).log_odds(plain), bad)
    best, found = 0.0, (0, 1.0, 1.0)
    for number in range(1, len(told)):
        both = np.column_stack([plain, told[number, judged]])
        stacked = fit_logistic(both, bad, 1.0, SLOPE_PRECISION)
        gain = alone - log_losses(stacked.log_odds(both), bad)
        total, error = float(gain.sum()), float(np.sqrt(len(gain)) * gain.std())
        if total > max(best, SURE * error):
            best, found = total, (number, float(stacked.weights[0]), float(stacked.weights[1]))
    return found


def _axes(
    fit: Fit, buckets: Sequence[Buckets], names: Sequence[str], options: FitOptions
) -> list[_Axis]:
    free = [
        part
        for part in fit.parts
        if not options.directions[part.column] and not options.overrides[part.column]
    ]
    return [_axis(buckets[p.column], p, names[p.column]) for p in free[:COLUMNS_MOST]]


def _axis(feature: Buckets, part: Part, name: str) -> _Axis:
    if feature.levels:
        *groups, last = part.binning.groups
        if len(groups) >= MISSING:
            groups, last = groups[: MISSING - 1], sum((*groups[MISSING - 1 :], last), ())
        side = Side(name, levels=feature.levels, groups=(*groups, last))
        # A level that nobody had here stands with the riskiest.
        place = np.minimum(bins_of_levels(part.binning), len(groups))
        return _Axis(part.column, side, np.append(place, MISSING).astype(np.intp))
    cuts = _quantiles(np.bincount(feature.codes, minlength=feature.missing + 1)[:-1])
    place = np.searchsorted(cuts, np.arange(feature.missing), side="left")
    side = Side(name, edges=tuple(feature.edges[cuts].tolist()))
    return _Axis(part.column, side, np.append(place, MISSING).astype(np.intp))


def _quantiles(counts: Ints) -> Ints:
    """After which buckets a column is cut into at most MISSING places of about equal count."""
    below = np.cumsum(counts)
    if not below[-1]:
        return np.empty(0, dtype=np.int64)
    marks = np.arange(1, MISSING) / MISSING * below[-1]
    cuts = np.unique(np.searchsorted(below, marks, side="left"))
    found: Ints = cuts[below[cuts] < below[-1]]
    return found


def _grouped(adds: Floats, counts: Ints, spread: Floats, limits: BinLimits) -> tuple[Ints, Floats]:
    """The bin of each cell, cells in order of what they add, and what each bin adds.

    A cell that nobody had stands with those that add most nearly the same; where a value of it is
    missing, past all bins, so that withholding a figure never helps. What few had who lacked a
    value gains them nothing: 20 imagined firms would say that they are like all others.
    """
    few = np.zeros((PLACES, PLACES), dtype=bool)
    few[MISSING] = few[:, MISSING] = True
    few &= (counts < PRIOR_FIRMS).reshape(few.shape)
    adds = np.where(few.ravel(), np.maximum(adds, 0), adds)
    seen = np.flatnonzero(counts)
    ordered = seen[np.argsort(adds[seen], kind="stable")]
    firsts, woe = recut(adds[ordered], counts[ordered], spread[ordered], limits)
    nearest = np.abs(adds[:, None] - woe).argmin(axis=1).reshape(PLACES, PLACES)
    nearest[MISSING] = nearest[:, MISSING] = len(woe)
    group = nearest.ravel()
    group[ordered] = np.searchsorted(firsts, np.arange(len(ordered)), side="right") - 1
    return group, woe


def _cross(first: Side, second: Side, group: Ints) -> Cross:
    """The cross of two sides with the bin of each cell; an edge that parts nothing is left out."""
    first, group = _thinned(first, group)
    second, turned = _thinned(second, group.T)
    return Cross((first, second), tuple(map(tuple, turned.T.tolist())))


def _thinned(side: Side, group: Ints) -> tuple[Side, Ints]:
    """A side and its rows of bins: as many as it has places, the last for missing values."""
    places = np.arange(side.missing)
    if not side.levels:
        parted = np.any(group[places[1:]] != group[places[:-1]], axis=1)
        side = replace(side, edges=tuple(compress(side.edges, parted)))
        places = places[np.append(parted, True)]
    return side, group[np.append(places, MISSING)]


def _binning(cross: Cross, bins: Ints, woe: Floats, bad: Flags) -> Binning:
    size = len(woe) + 1
    goods, bads = (np.bincount(bins, flags, size).astype(np.float64) for flags in (~bad, bad))
    return binning_of(Tally(np.bincount(bins, minlength=size), goods, bads), woe, 1, cross=cross)
