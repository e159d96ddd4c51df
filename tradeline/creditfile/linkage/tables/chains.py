"""Duplicates within one table: what is linked to the same is the same."""

import numpy as np

from tradeline.creditfile.linkage.clusters import Pairs, find_clusters
from tradeline.creditfile.linkage.tables.vectors import Floats, Places

BITS_MAX = 60.0
LARGEST = 200


def closed(pairs: Places, chances: Floats, records: int, threshold: float) -> tuple[Places, Floats]:
    """All pairs (2, n) of records of one cluster, and their chances.

    Links that most of a cluster speaks against are cut. A pair's chance is its own, or that of the
    weakest link of the best chain between both, if that is greater. A pair that was cut is not
    among them.
    """
    labels = _labels(pairs, chances, records, threshold)
    linked = (chances >= threshold) & (labels[pairs[0]] == labels[pairs[1]])
    made, strengths = _chained(pairs[:, linked], chances[linked])
    keys, own = pairs[0] * records + pairs[1], chances
    place = np.minimum(np.searchsorted(keys, made[0] * records + made[1]), len(keys) - 1)
    found = keys[place] == made[0] * records + made[1]
    strengths = np.where(found, np.maximum(strengths, own[place]), strengths)
    return made, strengths


def _labels(pairs: Places, chances: Floats, records: int, threshold: float) -> Places:
    odds = np.log2(np.maximum(chances, 1e-300)) - np.log2(np.maximum(1 - chances, 1e-300))
    bits = np.rint(np.clip(odds, -BITS_MAX, BITS_MAX) * 1000).astype(np.int64)
    labels: Places = find_clusters(
        records, Pairs(pairs[0], pairs[1], bits, chances >= threshold), {}
    )
    return labels


def _chained(pairs: Places, chances: Floats) -> tuple[Places, Floats]:
    """Pairs that chains of links join, sorted, each with the weakest link of its best chain.

    Links are taken from the strongest on; whatever one joins for the first time, it is the weakest
    of. What grows beyond `LARGEST` records is hardly one thing: there the link alone is given.
    """
    group = {record: [record] for record in np.unique(pairs).tolist()}
    lefts: list[int] = []
    rights: list[int] = []
    weakest: list[float] = []
    order = np.lexsort((pairs[1], pairs[0], -chances))
    for place in order.tolist():
        one, other = group[int(pairs[0, place])], group[int(pairs[1, place])]
        if one is other:
            continue
        if len(one) + len(other) <= LARGEST:
            made = [(a, b) for a in one for b in other]
        else:
            made = [(int(pairs[0, place]), int(pairs[1, place]))]
        lefts += [min(pair) for pair in made]
        rights += [max(pair) for pair in made]
        weakest += [float(chances[place])] * len(made)
        one += other
        for record in other:
            group[record] = one
    found = np.array([lefts, rights], np.int64).reshape(2, -1)
    sorting = np.lexsort((found[1], found[0]))
    return found[:, sorting], np.array(weakest, np.float64)[sorting]
