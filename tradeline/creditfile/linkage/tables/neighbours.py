"""Which records to compare: nearest neighbours both ways, and all that share a rare value."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tradeline.creditfile.linkage.tables.vectors import Places

WORK = 400_000_000
"""Products of a search in all; parts that most records have are left out of it to keep to it."""
CHUNK = 20_000_000
"""Cells of a chunk of a search, were all of them filled."""
BLOCK = 50
"""Up to how many pairs records of one value are all compared."""


def neighbours(left: Any, right: Any, count: int, itself: bool, work: float = WORK) -> Places:
    """Pairs (2, n) of each row of `left` with its `count` nearest in `right`, and the other way.

    Of a table with `itself`, each pair once, the earlier row first. Sorted. Parts that most records
    have are left out, so that no more than `work` products are made.
    """
    left, right = _bounded(left, right, work)
    pairs = _nearest(left, right, count + itself)
    if not itself:
        pairs = np.hstack([pairs, _nearest(right, left, count)[::-1]])
    return distinct(pairs, itself)


def distinct(pairs: Places, itself: bool) -> Places:
    """Each pair once, sorted; of a table with itself the earlier row first and none twice in it."""
    if itself:
        pairs = np.sort(pairs, axis=0)
        pairs = pairs[:, pairs[0] < pairs[1]]
    width = int(pairs[1].max()) + 1 if pairs.size else 1
    keys = np.unique(pairs[0] * width + pairs[1])
    return np.stack([keys // width, keys % width])


def _bounded(left: Any, right: Any, work: float) -> tuple[Any, Any]:
    """Both matrices without the parts that cost most, so that all products stay within `work`."""
    cost = np.diff(left.tocsc().indptr).astype(np.float64) * np.diff(right.tocsc().indptr)
    order = np.argsort(cost, kind="stable")
    kept = np.sort(order[np.cumsum(cost[order]) <= work])
    return left[:, kept].tocsr(), right[:, kept].tocsr()


def _nearest(left: Any, right: Any, count: int) -> Places:
    """The `count` columns of the greatest products of each row, in chunks of bounded size."""
    other = right.T.tocsr()
    rows = max(CHUNK // max(right.shape[0], 1), 1)
    parts = [
        _best((left[first : first + rows] @ other).tocsr(), count, first)
        for first in range(0, left.shape[0], rows)
    ]
    return np.hstack([np.empty((2, 0), np.int64), *parts])


def _best(products: Any, count: int, offset: int) -> Places:
    """The greatest of each row."""
    found, edges = [], products.indptr.tolist()
    for first, last in pairwise(edges):
        part = products.data[first:last]
        if last - first > count:
            found.append(first + np.argpartition(part, -count)[-count:])
        else:
            found.append(np.arange(first, last))
    chosen = np.concatenate(found) if found else np.empty(0, np.int64)
    rows = np.repeat(np.arange(len(found)), [len(part) for part in found])
    return np.stack([rows + offset, products.indices[chosen].astype(np.int64)])


def sharing(left: Sequence[NDArray[np.int64]], right: Sequence[NDArray[np.int64]]) -> Places:
    """Pairs (2, n) of rows that have a rare value in common; a side is rows and their values."""
    size = int(max(part.max(initial=0) for part in (left[1], right[1]))) + 1
    first = _holders(left, size)
    second = _holders(right, size)
    cost = np.diff(first.tocsc().indptr) * np.diff(second.tocsc().indptr)
    rare = np.flatnonzero((cost > 0) & (cost <= BLOCK))
    met = (first[:, rare] @ second[:, rare].T).tocoo()
    return np.stack([met.row.astype(np.int64), met.col.astype(np.int64)])


def _holders(side: Sequence[NDArray[np.int64]], size: int) -> Any:
    rows, values = side
    shape = (int(rows.max(initial=-1)) + 1, size)
    return sparse.csr_matrix((np.ones(len(rows)), (rows, values)), shape=shape)
