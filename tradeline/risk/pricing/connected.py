"""Connected clients choose together: the best options of few firms within one small cap, exactly.

Sums of options are built up firm by firm, and only undominated ones are kept (Nemhauser and Ullmann
1969, Discrete dynamic programming and capital allocation).
"""

import numpy as np

from tradeline.risk.pricing.knapsack import undominated
from tradeline.risk.pricing.portfolio import NONE, CapKind, Grid, Ints


def choose_together(grid: Grid, kind: CapKind, worth: Ints) -> Ints:
    """The place of the option of each firm under a cap of the kind (firms,), `NONE` for none.

    `worth` (options of a firm, firms) is what each option is worth; the sum over the firms of a cap
    is the greatest there is. Of equal sums that of least use stands.
    """
    chosen = np.full(len(kind.place), NONE)
    members = np.flatnonzero(kind.place != NONE)
    members = members[np.argsort(kind.place[members], kind="stable")]
    edges = np.flatnonzero(np.diff(kind.place[members])) + 1
    for firms in np.split(members, edges) if members.size else ():
        cap = int(kind.caps[kind.place[firms[0]]])
        chosen[firms] = _best(grid.uses[kind.measure][:, firms], worth[:, firms], cap)
    return chosen


def _best(use: Ints, worth: Ints, cap: int) -> Ints:
    """The places of the options of some firms (firms,) that are worth most within the cap."""
    used, reached = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64)
    trail = list[tuple[Ints, Ints]]()
    for firm in range(use.shape[1]):
        places = np.flatnonzero(worth[:, firm] > 0)
        more_use, more_worth = np.append(0, use[places, firm]), np.append(0, worth[places, firm])
        kept = undominated(more_use, more_worth)
        options = np.append(NONE, places)[kept]
        sums = (used[:, None] + more_use[kept]).ravel()
        worths = (reached[:, None] + more_worth[kept]).ravel()
        fits = np.flatnonzero(sums <= cap)
        fits = fits[undominated(sums[fits], worths[fits])]
        before, option = np.divmod(fits, len(kept))
        trail.append((before, options[option]))
        used, reached = sums[fits], worths[fits]
    return _traced(trail, len(reached) - 1)


def _traced(trail: list[tuple[Ints, Ints]], place: int) -> Ints:
    """The option of each firm that made up a sum."""
    found = []
    for before, option in reversed(trail):
        found.append(int(option[place]))
        place = int(before[place])
    return np.array(found[::-1], dtype=np.int64)
