"""Folds share out the bads evenly and keep groups whole."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tradeline.risk.scoring.folds import stratified_folds


@given(st.integers(0, 10_000), st.integers(20, 200), st.integers(2, 7))
@settings(max_examples=60, deadline=None)
def test_each_fold_has_its_share_of_bads(seed: int, rows: int, folds: int) -> None:
    generator = np.random.default_rng(seed)
    bad = generator.random(rows) < 0.3
    fold = stratified_folds(bad, folds, generator)
    assert np.ptp(np.bincount(fold, minlength=folds)) <= 1
    assert np.ptp(np.bincount(fold, bad, minlength=folds)) <= 1


def test_a_group_is_never_split() -> None:
    generator = np.random.default_rng(1)
    groups = generator.integers(0, 30, 200)
    fold = stratified_folds(generator.random(200) < 0.2, 5, generator, groups)
    assert all(len(set(fold[groups == group])) == 1 for group in range(30))
    assert len(set(fold)) == 5


def test_the_same_seed_gives_the_same_folds() -> None:
    bad = np.arange(50) % 3 == 0
    first = stratified_folds(bad, 5, np.random.default_rng(8))
    assert (first == stratified_folds(bad, 5, np.random.default_rng(8))).all()
