"""Weights are found again, chances are those of a plain sum, and evidence adds up to them."""

from dataclasses import replace
from math import log2, prod

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import default_rng

from tradeline.creditfile.linkage.mixture import (
    AFFILIATED,
    MISSING,
    SAME,
    UNRELATED,
    Compared,
    Counts,
    Weights,
    evidence,
    fit,
    guess,
    in_order,
    posterior,
)

COMPARED = tuple(Compared(name, ("different", "similar", "equal")) for name in "abcdef")
TRUTH = Weights(
    (SAME, AFFILIATED, UNRELATED),
    COMPARED,
    (0.2, 0.1, 0.7),
    (
        ((0.03, 0.07, 0.9),) * 6,
        (*((0.05, 0.05, 0.9),) * 3, *((0.7, 0.2, 0.1),) * 3),
        ((0.85, 0.1, 0.05),) * 6,
    ),
)
START = guess(
    COMPARED,
    (
        (SAME, 0.3, [0.9] * 6),
        (AFFILIATED, 0.3, [0.9] * 3 + [0.2] * 3),
        (UNRELATED, 0.4, [0.1] * 6),
    ),
)


def drawn(pairs: int, known: float = 0.0) -> Counts:
    """Patterns drawn from the truth, a tenth of the levels missing; some relations are known."""
    rng = default_rng(5)
    classes = rng.choice(3, pairs, p=TRUTH.prior)
    levels = np.empty((pairs, 6), np.int8)
    for k in range(6):
        edges = np.cumsum([row[k] for row in TRUTH.shares], axis=1)[classes]
        levels[:, k] = (rng.random(pairs)[:, None] > edges).sum(axis=1)
    levels[rng.random(levels.shape) < 0.1] = MISSING
    told = rng.random(pairs) < known
    facts = np.stack([np.ones(pairs), told & (classes == 0), told & (classes > 0)], axis=1)
    patterns, where = np.unique(levels, axis=0, return_inverse=True)
    seen, same, apart = (
        np.bincount(where.ravel(), column, len(patterns)).astype(float) for column in facts.T
    )
    return Counts(patterns, seen, same, apart)


@pytest.mark.parametrize("known", [0.0, 0.3])
def test_the_weights_behind_patterns_are_found_again(known: float) -> None:
    found = fit(drawn(60_000, known), START)
    assert np.allclose(found.prior, TRUTH.prior, atol=0.01)
    assert np.allclose(np.array(found.shares), np.array(TRUTH.shares), atol=0.03)


def test_shares_that_are_fixed_stay() -> None:
    found = fit(drawn(5_000), START, fixed=[UNRELATED])
    assert found.shares[2] == START.shares[2]
    assert found.shares[0] != START.shares[0]


def test_without_pairs_the_start_stands() -> None:
    none = np.zeros(0)
    found = fit(Counts(np.zeros((0, 6), np.int8), none, none, none), START)
    assert np.allclose(np.array(found.shares), np.array(START.shares))


def test_a_known_relation_outweighs_a_likely_one() -> None:
    levels = np.array([[2] * 6, [0] * 6], np.int8)
    pairs = np.array([100.0, 100.0])
    unknown = fit(Counts(levels, pairs, np.zeros(2), np.zeros(2)), START)
    apart = fit(Counts(levels, pairs, np.zeros(2), np.array([100.0, 0.0])), START)
    assert unknown.prior[0] == pytest.approx(0.5, abs=0.01)
    assert apart.prior[0] < 0.02


levels = st.lists(st.integers(MISSING, 2), min_size=6, max_size=6)


@given(levels)
def test_a_chance_is_the_share_of_a_relation_among_all_that_explain_a_pattern(
    pattern: list[int],
) -> None:
    weights = replace(TRUTH, classes=(SAME, AFFILIATED, AFFILIATED))
    densities = [
        prior * prod(row[k][v] for k, v in enumerate(pattern) if v != MISSING)
        for prior, row in zip(weights.prior, weights.shares, strict=True)
    ]
    found = posterior(np.array([pattern], np.int8), weights)
    assert list(found) == [SAME, AFFILIATED]
    assert found[SAME][0] == pytest.approx(densities[0] / sum(densities))
    assert found[AFFILIATED][0] == pytest.approx(sum(densities[1:]) / sum(densities))


@given(levels)
def test_evidence_adds_up_to_the_odds_against_the_nearest_rival(pattern: list[int]) -> None:
    first, rival, lines = evidence(pattern, TRUTH)
    chances = posterior(np.array([pattern], np.int8), TRUTH)
    assert sum(line.bits for line in lines) == pytest.approx(
        log2(chances[first][0] / chances[rival][0])
    )
    assert chances[first][0] == max(chance[0] for chance in chances.values())
    silent = [line.bits for line in lines if line.level == "missing"]
    assert silent == [0.0] * pattern.count(MISSING)


shares = st.lists(st.floats(0.01, 1), min_size=3, max_size=3).map(
    lambda raw: tuple(value / sum(raw) for value in raw)
)


@given(shares, shares)
def test_a_higher_level_never_speaks_less_for_the_same(
    same: tuple[float, ...], unrelated: tuple[float, ...]
) -> None:
    weights = Weights((SAME, UNRELATED), COMPARED[:1], (0.5, 0.5), ((same,), (unrelated,)))
    ordered = in_order(weights)
    m, u = np.array(ordered.shares)[:, 0]
    assert (np.diff(m / u) >= -1e-9).all()
    assert np.allclose([m.sum(), u.sum()], 1)
    if (np.diff(np.array(same) / np.array(unrelated)) >= 0).all():
        assert np.allclose(np.array(ordered.shares), np.array(weights.shares))
