"""The kernel: features in one pass over rows that are sorted by enterprise and moment.

Equal to what DuckDB computes: whole numbers exactly, others within a billionth. It needs numba,
the extra `fast`.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from tradeline.creditfile.features.applications import apply_each
from tradeline.creditfile.features.catalogue import CATALOGUE
from tradeline.creditfile.features.compute import compute_for, present_tables
from tradeline.creditfile.features.declaration import Feature, OfPartners, ask_partners
from tradeline.creditfile.features.hot.compiling import require_compiler
from tradeline.creditfile.features.hot.moments import DEEPEST, edges_of, express, settle
from tradeline.creditfile.features.hot.needs import DAY_US, NEVER
from tradeline.creditfile.features.hot.one_pass import measure_rows, room_for
from tradeline.creditfile.features.hot.pairs import measure_pairs, room_for_pairs
from tradeline.creditfile.features.hot.partnered import of_partners
from tradeline.creditfile.features.hot.prepared import Pair, Part, Prepared, needs_for, prepare
from tradeline.creditfile.features.hot.rows import Block, Rows, read_block
from tradeline.creditfile.features.joined import JOINED, joined_applications
from tradeline.creditfile.features.table import FeatureTable, Values
from tradeline.kernel.findings import InputProblem, problem
from tradeline.kernel.moments import naive_utc
from tradeline.lake.contracts import BY_NAME

Array = NDArray[Any]

LARGEST_SUM = 2.0**62
"""Sums of sizes below this are added up in whole numbers of 64 bits."""

FEW = 5_000
"""Applications that are not worth another thread."""

SHORTEST_MONTH_DAYS = 28


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """Applications: the place of each firm in a block (-1: unknown), and which moment.

    `as_of` are moments in microseconds since 1970, UTC; `times` says which is whose.
    """

    firms: Array
    as_of: Array
    times: Array


def compute_with_kernel(
    connection: duckdb.DuckDBPyConnection,
    applications: Sequence[tuple[str, datetime]],
    features: Sequence[Feature] = CATALOGUE,
    threads: int = 1,
) -> FeatureTable:
    """The features of each enterprise as of its moment, as `compute_for` gives them.

    Reads the tables of the connection once. Where sums do not fit 64 bits, and for enterprises that
    were one with others by their moment, DuckDB computes. InputProblem without numba, or if sums
    do not fit DuckDB's 128 bits either.
    """
    require_compiler()
    try:
        return _computed(connection, applications, features, threads)
    except InputProblem as refusal:
        if [finding.code for finding in refusal.findings] != ["too-large"]:
            raise
        return compute_for(connection, applications, features)


def _computed(
    connection: duckdb.DuckDBPyConnection,
    applications: Sequence[tuple[str, datetime]],
    features: Sequence[Feature],
    threads: int,
    level: int = 0,
) -> FeatureTable:
    def of_them(pairs: Sequence[tuple[str, datetime]], asked: Sequence[Feature]) -> Values:
        return _computed(connection, pairs, asked, threads, level + 1).values

    joined = JOINED in present_tables(connection)
    if joined and ask_partners(features):  # the partners of all its members are DuckDB's to find
        return compute_for(connection, applications, features)
    partners = of_partners(connection, applications, features, of_them, level)
    versioned = _tables(connection)
    needs = {name: need for name, need in needs_for(features).items() if name in versioned}
    revised = frozenset(name for name, has in versioned.items() if has)
    try:
        block = read_block(connection, (firm for firm, _ in applications), needs.values(), revised)
    except (duckdb.OutOfRangeException, duckdb.ConversionException) as error:
        raise too_large(", ".join(needs)) from error
    begun = {name: _begun(connection, name, name in revised) for name in needs}
    places = {firm: place for place, firm in enumerate(block.enterprises)}
    wanted = wanted_of(places, applications)
    values = measured(block, wanted, begun, prepare(features, needs), threads, partners)
    if joined:
        _compute_joined(connection, applications, features, values)
    return table_of(applications, features, values)


def _compute_joined(
    connection: duckdb.DuckDBPyConnection,
    applications: Sequence[tuple[str, datetime]],
    features: Sequence[Feature],
    values: Values,
) -> None:
    """Let DuckDB compute the lines of enterprises that were one with others by their moment."""
    apply_each(connection, applications)
    several = sorted(each.application for each in joined_applications(connection))
    if several:
        asked = [applications[number] for number in several]
        values[several] = compute_for(connection, asked, features).values


def _tables(connection: duckdb.DuckDBPyConnection) -> dict[str, bool]:
    """The contracts that the connection holds, and whether their rows are superseded."""
    columns = connection.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
    ).fetchall()
    held = {table for table, _ in columns if table in BY_NAME}
    return {table: (table, "superseded_at") in columns for table in sorted(held)}


def _begun(connection: duckdb.DuckDBPyConnection, contract: str, versioned: bool) -> int:
    seen = "GREATEST(occurred_at, recorded_at)"
    standing = f"WHERE superseded_at IS NULL OR superseded_at > {seen}" if versioned else ""
    found = connection.execute(f"SELECT epoch_us(MIN({seen})) FROM {contract} {standing}")
    ((since,),) = found.fetchall()
    return NEVER if since is None else int(since)


def wanted_of(places: Mapping[str, int], applications: Sequence[tuple[str, datetime]]) -> Wanted:
    """Applications by number, given the place of each firm that is known."""
    moments = [moment for _, moment in applications]
    numbers = {moment: number for number, moment in enumerate(dict.fromkeys(moments))}
    return Wanted(
        np.array([places.get(firm, -1) for firm, _ in applications], np.int64),
        microseconds(list(numbers)),
        np.array([numbers[moment] for moment in moments], np.int64),
    )


def microseconds(moments: Sequence[datetime]) -> Array:
    """Moments (naive: UTC) in microseconds since 1970."""
    return np.array([naive_utc(m) for m in moments], "datetime64[us]").astype(np.int64)


def table_of(
    applications: Sequence[tuple[str, datetime]], features: Sequence[Feature], values: Values
) -> FeatureTable:
    """The values of applications as a table."""
    values.setflags(write=False)
    return FeatureTable(
        tuple(firm for firm, _ in applications),
        tuple(feature.name for feature in features),
        values,
        tuple(naive_utc(moment) for _, moment in applications),
    )


def measured(
    block: Block,
    wanted: Wanted,
    begun: Mapping[str, int],
    prepared: Prepared,
    threads: int = 1,
    partners: Mapping[OfPartners, Array] = MappingProxyType({}),
) -> Values:
    """Features of applications, n by k; NaN where missing.

    `begun` says since when anything of a contract is known of anybody, `partners` what is asked of
    partners for each application.
    """
    order = np.argsort(wanted.firms, kind="stable")
    own = Wanted(wanted.firms[order], wanted.as_of, wanted.times[order])
    found = np.full((prepared.contracts.size, order.size), np.nan)
    known = np.zeros((len(prepared.parts), order.size), np.uint8)
    for part, line in zip(prepared.parts, known, strict=True):
        rows = block.rows[part.contract]
        _require_sums(rows, part)
        if rows.occurred.size:
            _measure(block, rows, own, part, (line, found), threads)
    since = np.array([begun[part.contract] for part in prepared.parts], np.int64)
    settle(
        found,
        known,
        prepared.contracts,
        prepared.absent_is_zero,
        prepared.scales,
        since,
        own.as_of,
        own.times,
    )
    for leaf, told in partners.items():
        found[prepared.partners[leaf]] = told[order]
    values = np.empty((order.size, len(prepared.features)))
    express(found, prepared.firsts, prepared.steps, order, np.empty(DEEPEST), values)
    return values


def _require_sums(rows: Rows, part: Part) -> None:
    if any(rows.heaviest[line] >= LARGEST_SUM for line in part.added):
        raise too_large(part.contract)


def too_large(where: str) -> InputProblem:
    """The refusal of amounts whose sums do not fit, as every engine words it."""
    return problem(
        "too-large",
        where,
        "The amounts are too large to be added up.",
        "Check their unit: they are read as whole units of the currency.",
    )


def _measure(
    block: Block,
    rows: Rows,
    wanted: Wanted,
    part: Part,
    into: tuple[Array, Array],
    threads: int,
) -> None:
    known, out = into
    after, edges = edges_of(part.program.windows, wanted.as_of)
    plan = (part.program.choices, part.program.firsts, part.program.steps)
    columns = (rows.amounts, rows.numbers, rows.codes, rows.bits)
    sizes = (max(rows.longest, 1), max(rows.most_codes, 1), _most_months(rows, wanted))
    sizes += (part.program.choices.shape[0], part.program.windows.shape[0])

    def fill(span: tuple[int, int]) -> None:
        measure_rows(
            span,
            (wanted.firms, wanted.times, known),
            (wanted.as_of, after, edges),
            plan,
            rows.clocks,
            columns,
            room_for(*sizes),
            out,
        )

    in_spans(fill, wanted.firms.size, threads)
    for pair in part.pairs:
        _measure_pair(rows, block.rows[pair.other], wanted, pair, out[pair.slot], threads)


def _most_months(rows: Rows, wanted: Wanted) -> int:
    days = int(wanted.as_of.max(initial=0)) // DAY_US - rows.first_day
    return max(days, 0) // SHORTEST_MONTH_DAYS + 3


def _measure_pair(
    rows: Rows, other: Rows, wanted: Wanted, pair: Pair, out: Array, threads: int
) -> None:
    _, edges = edges_of(pair.windows, wanted.as_of)
    own, beside = (np.ascontiguousarray(edges[:, side]) for side in (0, 1))
    amounts = rows.amounts[pair.amount] if pair.amount >= 0 else rows.occurred
    line, other_line = pair.grains

    def fill(span: tuple[int, int]) -> None:
        measure_pairs(
            span,
            (wanted.firms, wanted.times),
            (wanted.as_of, own, beside),
            (*rows.clocks, rows.keys[line], rows.bits),
            (*other.clocks, other.keys[other_line], other.bits),
            pair.how,
            amounts,
            rows.codes[line],
            room_for_pairs(max(rows.longest, 1), max(rows.most_codes, 1)),
            out,
        )

    in_spans(fill, wanted.firms.size, threads)


def in_spans(fill: Callable[[tuple[int, int]], None], size: int, threads: int) -> None:
    """Fill all of `size` in spans, at once where there are many; no span reads another."""
    parts = min(threads, -(-size // FEW))
    if parts <= 1:
        fill((0, size))
        return
    bounds = np.linspace(0, size, 4 * parts + 1).astype(int).tolist()
    with ThreadPoolExecutor(parts) as pool:
        list(pool.map(fill, pairwise(bounds)))
