"""Records that have one counterpart at most: what a pair's rivals leave of its chance."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.linkage.tables.vectors import Floats, Places

Flags = NDArray[np.bool_]
ROUNDS = 16
GREATEST_ODDS = 1e12
LIKE_WINNERS = 0.25
"""A runner-up that scores above this share of the winners looks like one of them."""
MANY, MOSTLY = 0.3, 0.6
"""From the first share of such runners-up on, records of a side have several counterparts; of both
sides only from the second on, for often one of them has each thing once."""

SEVERAL = 0.4
"""From this share of the surest records on, those of one table have several duplicates."""


@dataclass(frozen=True, slots=True)
class Once:
    """Whether a record of the left table has one counterpart at most, and one of the right."""

    left: bool
    right: bool


def matched(odds: Floats, pairs: Places, once: Once) -> Floats:
    """The chance of each pair (2, n), where records of some sides have one counterpart at most.

    `odds` are those of the pair by itself. Marginals of all matchings by belief propagation, exact
    where pairs form no cycles (Huang and Jebara 2009, "Approximating the permanent with belief
    propagation").
    """
    alone = np.minimum(odds, GREATEST_ODDS)
    to_right, to_left = alone, alone
    for _ in range(ROUNDS if once.left or once.right else 0):
        rivals_left = _others(to_left, pairs[0]) if once.left else 0.0
        rivals_right = _others(to_right, pairs[1]) if once.right else 0.0
        # Half of the step before keeps messages from swinging.
        to_right = np.sqrt(to_right * alone / (1 + rivals_left))
        to_left = np.sqrt(to_left * alone / (1 + rivals_right))
    both = to_right * to_left
    chances: Floats = both / (alone + both)
    return chances


def _others(messages: Floats, records: Places) -> Floats:
    """For each pair the sum over the other pairs of its record."""
    whole = np.bincount(records, messages)
    return np.maximum(whole[records] - messages, 0.0)


def found_out(scores: Floats, pairs: Places, likely: float = -np.inf) -> Once:
    """Whether records have one counterpart at most, told from how the second best of each looks.

    Winners are pairs that are the best of both their records and `likely` by their score. Where a
    record has one counterpart, the second best of a winner's record scores like no winner.
    """
    best = [best_of(scores, pairs[side]) for side in (0, 1)]
    winners = best[0] & best[1] & (scores >= likely)
    if not winners.any():
        return Once(True, True)
    bar = float(np.quantile(scores[winners], LIKE_WINNERS))
    left, right = (_with_twins(scores, pairs[side], winners, bar) for side in (0, 1))
    if min(left, right) < MOSTLY:
        return Once(left < MANY or left < right, right < MANY or right <= left)
    return Once(False, False)


def has_many(scores: Floats, pairs: Places) -> bool:
    """Whether records of one table have several duplicates each, told from the surest pairs.

    These are the better half of pairs that are the best of both their records. Where a record has
    one duplicate, hardly any other pair of it comes up to them.
    """
    ends, twice = np.hstack([pairs, pairs[::-1]]), np.tile(scores, 2)
    winners = best_of(twice, ends[0]) & best_of(twice, ends[1])
    half = float(np.median(twice[winners]))
    sure = winners & (twice >= half)
    return _with_twins(twice, ends[0], sure, half) >= SEVERAL


def best_of(scores: Floats, records: Places) -> Flags:
    """Whether each pair is the best of its record, by its score."""
    order = np.lexsort((-scores, records))
    first = np.r_[True, np.diff(records[order]) > 0]
    found = np.zeros(len(scores), bool)
    found[order[first]] = True
    return found


def _with_twins(scores: Floats, records: Places, winners: Flags, bar: float) -> float:
    """The share of records with a sound winner in which another pair scores like a winner."""
    sound = winners & (scores >= bar)
    won = np.zeros(int(records.max()) + 1, bool)
    won[records[sound]] = True
    rivals = ~winners & won[records] & (scores >= bar)
    return len(np.unique(records[rivals])) / int(won.sum())


def first_verdicts(
    scores: Floats, pairs: Places, once: Once, likely: float = -np.inf
) -> tuple[Flags, Flags]:
    """Pairs that are taken for the same at first, and those taken for not the same.

    The same are winners that are `likely` by their score and few runners-up come near to, not the
    same are those that did not win; winners between are left open. Where records have several
    counterparts, only the score counts.
    """
    best = [best_of(scores, pairs[side]) for side in (0, 1)]
    winners = best[0] & best[1]
    seconds = [second_of(scores, pairs[side]) for side in (0, 1)]
    rivals = scores[(seconds[0] | seconds[1]) & ~winners]
    high = float(np.quantile(scores[winners], 0.7))
    if once.left or once.right:
        bar = max(min(float(np.quantile(rivals, 0.9)) if len(rivals) else 0.0, high), likely)
        lost = ~best[0] & ~best[1] if not (once.left and once.right) else ~winners
        return winners & (scores >= bar), lost
    return scores >= high, scores < float(np.quantile(scores[winners], 0.3))


def second_of(scores: Floats, records: Places) -> Flags:
    """Whether each pair is the second best of its record."""
    order = np.lexsort((-scores, records))
    ranked = records[order]
    first = np.r_[True, np.diff(ranked) > 0]
    second = np.r_[False, first[:-1]] & ~first
    found = np.zeros(len(scores), bool)
    found[order[second]] = True
    return found
