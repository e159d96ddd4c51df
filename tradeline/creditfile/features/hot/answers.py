"""Features from a hot store: of many applications, or of one enterprise on line, byte for byte."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.from_lake import compute_joined
from tradeline.creditfile.features.hot.buckets import Bucket
from tradeline.creditfile.features.hot.kernel import Wanted, measured, microseconds, table_of
from tradeline.creditfile.features.hot.needs import NEVER, Need
from tradeline.creditfile.features.hot.prepared import (
    Prepared,
    needs_for,
    prepare,
    require_no_partners,
)
from tradeline.creditfile.features.hot.rows import Block, plain
from tradeline.creditfile.features.hot.store import BUCKET, HotStore
from tradeline.creditfile.features.joined import Joined
from tradeline.creditfile.features.table import FeatureTable, Values, form_of
from tradeline.kernel.findings import problem
from tradeline.lake.files import quoted
from tradeline.lake.typing_rules import literal

Array = NDArray[Any]
ONE = np.zeros(1, np.int64)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # moments in the lake are naive UTC


def compute_stored(
    store: HotStore,
    applications: Sequence[tuple[str, datetime]],
    features: Sequence[Feature],
    threads: int = 1,
) -> FeatureTable:
    """The features of each enterprise as of its moment (naive: UTC), in the order given.

    InputProblem if the store was made for other features, or if sums overflow.
    """
    firms = [firm for firm, _ in applications]
    as_of = microseconds([moment for _, moment in applications])
    values = stored_values(store, firms, as_of, features, threads)
    return table_of(applications, features, values)


def stored_values(
    store: HotStore,
    enterprises: Sequence[str],
    as_of: Array,
    features: Sequence[Feature],
    threads: int = 1,
) -> Values:
    """The features of enterprises as of moments in microseconds since 1970, n by k.

    Of enterprises that were one with others by their moment the lake answers, and DuckDB computes.
    """
    prepared = prepared_for(store, features)
    found = (store.places.get(enterprise, -1) for enterprise in enterprises)
    numbers, places = np.divmod(np.fromiter(found, np.int64, len(enterprises)), BUCKET)
    values = np.empty((len(enterprises), len(prepared.features)))

    def fill(number: int) -> None:
        own = np.flatnonzero(numbers == number)
        if own.size:
            wanted = Wanted(places[own], *np.unique(as_of[own], return_inverse=True))
            values[own] = _of_bucket(store, number, wanted, prepared)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, range(-1, len(store.buckets))))
    joined = _joined(store, enterprises, as_of)
    if joined:
        values[[each.application for each in joined]] = _from_lake(store, joined, features)
    return values


def _joined(store: HotStore, enterprises: Sequence[str], as_of: Array) -> list[Joined]:
    """The applications of enterprises that were one with others by their moment."""
    found = []
    for number, enterprise in enumerate(enterprises if store.spells else ()):
        moment = EPOCH + timedelta(microseconds=int(as_of[number]))
        found += [
            Joined(number, enterprise, moment, spell.members)
            for spell in store.spells.get(enterprise, ())
            if spell.since <= moment < spell.until
        ]
    return found


def _from_lake(store: HotStore, joined: Sequence[Joined], features: Sequence[Feature]) -> Values:
    assert store.lake  # who knows of spells has the lake that told of them
    begun = {
        name: None if since == NEVER else EPOCH + timedelta(microseconds=since)
        for name, since in store.begun.items()
    }
    return compute_joined(store.lake, joined, features, begun)


def prepared_for(store: HotStore, features: Sequence[Feature]) -> Prepared:
    """The features made ready for a store; InputProblem if it lacks what they need."""
    if isinstance(features, tuple):
        return _prepared(_Itself(features), _Itself(store.needs), str(store.root))
    return _prepared_anew(features, store.needs, str(store.root))


@dataclass(frozen=True, slots=True, eq=False)
class _Itself:
    """An object that never changes, told apart by identity: its own hash takes long."""

    value: Any

    def __hash__(self) -> int:
        return id(self.value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.value is self.value


@lru_cache(16)
def _prepared(features: _Itself, needs: _Itself, where: str) -> Prepared:
    return _prepared_anew(features.value, needs.value, where)


def _prepared_anew(features: Sequence[Feature], needs: Mapping[str, Need], where: str) -> Prepared:
    require_no_partners(features)
    lacking = [
        name
        for name, need in needs_for(features).items()
        if name not in needs or not needs[name].covers(need)
    ]
    if lacking:
        raise problem(
            "store-lacks",
            where,
            f"The store was made for other features: it lacks columns of {', '.join(lacking)}.",
            "Open it with these features, and it is made anew.",
        )
    return prepare(features, needs)


def _of_bucket(store: HotStore, number: int, wanted: Wanted, prepared: Prepared) -> Values:
    if number < 0:
        return measured(store.nobody, wanted, store.begun, prepared)
    bucket = store.buckets[number]
    held = np.array([segment.local[wanted.firms] >= 0 for segment in bucket.segments])
    values = np.empty((wanted.firms.size, len(prepared.features)))
    spread = held.sum(axis=0) > 1
    for segment, mine in zip(bucket.segments, held & ~spread, strict=True):
        if mine.any():
            own = Wanted(segment.local[wanted.firms[mine]], wanted.as_of, wanted.times[mine])
            values[mine] = measured(segment.block, own, store.begun, prepared)
    if spread.any():
        firms, places = np.unique(wanted.firms[spread], return_inverse=True)
        own = Wanted(places, wanted.as_of, wanted.times[spread])
        values[spread] = measured(bucket.gathered(firms), own, store.begun, prepared)
    return values


def features_of(
    store: HotStore, enterprise: str, as_of: datetime, features: Sequence[Feature]
) -> Values:
    """The features of one enterprise as of a moment, k values; reads only its own rows.

    Give the same tuple of features in each call: it is made ready once. If it was one with others
    by then, the lake answers.
    """
    prepared, moments = prepared_for(store, features), microseconds([as_of])
    joined = _joined(store, [enterprise], moments)
    if joined:
        return _from_lake(store, joined, features).reshape(-1)
    found = store.places.get(enterprise)
    if found is None:
        wanted = Wanted(ONE - 1, moments, ONE)
        return measured(store.nobody, wanted, store.begun, prepared).reshape(-1)
    number, place = divmod(found, BUCKET)
    block, place = _rows_of(store.buckets[number], place)
    wanted = Wanted(np.array([place], np.int64), moments, ONE)
    return measured(block, wanted, store.begun, prepared).reshape(-1)


def _rows_of(bucket: Bucket, number: int) -> tuple[Block, int]:
    held = [segment for segment in bucket.segments if segment.local[number] >= 0]
    if len(held) == 1:
        return held[0].block, int(held[0].local[number])
    return bucket.gathered(np.array([number])), 0


def write_stored(
    store: HotStore,
    applications: Path,
    out: Path,
    features: Sequence[Feature],
    threads: int = 1,
) -> int:
    """Write the features of each application, as `write_features` does; how many there were."""
    with duckdb.connect() as connection:
        asked = f"read_parquet({literal(str(applications))})"
        read = connection.execute(
            f"SELECT enterprise, epoch_us(CAST(as_of AS TIMESTAMP)) AS as_of FROM {asked}"
        ).fetchnumpy()
        firms = read["enterprise"].tolist()
        values = stored_values(store, firms, plain(read["as_of"]), features, threads)
        columns = {f"f{n}": np.ascontiguousarray(line) for n, line in enumerate(values.T)}
        connection.register("computed", columns)
        told = ", ".join(
            f"CASE WHEN NOT isnan(f{n}) THEN f{n} END AS {quoted(feature.name)}"
            for n, feature in enumerate(features)
        )
        connection.execute(
            f"COPY (SELECT enterprise, CAST(as_of AS TIMESTAMP) AS as_of, {told}"
            f" FROM {asked} POSITIONAL JOIN computed)"
            f" TO {literal(str(out))} (FORMAT {form_of(out)})"
        )
    return len(firms)
