"""Latent classes over patterns of agreement: how likely a pair is each relation, and why.

With the two classes *same* and *unrelated* this is the model of Fellegi and Sunter (1969, "A theory
for record linkage"), fitted by expectation and maximisation. More classes keep sister firms apart,
which agree on brand, person and phone as one firm does with itself. Given the class, fields are
independent. Pairs whose relation is known in part (by identifiers) teach the classes apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Levels = NDArray[np.int8]
Ints = NDArray[np.int64]

SAME, AFFILIATED, NAMESAKE, UNRELATED = "same", "affiliated", "namesake", "unrelated"
RELATIONS = (SAME, AFFILIATED, NAMESAKE, UNRELATED)
"""The relations of two records; the first class of a model is always *same*."""
MISSING = -1
ROUNDS_MAX = 500
TOLERANCE = 1e-6
# Below this no share is believed: one pair in a million may always turn up.
LEAST_SHARE = 1e-6


@dataclass(frozen=True, slots=True)
class Compared:
    """One comparison of a pair and its levels, the weakest first."""

    name: str
    levels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """Pairs counted by their pattern.

    `levels` (patterns, comparisons) are places in the levels of a comparison, or `MISSING`. `pairs`
    counts all pairs of a pattern, `same` and `apart` those of them that are known to be the same
    or not the same.
    """

    levels: Levels
    pairs: Floats
    same: Floats
    apart: Floats


@dataclass(frozen=True, slots=True)
class Weights:
    """A fitted model, as plain data.

    Each class is one of `RELATIONS`, the first alone is *same*; several may be of one relation, as
    sister firms differ in one thing or another. `prior[c]` is the share of class c among compared
    pairs, `shares[c][k][v]` how often pairs of class c are at level v of comparison k, where it is
    not missing.
    """

    classes: tuple[str, ...]
    compared: tuple[Compared, ...]
    prior: tuple[float, ...]
    shares: tuple[tuple[tuple[float, ...], ...], ...]


def guess(
    compared: Sequence[Compared], classes: Sequence[tuple[str, float, Sequence[float]]]
) -> Weights:
    """Weights to begin with, of classes (relation, prior, share at the upper levels of each).

    Shares rise by a constant factor from level to level, so that the upper half holds that share.
    """
    shares = tuple(
        tuple(_rising(len(one.levels), upper) for one, upper in zip(compared, row, strict=True))
        for _, _, row in classes
    )
    relations, prior = tuple(name for name, _, _ in classes), tuple(p for _, p, _ in classes)
    return Weights(relations, tuple(compared), prior, shares)


def _rising(levels: int, upper: float) -> tuple[float, ...]:
    ratio = (upper / (1 - upper)) ** (1 / max(levels - levels / 2, 1))
    shares = ratio ** np.arange(levels)
    return tuple((shares / shares.sum()).tolist())


def fit(
    counts: Counts,
    start: Weights,
    strength: float = 1.0,
    fixed: Sequence[str] = (),
    tied: Sequence[Sequence[int]] = (),
    before: Weights | None = None,
    rounds: int = ROUNDS_MAX,
) -> Weights:
    """The most likely weights, from a start that also serves as a prior of `strength` pairs.

    Shares of `fixed` classes stay as the start has them, such as levels of random pairs for
    *unrelated*. `tied` (comparisons, classes) names for each class the one whose shares it has;
    without it each has its own. No pair is needed that is known; where some are, those known to be
    the same belong to *same* and those known to be apart to any other class. With `before` the
    search goes on from there, for at most so many `rounds`.
    """
    weights, last = before or start, -np.inf
    held = [start.classes.index(name) for name in fixed]
    groups = tied or [range(len(start.classes))] * len(start.compared)
    table = incidence(counts.levels, start)
    levels = sum(len(one.levels) for one in start.compared)
    for _ in range(rounds):
        belongs, likelihood = _expect(counts, log_joint(table, weights))
        seen = _seen(table, belongs, levels)
        weights = _maximise(belongs.sum(axis=0), seen, start, strength, held, groups)
        if likelihood - last < TOLERANCE * counts.pairs.sum():
            break
        last = likelihood
    # Several classes of one relation have no order of their own.
    return in_order(weights) if weights.classes.count(UNRELATED) == 1 else weights


def _expect(counts: Counts, joint: Floats) -> tuple[Floats, float]:
    """Pairs of each pattern by class (patterns, classes), and the log-likelihood."""
    # Class by class in memory: numpy adds up rows of a few numbers slowly.
    density = joint.T.copy()
    highest = density.max(axis=0)
    np.exp(np.subtract(density, highest, out=density), out=density)
    whole, apart = density.sum(axis=0), density[1:].sum(axis=0)
    unknown = counts.pairs - counts.same - counts.apart
    log = np.log(np.maximum(np.stack([whole, density[0], apart]), 1e-300)) + highest
    likelihood = float(np.einsum("kp,kp->", log, np.stack([unknown, counts.same, counts.apart])))
    density[0] *= unknown / whole
    density[0] += counts.same
    density[1:] *= unknown / whole + counts.apart / np.maximum(apart, 1e-300)
    return density.T.copy(), likelihood


def _maximise(
    pairs: Floats,
    seen: Floats,
    start: Weights,
    strength: float,
    held: Sequence[int],
    groups: Sequence[Sequence[int]],
) -> Weights:
    """Weights from `pairs` by class and `seen`, how many of them are at each level."""
    sizes = pairs + strength * np.array(start.prior)
    columns, first = [], 0
    for k, group in enumerate(groups):
        levels = seen[first : first + len(start.compared[k].levels)]
        first += len(levels)
        own = {
            c: _shares(
                levels[:, [other for other, of in enumerate(group) if of == c]].sum(axis=1),
                np.array(start.shares[c][k]),
                strength,
            )
            for c in set(group)
        }
        columns.append([start.shares[c][k] if c in held else own[of] for c, of in enumerate(group)])
    prior = tuple((sizes / sizes.sum()).tolist())
    return Weights(start.classes, start.compared, prior, tuple(zip(*columns, strict=True)))


def _shares(seen: Floats, start: Floats, strength: float) -> tuple[float, ...]:
    """How pairs spread over the levels of a comparison, the start counted as some pairs more."""
    shares = np.maximum((seen + strength * start) / (seen.sum() + strength), LEAST_SHARE)
    return tuple((shares / shares.sum()).tolist())


def in_order(weights: Weights) -> Weights:
    """The same weights, where a higher level never speaks less for *same* against *unrelated*.

    Neighbouring levels that do are given their common ratio (pool adjacent violators).
    """
    same, other = 0, len(weights.classes) - 1
    shares = [list(row) for row in weights.shares]
    for k in range(len(weights.compared)):
        m, u = np.array(shares[same][k]), np.array(shares[other][k])
        for block in _violating(m, u):
            m[block], u[block] = _common(m[block], u[block])
        shares[same][k], shares[other][k] = tuple(m.tolist()), tuple(u.tolist())
    return Weights(weights.classes, weights.compared, weights.prior, tuple(map(tuple, shares)))


def _violating(m: Floats, u: Floats) -> list[slice]:
    """Stretches of levels that must share a ratio m / u for it to rise with the level."""
    blocks: list[tuple[int, int, float, float]] = []
    for v, (upper, lower) in enumerate(zip(m.tolist(), u.tolist(), strict=True)):
        block = (v, v + 1, upper, lower)
        while blocks and blocks[-1][2] * block[3] > block[2] * blocks[-1][3]:
            first = blocks.pop()
            block = (first[0], block[1], first[2] + block[2], first[3] + block[3])
        blocks.append(block)
    return [slice(first, last) for first, last, _, _ in blocks if last - first > 1]


def _common(m: Floats, u: Floats) -> tuple[Floats, Floats]:
    """Both shares spread alike over their levels, each keeping its sum."""
    spread = (m + u) / (m + u).sum()
    return spread * m.sum(), spread * u.sum()


def incidence(levels: Levels, weights: Weights) -> Ints:
    """Where the levels of patterns stand among those of all comparisons (patterns, comparisons).

    What is missing stands behind all of them.
    """
    firsts = np.cumsum([0, *(len(one.levels) for one in weights.compared)])
    found: Ints = np.where(levels == MISSING, firsts[-1], firsts[:-1] + levels)
    return found


def log_joint(table: Ints, weights: Weights) -> Floats:
    """Natural logarithm of class and pattern together (patterns, classes); see `incidence`."""
    shares = np.array([[share for one in row for share in one] for row in weights.shares])
    logs = np.vstack([np.log(shares).T, np.zeros(len(weights.classes))])
    joint = np.zeros((len(table), len(weights.classes)))
    for places in table.T:
        joint += logs[places]
    joint += np.log(np.array(weights.prior))
    return joint


def _seen(table: Ints, belongs: Floats, levels: int) -> Floats:
    """How many pairs of each class are at each level (all levels, classes); see `incidence`."""
    places, rows = table.ravel(), np.repeat(belongs, table.shape[1], axis=0)
    return np.stack([np.bincount(places, each, levels) for each in rows.T], axis=1)


def posterior(levels: Levels, weights: Weights) -> dict[str, Floats]:
    """By relation, its chance given each pattern."""
    joint = log_joint(incidence(levels, weights), weights)
    density = np.exp(joint - joint.max(axis=1, keepdims=True))
    chances = density / density.sum(axis=1, keepdims=True)
    return {
        relation: chances[:, [c for c, name in enumerate(weights.classes) if name == relation]].sum(
            axis=1
        )
        for relation in dict.fromkeys(weights.classes)
    }


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one comparison says for a class against its rival, in bits."""

    comparison: str
    level: str
    bits: float


def evidence(pattern: Sequence[int], weights: Weights) -> tuple[str, str, tuple[Evidence, ...]]:
    """The likeliest class of a pair, its nearest rival, and what speaks for the one or the other.

    Bits are log2 of the ratio of both shares; the first line is the prior. They add up to log2 of
    the ratio of both chances.
    """
    joint = log_joint(incidence(np.array([pattern], np.int8), weights), weights)[0]
    first, rival = (int(c) for c in np.argsort(-joint, kind="stable")[:2])
    lines = [Evidence("prior", "", float(np.log2(weights.prior[first] / weights.prior[rival])))]
    for k, (compared, level) in enumerate(zip(weights.compared, pattern, strict=True)):
        if level == MISSING:
            lines.append(Evidence(compared.name, "missing", 0.0))
            continue
        ratio = weights.shares[first][k][level] / weights.shares[rival][k][level]
        lines.append(Evidence(compared.name, compared.levels[level], float(np.log2(ratio))))
    return weights.classes[first], weights.classes[rival], tuple(lines)
