"""From comparisons to chances: latent classes that learn without labels, and from who is rival."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit, logsumexp

from tradeline.creditfile.linkage.mixture import (
    UNRELATED,
    Counts,
    Weights,
    fit,
    incidence,
    log_joint,
)
from tradeline.creditfile.linkage.tables.calibration import Scored, calibrated
from tradeline.creditfile.linkage.tables.comparisons import Agreement
from tradeline.creditfile.linkage.tables.competition import (
    Flags,
    Once,
    best_of,
    first_verdicts,
    found_out,
    has_many,
    matched,
)
from tradeline.creditfile.linkage.tables.starts import (
    Patterns,
    lone_start,
    mixed_shares,
    rival_start,
    surprise,
)
from tradeline.creditfile.linkage.tables.vectors import Floats, Places
from tradeline.creditfile.linkage.tables.within import FEWEST as LEAST_ROWS
from tradeline.creditfile.linkage.tables.within import Within, bests_of, is_shared, likely_from

ROUNDS = 40
STEPS = 3
"""Steps of the fit in each round."""
STILL = 1e-4
"""Change of chances, as a share of them, at which learning ends."""
STRENGTH = 5.0
FINE = 4.0
DIFFERING = 0.3
"""Of what is the same, a smaller share differs as much as random pairs do, in any one respect;"""
FOUND = 1.0
"""and fewer links than this are none. Where either is not so, nothing was learned of duplicates."""
VETO = 60.0
"""What two different numbers of one register take off the logarithm of the odds."""


@dataclass(frozen=True, slots=True)
class Learned:
    """The weights, the chance of each pair, and how many counterparts records have.

    `shared` is whether anything shows that the tables tell of the same things at all.
    """

    weights: Weights
    chances: Floats
    once: Once
    shared: bool = True


def learn(
    patterns: Patterns,
    random: Sequence[Agreement],
    pairs: Places,
    rows: tuple[int, int],
    once: Once | None,
    itself: bool,
    fine: Floats,
    within: Sequence[Within],
    vetoed: Flags,
    lone: bool,
) -> Learned:
    """Weights and chances of pairs (2, n), of tables of so many `rows`; `random` are any pairs.

    `fine` is how alike the texts of each pair are, and settles what levels leave undecided.
    `within` is what is nearest in the left and in the right table; nothing of a table with itself,
    and where both may have things several times. Pairs that are `vetoed` are not the same. `lone`
    is whether a single field is compared, so that nothing can be held against it.
    """
    against = np.where(vetoed, VETO, 0.0)
    scores = _surprising(patterns, random, fine) - against
    if itself and lone:
        return _of_few(patterns, random, scores, pairs, against)
    if not within:
        learned = _of_many(patterns, random, pairs, rows, itself, against)
        few = itself and not (_is_sound(learned) or has_many(scores, pairs))
        return _of_few(patterns, random, scores, pairs, against) if few else learned
    bits = surprise(patterns, random)
    between = [bests_of(scores, pairs[side], rows[side]) for side in (0, 1)]
    own = [one.bests(_surprising(one.patterns, one.random, one.fine)) for one in within]
    if min(rows) >= LEAST_ROWS and not is_shared(between, own):
        return _of_none(patterns, random, scores, pairs, once)
    likely = likely_from(between, own)
    once = found_out(scores, pairs, likely) if once is None else once
    if not (once.left or once.right):
        return _of_many(patterns, random, pairs, rows, False, against)
    same, apart = first_verdicts(scores, pairs, once, likely)
    start = rival_start(patterns, same, apart, bits, random)
    weights, chances = _among_rivals(patterns, start, apart, pairs, once, against)
    beside = [Scored(one, odds_of(one.patterns, weights) + FINE * one.fine) for one in within]
    scores = odds_of(patterns, weights) + FINE * fine - against
    told = calibrated(scores, chances, pairs, once, rows, beside)
    return Learned(weights, matched(np.exp(told - against), pairs, once), once)


def _surprising(patterns: Patterns, random: Sequence[Agreement], fine: Floats) -> Floats:
    """How much it surprises that each pair agrees so well, in bits and what these round off."""
    found: Floats = surprise(patterns, random).sum(axis=1)[patterns.of_pair] + FINE * fine
    return found


def _of_many(
    patterns: Patterns,
    random: Sequence[Agreement],
    pairs: Places,
    rows: tuple[int, int],
    itself: bool,
    against: Floats,
) -> Learned:
    """What is learned where records have any number of counterparts, as within one table."""
    once = Once(False, False)
    scores = surprise(patterns, random).sum(axis=1)[patterns.of_pair] - against
    same, _ = first_verdicts(scores, pairs, once)
    whole = rows[0] * (rows[0] - 1) / 2 if itself else float(rows[0] * rows[1])
    return Learned(*_among_all(patterns, random, same, whole, against), once)


def _is_sound(learned: Learned) -> bool:
    """Whether what is said to be the same of one table agrees in each respect, and is anything.

    Songs of an album, models of a series agree in so much that weights learned from themselves may
    take that for the same, and what differs in all of them for a slip.
    """
    same, other = learned.weights.shares
    differing = [
        sum(a for a, b in zip(ours, theirs, strict=True) if a < b)
        for ours, theirs in zip(same, other, strict=True)
    ]
    return max(differing) < DIFFERING and learned.chances.sum() >= FOUND


def _of_few(
    patterns: Patterns,
    random: Sequence[Agreement],
    scores: Floats,
    pairs: Places,
    against: Floats,
) -> Learned:
    """What is learned of one table, in which few records have duplicates, and these few of them.

    Then what is nearest to a record, but for the very nearest, is as a rule another thing, and
    teaches how alike others are. Several may be the same: none is taken for another's rival.
    """
    ends, both = np.hstack([pairs, pairs[::-1]]), Once(True, True)
    same, apart = (one[: len(scores)] for one in first_verdicts(np.tile(scores, 2), ends, both))
    start = rival_start(patterns, same, apart, surprise(patterns, random), random)
    weights, chances = start, same.astype(np.float64)
    for _ in range(ROUNDS):
        weights = _taught(patterns, start, weights, chances, apart)
        now = expit(odds_of(patterns, weights) - against)
        change, chances = _change(chances, now), now
        if change < STILL:
            break
    return Learned(weights, chances, Once(False, False))


def _of_none(
    patterns: Patterns,
    random: Sequence[Agreement],
    scores: Floats,
    pairs: Places,
    once: Once | None,
) -> Learned:
    """What is left where nothing shows that anything is shared: less than one link is expected."""
    each = once or Once(True, True)
    winners = best_of(scores, pairs[0]) & best_of(scores, pairs[1])
    chances = winners / (winners.sum() + 1.0)
    return Learned(lone_start(patterns, random), chances, each, shared=False)


def _among_rivals(
    patterns: Patterns, start: Weights, apart: Flags, pairs: Places, once: Once, against: Floats
) -> tuple[Weights, Floats]:
    """Weights where records have one counterpart at most, and each pair's chance.

    In each round a pair's chance is taken among its rivals, and the weights from the chances. Only
    pairs that lost to a rival teach what is not the same: who wins and is doubtful teaches neither.
    """
    weights = start
    chances = matched(np.exp(odds_of(patterns, weights) - against), pairs, once)
    for _ in range(ROUNDS):
        weights = _taught(patterns, start, weights, chances, apart)
        now = matched(np.exp(odds_of(patterns, weights) - against), pairs, once)
        change, chances = _change(chances, now), now
        if change < STILL:
            break
    return weights, chances


def _taught(
    patterns: Patterns, start: Weights, weights: Weights, chances: Floats, apart: Flags
) -> Weights:
    """Weights by chances; of what is not the same, only pairs that are `apart` teach."""
    same, others = patterns.counted(chances), patterns.counted((1 - chances) * apart)
    counts = Counts(patterns.levels, same + others, same, others)
    return fit(counts, start, STRENGTH, before=weights, rounds=STEPS)


def _among_all(
    patterns: Patterns, random: Sequence[Agreement], same: Flags, whole: float, against: Floats
) -> tuple[Weights, Floats]:
    """Weights where records have any number of counterparts, and each pair's chance.

    Nobody is rival, so others are weighed against random pairs, of which there are `whole` in all.
    """
    start = lone_start(patterns, random)
    first = mixed_shares(patterns, patterns.counted(same))
    weights, chances = replace(start, shares=(first, start.shares[1])), same.astype(np.float64)
    for _ in range(ROUNDS):
        prior = min(max(float(chances.sum()), 1.0) / whole, 0.5)
        weights = replace(weights, prior=(prior, 1 - prior))
        now = expit(odds_of(patterns, weights) - against)
        change, chances = _change(chances, now), now
        if change < STILL:
            break
        ours, others = patterns.counted(chances), patterns.counted(1 - chances)
        counts = Counts(patterns.levels, ours + others, ours, others)
        weights = fit(counts, start, STRENGTH, (UNRELATED,), before=weights, rounds=1)
    return weights, chances


def _change(before: Floats, now: Floats) -> float:
    return float(np.abs(now - before).sum() / max(now.sum(), 1.0))


def odds_of(patterns: Patterns, weights: Weights) -> Floats:
    """Natural logarithm of each pair's odds to be the same, by itself."""
    joint = log_joint(incidence(patterns.levels, weights), weights)
    odds: Floats = (joint[:, 0] - logsumexp(joint[:, 1:], axis=1))[patterns.of_pair]
    return odds
