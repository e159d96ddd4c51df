"""The bank's own rating of firms it has not rated, with its doubt: it gives take-up, never a PD.

The scale is cut at each place (better or worse than A, than B, ...) and one scorecard learned for
each cut (Frank and Hall 2001, A simple approach to ordinal classification); the chance of a rating
is the difference of two neighbouring cuts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.base import clone

from tradeline.kernel.findings import Finding, Severity
from tradeline.risk.scoring.cross_fit import FOLDS
from tradeline.risk.scoring.scorecard import Scorecard

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class RatingEstimate:
    """Chance of each rating (firms x ratings), best rating first; each row sums to 1.

    `rank_error` is the mean number of places by which the likeliest rating misses the true one,
    out of fold, and `rank_error_of_guess` the same for always guessing the middle one; both NaN
    where nothing was learned.
    """

    ratings: tuple[str, ...]
    probabilities: Floats
    rank_error: float
    rank_error_of_guess: float
    findings: tuple[Finding, ...] = ()


def estimate_ratings(
    enterprises: Sequence[str],
    X: Floats,
    directions: Sequence[int],
    ratings: Mapping[str, str],
    curves: Sequence[str],
    generator: np.random.Generator,
) -> RatingEstimate:
    """Estimate from the ratings that are known, by the features X (firms x features).

    `curves` names the ratings that have a response curve. Where fewer than two ratings are known,
    each of `curves` is equally likely and a finding says so.
    """
    places = sorted({rating for rating in ratings.values() if rating} | set(curves))
    rated = np.array([bool(ratings.get(firm)) for firm in enterprises])
    rank = np.array([places.index(ratings[f]) for f in np.asarray(enterprises)[rated]], dtype=int)
    if len(set(rank.tolist())) < 2:
        return _unknown(len(enterprises), curves)
    scorecard = Scorecard(directions=tuple(directions))
    chances = _chances(scorecard, X[rated], rank, X, len(places))
    missed, guessed = _errors(scorecard, X[rated], rank, len(places), generator)
    return RatingEstimate(tuple(places), chances, missed, guessed)


def _chances(scorecard: Scorecard, X: Floats, rank: Ints, target: Floats, places: int) -> Floats:
    """Chance of each place for each row of `target`."""
    beyond = np.ones((len(target), places + 1))
    for place in range(places):
        worse = rank > place
        if worse.all() or not worse.any():
            beyond[:, place + 1] = float(worse.all())
        else:
            beyond[:, place + 1] = clone(scorecard).fit(X, worse).predict_proba(target)[:, 1]
    # Cuts are learned apart and may cross by a little; a worse place cannot be likelier reached.
    return -np.diff(np.minimum.accumulate(beyond, axis=1), axis=1)


def _errors(
    scorecard: Scorecard, X: Floats, rank: Ints, places: int, generator: np.random.Generator
) -> tuple[float, float]:
    """Mean miss out of fold of the likeliest place, and of the middle place of the others."""
    fold = generator.permutation(len(rank)) % FOLDS
    missed, guessed = np.zeros(len(rank)), np.zeros(len(rank))
    for number in np.unique(fold):
        inside, outside = fold != number, fold == number
        likeliest = _chances(scorecard, X[inside], rank[inside], X[outside], places).argmax(axis=1)
        missed[outside] = np.abs(likeliest - rank[outside])
        guessed[outside] = np.abs(np.median(rank[inside]) - rank[outside])
    return float(missed.mean()), float(guessed.mean())


def _unknown(firms: int, curves: Sequence[str]) -> RatingEstimate:
    even = np.full((firms, len(curves)), 1 / len(curves))
    finding = Finding(
        "rating-unknown",
        Severity.WARNING,
        "outcomes",
        "The bank's rating of no two kinds of firms is known, so each rating's take-up counts "
        "equally for every firm.",
        "Send the bank's ratings of earlier borrowers with the outcomes.",
    )
    return RatingEstimate(tuple(curves), even, float("nan"), float("nan"), (finding,))
