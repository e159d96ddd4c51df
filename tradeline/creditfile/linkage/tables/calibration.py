"""How far scores can be trusted where records have one counterpart at most: told from decoys.

Two kinds of pairs are wrong for certain, and stand for what a record without any counterpart would
take for its best. Whoever has found its counterpart has no second one, so its runner-up is wrong;
and where a table has each thing once, so is whatever is nearest in the same table. The method is
that of decoys in the search of spectra (Elias and Gygi 2007, "Target-decoy search strategy"); a
rate that is local to a score is read off a monotone fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import expit

from tradeline.creditfile.linkage.tables.competition import Flags, Once, best_of, second_of
from tradeline.creditfile.linkage.tables.vectors import Floats, Places
from tradeline.creditfile.linkage.tables.within import Within

SURE = 0.9
FEWEST = 30
"""Sure winners without which runners-up say nothing."""
ROUNDS = 100
ENOUGH = 0.1
LEAST_WRONG = 0.5
"""Wrong winners that are assumed beyond the highest decoy."""
SMALLEST_ODDS = 1e-3

Decoys = tuple[Floats, float]
"""The scores of decoys, and of how many wrong winners each tells."""


@dataclass(frozen=True, slots=True)
class Scored:
    """What is nearest within a table, and the scores (natural logarithms of odds) of its pairs."""

    within: Within
    scores: Floats


def calibrated(
    scores: Floats,
    chances: Floats,
    pairs: Places,
    once: Once,
    rows: tuple[int, int],
    beside: Sequence[Scored],
) -> Floats:
    """Scores (natural logarithms of odds) of pairs (2, n), brought to what decoys teach.

    `beside` are what is nearest within the left and the right table. Of two kinds of decoys the
    mean of the logarithms counts: runners-up are too few where a table is a choice out of the
    other, and neighbours within a table too many where it is written in one manner.
    """
    sides = [side for side, alone in enumerate((once.left, once.right)) if alone]
    best = [best_of(scores, pairs[side]) for side in sides]
    winners: Flags = np.logical_and.reduce(best)
    won, matched = scores[winners], float(chances[winners].sum())
    seconds = _runners_up(scores, winners & (chances >= SURE), winners, pairs, once, rows)
    fitted = won
    for _ in range(ROUNDS):
        free = [max(count - matched, 0.0) for count in rows]
        fits = [_fitted(won, _neighbours(beside, sides, free))]
        if seconds:
            fits.append(
                _fitted(won, [(s, share * free[k]) for k, (s, share) in enumerate(seconds)])
            )
        fitted = np.mean(fits, axis=0)
        now = float(expit(fitted).sum())
        if abs(now - matched) < ENOUGH:
            break
        matched = now
    told = _below(scores, won, fitted, pairs[sides])
    # How few neighbours a thing has tells nothing of which of its several counterparts are right.
    return told if len(sides) == 2 else np.minimum(told, scores)


def _runners_up(
    scores: Floats, sure: Flags, winners: Flags, pairs: Places, once: Once, rows: tuple[int, int]
) -> list[Decoys]:
    """By side, second bests of settled records, and what one tells of each record that is not.

    Only where each thing stands once in both tables: else a runner-up may be right.
    """
    if not (once.left and once.right) or sure.sum() < FEWEST:
        return []
    found = []
    for side in (0, 1):
        settled = np.zeros(rows[side], bool)
        settled[pairs[side, sure]] = True
        second, best = second_of(scores, pairs[side]), best_of(scores, pairs[1 - side])
        decoys = scores[second & best & settled[pairs[side]] & ~winners]
        # One more than was seen, for few decoys make the best of luck.
        share = (1 + 1 / max(len(decoys), 1)) / 2 / float(settled.sum())
        found.append((decoys, share))
    return found


def _neighbours(
    beside: Sequence[Scored], sides: Sequence[int], free: Sequence[float]
) -> list[Decoys]:
    """Nearest pairs within tables, and of how many wrong winners each tells.

    Where both tables have each thing once, a wrong winner is the best of two records that are free,
    and of all pairs of a table as many are as of all pairs between what is free.
    """
    found = []
    for side in sides:
        other = beside[1 - side]
        rows = other.within.rows
        if len(sides) == 1:
            decoys, share = other.within.bests(other.scores), free[side] / rows
        else:
            decoys = other.within.mutual(other.scores)
            share = free[0] * free[1] / rows**2
        # One more than was seen.
        found.append((np.append(decoys, decoys.max(initial=-np.inf)), share))
    return [(decoys[np.isfinite(decoys)], share) for decoys, share in found]


def _fitted(won: Floats, decoys: Sequence[Decoys]) -> Floats:
    """Log-odds of each winner, by its score: those that are right against those that are wrong.

    At each score as many winners are wrong as decoys, weighted, stand beside them.
    """
    scores = np.concatenate([won, *(one for one, _ in decoys)])
    wrong = np.concatenate([np.zeros(len(won)), *(np.full(len(one), w) for one, w in decoys)])
    weight = np.concatenate([np.ones(len(won)), wrong[len(won) :]])
    told = weight > 0
    order = np.flatnonzero(told)[np.argsort(scores[told], kind="stable")]
    fit = isotonic_regression(
        wrong[order] / weight[order], weights=weight[order], increasing=False
    ).x
    least = LEAST_WRONG / len(won)
    share = np.clip(fit / np.maximum(1 - fit, 1e-9), least, 1 - SMALLEST_ODDS)
    found: Floats = np.interp(won, scores[order], np.log((1 - share) / share))
    return found


def _below(scores: Floats, won: Floats, fitted: Floats, pairs: Places) -> Floats:
    """Log-odds of all pairs: what the best of their records is worth, less what they lack to it."""
    order = np.argsort(won, kind="stable")
    found = np.full(len(scores), np.inf)
    for records in pairs:
        top = np.full(int(records.max()) + 1, -np.inf)
        np.maximum.at(top, records, scores)
        highest = top[records]
        worth = np.interp(highest, won[order], fitted[order])
        worth += np.minimum(highest - won[order[0]], 0.0)
        found = np.minimum(found, worth + scores - highest)
    return found
