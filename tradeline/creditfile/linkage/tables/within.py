"""What is alike within each table: what a record would find if its counterpart were not there.

Two records of a table that has each thing once are two things, so the best that a record finds in
its own table is what one without a counterpart would take for its best in the other. Where no more
is alike between the tables than within them, nothing shows that they share anything.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradeline.creditfile.linkage.tables.comparisons import Agreement
from tradeline.creditfile.linkage.tables.starts import Patterns
from tradeline.creditfile.linkage.tables.vectors import Floats, Places

FEWEST = 50
"""Records of each table that are needed to say that nothing is shared."""
NOWHERE = -100.0
"""The score of the best of a record that was compared with none."""


TIMES, MORE = 3.0, 5.0
"""Tables share something if so many times as many records find so much in the other table as in
their own, to which latter some are added, for few make the best of luck;"""
SHARE = 1 / 3
"""or if such a share more of the records find it in the other table than in their own;"""
BOTH = 0.4
"""or if such a share more do, both sides added up. Where one table has gaps, two of its records
have them twice, and one of each table but once: that shifts one side up and the other down."""
LIKELY = (2.0, 2.0)
"""The same two numbers as `TIMES` and `MORE`, from where on a pair is likely enough to teach."""


@dataclass(frozen=True, slots=True)
class Within:
    """Pairs (2, n) of the nearest records of one table, compared as those between the tables."""

    pairs: Places
    patterns: Patterns
    random: tuple[Agreement, ...]
    fine: Floats
    rows: int

    def bests(self, scores: Floats) -> Floats:
        """The score of the best pair of each record."""
        left, right = (bests_of(scores, records, self.rows) for records in self.pairs)
        return np.maximum(left, right)

    def mutual(self, scores: Floats) -> Floats:
        """The scores of pairs that are the best of both their records."""
        best = self.bests(scores)
        found: Floats = scores[(scores >= best[self.pairs[0]]) & (scores >= best[self.pairs[1]])]
        return found


def bests_of(scores: Floats, records: Places, rows: int) -> Floats:
    """The highest score of the pairs of each record."""
    top = np.full(rows, NOWHERE)
    np.maximum.at(top, records, scores)
    return top


def is_shared(between: Sequence[Floats], within: Sequence[Floats]) -> bool:
    """Whether anything shows that two tables tell of the same things.

    `between` are by side the bests of its records in the other table, `within` those in their own.
    Of both sides the one counts that shows more: a table may have things several times.
    """
    more = []
    for side in (0, 1):
        _, ours, theirs = _counted(between[side], within[1 - side])
        decoys = len(within[1 - side])
        shares = ours / len(between[side])
        if np.any(shares >= TIMES * (theirs + MORE) / decoys):
            return True
        more.append(float((shares - theirs / decoys).max(initial=-1.0)))
    return max(more) >= SHARE or sum(more) >= BOTH


def likely_from(between: Sequence[Floats], within: Sequence[Floats]) -> float:
    """The lowest score from which on twice as many find it in the other table as in their own.

    No score at all (minus infinity) where there is none.
    """
    times, more = LIKELY
    lowest = np.inf
    for side in (0, 1):
        scores, ours, theirs = _counted(between[side], within[1 - side])
        decoys = len(within[1 - side])
        exceeding = ours / len(between[side]) >= times * (theirs + more) / decoys
        lowest = min(lowest, float(scores[exceeding].min(initial=np.inf)))
    return lowest if np.isfinite(lowest) else -np.inf


def _counted(found: Floats, decoys: Floats) -> tuple[Floats, Places, Places]:
    """All scores that are found, and how many of each reach them."""
    scores = np.unique(found[found > NOWHERE])
    ours = len(found) - np.searchsorted(np.sort(found), scores)
    return scores, ours, len(decoys) - np.searchsorted(np.sort(decoys), scores)
