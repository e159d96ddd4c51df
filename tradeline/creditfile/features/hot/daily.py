"""From one day's features to the next: only what can have changed is computed.

Most measures of an enterprise stay as they are until a row is added, becomes known, is superseded
or passes the edge of a window. Some age every day for everybody; they are computed for all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.declaration import Feature, measures_of
from tradeline.creditfile.features.events import Window
from tradeline.creditfile.features.hot.answers import prepared_for, stored_values
from tradeline.creditfile.features.hot.buckets import Bucket
from tradeline.creditfile.features.hot.kernel import microseconds
from tradeline.creditfile.features.hot.moments import edges_of
from tradeline.creditfile.features.hot.needs import EMPTY, NEVER
from tradeline.creditfile.features.hot.prepared import needs_for
from tradeline.creditfile.features.hot.program import lines_of
from tradeline.creditfile.features.hot.revisions import mark_changed
from tradeline.creditfile.features.hot.store import BUCKET, HotStore
from tradeline.creditfile.features.measures import (
    ActiveMonths,
    DaysSince,
    DaysSinceFirst,
    DaysSinceLast,
    Gained,
    Lost,
    MeanAge,
    Measure,
    ObservedMonths,
    Trend,
    Volatility,
    mirrored,
)
from tradeline.creditfile.features.table import Values
from tradeline.kernel.findings import problem
from tradeline.kernel.moments import naive_utc

Array = NDArray[Any]

AGEING = (
    DaysSinceLast,
    DaysSinceFirst,
    DaysSince,
    MeanAge,
    ActiveMonths,
    ObservedMonths,
    Volatility,
    Trend,
)
"""Measures that may change with any day: they count days, or months that end with it."""


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Features of enterprises as they stood at a moment (naive UTC).

    `entry` is the last entry of the store by then, `begun` the contracts of which anything was
    known of anybody. `computed` counts the enterprises whose features were computed anew.
    """

    enterprises: tuple[str, ...]
    as_of: datetime
    features: tuple[Feature, ...]
    values: Values
    entry: int
    begun: frozenset[str]
    computed: int


def ageing(features: Iterable[Feature]) -> tuple[Feature, ...]:
    """The features that may change with any day, and so are computed for everybody."""
    return tuple(
        feature
        for feature in features
        if any(isinstance(measure, AGEING) for measure in measures_of(feature.expression))
    )


def standing_of(
    store: HotStore,
    enterprises: Sequence[str],
    as_of: datetime,
    features: Sequence[Feature],
    threads: int = 1,
) -> Standing:
    """The features of enterprises as of a moment, all of them computed."""
    moments = np.full(len(enterprises), microseconds([as_of])[0])
    values = stored_values(store, enterprises, moments, features, threads)
    return _standing(store, enterprises, as_of, features, values, len(enterprises))


def next_standing(
    store: HotStore,
    earlier: Standing,
    enterprises: Sequence[str],
    as_of: datetime,
    threads: int = 1,
) -> Standing:
    """The features of enterprises as of a later moment, from those of an earlier one.

    The store is the same one, grown or not. InputProblem unless `as_of` is later.
    """
    if naive_utc(as_of) <= earlier.as_of:
        raise problem(
            "not-later",
            "as_of",
            f"{naive_utc(as_of)} is not after {earlier.as_of}, from which it is to follow.",
            "Give a later moment, or compute the features anew.",
        )
    if _begun(store, as_of, earlier.features) != earlier.begun:
        return standing_of(store, enterprises, as_of, earlier.features, threads)
    lines = {enterprise: line for line, enterprise in enumerate(earlier.enterprises)}
    kept = np.array([lines.get(enterprise, -1) for enterprise in enterprises], np.int64)
    anew = (kept < 0) | _changed(store, earlier, enterprises, as_of)
    # Rows of others, a join or a split may have changed those that links ever joined.
    anew |= np.array([enterprise in store.spells for enterprise in enterprises], np.bool_)
    values = np.empty((len(enterprises), len(earlier.features)))
    values[~anew] = earlier.values[kept[~anew]]

    def compute(which: Array, features: Sequence[Feature]) -> Values:
        firms = [enterprises[place] for place in which.tolist()]
        moments = np.full(which.size, microseconds([as_of])[0])
        return stored_values(store, firms, moments, features, threads)

    values[anew] = compute(np.flatnonzero(anew), earlier.features)
    aged = ageing(earlier.features)
    if aged:
        columns = np.array([earlier.features.index(feature) for feature in aged])
        values[np.ix_(~anew, columns)] = compute(np.flatnonzero(~anew), aged)
    return _standing(store, enterprises, as_of, earlier.features, values, int(anew.sum()))


def _standing(
    store: HotStore,
    enterprises: Sequence[str],
    as_of: datetime,
    features: Sequence[Feature],
    values: Values,
    computed: int,
) -> Standing:
    values.setflags(write=False)
    return Standing(
        tuple(enterprises),
        naive_utc(as_of),
        tuple(features),
        values,
        store.manifest.entry,
        _begun(store, as_of, features),
        computed,
    )


def _begun(store: HotStore, as_of: datetime, features: Sequence[Feature]) -> frozenset[str]:
    (moment,) = microseconds([as_of]).tolist()
    return frozenset(name for name in needs_for(features) if store.begun[name] <= moment)


def _changed(
    store: HotStore, earlier: Standing, enterprises: Sequence[str], as_of: datetime
) -> Array:
    """Whether the features of each enterprise can have changed, apart from those that age."""
    prepared_for(store, earlier.features)
    moments = microseconds([earlier.as_of, as_of])
    edges = {
        contract: edges_of(lines_of(windows), moments)[1].reshape(2, -1)
        for contract, windows in _windows(earlier.features).items()
    }
    found = [_of_bucket(bucket, earlier.entry, moments, edges) for bucket in store.buckets]
    places = (store.places.get(enterprise, -1) for enterprise in enterprises)
    numbers, within = np.divmod(np.fromiter(places, np.int64, len(enterprises)), BUCKET)
    changed = np.zeros(len(enterprises), np.bool_)
    for number, marks in enumerate(found):
        own = np.flatnonzero(numbers == number)
        changed[own] = marks[within[own]] != 0
    return changed


def _windows(features: Sequence[Feature]) -> dict[str, list[Window]]:
    """The windows of features that do not age, by contract."""
    aged = set(ageing(features))
    windows: dict[str, list[Window]] = {name: [] for name in needs_for(features)}
    for feature in features:
        for measure in () if feature in aged else measures_of(feature.expression):
            for contract, window in _windows_of(measure):
                if window not in windows[contract]:
                    windows[contract].append(window)
    return windows


def _windows_of(measure: Measure) -> Iterable[tuple[str, Window]]:
    for events in (measure.events, mirrored(measure)):
        if events:
            yield events.contract, events.window
    if isinstance(measure, Gained | Lost):
        yield measure.events.contract, measure.events.window.before()


def _of_bucket(bucket: Bucket, entry: int, moments: Array, edges: Mapping[str, Array]) -> Array:
    changed = np.zeros(len(bucket.enterprises), np.uint8)
    since, until = moments.tolist()
    for segment in bucket.segments:
        members = np.empty(len(segment.block.enterprises), np.int64)
        here = np.flatnonzero(segment.local >= 0)
        members[segment.local[here]] = here
        for contract, (before, after) in edges.items():
            rows = segment.block.rows[contract]
            moved = (before != EMPTY) & (before != NEVER)
            mark_changed(
                rows.clocks[:4],
                rows.stamps,
                members,
                (since, entry),
                until,
                before[moved],
                after[moved],
                changed,
            )
    return changed
