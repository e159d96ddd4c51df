"""Features from a hot store: of many applications, or of one enterprise on line, byte for byte."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.declaration import Feature
from tradeline.creditfile.features.hot.gather import gathered
from tradeline.creditfile.features.hot.kernel import Wanted, measured, microseconds, table_of
from tradeline.creditfile.features.hot.needs import EMPTY, NEVER, Need
from tradeline.creditfile.features.hot.prepared import (
    Prepared,
    needs_for,
    prepare,
    require_no_partners,
)
from tradeline.creditfile.features.hot.rows import Block, plain
from tradeline.creditfile.features.hot.segments import Part
from tradeline.creditfile.features.hot.source import NOBODY, names_sql
from tradeline.creditfile.features.hot.store import HotStore
from tradeline.creditfile.features.table import FeatureTable, Values, form_of
from tradeline.kernel.findings import problem
from tradeline.lake.sql_text import literal, quoted

if TYPE_CHECKING:
    from tradeline.creditfile.linkage.entities import Spell

Array = NDArray[Any]
ZERO = np.zeros(1, np.int64)
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # moments in the lake are naive UTC


def compute_stored(
    store: HotStore,
    applications: Sequence[tuple[str, datetime]],
    features: Sequence[Feature],
    threads: int = 1,
) -> FeatureTable:
    """The features of each enterprise as of its moment (naive: UTC), in the order given.

    Of enterprises that were one with others by their moment the lake answers, and DuckDB computes.
    InputProblem if the store was made for other features, or if sums overflow.
    """
    found = (store.places.get(firm, -1) for firm, _ in applications)
    firms = np.fromiter(found, np.int64, len(applications))
    as_of = microseconds([moment for _, moment in applications])
    values = stored_values(store, firms, as_of, features, threads)
    answer_joined(store, enumerate(firm for firm, _ in applications), as_of, features, values)
    return table_of(applications, features, values)


def stored_values(
    store: HotStore,
    firms: Array,
    as_of: Array,
    features: Sequence[Feature],
    threads: int = 1,
) -> Values:
    """The features of enterprises (numbers, -1: unknown) as of moments in microseconds, n by k.

    They are taken one by one, whoever is one with others (see `answer_joined`).
    """
    prepared = prepared_for(store, features)
    values = np.empty((firms.size, len(prepared.features)))
    unknown = np.flatnonzero(firms < 0)
    if unknown.size:
        wanted = _wanted(np.full(unknown.size, -1), as_of[unknown])
        values[unknown] = measured(store.nobody, wanted, store.begun, prepared)

    def fill(part: Part) -> None:
        for which, block, places in blocks_for(store, part, firms):
            wanted = _wanted(places, as_of[which])
            values[which] = measured(block, wanted, store.begun, prepared)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(fill, store.parts))
    return values


def _wanted(places: Array, as_of: Array) -> Wanted:
    return Wanted(places, *np.unique(as_of, return_inverse=True))


def blocks_for(
    store: HotStore, part: Part, firms: Array, since: int = EMPTY
) -> Iterator[tuple[Array, Block, Array]]:
    """What is needed to compute those enterprises of a part that are among `firms`.

    Gives for those whose rows stand in the base alone, and for those that have others, which of
    `firms` they are, a block, and where each stands there. Of the others, rows that occurred at
    `since` or later.
    """
    mine = np.flatnonzero((firms >= part.first) & (firms < part.last))
    spread = store.spread[firms[mine]]
    which = mine[~spread]
    if which.size and part.base:
        yield which, part.base.block, part.base.places_of(firms[which])
    which = mine[spread]
    if which.size:
        numbers, places = np.unique(firms[which], return_inverse=True)
        yield which, _gathered(store, part, numbers, since), places


def _gathered(store: HotStore, part: Part, numbers: Array, since: int) -> Block:
    held = [part.base, *store.small] if part.base else store.small
    places = [segment.places_of(numbers) for segment in held]
    return gathered([segment.block for segment in held], places, since)


def answer_joined(
    store: HotStore,
    asked: Iterable[tuple[int, str]],
    as_of: Array,
    features: Sequence[Feature],
    values: Values,
) -> bool:
    """Let the lake answer in those lines whose enterprises were one with others by their moment.

    `asked` says of lines whose they are, `as_of` are the moments of all lines in microseconds.
    Gives whether there was any such line.
    """
    found = [
        (line, enterprise, moment_of(as_of[line]), spell)
        for line, enterprise in (asked if store.spells else ())
        for spell in store.spells.get(enterprise, ())
        if spell.since <= moment_of(as_of[line]) < spell.until
    ]
    if found:
        values[[line for line, *_ in found]] = _from_lake(store, found, features)
    return bool(found)


def moment_of(microsecond: int) -> datetime:
    """A moment (naive UTC) from microseconds since 1970."""
    return EPOCH + timedelta(microseconds=int(microsecond))


def _from_lake(
    store: HotStore,
    found: Sequence[tuple[int, str, datetime, "Spell"]],
    features: Sequence[Feature],
) -> Values:
    # What it needs takes longer to import than most answers.
    from tradeline.creditfile.features.from_lake import compute_joined
    from tradeline.creditfile.features.joined import Joined

    assert store.lake  # who knows of spells has the lake that told of them
    begun = {
        name: None if since == NEVER else moment_of(since) for name, since in store.begun.items()
    }
    joined = [Joined(line, firm, moment, spell.members) for line, firm, moment, spell in found]
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


def features_of(
    store: HotStore, enterprise: str, as_of: datetime, features: Sequence[Feature]
) -> Values:
    """The features of one enterprise as of a moment, k values; reads only its own rows.

    Give the same tuple of features in each call: it is made ready once. If it was one with others
    by then, the lake answers.
    """
    prepared, moments = prepared_for(store, features), microseconds([as_of])
    told = np.empty((1, len(features)))
    if answer_joined(store, [(0, enterprise)], moments, features, told):
        return told.reshape(-1)
    firm = store.places.get(enterprise, -1)
    block, place = store.nobody, -1
    if firm >= 0:
        block, place = _rows_of(store, firm)
    wanted = Wanted(np.array([place]), moments, ZERO)
    return measured(block, wanted, store.begun, prepared).reshape(-1)


def _rows_of(store: HotStore, firm: int) -> tuple[Block, int]:
    part = store.parts[bisect_right(store.parts, firm, key=lambda part: part.first) - 1]
    if part.base and not store.spread[firm]:
        return part.base.block, firm - part.first
    return _gathered(store, part, np.array([firm]), EMPTY), 0


def write_stored(
    store: HotStore,
    applications: Path,
    out: Path,
    features: Sequence[Feature],
    threads: int = 1,
) -> int:
    """Write the features of each application, as `write_features` does; how many there were."""
    with duckdb.connect() as connection:
        asked = f"read_parquet({literal(str(applications))}, file_row_number = true)"
        names = names_sql(store.root, store.manifest) if store.manifest.names else NOBODY
        read = connection.execute(
            "SELECT asked.file_row_number AS place, COALESCE(firm, -1) AS firm,"
            f" epoch_us(CAST(as_of AS TIMESTAMP)) AS as_of FROM {asked} AS asked"
            f" LEFT JOIN {names} AS named USING (enterprise)"
        ).fetchnumpy()
        order = np.argsort(read["place"])
        firms, as_of = (plain(read[name])[order] for name in ("firm", "as_of"))
        values = stored_values(store, firms, as_of, features, threads)
        if store.spells:
            linked = connection.execute(
                f"SELECT file_row_number, enterprise FROM {asked}"
                " WHERE enterprise IN (SELECT UNNEST(?::VARCHAR[]))",
                [list(store.spells)],
            ).fetchall()
            answer_joined(store, linked, as_of, features, values)
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
    return firms.size
