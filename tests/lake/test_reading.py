"""Reads against a slow oracle: both clocks, corrections, repetitions, sources, compaction."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.lake.lakes import (
    Order,
    answers,
    day,
    land_orders,
    new_lake,
    orders_mapping,
    tell_orders,
    write_orders,
)
from tradeline.lake.batches import Landed
from tradeline.lake.compaction import compact
from tradeline.lake.landing import land
from tradeline.lake.records import Assurance
from tradeline.lake.store import sweep

SOURCES = {
    "firm": Assurance.SELF_DECLARED,
    "shop": Assurance.PLATFORM_OBSERVED,
    "buyer": Assurance.COUNTERPARTY_CONFIRMED,
    "tax": Assurance.AUTHORITY_VERIFIED,
}
STRENGTH = {source: number for number, source in enumerate(SOURCES)}
Telling = tuple[str, list[Order]]


@dataclass(frozen=True)
class Version:
    entry: int
    source: str
    key: tuple[str, str]
    said: tuple[int, int]
    recorded: int


def told(batches: list[Telling]) -> list[Version]:
    """What the lake must keep: all but what a source says again."""
    kept: list[Version] = []
    for entry, (source, orders) in enumerate(batches, start=1):
        for firm, number, gross, occurred, recorded in orders:
            new = Version(entry, source, (firm, number), (gross, occurred), recorded)
            mine = [v for v in kept if (v.source, v.key) == (source, new.key)]
            by_then = [v for v in mine if v.recorded <= recorded]
            last = max(by_then, key=lambda v: (v.recorded, v.entry), default=None)
            same = any((v.said, v.recorded) == (new.said, recorded) for v in mine)
            if not same and (last is None or last.said != new.said):
                kept.append(new)
    return kept


def expected(versions: list[Version], as_of: int, known_at: int) -> list[tuple[str, str, int]]:
    latest: dict[tuple[str, str], Version] = {}
    for v in sorted(versions, key=lambda v: (STRENGTH[v.source], v.recorded, v.entry)):
        if v.recorded <= known_at:
            latest[v.key] = v
    return sorted((*v.key, v.said[0]) for v in latest.values() if v.said[1] <= as_of)


@st.composite
def tellings(draw: st.DrawFn) -> list[Telling]:
    order = st.tuples(
        st.sampled_from(["E1", "E2"]),
        st.sampled_from(["1", "2"]),
        st.integers(1, 3),
        st.integers(0, 3),
        st.integers(3, 5),
    )
    batch = st.lists(order, max_size=4, unique_by=lambda item: item[:2])
    sources = st.sampled_from([*SOURCES, "shop", "shop"])
    return draw(st.lists(st.tuples(sources, batch), min_size=1, max_size=5))


@cache
def tables() -> duckdb.DuckDBPyConnection:
    """The tables of a landed folder, to be filled by `tell_orders`."""
    folder = write_orders(Path(mkdtemp()), [])
    return land(duckdb.connect(), folder, orders_mapping(), lambda _: None).connection


def tell(root: Path, batch: str, telling: Telling) -> Landed:
    source, orders = telling
    return tell_orders(tables(), root, orders, batch, source, SOURCES[source])


def tell_all(root: Path, batches: list[Telling]) -> None:
    for number, telling in enumerate(batches):
        tell(root, f"batch {number}", telling)


MOMENTS = ((0, 6), (2, 3), (2, 4), (2, 6), (6, 5))


def read_all(root: Path) -> list[list[tuple[str, str, int]]]:
    return [answers(root, day(as_of), day(known_at)) for as_of, known_at in MOMENTS]


@pytest.mark.long
@settings(max_examples=6, deadline=None)
@given(batches=tellings())
def test_reads_agree_with_the_oracle_before_and_after_compaction(
    tmp_path_factory: pytest.TempPathFactory, batches: list[Telling]
) -> None:
    root = new_lake(tmp_path_factory.mktemp("read"))
    tell_all(root, batches)
    versions = told(batches)
    wanted = [expected(versions, *moment) for moment in MOMENTS]
    assert read_all(root) == wanted
    compact(root, lambda _: None)
    sweep(root, lambda _: None)
    assert read_all(root) == wanted
    for entry in (0, 1, len(batches) - 1):
        by_then = [version for version in versions if version.entry <= entry]
        assert answers(root, day(6), day(6), entry) == expected(by_then, 6, 6)


@settings(max_examples=5, deadline=None)
@given(batches=tellings())
def test_where_batches_come_in_order_leaving_out_what_is_said_again_changes_no_answer(
    tmp_path_factory: pytest.TempPathFactory, batches: list[Telling]
) -> None:
    in_order = [
        ("shop", [(*order[:4], number) for order in orders if order[3] <= number])
        for number, (_, orders) in enumerate(batches, start=1)
    ]
    root = new_lake(tmp_path_factory.mktemp("order"))
    tell_all(root, in_order)
    everything = [
        Version(entry, source, order[:2], order[2:4], order[4])
        for entry, (source, orders) in enumerate(in_order, start=1)
        for order in orders
    ]
    for number in (2, 4, 5):
        known = expected(everything, 6, number)
        assert answers(root, day(6), day(number)) == known


@pytest.mark.long
@settings(max_examples=5, deadline=None)
@given(batches=tellings(), again=st.integers(0, 4))
def test_telling_any_batch_again_under_another_name_changes_no_answer(
    tmp_path_factory: pytest.TempPathFactory, batches: list[Telling], again: int
) -> None:
    root = new_lake(tmp_path_factory.mktemp("again"))
    tell_all(root, batches)
    before = read_all(root)
    repeated = tell(root, "again", batches[again % len(batches)]).record.told
    assert read_all(root) == before
    assert sum(counts.new + counts.revisions for counts in repeated.values()) == 0


def test_moments_with_a_zone_are_read_in_utc(tmp_path: Path) -> None:
    root = new_lake(tmp_path)
    land_orders(root, [("E1", "1", 100, 1, 1)])
    early = datetime.fromisoformat("2024-01-02T07:59:59+08:00")
    late = datetime.fromisoformat("2024-01-02T08:00:00+08:00")
    assert answers(root, early, late) == answers(root, late, early) == []
    assert answers(root, late, late) == [("E1", "1", 100)]
