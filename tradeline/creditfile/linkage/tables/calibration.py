"""How far scores can be trusted where records have one counterpart at most: told from runners-up.

Whoever has found its counterpart has no second one, so its runner-up is wrong, and stands for what
a record without any counterpart would have taken for the best. The method is that of decoys in the
search of spectra (Elias and Gygi 2007, "Target-decoy search strategy"); a rate that is local to a
score is read off a monotone fit.
"""

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.special import expit

from tradeline.creditfile.linkage.tables.competition import Flags, Once, best_of, second_of
from tradeline.creditfile.linkage.tables.vectors import Floats, Places

SURE = 0.9
FEWEST = 30
"""Runners-up and winners that a fit needs."""
ROUNDS = 100
ENOUGH = 0.1
LEAST_WRONG = 0.5
"""Wrong winners that are assumed beyond the highest runner-up."""


def calibrated(
    scores: Floats, chances: Floats, pairs: Places, once: Once, rows: tuple[int, int]
) -> Floats:
    """Scores (natural logarithms of odds) of pairs (2, n), brought to what runners-up teach.

    Where too few records have found their counterpart, the scores as they are.
    """
    if not (once.left and once.right):
        return scores
    best = [best_of(scores, pairs[side]) for side in (0, 1)]
    second = [second_of(scores, pairs[side]) for side in (0, 1)]
    winners = best[0] & best[1]
    sure = winners & (chances >= SURE)
    if sure.sum() < FEWEST:
        return scores
    matched = float(chances[winners].sum())
    fitted = scores[winners]
    for _ in range(ROUNDS):
        wrong = np.zeros(len(scores))
        for side in (0, 1):
            settled = np.zeros(rows[side], bool)
            settled[pairs[side, sure]] = True
            decoys = second[side] & best[1 - side] & settled[pairs[side]] & ~winners
            factor = max(rows[side] - matched, 0.0) / settled.sum()
            # One more than was seen, for few decoys make the best of luck.
            wrong[decoys] += factor / 2 * (1 + 1 / max(int(decoys.sum()), 1))
        fitted = _fitted(scores, winners, wrong)
        now = float(expit(fitted).sum())
        if abs(now - matched) < ENOUGH:
            break
        matched = now
    return _below(scores, scores[winners], fitted, pairs)


def _below(scores: Floats, won: Floats, fitted: Floats, pairs: Places) -> Floats:
    """Log-odds of all pairs: what the best of their records is worth, less what they lack to it."""
    order = np.argsort(won, kind="stable")
    found = np.full(len(scores), np.inf)
    for side in (0, 1):
        top = np.full(int(pairs[side].max()) + 1, -np.inf)
        np.maximum.at(top, pairs[side], scores)
        highest = top[pairs[side]]
        worth = np.interp(highest, won[order], fitted[order])
        worth += np.minimum(highest - won[order[0]], 0.0)
        found = np.minimum(found, worth + scores - highest)
    return found


def _fitted(scores: Floats, winners: Flags, wrong: Floats) -> Floats:
    """Log-odds of each winner, by its score: those that are right against those that are wrong.

    At each score as many winners are wrong as runners-up, weighted, stand beside them.
    """
    taken = np.flatnonzero(winners | (wrong > 0))
    order = taken[np.argsort(scores[taken], kind="stable")]
    weight = winners[order] + wrong[order]
    fit = isotonic_regression(wrong[order] / weight, weights=weight, increasing=False).x
    least = LEAST_WRONG / int(winners.sum())
    share = np.clip(fit / np.maximum(1 - fit, 1e-9), least, 1 - 1e-3)
    found: Floats = np.interp(scores[winners], scores[order], np.log((1 - share) / share))
    return found
