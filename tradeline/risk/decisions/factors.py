"""What each bin of a scorecard's factors costs, and how a firm would leave it, in codes.

One firm and a table of firms look the same codes up, so that their reasons are equal.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tradeline.risk.scoring.card import Card, Factor

Ints = NDArray[np.int64]
Codes = NDArray[np.object_]
REASONS_MAX = 4
CHANGES_MAX = 3
NOTHING = ""
# More than any step gains.
ENOUGH = 2**40
# What no points reach.
NO_STEP = -1


@dataclass(frozen=True, slots=True)
class FactorCosts:
    """One factor by bin: points lost against its best (0 or less), and the steps that gain some.

    A step is the points that it gains and its code; those of a bin rise by what they gain.
    `lost_code` names what is lost in a record.
    """

    name: str
    lost: tuple[int, ...]
    lost_code: tuple[str, ...]
    steps: tuple[tuple[tuple[int, str], ...], ...]


def costs_of(card: Card, changeable: Collection[str]) -> tuple[FactorCosts, ...]:
    """The costs of each factor; only what a firm can change and others can verify has steps.

    What stands in a pair has none: a change of it would move the points of the pair too.
    """
    paired = {name for factor in card.factors if factor.binning.cross for name in factor.columns}
    alone = set(changeable) - paired
    return tuple(_costs(factor, factor.name in alone) for factor in card.factors)


def _costs(factor: Factor, changeable: bool) -> FactorCosts:
    lost = tuple(points - factor.best for points in factor.points)
    return FactorCosts(
        factor.name,
        lost,
        tuple(f"factor:{factor.name}:{points}" if points < 0 else NOTHING for points in lost),
        tuple(_steps(factor, place) if changeable else () for place in range(len(lost))),
    )


def _steps(factor: Factor, place: int) -> tuple[tuple[int, str], ...]:
    """Out of a bin to the nearest ones that gain more and more; none at the top and if missing."""
    if place == factor.binning.missing or not factor.binning.edges:
        return ()
    found = []
    for way in (range(place + 1, len(factor.points) - 1), range(place - 1, -1, -1)):
        most = 0
        for other in way:
            gain = factor.points[other] - factor.points[place]
            if gain > most:
                most = gain
                found.append((gain, abs(other - place), other))
    return tuple((gain, f"{factor.name}:{other}:{gain}") for gain, _, other in sorted(found))


def dearest(costs: Sequence[FactorCosts], bins: Sequence[int]) -> tuple[str, ...]:
    """The codes of the factors that cost one firm most, dearest first, at most four."""
    lost = [cost.lost[place] for cost, place in zip(costs, bins, strict=True)]
    by_loss = sorted([(points, number) for number, points in enumerate(lost) if points < 0])
    return tuple([costs[number].lost_code[bins[number]] for _, number in by_loss[:REASONS_MAX]])


def steps(costs: Sequence[FactorCosts], bins: Sequence[int], lacking: int) -> tuple[str, ...]:
    """The codes of one step for each of at most three factors of one firm.

    `lacking` are the points up to the next score at which anything changes. Of each factor the
    least step that gains them counts, else the greatest; first those that do, the least before.
    """
    chosen = []
    for number, (cost, place) in enumerate(zip(costs, bins, strict=True)):
        of_bin = cost.steps[place]
        if of_bin:
            gain, code = next((step for step in of_bin if step[0] >= lacking), of_bin[-1])
            chosen.append((_order(gain, lacking), number, code))
    return tuple(code for _, _, code in sorted(chosen)[:CHANGES_MAX])


def _order(gain: int, lacking: int) -> int:
    """Less for what is told before: what gains enough by little, then what gains much."""
    return gain - ENOUGH if gain >= lacking else -gain


def dearest_columns(costs: Sequence[FactorCosts], bins: Ints) -> Codes:
    """`dearest` for each row of bins (rows, factors): codes (rows, 4), empty after the last."""
    keys, codes = [c.lost for c in costs], [c.lost_code for c in costs]
    order = _by_factor([np.array(key, dtype=np.int64) for key in keys], bins)
    return _ranked(order, codes, bins, REASONS_MAX)


def steps_columns(costs: Sequence[FactorCosts], bins: Ints, lacking: Ints) -> Codes:
    """`steps` for each row of bins (rows, factors) and what it lacks (rows,): codes (rows, 3)."""
    rows, factors = bins.shape
    order = np.zeros((rows, factors), dtype=np.int64)
    place = np.zeros((rows, factors), dtype=np.int64)
    flat = [tuple(code for of_bin in cost.steps for _, code in of_bin) or (NOTHING,)
            for cost in costs]  # fmt: skip
    for number, cost in enumerate(costs):
        if any(cost.steps):
            order[:, number], place[:, number] = _chosen(cost, bins[:, number], lacking)
    return _ranked(order, flat, place, CHANGES_MAX)


def _chosen(cost: FactorCosts, bins: Ints, lacking: Ints) -> tuple[Ints, Ints]:
    """The order of the step that each row is told, and its place among all of the factor."""
    counts = np.array([len(of_bin) for of_bin in cost.steps], dtype=np.int64)
    gains = np.full((len(counts), max(counts)), NO_STEP, dtype=np.int64)
    for bin_place, of_bin in enumerate(cost.steps):
        gains[bin_place, : len(of_bin)] = [gain for gain, _ in of_bin]
    of_row = gains[bins]
    enough = of_row >= lacking[:, None]
    last = np.maximum(counts[bins] - 1, 0)
    step = np.where(enough.any(axis=1), enough.argmax(axis=1), last)
    gain = of_row[np.arange(len(bins)), step]
    order = np.where(gain >= lacking, gain - ENOUGH, -gain)
    starts = np.concatenate([[0], np.cumsum(counts[:-1])])
    has = counts[bins] > 0
    return np.where(has, order, 0), np.where(has, starts[bins] + step, 0)


def _by_factor(keys: Sequence[Ints], bins: Ints) -> Ints:
    """The key of each row's bin (rows, factors)."""
    found = np.empty(bins.shape, dtype=np.int64)
    for place, by_bin in enumerate(keys):
        found[:, place] = by_bin[bins[:, place]]
    return found


def _ranked(order: Ints, codes: Sequence[tuple[str, ...]], places: Ints, most: int) -> Codes:
    """Of each row the codes of the lowest orders below 0, ties by the factor; the rest empty.

    `places` say which code of each factor is meant.
    """
    rows, factors = order.shape
    found = np.full((rows, most), NOTHING, dtype=object)
    if not factors:
        return found
    rank = order * factors + np.arange(factors)
    taken = min(most, factors)
    lowest = np.sort(np.partition(rank, taken - 1, axis=1)[:, :taken], axis=1)
    code_at, starts = _flat(codes)
    for column in range(taken):
        place = lowest[:, column] % factors
        own = places[np.arange(rows), place]
        found[:, column] = np.where(lowest[:, column] < 0, code_at[starts[place] + own], NOTHING)
    return found


def _flat(codes: Sequence[tuple[str, ...]]) -> tuple[Codes, Ints]:
    """All codes one after the other, and where those of each factor begin."""
    lengths = [len(by_bin) for by_bin in codes]
    flat = np.array([code for by_bin in codes for code in by_bin], dtype=object)
    return flat, np.concatenate([[0], np.cumsum(lengths[:-1])]).astype(np.int64)
