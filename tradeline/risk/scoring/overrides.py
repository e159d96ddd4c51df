"""What an analyst decides over the data, kept as data: who, why, and to which bins of a card.

An override works inside every fold as in the last fit; one that cannot apply is refused, never
dropped. `override_files` reads them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

import numpy as np

from tradeline.kernel.findings import Finding, Severity
from tradeline.risk.scoring.binning import BinLimits, Binning, Buckets, Tally, cut_at
from tradeline.risk.scoring.categories import regroup


class Action(StrEnum):
    """What is done to a feature."""

    MERGE = "merge"
    SPLIT = "split"
    PIN_POINTS = "pin_points"
    PIN_WOE = "pin_woe"
    FORBID = "forbid"
    DIRECTION = "direction"


@dataclass(frozen=True, slots=True)
class Override:
    """One decision on one feature, by whom and why.

    `at` are the values it speaks of: edges to split at (of a category: levels to set apart), two
    numbers between which bins are merged (levels whose groups are), the value whose bin is pinned
    (None: the missing). `value` are the points or weight of evidence pinned, or the direction.
    """

    feature: str
    action: Action
    who: str
    why: str
    at: tuple[float | str | None, ...] = ()
    value: float | None = None
    breaks_monotony: bool = False


# What binds a model of any kind; the rest speaks of the bins of a card.
OF_EVERY_KIND = (Action.FORBID, Action.DIRECTION)


def forced_directions(names: Sequence[str], overrides: Sequence[Override]) -> tuple[int, ...]:
    """The direction that is stated for each name, 0 where none is."""
    stated = {o.feature: o.value for o in overrides if o.action is Action.DIRECTION}
    return tuple(int(stated.get(name) or 0) for name in names)


def check_overrides(
    overrides: Sequence[Override], features: Mapping[str, tuple[str, ...] | tuple[float, float]]
) -> list[Finding]:
    """What cannot apply to the features: their levels, or the least and greatest value seen."""
    return [
        _finding(override.feature, *why)
        for override in overrides
        if (why := _misfit(override, features.get(override.feature)))
    ]


def _misfit(
    override: Override, feature: tuple[str, ...] | tuple[float, float] | None
) -> tuple[str, str] | None:
    action, at = override.action, override.at
    if feature is None:
        return "There is no such feature to override.", "Name a column that is learned from."
    category = bool(feature) and isinstance(feature[0], str)
    named = [value for value in at if value is not None]
    if category:
        if action is Action.DIRECTION:
            return "A category has no direction.", "Merge or split its levels instead."
        strange = [value for value in named if value not in feature]
        if strange:
            return f"{strange[0]!r} is none of its levels.", "Name its levels as the data do."
        return None
    if texts := [value for value in named if isinstance(value, str)]:
        return f"{texts[0]!r} is no number.", "It is no category: give numbers."
    low, high = (float(end) for end in feature)
    outside = [value for value in named if not low <= float(value) < high]
    if action is Action.SPLIT and outside:
        return (
            f"Nothing can be split at {outside[0]:g}: values go from {low:g} to {high:g}.",
            "Split where values stand on both sides.",
        )
    if action is Action.MERGE and not (len(named) == 2 and float(named[0]) < float(named[1])):
        return "Bins are merged between two numbers.", "Give the lower and the higher one."
    return None


def check_card(
    overrides: Sequence[Override], factors: Mapping[str, tuple[Binning, tuple[int, ...]]]
) -> list[Finding]:
    """What could not apply to a fitted card's bins and points."""
    acted = [o for o in overrides if o.action not in OF_EVERY_KIND]
    found = [
        _finding(
            override.feature,
            f"It cannot {override.action}: the feature has no place in the card, for it says no "
            "more than chance or repeats another.",
            "Take the override away, or forbid what it repeats.",
        )
        for override in acted
        if override.feature not in factors
    ]
    for feature in dict.fromkeys(override.feature for override in acted):
        own = [override for override in acted if override.feature == feature]
        if feature in factors and not any(override.breaks_monotony for override in own):
            binning, points = factors[feature]
            if not is_monotone(binning, points):
                found.append(
                    _finding(
                        feature,
                        f"With what is overridden its points {_listed(points[:-1])} neither rise "
                        "nor fall throughout.",
                        "Choose others, or say `breaks_monotony: true` if that is meant.",
                    )
                )
    return found


def _listed(points: Sequence[int]) -> str:
    return ", ".join(map(str, points))


def is_monotone(binning: Binning, points: Sequence[int]) -> bool:
    """Whether points only fall towards the riskier end; groups of a category have no ends."""
    steps = pairwise(points[:-1])
    return bool(binning.levels) or all(binning.direction * (b - a) <= 0 for a, b in steps)


def split_edges(overrides: Sequence[Override]) -> list[float]:
    """Where a numeric feature must be cut."""
    return [
        float(value)
        for override in overrides
        if override.action is Action.SPLIT
        for value in override.at
        if isinstance(value, int | float)
    ]


def overridden(
    buckets: Buckets,
    seen: Tally,
    fitted: Binning,
    declared: int,
    limits: BinLimits,
    overrides: Sequence[Override],
) -> Binning:
    """The bins with what is overridden; buckets must have an edge where they are split."""
    if fitted.levels:
        groups = _regrouped(fitted.groups, overrides)
        found = fitted if groups == fitted.groups else regroup(buckets, seen, groups, limits)
    else:
        edges = _moved(fitted.edges, overrides)
        found = fitted
        if edges != fitted.edges:
            found = cut_at(buckets, seen, edges, fitted.direction, declared)
    woe = list(found.woe)
    for place, value in _pins(found, overrides, Action.PIN_WOE):
        woe[place] = value
    return replace(found, woe=tuple(woe))


def _moved(edges: tuple[float, ...], overrides: Sequence[Override]) -> tuple[float, ...]:
    kept = set(edges)
    for override in overrides:
        if override.action is Action.SPLIT:
            kept |= set(split_edges([override]))
        elif override.action is Action.MERGE:
            low, high = (float(str(value)) for value in override.at)
            kept = {edge for edge in kept if not low <= edge < high}
    return tuple(sorted(kept))


def _regrouped(
    groups: tuple[tuple[str, ...], ...], overrides: Sequence[Override]
) -> tuple[tuple[str, ...], ...]:
    found = [list(group) for group in groups]
    for override in overrides:
        if override.action is Action.MERGE:
            touched = [group for group in found if set(group) & set(override.at)]
            rest = [group for group in found if not set(group) & set(override.at)]
            found = [*rest, [level for group in touched for level in group]]
        elif override.action is Action.SPLIT:
            seen = [level for group in found for level in group if level in override.at]
            rest = [[level for level in group if level not in override.at] for group in found]
            found = [*rest, seen]
    return tuple(tuple(group) for group in found if group) or groups


def pinned_points(
    binning: Binning, points: tuple[int, ...], overrides: Sequence[Override]
) -> tuple[int, ...]:
    """The points of a factor with those that are pinned."""
    found = list(points)
    for place, value in _pins(binning, overrides, Action.PIN_POINTS):
        found[place] = int(value)
    return tuple(found)


def _pins(
    binning: Binning, overrides: Sequence[Override], action: Action
) -> Iterator[tuple[int, float]]:
    for override in overrides:
        if override.action is action and override.value is not None:
            place = _place(binning, override.at[0])
            if place is not None:
                yield place, override.value


def _place(binning: Binning, value: float | str | None) -> int | None:
    """The bin of a value; None for a level that no row of this fold has."""
    if value is None:
        return binning.missing
    if isinstance(value, str):
        holding = [place for place, group in enumerate(binning.groups) if value in group]
        return holding[0] if holding else None
    return int(np.searchsorted(np.asarray(binning.edges), value, side="left"))


def _finding(where: str, message: str, remedy: str) -> Finding:
    return Finding("override", Severity.ERROR, where, message, remedy)
