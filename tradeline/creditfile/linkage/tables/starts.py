"""Where learning without labels begins: first verdicts, and what they make of each class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.linkage.mixture import (
    SAME,
    UNRELATED,
    Compared,
    Levels,
    Weights,
    guess,
)
from tradeline.creditfile.linkage.tables.comparisons import Agreement
from tradeline.creditfile.linkage.tables.competition import Flags
from tradeline.creditfile.linkage.tables.vectors import Floats

AGREEING = 0.9
"""First guess of how often pairs that are the same stand at the upper levels of a comparison."""
GUESSED = 0.2
"""How much of a first share is guessed; the rest is what first verdicts show."""
MUCH = 0.05
"""The share of pairs that are not the same in which most agrees."""
FEWEST = 20.0
"""Pairs that a class of its own needs."""

Shares = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Patterns:
    """The different rows of levels (patterns, comparisons), and the pattern of each pair."""

    compared: tuple[Compared, ...]
    levels: Levels
    of_pair: NDArray[np.int64]

    def counted(self, weight: Floats | Flags) -> Floats:
        """The weights of all pairs of each pattern, added up."""
        return np.bincount(self.of_pair, weight, len(self.levels)).astype(np.float64)


def patterns_of(agreements: Sequence[Agreement]) -> Patterns:
    """Pairs gathered by what their comparisons say; there must be a comparison."""
    keys = np.zeros(len(agreements[0].levels), np.int64)
    for agreement in agreements:
        keys = keys * (len(agreement.compared.levels) + 1) + agreement.levels + 1
        _, keys = np.unique(keys, return_inverse=True)
    _, first = np.unique(keys, return_index=True)
    levels = np.stack([agreement.levels[first] for agreement in agreements], axis=1)
    return Patterns(tuple(agreement.compared for agreement in agreements), levels, keys)


def surprise(patterns: Patterns, random: Sequence[Agreement]) -> Floats:
    """How many bits it surprises (patterns, comparisons) to agree so well, were a pair random."""
    found = np.zeros(patterns.levels.shape)
    for k, agreement in enumerate(random):
        count = len(agreement.compared.levels)
        seen = np.bincount(agreement.levels.astype(np.int64) + 1, minlength=count + 1)[1:] + 0.1
        upper = np.cumsum(seen[::-1])[::-1] / seen.sum()
        found[:, k] = np.append(-np.log2(upper), 0.0)[patterns.levels[:, k]]
    return found


def rival_start(
    patterns: Patterns, same: Flags, apart: Flags, bits: Floats, random: Sequence[Agreement]
) -> Weights:
    """Classes where records have rivals, from first verdicts: *same*, and kinds of other pairs.

    A pair that is not the same was compared because something of it agrees: by what agrees most
    (`bits`) such pairs are parted, and those in which much agrees are a kind of their own.
    """
    ours, others = patterns.counted(same), patterns.counted(apart)
    order = np.argsort(-bits.sum(axis=1), kind="stable")
    kind = np.argmax(bits, axis=1)
    kind[order[np.cumsum(others[order]) <= MUCH * others.sum()]] = bits.shape[1]
    prior, shares = [max(float(ours.sum()), 1.0)], [mixed_shares(patterns, ours)]
    for number in range(bits.shape[1] + 1):
        pairs = others * (kind == number)
        if pairs.sum() >= FEWEST:
            prior.append(float(pairs.sum()))
            shares.append(_shares(patterns, pairs))
    if len(prior) == 1:
        prior.append(max(float(others.sum()), 1.0))
        shares.append(random_shares(random))
    whole = sum(prior)
    classes = (SAME, *[UNRELATED] * (len(prior) - 1))
    return Weights(classes, patterns.compared, tuple(p / whole for p in prior), tuple(shares))


def lone_start(patterns: Patterns, random: Sequence[Agreement]) -> Weights:
    """Two classes where nobody is rival: guessed shares of *same*, and those of random pairs."""
    shares = (guessed_shares(patterns), random_shares(random))
    return Weights((SAME, UNRELATED), patterns.compared, (0.5, 0.5), shares)


def guessed_shares(patterns: Patterns) -> Shares:
    """Shares of pairs that are the same, before anything is seen."""
    agreeing = [AGREEING] * len(patterns.compared)
    return guess(patterns.compared, [(SAME, 1.0, agreeing)]).shares[0]


def mixed_shares(patterns: Patterns, pairs: Floats) -> Shares:
    """Shares of pairs that are taken for the same, counted by pattern; some of them guessed."""
    return tuple(
        tuple((GUESSED * np.array(guessed) + (1 - GUESSED) * np.array(seen)).tolist())
        for guessed, seen in zip(guessed_shares(patterns), _shares(patterns, pairs), strict=True)
    )


def random_shares(random: Sequence[Agreement]) -> Shares:
    """How random pairs spread over the levels of each comparison."""
    ones = np.ones(len(random[0].levels))
    return tuple(_spread(one.levels, ones, len(one.compared.levels)) for one in random)


def _shares(patterns: Patterns, pairs: Floats) -> Shares:
    return tuple(
        _spread(patterns.levels[:, k], pairs, len(one.levels))
        for k, one in enumerate(patterns.compared)
    )


def _spread(levels: Levels, pairs: Floats, count: int) -> tuple[float, ...]:
    seen = np.bincount(levels.astype(np.int64) + 1, pairs, count + 1)[1:] + 0.5
    return tuple((seen / seen.sum()).tolist())
