"""Decoys say which winners to trust: held against made scores whose truth is known."""

import numpy as np
import pytest
from scipy.special import expit

from tradeline.creditfile.linkage.mixture import Compared
from tradeline.creditfile.linkage.tables.calibration import Scored, calibrated
from tradeline.creditfile.linkage.tables.competition import Once, best_of
from tradeline.creditfile.linkage.tables.starts import Patterns
from tradeline.creditfile.linkage.tables.vectors import Floats, Places
from tradeline.creditfile.linkage.tables.within import Within

ROWS = 400
NEAR = 6
NO_PATTERNS = Patterns((Compared("name", ("different", "equal")),), np.zeros((1, 1), np.int8),
                       np.zeros(0, np.int64))  # fmt: skip


def chance_pairs(rng: np.random.Generator) -> tuple[Places, Floats]:
    """Pairs of different things: each record with some others, hardly any of them alike."""
    left = np.repeat(np.arange(ROWS), NEAR)
    right = (left + rng.integers(1, ROWS, len(left))) % ROWS
    return np.stack([left, right]), rng.gumbel(0, 2, len(left))


def beside(rng: np.random.Generator) -> Scored:
    pairs, scores = chance_pairs(rng)
    return Scored(Within(pairs, NO_PATTERNS, (), scores, ROWS), scores)


@pytest.mark.parametrize("once", [Once(True, True), Once(False, True)])
@pytest.mark.parametrize("matched", [100, 300])
def test_winners_beyond_what_decoys_reach_are_sure_and_others_are_not(
    once: Once, matched: int
) -> None:
    rng = np.random.default_rng(matched)
    pairs, scores = chance_pairs(rng)
    same = np.stack([np.arange(matched), np.arange(matched)])
    pairs = np.hstack([same, pairs])
    scores = np.concatenate([rng.normal(13, 1.5, matched), scores])
    model = expit(scores - 8)
    neighbours = (beside(rng), beside(rng))
    told = expit(calibrated(scores, model, pairs, once, (ROWS, ROWS), neighbours))
    winners = best_of(scores, pairs[1])
    if once.left:
        winners &= best_of(scores, pairs[0])
    right, wrong = winners[:matched], winners[matched:]
    assert told[:matched][right].mean() > 0.75
    assert told[:matched][right].mean() - told[matched:][wrong].mean() > 0.4
