"""From comparisons to chances: latent classes that learn without labels, and from who is rival."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import logsumexp

from tradeline.creditfile.linkage.mixture import (
    SAME,
    UNRELATED,
    Compared,
    Counts,
    Levels,
    Weights,
    fit,
    guess,
    log_joint,
)
from tradeline.creditfile.linkage.tables.calibration import calibrated
from tradeline.creditfile.linkage.tables.comparisons import Agreement
from tradeline.creditfile.linkage.tables.competition import (
    Flags,
    Once,
    first_verdicts,
    found_out,
    matched,
)
from tradeline.creditfile.linkage.tables.vectors import Floats, Places

ROUNDS = 40
STILL = 1e-4
"""Mean change of chances at which learning ends."""
AGREEING = 0.9
"""First guess of how often pairs that are the same stand at the upper levels of a comparison."""
STRENGTH = 5.0
STEPS = 3
MUCH = 0.05
FEWEST = 20.0


@dataclass(frozen=True, slots=True)
class Patterns:
    """The different rows of levels (patterns, comparisons), and the pattern of each pair."""

    compared: tuple[Compared, ...]
    levels: Levels
    of_pair: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Learned:
    """The weights, the chance of each pair, and how many counterparts records have."""

    weights: Weights
    chances: Floats
    once: Once


def patterns_of(agreements: Sequence[Agreement]) -> Patterns:
    """Pairs gathered by what their comparisons say."""
    keys = np.zeros(len(agreements[0].levels), np.int64)
    for agreement in agreements:
        keys = keys * (len(agreement.compared.levels) + 1) + agreement.levels + 1
        _, keys = np.unique(keys, return_inverse=True)
    _, first = np.unique(keys, return_index=True)
    levels = np.stack([agreement.levels[first] for agreement in agreements], axis=1)
    return Patterns(tuple(agreement.compared for agreement in agreements), levels, keys)


def learn(
    patterns: Patterns,
    random: Sequence[Agreement],
    pairs: Places,
    rows: tuple[int, int],
    once: Once | None,
    itself: bool,
) -> Learned:
    """Weights from pairs (2, n), of tables of so many `rows`; `random` are any pairs.

    In each round every pair's chance is taken among its rivals, and the weights from the chances.
    """
    surprise = _surprise(patterns, random)
    scores = surprise.sum(axis=1)[patterns.of_pair]
    if once is None:
        once = Once(False, False) if itself else found_out(scores, pairs)
    same, apart = first_verdicts(scores, pairs, once)
    if not (once.left or once.right):
        whole = rows[0] * (rows[0] - 1) / 2 if itself else float(rows[0] * rows[1])
        return Learned(*_among_all(patterns, random, same, whole), once)
    start = weights = _start(patterns, same, apart, surprise)
    chances = matched(np.exp(_odds(patterns, weights)), pairs, once)
    for _ in range(ROUNDS):
        weights = fit(
            _counts(patterns, chances, apart), start, STRENGTH, before=weights, rounds=STEPS
        )
        now = matched(np.exp(_odds(patterns, weights)), pairs, once)
        change = float(np.abs(now - chances).sum() / max(now.sum(), 1.0))
        chances = now
        if change < STILL:
            break
    told = calibrated(_odds(patterns, weights), chances, pairs, once, rows)
    return Learned(weights, matched(np.exp(told), pairs, once), once)


def _among_all(
    patterns: Patterns, random: Sequence[Agreement], same: Flags, whole: float
) -> tuple[Weights, Floats]:
    """Weights against random pairs, of which there are `whole` in all, and each pair's chance.

    Where records have any number of counterparts nobody is rival, and what random pairs look like
    is all that is known of pairs that are not the same.
    """
    size = len(patterns.levels)
    ours = np.bincount(patterns.of_pair[same], minlength=size).astype(np.float64)
    others = tuple(
        _spread(one.levels, np.ones(len(one.levels)), len(one.compared.levels)) for one in random
    )
    first = guess(patterns.compared, [(SAME, 1.0, [AGREEING] * len(patterns.compared))])
    chances = same.astype(np.float64)
    start = Weights((SAME, UNRELATED), patterns.compared, (0.5, 0.5), (first.shares[0], others))
    weights = replace(start, shares=(_mixed(patterns, ours), others))
    for _ in range(ROUNDS):
        prior = min(max(float(chances.sum()) / whole, 1 / whole), 0.5)
        weights = replace(weights, prior=(prior, 1 - prior))
        odds = _odds(patterns, weights)
        now = np.exp(np.minimum(odds, 0)) / (1 + np.exp(-np.abs(odds)))
        change = float(np.abs(now - chances).sum() / max(now.sum(), 1.0))
        chances = now
        if change < STILL:
            break
        counts = _counts(patterns, chances, np.ones(len(chances), bool))
        weights = fit(counts, start, STRENGTH, (UNRELATED,), weights, 1)
    return weights, chances


def _surprise(patterns: Patterns, random: Sequence[Agreement]) -> Floats:
    """How many bits it surprises (patterns, comparisons) to agree so well, were a pair random."""
    found = np.zeros(patterns.levels.shape)
    for k, agreement in enumerate(random):
        count = len(agreement.compared.levels)
        seen = np.bincount(agreement.levels.astype(np.int64) + 1, minlength=count + 1)[1:] + 0.1
        upper = np.cumsum(seen[::-1])[::-1] / seen.sum()
        found[:, k] = np.append(-np.log2(upper), 0.0)[patterns.levels[:, k]]
    return found


def _start(patterns: Patterns, same: Flags, others: Flags, surprise: Floats) -> Weights:
    """Guessed shares for pairs that are the same, and kinds of pairs that are not.

    A pair that is not the same was compared because something of it agrees: by what agrees most
    such pairs are parted, and those in which much agrees are a kind of their own.
    """
    size, compared = len(patterns.levels), patterns.compared
    ours = np.bincount(patterns.of_pair[same], minlength=size).astype(np.float64)
    apart = np.bincount(patterns.of_pair[others], minlength=size).astype(np.float64)
    much = surprise.sum(axis=1)
    order = np.argsort(-much, kind="stable")
    share = np.cumsum(apart[order]) / apart.sum()
    kind = np.argmax(surprise, axis=1)
    kind[order[share <= MUCH]] = len(compared)
    prior, shares = [max(ours.sum(), 1.0)], [_mixed(patterns, ours)]
    for number in range(len(compared) + 1):
        pairs = apart * (kind == number)
        if pairs.sum() < FEWEST:
            continue
        prior.append(float(pairs.sum()))
        spread = [
            _spread(patterns.levels[:, k], pairs, len(one.levels)) for k, one in enumerate(compared)
        ]
        shares.append(tuple(spread))
    whole = sum(prior)
    classes = (SAME, *[UNRELATED] * (len(prior) - 1))
    return Weights(classes, compared, tuple(p / whole for p in prior), tuple(shares))


def _mixed(patterns: Patterns, pairs: Floats) -> tuple[tuple[float, ...], ...]:
    """Shares of pairs taken for the same, half of them guessed."""
    (guessed,) = guess(patterns.compared, [(SAME, 1.0, [AGREEING] * len(patterns.compared))]).shares
    return tuple(
        tuple(
            (
                0.2 * np.array(guessed[k])
                + 0.8 * np.array(_spread(patterns.levels[:, k], pairs, len(one.levels)))
            ).tolist()
        )
        for k, one in enumerate(patterns.compared)
    )


def _spread(levels: Levels, pairs: Floats, count: int) -> tuple[float, ...]:
    seen = np.bincount(levels.astype(np.int64) + 1, pairs, count + 1)[1:] + 0.5
    return tuple((seen / seen.sum()).tolist())


def _odds(patterns: Patterns, weights: Weights) -> Floats:
    """Natural logarithm of each pair's odds to be the same, by itself."""
    joint = log_joint(patterns.levels, weights)
    others = logsumexp(joint[:, 1:], axis=1)
    odds: Floats = (joint[:, 0] - others)[patterns.of_pair]
    return odds


def _counts(patterns: Patterns, chances: Floats, lost) -> Counts:
    size = len(patterns.levels)
    pairs = np.bincount(patterns.of_pair, minlength=size).astype(np.float64)
    same = np.minimum(np.bincount(patterns.of_pair, chances, size), pairs)
    apart = np.bincount(patterns.of_pair, (1 - chances) * lost, size)
    return Counts(patterns.levels, same + apart, same, apart)
