"""Duplicates: whatever chains of links join is one, and as sure as the weakest link."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tradeline.creditfile.linkage.tables.chains import closed

RECORDS = 7
THRESHOLD = 0.5
Links = dict[tuple[int, int], float]
links = st.dictionaries(
    st.sampled_from(list(combinations(range(RECORDS), 2))), st.floats(0.5, 0.99), min_size=1
)


def closed_links(found: Links) -> Links:
    keys = sorted(found)
    pairs = np.array(keys, np.int64).T
    made, chances = closed(pairs, np.array([found[key] for key in keys]), RECORDS, THRESHOLD)
    return dict(zip(map(tuple, made.T.tolist()), chances.tolist(), strict=True))


def widest(found: Links) -> Links:
    """The weakest link of the best chain between any two records, by relaxation."""
    best = np.zeros((RECORDS, RECORDS))
    for (a, b), chance in found.items():
        best[a, b] = best[b, a] = chance
    for k in range(RECORDS):
        best = np.maximum(best, np.minimum(best[:, k][:, None], best[k][None, :]))
    return {(a, b): float(best[a, b]) for a, b in combinations(range(RECORDS), 2) if best[a, b] > 0}


@given(links)
def test_chains_are_closed_by_their_weakest_link(found: Links) -> None:
    assert closed_links(found) == widest(found)


def test_a_weak_link_that_much_speaks_against_is_cut() -> None:
    found = {(0, 1): 0.99, (2, 3): 0.99, (1, 2): 0.55, (0, 2): 0.01, (0, 3): 0.01, (1, 3): 0.01}
    assert set(closed_links(found)) == {(0, 1), (2, 3)}
