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


@dataclass(frozen=True, slots=True)
class FactorCosts:
    """One factor by bin: points lost against its best (0 or less), and the step that gains some.

    `gain` is 0 where no step helps; `lost_code` and `step_code` name both in a record.
    """

    name: str
    lost: tuple[int, ...]
    gain: tuple[int, ...]
    lost_code: tuple[str, ...]
    step_code: tuple[str, ...]


def costs_of(card: Card, changeable: Collection[str]) -> tuple[FactorCosts, ...]:
    """The costs of each factor; only what a firm can change and others can verify has steps."""
    return tuple(_costs(factor, factor.name in changeable) for factor in card.factors)


def _costs(factor: Factor, changeable: bool) -> FactorCosts:
    lost = tuple(points - factor.best for points in factor.points)
    steps = [_step(factor, place) if changeable else None for place in range(len(factor.points))]
    return FactorCosts(
        factor.name,
        lost,
        tuple(step[0] if step else 0 for step in steps),
        tuple(f"factor:{factor.name}:{points}" if points < 0 else NOTHING for points in lost),
        tuple(f"{factor.name}:{step[1]}:{step[0]}" if step else NOTHING for step in steps),
    )


def _step(factor: Factor, place: int) -> tuple[int, int] | None:
    """Points gained in the next better bin, and that bin; None at the top and where missing."""
    if place == factor.binning.missing or not factor.binning.edges:
        return None
    last = len(factor.binning.edges)
    better = (
        range(place + 1, last + 1) if factor.binning.direction < 0 else range(place - 1, -1, -1)
    )
    gains = ((factor.points[other] - factor.points[place], other) for other in better)
    return next(((gain, other) for gain, other in gains if gain > 0), None)


def dearest(costs: Sequence[FactorCosts], bins: Sequence[int]) -> tuple[str, ...]:
    """The codes of the factors that cost one firm most, dearest first, at most four."""
    lost = sorted(
        (cost.lost[place], number)
        for number, (cost, place) in enumerate(zip(costs, bins, strict=True))
        if cost.lost[place] < 0
    )
    return tuple(costs[number].lost_code[bins[number]] for _, number in lost[:REASONS_MAX])


def steps(costs: Sequence[FactorCosts], bins: Sequence[int]) -> tuple[str, ...]:
    """The codes of the steps that gain one firm most, at most three."""
    gains = sorted(
        (-cost.gain[place], number)
        for number, (cost, place) in enumerate(zip(costs, bins, strict=True))
        if cost.gain[place] > 0
    )
    return tuple(costs[number].step_code[bins[number]] for _, number in gains[:CHANGES_MAX])


def dearest_columns(costs: Sequence[FactorCosts], bins: Ints) -> Codes:
    """`dearest` for each row of bins (rows, factors): codes (rows, 4), empty after the last."""
    return _ranked([c.lost for c in costs], [c.lost_code for c in costs], bins, REASONS_MAX)


def steps_columns(costs: Sequence[FactorCosts], bins: Ints) -> Codes:
    """`steps` for each row of bins (rows, factors): codes (rows, 3)."""
    falling = [tuple(-gain for gain in cost.gain) for cost in costs]
    return _ranked(falling, [c.step_code for c in costs], bins, CHANGES_MAX)


def _ranked(
    keys: Sequence[tuple[int, ...]], codes: Sequence[tuple[str, ...]], bins: Ints, most: int
) -> Codes:
    """The codes of the lowest keys below 0 of each row, ties by the factor's place."""
    rows, factors = bins.shape
    found = np.full((rows, most), NOTHING, dtype=object)
    if not factors:
        return found
    rank = np.empty((rows, factors), dtype=np.int64)
    for place, by_bin in enumerate(keys):
        rank[:, place] = np.array(by_bin, dtype=np.int64)[bins[:, place]] * factors + place
    taken = min(most, factors)
    lowest = np.sort(np.partition(rank, taken - 1, axis=1)[:, :taken], axis=1)
    code_at, starts = _flat(codes)
    for column in range(taken):
        place = lowest[:, column] % factors
        own = bins[np.arange(rows), place]
        found[:, column] = np.where(lowest[:, column] < 0, code_at[starts[place] + own], NOTHING)
    return found


def _flat(codes: Sequence[tuple[str, ...]]) -> tuple[Codes, Ints]:
    """All codes one after the other, and where those of each factor begin."""
    lengths = [len(by_bin) for by_bin in codes]
    flat = np.array([code for by_bin in codes for code in by_bin], dtype=object)
    return flat, np.concatenate([[0], np.cumsum(lengths[:-1])]).astype(np.int64)
