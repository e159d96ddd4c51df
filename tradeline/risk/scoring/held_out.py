"""Rows on which a challenger's growth is stopped: rows that it did not learn from."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tradeline.risk.scoring.folds import stratified_folds
from tradeline.risk.scoring.thinning import ENOUGH_ROWS

Flags = NDArray[np.bool_]

PARTS = 5


def held_out_parts(
    bad: Flags, seed: int, groups: ArrayLike | None = None, times: ArrayLike | None = None
) -> list[Flags]:
    """Which rows are held out in turn; none where either class has too few.

    With `times`, once the latest fifth; else whole groups, stratified, each fifth in turn, and only
    the first fifth of very many rows.
    """
    if times is not None:
        moments = np.asarray(times)
        parts = [moments > np.sort(moments)[len(moments) * (PARTS - 1) // PARTS - 1]]
    else:
        folds = min(PARTS, int(bad.sum()), int((~bad).sum()))
        fold = stratified_folds(bad, max(folds, 1), np.random.default_rng(seed), groups)
        parts = [fold == number for number in range(folds if len(bad) <= ENOUGH_ROWS else 1)]
    return [part for part in parts if _both(bad[part]) and _both(bad[~part])]


def _both(bad: Flags) -> bool:
    return bool(bad.any() and not bad.all())
