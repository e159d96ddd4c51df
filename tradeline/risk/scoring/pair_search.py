"""Which two columns say more together than their sum does, and what their cells add.

What a card leaves unexplained is summed in the cells of each two columns, cut coarsely. The pair is
taken whose best two cuts, one across the other, gain most beyond the best cut of one column alone
(after FAST: Lou, Caruana, Gehrke and Hooker 2013, *Accurate Intelligible Models with Pairwise
Interactions*). Small trees of rectangles then learn its cells round by round, each adding a share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from tradeline.risk.scoring.curves import SHARE, STEADY

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
Two = tuple[int, int]

# Places of a column, the last for missing values; those that it does not need stay empty.
PLACES = 11
MISSING = PLACES - 1
# So many pairs that gain most at first are looked at again when one is taken.
SHORTLIST = 40
ROUNDS = 8
RECTANGLES = 5
# Information (spread of outcomes, summed) that each side of a cut must have.
SPREAD_LEAST = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class PairTable:
    """The log-odds that two columns add together, by the places of both."""

    columns: Two
    adds: Floats

    def said(self, places: Sequence[Places]) -> Floats:
        """What it adds to each row."""
        found: Floats = self.adds[places[self.columns[0]], places[self.columns[1]]]
        return found


def learn_pairs(
    places: Sequence[Places], bad: Flags, log_odds: Floats, most: int
) -> list[PairTable]:
    """At most so many pairs given what a card says already, one after the other.

    `places` are those of each row by column, below PLACES.
    """
    pairs = list(combinations(range(len(places)), 2))
    found: list[PairTable] = []
    while pairs and len(found) < most:
        chance = expit(log_odds)
        gains = _gains(
            _tables(places, pairs, bad - chance), _tables(places, pairs, chance * (1 - chance))
        )
        ranked = np.argsort(-gains, kind="stable")[:SHORTLIST]
        if gains[ranked[0]] <= 0:
            break
        pairs = [pairs[place] for place in ranked]
        table = _learn(places, bad, log_odds, pairs.pop(0))
        log_odds = log_odds + table.said(places)
        found.append(table)
    return found


def _tables(places: Sequence[Places], pairs: Sequence[Two], weights: Floats) -> Floats:
    """Sums of weights by pair and cell (pairs, PLACES, PLACES)."""
    found = np.empty((len(pairs), PLACES * PLACES))
    rows = [PLACES * own for own in places]
    for number, (one, other) in enumerate(pairs):
        found[number] = np.bincount(rows[one] + places[other], weights, PLACES * PLACES)
    return found.reshape(-1, PLACES, PLACES)


def _gains(pull: Floats, spread: Floats) -> Floats:
    """What two cuts, one across the other, gain beyond one cut of a column alone, by pair."""
    turned = pull.transpose(0, 2, 1), spread.transpose(0, 2, 1)
    joint = np.maximum(_two_cuts(pull, spread), _two_cuts(*turned))
    alone = [_one_cut(pull.sum(axis), spread.sum(axis)) for axis in (1, 2)]
    found: Floats = joint - np.maximum(*alone)
    return found


def _two_cuts(pull: Floats, spread: Floats) -> Floats:
    above = [np.cumsum(part, axis=1) for part in (pull, spread)]
    below = [part[:, -1:] - part for part in above]
    sides = (_one_cut(*(part[:, :-1] for part in side)) for side in (above, below))
    found: Floats = sum(sides, np.zeros(())).max(axis=1)
    return found


def _one_cut(pull: Floats, spread: Floats) -> Floats:
    """The likelihood gained by the best cut along the last axis, or by none."""
    whole = _worth(pull.sum(-1), spread.sum(-1))
    found: Floats = np.maximum(_cuts(pull, spread).max(-1), whole)
    return found


def _cuts(pull: Floats, spread: Floats) -> Floats:
    """The likelihood gained by each cut along the last axis; none where a side has too little."""
    left, weight = np.cumsum(pull, axis=-1), np.cumsum(spread, axis=-1)
    right, rest = left[..., -1:] - left, weight[..., -1:] - weight
    gain = _worth(left, weight) + _worth(right, rest)
    enough = np.minimum(weight, rest) >= SPREAD_LEAST
    found: Floats = np.where(enough, gain, -np.inf)[..., :-1]
    return found


def _worth(pull: Floats, spread: Floats) -> Any:
    return pull**2 / (2 * (np.maximum(spread, 0) + STEADY))


def _learn(places: Sequence[Places], bad: Flags, log_odds: Floats, pair: Two) -> PairTable:
    table = PairTable(pair, np.zeros((PLACES, PLACES)))
    for _ in range(ROUNDS):
        chance = expit(log_odds + table.said(places))
        pull = _tables(places, [pair], bad - chance)[0]
        spread = _tables(places, [pair], chance * (1 - chance))[0]
        table = PairTable(pair, table.adds + SHARE * _rectangles(pull, spread))
    return table


def _rectangles(pull: Floats, spread: Floats) -> Floats:
    """The log-odds that each cell lacks: the mean of its rectangle, cut where that gains most."""
    parts = [(slice(0, PLACES), slice(0, PLACES))]
    while len(parts) < RECTANGLES:
        cuts = [_best_cut(pull[part], spread[part]) for part in parts]
        number = max(range(len(parts)), key=lambda one: cuts[one][0])
        gain, axis, after = cuts[number]
        if gain <= 0:
            break
        parts[number : number + 1] = _halves(parts[number], axis, after)
    found = np.empty(pull.shape)
    for part in parts:
        found[part] = pull[part].sum() / (spread[part].sum() + STEADY)
    return found


def _best_cut(pull: Floats, spread: Floats) -> tuple[float, int, int]:
    """What the best cut of a rectangle gains, its axis, and how many places are before it."""
    whole = _worth(pull.sum(), spread.sum())
    best = (0.0, 0, 0)
    for axis in (0, 1):
        gains = _cuts(pull.sum(1 - axis), spread.sum(1 - axis))
        if len(gains) and gains.max() - whole > best[0]:
            best = (float(gains.max() - whole), axis, int(gains.argmax()) + 1)
    return best


def _halves(part: tuple[slice, slice], axis: int, after: int) -> list[tuple[slice, slice]]:
    middle = part[axis].start + after
    first, second = slice(part[axis].start, middle), slice(middle, part[axis].stop)
    if axis:
        return [(part[0], first), (part[0], second)]
    return [(first, part[1]), (second, part[1])]
