"""Rivals leave each other less: marginals of matchings, held to an enumeration of all of them."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tradeline.creditfile.linkage.tables.competition import Once, found_out, matched

ONCE = Once(True, True)


def enumerated(odds: list[float], pairs: list[tuple[int, int]], once: Once) -> list[float]:
    """The chance of each pair over all sets of pairs in which no record has two counterparts."""
    whole, sums = 0.0, [0.0] * len(pairs)
    for size in range(len(pairs) + 1):
        for chosen in combinations(range(len(pairs)), size):
            lefts = [pairs[k][0] for k in chosen]
            rights = [pairs[k][1] for k in chosen]
            if (once.left and len(set(lefts)) < size) or (once.right and len(set(rights)) < size):
                continue
            weight = float(np.prod([odds[k] for k in chosen]))
            whole += weight
            for k in chosen:
                sums[k] += weight
    return [one / whole for one in sums]


def places(pairs: list[tuple[int, int]]) -> NDArray[np.int64]:
    return np.array(pairs, np.int64).T


CHAINS = [[(0, 0)], [(0, 0), (0, 1)], [(0, 0), (0, 1), (1, 1)], [(0, 0), (1, 0), (1, 1), (2, 1)]]


@pytest.mark.parametrize("once", [ONCE, Once(True, False), Once(False, True), Once(False, False)])
@given(odds=st.lists(st.floats(0.01, 100), min_size=4, max_size=4))
def test_chances_are_those_of_all_matchings_where_pairs_form_no_cycle(
    once: Once, odds: list[float]
) -> None:
    for pairs in CHAINS:
        some = odds[: len(pairs)]
        found = matched(np.array(some), places(pairs), once)
        assert found == pytest.approx(enumerated(some, pairs, once), abs=0.02)


@pytest.mark.parametrize("seed", range(20))
def test_no_record_is_promised_more_than_once(seed: int) -> None:
    pairs = places([(i, j) for i in range(3) for j in range(3)])
    odds = np.exp(np.random.default_rng(seed).uniform(-7, 7, 9))
    found = matched(odds, pairs, ONCE)
    for side in (0, 1):
        assert (np.bincount(pairs[side], found) <= 1.05).all()


def test_twins_share_a_chance() -> None:
    found = matched(np.array([1e6, 1e6]), places([(0, 0), (0, 1)]), ONCE)
    assert found == pytest.approx([0.5, 0.5], abs=0.01)


def test_how_many_counterparts_records_have_is_found_out() -> None:
    single = places([(n, n) for n in range(50)] + [(n, (n + 1) % 50) for n in range(50)])
    assert found_out(np.r_[np.full(50, 20.0), np.full(50, 3.0)], single) == Once(True, True)
    several = places([(n // 2, n) for n in range(100)])
    assert found_out(np.full(100, 20.0), several) == Once(False, True)
    crossed = places([(2 * n + i, 2 * n + j) for n in range(50) for i in (0, 1) for j in (0, 1)])
    assert found_out(np.full(200, 20.0), crossed) == Once(False, False)
