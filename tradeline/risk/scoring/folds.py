"""Folds for honest prediction: stratified by outcome, whole groups, from a seed."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]


def stratified_folds(
    bad: NDArray[np.bool_],
    folds: int,
    generator: np.random.Generator,
    groups: ArrayLike | None = None,
) -> Ints:
    """The fold (0 to `folds` - 1) of each row; rows of one group share a fold.

    Groups are ordered by their bads, then size, ties by chance, and dealt out in turn, so that
    each fold has nearly the same number of bads.
    """
    if groups is None:
        member = np.arange(len(bad))
    else:
        member = np.unique(np.asarray(groups), return_inverse=True)[1]
    sizes = np.bincount(member)
    bads = np.bincount(member, bad.astype(np.float64))
    order = np.lexsort((generator.random(len(sizes)), -sizes, -bads))
    fold_of_group = np.empty(len(sizes), dtype=np.int64)
    fold_of_group[order] = np.arange(len(sizes)) % folds
    fold: Ints = fold_of_group[member]
    return fold
