"""Candidates: the nearest both ways, each pair once."""

import numpy as np
import pytest
from scipy import sparse

from tradeline.creditfile.linkage.tables.neighbours import neighbours, sharing
from tradeline.creditfile.linkage.tables.vectors import Floats


def nearest_by_hand(left: Floats, right: Floats, count: int) -> set[tuple[int, int]]:
    products = left @ right.T
    found: set[tuple[int, int]] = set()
    for i, row in enumerate(products):
        found |= {(i, int(j)) for j in np.argsort(-row)[:count] if row[j] > 0}
    for j, column in enumerate(products.T):
        found |= {(int(i), j) for i in np.argsort(-column)[:count] if column[i] > 0}
    return found


@pytest.mark.parametrize("count", [1, 3])
def test_the_nearest_are_found_both_ways(count: int) -> None:
    rng = np.random.default_rng(7)
    sides = [rng.random((rows, 12)) * (rng.random((rows, 12)) < 0.5) for rows in (20, 30)]
    left, right = map(sparse.csr_matrix, sides)
    found = neighbours(left, right, count, itself=False)
    assert set(map(tuple, found.T.tolist())) == nearest_by_hand(sides[0], sides[1], count)


def test_a_table_with_itself_gives_each_pair_once() -> None:
    rng = np.random.default_rng(8)
    one = sparse.csr_matrix(rng.random((15, 6)))
    found = neighbours(one, one, 4, itself=True)
    assert (found[0] < found[1]).all()
    assert len(set(map(tuple, found.T.tolist()))) == found.shape[1] >= 15 * 4 / 2


def test_work_is_bounded_by_leaving_out_what_most_records_have() -> None:
    common = np.hstack([np.ones((40, 1)), np.eye(40)])
    one = sparse.csr_matrix(common)
    found = neighbours(one, one, 5, itself=False, work=100)
    assert set(map(tuple, found.T.tolist())) == {(n, n) for n in range(40)}


def test_records_that_share_a_rare_value_meet() -> None:
    left = (np.array([0, 1, 2]), np.array([5, 6, 6]))
    right = (np.array([0, 3]), np.array([6, 7]))
    assert set(map(tuple, sharing(left, right).T.tolist())) == {(1, 0), (2, 0)}
